"""One run of a command, measured: wall and CPU seconds, peak memory in MB, what it wrote."""

import os
import subprocess
import tempfile
import time


class Measured:
    def __init__(self, wall, cpu, memory, out):
        self.wall, self.cpu, self.memory, self.out = wall, cpu, memory, out


def measure(command, good=(0,)):
    """RuntimeError with the end of its stderr when it ends with a code that is not good."""
    begin = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        code = os.waitstatus_to_exitcode(status)
        process.returncode = code
        if code not in good:
            err.seek(0)
            raise RuntimeError(f"{command} ended with {code}: {err.read().decode()[-2000:]}")
        out.seek(0)
        return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024,
                        out.read().decode())


def median(rounds):
    """The round with the median wall time."""
    return sorted(rounds, key=lambda one: one.wall)[len(rounds) // 2]


def npm_folder(home, packages):
    """A folder with these packages from the npm registry; None where npm cannot get them."""
    if not (home / "node_modules").exists():
        home.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit",
                            "--prefix", str(home), *packages], check=True)
        except (OSError, subprocess.CalledProcessError) as why:
            print(f"not compared with {', '.join(packages)}: {why}")
            return None
    return home
