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
# Names of the environment, no codes.
NO_CODES = {"NO_COLOR", "CREDENTIALS_DIRECTORY"}


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
