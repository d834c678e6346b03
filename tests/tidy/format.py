#!/usr/bin/env python3
"""Checks that the code is formatted as .clang-format says: format.py ROOT CLANG_FORMAT [--fix].
One way of laying out code, applied by a machine, keeps layout out of every review."""

import subprocess
import sys

from source import Tree


def main():
    root, program = sys.argv[1], sys.argv[2]
    files = [file.path for file in Tree(root).code()]
    how = ["-i"] if "--fix" in sys.argv[3:] else ["--dry-run", "-Werror", "--ferror-limit=1"]
    done = subprocess.run([program, "--style=file", *how, *files], cwd=root, text=True,
                          stderr=subprocess.PIPE)
    wrong = [line for line in done.stderr.splitlines() if "error:" in line]
    for line in wrong:
        print(f"{line.split(' error:')[0]} is not formatted: run scripts/format")
    if done.returncode and not wrong:
        print(done.stderr)
    passed = done.returncode == 0
    print(f"{int(passed)} passed, {int(not passed)} failed")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
