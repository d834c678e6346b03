"""Length and shape: short files, short functions, few parameters. A scan of braces over code
without comments and literals; it knows namespaces, types and functions, and nothing below them."""

import re

from source import Finding

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 70
MOST_PARAMETERS = 5

SCOPE = re.compile(r"^(?:\[\[[^\]]*\]\]\s*|inline\s+|export\s+|static\s+|typedef\s+|constexpr\s+)*"
                   r"(namespace|class|struct|union|enum|extern\s*\")")
NOT_A_NAME = {"noexcept", "decltype", "alignas", "explicit", "requires", "operator", "return",
              "if", "while", "for", "switch", "sizeof", "co_return", "throw", "catch"}
SKIPPED_STATEMENT = re.compile(r"^(using|typedef|static_assert|return|friend class|namespace)\b")


class Function:
    def __init__(self, name, parameters, first, last):
        self.name, self.parameters, self.first, self.last = name, parameters, first, last


class Scan:
    """Finds the types and functions of one file."""

    def __init__(self, code):
        self.code = re.sub(r"(?m)^[ \t]*#(?:[^\n\\]|\\\n|\\.)*",
                           lambda m: re.sub(r"[^\n]", " ", m.group(0)), code)
        self.functions = []
        self.types = []  # (name, offset)
        self.walk()

    def walk(self):
        code, at, begin = self.code, 0, 0
        parens = 0
        while at < len(code):
            sign = code[at]
            if sign in "([":
                parens += 1
            elif sign in ")]":
                parens = max(0, parens - 1)
            elif sign == ";" and parens == 0:
                self.declaration(begin, at)
                begin = at + 1
            elif sign == "}" and parens == 0:
                begin = at + 1
            elif sign == "{":
                at, begin = self.opened(begin, at, parens)
                continue
            elif sign == ":" and parens == 0 and re.search(
                    r"\b(public|private|protected)\s*$", code[begin:at]):
                begin = at + 1
            at += 1

    def opened(self, begin, at, parens):
        """Where to go on after the brace at `at`, and where the next statement begins."""
        head = self.plain(begin, at)
        scope = SCOPE.match(head)
        if parens == 0 and scope and "(" not in re.sub(r"\balignas\s*\([^)]*\)", "", head):
            kind = scope.group(1)
            self.type_named(head, begin, at)
            if kind == "enum":
                end = self.closing(at)
                return end + 1, begin
            return at + 1, at + 1
        end = self.closing(at)
        before = self.code[at - 1] if at else ""
        initialises = before.isalnum() or before in "_>" or re.search(r"[=,(]\s*$|\breturn\s*$", head)
        if parens > 0 or initialises or "(" not in head:
            return end + 1, begin
        self.found(begin, at, end)
        return end + 1, end + 1

    def plain(self, begin, end):
        """A statement's head without `template <…>`, in one line."""
        head = " ".join(self.code[begin:end].split())
        while True:
            found = re.match(r"template\s*<", head)
            if not found:
                return re.sub(r"^requires\b[^(]*\([^)]*\)\s*", "", head)
            depth, at = 0, found.end() - 1
            while at < len(head):
                depth += {"<": 1, ">": -1}.get(head[at], 0)
                if depth == 0:
                    break
                at += 1
            head = head[at + 1:].strip()

    def closing(self, at):
        depth = 0
        for place in range(at, len(self.code)):
            depth += {"{": 1, "}": -1}.get(self.code[place], 0)
            if depth == 0:
                return place
        return len(self.code) - 1

    def type_named(self, head, begin, at):
        found = re.search(r"\b(?:class|struct|union|enum)\s+(?:class\s+|struct\s+)?"
                          r"(?:\[\[[^\]]*\]\]\s*)?((?:\w+::)*\w+)", head)
        if found:
            first = begin + len(self.code[begin:at]) - len(self.code[begin:at].lstrip())
            self.types.append((found.group(1).split("::")[-1], first))

    def declaration(self, begin, end):
        head = self.plain(begin, end)
        named = re.match(r"using (\w+)\s*=|concept (\w+)\s*=", head)
        if named:
            self.types.append((named.group(1) or named.group(2), self.first_of(begin)))
        if "(" in head and not SKIPPED_STATEMENT.match(head):
            self.add(head, self.first_of(begin), None)

    def found(self, begin, at, end):
        self.add(self.plain(begin, at), self.first_of(begin), end)

    def first_of(self, begin):
        rest = self.code[begin:]
        return begin + len(rest) - len(rest.lstrip())

    def add(self, head, first, end):
        name, parameters = signature(head)
        if name is not None:
            self.functions.append(Function(name, parameters, first, end))


def signature(head):
    """Name and number of parameters of the first parameter list in a head; None: there is none."""
    for found in re.finditer(r"(~?\b\w+|\boperator\s*(?:\(\s*\)|[^\s\w(]+))\s*\(", head):
        name = found.group(1)
        if name in NOT_A_NAME or name.isupper() and not head.startswith("TEST_CASE"):
            continue
        before = head[:found.start()]
        if "=" in before.replace("==", "") and "operator" not in before:
            return None, 0  # a variable with an initialiser
        return name, count(head, found.end() - 1)
    return None, 0


def count(head, opening):
    """Parameters of the list that opens at `opening`: commas outside of brackets, plus one."""
    depth, angle, commas, content = 0, 0, 0, False
    for at in range(opening, len(head)):
        sign = head[at]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                break
        elif sign == "<":
            angle += 1
        elif sign == ">" and head[at - 1] != "-":
            angle = max(0, angle - 1)
        elif sign == "," and depth == 1 and angle == 0:
            commas += 1
        content = content or depth >= 1 and sign not in "( "
    return commas + 1 if content else 0


def scan(file):
    if not hasattr(file, "scanned"):
        file.scanned = Scan(file.code)
    return file.scanned


def file_length(tree):
    """A file that is longer holds more than one noun."""
    for file in tree.files:
        code = file.suffix in (".hpp", ".cpp", ".py") or file.top == "scripts"
        length = len(file.lines) - (1 if file.text.endswith("\n") else 0)
        if code and length > MOST_FILE_LINES:
            yield Finding(file.path, MOST_FILE_LINES + 1, "file-length", f"{length} lines, at most "
                          f"{MOST_FILE_LINES}: a longer file holds more than one noun, divide it")


def function_length(tree):
    """A function that is longer does more than its name says."""
    for file in tree.code():
        for function in scan(file).functions:
            if function.last is None:
                continue
            first, last = file.line_of(function.first), file.line_of(function.last)
            if last - first + 1 > MOST_FUNCTION_LINES:
                yield Finding(file.path, first, "function-length", f"{function.name} has "
                              f"{last - first + 1} lines, at most {MOST_FUNCTION_LINES}: a longer "
                              "function does more than its name says")


def parameters(tree):
    """More arguments than five are a struct that has no name yet."""
    for file in tree.code():
        for function in scan(file).functions:
            if function.parameters > MOST_PARAMETERS:
                yield Finding(file.path, file.line_of(function.first), "parameters",
                              f"{function.name} takes {function.parameters} parameters, at most "
                              f"{MOST_PARAMETERS}: they are a struct that has no name yet")
