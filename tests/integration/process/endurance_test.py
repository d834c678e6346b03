#!/usr/bin/env python3
"""A daemon over many nights, with one seed: nights without trouble, in which nothing may grow, and
nights in which everything happens that can. A night is a quarter of a day on the program's wall
clock and a few seconds here: the clock is set forward to a second before the schedule's next moment
each time, and goes at the real speed otherwise, as do time-outs, windows and pauses. (A clock that
is fast all the time shows less: a daemon at rest looks at it when a folder changes, and every 30
real seconds.)"""

import contextlib
import os
import shutil
import statistics
import subprocess
import sys

from erp_ledger import endanger
from night_checks import Checks
from night_service import INSIDE, NightService
from night_troubles import LONG, SIMPLE
from play import expect, expect_equal, run, scenario

# PATCHBAY_ENDURANCE makes both longer: 3 is three times as many nights. The twin's certificate lasts for
# a month on the clock, which is a hundred nights.
TIMES = min(int(os.environ.get("PATCHBAY_ENDURANCE", "1")), 6)
CALM_NIGHTS = min(18 * TIMES, 100)
WARMING_UP = 6
MOST_GROWTH_KB = 2048
MOST_DESCRIPTORS = 2


def go_inside():
    """The whole test again where disks of our own can be mounted; they, and every process, end with
    the namespace. Elsewhere a full disk is a limit on the size of files."""
    if os.environ.get(INSIDE) or not shutil.which("unshare"):
        return
    inside = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if os.geteuid() != 0:
        inside.append("--map-root-user")
    # libfaketime leaves a file there for each process that is killed.
    again = 'mount -t tmpfs tmpfs /dev/shm && exec "$@"'
    if subprocess.run([*inside, "sh", "-c", again, "sh", "true"], check=False,
                      capture_output=True).returncode != 0:
        return
    done = subprocess.run([*inside, "sh", "-c", again, "sh", sys.executable, *sys.argv], check=False,
                          env={**os.environ, INSIDE: "1"})
    sys.exit(done.returncode)


@contextlib.contextmanager
def begun(scene):
    """After the first night: every customer is known to both jobs, and nothing had to be sent."""
    service = NightService(scene)
    try:
        service.checks = Checks(service)
        first_night(service)
        yield service
    finally:
        service.close()


def first_night(service):
    service.start()
    for name, job in service.jobs.items():
        service.drop(name, job.whole())
    service.moment_comes()
    service.checks.at_rest()
    expect_equal(service.twin.log("patch"), [], "PATCHes of the first night")


def drops(service):
    """What the ERP has to say this night: always a snapshot, often deltas."""
    dice = service.dice
    nightly, arrival = service.jobs["nightly"], service.jobs["arrival"]
    service.drop("nightly", nightly.spoiled() if dice.random() < 0.2 else nightly.normal())
    for _ in range(dice.choice([0, 1, 1, 2])):
        more = arrival.normal
        if arrival.letters and dice.random() < 0.5:
            more = arrival.corrected
        elif dice.random() < 0.2:
            more = arrival.spoiled
        service.drop("arrival", more())


def night(service, troubles):
    service.begin_night(untroubled=not troubles)
    quiet_before = service.disturbed
    going = [one(service) for one in troubles]
    for one in going:
        next(one)
    before = service.dice.choice([1.0, 1.0, 0.0])
    drops(service)
    service.moment_comes(before)
    for one in going:
        next(one, None)
    if service.disturbed > quiet_before or service.was_full:
        endanger(service.jobs, service.drops_before)
    service.checks.at_rest()


def in_the_end(service):
    service.checks.requests()
    looks, faults = service.lookout.looks, service.lookout.faults
    expect_equal(faults[:5], [], f"what was wrong, of {looks} looks")
    expect(looks > 50, f"only {looks} looks")
    service.terminate()
    for word in ("terminate called", "Sanitizer", "internal error"):
        expect(word not in service.words(), f"{word!r} in the log: {service.words()[-3000:]}")


@scenario("many nights of one life: nothing is sent twice, and neither memory nor descriptors grow")
def calm(scene):
    with begun(scene) as service:
        memory, descriptors = [], []
        for _ in range(CALM_NIGHTS):
            night(service, [])
            memory.append(service.memory_kb())
            descriptors.append(service.descriptors())
        service.checks.counters()
        in_the_end(service)
        flat("descriptors", descriptors, MOST_DESCRIPTORS)
        # A sanitizer keeps what was freed, and finds leaks itself at the end.
        if not service.sanitized():
            flat("memory in kB", memory, MOST_GROWTH_KB)


def flat(what, numbers, most):
    """After some nights to warm up, the median of the last third is not above that of the first."""
    warm = numbers[WARMING_UP:]
    part = len(warm) // 3
    early, late = statistics.median(warm[:part]), statistics.median(warm[-part:])
    print(f"        {what}: {early:.0f} early, {late:.0f} late", flush=True)
    expect(late - early <= most, f"{what} grew from {early} to {late}: {numbers}")


@scenario("nights of kills, outages, full disks, lost folders, clocks that are set, bad configurations: "
          "nothing is lost, and the status is right at each moment of rest")
def troubled(scene):
    with begun(scene) as service:
        for _ in range(TIMES):
            for kinds in deck(scene.dice):
                names = " and ".join(one.__name__ for one in kinds)
                try:
                    night(service, kinds)
                except Exception as error:
                    raise AssertionError(f"in a night with {names}: {error}") from error
        in_the_end(service)


def deck(dice):
    """Every kind once, the short ones two at a time or beside a long one."""
    simple, long = dice.sample(SIMPLE, len(SIMPLE)), dice.sample(LONG, len(LONG))
    nights = [[one] for one in long]
    while simple:
        two = sorted((simple.pop() for _ in range(min(2, len(simple)))), key=SIMPLE.index)
        nights.insert(dice.randrange(len(nights) + 1), two)
    return nights


if __name__ == "__main__":
    go_inside()
    run()
