"""Who may include whom: the rooms of the program, and third-party headers in their room."""

import re

from source import Finding

FLOOR = {"model": 1, "policy": 2, "protocol": 2, "port": 2, "engine": 3, "adapter": 4, "app": 5}
LOOP = ("port", "engine", "adapter", "app", "asio", "twin")
TLS = ("adapter/https", "adapter/web", "asio", "twin")
OUTSIDE = ("adapter", "app", "twin")

# The first prefix that fits decides. A header that fits none is new: say here where it belongs.
THIRD_PARTY = [
    ("boost/asio/ssl", TLS, "TLS is the business of the rooms that hold sockets"),
    ("boost/beast/", TLS, "HTTP is spoken in one place, so that the rest is tested without sockets"),
    ("openssl/", TLS, "TLS is the business of the rooms that hold sockets"),
    ("boost/asio", LOOP, "model, policy and protocol stay pure, and Asio costs seconds a file"),
    ("boost/system/", None, ""),
    ("boost/assert/", None, ""),
    ("boost/algorithm/", None, ""),
    ("boost/url", ("protocol", "adapter/https", "app", "twin"), "addresses are taken apart once"),
    ("rapidjson/", ("protocol", "adapter/report", "twin"), "JSON is read and written at the edges"),
    ("yaml-cpp/", ("app",), "the configuration is read in one place and passed on as values"),
    ("csv.h", ("adapter/csv",), "rows are split in one place"),
    ("libfccp/", ("adapter/csv",), "rows are split in one place"),
    ("iconv.h", ("adapter/csv",), "bytes of other encodings end where drops are read"),
    ("zlib.h", ("adapter/csv", "adapter/https"), "bytes are unpacked where they arrive"),
    ("zstd.h", ("adapter/csv",), "drops are unpacked in one place"),
    ("sqlite3.h", ("adapter/store",), "the store's engine can be replaced only if nobody sees it"),
    ("sodium", ("adapter/store", "adapter/system"), "sealing is done where sealed values are kept, "
     "a delivery is verified where it is met"),
    ("utf8proc.h", ("model",), "text is normalised in one way"),
    ("xxhash.h", ("model",), "a fingerprint is made in one way"),
    ("spdlog/", ("adapter/report",), "the rest of the program reports through the observer port"),
    ("fmt/", ("adapter/report",), "the rest of the program reports through the observer port"),
    ("systemd/", ("adapter/system",), "the machine is met in one place"),
    ("date/", ("adapter/system",), "the machine's zones are read in one place"),
    ("CLI/", ("app", "twin"), "arguments are read at the door"),
    ("doctest/", ("tests",), "tests are not part of the program"),
    ("prometheus/", ("adapter/web",), "metrics are written in one place"),
]
POSIX = re.compile(r"^(sys|netinet|arpa|net|linux)/|^(unistd|fcntl|signal|poll|dirent|pwd|grp|"
                   r"termios|pthread|time|stdlib|stdio|netdb|glob|fnmatch|langinfo|locale|syslog|malloc)\.h$")
STANDARD = re.compile(r"^[a-z_0-9]+$|^(immintrin|emmintrin|cxxabi|execinfo)\.h$")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")')


def includes(file):
    for number, line in enumerate(file.lines, 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1), found.group(2)


def room_of_header(header):
    parts = header.split("/")[1:-1]
    return "/".join(parts[:2]) if parts and parts[0] == "adapter" else (parts or [None])[0]


def may_see(room, other):
    """Own room, or a room on a lower floor. The twin stands beside and sees the API's bytes; a
    rehearsal plays against it."""
    if room == other:
        return True
    if room == "twin":
        return other in ("protocol", "model")
    if other == "twin":
        return room in ("adapter/rehearsal", "app")
    mine, theirs = FLOOR.get(room.split("/")[0]), FLOOR.get(other.split("/")[0])
    return mine is not None and theirs is not None and theirs < mine


def direction(tree):
    """A room includes only rooms on lower floors, so that a change touches one room."""
    for file in tree.code():
        for line, _, header in includes(file):
            if header is None:
                continue
            if ".." in header.split("/"):
                yield Finding(file.path, line, "rooms", f'"{header}": an include names its room, '
                              "a path upwards hides which room it reaches into")
            elif header.startswith("patchbay/") and file.room is not None:
                other = room_of_header(header)
                if other is not None and not may_see(file.room, other):
                    yield Finding(file.path, line, "rooms", f"{file.room} includes {other} "
                                  f"({header}): a room sees only rooms on lower floors, siblings "
                                  "do not know each other")
            elif file.top == "src" and header.split("/")[0] in FLOOR:
                yield Finding(file.path, line, "rooms", f'"{header}": headers that rooms share '
                              'are included as "patchbay/<room>/…"')


def inside(room, allowed):
    return any(room == a or room.startswith(a + "/") for a in allowed)


def third_party(tree):
    """A library's header stays in its room, so that the library can be replaced there."""
    for file in tree.code():
        room = file.room if file.room is not None else "tests" if file.top == "tests" else None
        if room is None or room == "tests" or file.top == "tests" and file.parts[1] != "unit":
            continue
        for line, header, _ in includes(file):
            if header is None or STANDARD.match(header):
                continue
            yield from judged(file, line, header, room)


def judged(file, line, header, room):
    if POSIX.match(header):
        if not inside(room, OUTSIDE):
            yield Finding(file.path, line, "third-party", f"<{header}> in {room}: the operating "
                          "system is met in adapters and at the door only")
        return
    for prefix, allowed, reason in THIRD_PARTY:
        if header.startswith(prefix):
            tests_it = file.top == "tests" and allowed == ("tests",)
            if allowed is not None and not tests_it and not inside(room, allowed):
                yield Finding(file.path, line, "third-party", f"<{header}> in {room}, belongs to "
                              f"{', '.join(allowed)}: {reason}")
            return
    yield Finding(file.path, line, "third-party", f"<{header}> is of no library that "
                  "tests/tidy/rooms.py knows: say there in which room it belongs, and why")
