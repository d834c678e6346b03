#!/usr/bin/env python3
"""What goes back to the producer: .ack.json and .rejected.csv, and the way of corrected rows."""

import datetime
import json

import export
from play import expect, expect_equal, run, scenario


def ack(scene, name):
    return json.loads((scene.spool / "feedback" / f"{name}.ack.json").read_text())


@scenario("refused rows go back as .rejected.csv in the drop's own dialect; corrected and dropped "
          "again they are applied as a delta, and nobody else is absent")
def corrected(scene):
    records = export.customers(30)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync", "--json")
    expect_equal(ack(scene, "customers_1.csv")["totals"]["unchanged"], 30, "unchanged in the ack")
    twin.err("refuse-value,field=email,customer=C-000007,error=taken")
    after = export.changed(records, {"C-000007": {"email": "taken@example.com"},
                                     "C-000003": {"credit_limit": "9.75"}})
    text = export.drop_bytes(after).replace(b"1014,14", b"much")  # C-000014, a name of two lines
    scene.drop("customers_2.csv", text)
    report = scene.patchbay("sync", "--json", code=3).report
    told = ack(scene, "customers_2.csv")
    expect_equal(told["totals"], report["totals"], "totals of the ack")
    expect_equal(told["drop"]["file"], "customers_2.csv", "the drop's name in the ack")
    rejected = scene.spool / "feedback" / "customers_2.csv.rejected.csv"
    header, *rows = rejected.read_bytes().decode("cp1252").split("\r\n")[:-1]
    expect(header.endswith(';"AEDAT";patchbay_error;patchbay_detail'), f"header: {header}")
    expect_equal(len(rows), 2, "refused rows")
    expect(rows[0].startswith('"C-000007"') and "VALIDATION_ERROR" in rows[0], rows[0])
    expect(rows[1].startswith('"C-000014"') and "CELL_NOT_A_NUMBER" in rows[1], rows[1])
    expect("\nfiliale" in rows[1], "the newline inside quotes is as it was")

    twin.heal()
    mended = rejected.read_bytes().replace(b"much", b"77,5").replace(b"taken@", b"free@")
    scene.drop("customers_3.csv", mended)
    report = scene.patchbay("sync", "--json").report
    expect_equal(report["totals"]["applied"], 2, "applied")
    expect_equal(report["planned"]["absent"], 0, "absent: corrected rows are never all")
    there = twin.customers()
    expect_equal(there["C-000007"]["email"], "free@example.com", "the corrected e-mail")
    expect_equal(there["C-000014"]["metadata"]["credit_limit"], 77.5, "the corrected number")
    expect_equal(scene.dead_letters(), [], "dead letters")
    # The earlier drop's row was overtaken by the correction: its ack says so.
    expect_equal(ack(scene, "customers_2.csv")["totals"]["pending"], 0, "pending of the earlier")


@scenario("a refused row that the API accepts when it is tried again goes back to nobody any more")
def accepted_later(scene):
    records = export.customers(5)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    twin.err("refuse-value,field=email,customer=C-000003,error=taken")
    scene.drop("customers_2.csv", export.changed(records, {"C-000003": {"email": "a@example.com"}}))
    scene.patchbay("sync", code=3)
    rejected = scene.spool / "feedback" / "customers_2.csv.rejected.csv"
    expect(rejected.exists(), "the refused row went back")
    twin.heal()
    scene.patchbay("dead-letters", "retry", "C-000003")
    scene.patchbay("sync")
    expect_equal(ack(scene, "customers_2.csv")["totals"]["rejected"], 0, "rejected in the ack")
    expect(not rejected.exists(), "rows that nobody has to correct still lie in feedback/")


@scenario("an old drop whose counts change leaves the feedback of today's drop of that name alone")
def old_namesake(scene):
    records = export.customers(5)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    next_day(scene)
    twin.err("refuse-value,field=email,customer=C-000003,error=taken")
    taken = {"C-000003": {"email": "a@example.com"}}
    scene.drop("customers_1.csv", export.changed(records, taken))
    scene.patchbay("sync", code=3)
    next_day(scene)
    rows = export.changed(records, {"C-000004": {"credit_limit": "much"}})
    del rows["C-000003"]
    scene.drop("customers_1.csv", export.drop_bytes(rows))
    scene.patchbay("sync", code=3)
    feedback = scene.spool / "feedback"
    expect("C-000004" in str((feedback / "customers_1.csv.rejected.csv").read_bytes()), "today's row")
    # More runs than are looked at to know what was told.
    for number in range(50):
        scene.drop(f"customers_1{number:02}.csv", export.drop_bytes(rows))
        scene.patchbay("sync", code=None)
    before = scene.tree_digest(feedback)
    scene.patchbay("dead-letters", "drop", "C-000003")
    scene.patchbay("sync")
    expect_equal(scene.dead_letters(), [], "dead letters")
    expect_equal(scene.tree_digest(feedback), before, "today's feedback")


def next_day(scene):
    """The archive of today holds no name yet."""
    for folder in sorted((scene.spool / "archive").iterdir()):
        day = datetime.date.fromisoformat(folder.name) - datetime.timedelta(days=1)
        folder.rename(folder.with_name(day.isoformat()))


@scenario("a feedback folder that is a link is not followed: said in the log, and the run goes on; what "
          "could not be written is written once it can be")
def linked(scene):
    records = export.customers(5)
    scene.start_twin(records)
    scene.configure()
    elsewhere = scene.folder / "elsewhere"
    elsewhere.mkdir()
    scene.spool.mkdir(exist_ok=True)
    (scene.spool / "feedback").symlink_to(elsewhere)
    bad = {**records, "C-000009": {**records["C-000005"], "credit_limit": "much"}}
    scene.drop("customers_1.csv", export.drop_bytes(bad))
    ran = scene.patchbay("sync", "--json", code=3)
    expect("feedback_not_written" in ran.err, ran.err)
    expect_equal(list(elsewhere.iterdir()), [], "files behind the link")
    (scene.spool / "feedback").unlink()
    scene.patchbay("sync")
    expect_equal(ack(scene, "customers_1.csv")["totals"]["read"], 6, "the ack, later")
    rejected = scene.spool / "feedback" / "customers_1.csv.rejected.csv"
    expect(b"C-000009" in rejected.read_bytes(), "the refused row, later")
    rejected.unlink()
    (scene.spool / "feedback" / "customers_1.csv.ack.json").unlink()
    scene.patchbay("sync")
    expect_equal(list((scene.spool / "feedback").iterdir()), [], "what the producer took away stays away")


@scenario("the ack of a drop that later runs go on with says at each moment what is refused, what waits and "
          "what the API has")
def goes_on(scene):
    records = export.customers(30)
    twin = scene.start_twin(records, "--latency", "150ms-200ms")
    scene.configure(sessions=1)
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    keys = list(records)
    after = export.changed(records, {key: {"email": f"new.{key.lower()}@example.com"}
                                     for key in keys[:12]})
    scene.drop("customers_2.csv", after)
    stopped = scene.launch("sync")
    scene.wait_until(lambda: len(twin.log("patch")) >= 3, "some PATCHes", 30, stopped)
    stopped.terminate()
    expect_equal(stopped.wait(20), 5, "the first run")
    told = ack(scene, "customers_2.csv")
    expect_equal(told["outcome"], "stopped", "the first ack")
    expect("stopped by a signal" in told["reason"], told["reason"])
    twin.err(f"refuse-value,field=email,customer={keys[11]},error=taken")
    scene.patchbay("sync", code=3)
    told = ack(scene, "customers_2.csv")
    expect_equal((told["outcome"], told["totals"]["rejected"], told["totals"]["pending"]),
                 ("partial", 1, 0), "the second ack")
    expect_equal([one["key"] for one in told["rejects"]], [keys[11]], "whom it names")
    expect_equal([one["key"] for one in told["changes"] if "state" in json.dumps(one)], [keys[11]],
                 "what the API does not have")
    expect(not told.get("reason"), f"no reason any more: {told.get('reason')}")
    scene.patchbay("dead-letters", "drop", keys[11])
    scene.patchbay("sync")
    told = ack(scene, "customers_2.csv")
    expect_equal((told["outcome"], told["totals"]["rejected"], told["totals"]["unchanged"],
                  told["rejects"]), ("done", 0, 19, []), "the ack after the drop of the letter")
    expect(keys[11] not in [one["key"] for one in told["changes"]], "no change was made there")


run()
