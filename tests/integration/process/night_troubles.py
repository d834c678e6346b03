"""What can happen in a night. Each trouble is a generator: it begins before the drops are there, and
goes on when they are and the schedule's moment comes. What it leaves behind is in order again. All
chance is drawn from the scene's dice, in an order that does not depend on time."""

import time

from play import expect

SIMPLE = []  # over in a moment: two of them can fall into one night, in this order
LONG = []


def trouble(kinds):
    def remember(function):
        kinds.append(function)
        return function
    return remember


# -- the log and the configuration

@trouble(SIMPLE)
def log_rotated(service):
    service.rotate()
    yield
    service.scene.wait_until(lambda: service.log().stat().st_size > 0, "words in the new log", 30)
    expect(b"\0" not in service.log().read_bytes(), "the new log begins at its beginning")


@trouble(SIMPLE)
def bad_configuration(service):
    """Refused on SIGHUP, and at a start; then a good one is read, in the middle of the night."""
    word = "".join(service.dice.choice("abcdefghij") for _ in range(8))
    service.give(service.good.replace("api:\n", f"api:\n  sessions_{word}: 3\n", 1))
    service.hang_up("the old configuration stays")
    killed_too = service.dice.random() < 0.3
    yield
    if killed_too:
        service.kill()
        service.patchbay("daemon", code=78)
    service.give(service.good)
    if killed_too:
        service.start()
    else:
        service.hang_up("watching 2 job(s)")


@trouble(SIMPLE)
def read_again(service):
    """SIGHUP while the night is on, with nothing changed."""
    pause = service.dice.uniform(0, 1.5)
    yield
    time.sleep(pause)
    service.hang_up("watching 2 job(s)")


def happens(service, holds, seconds):
    try:
        service.scene.wait_until(holds, "what may happen", seconds)
        return True
    except AssertionError:
        return False


# -- the process

@trouble(SIMPLE)
def killed(service):
    """kill -9 in the middle of the night, now and then twice."""
    pauses = [service.dice.uniform(0, 1.8) for _ in range(service.dice.choice([1, 1, 2]))]
    yield
    for pause in pauses:
        time.sleep(pause)
        service.kill()
        service.start()


@trouble(SIMPLE)
def killed_at_work(service):
    """kill -9 as soon as the first PATCHes of the night have come."""
    count = service.dice.randint(1, 3)
    seen = len(service.twin.log("patch"))
    yield
    # A night that has less to send is killed at rest.
    happens(service, lambda: len(service.twin.log("patch")) >= seen + count, 4)
    service.kill()
    service.start()


@trouble(SIMPLE)
def terminated(service):
    """SIGTERM drains, whatever is going on: exit 0."""
    pause = service.dice.uniform(0, 1.5)
    yield
    time.sleep(pause)
    service.terminate()
    service.start()


@trouble(LONG)
def absent(service):
    """Nothing runs when the moment comes: it is made up for at the start."""
    service.terminate()
    yield
    time.sleep(1.2)
    service.start()


@trouble(SIMPLE)
def terminated_twice(service):
    """A second SIGTERM while it drains: it leaves at once, and what was in flight is in doubt."""
    pause, between = service.dice.uniform(0, 1.2), service.dice.uniform(0, 0.05)
    yield
    time.sleep(pause)
    service.disturbed += 1
    service.lookout.turn_to(None)
    service.daemon.terminate()
    time.sleep(between)
    service.daemon.terminate()
    service.ended(0, 143)
    service.start()


@trouble(SIMPLE)
def second_owner(service):
    """Another daemon on the same state."""
    yield
    service.patchbay("daemon", code=11)


# -- the API

def away(service, begin, cut_off=False):
    """From before the drops until what is pending is told."""
    began = False
    if service.dice.random() < 0.5:
        began = True
        service.disturbed += 1
        begin()
    yield
    if not began:
        time.sleep(1)
        service.disturbed += 1
        begin()
    service.checks.away(began, cut_off and began)
    if service.dice.random() < 0.3:
        service.terminate()
        service.start()


@trouble(LONG)
def api_refuses(service):
    yield from away(service, service.line.refuse, cut_off=True)
    service.line.mend()


@trouble(LONG)
def api_is_silent(service):
    yield from away(service, service.line.silence)
    service.line.mend()


@trouble(LONG)
def api_says_503(service):
    yield from away(service, lambda: service.twin.err("empty-503"))
    service.twin.heal()


@trouble(LONG)
def api_is_shaky(service):
    """Some requests are not answered, some are applied all the same, connections break."""
    kinds = ["reset-after", "reset-before", "html-500", "reset-mid-body"]
    service.twin.err(*[f"{kind},probability=0.15" for kind in service.dice.sample(kinds, 2)])
    service.disturbed += 1
    cuts = [service.dice.uniform(0.2, 1) for _ in range(3)]
    yield
    for pause in cuts:
        time.sleep(pause)
        service.line.cut()
    service.twin.heal()


# -- the disk and the folders

@trouble(LONG)
def state_is_full(service):
    """Nothing more is sent, exit 74; unless all that had to be written found its place."""
    service.fill(service.scene.state)
    yield
    happens(service, lambda: service.daemon.poll() is not None, 3)
    service.make_room(service.scene.state)


@trouble(LONG)
def spool_is_full(service):
    """The ERP's last drop just fitted. What is told to the ERP follows when there is room."""
    yield
    service.fill(service.scene.spool)
    service.disturbed += 1
    time.sleep(2)
    service.make_room(service.scene.spool)


@trouble(LONG)
def folder_is_away(service):
    """A job's directory is gone at the moment of its drop, and comes back with it."""
    name = service.dice.choice(list(service.jobs))
    there = service.scene.spool / name
    there.rename(service.scene.spool / f"{name}.away")
    pause = service.dice.uniform(0.5, 2)
    yield
    time.sleep(pause)
    (service.scene.spool / f"{name}.away").rename(there)
    if name == "nightly":
        service.moment_comes()  # the one before found no folder: the next one finds the drop


@trouble(LONG)
def clock_is_set(service):
    """Forward over moments of the schedule, or back behind one that was served."""
    far = service.dice.uniform(7 * 3600, 20 * 3600)
    step = service.dice.choice([service.dice.uniform(60, 3000), far, -service.dice.uniform(60, 3000),
                                -far, -far])
    service.set_back |= step < 0
    service.clock.step(step)
    yield
    # Of moments that lay behind when a clock set back was noticed nobody knows whether they were
    # served: they are not made again.
    if step < 0 and not happens(service, lambda: not service.waiting("nightly"), 6):
        service.moment_comes()


# -- decisions

@trouble(LONG)
def held_drop(service):
    """Too many changes: held until somebody decides, or until a newer snapshot overtakes it."""
    name = service.dice.choice(list(service.jobs))
    what = service.dice.choice(["approve", "discard", "leave"] if name == "nightly" else
                               ["approve", "discard"])
    job = service.jobs[name]
    yield
    if name == "nightly":  # of two that wait the newer counts, also if it is then held
        service.scene.wait_until(lambda: not service.waiting(name), "the good one is taken", 60,
                                 service.daemon)
    drop = job.too_much()
    service.drop(name, drop)
    if name == "nightly":
        service.moment_comes()
    lies = service.folder(name) / "held" / drop.name
    service.scene.wait_until(lies.exists, f"{drop.name} is held", 60, service.daemon)
    if name == "arrival":
        service.drop(name, job.normal())
    if what == "leave":
        return
    decide(service, job, drop, what)


def decide(service, job, drop, what):
    """Asked for again where the plan had to be made again meanwhile."""
    lies = service.folder(job.name) / "held" / drop.name
    for _ in range(5):
        service.patchbay(what, drop.name)
        if happens(service, lambda: not lies.exists(), 12):
            break
    expect(not lies.exists(), f"{drop.name} stays in held/ after {what}")
    if what == "approve":
        job.approve(drop)
    else:
        drop.fate = "discarded"


@trouble(LONG)
def malformed_drop(service):
    """A file without its columns, beside a good one that is older."""
    yield
    service.drop("nightly", service.jobs["nightly"].malformed())
    service.moment_comes()

