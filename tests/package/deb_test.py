#!/usr/bin/env python3
"""The package, built around the programs of this build: what is in it, and what lintian says."""

import os
import re
import stat

from play import expect, expect_equal, run, scenario
from project import TOP, said

# Said of every package that has the programs of a developer's build: not compiled as a package's are.
OF_THE_BUILD = ("hardening-no-bindnow", "hardening-no-fortify-functions")


def built(scene):
    said(TOP / "scripts/package", "--quick", env={**os.environ, "PATCHBAY_PACKAGES": str(scene.folder / "deb")})
    packages = {path.name.split("_")[0]: path for path in (scene.folder / "deb").glob("*.deb")}
    expect({"patchbay", "patchbay-twin"} <= packages.keys(), f"packages: {packages}")
    return packages


def files_of(package):
    """Path to mode and owner, of what is no folder."""
    lines = (line.split(maxsplit=5) for line in said("dpkg-deb", "--contents", package).splitlines())
    return {one[5].lstrip("."): f"{one[0]} {one[1]}" for one in lines if one[0][0] != "d"}


@scenario("the packages hold what they should, lintian finds no error and no warning, nothing starts by itself")
def good(scene):
    packages = built(scene)
    said_of_all = said("lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0",
                       "--suppress-tags", ",".join(OF_THE_BUILD), packages["patchbay"],
                       packages["patchbay-twin"])
    expect(not re.search(r"(?m)^[EW]: ", said_of_all), said_of_all)
    files = files_of(packages["patchbay"])
    for path in ("/usr/bin/patchbay", "/etc/patchbay/patchbay.yaml", "/lib/systemd/system/patchbay.service",
                 "/lib/systemd/system/patchbay-sync@.service.d/50-sandbox.conf",
                 "/usr/lib/sysusers.d/patchbay.conf", "/usr/lib/tmpfiles.d/patchbay.conf",
                 "/usr/share/bash-completion/completions/patchbay",
                 "/usr/share/zsh/vendor-completions/_patchbay",
                 "/usr/share/fish/vendor_completions.d/patchbay.fish",
                 "/usr/share/man/man1/patchbay.1.gz", "/usr/share/man/man5/patchbay.yaml.5.gz",
                 "/usr/share/man/man8/patchbay.8.gz", "/usr/share/doc/patchbay/operations.md",
                 "/usr/share/doc/patchbay/security.md"):
        expect(path in files, f"{path} is missing")
    expect("/usr/bin/patchbay-twin" in files_of(packages["patchbay-twin"]), "the twin is in its own package")
    expect(all(one.endswith("root/root") for one in files.values()), "everything is root's")
    expect_equal(said("dpkg-deb", "--info", packages["patchbay"], "conffiles").split(),
                 ["/etc/patchbay/patchbay.yaml"], "conffiles")
    for script in ("postinst", "prerm", "postrm"):
        text = said("dpkg-deb", "--info", packages["patchbay"], script)
        expect(not re.search(r"(?m)^\s*(systemctl|deb-systemd-invoke) (enable|start|restart)\b", text),
               f"{script} starts or enables something:\n{text}")


@scenario("the versions of the program, the package and the changelog are one")
def versions(scene):
    version = said("dpkg-parsechangelog", "--show-field", "Version", "-l", TOP / "debian/changelog").strip()
    expect_equal(said(scene.program, "--version").split()[-1], version, "version")


@scenario("the packages that a build needs are those that scripts/packages installs")
def needs(scene):
    script = (TOP / "scripts/packages").read_text(encoding="utf-8")
    installed = set(re.search(r"(?s)packages=\((.*?)\)", script).group(1).split())
    control = (TOP / "debian/control").read_text(encoding="utf-8")
    wanted = re.search(r"(?ms)^Build-Depends: (.*?)^\S", control).group(1)
    named = {re.split(r"[ :]", one.strip())[0] for one in wanted.split(",")}
    # Of Debian itself, or there wherever Python is.
    named -= {"debhelper-compat", "python3"}
    expect(named <= installed, f"scripts/packages does not install {sorted(named - installed)}")
    expect_equal({one for one in installed if one.endswith("-dev")} - named, set(),
                 "libraries that are built with, and do not stand in debian/control")


@scenario("whoever fails is told by an example that runs")
def example(scene):
    script = TOP / "debian/examples/on-failure"
    said("sh", "-n", script)
    expect(not stat.S_IMODE(script.stat().st_mode) & 0o022, "nobody else writes it")


run()
