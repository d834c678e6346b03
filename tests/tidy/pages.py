"""Pages and plain text: links that lead somewhere, error codes that are told, no trailing blanks."""

import posixpath
import re

from source import Finding

LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|#)", re.I)


def links(tree):
    """A link in the documentation leads somewhere, or the page has rotted."""
    for file in tree.files:
        if file.suffix != ".md":
            continue
        fenced = False
        for number, line in enumerate(file.lines, 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            for target in [] if fenced else LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if ELSEWHERE.match(target):
                    continue
                path = target.split("#")[0]
                folder = posixpath.dirname(file.path)
                wanted = posixpath.normpath(posixpath.join(folder, path))
                if wanted not in tree.paths and wanted != ".":
                    yield Finding(file.path, number, "links", f"`{target}` leads to {wanted}, "
                                  "which does not exist: the page has rotted")


def blanks(tree):
    """Blanks that nobody sees make differences that nobody meant."""
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            if line != line.rstrip():
                yield Finding(file.path, number, "blanks", "trailing blanks (or CR) make "
                              "differences that nobody meant")
        if file.text and not file.text.endswith("\n"):
            yield Finding(file.path, len(file.lines), "blanks", "the last line has no line end: "
                          "the next line added will change two")


# Of one word, only what a fault is made of: other words in capitals are no codes.
CODE = re.compile(r'"([A-Z]{2,}(?:_[A-Z0-9]+)+)[":]|fault\{"([A-Z]{2,})"')
TOLD = re.compile(r"^\| `([A-Z]{2,}(?:_[A-Z0-9]+)*)` \| [^|]+ \| [^|]+ \|$")
REGISTRY = "docs/errors.md"
# Names of the environment and of the journal's fields, no codes.
NO_CODES = {"NO_COLOR", "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM", "RUN_ID", "CUSTOMER_ID"}


def error_codes(tree):
    """Every code has its meaning and its action on one page: who is woken looks there."""
    said, told = {}, {}
    for file in tree.code("src", "include"):
        if file.room == "twin":
            continue
        for number, line in enumerate(file.lines, 1):
            for code in map("".join, CODE.findall(line)):
                if code not in NO_CODES:
                    said.setdefault(code, (file.path, number))
    for file in tree.files:
        if file.path != REGISTRY:
            continue
        for number, line in enumerate(file.lines, 1):
            if not (found := TOLD.match(line)):
                continue
            if found.group(1) in told:
                yield Finding(file.path, number, "error-codes", f"{found.group(1)} stands twice")
            told[found.group(1)] = number
    for code, (path, number) in said.items():
        if code not in told:
            yield Finding(path, number, "error-codes", f"{code} is not in {REGISTRY}: say there "
                          "what it means and what to do")
    for code, number in told.items():
        if code not in said:
            yield Finding(REGISTRY, number, "error-codes", f"the program knows no {code}: the page "
                          "has rotted")


NAME = r'"([a-z]+(?:_[a-z]+)*)"'
NOTED = re.compile(rf"(?:severity::\w+|\bhow),\s*(?:\w+ \? {NAME} : )?{NAME}")
EVENT = re.compile(r'^    \{"([a-z_]+)", "([0-9a-f]{32})"\},$')
CATALOGUED = re.compile(r"^-- ([0-9a-f]{32})$")
EVENTS, CATALOG = "src/adapter/report/log_events.cpp", "systemd/patchbay.catalog"


def events(tree):
    """Every kind of event has an id for the journal, and an entry of the catalog that says what to
    do: who is woken by a line of the log reads it there."""
    said, told, ids = {}, {}, {}
    for file in tree.code("src"):
        if file.path != EVENTS and file.room != "twin":
            for found in NOTED.finditer(file.text):
                at = (file.path, file.text.count("\n", 0, found.end()) + 1)
                said.update({event: said.get(event, at) for event in found.groups() if event})
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            if file.path == EVENTS and (found := EVENT.match(line)):
                told[found.group(1)] = (found.group(2), number)
            if file.path == CATALOG and (found := CATALOGUED.match(line)):
                if found.group(1) in ids:
                    yield Finding(CATALOG, number, "events", f"{found.group(1)} stands twice")
                ids[found.group(1)] = number
    if sorted(told) != list(told):
        yield Finding(EVENTS, 1, "events", "the table is not sorted, and is searched as if it were")
    for event, (path, number) in said.items():
        if event not in told:
            yield Finding(path, number, "events", f"{event} has no id in {EVENTS}: draw one with "
                          "journalctl --new-id128")
    for event, (known, number) in told.items():
        if event not in said:
            yield Finding(EVENTS, number, "events", f"the program never says {event}")
        if known not in ids:
            yield Finding(EVENTS, number, "events", f"{event} has no entry in {CATALOG}: say there "
                          "what it means and what to do")
    for known, number in ids.items():
        if known not in {one for one, _ in told.values()}:
            yield Finding(CATALOG, number, "events", f"no event has the id {known}")
