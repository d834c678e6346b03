#!/usr/bin/env python3
"""The main job end to end: a first run that rewrites nothing, a dry run that tells the truth, a
sync that sends only what changed, and a second one that sends nothing."""

import json
import urllib.parse

import export
from play import expect, expect_equal, run, scenario

COUNT, CHANGED = 10_000, 300


def balanced(totals):
    rest = ("unchanged", "applied", "rejected", "superseded", "held", "pending")
    expect_equal(totals["read"], sum(totals[name] for name in rest), f"the sum of {totals}")


def edits(records):
    """One field of each of 300 customers, every kind of field, spread over the file."""
    new = {
        "email": lambda old, n: f"Neu.{n}@Example.com",
        "name": lambda old, n: f"Società Nuova {n}\nsède",
        "group": lambda old, n: "GOLD" if old != "GOLD" else "SILVER",
        "credit_limit": lambda old, n: f"{9000 + n}.25",
        "blocked": lambda old, n: not old,
        "changed_at": lambda old, n: "2027-01-31",
    }
    fields, made = list(new), {}
    for n in range(CHANGED):
        key = f"C-{n * 33 + 7:06}"
        field = fields[n % len(fields)]
        made[key] = {field: new[field](records[key][field], n)}
    return made


API_FIELD = {"email": "email", "group": "customer_group"}


def expected_changes(before, made):
    told = {}
    for key, fields in made.items():
        (field, value), = fields.items()
        name = API_FIELD.get(field, f"metadata.{field}")
        old = before[key][field]
        if field == "credit_limit":
            old, value = export.number(old), export.number(value)
        if field == "email":
            value = value.lower()
        told[key] = {name: {"from": old, "to": value}}
    return told


def told_changes(report, group_codes):
    """As the program tells them; a group may be told by its id or by its code."""
    told = {}
    for change in report["changes"]:
        told[change["key"]] = {name: {side: group_codes.get(value, value)
                                      if name == "customer_group" else value
                                      for side, value in sides.items()}
                               for name, sides in change["fields"].items()}
    return told


def group_codes(twin):
    """Group id to code, as the API itself tells them."""
    bearer = {"Authorization": f"Bearer {twin.token()}", "Accept": "application/vnd.api+json"}
    path = urllib.parse.urlsplit(twin.base_url).path
    answer = twin.ask("GET", f"{path}/customer_groups", headers=bearer)
    return {one["id"]: one["attributes"]["code"] for one in json.loads(answer)["data"]}


def only_the_changed_field(request, edited, before):
    """A PATCH holds the changed field and nothing else; metadata is whole, for the API replaces
    it, and differs in one key only."""
    (field, value), = edited.items()
    if field == "group":
        expect_equal(set(request.relationships), {"customer_group"}, "relationships")
        expect_equal(request.attributes, {}, "attributes beside the group")
        return
    expect_equal(request.relationships, {}, "relationships beside an attribute")
    if field == "email":
        expect_equal(request.attributes, {"email": value.lower()}, "attributes")
        return
    expect_equal(set(request.attributes), {"metadata"}, "attributes")
    wanted = {**export.metadata({**before, field: value}), "loyalty": {"card": "L-1"}}
    expect_equal(request.attributes["metadata"], wanted, "merged metadata")


def lower_emails(records):
    return export.changed(records, {key: {"email": one["email"].lower()}
                                    for key, one in records.items()})


@scenario("a first run against an API that already holds the values reads 400 pages of 25 and "
          "writes nothing; then exactly 300 of 10,000 changed rows are planned and sent")
def main_job(scene):
    before = export.customers(COUNT)
    twin = scene.start_twin(before, foreign={"loyalty": {"card": "L-1"}})
    scene.configure()
    scene.drop("customers_1.csv", before)
    first = scene.patchbay("sync", "--json").report
    expect_equal(len(twin.log("patch")), 0, "PATCHes of a first run")
    reads = [one for one in twin.log("get") if "/customers?" in one.target]
    expect_equal(len(reads), COUNT // 25, "GETs of customers in a first run")
    expect_equal(first["totals"]["unchanged"], COUNT, "unchanged rows of a first run")
    expect_equal(first["requests"]["patch"], 0, "reported PATCHes")
    balanced(first["totals"])
    changed_night(scene, twin, before)


def changed_night(scene, twin, before):
    made = edits(before)
    after = export.changed(before, made)
    scene.drop("customers_2.csv", after)
    untouched = scene.tree_digest()
    seen = len(twin.log())
    plan = scene.patchbay("plan", "--json").report
    # A sync -n that reads codes of groups may GET; it must not write.
    expect_equal([one.method for one in twin.log()[seen:] if one.kind == "patch"], [],
                 "PATCHes of a dry run")
    expect_equal(scene.tree_digest(), untouched, "the spool after a dry run")
    expect(plan["dry_run"], "a plan is a dry run")
    expect_equal(plan["planned"]["changed"], CHANGED, "planned changes")
    expect_equal(plan["totals"]["pending"], CHANGED, "pending of a dry run")
    balanced(plan["totals"])
    codes = group_codes(twin)
    expect_equal(told_changes(plan, codes), expected_changes(before, made), "planned changes")
    lines = export.first_lines(after)
    expect_equal({one["key"]: one["line"] for one in plan["changes"]},
                 {key: lines[key] for key in made}, "lines of the changes")
    sync_and_repeat(scene, twin, before, (made, after, plan))


def sync_and_repeat(scene, twin, before, night):
    made, after, plan = night
    sync = scene.patchbay("sync", "--json").report
    patches = twin.log("patch")
    expect_equal(len(patches), CHANGED, "PATCHes of the sync")
    expect_equal(sorted(one.customer_id for one in patches), sorted(map(export.id_of, made)),
                 "customers written")
    keys = {export.id_of(key): key for key in made}
    for one in patches:
        only_the_changed_field(one, made[keys[one.customer_id]], before[keys[one.customer_id]])
    expect_equal(sync["changes"], plan["changes"], "changes of the sync, against the plan's")
    expect_equal(sync["totals"]["applied"], CHANGED, "applied")
    expect_equal(sync["totals"]["unchanged"], COUNT - CHANGED, "unchanged")
    expect_equal(sync["requests"]["patch"], CHANGED, "reported PATCHes")
    expect_equal(sync["outcome"], "done", "outcome")
    balanced(sync["totals"])
    state = twin.customers()
    expect_equal(export.differences(lower_emails(after), state)[:5], [], "the API's customers")
    expect(all(one["metadata"].get("loyalty") == {"card": "L-1"} for one in state.values()),
           "metadata that the configuration does not name survives")

    scene.drop("customers_3.csv", after)
    seen = len(twin.log())
    again = scene.patchbay("sync", "--json").report
    expect_equal([one.target for one in twin.log()[seen:] if one.kind != "token"], [],
                 "requests of the same drop again")
    expect_equal(again["totals"]["unchanged"], COUNT, "unchanged rows of the same drop again")
    balanced(again["totals"])
    nothing = scene.patchbay("sync", "--json")
    expect_equal(nothing.out, "", "with nothing waiting and nothing pending, --json prints no line")


@scenario("a file that is only written differently (other column order) sends nothing")
def rewritten(scene):
    records = export.customers(50)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync", "--json")
    rows = [list(reversed(export.COLUMNS))] + [
        list(reversed(export.cells(key, one))) for key, one in records.items()]
    text = "".join(";".join('"' + cell + '"' for cell in row) + "\n" for row in rows)
    scene.drop("customers_2.csv", text.encode("cp1252"))
    seen = len(twin.log())
    again = scene.patchbay("sync", "--json").report
    expect_equal(again["totals"]["unchanged"], 50, "unchanged")
    expect_equal([one.target for one in twin.log()[seen:] if one.kind != "token"], [], "requests")


@scenario("a metadata key of another system survives a PATCH of ours, also when it appeared since")
def foreign_metadata(scene):
    records = export.customers(30)
    twin = scene.start_twin(records, foreign={"crm": {"owner": "anna", "score": 7.10}})
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync", "--json")
    twin.change({"id": export.id_of("C-000005"), "metadata": {
        **export.metadata(records["C-000005"]), "crm": {"owner": "anna", "score": 7.10},
        "shop": "later"}})
    scene.drop("customers_2.csv", export.changed(records, {
        "C-000005": {"credit_limit": "77.00"}, "C-000006": {"name": "Neu"}}))
    scene.patchbay("sync", "--json")
    state = twin.customers()
    expect_equal(state["C-000005"]["metadata"].get("shop"), "later", "the key that appeared since")
    expect_equal(state["C-000005"]["metadata"]["credit_limit"], 77.0, "our key")
    for key in ("C-000005", "C-000006"):
        expect_equal(state[key]["metadata"].get("crm"), {"owner": "anna", "score": 7.10},
                     f"foreign metadata of {key}")


run()
