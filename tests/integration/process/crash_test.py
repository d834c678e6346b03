#!/usr/bin/env python3
"""What survives kill -9, and answers that never come."""

import export
from play import expect, expect_equal, run, scenario

SESSIONS = 8
# What one kill may repeat: the requests in flight, and one group of settles not yet committed.
MOST_REPEATED = 2 * SESSIONS


def settled_first(scene, records):
    """The first drop, so that the store knows every customer."""
    scene.drop("customers_0.csv", records)
    scene.patchbay("sync", "--json")


@scenario("20 times kill -9 in a sync of 2,000 changes: the API ends as the file says, nothing is "
          "missing, nothing durable is sent again")
def twenty_kills(scene):
    before = export.customers(2_000)
    twin = scene.start_twin(before, "--latency", "5ms-25ms")
    scene.configure(sessions=SESSIONS)
    settled_first(scene, before)
    after = export.changed(before, {key: {"credit_limit": f"{n}.50"}
                                    for n, key in enumerate(before, 1)})
    scene.drop("customers_1.csv", after)
    written, repeated, kills = set(), 0, 0
    seen = len(twin.log())
    while kills < 20:
        process = scene.launch("sync", "--json")
        try:
            process.wait(scene.dice.uniform(0.05, 0.6))
        except Exception:  # still running: that is the case we want
            scene.kill(process)
            kills += 1
        else:
            scene.drop(f"customers_{kills + 2}.csv", again_changed(after, kills))
            after = again_changed(after, kills)
        # A life may be too short to send again what was in flight at an earlier kill: so of all
        # kills together.
        seen, written, again = segment(twin, seen, written)
        repeated += again
        expect(repeated <= MOST_REPEATED * kills, f"{repeated} changes that were applied before a "
               f"kill were sent again after it, at most {MOST_REPEATED} for each of {kills}")
    last = scene.patchbay("sync", "--json", code=None, timeout=300)
    expect(last.code == 0, f"the last start exits with 0, not {last.code}: {last.err[-1500:]}")
    expect_equal(export.differences(after, twin.customers())[:5], [], "the API after the last run")
    expect_equal(scene.pending(), 0, "pending after the last run")


def again_changed(records, round_number):
    """A new night, should one end before it could be killed twenty times."""
    return export.changed(records, {key: {"credit_limit": f"{n}.{round_number + 10}"}
                                    for n, key in enumerate(records, 1)})


def segment(twin, seen, written):
    """Between two kills: how many changes that were applied in an earlier life were sent again."""
    log = twin.log()[seen:]
    patches = [one for one in log if one.kind == "patch"]
    bodies = {(one.customer_id, str(one.attributes)) for one in patches if one.applied}
    return seen + len(log), written | bodies, len(written & bodies)


def reverted(scene, fault, between, **api):
    """A change that the API applies but never answers; then the ERP has the old value again."""
    before = export.customers(40)
    twin = scene.start_twin(before)
    api = {"attempts": 1, "request": "2s", "give_up": "3s", **api}
    scene.configure(**api)
    settled_first(scene, before)
    key = "C-000021"
    twin.err(f"{fault},method=PATCH,customer={key},times=1")
    scene.drop("customers_1.csv", export.changed(before, {key: {"email": "new@example.com"}}))
    between(scene, twin, key)
    scene.drop("customers_2.csv", before)
    scene.patchbay("sync", "--json", timeout=60)
    scene.wait_until(lambda: scene.patchbay("sync", "--json", code=None).code == 0
                     and scene.pending() == 0, "everything is settled", 30)
    expect_equal(twin.customers()[key]["email"], before[key]["email"], "the value at the API")
    expect_equal(scene.dead_letters(), [], "dead letters")
    return twin


def no_answer(scene, twin, key):
    ended = scene.patchbay("sync", "--json", code=None, timeout=60)
    expect_equal(ended.code, 75, "a change without an answer is not applied: nobody answers")
    expect_equal(twin.customers()[key]["email"], "new@example.com", "applied, but not answered")


def killed(scene, twin, key):
    process = scene.launch("sync", "--json")
    scene.wait_until(lambda: twin.customers()[key]["email"] == "new@example.com",
                     "the twin has applied the change", 30, process)
    scene.kill(process)


@scenario("applied but never answered, then the ERP reverts: the API ends with the old value")
def unanswered(scene):
    reverted(scene, "never-answer", no_answer)


@scenario("applied, then the connection is reset, then the ERP reverts: the old value")
def reset_after(scene):
    reverted(scene, "reset-after", no_answer)


@scenario("applied, then kill -9 before the answer, then the ERP reverts: the old value")
def killed_unanswered(scene):
    reverted(scene, "never-answer", killed, request="8s")


@scenario("applied long after the time-out, when the ERP has reverted: read back, put right")
def applied_late(scene):
    before = export.customers(40)
    twin = scene.start_twin(before)
    scene.configure(attempts=1, request="2s")
    settled_first(scene, before)
    key = "C-000021"
    twin.err(f"apply-late,method=PATCH,customer={key},times=1,delay=3s")
    scene.drop("customers_1.csv", export.changed(before, {key: {"email": "new@example.com"}}))
    scene.patchbay("sync", "--json", code=None, timeout=60)
    scene.drop("customers_2.csv", before)
    scene.wait_until(lambda: scene.patchbay("sync", "--json", code=None).code == 0
                     and scene.pending() == 0, "everything is settled", 40)
    log = [one for one in twin.log("patch") if one.customer_id == export.id_of(key)]
    expect(len(log) >= 2, f"the old value was sent again: {log}")
    scene.wait_until(lambda: twin.log()[-1].arrival - log[0].arrival > 0 and
                     twin.customers()[key]["email"] == before[key]["email"],
                     "the old value at the API", 10)


@scenario("SIGTERM drains: what is in flight is finished, exit 5, the next run does the rest")
def drains(scene):
    before = export.customers(400)
    twin = scene.start_twin(before, "--latency", "20ms-40ms")
    scene.configure(sessions=4)
    settled_first(scene, before)
    after = export.changed(before, {key: {"credit_limit": f"{n}.25"} for n, key in enumerate(before)})
    scene.drop("customers_1.csv", after)
    process = scene.launch("sync", "--json")
    scene.wait_until(lambda: len(twin.log("patch")) > 40, "some PATCHes", 30, process)
    process.terminate()
    expect_equal(process.wait(30), 5, "exit code of a drained sync")
    report = scene.output(process).report
    expect_equal(report["outcome"], "stopped", "outcome")
    answered = [one for one in twin.log("patch") if one.status == 200]
    expect_equal(report["totals"]["applied"], len(answered), "applied, against the twin's log")
    expect_equal(report["totals"]["pending"], 400 - len(answered), "pending")
    scene.patchbay("sync", "--json")
    expect_equal(len(twin.log("patch")), 400, "PATCHes of both runs: nothing is sent twice")
    expect_equal(export.differences(after, twin.customers())[:5], [], "the API's customers")


run()
