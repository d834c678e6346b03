#!/usr/bin/env python3
"""Lets systemd-analyze judge the service file: unit_file.py UNIT SYSTEMD_ANALYZE PROGRAM. It
complains about programs that do not exist, so a copy starts PROGRAM instead."""

import pathlib
import re
import subprocess
import sys
import tempfile


def main():
    unit, analyze, program = sys.argv[1:4]
    text = pathlib.Path(unit).read_text(encoding="utf-8")
    changed, starts = re.subn(r"(?m)^ExecStart=\S+", f"ExecStart={program}", text)
    problems = [] if starts == 1 else [f"{unit}: {starts} lines ExecStart, expected one"]
    with tempfile.TemporaryDirectory(prefix="patchbay-unit-") as folder:
        copy = pathlib.Path(folder, pathlib.Path(unit).name)
        copy.write_text(changed, encoding="utf-8")
        done = subprocess.run([analyze, "verify", "--man=no", str(copy)], text=True, check=False,
                              capture_output=True)
    # A machine without the documentation or a running manager has remarks about other units.
    said = [line for line in (done.stdout + done.stderr).splitlines() if copy.name in line]
    problems += said if done.returncode or said else []
    if done.returncode and not said:
        problems.append(done.stdout + done.stderr)
    for problem in problems:
        print(problem)
    print(f"{int(not problems)} passed, {int(bool(problems))} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
