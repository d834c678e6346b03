"""Calls that belong in one place: clocks, randomness, sleeping, detached coroutines."""

import re

from source import Finding

CLOCKS = [
    (re.compile(r"\b(?:steady_clock|system_clock|high_resolution_clock|utc_clock)\s*::\s*now\b"),
     "time comes in as an argument (`now`), so that tests and simulations can move it"),
    (re.compile(r"(?<![\w.>:])(?:::)?(?:clock_gettime|gettimeofday|time)\s*\(\s*"
                r"(?:nullptr|NULL|0|CLOCK_\w+|&)"),
     "time comes in as an argument (`now`), so that tests and simulations can move it"),
    (re.compile(r"\brandom_device\b|(?<![\w.>])(?:s?rand|random|drand48)\s*\("),
     "randomness comes in as a seed, so that a failing run can be repeated"),
    (re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>:])(?:::)?sleep\s*\("),
     "waiting is done on an alarm of the clock port, which a drain can end and a test can move"),
]
DETACHED = re.compile(r"\basio\s*::\s*detached\b")
CAPTURING = re.compile(r"\[[^\]\n]*[\w&=][^\]\n]*\]\s*\([^)]*\)[^{};]*->\s*[\w:]*\bawaitable\s*<")


def may_read_clocks(file):
    if file.top == "tests":
        return file.parts[1] in ("integration", "bench")
    if file.room == "twin":
        return "front" in file.stem or file.stem == "main"
    return file.room == "adapter/system"


def banned(tree):
    """Clocks, randomness and sleeping appear in adapter/system only."""
    for file in tree.code():
        if may_read_clocks(file):
            continue
        for pattern, reason in CLOCKS:
            for found in pattern.finditer(file.code):
                yield Finding(file.path, file.line_of(found.start()), "banned-call",
                              f"`{found.group(0).strip()}` outside adapter/system: {reason}")


def coroutines(tree):
    """Coroutines are structured: whoever starts one joins it; a lambda's captures die early."""
    for file in tree.code("src", "include"):
        for found in CAPTURING.finditer(file.code):
            yield Finding(file.path, file.line_of(found.start()), "coroutine", "a capturing lambda "
                          "is a coroutine: its captures die with the lambda object, before it ends")
        if file.stem != "main" and not (file.room == "twin" and "front" in file.stem):
            for found in DETACHED.finditer(file.code):
                yield Finding(file.path, file.line_of(found.start()), "coroutine", "`detached` "
                              "outside main: whoever starts a coroutine joins it")
