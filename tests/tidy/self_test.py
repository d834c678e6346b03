#!/usr/bin/env python3
"""Proves that every rule of tidy can fail, and that it does not cry where nothing is wrong: each
case is a small tree in a temporary folder with one fault in a known line."""

import pathlib
import sys
import tempfile

import calls
import names
import pages
import rooms
import shape
from source import Tree
from tidy import RULES

HEADER = "// What it is for.\n#pragma once\n"


def body(lines):
    return "int f() {\n" + "  g();\n" * (lines - 2) + "}\n"


# rule, path, text, line of the finding (None: there must be none)
CASES = [
    (rooms.direction, "src/policy/a.cpp", '#include "patchbay/protocol/x.hpp"\n', 1),
    (rooms.direction, "src/protocol/a.cpp", '\n#include "patchbay/policy/x.hpp"\n', 2),
    (rooms.direction, "src/model/a.cpp", '#include "patchbay/port/x.hpp"\n', 1),
    (rooms.direction, "include/patchbay/port/a.hpp", '#include "patchbay/engine/x.hpp"\n', 1),
    (rooms.direction, "src/engine/a.cpp", '#include "patchbay/adapter/store/x.hpp"\n', 1),
    (rooms.direction, "src/adapter/csv/a.cpp", '#include "patchbay/adapter/store/x.hpp"\n', 1),
    (rooms.direction, "src/adapter/csv/a.cpp", '#include "patchbay/app/x.hpp"\n', 1),
    (rooms.direction, "src/twin/a.cpp", '#include "patchbay/policy/x.hpp"\n', 1),
    (rooms.direction, "src/engine/a.cpp", '#include "../adapter/x.hpp"\n', 1),
    (rooms.direction, "src/engine/a.cpp", '#include "adapter/x.hpp"\n', 1),
    (rooms.direction, "tests/unit/policy/a_test.cpp", '#include "patchbay/engine/x.hpp"\n', 1),
    (rooms.direction, "src/app/a.cpp", '#include "patchbay/adapter/store/x.hpp"\n', None),
    (rooms.direction, "src/adapter/csv/a.cpp", '#include "patchbay/adapter/csv/x.hpp"\n', None),
    (rooms.direction, "src/twin/a.cpp", '#include "patchbay/protocol/x.hpp"\n', None),
    (rooms.third_party, "src/policy/a.cpp", "#include <boost/asio/awaitable.hpp>\n", 1),
    (rooms.third_party, "include/patchbay/engine/a.hpp", "//\n#include <boost/beast/http.hpp>\n", 2),
    (rooms.third_party, "src/engine/a.cpp", "#include <boost/asio/ssl.hpp>\n", 1),
    (rooms.third_party, "src/model/a.cpp", "#include <rapidjson/document.h>\n", 1),
    (rooms.third_party, "src/engine/a.cpp", "#include <sqlite3.h>\n", 1),
    (rooms.third_party, "src/adapter/csv/a.cpp", "#include <yaml-cpp/yaml.h>\n", 1),
    (rooms.third_party, "src/adapter/store/a.cpp", "#include <xxhash.h>\n", 1),
    (rooms.third_party, "src/policy/a.cpp", "#include <unistd.h>\n", 1),
    (rooms.third_party, "src/policy/a.cpp", "#include <curl/curl.h>\n", 1),
    (rooms.third_party, "tests/unit/policy/a_test.cpp", "#include <boost/asio/post.hpp>\n", 1),
    (rooms.third_party, "tests/unit/policy/a_test.cpp", "#include <doctest/doctest.h>\n", None),
    (rooms.third_party, "src/adapter/store/a.cpp", "#include <sqlite3.h>\n", None),
    (rooms.third_party, "src/policy/a.cpp", "#include <vector>\n", None),
    (calls.banned, "src/engine/a.cpp", "auto t = std::chrono::steady_clock::now();\n", 1),
    (calls.banned, "src/policy/a.cpp", "\nstd::random_device seed;\n", 2),
    (calls.banned, "src/engine/a.cpp", "std::this_thread::sleep_for(1s);\n", 1),
    (calls.banned, "src/engine/a.cpp", "::usleep(5);\n", 1),
    (calls.banned, "src/app/a.cpp", "auto t = ::time(nullptr);\n", 1),
    (calls.banned, "src/app/a.cpp", "int x = rand();\n", 1),
    (calls.banned, "src/twin/rules.cpp", "auto t = steady_clock::now();\n", 1),
    (calls.banned, "src/twin/front.cpp", "auto t = steady_clock::now();\n", None),
    (calls.banned, "src/adapter/system/a.cpp", "auto t = steady_clock::now();\n", None),
    (calls.banned, "src/engine/a.cpp", '// steady_clock::now()\nauto s = "rand()";\n', None),
    (calls.banned, "src/engine/a.cpp", "auto w = parts.time.wall(); x.time(0);\n", None),
    (calls.coroutines, "src/engine/a.cpp", "co_spawn(loop, f(), asio::detached);\n", 1),
    (calls.coroutines, "src/engine/a.cpp", "auto f = [this](int x) -> asio::awaitable<void> {};\n", 1),
    (calls.coroutines, "src/engine/a.cpp", "auto f = [](int x) -> asio::awaitable<void> {};\n", None),
    (shape.file_length, "src/model/a.cpp", "int x;\n" * 401, 401),
    (shape.file_length, "src/model/a.cpp", "int x;\n" * 400, None),
    (shape.function_length, "src/model/a.cpp", "int x;\n" + body(71), 2),
    (shape.function_length, "src/model/a.cpp", body(70), None),
    (shape.function_length, "src/model/a.cpp", "namespace a {\nstruct b {\n" + body(71) + "};\n}\n", 3),
    (shape.function_length, "src/model/a.cpp", "struct b {\n b() : x_{1}, y_(2) {\n" +
     "  g();\n" * 70 + "}\n};\n", 2),
    (shape.function_length, "tests/unit/model/a_test.cpp", 'TEST_CASE("a: {") {\n' +
     "  g();\n" * 70 + "}\n", 1),
    (shape.function_length, "src/model/a.cpp", "struct b {\n" + "  int g();\n" * 90 + "};\n", None),
    (shape.function_length, "src/model/a.cpp", "const x table[] = {\n" + "  {1},\n" * 90 + "};\n",
     None),
    (shape.parameters, "src/model/a.cpp", "int f(int a, int b, int c, int d, int e, int g);\n", 1),
    (shape.parameters, "src/model/a.cpp", "a::f(int a, int b, int c, int d, int e, int g) : x_(1) {}\n",
     1),
    (shape.parameters, "src/model/a.cpp", "int f(map<a, b> a, int b, int c, int d, int e);\n", None),
    (shape.parameters, "src/model/a.cpp", "int f(int a, int b, int c, int d, std::function<void(int, "
     "int)> e);\n", None),
    (names.forbidden_words, "src/model/drop_manager.cpp", "int x;\n", 1),
    (names.forbidden_words, "src/model/a.cpp", "\nclass reply_handler {};\n", 2),
    (names.forbidden_words, "src/model/a.cpp", "struct customer_data {};\n", 1),
    (names.forbidden_words, "src/model/a.cpp", "int make_helper(int a) { return a; }\n", 1),
    (names.forbidden_words, "src/model/a.cpp", "struct customer {};\n", None),
    (names.snake_case, "src/model/a.cpp", "struct Customer {};\n", 1),
    (names.snake_case, "src/model/a.cpp", "template <class T>\nusing Rows = int;\n", 1),
    (names.snake_case, "src/model/a.cpp", "enum class rowClass { a };\n", 1),
    (names.snake_case, "src/model/a.cpp", "template <class T>\nclass row {};\n", None),
    (names.prologue, "include/patchbay/model/a.hpp", "#pragma once\n", 1),
    (names.prologue, "include/patchbay/model/a.hpp", "// Why.\nint x;\n", 1),
    (names.prologue, "include/patchbay/model/a.hpp", HEADER, None),
    (names.one_definition, "src/model/a.cpp", "namespace a {\nstruct b {\n};\nstruct b {\n};\n}\n",
     4),
    (names.one_definition, "src/model/a.cpp", "struct b {};\nnamespace {\nstruct b {\n};\n}\n"
     "namespace c {\nstruct b;\nclass b {\n};\n}\n", None),
    (pages.links, "docs/a.md", "# a\n[b](b.md)\n", 2),
    (pages.links, "docs/a.md", "[b](a.md#x) [c](https://example.com) [d](../docs/a.md)\n", None),
    (pages.links, "docs/a.md", "```\n[b](b.md)\n```\n", None),
    (pages.error_codes, "src/model/a.cpp", 'int a;\nfault b{"DROP_LOST", c};\n', 2),
    (pages.error_codes, "src/model/a.cpp", 'fault b{"DROP_LOST: gone"};\n', 1),
    (pages.error_codes, "src/model/a.cpp", 'getenv("NO_COLOR");\n', None),
    (pages.error_codes, "src/twin/a.cpp", 'fault b{"DROP_LOST", c};\n', None),
    (pages.error_codes, "docs/errors.md", "| `DROP_LOST` | gone | look |\n", 1),
    (pages.events, "src/model/a.cpp", '\nx.note(severity::info, "drop_lost", text, {});\n', 2),
    (pages.events, "src/model/a.cpp", 'x.note(severity::info,\n       "drop_lost", text, {});\n', 2),
    (pages.events, "src/model/a.cpp", "note(how, event, text);\n", None),
    (pages.events, "systemd/patchbay.catalog", "#\n-- " + "0a" * 16 + "\n", 2),
    (pages.blanks, "docs/a.md", "a\nb \n", 2),
    (pages.blanks, "src/model/a.cpp", "a\r\n", 1),
    (pages.blanks, "src/model/a.cpp", "a", 1),
    (pages.blanks, "src/model/a.cpp", "a\n", None),
]


def outcome(rule, path, text):
    with tempfile.TemporaryDirectory(prefix="tidy-") as folder:
        file = pathlib.Path(folder, path)
        file.parent.mkdir(parents=True)
        file.write_bytes(text.encode())
        return [(f.path, f.line) for f in rule(Tree(folder))]


def main():
    failed = 0
    for number, (rule, path, text, line) in enumerate(CASES):
        wanted = [] if line is None else [(path, line)]
        found = outcome(rule, path, text)
        if found != wanted:
            failed += 1
            print(f"case {number}, {rule.__module__}.{rule.__name__} on {text[:90]!r}: "
                  f"wanted {wanted}, found {found}")
    for rule in RULES:
        if not any(case[0] is rule and case[3] is not None for case in CASES):
            failed += 1
            print(f"{rule.__module__}.{rule.__name__}: no case proves that this rule can fail")
    print(f"{len(CASES) + len(RULES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
