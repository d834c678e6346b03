#!/usr/bin/env python3
"""What an operator undoes: what others wrote at the API (adopt), and what a run wrote (revert)."""

import export
from configuration import job
from play import expect, expect_equal, run, scenario


def someone_writes(twin, records, key, **fields):
    """Another program changes a customer at the API."""
    record = dict(records[key], **fields)
    twin.change({"id": export.id_of(key), "reference": key, "reference_origin": "SAP",
                 "email": record["email"], "customer_group": record["group"],
                 "metadata": export.metadata(record)})


def changes_of(report):
    return {one["key"]: one["fields"] for one in report["changes"]}


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


@scenario("revert leaves sensitive values, and says which run it does not know")
def not_reverted(scene):
    records = export.customers(5)
    scene.start_twin(records)
    text = scene.configure().read_text()
    scene.config.write_text(text.replace("{column: NAME1}", "{column: NAME1, sensitive: true}"))
    scene.drop("customers_1.csv", records)
    first = scene.patchbay("sync", "--json").report["run"]
    scene.drop("customers_2.csv", export.changed(records, {"C-000002": {"name": "Secret"}}))
    bad = scene.patchbay("sync", "--json").report["run"]
    done = scene.patchbay("revert", bad, "--json").report
    expect_equal((done["totals"]["read"], done["requests"]["patch"]), (0, 0), "nothing to send")
    expect_equal(done["skipped"], [{
        "key": "C-000002", "field": "metadata.name",
        "why": "a sensitive value is not kept once it is settled"}], "what is left")
    error = scene.patchbay("revert", "20200101T000000Z-x", "--json", code=66).report["error"]
    expect_equal(error["code"], "RUN_UNKNOWN", "a run that never was")
    error = scene.patchbay("revert", first, "--json", code=66).report["error"]
    expect_equal(error["code"], "RUN_WROTE_NOTHING", "a run that wrote nothing")


run()
