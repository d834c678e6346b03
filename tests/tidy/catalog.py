#!/usr/bin/env python3
"""journalctl reads the catalog as an installed one, and finds every entry: catalog.py FILE
JOURNALCTL. It says nothing of an entry that it cannot read, so the entries are counted."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def listed(root, journalctl):
    subprocess.run([journalctl, f"--root={root}", "--update-catalog"], check=True)
    found = subprocess.run([journalctl, f"--root={root}", "--list-catalog"], check=True,
                           capture_output=True, text=True)
    return {line.split()[0]: line for line in found.stdout.splitlines()}


def main():
    catalog, journalctl = pathlib.Path(sys.argv[1]), sys.argv[2]
    wanted = set(re.findall(r"^-- ([0-9a-f]{32})$", catalog.read_text(), re.M))
    with tempfile.TemporaryDirectory(prefix="catalog-") as root:
        folder = pathlib.Path(root, "usr/lib/systemd/catalog")
        folder.mkdir(parents=True)
        shutil.copy(catalog, folder)
        found = listed(root, journalctl)
    missing = sorted(wanted - found.keys())
    nameless = [line for line in found.values() if not line.split(" ", 2)[2:]]
    print(f"{len(found)} entries; not found: {missing}; without a subject: {nameless}")
    return 1 if missing or nameless or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
