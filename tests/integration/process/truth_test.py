#!/usr/bin/env python3
"""The commands that tell the truth about one customer, and about all that was refused."""

import csv
import io
import json
import signal
import subprocess

import export
from configuration import job
from play import expect, expect_equal, run, scenario


def fields_of(told):
    return {field["name"]: field for field in told["fields"]}


@scenario("explain: settled, rejected and pending customers, each field with file, line, run, request")
def explained(scene):
    records = export.customers(10)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    twin.err("refuse-value,field=email,customer=C-000002,error=taken")
    after = export.changed(records, {"C-000001": {"credit_limit": "9.50"},
                                     "C-000002": {"email": "taken@example.com"}})
    scene.drop("customers_2.csv", after)
    done = scene.patchbay("sync", "--json", code=3).report
    lines = export.first_lines(after)

    told = scene.patchbay("explain", "C-000001", "--json").report
    expect_equal((told["key"], told["id"], told["state"]),
                 ("C-000001", export.id_of("C-000001"), "settled"), "who and how")
    limit = fields_of(told)["metadata.credit_limit"]
    expect_equal((limit["wanted"], limit["acknowledged"]), (9.5, 9.5), "both levels")
    expect_equal((limit["drop"], limit["line"], limit["run"]),
                 ("customers_2.csv", lines["C-000001"], done["run"]), "who wrote it")
    expect(limit["request_id"] and limit["at"].endswith("Z"), "request and moment")
    email = fields_of(told)["email"]
    expect_equal((email["drop"], email["run"]), (None, None), "only read, never written by us")

    told = scene.patchbay("explain", export.id_of("C-000002"), "--json").report
    email = fields_of(told)["email"]
    expect_equal(told["state"], "rejected", "state, asked for by id")
    expect_equal((email["wanted"], email["acknowledged"]),
                 ("taken@example.com", "buyer.2@example.com"), "the levels differ")
    expect_equal((email["drop"], email["line"]), ("customers_2.csv", lines["C-000002"]), "whose")
    text = scene.patchbay("explain", "C-000002").out
    expect("VALIDATION_ERROR" in text and "the ERP wants    taken@example.com" in text, text)
    error = scene.patchbay("explain", "C-9", "--json", code=66).report["error"]
    expect_equal(error["code"], "CUSTOMER_UNKNOWN", "an unknown customer")


@scenario("explain shows no sensitive value, and dead-letters export is a table that is safe to open")
def exported(scene):
    records = export.customers(5)
    twin = scene.start_twin(records)
    text = scene.configure().read_text()
    scene.config.write_text(text.replace("{column: NAME1}", "{column: NAME1, sensitive: true}"))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    told = scene.patchbay("explain", "C-000001", "--json").report
    expect_equal(fields_of(told)["metadata.name"]["acknowledged"], "***", "a sensitive value")
    twin.err("refuse-value,field=email,customer=C-000002,error=taken")
    scene.drop("customers_2.csv", export.changed(records, {"C-000002": {"email": "t@example.com"}}))
    scene.patchbay("sync", code=3)
    table = scene.folder / "letters.csv"
    scene.patchbay("dead-letters", "export", "-o", table)
    row, = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"), newline=""))
    expect_equal((row["key"], row["drop"], row["field"], row["code"]),
                 ("C-000002", "customers_2.csv", "email", "VALIDATION_ERROR"), "the row")
    expect_equal(scene.patchbay("dead-letters", "export").out.encode(), table.read_bytes(),
                 "stdout and file")


@scenario("verify: what others wrote since, and who is gone; pending changes are no drift, nothing "
          "is written")
def verified(scene):
    records = export.customers(120)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    told = scene.patchbay("verify", "--json").report
    expect_equal((told["checked"], told["in_sync"], told["drifted"], told["missing"]),
                 (120, 120, [], []), "in sync")
    others = dict(records["C-000004"], email="theirs@example.com")
    twin.change({"id": export.id_of("C-000004"), "reference": "C-000004",
                 "reference_origin": "SAP", "email": others["email"],
                 "customer_group": others["group"], "metadata": export.metadata(others)})
    before, gets = scene.tree_digest(scene.state / "reports"), len(twin.log("get"))
    told = scene.patchbay("verify", "--json").report
    expect_equal((told["checked"], told["in_sync"]), (120, 119), "one drifted")
    expect_equal(told["drifted"], [{
        "key": "C-000004", "id": export.id_of("C-000004"), "field": "email",
        "acknowledged": "buyer.4@example.com", "actual": "theirs@example.com"}], "which")
    expect_equal(len(twin.log("get")) - gets, 5, "GETs: 25 customers each")
    expect_equal(scene.tree_digest(scene.state / "reports"), before, "nothing written")
    expect_equal(twin.log("patch"), [], "PATCHes")
    scene.patchbay("verify", "--detailed-exitcode", code=2)
    text = scene.patchbay("verify").out
    expect("1 drifted" in text and "buyer.4@example.com → theirs@example.com" in text, text)
    part = scene.patchbay("verify", "--sample", "30%", "--json").report
    expect_equal(part["checked"], 36, "a sample of 120")
    one = scene.patchbay("verify", "--sample", "0.1%", "--json").report
    expect_equal(one["checked"], 1, "the smallest sample of 120")
    scene.patchbay("verify", "--sample", "lots", code=64)


def in_trouble(scene):
    """Two customers applied and one of them pending again, one rejected, one whose value was not
    taken, one whom the API no longer has, one refused by intake."""
    records = export.customers(30)
    twin = scene.start_twin({key: one for key, one in records.items() if key != "C-000030"})
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="rejects: 100%"), attempts=50,
                    base="100ms", cap="200ms")
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync", code=3)
    twin.err("refuse-value,field=email,customer=C-000002,error=taken",
             "not-applied,field=metadata.name,customer=C-000004")
    twin.ask("DELETE", "/twin/customers/" + export.id_of("C-000005"))
    second = export.changed(records, {
        "C-000001": {"email": "one@example.com"}, "C-000002": {"email": "taken@example.com"},
        "C-000004": {"name": "Four"}, "C-000005": {"credit_limit": "5.5"}})
    scene.drop("customers_2.csv", second)
    done = scene.patchbay("sync", "--json", "-v", code=3)
    twin.err("empty-503,method=PATCH,customer=C-000001")
    third = export.changed(second, {"C-000001": {"email": "uno@example.com"}})
    scene.drop("customers_3.csv", third)
    process = scene.launch("sync", "-v")
    scene.wait_until(lambda: scene.output(process).err.count("status 503") >= 2, "two 503", 30,
                     process)
    process.send_signal(signal.SIGTERM)
    expect_equal(process.wait(20), 5, "exit code")
    return twin, done, third, scene.output(process)


@scenario("woken at night: explain says why a field is rejected or pending, since when, and who wrote "
          "what the API has")
def woken(scene):
    _, second, third, stopped = in_trouble(scene)
    lines, run_2 = export.first_lines(third), second.report["run"]
    expect("did not take every value" in second.err and "warning: PATCH confirmed" not in second.err,
           second.err)
    expect("attempt=2" in stopped.err, "each attempt has its number")

    told = scene.patchbay("explain", "C-000002", "--json").report
    refusal, = told["refusals"]
    expect_equal((refusal["field"], refusal["code"], refusal["attempts"], refusal["drop"],
                  refusal["line"]),
                 ("email", "VALIDATION_ERROR", 2, "customers_3.csv", lines["C-000002"]), "why")
    expect(refusal["request_id"] and refusal["since"] < refusal["next_retry"], refusal)
    text = scene.patchbay("explain", "C-000002").out
    email = text[text.index("\nemail\n"):text.index("\ncustomer_group\n")]  # what is wrong comes first
    for words in ("taken@example.com", "email - has already been taken [VALIDATION_ERROR]",
                  refusal["request_id"], "tried 2 times, next try", "owed since"):
        expect(words in email, f"{words} stands with the field: {text}")

    told = scene.patchbay("explain", "C-000001", "--json").report
    email = fields_of(told)["email"]
    expect_equal((told["state"], email["drop"], email["run"], email["at"], email["in_doubt"]),
                 ("pending", "customers_3.csv", None, None, True), "what is owed")
    expect(email["pending_since"].endswith("Z"), email)
    by = email["acknowledged_by"]
    expect_equal((by["drop"], by["line"], by["run"]),
                 ("customers_2.csv", lines["C-000001"], run_2), "who wrote what the API has")
    expect(by["request_id"] and by["at"].endswith("Z"), by)
    text = scene.patchbay("explain", "C-000001").out
    expect("no definite answer" in text and "it is sent again" in text and run_2 in text, text)

    message = scene.patchbay("explain", "C-000030", "--json", code=66).report["error"]["message"]
    expect(f"customers_3.csv:{lines['C-000030']}" in message and "CUSTOMER_NOT_FOUND" in message,
           message)
    told = scene.patchbay("explain", "C-000005", "--json").report
    expect_equal([(one["drop"], one["code"]) for one in told["refused_rows"]],
                 [("customers_3.csv", "CUSTOMER_NOT_FOUND")], "what became of the newest row")


@scenario("verify: what is in doubt, or of a customer without an id, is unknown to us and not in sync")
def unknown(scene):
    twin, *_ = in_trouble(scene)
    told = scene.patchbay("verify", "--json").report
    expect_equal((told["checked"], told["in_sync"], told["drifted"], told["missing"]),
                 (29, 27, [], []), "what is known")
    expect_equal([(one["key"], one["id"], one["field"]) for one in told["unknown"]],
                 [("C-000001", export.id_of("C-000001"), "email"), ("C-000005", None, None)],
                 "what is not")
    text = scene.patchbay("verify").out
    expect("27 in sync, 0 drifted, 0 missing, 2 unknown" in text, text)
    twin.heal()
    report = scene.patchbay("sync", "--json").report
    expect_equal(report["carried"]["applied"], 1, "the rest")
    told = scene.patchbay("verify", "--json").report
    expect_equal([one["key"] for one in told["unknown"]], ["C-000005"], "unknown, afterwards")


@scenario("adopt forgets who is gone from the API: the ERP's next row of him is looked up by its key, "
          "also where he stands there anew under another id")
def gone(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    for key in ("C-000004", "C-000005"):
        twin.ask("DELETE", f"/twin/customers/{export.id_of(key)}")
    anew = json.loads(export.seed_lines({"C-000005": records["C-000005"]}))
    twin.change({**anew, "id": "anewanewan", "email": "old@example.com"})
    told = scene.patchbay("verify")
    expect("C-000004" in told.out and "looks its key up again" in told.out, told.out)
    refused = scene.patchbay("adopt", "--json", code=3).report["rejects"]
    expect_equal([(one["key"], one["code"]) for one in refused],
                 [("C-000004", "CUSTOMER_NOT_FOUND"), ("C-000005", "CUSTOMER_NOT_FOUND")], "gone")
    expect_equal(scene.patchbay("verify", "--json").report["missing"], [], "missing, then")
    scene.drop("customers_2.csv", records)
    report = scene.patchbay("sync", "--json", code=3).report
    expect_equal([one["key"] for one in report["rejects"]], ["C-000004"], "still nobody has that key")
    expect_equal((report["totals"]["applied"], report["totals"]["unchanged"]), (1, 18), "the others")
    expect_equal(twin.customers()["C-000005"]["email"], records["C-000005"]["email"], "he who is there anew")



@scenario("a state that cannot be written is looked at all the same: after a clean end, and after a kill")
def read_only(scene):
    records = export.customers(30)
    twin = scene.start_twin(records)
    scene.configure(sessions=1)
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    frozen = f"mount --bind {scene.state} {scene.state} && mount -o remount,ro,bind {scene.state}"

    def looking(*command):
        return subprocess.run(["unshare", "--mount", "sh", "-c", f'{frozen} && exec "$@"', "sh",
                               *scene.command(command)], capture_output=True, check=False,
                              env=scene.environment())

    if subprocess.run(["unshare", "--mount", "sh", "-c", frozen], check=False,
                      capture_output=True).returncode != 0:
        return  # nobody may mount here
    looks = (["status"], ["explain", "C-000002"], ["report"], ["dead-letters", "list"])
    for command in looks:
        done = looking(*command)
        expect_equal(done.returncode, 0, f"{command}: {done.stderr}")
        expect(b"state_read_only" in done.stderr, done.stderr)
    expect_equal(looking("approve", "customers_9.csv").returncode, 66, "no drop of that name")
    expect_equal(looking("sync").returncode, 74, "exit code of sync")
    twin.err("slow,method=PATCH,delay=400ms")
    scene.drop("customers_2.csv", export.changed(records, {
        key: {"credit_limit": "7.5"} for key in list(records)[:9]}))
    process = scene.launch("sync")
    scene.wait_until(lambda: len(twin.log("patch")) > 2, "some PATCHes", 30, process)
    process.kill()
    process.wait(20)
    for command in looks:
        expect_equal(looking(*command).returncode, 0, f"{command} after a kill")
    expect(b"pending" in looking("explain", "C-000009").stdout, "what waits")


run()
