#!/usr/bin/env python3
"""Several jobs under one daemon: side by side within the same windows, decided on while they run,
reconfigured while they run, and without their folder for a while."""

import signal
import time

import export
from configuration import job
from play import expect, expect_equal, run, scenario

LIMIT = "      metadata.credit_limit: {column: KLIMK, type: decimal}\n"
EMAIL = "      email: {column: EMAIL}\n"
FORTY_A_SECOND = """\
    average: {requests: 40, per: 1s}
    burst:   {requests: 40, per: 1s}
"""


def started(scene):
    daemon = scene.launch("daemon")
    scene.wait_until(lambda: "watching" in scene.output(daemon).err, "the start", 30, daemon)
    return daemon


def ended(scene, daemon):
    daemon.terminate()
    expect_equal(daemon.wait(30), 0, "exit code of the daemon")
    return scene.output(daemon).err


def mailed(records, first, count, word):
    keys = list(records)[first:first + count]
    return {key: {**records[key], "email": f"{word}.{key.lower()}@example.com"} for key in keys}


@scenario("while one job delivers, another ends runs with refused rows: the store is asked by one at a "
          "time")
def ends_beside(scene):
    records = export.customers(1500)
    scene.start_twin(records)
    one, other = scene.spool / "one", scene.spool / "other"
    scene.configure(jobs=job("one", one, "delta", fields=LIMIT, budgets="changes: 100%, rejects: 100%")
                    + job("other", other, "delta", fields=EMAIL, budgets="changes: 100%"))
    one.mkdir(parents=True)
    other.mkdir()
    daemon = started(scene)
    end, number = time.monotonic() + 8, 0
    while time.monotonic() < end and daemon.poll() is None:
        number += 1
        if not list(other.glob("*.csv")):
            scene.drop(f"customers_{number:05}.csv", mailed(records, 0, 1500, f"r{number}"), other)
        if not list(one.glob("*.csv")):
            wrong = {**records["C-000002"], "credit_limit": "nonsense"}
            right = {**records["C-000003"], "credit_limit": f"{number}.5"}
            scene.drop(f"customers_{number:05}.csv", {"C-000002": wrong, "C-000003": right}, one)
        time.sleep(0.01)
    expect("run_done" in ended(scene, daemon), "runs end")


@scenario("ten changes do not wait behind two thousand of another job, and what is approved "
          "meanwhile is sent meanwhile")
def side_by_side(scene):
    records = export.customers(2000)
    twin = scene.start_twin(records)
    long, short = scene.spool / "long", scene.spool / "short"
    for folder in (long, short):
        folder.mkdir()
    scene.configure(
        jobs=job("long", long, "delta", fields=LIMIT) +
        job("short", short, "delta", fields=EMAIL, budgets="changes: 20"),
        limits=FORTY_A_SECOND)
    daemon = started(scene)
    scene.drop("customers_1.csv", export.changed(records, {
        key: {"credit_limit": f"{n}.125"} for n, key in enumerate(records)}), long)
    scene.wait_until(lambda: len(twin.log("patch")) > 40, "the long delivery", 60, daemon)

    few = mailed(records, 0, 10, "few")
    scene.drop("customers_1.csv", few, short)
    scene.wait_until(lambda: not export.differences(few, arrived(twin, few)), "the short one", 30,
                     daemon)
    expect(len(twin.log("patch")) < 1000, "the long one is still on")

    many = mailed(records, 100, 30, "many")
    scene.drop("customers_2.csv", many, short)
    scene.wait_until(lambda: (short / "held" / "customers_2.csv").exists(), "held", 30, daemon)
    scene.patchbay("approve", "customers_2.csv")
    asked = time.monotonic()
    scene.wait_until(lambda: "approved by" in scene.output(daemon).err, "the answer", 30, daemon)
    expect(time.monotonic() - asked < 3, "it is answered at once")
    scene.wait_until(lambda: not export.differences(many, arrived(twin, many)), "approved", 30,
                     daemon)
    expect(len(twin.log("patch")) < 1800, "and the long one is still on")

    scene.wait_until(lambda: scene.patchbay("status", "--json").report["jobs"][1]["pending"] == 0,
                     "nothing of the short one is pending", 30, daemon)
    told = ended(scene, daemon)
    expect("429" not in told, "no window was overrun")


def arrived(twin, records):
    """The customers as the API has them, with what this job does not write taken from the file."""
    there = {}
    for key, held in twin.customers().items():
        if key not in records:
            continue
        theirs = {**held, "customer_group": records[key]["group"]}
        theirs["metadata"] = export.metadata(records[key])
        there[key] = theirs
    return there


@scenario("a configuration that is bad in any way is refused whole on SIGHUP, a good one is taken")
def reload(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    other = scene.folder / "other"
    other.mkdir()
    scene.configure(jobs=job("one", scene.spool, fields=LIMIT))
    good = scene.config.read_text()
    daemon = started(scene)
    junk = scene.folder / "junk"
    junk.write_text("this is no certificate, no key and no folder\n")
    junk.chmod(0o600)
    bad = {
        "no YAML": good + "\n  ]",
        "a key that is none": good.replace("api:\n", "api:\n  sesions: 3\n"),
        "a CA file without certificates": good.replace(str(twin.said["ca_file"]), str(junk)),
        "a key file that holds no key": good.replace("state:\n", f"state:\n  key_file: {junk}\n"),
        "a folder that is a file": good.replace(f"directory: {scene.spool}", f"directory: {junk}"),
        "reports where none can be made":
            good.replace("state:\n", f"report: {{directory: {junk}/reports}}\n\nstate:\n"),
        "another secret": good.replace(str(scene.secret_file), str(scene.folder / "nowhere")),
    }
    for number, (what, text) in enumerate(bad.items(), 1):
        expect(text != good, f"{what} differs")
        scene.config.write_text(text)
        daemon.send_signal(signal.SIGHUP)
        scene.wait_until(
            lambda: scene.output(daemon).err.count("the old configuration stays") == number, what,
            30, daemon)
    after = export.changed(records, {key: {"credit_limit": "7.5"} for key in list(records)[:5]})
    scene.drop("customers_1.csv", after)
    scene.wait_until(lambda: not export.differences(after, twin.customers()), "the old one works",
                     30, daemon)

    scene.config.write_text(good + job("two", other, "delta", fields=EMAIL))
    daemon.send_signal(signal.SIGHUP)
    scene.wait_until(lambda: "watching 2 job(s)" in scene.output(daemon).err, "the new one", 30,
                     daemon)
    few = mailed(records, 0, 3, "few")
    scene.drop("customers_1.csv", few, other)
    scene.wait_until(lambda: not export.differences(few, arrived(twin, few)), "the new job", 30,
                     daemon)
    ended(scene, daemon)


@scenario("a drop directory that goes away is told once, and works again when it is back")
def gone_and_back(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    scene.configure(jobs=job("one", scene.spool, fields=LIMIT))
    daemon = started(scene)
    scene.spool.rename(scene.folder / "elsewhere")
    scene.wait_until(lambda: "is not there" in scene.output(daemon).err, "gone", 30, daemon)
    scene.spool.mkdir()
    scene.wait_until(lambda: "is there again" in scene.output(daemon).err, "back", 30, daemon)
    after = export.changed(records, {key: {"credit_limit": "7.5"} for key in list(records)[:5]})
    scene.drop("customers_1.csv", after)
    scene.wait_until(lambda: not export.differences(after, twin.customers()), "the drop", 10, daemon)
    told = ended(scene, daemon)
    expect_equal(told.count("is not there"), 1, "told that it is gone")
    expect_equal(told.count("is there again"), 1, "told that it is back")



@scenario("two jobs write metadata of the same customers: what one of them is not answered for, and is applied "
          "late, takes back what the other had confirmed, and is found")
def late_over_another(scene):
    records = export.customers(6)
    twin = scene.start_twin(records)
    crm = scene.folder / "crm"
    crm.mkdir()
    phone = job("crm", crm, mode="delta", fields="      metadata.phone: {column: PHONE}\n",
                source='pattern: "crm_*.csv"')
    scene.configure(jobs=job("erp-customers", scene.spool) + phone, request="1s", give_up="20s")

    def phones(number):
        rows = "".join(f"{key};+{number}{key}\r\n" for key in records)
        scene.drop(f"crm_{number}.csv", f"KUNNR;PHONE\r\n{rows}".encode(), crm)

    scene.drop("customers_1.csv", records)
    phones(1)
    scene.patchbay("sync")
    daemon = scene.launch("daemon")
    scene.wait_until(lambda: "daemon_started" in scene.output(daemon).err, "start", 20, daemon)
    twin.err("apply-late,delay=1600ms,times=6,method=PATCH")
    scene.drop("customers_2.csv", export.changed(records, {
        key: {"credit_limit": f"7.5{n}"} for n, key in enumerate(records)}))
    scene.wait_until(lambda: "no complete reply" in scene.output(daemon).err, "the silence", 20, daemon)
    phones(2)
    for file in ("crm_2.csv", "customers_2.csv"):
        scene.wait_until(lambda: f"{file}: done" in scene.output(daemon).err, file, 60, daemon)
    told = {key: one["metadata"]["phone"] for key, one in twin.customers().items()}
    expect_equal(told, {key: f"+2{key}" for key in records}, "phones")
    daemon.terminate()
    expect_equal(daemon.wait(20), 0, "exit code")



@scenario("a held drop is decided on within a second while its own job looks up customers for minutes")
def decided_meanwhile(scene):
    records = export.customers(300)
    scene.start_twin(records)
    first = dict(list(records.items())[:40])
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 10, absent: 100%"),
                    limits="    average: {requests: 100000, per: 60s}\n"
                           "    burst: {requests: 1, per: 1s}\n")
    scene.drop("customers_1.csv", first)
    scene.patchbay("sync")
    daemon = scene.launch("daemon")
    scene.wait_until(lambda: "daemon_started" in scene.output(daemon).err, "start", 20, daemon)
    scene.drop("customers_2.csv", export.changed(first, {
        key: {"credit_limit": "7.5"} for key in list(first)[:20]}))
    scene.wait_until(lambda: (scene.spool / "held" / "customers_2.csv").exists(), "held", 20, daemon)
    scene.drop("customers_3.csv", records)
    scene.wait_until(lambda: "claimed customers_3" in scene.output(daemon).err, "claimed", 20, daemon)
    scene.patchbay("discard", "customers_2.csv")
    scene.wait_until(lambda: "event=request_done" in scene.output(daemon).err, "the decision", 3, daemon)
    expect("drop_admitted" not in scene.output(daemon).err, "it is still looking")
    daemon.terminate()
    expect_equal(daemon.wait(20), 0, "exit code")


run()
