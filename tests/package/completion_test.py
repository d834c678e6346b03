#!/usr/bin/env python3
"""Completion in bash, zsh and fish: asked as the shells ask, compared with --help, and with what is held."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import export
from configuration import job
from play import expect, expect_equal, run, scenario
from project import TOP, expect_same, grammar, said

FILES = TOP / "completions"

BASH = """
source {file}
while read -r line; do
  eval "COMP_WORDS=($line)"
  COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
  _patchbay
  printf '%s\\t' "${{COMPREPLY[@]}}"
  echo
done
"""

# What the script hands to _arguments and _describe, without an editor around it.
ZSH = """
_arguments() { if [[ $1 == -C ]]; then
    shift; (( depth += 1 )); (( depth > 1 )) && shift words
    if [[ -n $words[1] ]]; then state=rest; else print -rl -- "$@"; state=${${(M)@:#*1: :->*}##*->}; fi
  else print -rl -- "$@"; fi }
_describe() { print -rl -- "NAMES" "${(@P)2}" }
compadd() { print -rl -- "${(@P)2}" }
"""


def path(scene):
    return os.path.dirname(os.path.abspath(scene.program)) + ":/usr/bin:/bin"


def bash(scene, *lines):
    """What is offered for each line; the last word is being typed, '' is an empty one."""
    done = subprocess.run(["bash", "-c", BASH.format(file=FILES / "patchbay.bash")], text=True,
                          input="".join(line + "\n" for line in lines), capture_output=True, check=True,
                          env=scene.environment({"PATH": path(scene)}))
    expect_equal(done.stderr, "", "what bash says")
    return [set(filter(None, line.split("\t"))) for line in done.stdout.splitlines()]


def fish(scene, line):
    text = said("fish", "--no-config", "-c", f"source {FILES / 'patchbay.fish'}; complete -C '{line}'",
                env=scene.environment({"PATH": path(scene),
                                       "HOME": str(scene.folder)}), cwd=scene.folder)
    return {one.split("\t")[0] for one in text.splitlines()}


def zsh(words):
    """Options and names that the script offers after some words."""
    quoted = " ".join(f"'{word}'" for word in words)
    return said("zsh", "-f", "-c", f"{ZSH}\nwords=({quoted})\nsource {FILES / 'patchbay.zsh'}")


def options_in(text):
    found = (re.match(r"(?:\([^)]*\)|\*)*(-[\w-]+)", line) for line in text.splitlines())
    return {one.group(1) for one in found if one}


def names_in(text):
    lines = text.splitlines()
    return {line.split(":")[0] for line in lines[lines.index("NAMES") + 1:]}


def spoken(known):
    """Commands as they are typed: those of one word, and the actions of dead-letters."""
    return ({name.split()[0] for name in known if name},
            {name.split()[1] for name in known if " " in name})


@scenario("bash offers the commands and options that the program has")
def in_bash(scene):
    known = grammar(scene.program)
    names, actions = spoken(known)
    everywhere = known[""] - {"--version"}
    wanted = [names, actions, known[""], *[known[name] | everywhere for name in known if name]]
    lines = ["patchbay ''", "patchbay dead-letters ''", "patchbay -",
             *[f"patchbay {name} -" for name in known if name]]
    for line, offered, expected in zip(lines, bash(scene, *lines), wanted):
        expect_same(offered, expected, line)


@scenario("fish offers the commands and options that the program has")
def in_fish(scene):
    known = grammar(scene.program)
    names, actions = spoken(known)
    everywhere = known[""] - {"--version"}
    expect_same(fish(scene, "patchbay "), names, "commands")
    expect_same(fish(scene, "patchbay dead-letters "), actions, "actions")
    for name in filter(None, known):
        expect_same(fish(scene, f"patchbay {name} -"), known[name] | everywhere, name)


@scenario("zsh offers the commands and options that the program has")
def in_zsh(scene):
    known = grammar(scene.program)
    names, actions = spoken(known)
    everywhere = known[""] - {"--version"}
    top = zsh([])
    expect_same(names_in(top), names, "commands")
    expect_same(options_in(top), known[""], "options")
    expect_same(names_in(zsh(["dead-letters", ""])), actions, "actions")
    for name in filter(None, known):
        expect_same(options_in(zsh(name.split())), known[name] | everywhere, name)


def held(scene):
    """Two jobs, and a drop that is held, with a blank in its name."""
    records = export.customers(30)
    scene.start_twin(records)
    other = scene.folder / "other"
    other.mkdir()
    email = "      email: {column: EMAIL}\n"
    limit = "      metadata.credit_limit: {column: KLIMK, type: decimal}\n"
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 10%", fields=limit) +
                    job("erp-contacts", other, fields=email))
    scene.drop("customers_ok.csv", records)
    scene.patchbay("sync")
    edits = {key: {"credit_limit": "99.5"} for key in records}
    scene.drop("customers_too many.csv", export.changed(records, edits))
    scene.patchbay("sync", code=4)
    return scene.config


@scenario("held drops, jobs and runs are offered by bash and fish, from the configuration that is named")
def in_hand(scene):
    config = held(scene)
    lines = [f"patchbay -c {config} approve ''", f"patchbay discard --config {config} customers_t",
             f"patchbay sync -c {config} --job ''", f"patchbay -c {config} revert ''"]
    approve, discard, jobs, runs = bash(scene, *lines)
    drop, names = {"customers_too many.csv"}, {"erp-customers", "erp-contacts"}
    expect_equal((approve, discard, jobs), (drop, drop, names), "bash")
    expect(len(runs) == 2 and all("-erp-customers" in one for one in runs), f"runs: {runs}")
    offered = {one.replace("\\ ", " ") for one in fish(scene, f"patchbay -c {config} approve ")}
    expect_equal(offered, drop, "fish")
    expect_equal(fish(scene, f"patchbay sync -c {config} --job "), names, "fish, jobs")


@scenario("zsh completes a command, an option and a held drop as one types")
def typed_in_zsh(scene):
    config = held(scene)
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update({"PATH": path(scene), "TERM": "dumb",
                           "HOME": str(scene.folder)})
        os.execvp("zsh", ["zsh", "-f", "-i"])
    shown = b""

    def until(word, seconds=20):
        nonlocal shown
        end = time.monotonic() + seconds
        while word not in shown:
            ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"zsh did not show {word}: {shown[-800:]}")
            shown += os.read(terminal, 4096)
        shown = shown[shown.index(word) + len(word):]

    shutil.copy(FILES / "patchbay.zsh", scene.folder / "_patchbay")
    try:
        os.write(terminal, f"fpath=({scene.folder} $fpath); autoload -Uz compinit; compinit -u -D; "
                           f"print rea''dy\n".encode())
        until(b"ready")
        for line, wanted in ((b"patchbay dead-letters ex\t", b"export"),
                             (b"patchbay check --no-n\t", b"--no-network"),
                             (f"patchbay -c {config} approve cust\t".encode(), b"customers_too\\ many.csv"),
                             (f"patchbay sync -c {config} --job erp-cu\t".encode(), b"erp-customers")):
            os.write(terminal, line)
            until(wanted)
            os.write(terminal, b"\x15")  # forget the line
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


run()
