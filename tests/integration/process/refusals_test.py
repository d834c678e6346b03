#!/usr/bin/env python3
"""Rows that the API refuses, drops that are malformed, a state that is taken: said clearly, and
nothing else suffers."""

import export
from play import expect, expect_equal, run, scenario


@scenario("a 422 on one row: the others are applied, exit 3, the dead letter says where and why; "
          "corrected in the next drop it is applied and the dead letter is gone")
def refused_row(scene):
    before = export.customers(60)
    twin = scene.start_twin(before)
    scene.configure()
    scene.drop("customers_1.csv", before)
    scene.patchbay("sync", "--json")
    taken = before["C-000002"]["email"]
    edits = {key: {"credit_limit": "5.5"} for key in list(before)[10:20]}
    bad = export.changed(before, {**edits, "C-000030": {"email": taken}})
    scene.drop("customers_2.csv", bad)
    report = scene.patchbay("sync", "--json", code=3).report
    expect_equal(report["outcome"], "partial", "outcome")
    expect_equal(report["totals"]["applied"], 10, "applied")
    expect_equal(report["totals"]["rejected"], 1, "rejected")
    expect_equal(export.differences({**bad, "C-000030": before["C-000030"]},
                                    twin.customers())[:3], [], "the API's customers")
    letter, = scene.dead_letters()
    answer = [one for one in twin.log("patch") if one.status == 422][-1]
    wanted = {"key": "C-000030", "id": export.id_of("C-000030"), "job": "erp-customers",
              "drop": "customers_2.csv", "line": export.first_lines(bad)["C-000030"],
              "column": "EMAIL", "field": "email", "code": "VALIDATION_ERROR"}
    expect_equal({name: letter.get(name) for name in wanted}, wanted, "the dead letter")
    expect("has already been taken" in letter["message"], f"its message: {letter['message']}")
    expect(letter["request_id"], "the dead letter names the request id of the API")
    expect_equal(report["rejects"][0]["request_id"], letter["request_id"], "reported request id")
    expect(answer.customer_id == export.id_of("C-000030"), "the refused request is that customer's")

    shown = scene.patchbay("dead-letters", "show", "C-000030").out
    for word in ("customers_2.csv", "EMAIL", "has already been taken", letter["request_id"]):
        expect(word in shown, f"`dead-letters show` says {word}: {shown}")
    scene.drop("customers_3.csv", export.changed(bad, {"C-000030": {"email": "own@example.com"}}))
    healed = scene.patchbay("sync", "--json").report
    expect_equal(healed["totals"]["applied"], 1, "applied after the correction")
    expect_equal(scene.dead_letters(), [], "dead letters after the correction")
    expect_equal(twin.customers()["C-000030"]["email"], "own@example.com", "the API's e-mail")


@scenario("rows that cannot be read are rejected with line and column, the rest goes on")
def unreadable_rows(scene):
    records = export.customers(30)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync", "--json")
    after = export.changed(records, {"C-000003": {"credit_limit": "9.75"}})
    lines = export.drop_bytes(after).split(b"\r\n")
    at = [number for number, line in enumerate(lines) if line.startswith(b'"C-000010"')][0]
    lines[at] = lines[at].replace(b"1010,10", b"much")
    begins = [1 + sum(1 + line.count(b"\n") for line in lines[:number])
              for number in range(len(lines))]
    text = b"\r\n".join(lines) + b'"C-000099";"too few"\r\n'
    scene.drop("customers_2.csv", text)
    report = scene.patchbay("sync", "--json", code=3).report
    expect_equal(report["totals"]["rejected"], 2, "rejected")
    expect_equal(report["totals"]["applied"], 1, "applied")
    by_key = {one["key"]: one for one in report["rejects"]}
    expect_equal(by_key["C-000010"]["column"], "KLIMK", "column of the bad number")
    expect_equal(by_key["C-000010"]["line"], begins[at], "line of the bad number")
    ragged = [one for one in report["rejects"] if one["key"] != "C-000010"][0]
    expect_equal(ragged["line"], begins[-1], "line of the row with too few cells")
    expect_equal(twin.customers()["C-000003"]["metadata"]["credit_limit"], 9.75, "the good row")


@scenario("a record that stays locked is put off and read: applied all the same it is settled, and a dead "
          "letter that is dropped ends it")
def stays_locked(scene):
    records = export.customers(10)
    twin = scene.start_twin(records)
    scene.configure(attempts=3, base="10ms", cap="20ms", request="2s")
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    twin.err("apply-late,method=PATCH,customer=C-000001,times=1,delay=0ms",
             "locked-423,method=PATCH,customer=C-000001,after=1",
             "locked-423,method=PATCH,customer=C-000002")
    after = export.changed(records, {"C-000001": {"credit_limit": "1.25"},
                                     "C-000002": {"credit_limit": "2.25"}})
    scene.drop("customers_2.csv", after)
    scene.patchbay("sync", code=3)
    expect_equal([one["key"] for one in scene.dead_letters()], ["C-000002"], "dead letters")
    expect_equal(twin.customers()["C-000001"]["metadata"]["credit_limit"], 1.25, "applied, late")
    scene.patchbay("dead-letters", "drop", "C-000002")
    sent = len(twin.log("patch"))
    scene.patchbay("sync")
    expect_equal((scene.dead_letters(), len(twin.log("patch")) - sent), ([], 0), "then")
    expect_equal(scene.patchbay("explain", "C-000002", "--json").report["state"], "settled", "state")


@scenario("a customer that the API does not have, or has twice, is rejected; nobody is created")
def unresolved(scene):
    records = export.customers(10)
    twin = scene.start_twin({key: one for key, one in records.items() if key != "C-000004"})
    twin.change({"id": "zzzzzzzzzz", "reference": "C-000005", "email": "twice@example.com"})
    scene.configure()
    scene.drop("customers_1.csv", records)
    report = scene.patchbay("sync", "--json", code=3).report
    expect_equal(sorted(one["key"] for one in report["rejects"]), ["C-000004", "C-000005"],
                 "rejected keys")
    expect_equal(report["totals"]["unchanged"], 8, "unchanged")
    expect_equal(twin.log("patch"), [], "PATCHes")


@scenario("a drop without a mapped column is malformed: 65, put into failed/, nothing is sent")
def malformed(scene):
    records = export.customers(5)
    twin = scene.start_twin(records)
    scene.configure()
    for number, columns in enumerate((["KUNNR", "NAME1", "MAIL", *export.COLUMNS[3:]],
                                      ["KUNNR", "NAME1", "EMAIL", "EMAIL", *export.COLUMNS[4:]])):
        name = f"customers_{number}.csv"
        path = scene.drop(name, export.drop_bytes(records, columns))
        ended = scene.patchbay("sync", "--json", code=65)
        expect_equal(ended.report["outcome"], "failed", "outcome")
        expect("error" in ended.report, "the report carries the error")
        expect("EMAIL" in ended.err or "EMAIL" in ended.out, f"the column is named: {ended.err}")
        expect(not path.exists(), "the drop has left the spool")
        expect((scene.spool / "failed" / name).exists(), f"failed/{name} exists")
    expect_equal([one for one in twin.log() if one.kind != "token"], [], "requests")


@scenario("a token that is revoked before its first use is fetched once more; where the next is "
          "refused as well, the run ends with 77 and all stays pending")
def revoked_at_once(scene):
    before = export.customers(30)
    twin = scene.start_twin(before)
    scene.configure()
    scene.drop("customers_1.csv", before)
    twin.err("revoke-token,method=GET,times=1")
    scene.patchbay("sync", "--json")
    expect_equal(len([one for one in twin.log() if one.kind == "token"]), 2, "token requests")
    scene.drop("customers_2.csv", export.changed(before, {"C-000003": {"credit_limit": "9.75"}}))
    twin.err("revoke-token,method=PATCH,times=1")
    scene.patchbay("sync", "--json")
    after = export.changed(before, {"C-000003": {"credit_limit": "8.25"}})
    scene.drop("customers_3.csv", after)
    twin.err("revoke-token,method=PATCH")
    ended = scene.patchbay("sync", "--json", code=77)
    expect_equal(ended.report["totals"]["pending"], 1, "pending")
    twin.heal()
    scene.patchbay("sync")
    expect_equal(export.differences(after, twin.customers())[:3], [], "the API's customers")


@scenario("a missing drop is 66, an unknown job or flag is 64")
def usage(scene):
    scene.start_twin(export.customers(3))
    scene.configure()
    scene.patchbay("sync", str(scene.spool / "customers_none.csv"), code=66)
    scene.patchbay("plan", str(scene.spool / "customers_none.csv"), code=66)
    scene.patchbay("sync", "--job", "nobody", code=64)
    scene.patchbay("sync", "--no-such-flag", code=64)
    scene.patchbay("dead-letters", "polish", code=64)
    scene.patchbay("report", "no-such-run", code=66)


@scenario("one owner a state: a second sync exits with 11; readers and a dry run go beside it")
def locked(scene):
    before = export.customers(200)
    twin = scene.start_twin(before, "--latency", "40ms-60ms")
    scene.configure(sessions=1)
    scene.drop("customers_1.csv", before)
    scene.patchbay("sync", "--json")
    scene.drop("customers_2.csv", export.changed(before, {key: {"credit_limit": f"{n}.75"}
                                                          for n, key in enumerate(before)}))
    owner = scene.launch("sync", "--json")
    scene.wait_until(lambda: twin.log("patch"), "the first PATCH", 30, owner)
    second = scene.patchbay("sync", code=11)
    expect(str(owner.pid) in second.err, f"the message names the owner: {second.err}")
    status = scene.patchbay("status", "--json").report
    expect_equal(status["owner"]["pid"], owner.pid, "the owner that status shows")
    other = scene.folder / "elsewhere"
    beside = scene.drop("customers_9.csv", before, other)
    scene.patchbay("plan", "--job", "erp-customers", str(beside), "--json")
    expect_equal(owner.wait(60), 0, "exit code of the owner")


@scenario("a budget that is exceeded holds the drop: 4, nothing is sent, the dry run said so")
def held(scene):
    before = export.customers(100)
    twin = scene.start_twin(before)
    from configuration import job
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 20%"))
    scene.drop("customers_1.csv", before)
    scene.patchbay("sync", "--json")
    seen = len(twin.log("patch"))
    after = export.changed(before, {key: {"credit_limit": "0"} for key in list(before)[:21]})
    scene.drop("customers_2.csv", after)
    plan = scene.patchbay("plan", "--json").report
    expect_equal(plan["outcome"], "held", "outcome of the dry run")
    expect_equal(plan["totals"]["held"], 21, "held rows of the dry run")
    ended = scene.patchbay("sync", "--json", code=4)
    expect_equal(ended.report["totals"]["held"], 21, "held rows")
    expect_equal(len(twin.log("patch")), seen, "PATCHes")
    expect((scene.spool / "held" / "customers_2.csv").exists(), "the drop lies in held/")


@scenario("a dead letter is tried again when someone says so, and dropped when someone says so")
def operated(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync", "--json")
    for key in ("C-000007", "C-000008"):
        twin.err(f"refuse-value,customer={key},field=email,times=1")
    after = export.changed(records, {"C-000007": {"email": "seven@example.com"},
                                     "C-000008": {"email": "eight@example.com"}})
    scene.drop("customers_2.csv", after)
    scene.patchbay("sync", "--json", code=3)
    expect_equal(sorted(one["key"] for one in scene.dead_letters()), ["C-000007", "C-000008"],
                 "dead letters")
    scene.patchbay("dead-letters", "retry", "C-000007")
    scene.patchbay("dead-letters", "drop", "C-000008")
    scene.patchbay("sync", "--json", code=None)
    expect_equal(scene.dead_letters(), [], "dead letters after retry and drop")
    state = twin.customers()
    expect_equal(state["C-000007"]["email"], "seven@example.com", "the one that was retried")
    expect_equal(state["C-000008"]["email"], records["C-000008"]["email"], "the one dropped")


run()
