#!/usr/bin/env python3
"""The man pages: they render without a warning, and say what the programs and the configuration say."""

import re
import subprocess

import yaml
from play import expect, expect_equal, run, scenario
from project import TOP, expect_same, grammar, options_of, said

PAGES = ["patchbay.1", "patchbay-twin.1", "patchbay.yaml.5", "patchbay.8"]


def page(name):
    return (TOP / "man" / name).read_text(encoding="utf-8")


def flags(line):
    """Options that a line of mdoc names by Fl: one letter has one dash, a word begins with its own."""
    return {"-" + word for word in re.findall(r"\bFl (\S+)", line)}


def section(text, name):
    return re.search(rf"(?ms)^\.Sh {name}\n(.*?)(?=^\.Sh |\Z)", text).group(1)


def told(text):
    """Options that the items of a list tell."""
    return set().union(*[flags(line) for line in text.splitlines() if line.startswith(".It Fl")])


def commands():
    """Each command of patchbay(1), with the options that its item, or a list in it, tells."""
    found, current, depth = {}, None, 0
    for line in section(page("patchbay.1"), "COMMANDS").splitlines():
        depth += line.startswith(".Bl") - line.startswith(".El")
        if line.startswith(".It Cm") and depth == 1:
            words = line.split()[2:]
            current = words[0] if words[0] != "dead-letters" else " ".join(words[:2])
            found[current] = set()
        elif line.startswith(".It Fl"):
            found[current] |= flags(line)
    return found


@scenario("every page renders without a warning")
def renders(scene):
    for name in PAGES:
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", TOP / "man" / name],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        expect_equal((done.returncode, done.stderr), (0, ""), name)


@scenario("patchbay(1) has the commands and options that the program has, no more and no less")
def commands_and_options(scene):
    known = grammar(scene.program)
    everywhere = known.pop("")
    expect(len(known) > 15, f"--help tells commands: {sorted(known)}")
    expect_same(commands().keys(), known.keys(), "commands")
    for name, options in commands().items():
        expect_same(options, known[name], name)
    expect_same(told(section(page("patchbay.1"), "OPTIONS")), everywhere, "options of all")


@scenario("patchbay-twin(1) has the options that the program has")
def twin_options(scene):
    expect_same(told(section(page("patchbay-twin.1"), "OPTIONS")),
                options_of(said(scene.twin_program, "--help")), "options")


@scenario("patchbay(1) has the exit codes of docs/operations.md")
def exit_codes(scene):
    table = re.findall(r"(?m)^\| (\d+) \|", (TOP / "docs/operations.md").read_text(encoding="utf-8"))
    status = section(page("patchbay.1"), "EXIT STATUS")
    expect_equal(re.findall(r"(?m)^\.It (\d+)$", status), table, "codes, in order")


def keys(value, path=""):
    """Full names of the keys that hold no section. Names of fields are the user's: NAME."""
    if isinstance(value, list):
        return set().union(set(), *[keys(one, path) for one in value if isinstance(one, dict)]) or {path}
    if not isinstance(value, dict) or path.endswith(".map"):
        return {path}
    named = path in ("jobs.fields", "jobs.budgets.fields")
    return set().union(*[keys(one, (f"{path}." if path else "") + ("NAME" if named else str(key)))
                         for key, one in value.items()])


@scenario("patchbay.yaml(5) has the keys of config/patchbay.yaml, also those that are commented out")
def configuration_keys(scene):
    text = (TOP / "config/patchbay.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^( +)# ([a-z_]+: \S.*)$", r"\1\2", text)
    # A section as a whole: its name alone in a line, its keys below it.
    text = re.sub(r"(?m)^# ([a-z_]+:|  [a-z_]+: \S.*)$", r"\1", text)
    whole = yaml.safe_load(text)
    listed = set()
    for line in page("patchbay.yaml.5").splitlines():
        if line.startswith(".It Va"):
            listed |= set(re.split(r"[ ,]+", line.removeprefix(".It Va ")))
    expect_same(listed, keys(whole), "keys")


run()
