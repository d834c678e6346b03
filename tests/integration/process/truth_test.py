#!/usr/bin/env python3
"""The commands that tell the truth about one customer, and about all that was refused."""

import csv
import io

import export
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
    expect(0 < part["checked"] < 100, f"a sample of 120: {part['checked']}")
    scene.patchbay("verify", "--sample", "lots", code=64)


run()
