#!/usr/bin/env python3
"""What the outputs tell an operator who did not write the program: every number and every sentence
is true, also in a state where changes are applied, refused, pending, held and overtaken."""

import json
import signal

import export
from configuration import job
from play import expect, expect_equal, run, scenario

TAKEN = "refuse-value,field=email,customer={},error=taken"


def one_line(text):
    return " ".join(text.split())


@scenario("with nothing to do, sync and plan name what waits for somebody: held drops, dead letters, "
          "refused rows")
def nothing_to_do(scene):
    records = export.customers(40)
    twin = scene.start_twin({key: one for key, one in records.items() if key != "C-000040"})
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 20%"))
    known = {key: one for key, one in records.items() if key != "C-000040"}
    scene.drop("customers_1.csv", known)
    scene.patchbay("sync")
    expect_equal(scene.patchbay("sync").out,
                 "Nothing was dropped and nothing is pending: in sync.\n", "in sync")
    twin.err(TAKEN.format("C-000003"))
    records["C-000003"]["email"] = "taken@example.com"
    scene.drop("customers_2.csv", records)
    scene.patchbay("sync", code=3)
    scene.drop("customers_3.csv", export.changed(records, {
        key: {"credit_limit": "0"} for key in list(records)[:15]}))
    scene.patchbay("sync", code=4)
    stands = ("1 drop is held (patchbay status), 1 customer has dead letters (patchbay dead-letters "
              "list), 1 row of customers_2.csv was refused "
              "(feedback/customers_2.csv.rejected.csv).")
    expect_equal(one_line(scene.patchbay("sync").out),
                 "Nothing was dropped and nothing is pending; " + stands, "sync")
    expect_equal(one_line(scene.patchbay("plan").out),
                 "Nothing is waiting to be picked up and nothing is pending; " + stands, "plan")
    scene.patchbay("approve", "customers_3.csv")
    expect("is not planned here: approve customers_3.csv." in one_line(scene.patchbay("plan").out),
           "a plan does not look past what was asked for")
    scene.patchbay("discard", "customers_3.csv")
    sent = len(twin.log("patch"))
    scene.patchbay("sync", code=None)
    expect_equal((len(twin.log("patch")), scene.patchbay("status", "--json").report["jobs"][0]["held"]),
                 (sent, []), "the last word counts")


def troubled(scene):
    """Nine changes of one drop: two customers refused (one for two fields), the rest stopped by a
    signal, with eight PATCHes in vain."""
    records = export.customers(30)
    twin = scene.start_twin(records)
    scene.configure(sessions=4, attempts=50, base="30s", cap="60s")
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    twin.err(TAKEN.format("C-000001"), "empty-503,method=PATCH,after=1")
    records = export.changed(records, {
        f"C-{n:06}": {"email": f"new.{n}@example.com", "credit_limit": f"{n}.5"}
        for n in range(1, 10)})
    scene.drop("customers_2.csv", records)
    process = scene.launch("sync", "--json")
    scene.wait_until(lambda: len(twin.log("patch")) >= 4, "PATCHes in vain", 30, process)
    process.send_signal(signal.SIGTERM)
    expect_equal(process.wait(30), 5, "exit code")
    return twin, records, json.loads(scene.output(process).out)


@scenario("a stopped run: a PATCH that was sent once is no repetition, what is left is estimated, and "
          "what the API does not have is no change made")
def stopped(scene):
    twin, _, report = troubled(scene)
    patches = twin.log("patch")
    again = len(patches) - len({one.customer_id for one in patches})
    expect_equal((report["requests"]["patch"], report["requests"]["retried"]),
                 (len(patches), again), "requests")
    totals = report["totals"]
    expect_equal(report["estimate"]["requests"], totals["pending"], "estimated")
    expect(report["estimate"]["finishes_at"] >= report["finished_at"], report["estimate"])
    refused = {one["key"] for one in report["rejects"]}
    expect_equal(len(refused), totals["rejected"], f"listed as refused: {report['rejects']}")
    states = {one["key"]: {field.get("state") for field in one["fields"].values()}
              for one in report["changes"]}
    expect_equal(states, {f"C-{n:06}": {"rejected" if f"C-{n:06}" in refused else "pending"}
                          for n in range(1, 10)}, "what became of the changes")
    text = scene.patchbay("report").out
    expect("finished by" not in text and f"Left: {totals['pending']} PATCHes" in text, text)
    expect(", pending  " in text, text)


@scenario("a run that only delivers older drops' changes lists them, counts a customer once, and has "
          "its share in the table of the runs")
def older(scene):
    twin, _, before = troubled(scene)
    twin.heal()
    twin.err(TAKEN.format("C-000001"), TAKEN.format("C-000002"))
    scene.days_pass()
    report = scene.patchbay("sync", "--json", code=3).report
    expect_equal(report["drop"], None, "no drop of its own")
    expect_equal(report["carried"], {"in": 9, "applied": 7, "rejected": 2, "superseded": 0,
                                     "pending": 0}, "nine customers")
    expect_equal(sorted(one["key"] for one in report["changes"]),
                 [f"C-{n:06}" for n in range(3, 10)], "who was changed")
    expect_equal(report["changes"][0]["fields"]["email"],
                 {"from": "buyer.3@example.com", "to": "new.3@example.com"}, "from what to what")
    text = scene.patchbay("report").out
    expect("0 customers changed" not in text, text)
    row, = (line for line in text.splitlines() if "this run" in line)
    expect_equal(row.split()[-6:-4], ["7", "2"], f"applied and rejected: {row}")
    expect("new.3@example.com" in text, text)


@scenario("a snapshot with the old value again takes a waiting change back: no change from a value to "
          "the same")
def taken_back(scene):
    _, records, _ = troubled(scene)
    records["C-000005"]["email"] = "buyer.5@example.com"
    scene.drop("customers_3.csv", records)
    changes = scene.patchbay("plan", "--json").report["changes"]
    pairs = [(field["from"], field["to"]) for one in changes for field in one["fields"].values()
             if "from" in field]
    expect(all(old != new for old, new in pairs), f"{changes}")


@scenario("offline, who is not known is not looked up, and not called missing")
def offline(scene):
    records = export.customers(4)
    scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    text = scene.patchbay("plan", "--offline").out
    expect("4 customers not looked up" in text and "not found" not in text, text)
    told = scene.patchbay("plan", "--offline", "--json").report["planned"]
    expect_equal((told["unresolved"], told["not_looked_up"]), (4, 4), "planned")


@scenario("status: what waits and since when, why the last run stopped, what was asked for, and what "
          "lies in the folder")
def standing(scene):
    _, records, _ = troubled(scene)
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 20%"))
    scene.drop("customers_3.csv", export.changed(records, {
        f"C-{n:06}": {"credit_limit": "0"} for n in range(10, 30)}))
    text = scene.patchbay("status").out
    expect("dropped       customers_3.csv   not taken in yet" in text, text)
    expect("the oldest since 20" in text and "of customers_2.csv 8" in text, text)
    expect("the last run stopped: stopped by a signal" in one_line(text), text)
    scene.twin.heal()
    scene.twin.err(TAKEN.format("C-000001"))
    scene.patchbay("sync", code=4)
    scene.patchbay("approve", "customers_3.csv")
    scene.patchbay("dead-letters", "retry", "C-000001")
    text = scene.patchbay("status").out
    expect("HELD  customers_3.csv" in text and "asked for, not carried out yet" in text, text)
    expect("approve customers_3.csv" in text and "retry the dead letters of C-000001" in text, text)
    told = scene.patchbay("status", "--json").report
    expect_equal([(one["what"], one["subject"]) for one in told["asked"]],
                 [("approve", "customers_3.csv"), ("retry", None)], "what was asked for")


@scenario("status names the run that was killed, until the next one has told what became of it")
def cut_off(scene):
    records = export.customers(60)
    twin = scene.start_twin(records, "--latency", "40ms-60ms")
    scene.configure(sessions=1)
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    scene.drop("customers_2.csv", export.changed(records, {key: {"credit_limit": f"{n}.25"}
                                                           for n, key in enumerate(records)}))
    process = scene.launch("sync")
    scene.wait_until(lambda: len(twin.log("patch")) > 10, "PATCHes", 30, process)
    runs = scene.patchbay("status", "--json").report["runs"]
    expect("cut off" not in [one["outcome"] for one in runs], f"while it goes on: {runs}")
    process.kill()
    process.wait(10)
    last = scene.patchbay("status", "--json").report["runs"][0]
    expect_equal((last["outcome"], last["job"], last["started_at"]), ("cut off", "erp-customers", None),
                 "the last run")
    expect(f"cut off  {last['run']}" in scene.patchbay("status").out, "the text")
    scene.patchbay("sync")
    runs = scene.patchbay("status", "--json").report["runs"]
    expect("cut off" not in [one["outcome"] for one in runs], f"after the next one: {runs}")


@scenario("a file that is not there is missing, whichever of the jobs it would be of")
def missing(scene):
    scene.start_twin(export.customers(3))
    scene.configure(jobs=job("erp-customers", scene.spool) + job(
        "erp-other", scene.folder / "other", fields="      shopper_reference: {column: X}\n"))
    for command in ("plan", "sync", "rehearse"):
        error = scene.patchbay(command, "nope.csv", "--json", code=66).report["error"]
        expect_equal(error["code"], "DROP_MISSING", command)


@scenario("rehearse claims nothing of a group that may not exist, of customers who are gone, or of a "
          "first night")
def not_claimed(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    scene.configure()
    drop = scene.drop("customers_1.csv", export.changed(records, {
        f"C-{n:06}": {"credit_limit": "7.5"} for n in (1, 2, 3)}))
    said = scene.patchbay("rehearse", drop).out
    expect("what would be sent is not known" in said and "nothing would be sent" not in said, said)
    scene.patchbay("sync")
    twin.ask("DELETE", "/twin/customers/" + export.id_of("C-000004"))
    records = export.changed(records, {"C-000004": {"credit_limit": "7.5"}})
    scene.drop("customers_2.csv", records)
    scene.patchbay("sync", code=3)
    records = export.changed(records, {"C-000004": {"credit_limit": "8.5"},
                                       "C-000005": {"group": "PLATINUM"},
                                       "C-000006": {"group": "GOLD"}})
    drop = scene.drop("customers_3.csv", records)
    told = scene.patchbay("rehearse", drop, "--json").report
    expect("never seen" not in told["reason"] and "1 customer is known, but not at the API" in
           told["reason"] and "1 customer is to get the group PLATINUM" in told["reason"],
           told["reason"])
    expect_equal((told["totals"]["applied"], told["totals"]["pending"]), (1, 2),
                 "the one of whom all is known")
    said = one_line(scene.patchbay("rehearse", drop).out)
    expect("everything would be applied" not in said and "GROUP_NOT_FOUND" in said, said)


@scenario("a log in JSON is JSON to its last line: a night that ends with an error, a configuration "
          "that cannot be used")
def json_to_the_end(scene):
    def said(*arguments, code):
        ended = scene.patchbay(*arguments, "--log-format", "json", code=code)
        lines = [json.loads(line) for line in ended.err.splitlines()]
        expect_equal((lines[-1]["level"], lines[-1]["event"]), ("error", "command_failed"), "the end")
        return lines

    records = export.customers(3)
    scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.secret_file.write_text("wrong")
    end = said("sync", code=77)[-1]
    expect_equal(end["fields"]["code"], "TOKEN_REFUSED", "the code")
    scene.config.write_text(scene.config.read_text() + "\nnonsense: 1\nrubbish: 2\n")
    told = [line["message"] for line in said("sync", code=78)]
    expect(len(told) == 2 and "nonsense" in told[0] and "rubbish" in told[1], told)
    expect(told[0].startswith(f"{scene.config}:"), told[0])


run()
