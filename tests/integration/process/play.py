"""Runs the scenarios of a file one after the other, each in a scene of its own, and prints what
became of them: FILE_test.py --patchbay PROGRAM --twin PROGRAM [--only WORD] [--keep]."""

import argparse
import os
import random
import sys
import time
import traceback

from scene import Scene

SCENARIOS = []


def scenario(sentence):
    """Names a function of one argument, the scene. The name is a sentence about behaviour."""
    def remember(function):
        SCENARIOS.append((sentence, function))
        return function
    return remember


def expect(truth, what):
    if not truth:
        raise AssertionError(what)


def expect_equal(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: expected {shown(wanted)}, found {shown(found)}")


def shown(value):
    text = repr(value)
    return text if len(text) <= 600 else text[:600] + "…"


def play(function, options, seed):
    scene = Scene(options.patchbay, options.twin, random.Random(seed))
    try:
        function(scene)
        return None
    except Exception as error:  # any: a scenario that breaks has failed
        scene.keep = scene.keep or options.keep
        return "".join(traceback.format_exception(error)) + scene.last_words()
    finally:
        scene.close()


def options_with(*further):
    """Values of options that one file has beside the usual ones, by name."""
    reader = argparse.ArgumentParser(add_help=False)
    for name in further:
        reader.add_argument(name, required=True)
    found, rest = reader.parse_known_args()
    sys.argv[1:] = rest
    return vars(found)


def main():
    reader = argparse.ArgumentParser()
    reader.add_argument("--patchbay", required=True)
    reader.add_argument("--twin", required=True)
    reader.add_argument("--only", default="")
    reader.add_argument("--keep", action="store_true", help="leave the folder of a failed scene")
    options = reader.parse_args()
    for program in (options.patchbay, options.twin):
        if not os.access(program, os.X_OK):
            print(f"{program} is not built")
            return 77
    seed = int(os.environ.get("PATCHBAY_TEST_SEED", random.SystemRandom().randrange(1 << 30)))
    passed = failed = 0
    for sentence, function in SCENARIOS:
        if options.only not in sentence:
            continue
        begin = time.monotonic()
        trouble = play(function, options, seed)
        took = f"{time.monotonic() - begin:.1f} s"
        if trouble is None:
            passed += 1
            print(f"ok      {sentence} ({took})", flush=True)
        else:
            failed += 1
            print(f"FAILED  {sentence} ({took}; PATCHBAY_TEST_SEED={seed})\n{trouble}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def run():
    sys.exit(main())
