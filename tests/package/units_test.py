#!/usr/bin/env python3
"""The units as they are installed, judged by systemd itself."""

import json
import pathlib
import re
import shutil

from play import expect, expect_equal, run, scenario
from project import BUILD, TOP, said

UNITS = ["patchbay.service", "patchbay@acme.service", "patchbay-sync@erp-customers.service",
         "patchbay-sync@erp-customers.timer", "patchbay-failed@patchbay.service"]
SERVICES = UNITS[:3]


def installed(scene):
    """A root with nothing in it but what meson installs, and systemd's own targets to lean on."""
    root = scene.folder / "root"
    said("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", root, "--tags", "units")
    own = root / "lib/systemd/system"
    own.mkdir(parents=True)
    for unit in [*pathlib.Path("/lib/systemd/system").glob("*.target"), "/lib/systemd/system/-.mount"]:
        if pathlib.Path(unit).exists():
            shutil.copy(unit, own)
    for program in ("usr/bin/patchbay", "bin/kill", "etc/patchbay/on-failure"):
        (root / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", root / program)
    return root


@scenario("systemd-analyze verify has nothing to say of any unit")
def verified(scene):
    root = installed(scene)
    expect_equal(said("systemd-analyze", "verify", "--man=no", f"--root={root}", *UNITS), "",
                 "what it said")


@scenario("systemd-analyze security rates every service at most 1.5")
def sandboxed(scene):
    root = installed(scene)
    for unit in SERVICES:
        told = said("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=15",
                    f"--root={root}", unit)
        exposure = float(re.search(r"Overall exposure level.*: ([\d.]+)", told).group(1))
        expect(exposure <= 1.5, f"{unit}: {exposure}\n{told}")


@scenario("the sandbox leaves what the program cannot do without: the boot's id, the internet, the state")
def usable(scene):
    text = (TOP / "systemd/sandbox.conf").read_text(encoding="utf-8")
    settings = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and line[0] != "#")
    expect("ProcSubset" not in settings, "/proc/sys/kernel/random/boot_id must be readable")
    expect({"AF_INET", "AF_INET6", "AF_UNIX"} <= set(settings["RestrictAddressFamilies"].split()),
           "sockets")
    expect_equal(settings["StateDirectory"], "patchbay", "state")


@scenario("after exit codes that no restart mends there is none, and each of contract's codes is known")
def exit_codes(scene):
    codes = set(re.findall(r"(?m)^\| (\d+) \|", (TOP / "docs/operations.md").read_text(encoding="utf-8")))
    expect(len(codes) >= 15, f"the table of exit codes: {codes}")
    units = {name: (TOP / "systemd" / name).read_text(encoding="utf-8")
             for name in ("patchbay.service", "patchbay@.service", "patchbay-sync@.service")}
    for name, text in units.items():
        never = set(re.search(r"(?m)^RestartPreventExitStatus=(.*)", text).group(1).split())
        fine = set(" ".join(re.findall(r"(?m)^SuccessExitStatus=(.*)", text)).split())
        expect({"64", "77", "78", "CREDENTIALS"} <= never, f"{name}: {never}")
        expect(never - {"CREDENTIALS"} <= codes and fine <= codes, f"{name}: an unknown code")
        expect(not never & fine, f"{name}: success needs no restart")
    expect_equal(units["patchbay@.service"].count("RestartPreventExitStatus=11 64 77 78 CREDENTIALS"),
                 units["patchbay.service"].count("RestartPreventExitStatus=11 64 77 78 CREDENTIALS"),
                 "an instance behaves as the service does")


@scenario("an instance differs from the service in its names alone")
def alike(scene):
    def settings(name):
        text = (TOP / "systemd" / name).read_text(encoding="utf-8")
        return [line for line in text.splitlines() if line and line[0] not in "#["]
    plain, instance = settings("patchbay.service"), settings("patchbay@.service")
    swapped = [line.replace("/etc/patchbay/%i.yaml", "/etc/patchbay/patchbay.yaml")
               .replace("/etc/patchbay/%i.client_secret", "/etc/patchbay/client_secret")
               .replace("RuntimeDirectory=patchbay-%i", "RuntimeDirectory=patchbay") for line in instance]
    different = [line for line in swapped if line not in plain and not line.startswith("Description=")]
    expect_equal(different, [], "lines of the instance")
    expect_equal(len(plain), len(instance), "number of lines")


@scenario("the user and the folders can be made by sysusers and tmpfiles")
def user_and_folders(scene):
    root = installed(scene)
    made = said("systemd-sysusers", "--dry-run", f"--root={root}",
                root / "usr/local/lib/sysusers.d/patchbay.conf")
    expect("patchbay" in made, made)
    folders = (root / "usr/local/lib/tmpfiles.d/patchbay.conf").read_text(encoding="utf-8")
    expect("d /var/lib/patchbay 0700 patchbay patchbay" in folders, folders)
    expect(json.dumps(folders).count("\\nd ") == 2, "two folders")


run()
