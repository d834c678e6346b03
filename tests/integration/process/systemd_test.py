#!/usr/bin/env python3
"""What systemd hears of a real daemon: ready, a live status, reload, a stop that may take longer,
and a watchdog that is fed while there is progress, and not while a thread hangs."""

import re
import signal
import time

import export
from configuration import job
from notices import SECOND, Notices, service
from play import expect, expect_equal, run, scenario
from threads import Stopped

ZONE = "    timezone: Europe/Rome\n"


def edited(records, number):
    return export.changed(records, {key: {"credit_limit": f"{n}.{number:03}"}
                                    for n, key in enumerate(records)})


def started(scene, notices, **environment):
    daemon = scene.launch("daemon", environment=service(scene, notices, **environment))
    scene.wait_until(lambda: notices.seen("READY=1"), "READY=1", 30, daemon)
    return daemon


@scenario("the status says what the service waits for, how far a run is and when it is done, in the "
          "job's zone; a reload is told from beginning to end, a refused one too")
def status(scene):
    records = export.customers(200)
    twin = scene.start_twin(records)
    night = job("erp-customers", scene.spool)
    quarterly = job("crm", scene.folder / "crm", schedule="0 3 1 1 *",
                    fields="      metadata.crm: {column: NAME1}\n")
    (scene.folder / "crm").mkdir()
    scene.configure(jobs=night + ZONE + quarterly, sessions=1,
                    limits="    average: {requests: 1000, per: 1s}\n"
                           "    burst:   {requests: 10, per: 1s}\n")
    scene.drop("customers_0.csv", records)
    scene.patchbay("sync")
    notices = Notices(scene.folder)
    daemon = started(scene, notices)
    scene.wait_until(lambda: any(re.fullmatch(r"idle: waits for drops, next crm 20\d\d-01-01 03:00",
                                              one) for one in notices.statuses()),
                     "the idle status", 20, daemon)
    few = dict(list(records.items())[:40])
    scene.drop("customers_1.csv", {**records, **edited(few, 1)})
    far = re.compile(r"erp-customers: \d+ of 40, \d+(\.\d)?/s, done (\w\w\w )?\d\d:\d\d")
    scene.wait_until(lambda: any(far.fullmatch(one) for one in notices.statuses()),
                     "the live status", 30, daemon)
    scene.wait_until(lambda: notices.statuses()[-1].startswith("idle"), "idle again", 30, daemon)
    hour = next(one for one in notices.statuses() if far.fullmatch(one))[-5:]
    rome = time.strftime("%H:%M", time.gmtime(time.time() + 3600))
    expect(hour in {rome, *(time.strftime("%H:%M", time.gmtime(time.time() + 3600 + offset))
                            for offset in (-60, 60, 3600, 3540, 3660))}, f"{hour} is Rome's, {rome}")

    for change in ("", "no_such_key: 1\n"):
        before = notices.count("READY=1")
        scene.config.write_text(scene.config.read_text() + change)
        daemon.send_signal(signal.SIGHUP)
        scene.wait_until(lambda: notices.count("READY=1") > before, "READY=1", 30, daemon)
        told = [line for line in notices.lines if line.startswith(("RELOADING", "READY", "MONO"))]
        expect_equal([line.split("=")[0] for line in told[-3:]],
                     ["RELOADING", "MONOTONIC_USEC", "READY"], "of the reload")
        expect(0 <= time.monotonic() * SECOND - int(told[-2].split("=")[1]) < 60 * SECOND,
               "MONOTONIC_USEC is that clock")
    expect("configuration_kept" in scene.output(daemon).err, "the second was refused")
    daemon.terminate()
    expect_equal(daemon.wait(30), 0, "exit code")
    expect_equal(len(twin.log("patch")), 40, "PATCHes")


@scenario("a drain asks for time while what is in flight is answered slowly, and ends with 0")
def drain(scene):
    records = export.customers(30)
    twin = scene.start_twin(records)
    scene.configure(sessions=2, request="30s")
    scene.drop("customers_0.csv", records)
    scene.patchbay("sync")
    notices = Notices(scene.folder)
    daemon = started(scene, notices)
    twin.err("slow,method=PATCH,delay=7s")
    scene.drop("customers_1.csv", edited(records, 1))
    scene.wait_until(lambda: any("of 30" in one for one in notices.statuses()) or
                     scene.pending() == 30, "it is under way", 30, daemon)
    scene.wait_until(lambda: in_flight(scene) > 0, "requests are in flight", 30, daemon)
    daemon.terminate()
    expect_equal(daemon.wait(60), 0, "exit code")
    order = [line.split("=")[0] for line in notices.lines]
    after = order[order.index("STOPPING"):]
    expect(after.count("EXTEND_TIMEOUT_USEC") >= 2, f"asked for time again and again: {after}")
    expect_equal(order.count("STOPPING"), 1, "STOPPING=1")
    sent = twin.log("patch")
    expect(0 < len(sent) <= 4 and all(one.status == 200 for one in sent),
           f"what was in flight was finished, nothing else: {len(sent)}")


def in_flight(scene):
    windows = scene.patchbay("status", "--json").report["windows"]
    return max(one["used"] for one in windows if one["method"] == "PATCH")


@scenario("the watchdog is fed while the API is silent, not while the store's thread hangs, and "
          "again when it goes on")
def watchdog(scene):
    records = export.customers(40)
    twin = scene.start_twin(records)
    scene.configure(request="1s", give_up="1h", cap="200ms")
    scene.drop("customers_0.csv", records)
    scene.patchbay("sync")
    notices = Notices(scene.folder)
    daemon = started(scene, notices, watchdog_usec=SECOND // 2)

    def said(event):
        return f"event={event}" in scene.output(daemon).err

    # It has its token: what falls silent is the API.
    scene.drop("customers_1.csv", edited(records, 2))
    scene.wait_until(lambda: not export.differences(edited(records, 2), twin.customers()),
                     "applied", 60, daemon)
    twin.process.send_signal(signal.SIGSTOP)
    scene.drop("customers_2.csv", edited(records, 1))
    try:
        scene.wait_until(lambda: said("breaker_open"), "the API is silent", 60, daemon)
        fed = notices.count("WATCHDOG=1")
        # Longer than a thread may hang: 4 * 0.5 s are 8 meals.
        scene.wait_until(lambda: notices.count("WATCHDOG=1") > fed + 12, "fed all the same", 20, daemon)
    finally:
        twin.process.send_signal(signal.SIGCONT)
    after = edited(records, 1)
    scene.wait_until(lambda: not export.differences(after, twin.customers()), "applied", 60, daemon)
    scene.wait_until(lambda: said("breaker_closed"), "the API answers", 10, daemon)
    expect(not said("lane_stuck"), "no thread hung")

    with Stopped(daemon, "store"):
        scene.wait_until(lambda: said("lane_stuck"), "it is noticed", 30, daemon)
        begin = time.monotonic()
        scene.wait_until(lambda: time.monotonic() - begin > 1.5, "six meals are due", 5, daemon)
        fed = [when for when, line in notices.heard if line == "WATCHDOG=1" and when > begin + 0.1]
        expect_equal(fed, [], "meals while it hung")
    scene.wait_until(lambda: said("lane_answers"), "it goes on", 20, daemon)
    fed = notices.count("WATCHDOG=1")
    scene.wait_until(lambda: notices.count("WATCHDOG=1") > fed + 2, "fed again", 20, daemon)
    daemon.terminate()
    expect_equal(daemon.wait(30), 0, "exit code")


run()
