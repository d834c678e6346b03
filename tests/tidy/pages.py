"""Pages and plain text: links that lead somewhere, no trailing blanks."""

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
