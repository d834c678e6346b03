"""The tree as the rules see it: a file with its text, its code without comments and strings, and
the room it belongs to. Rules are given a tree and yield findings; they read nothing themselves."""

import pathlib
import re
from dataclasses import dataclass, field
from functools import cached_property

CODE = {".hpp", ".cpp"}
TEXT = CODE | {".py", ".md", ".build", ".sh", ".yaml", ".yml", ".service", ".options", ".txt",
               ".catalog"}
SKIPPED = {".git", ".cache", "__pycache__", "corpus", "recorded"}


@dataclass
class Finding:
    path: str
    line: int
    rule: str
    what: str

    def __str__(self):
        return f"{self.path}:{self.line}: [{self.rule}] {self.what}"


def blanked(text):
    """The same text, line for line, with comments and the insides of literals turned to blanks."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"'
        r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'", re.S)

    def blank(match):
        found = match.group(0)
        inner = re.sub(r"[^\n]", " ", found)
        literal = not found.startswith(("//", "/*"))
        return '"' + inner[1:-1] + '"' if literal and len(found) >= 2 else inner

    return pattern.sub(blank, text)


@dataclass
class File:
    path: str  # relative to the root, with slashes
    text: str
    parts: tuple = field(init=False)

    def __post_init__(self):
        self.parts = tuple(self.path.split("/"))

    @property
    def suffix(self):
        return pathlib.PurePosixPath(self.path).suffix

    @property
    def stem(self):
        return pathlib.PurePosixPath(self.path).stem

    @cached_property
    def lines(self):
        return self.text.split("\n")

    @cached_property
    def code(self):
        return blanked(self.text)

    @property
    def top(self):
        return self.parts[0]

    @cached_property
    def room(self):
        """`model`, `adapter/store`, `twin`, …; of a unit or conformance test: the room it tests;
        None where no room is meant."""
        inner = self.parts[1:-1]
        if self.top == "include":
            inner = inner[1:]
        elif self.top == "tests":
            if not inner or inner[0] not in ("unit", "conformance"):
                return None
            inner = inner[1:]
        elif self.top != "src":
            return None
        if not inner:
            return None
        if inner[0] == "adapter":
            return "/".join(inner[:2]) if len(inner) > 1 else None
        return inner[0]

    def line_of(self, offset):
        return self.code.count("\n", 0, offset) + 1


class Tree:
    """All text files below the root; build directories and hidden folders are left out."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = []
        self.paths = set()
        for path in sorted(self.root.rglob("*")):
            inner = path.relative_to(self.root)
            if any(part in SKIPPED or part == "build" or part.startswith("build-")
                   for part in inner.parts):
                continue
            self.paths.add(inner.as_posix())
            if path.is_file() and self.is_text(path, inner):
                text = path.read_bytes().decode("utf-8", errors="replace")
                self.files.append(File(inner.as_posix(), text))

    @staticmethod
    def is_text(path, inner):
        return path.suffix in TEXT or inner.parts[0] == "scripts"

    def code(self, *tops):
        return [f for f in self.files if f.suffix in CODE and f.top in (tops or
                ("src", "include", "tests"))]
