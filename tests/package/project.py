"""What the tests of the package read: the tree, the build folder, and the program's own --help."""

import os
import pathlib
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PATCHBAY_BUILD", TOP / "build"))

OPTION = re.compile(r"^  (-[\w-]+(?:,-[\w-]+)*)")
COMMAND = re.compile(r"^  ([a-z][\w-]*)")


def said(*command, **options):
    """Both outputs in one text; the command must succeed."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} exited with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def expect_same(told, known, what):
    """Two sets of words; what only one of them has is said."""
    if told != known:
        raise AssertionError(f"{what}: not told: {sorted(known - told)}; told, and not there: "
                             f"{sorted(told - known)}")


def part(text, heading):
    """The lines of --help below a heading, up to the next empty line."""
    found = re.search(rf"(?ms)^{heading}:\n(.*?)(?:\n\n|\Z)", text)
    return found.group(1).splitlines() if found else []


def options_of(text):
    return {name for line in part(text, "Options") if (found := OPTION.match(line))
            for name in found.group(1).split(",")}


def grammar(program):
    """Each command with its options, as --help tells: {"dead-letters list": {"--job", …}, …}. The
    options that all have are those of the empty name."""
    top = said(program, "--help")
    found = {"": options_of(top)}
    for line in part(top, "Subcommands"):
        if not (name := COMMAND.match(line)):
            continue
        text = said(program, name.group(1), "--help")
        inner = [made.group(1) for one in part(text, "Subcommands") if (made := COMMAND.match(one))]
        for action in inner:
            below = said(program, name.group(1), action, "--help")
            found[f"{name.group(1)} {action}"] = options_of(below) - {"-h", "--help"}
        if not inner:
            found[name.group(1)] = options_of(text) - {"-h", "--help"}
    return found
