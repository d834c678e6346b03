"""Names and the first lines of a header."""

import re

from shape import scan
from source import Finding

SAYS_NOTHING = {"manager", "handler", "helper", "helpers", "util", "utils", "utility", "processor"}
SAYS_LITTLE = {"item", "items", "data", "info"}
SNAKE = re.compile(r"^[a-z][a-z0-9_]*$")


def empty_words(name, words):
    return sorted(words & set(re.split(r"[_\-.]|(?<=[a-z])(?=[A-Z])", name.lower())))


def forbidden_words(tree):
    """A name says what a thing is; these words fit everything, so they say nothing."""
    for file in tree.files:
        if file.top not in ("src", "include", "tests", "scripts"):
            continue
        for word in empty_words(file.stem, SAYS_NOTHING):
            yield Finding(file.path, 1, "words", f"a file named `{file.stem}`: `{word}` fits "
                          "everything and says nothing, use a noun of the glossary")
    for file in tree.code():
        for name, offset in scan(file).types:
            for word in empty_words(name, SAYS_NOTHING | SAYS_LITTLE):
                yield Finding(file.path, file.line_of(offset), "words", f"type `{name}`: `{word}` "
                              "fits everything and says nothing, use a noun of the glossary")
        for function in scan(file).functions:
            for word in empty_words(function.name, SAYS_NOTHING):
                yield Finding(file.path, file.line_of(function.first), "words", f"function "
                              f"`{function.name}`: `{word}` fits everything and says nothing")


def snake_case(tree):
    """One way of writing names, that of the standard library, so that nobody has to remember."""
    for file in tree.code():
        for name, offset in scan(file).types:
            if not SNAKE.match(name):
                yield Finding(file.path, file.line_of(offset), "snake-case",
                              f"type `{name}`: types are written in snake_case, as everything is")


def prologue(tree):
    """A header begins by saying what it is for, who owns it, which thread, why this way."""
    for file in tree.code():
        if file.suffix != ".hpp":
            continue
        if not re.match(r"//\s*[\"\w]|/\*", file.lines[0]):
            yield Finding(file.path, 1, "prologue", "the first line of a header is a comment that "
                          "says what it is for: a reader opens it without knowing")
        code = [line.strip() for line in file.code.split("\n") if line.strip()]
        if not code or code[0] != "#pragma once":
            yield Finding(file.path, 1, "prologue", "`#pragma once` is the first line of code in a "
                          "header: one that is included twice does not compile")


TYPE_BODY = re.compile(r"(?:class|struct|union|enum(?: class)?)\s+([\w:]+)\b[^;]*$")
NAMESPACE = re.compile(r"(?:inline )?namespace\s*([\w:]*)\s*\{")


def shared_types(file):
    """Name and line of every type at namespace scope that other files could also see."""
    depth, inside = 0, []  # inside: the open namespaces and the depth each was opened at
    for number, line in enumerate(file.code.split("\n"), 1):
        if opened := NAMESPACE.match(line):
            inside.append((opened.group(1), depth))
        elif (found := TYPE_BODY.match(line)) and depth == len(inside) and all(
                name for name, _ in inside):
            yield "::".join([name for name, _ in inside] + [found.group(1)]), number
        depth += line.count("{") - line.count("}")
        while inside and depth <= inside[-1][1]:
            inside.pop()


def one_definition(tree):
    """Two types of one name in one namespace: the linker keeps one destructor, one constructor for
    both, and neither it nor the compiler says so."""
    first = {}
    for file in tree.code("src", "include"):
        for name, line in shared_types(file):
            if name in first:
                yield Finding(file.path, line, "one-definition", f"type `{name}` is also defined in "
                              f"{first[name]}: the linker would mix the two without a word")
            first.setdefault(name, f"{file.path}:{line}")
