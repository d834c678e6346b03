#!/usr/bin/env python3
"""What an operator does beside the nights: looks before there is anything, asks for nonsense, says
stop twice, changes the configuration of a running service."""

import json
import signal

import export
from configuration import FIELDS, job
from play import expect, expect_equal, run, scenario


def names_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@scenario("looking and planning where there is no state yet make none")
def nothing_is_made(scene):
    scene.start_twin(export.customers(5))
    scene.configure()
    scene.drop("customers_1.csv", export.customers(5))
    before = names_in(scene.folder)
    for command in (("status",), ("status", "--json"), ("dead-letters", "list"), ("plan",),
                    ("plan", "--json", "--offline"), ("sync", "-n"), ("check",),
                    ("dead-letters", "retry", "--all")):
        scene.patchbay(*command)
    for command in (("report",), ("approve", "customers_1.csv"), ("discard", "x"),
                    ("sync", "customers_none.csv"), ("dead-letters", "drop", "C-1")):
        scene.patchbay(*command, code=66)
    expect_equal(names_in(scene.folder), before, "the files")


@scenario("plan --offline asks nobody and needs no secret: customers never seen are unresolved")
def offline(scene):
    twin = scene.start_twin(export.customers(5))
    scene.configure()
    scene.drop("customers_1.csv", export.customers(5))
    scene.secret_file.unlink()
    report = scene.patchbay("plan", "--offline", "--json").report
    expect_equal(report["planned"]["unresolved"], 5, "unresolved")
    expect_equal(twin.log(), [], "requests")


@scenario("plan --detailed-exitcode: 0 with nothing to send, 2 with changes")
def detailed(scene):
    records = export.customers(30)
    scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("plan", "--detailed-exitcode")
    scene.patchbay("sync")
    scene.drop("customers_2.csv", export.changed(records, {"C-000003": {"credit_limit": "1"}}))
    scene.patchbay("plan", "--detailed-exitcode", code=2)


@scenario("with --json every error that ends a command is an object on stdout")
def error_objects(scene):
    scene.start_twin(export.customers(3))
    scene.configure()
    for command, code, word in ((("sync", "--no-such-flag"), 64, "USAGE"),
                                (("sync", "--job", "nobody"), 64, "JOB_UNKNOWN"),
                                (("sync", "customers_none.csv"), 66, "DROP_MISSING"),
                                (("report", "nothing"), 66, "RUN_UNKNOWN"),
                                (("dead-letters", "show", "C-1"), 66, "DEAD_LETTER_UNKNOWN")):
        ended = scene.patchbay(*command, "--json", code=code)
        told = json.loads(ended.out)
        expect_equal(told["schema_version"], 1, "schema_version")
        expect_equal(told["error"]["code"], word, f"code of {command}")
        expect(ended.err.strip(), "text on stderr, too")
    scene.spool.rmdir()
    ended = scene.patchbay("plan", "--json", code=78)
    expect_equal(ended.report["error"]["code"], "FOLDER_MISSING", "code of a missing folder")


@scenario("the second signal leaves at once with 128 and its number")
def leaves_at_once(scene):
    before = export.customers(20)
    twin = scene.start_twin(before)
    scene.configure(sessions=2, request="60s")
    scene.drop("customers_1.csv", before)
    scene.patchbay("sync")
    twin.err("never-answer,method=PATCH")
    scene.drop("customers_2.csv", export.changed(before, {key: {"credit_limit": f"{n}.25"}
                                                          for n, key in enumerate(before)}))
    process = scene.launch("sync")
    scene.wait_until(lambda: len(twin.log("patch")) >= 2, "PATCHes in flight", 30, process)
    process.send_signal(signal.SIGTERM)
    scene.wait_until(lambda: "event=draining" in scene.output(process).err, "draining", 10, process)
    process.send_signal(signal.SIGTERM)
    expect_equal(process.wait(5), 128 + signal.SIGTERM, "exit code")


@scenario("a drop that a stopped run has claimed is named by status; the next run takes it in, or "
          "somebody puts it away before")
def claimed(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    secret = scene.secret_file.read_text()
    scene.secret_file.write_text("wrong\n")
    records = export.changed(records, {"C-000002": {"credit_limit": "1.25"}})
    scene.drop("customers_2.csv", {**records, **export.customers(25)})
    scene.patchbay("sync", code=77)
    job, = scene.patchbay("status", "--json").report["jobs"]
    expect_equal(job["claimed"], ["customers_2.csv"], "claimed: whom nobody knows cannot be asked for")
    scene.secret_file.write_text(secret)
    scene.patchbay("sync", code=None)
    job, = scene.patchbay("status", "--json").report["jobs"]
    expect_equal(job["claimed"], [], "claimed, when the next run has taken it in")
    twin.change({"id": export.id_of("C-000003"), "reference": "C-000003", "email": "else@x.it"})
    scene.secret_file.write_text("wrong\n")
    scene.patchbay("adopt", code=77)
    job, = scene.patchbay("status", "--json").report["jobs"]
    name, = job["claimed"]
    text = scene.patchbay("status").out
    expect(f"claimed       {name}" in text and "patchbay discard" in text, text)
    scene.patchbay("discard", name)
    scene.secret_file.write_text(secret)
    sent = len(twin.log("patch"))
    scene.patchbay("sync")
    expect_equal(len(twin.log("patch")) - sent, 0, "PATCHes: it was put away")
    job, = scene.patchbay("status", "--json").report["jobs"]
    expect_equal(job["claimed"], [], "claimed, then")
    expect_equal(twin.customers()["C-000003"]["email"], "else@x.it", "what somebody else wrote")


@scenario("a held drop: approved beside a running daemon it is sent, discarded it is put away")
def decided(scene):
    before = export.customers(100)
    twin = scene.start_twin(before)
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 20%"))
    scene.drop("customers_1.csv", before)
    scene.patchbay("sync")
    after = export.changed(before, {key: {"credit_limit": "0"} for key in list(before)[:21]})
    scene.drop("customers_2.csv", after)
    scene.patchbay("sync", code=4)
    held, = scene.patchbay("status", "--json").report["jobs"][0]["held"]
    expect_equal(held["drop"], "customers_2.csv", "the name that status shows")
    expect_equal([one["name"] for one in held["exceeded"]], ["changes"], "budgets exceeded")
    daemon = scene.launch("daemon")
    scene.wait_until(lambda: scene.patchbay("status", "--json").report["owner"], "an owner", 20,
                     daemon)
    said = scene.patchbay("approve", "customers_2.csv").out
    expect(str(daemon.pid) in said, f"who carries it out: {said}")
    scene.wait_until(lambda: not export.differences(after, twin.customers()), "it is sent", 20,
                     daemon)
    again = export.changed(after, {key: {"name": "Other"} for key in list(before)[:30]})
    scene.drop("customers_3.csv", again)
    scene.wait_until(lambda: scene.patchbay("status", "--json").report["jobs"][0]["held"],
                     "the next one is held", 20, daemon)
    scene.patchbay("discard", "customers_3.csv")
    scene.wait_until(lambda: not (scene.spool / "held" / "customers_3.csv").exists(),
                     "it is put away", 20, daemon)
    expect_equal(export.differences(after, twin.customers()), [], "nothing of it was sent")
    scene.patchbay("approve", "customers_3.csv", code=66)
    daemon.terminate()
    expect_equal(daemon.wait(10), 0, "exit code of the daemon")


@scenario("a held drop and dead letters: what is decided beside a running sync, that very run carries out")
def decided_beside_sync(scene):
    before = export.customers(100)
    twin = scene.start_twin(before, "--latency", "250ms-300ms")
    scene.configure(sessions=1, jobs=job("erp-customers", scene.spool, budgets="changes: 20%"))
    scene.drop("customers_1.csv", before)
    scene.patchbay("sync")
    keys = list(before)
    twin.err(f"refuse-value,field=email,customer={keys[0]},error=taken")
    refused = export.changed(before, {keys[0]: {"email": "taken@example.com"}})
    scene.drop("customers_1b.csv", refused)
    for _ in range(2):  # its next try is a day away
        scene.patchbay("sync", code=3)
    first = export.changed(refused, {key: {"credit_limit": "7"} for key in keys[1:20]})
    scene.drop("customers_2.csv", first)
    stopped = scene.launch("sync")
    scene.wait_until(lambda: len(twin.log("patch")) >= 5, "some PATCHes", 30, stopped)
    stopped.terminate()
    expect_equal(stopped.wait(20), 5, "the first run, told to stop")
    twin.heal()
    after = export.changed(first, {key: {"name": "Other"} for key in keys[20:50]})
    scene.drop("customers_3.csv", after)
    running = scene.launch("sync", "--json")
    scene.wait_until(lambda: scene.patchbay("status", "--json").report["jobs"][0]["held"],
                     "the next one is held", 20, running)
    said = scene.patchbay("approve", "customers_3.csv").out
    expect(str(running.pid) in said and "within a second" in said, f"who carries it out: {said}")
    scene.patchbay("dead-letters", "retry", "--all")
    expect_equal(running.wait(60), 0, "exit code of the run")
    expect_equal(export.differences(after, twin.customers()), [], "everything is sent")
    reports = [json.loads(line) for line in scene.output(running).out.splitlines()]
    told, = [one for one in reports if one["drop"] and one["drop"]["file"] == "customers_3.csv"]
    expect_equal((told["outcome"], told["totals"]["held"], told["totals"]["pending"]),
                 ("done", 0, 0), "what the run says")


@scenario("what is approved beside an adopt waits for its own run")
def decided_beside_adopt(scene):
    records = export.customers(40)
    twin = scene.start_twin(records, "--latency", "250ms-300ms")
    scene.configure(sessions=1, jobs=job("erp-customers", scene.spool, budgets="changes: 10"))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    for key in list(records)[:8]:
        theirs = dict(records[key], email=f"theirs.{key}@example.com")
        twin.change(json.loads(export.seed_lines({key: theirs})))
    other = export.changed(records, {key: {"name": f"Other {key}"} for key in records})
    scene.drop("customers_2.csv", other)
    scene.patchbay("sync", code=4)
    adopt = scene.launch("adopt", "--json")
    scene.wait_until(lambda: twin.log("patch"), "the first PATCH", 30, adopt)
    scene.patchbay("approve", "customers_2.csv")
    expect_equal(adopt.wait(60), 0, "exit code of the adopt")
    expect_equal(len(twin.log("patch")), 8, "PATCHes: the adopt's own")
    expect_equal(export.differences(records, twin.customers()), [], "nothing of the drop was sent")


@scenario("a dry run without a drop says what is pending from before")
def backlog(scene):
    before = export.customers(60)
    twin = scene.start_twin(before, "--latency", "40ms")
    scene.configure(sessions=1)
    scene.drop("customers_1.csv", before)
    scene.patchbay("sync")
    after = export.changed(before, {key: {"credit_limit": f"{n}.5"} for n, key in enumerate(before)})
    scene.drop("customers_2.csv", after)
    process = scene.launch("sync")
    scene.wait_until(lambda: len(twin.log("patch")) >= 5, "five PATCHes", 30, process)
    process.send_signal(signal.SIGTERM)
    expect_equal(process.wait(20), 5, "exit code")
    left = 60 - len(twin.log("patch"))
    dry = scene.patchbay("plan", "--json", "--detailed-exitcode", code=2).report
    expect_equal((dry["drop"], dry["carried"]["pending"]), (None, left), "drop, pending")
    expect_equal(dry["estimate"]["requests"], left, "PATCHes in the estimate")
    done = scene.patchbay("sync", "--json").report
    expect_equal(done["carried"]["applied"], left, "applied of the older drop")
    scene.patchbay("plan", "--detailed-exitcode")


@scenario("two held drops of one name are told apart by the names in held/")
def same_name(scene):
    before = export.customers(100)
    twin = scene.start_twin(before)
    scene.configure(jobs=job("erp-customers", scene.spool, mode="delta", budgets="changes: 20%"))
    scene.drop("customers_1.csv", before)
    scene.patchbay("sync")
    for number in (1, 2):
        edits = {key: {"name": f"Other {number} {key}"} for key in list(before)[:30]}
        scene.drop("customers_2.csv", export.changed(before, edits))
        scene.patchbay("sync", code=4)
    held = [one["drop"] for one in scene.patchbay("status", "--json").report["jobs"][0]["held"]]
    expect_equal(held, ["customers_2.csv", "customers_2-2.csv"], "held drops")
    scene.patchbay("discard", "customers_2-2.csv")
    scene.patchbay("approve", "customers_2.csv")
    scene.patchbay("sync")
    expect(twin.customers()["C-000001"]["metadata"]["name"].startswith("Other 1"), "the first counts")


@scenario("two jobs hold drops of one name: which one is meant has to be said, and the other stays held")
def whose_drop(scene):
    records = export.customers(40)
    twin = scene.start_twin(records)
    other = scene.folder / "other"
    other.mkdir()
    fields = FIELDS.splitlines(keepends=True)
    emails = [line for line in fields if line.strip().startswith("email")]
    rest = [line for line in fields if not line.strip().startswith("email")]
    scene.configure(jobs=job("erp-customers", scene.spool, fields="".join(rest), budgets="changes: 10%") +
                    job("addresses", other, fields="".join(emails), budgets="changes: 10%"))
    after = export.changed(records, {key: {"name": f"Other {key}", "email": f"other.{key.lower()}@example.com"}
                                     for key in list(records)[:20]})
    for folder in (scene.spool, other):
        scene.drop("customers_1.csv", records, folder)
    scene.patchbay("sync")
    for folder in (scene.spool, other):
        scene.drop("customers_2.csv", after, folder)
    scene.patchbay("sync", code=4)
    expect("approve customers_2.csv --job addresses" in scene.patchbay("status").out, "what status says")
    error = scene.patchbay("approve", "customers_2.csv", "--json", code=64).report["error"]
    expect_equal(error["code"], "JOB_AMBIGUOUS", "which one")
    scene.patchbay("approve", "customers_2.csv", "--job", "nobody", code=64)
    said = scene.patchbay("approve", "customers_2.csv", "--job", "addresses").out
    expect("addresses: customers_2.csv" in said, said)
    scene.patchbay("discard", "customers_2.csv", "--job", "erp-customers")
    scene.patchbay("sync")
    held = twin.customers()
    expect_equal([held[key]["email"] for key in records], [after[key]["email"] for key in records],
                 "the addresses")
    expect_equal([held[key]["metadata"]["name"] for key in records],
                 [records[key]["name"] for key in records], "what the other one said")


@scenario("a dead letter that is tried again in vain is rejected again: 3, and carried says so")
def refused_again(scene):
    before = export.customers(10)
    twin = scene.start_twin(before)
    scene.configure()
    scene.drop("customers_1.csv", before)
    scene.patchbay("sync")
    twin.err("refuse-value,field=email,customer=C-000007,error=taken")
    after = export.changed(before, {"C-000007": {"email": "taken@example.com"}})
    scene.drop("customers_2.csv", after)
    scene.patchbay("sync", code=3)
    scene.patchbay("dead-letters", "retry", "--all")
    report = scene.patchbay("sync", "--json", code=3).report
    expect_equal((report["outcome"], report["carried"]["in"], report["carried"]["rejected"]),
                 ("partial", 1, 1), "outcome and carried")


@scenario("SIGHUP: a bad configuration is refused and the old one stays, a good one counts")
def reloaded(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    good = scene.configure().read_text()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    daemon = scene.launch("daemon")
    scene.wait_until(lambda: "event=daemon_started" in scene.output(daemon).err, "start", 20, daemon)
    scene.config.write_text(good + "nonsense: 1\n")
    daemon.send_signal(signal.SIGHUP)
    scene.wait_until(lambda: "event=configuration_kept" in scene.output(daemon).err, "refusal", 10,
                     daemon)
    other = scene.folder / "other"
    other.mkdir()
    scene.config.write_text(good.replace(f"directory: {scene.spool}", f"directory: {other}"))
    daemon.send_signal(signal.SIGHUP)
    scene.wait_until(lambda: "event=configuration_taken" in scene.output(daemon).err, "the new configuration", 20, daemon)
    after = export.changed(records, {"C-000004": {"credit_limit": "44"}})
    scene.drop("customers_2.csv", after, other)
    scene.wait_until(lambda: not export.differences(after, twin.customers()),
                     "a drop in the new folder", 20, daemon)
    scene.patchbay("sync", code=11)
    daemon.terminate()
    expect_equal(daemon.wait(10), 0, "exit code of the daemon")


@scenario("SIGHUP: from the level debug back to info no customer is named any more; what cannot change "
          "while the service runs is refused")
def reloaded_log(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    debug = scene.configure(more="log: {level: debug}").read_text()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    daemon = scene.launch("daemon")
    heard = lambda word, times=1: scene.output(daemon).err.count(word) >= times
    scene.wait_until(lambda: heard("event=daemon_started"), "start", 20, daemon)
    scene.drop("customers_2.csv", export.changed(records, {"C-000004": {"credit_limit": "44"}}))
    scene.wait_until(lambda: heard("customer_key=C-000004"), "a customer, by name", 20, daemon)
    state = f"  path: {scene.state}"
    for times, (this, other) in enumerate((("level: debug", "level: debug, format: json"),
                                           (state, state + f"\n  key_file: {scene.folder}/k")), 1):
        scene.config.write_text(debug.replace(this, other))
        daemon.send_signal(signal.SIGHUP)
        scene.wait_until(lambda: heard("event=configuration_kept", times), other, 10, daemon)
    scene.config.write_text(debug.replace("level: debug", "level: info"))
    daemon.send_signal(signal.SIGHUP)
    scene.wait_until(lambda: heard("event=configuration_taken"), "the new level", 20, daemon)
    after = export.changed(records, {"C-000005": {"credit_limit": "44"}})
    scene.drop("customers_3.csv", after)
    scene.wait_until(lambda: not export.differences(after, twin.customers()), "applied", 20, daemon)
    daemon.terminate()
    expect_equal(daemon.wait(10), 0, "exit code of the daemon")
    expect("C-000005" not in scene.output(daemon).err, "a customer by name, at info")


@scenario("SIGHUP in the middle of a delivery: nothing is lost, nothing is sent twice")
def reloaded_in_the_middle(scene):
    records = export.customers(300)
    twin = scene.start_twin(records, "--latency", "10ms-30ms")
    scene.configure(sessions=2)
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    daemon = scene.launch("daemon")
    after = export.changed(records, {key: {"credit_limit": f"{n}.125"}
                                     for n, key in enumerate(records)})
    scene.drop("customers_2.csv", after)
    for sent in (30, 100, 170):
        scene.wait_until(lambda wanted=sent: len(twin.log("patch")) > wanted, f"{sent} PATCHes", 30,
                         daemon)
        daemon.send_signal(signal.SIGHUP)
    scene.wait_until(lambda: not export.differences(after, twin.customers()), "the rest", 60, daemon)
    expect_equal(scene.output(daemon).err.count("event=configuration_taken"), 3, "configurations")
    expect_equal(scene.output(daemon).err.count("event=daemon_started"), 1, "starts")
    daemon.terminate()
    expect_equal(daemon.wait(10), 0, "exit code of the daemon")
    expect_equal(len(twin.log("patch")), 300, "PATCHes")


run()
