#!/usr/bin/env python3
"""Checks what a machine can of how patchbay is written: tidy.py ROOT. Every finding is an error
with file and line, and says the rule's reason; exits 1 if there is one."""

import sys

import calls
import names
import pages
import rooms
import shape
from source import Tree

RULES = [
    rooms.direction, rooms.third_party, calls.banned, calls.coroutines, shape.file_length,
    shape.function_length, shape.parameters, names.forbidden_words, names.snake_case,
    names.prologue, names.one_definition, pages.links, pages.blanks, pages.error_codes,
    pages.events,
]


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    tree = Tree(root)
    if not tree.code():
        print(f"tidy: no code below {root}", file=sys.stderr)
        return 1
    failed = 0
    for rule in RULES:
        findings = list(rule(tree))
        failed += bool(findings)
        for finding in findings:
            print(finding)
    print(f"{len(RULES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
