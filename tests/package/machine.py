"""A clean Debian with systemd as its first process, in a folder: debootstrap once, an overlay for each
use, booted by systemd-nspawn. It has no manager outside that would know it, so that commands enter
the namespaces of its first process. Needs root."""

import pathlib
import shutil
import subprocess
import time

PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,curl,man-db,sqlite3,bash-completion"


def wait_until(holds, what, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.1)


class Ended:
    def __init__(self, done):
        self.code, self.out = done.returncode, done.stdout


class Machine:
    def __init__(self, folder, mirror, suite="bookworm"):
        self.folder = pathlib.Path(folder)
        self.base, self.root = self.folder / "base", self.folder / "root"
        self.process = self.leader = None
        if not (self.folder / "made").exists():
            shutil.rmtree(self.base, ignore_errors=True)
            self.base.mkdir(parents=True)
            subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite,
                            str(self.base), mirror], check=True)
            (self.folder / "made").touch()

    def __enter__(self):
        for name in ("upper", "work", "root"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir()
        layers = f"lowerdir={self.base},upperdir={self.folder / 'upper'},workdir={self.folder / 'work'}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, str(self.root)], check=True)
        kept = self.folder / "archives"  # downloaded packages, for the next time
        kept.mkdir(exist_ok=True)
        self.path("/etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")  # debootstrap has none
        try:
            self.boot(kept)
        except BaseException:
            self.__exit__()
            raise
        return self

    def boot(self, kept):
        with open(self.folder / "console.log", "wb") as console:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--boot", f"--directory={self.root}", "--machine=patchbay-night",
                 "--register=no", "--keep-unit", "--console=pipe", "--resolv-conf=copy-host",
                 f"--bind={kept}:/var/cache/apt/archives"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")

        def booted():
            if self.process.poll() is not None:
                raise AssertionError("systemd-nspawn: " + (self.folder / "console.log").read_text())
            self.leader = next(iter(children.read_text().split()), None)
            state = self.run("systemctl", "is-system-running", check=False) if self.leader else None
            return state is not None and state.out.strip() in ("running", "degraded")
        wait_until(booted, "the machine is up")

    def __exit__(self, *_):
        if self.leader and self.process.poll() is None:
            self.run("systemctl", "poweroff", check=False)
        if self.process is not None:
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        subprocess.run(["umount", str(self.root)], check=False)

    def run(self, *command, check=True, given=None):
        """Inside, as root, with both outputs in one text."""
        done = subprocess.run(
            ["nsenter", "-t", self.leader, "-a", "env", "-i", "HOME=/root", "LANG=C.UTF-8",
             "DEBIAN_FRONTEND=noninteractive", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *command],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, input=given or "", check=False,
            timeout=180)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} exited with {done.returncode}:\n"
                                 f"{done.stdout[-4000:]}")
        return Ended(done)

    def path(self, inside):
        return self.root / inside.lstrip("/")
