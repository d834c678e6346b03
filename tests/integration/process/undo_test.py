#!/usr/bin/env python3
"""What an operator undoes: what others wrote at the API (adopt), and what a run wrote (revert)."""

import csv
import json

import export
from configuration import FIELDS, job
from play import expect, expect_equal, run, scenario


def someone_writes(twin, records, key, **fields):
    """Another program changes a customer at the API."""
    twin.change(json.loads(export.seed_lines({key: dict(records[key], **fields)})))


def changes_of(report):
    return {one["key"]: one["fields"] for one in report["changes"]}


def emails_of(records):
    return {key: one["email"] for key, one in records.items()}


def emails(twin):
    return {key: one["email"] for key, one in twin.customers().items()}


@scenario("adopt: what others wrote is planned, sent back to what the ERP says, and then in sync")
def adopted(scene):
    records = export.customers(60)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    someone_writes(twin, records, "C-000004", email="theirs@example.com")
    someone_writes(twin, records, "C-000005", credit_limit="1.00")
    before = scene.tree_digest()
    planned = scene.patchbay("adopt", "-n", "--json").report
    expect_equal(changes_of(planned), {
        "C-000004": {"email": {"from": "theirs@example.com", "to": "buyer.4@example.com"}},
        "C-000005": {"metadata.credit_limit": {"from": 1, "to": 1005.05}}}, "the plan")
    expect_equal((planned["dry_run"], planned["totals"]["pending"], planned["totals"]["read"]),
                 (True, 2, 60), "the dry run")
    expect_equal((twin.log("patch"), scene.tree_digest()), ([], before), "nothing was written")

    done = scene.patchbay("adopt", "--json").report
    expect_equal((done["outcome"], done["totals"]["applied"], done["totals"]["unchanged"]),
                 ("done", 2, 58), "the run")
    expect_equal(len(twin.log("patch")), 2, "PATCHes")
    expect_equal(emails(twin)["C-000004"], "buyer.4@example.com", "the ERP's value is back")
    told = scene.patchbay("verify", "--json").report
    expect_equal((told["in_sync"], told["drifted"]), (60, []), "nothing drifted any more")
    expect_equal(scene.patchbay("adopt", "--json").report["totals"]["unchanged"], 60, "again")
    scene.drop("customers_2.csv", records)
    expect_equal(scene.patchbay("sync", "--json").report["totals"]["unchanged"], 60, "the ERP again")
    expect_equal(len(twin.log("patch")), 2, "PATCHes, in the end")
    expect(not list((scene.folder / "drops").glob("feedback/adopt*")), "nobody delivered it")


@scenario("adopt of a shop that somebody rewrote is held, and sent once it is approved")
def rewritten(scene):
    records = export.customers(60)
    twin = scene.start_twin(records)
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 20%"))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    for n in range(1, 31):
        someone_writes(twin, records, f"C-{n:06}", email=f"theirs.{n}@example.com")
    held = scene.patchbay("adopt", "--json", code=4).report
    expect_equal((held["outcome"], held["totals"]["held"]), ("held", 30), "held")
    expect_equal(twin.log("patch"), [], "PATCHes while it is held")
    told = scene.patchbay("verify", "--json").report
    expect_equal(len(told["drifted"]), 30, "a held adopt takes nothing for acknowledged")
    drop = scene.patchbay("status", "--json").report["jobs"][0]["held"][0]["drop"]
    scene.patchbay("approve", drop)
    done = scene.patchbay("sync", "--json").report
    expect_equal((done["drop"]["file"], done["totals"]["applied"]), (drop, 30), "once approved")
    expect_equal(emails(twin)["C-000030"], "buyer.30@example.com", "the ERP's value is back")


@scenario("revert: the values before a run are back, what changed since is left and listed, and the "
          "ERP's values are waived until it says something new")
def reverted(scene):
    records = export.customers(60)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    wrong = export.changed(records, {"C-000001": {"credit_limit": "9.50"},
                                     "C-000002": {"email": "wrong@example.com"},
                                     "C-000003": {"name": "Wrong"}})
    scene.drop("customers_2.csv", wrong)
    bad = scene.patchbay("sync", "--json").report["run"]
    after = export.changed(wrong, {"C-000003": {"name": "Right"}})
    scene.drop("customers_3.csv", after)
    scene.patchbay("sync")
    sent = len(twin.log("patch"))

    skipped = [{"key": "C-000003", "field": "metadata.name", "why": "changed since"}]
    planned = scene.patchbay("revert", bad, "-n", "--json").report
    expect_equal(changes_of(planned), {
        "C-000001": {"metadata.credit_limit": {"from": 9.5, "to": 1001.01}},
        "C-000002": {"email": {"from": "wrong@example.com", "to": "buyer.2@example.com"}}}, "plan")
    expect_equal((planned["skipped"], len(twin.log("patch"))), (skipped, sent), "the dry run")
    text = scene.patchbay("revert", bad, "-n").out
    expect("Left as it is: 1 field\n  C-000003  metadata.name: changed since" in text, text)

    done = scene.patchbay("revert", bad, "--json").report
    expect_equal((done["totals"]["applied"], done["skipped"]), (2, skipped), "the run")
    expect_equal(len(twin.log("patch")) - sent, 2, "PATCHes")
    expect_equal(emails(twin)["C-000002"], "buyer.2@example.com", "as before the run")
    stored = scene.patchbay("report", done["run"], "--format", "json").report
    expect_equal(stored["skipped"], skipped, "what the report keeps")

    scene.drop("customers_4.csv", after)
    same = scene.patchbay("sync", "--json").report
    expect_equal((same["requests"]["patch"], same["planned"]["waived"], same["totals"]["unchanged"]),
                 (0, 2, 60), "the ERP repeats itself")
    told = scene.patchbay("explain", "C-000002", "--json").report
    email, = [field for field in told["fields"] if field["name"] == "email"]
    expect_equal((email["acknowledged"], email["waived"]),
                 ("buyer.2@example.com", "wrong@example.com"), "what explain says")
    text = scene.patchbay("explain", "C-000002").out
    expect("the ERP wants    wrong@example.com (waived until the ERP says something else)\n"
           "    the API confirms buyer.2@example.com" in text, text)

    newer = export.changed(after, {"C-000001": {"credit_limit": "12.00"}})
    scene.drop("customers_5.csv", newer)
    new = scene.patchbay("sync", "--json").report
    expect_equal((new["totals"]["applied"], new["planned"]["waived"]), (1, 1), "something new")

    again = scene.patchbay("revert", done["run"], "--json").report
    expect_equal((list(changes_of(again)), [one["key"] for one in again["skipped"]]),
                 (["C-000002"], ["C-000001"]), "the revert itself reverted")
    expect_equal(emails(twin)["C-000002"], "wrong@example.com", "the ERP's value again")
    scene.drop("customers_6.csv", newer)
    last = scene.patchbay("sync", "--json").report
    expect_equal((last["requests"]["patch"], last["planned"]["waived"]), (0, 0), "no waiver is left")


@scenario("revert of a run that was killed takes back what it wrote and what it had not sent yet, also "
          "what is in doubt; the same file sends nothing any more")
def cut_off(scene):
    records = export.customers(12)
    twin = scene.start_twin(records)
    scene.configure(sessions=2)
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    before = emails(twin)
    keys = [f"C-{n:06}" for n in range(1, 11)]
    wrong = export.changed(records, {key: {"email": f"wrong.{key}@example.com"} for key in keys})
    twin.err("slow,method=PATCH,delay=300ms")
    scene.drop("customers_2.csv", wrong)
    process = scene.launch("sync")
    scene.wait_until(lambda: sum(b != before[k] for k, b in emails(twin).items()) >= 3,
                     "three are written", 30, process)
    scene.kill(process)
    twin.heal()
    settled = [key for key in keys if scene.patchbay("explain", key, "--json").report["state"] == "settled"]
    expect(0 < len(settled) < 10, f"some are settled: {settled}")
    text = scene.patchbay("explain", next(key for key in keys if key not in settled)).out
    expect("on its way" not in text, f"whoever waited for an answer has ended: {text}")
    told = scene.patchbay("explain", settled[0], "--json").report["fields"]
    bad, = [field["run"] for field in told if field["name"] == "email"]
    expect("patchbay revert" in scene.patchbay("report", bad, code=66).err, "a run cut off")
    planned = scene.patchbay("revert", bad, "-n", "--json").report
    expect_equal({key: one["email"]["from"] for key, one in changes_of(planned).items()},
                 {key: f"wrong.{key.lower()}@example.com" for key in keys}, "the plan")
    expect_equal(planned.get("skipped", []), [], "nothing is left")
    scene.patchbay("revert", bad)
    scene.patchbay("sync")
    expect_equal(emails(twin), before, "as before the run")
    told = scene.patchbay("verify", "--json").report
    expect_equal((told["in_sync"], told["drifted"], told["unknown"]), (12, [], []), "verify")
    sent = len(twin.log("patch"))
    scene.drop("customers_3.csv", wrong)
    expect_equal(scene.patchbay("sync", "--json").report["planned"]["waived"], 10, "the ERP again")
    expect_equal(len(twin.log("patch")), sent, "PATCHes")


PASSWORDS = {"C-000004": "first-of-four", "C-000007": "first-of-seven"}


def delta(records, *keys, passwords=None):
    """A drop of some customers, with a column PASSWORT."""
    rows = [export.COLUMNS + ["PASSWORT"]]
    rows += [export.cells(key, records[key]) + [(passwords or {}).get(key, "")]
             for key in keys or records]
    text = "".join(";".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n"
                   for row in rows)
    return text.encode("cp1252")


def every_class(scene):
    """Customers whose last rows are applied (1), rejected (2), superseded (5: an older one), pending
    (4 with sealed values, 5), and untouched ones; the API does not answer a PATCH."""
    records = export.customers(12)
    twin = scene.start_twin(records)
    fields = (FIELDS.replace("{column: NAME1}", "{column: NAME1, sensitive: true}")
              + "      password: {column: PASSWORT}\n")
    scene.configure(jobs=job("erp-customers", scene.spool, mode="delta", fields=fields),
                    give_up="1s", attempts=20, request="1s")
    scene.drop("customers_1.csv", delta(records, passwords=PASSWORDS))
    scene.patchbay("sync")
    records = export.changed(records, {"C-000001": {"credit_limit": "9.50"},
                                       "C-000002": {"email": "taken@example.com"}})
    twin.err("refuse-value,field=email,customer=C-000002,error=taken")
    scene.drop("customers_2.csv", delta(records, "C-000001", "C-000002"))
    scene.patchbay("sync", code=3)
    scene.patchbay("sync", code=3)  # refused again: the next try is tomorrow
    twin.err("empty-503,method=PATCH")
    passwords = {"C-000004": "second-of-four"}
    records = export.changed(records, {"C-000004": {"name": "Sealed"},
                                       "C-000005": {"credit_limit": "1"}})
    scene.drop("customers_3.csv", delta(records, "C-000004", "C-000005", passwords=passwords))
    scene.patchbay("sync", code=75)
    records = export.changed(records, {"C-000005": {"credit_limit": "2"}})
    scene.drop("customers_4.csv", delta(records, "C-000005"))
    scene.patchbay("sync", code=75)
    return twin, records


def acknowledgement(scene, name):
    return json.loads((scene.spool / "feedback" / f"{name}.ack.json").read_text())


@scenario("adopt: what waits, was refused or is sealed stays the ERP's; only what differs is adopt's")
def mixed(scene):
    twin, records = every_class(scene)
    someone_writes(twin, records, "C-000006", email="theirs@example.com")
    # Sealed values of it wait, and another field has drifted.
    someone_writes(twin, export.customers(12), "C-000004", credit_limit="77.00")
    letters, refused = scene.dead_letters(), acknowledgement(scene, "customers_2.csv")
    expect_equal([scene.patchbay("explain", f"C-{n:06}", "--json").report["state"]
                  for n in (1, 2, 4, 5, 6)],
                 ["settled", "rejected", "pending", "pending", "settled"], "states")
    text = scene.patchbay("explain", "C-000002").out
    expect("has already been taken" in text and "next try" in " ".join(text.split()), text)
    text = scene.patchbay("explain", "C-000004").out
    expect("the ERP wants    *** (hidden; another value than the API's)" in text, text)
    text = scene.patchbay("explain", "C-000007").out
    expect("taken from the first drop that named it: the API does not show it" in text, text)
    planned = scene.patchbay("adopt", "-n", "--json").report
    expect_equal(sorted(changes_of(planned)), ["C-000004", "C-000006"], "the plan")
    expect_equal((planned["totals"]["pending"], planned["totals"]["unchanged"]), (2, 10), "totals")
    twin.heal()
    twin.err("refuse-value,field=email,customer=C-000002,error=taken")
    before = len(twin.log("patch"))
    done = scene.patchbay("adopt", "--json").report
    expect_equal((done["totals"]["applied"], done["totals"]["unchanged"], done["rejects"]),
                 (2, 10, []), "the run")
    expect_equal(done["carried"], {"in": 2, "applied": 1, "rejected": 0, "superseded": 1,
                                   "pending": 0}, "what older drops were owed")
    sent = twin.log("patch")[before:]
    expect_equal(sorted({one.customer_id for one in sent}),
                 [export.id_of(f"C-{n:06}") for n in (4, 5, 6)], "who was written to")
    expect({one.customer_id for one in sent if "password" in one.attributes} ==
           {export.id_of("C-000004")}, "the sealed password is sent; the sealed name stands below")
    expect_equal(scene.dead_letters(), letters, "the dead letter is the ERP's, as it was")
    expect_equal(acknowledgement(scene, "customers_2.csv"), refused, "what the ERP was told")
    expect_equal(acknowledgement(scene, "customers_4.csv")["totals"]["applied"], 1, "the pending one")
    wanted = {key: one for key, one in records.items() if key != "C-000002"}
    expect_equal(export.differences(wanted, twin.customers()), [], "the API's customers")


@scenario("adopt with nothing that differs leaves every row, letter and acknowledgement where it was")
def nothing_differs(scene):
    twin, records = every_class(scene)
    letters = scene.dead_letters()
    told = [acknowledgement(scene, f"customers_{n}.csv")["totals"] for n in (1, 2, 3, 4)]
    done = scene.patchbay("adopt", "--json", code=75).report
    expect_equal((done["totals"]["read"], done["totals"]["unchanged"]), (12, 12), "the run")
    expect_equal([acknowledgement(scene, f"customers_{n}.csv")["totals"] for n in (1, 2, 3, 4)], told,
                 "what the ERP was told")
    expect_equal(scene.dead_letters(), letters, "dead letters")
    twin.heal()
    scene.patchbay("sync", "--json")
    expect([one for one in twin.log("patch")
            if "password" in one.attributes and one.status == 200], "the pending password is sent")
    wanted = {key: one for key, one in records.items() if key != "C-000002"}
    expect_equal(export.differences(wanted, twin.customers()), [], "the API's customers")


@scenario("adopt: held while the ERP speaks again, it wants what the ERP wants by then")
def adopt_is_late(scene):
    records = export.customers(12)
    twin = scene.start_twin(records)
    scene.configure(jobs=job("erp-customers", scene.spool, mode="delta", budgets="changes: 3"))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    for n in range(1, 13):
        someone_writes(twin, records, f"C-{n:06}", email=f"theirs.{n}@example.com")
    drop = held_by(scene, "adopt")
    newer = export.changed(records, {"C-000003": {"email": "newer.3@example.com"}})
    scene.drop("customers_2.csv", export.drop_bytes({"C-000003": newer["C-000003"]}))
    scene.patchbay("sync")
    scene.patchbay("approve", drop)
    again = scene.patchbay("sync", "--json", code=4).report
    expect("review it again" in again["reason"], again["reason"])
    expect("C-000003" not in changes_of(again), "the ERP's newest value is there already")
    scene.patchbay("approve", drop)
    scene.patchbay("sync")
    expect_equal(emails(twin), {key: one["email"] for key, one in newer.items()}, "the e-mails")


def held_by(scene, *command):
    """What a command of ours left held: the drop's name."""
    report = scene.patchbay(*command, "--json", code=4).report
    expect_equal(report["outcome"], "held", f"{command} is held")
    return scene.patchbay("status", "--json").report["jobs"][0]["held"][-1]["drop"]


@scenario("revert: held while the ERP speaks again, it leaves what the ERP changed, and lists it")
def revert_is_late(scene):
    records = export.customers(12)
    twin = scene.start_twin(records)
    scene.configure(jobs=job("erp-customers", scene.spool, mode="delta", budgets="changes: 11"))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    wrong = export.changed(records, {key: {"email": f"wrong.{n}@example.com"}
                                     for n, key in enumerate(records, 1)})
    scene.drop("customers_2.csv", wrong)
    scene.patchbay("sync", code=4)
    scene.patchbay("approve", "customers_2.csv")
    bad = scene.patchbay("sync", "--json").report["run"]
    drop = held_by(scene, "revert", bad)
    with (scene.spool / "held" / drop).open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    expect_equal(json.loads(row["email"]), {"from": "wrong.1@example.com", "to": "buyer.1@example.com"}, "what the drop says")
    newest = export.changed(wrong, {"C-000003": {"email": "newest.3@example.com"}})
    scene.drop("customers_3.csv", export.drop_bytes({"C-000003": newest["C-000003"]}))
    scene.patchbay("sync")
    scene.patchbay("approve", drop)
    done = scene.patchbay("sync", "--json", code=None).report
    if done["outcome"] == "held":
        scene.patchbay("approve", drop)
        done = scene.patchbay("sync", "--json").report
    skipped = [{"key": "C-000003", "field": "email", "why": "changed since"}]
    expect_equal((done["totals"]["applied"], done["skipped"]), (11, skipped), "the run")
    expected = {key: one["email"] for key, one in records.items()}
    expect_equal(emails(twin), {**expected, "C-000003": "newest.3@example.com"}, "the e-mails")
    told = scene.patchbay("explain", "C-000003", "--json").report
    expect_equal([one["name"] for one in told["fields"] if one["waived"] is not None], [],
                 "nothing of the newest is waived")


@scenario("an approved drop waits for its own run: adopt and revert take in nothing but their own")
def alone(scene):
    records = export.customers(12)
    twin = scene.start_twin(records)
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 11"))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    wrong = export.changed(records, {"C-000001": {"email": "wrong@example.com"}})
    scene.drop("customers_2.csv", wrong)
    bad = scene.patchbay("sync", "--json").report["run"]
    newest = export.changed(wrong, {key: {"email": f"newest.{n}@example.com"}
                                    for n, key in enumerate(records, 1)})
    for command, email in ((("adopt",), "wrong@example.com"),
                           (("revert", bad), "buyer.1@example.com")):
        scene.drop("customers_3.csv", newest)
        scene.patchbay("sync", code=4)
        name = scene.patchbay("status", "--json").report["jobs"][0]["held"][-1]["drop"]
        scene.patchbay("approve", name)
        done = scene.patchbay(*command, "--json").report
        expect(done["drop"]["file"].startswith(command[0]), f"one drop alone: {done['drop']}")
        expect_equal(emails(twin)["C-000001"], email, f"after {command[0]}")
        expect_equal(scene.patchbay("sync", "--json", code=4).report["drop"]["file"],
                     "customers_3.csv", "what was approved is asked for again")
        scene.patchbay("discard", name)
        scene.patchbay("sync", code=None)
    scene.drop("customers_4.csv", newest)
    scene.patchbay("sync", code=4)
    scene.patchbay("approve", "customers_4.csv")
    expect_equal(scene.patchbay("sync", "--json").report["totals"]["applied"], 12, "at last")
    expect_equal(emails(twin), {key: one["email"] for key, one in newest.items()}, "the e-mails")


@scenario("revert takes back a run none of whose requests was answered")
def unanswered(scene):
    records = export.customers(12)
    twin = scene.start_twin(records)
    scene.configure(give_up="1s", request="1s")
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    twin.err("reset-after,method=PATCH")
    wrong = export.changed(records, {key: {"email": f"wrong.{key}@example.com"} for key in records})
    scene.drop("customers_2.csv", wrong)
    bad = scene.patchbay("sync", "--json", code=75).report["run"]
    expect(emails(twin) != emails_of(records), "some were applied")
    twin.heal()
    scene.patchbay("revert", bad)
    expect_equal(emails(twin), emails_of(records), "the e-mails")
    scene.drop("customers_3.csv", wrong)
    scene.patchbay("sync")
    expect_equal(emails(twin), emails_of(records), "what the ERP repeats is waived")


run()
