#!/usr/bin/env python3
"""The service: picks up drops by itself and by the clock, tells systemd, drains on SIGTERM."""

import datetime
import shutil
import time

import export
from configuration import job
from notices import Notices, service
from play import expect, expect_equal, run, scenario


def one_minute_ahead():
    now = datetime.datetime.now(datetime.timezone.utc)
    due = now + datetime.timedelta(minutes=1 if now.second < 50 else 2)
    return f"{due.minute} {due.hour} * * *"


@scenario("a job with a cron expression a minute ahead and one without: both drops are applied "
          "without another command, and systemd is told")
def by_the_clock(scene):
    records = export.customers(40)
    halves = dict(list(records.items())[:20]), dict(list(records.items())[20:])
    twin = scene.start_twin(records)
    at_once, by_clock = scene.spool / "at-once", scene.spool / "by-clock"
    for folder in (at_once, by_clock):
        folder.mkdir()
    # A field of a customer belongs to one job: one has the limits, the other the e-mails.
    limit = "      metadata.credit_limit: {column: KLIMK, type: decimal}\n"
    email = "      email: {column: EMAIL}\n"
    scene.configure(jobs=job("at-once", at_once, fields=limit) +
                    job("by-clock", by_clock, schedule=one_minute_ahead(), fields=email),
                    secret="${CREDENTIALS_DIRECTORY}/client_secret")
    notices = Notices(scene.folder)
    daemon = scene.launch("daemon", environment=service(scene, notices))
    scene.wait_until(lambda: notices.seen("READY=1"), "READY=1", 30, daemon)
    news = {"credit_limit": "31.5"}, {"email": "moved@example.com"}
    edited = [export.changed(half, {key: {name: f"{key.lower()}.{value}" if name == "email" else value
                                          for name, value in new.items()} for key in list(half)[:5]})
              for half, new in zip(halves, news)]
    scene.drop("customers_1.csv", edited[0], at_once)
    scene.drop("customers_1.csv", edited[1], by_clock)
    scene.wait_until(lambda: len(twin.log("patch")) >= 5, "the drop without schedule", 30, daemon)
    expect_equal(export.differences(edited[0], twin.customers())[:3], [], "the first job's part")
    scene.wait_until(lambda: not export.differences(edited[1], twin.customers()),
                     "the drop with a schedule", 150, daemon)
    scene.wait_until(lambda: notices.seen("WATCHDOG=1"), "WATCHDOG=1", 10, daemon)
    scene.wait_until(lambda: notices.seen("STATUS="), "STATUS=", 10, daemon)
    daemon.terminate()
    expect_equal(daemon.wait(30), 0, "exit code of the daemon")
    expect(notices.seen("STOPPING=1"), "STOPPING=1")
    expect_equal(len(twin.log("patch")), 10, "PATCHes")


@scenario("SIGTERM in the middle drains and exits 0, the next start finishes the rest")
def drained(scene):
    records = export.customers(300)
    twin = scene.start_twin(records, "--latency", "20ms-40ms")
    scene.configure(sessions=2)
    notices = Notices(scene.folder)
    environment = service(scene, notices)
    scene.drop("customers_0.csv", records)
    scene.patchbay("sync", "--json")
    daemon = scene.launch("daemon", environment=environment)
    scene.wait_until(lambda: notices.seen("READY=1"), "READY=1", 30, daemon)
    after = export.changed(records, {key: {"credit_limit": f"{n}.125"}
                                     for n, key in enumerate(records)})
    scene.drop("customers_1.csv", after)
    scene.wait_until(lambda: len(twin.log("patch")) > 30, "some PATCHes", 30, daemon)
    daemon.terminate()
    expect_equal(daemon.wait(30), 0, "exit code of the daemon")
    part = len(twin.log("patch"))
    expect(part < 300, f"it was in the middle: {part} of 300")
    expect(all(one.status == 200 for one in twin.log("patch")), "what was in flight was finished")
    again = scene.launch("daemon", environment=environment)
    scene.wait_until(lambda: not export.differences(after, twin.customers()), "the rest", 60, again)
    again.terminate()
    expect_equal(again.wait(30), 0, "exit code of the second daemon")
    expect_equal(len(twin.log("patch")), 300, "PATCHes of both: nothing is sent twice")


@scenario("a daemon that is told to stop while nothing is to be done leaves at once with 0")
def idle(scene):
    scene.start_twin(export.customers(3))
    scene.configure()
    notices = Notices(scene.folder)
    daemon = scene.launch("daemon", environment=service(scene, notices))
    scene.wait_until(lambda: notices.seen("READY=1"), "READY=1", 30, daemon)
    daemon.terminate()
    expect_equal(daemon.wait(10), 0, "exit code")


@scenario("a mount that comes late: what was claimed or approved before is looked for until it is there, "
          "and then it counts")
def late_mount(scene):
    records = export.customers(40)
    twin = scene.start_twin(records)
    scene.configure(jobs=job("erp-customers", scene.spool, mode="delta", budgets="changes: 20%"))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    wide = export.changed(records, {key: {"name": f"Wide {key}"} for key in list(records)[:20]})
    scene.drop("customers_2.csv", wide)
    scene.patchbay("sync", code=4)
    away = scene.folder / "away"
    scene.spool.rename(away)
    scene.spool.mkdir()  # as an empty mount point
    daemon = scene.launch("daemon")
    scene.wait_until(lambda: "daemon_started" in scene.output(daemon).err, "start", 20, daemon)
    scene.patchbay("approve", "customers_2.csv")
    scene.wait_until(lambda: "is a mount missing" in scene.output(daemon).err, "the word", 20, daemon)
    waiting = scene.patchbay("status", "--json").report["jobs"][0]["waiting"]
    expect_equal([one["drop"] for one in waiting], ["customers_2.csv"], "what waits")
    daemon.terminate()
    expect_equal(daemon.wait(20), 0, "exit code")
    shutil.rmtree(scene.spool)
    away.rename(scene.spool)
    scene.patchbay("sync")
    expect_equal(export.differences(wide, twin.customers()), [], "the drop counted")


@scenario("a drop that cannot be taken out of its directory is told, and tried again after a pause")
def not_ours(scene):
    records = export.customers(10)
    scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    scene.drop("customers_2.csv", records)
    (scene.spool / "working").rename(scene.spool / "working.away")
    (scene.spool / "working").write_text("no folder")
    daemon = scene.launch("daemon")
    scene.wait_until(lambda: "drop_refused" in scene.output(daemon).err, "the word", 20, daemon)
    time.sleep(3)  # as long as a loop without a pause would need to be seen
    runs = scene.patchbay("status", "--json").report["runs"]
    expect_equal([one["outcome"] for one in runs], ["failed", "done"], "runs")
    daemon.terminate()
    expect_equal(daemon.wait(20), 0, "exit code")


@scenario("a job that is renamed while it owes something is told by status and by the log, and goes on under "
          "its old name")
def renamed(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    old = scene.configure().read_text()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    twin.err("refuse-value,field=email,customer=C-000002,error=taken")
    after = export.changed(records, {"C-000002": {"email": "taken@example.com"}})
    scene.drop("customers_2.csv", after)
    scene.patchbay("sync", code=3)
    scene.config.write_text(old.replace("name: erp-customers", "name: other"))
    lost = scene.patchbay("status", "--json").report["lost_jobs"]
    expect_equal(lost, [{"name": "erp-customers", "pending": 0, "dead_letters": 1, "drops": 0}], "what is owed")
    expect("no such job any more" in scene.patchbay("status").out, "the text")
    daemon = scene.launch("daemon")
    scene.wait_until(lambda: "event=job_lost" in scene.output(daemon).err, "the word", 20, daemon)
    scene.config.write_text(old)
    daemon.terminate()
    expect_equal(daemon.wait(20), 0, "exit code")
    expect_equal(scene.patchbay("status", "--json").report["lost_jobs"], [], "with its old name")



@scenario("a drop that is held when its job is renamed is told, and decided on under the old name alone")
def renamed_while_held(scene):
    records = export.customers(20)
    scene.start_twin(records)
    old = scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 1")).read_text()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    scene.drop("customers_2.csv", export.changed(records, {
        key: {"credit_limit": "7.5"} for key in list(records)[:3]}))
    scene.patchbay("sync", code=4)
    scene.config.write_text(old.replace("name: erp-customers", "name: other"))
    lost = scene.patchbay("status", "--json").report["lost_jobs"]
    expect_equal(lost, [{"name": "erp-customers", "pending": 0, "dead_letters": 0, "drops": 1}],
                 "what waits")
    error = scene.patchbay("approve", "customers_2.csv", "--json", code=64).report["error"]
    expect("erp-customers" in error["message"], error)
    scene.config.write_text(old)
    scene.patchbay("approve", "customers_2.csv")
    expect_equal(scene.patchbay("sync", "--json").report["totals"]["applied"], 3, "applied")


@scenario("discard means what is held, whatever failed under that name in another job")
def namesakes(scene):
    records = export.customers(20)
    scene.start_twin(records)
    other = scene.folder / "other-spool"
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 1") +
                    job("other", other, fields="      profile_id: {column: NAME1}\n"))
    scene.drop("customers_1.csv", records)
    scene.drop("customers_2.csv", b"nonsense", other)
    scene.patchbay("sync", code=None)
    scene.drop("customers_2.csv", export.changed(records, {
        key: {"credit_limit": "7.5"} for key in list(records)[:3]}))
    scene.patchbay("sync", code=None)
    scene.patchbay("discard", "customers_2.csv")
    scene.patchbay("sync", code=None)
    held = [one["held"] for one in scene.patchbay("status", "--json").report["jobs"]]
    expect_equal(held, [[], []], "held drops")


run()
