#!/usr/bin/env python3
"""Sensitive values on their way back: what revert can undo of them, and what nobody can say again."""

import json

import export
from play import expect, expect_equal, run, scenario


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


@scenario("revert of a run that was stopped takes back sensitive values that were not sent yet: they "
          "never leave, and the file that brought them sends nothing")
def sealed_taken_back(scene):
    records = export.customers(30)
    twin = scene.start_twin(records)
    text = scene.configure(sessions=1).read_text()
    scene.config.write_text(text.replace("{column: NAME1}", "{column: NAME1, sensitive: true}"))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    twin.err("slow,method=PATCH,delay=400ms")
    wrong = export.changed(records, {key: {"name": f"Never Sent {key}", "credit_limit": "0.25"}
                                     for key in list(records)[:20]})
    scene.drop("customers_2.csv", wrong)
    process = scene.launch("sync", "--json")
    scene.wait_until(lambda: twin.log("patch"), "the first PATCH", 30, process)
    process.terminate()
    expect_equal(process.wait(30), 5, "exit code of what was stopped")
    twin.heal()
    bad = json.loads(scene.output(process).out)["run"]
    asked = {one.customer_id for one in twin.log("patch")}
    planned = scene.patchbay("revert", bad, "-n", "--json").report
    expect("Never Sent" not in json.dumps(planned), "what is sensitive stays unsaid")
    left = {one["key"] for one in planned["skipped"]}
    expect_equal({export.id_of(key) for key in left} - asked, set(), "left, and never asked for")
    scene.patchbay("revert", bad)
    scene.patchbay("sync")
    held = twin.customers()
    for key in list(records)[:20]:
        expect_equal(held[key]["metadata"]["credit_limit"],
                     export.metadata(records[key])["credit_limit"], f"credit limit of {key}")
        if export.id_of(key) not in asked:
            expect_equal(held[key]["metadata"]["name"], records[key]["name"], f"name of {key}")
    unsent = [key for key in list(records)[:20] if export.id_of(key) not in asked]
    expect(len(unsent) > 10, f"most were not sent: {unsent}")
    bodies = [json.dumps(one.body) for one in twin.log("patch")
              if one.customer_id in set(map(export.id_of, unsent))]
    expect(not any("Never Sent" in body for body in bodies), bodies)
    sent = len(twin.log("patch"))
    scene.drop("customers_3.csv", wrong)
    scene.patchbay("sync")
    expect_equal(len(twin.log("patch")) - sent, 0, "PATCHes: the ERP repeats itself")


@scenario("adopt of a sensitive value that others wrote: it is theirs by now, and the ERP's next drop says "
          "it again, though its line is the same")
def sealed_adopted(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    text = scene.configure(give_up="1s", request="2s").read_text()
    scene.config.write_text(text.replace("{column: NAME1}", "{column: NAME1, sensitive: true}"))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    theirs = export.changed(records, {"C-000003": {"name": "Theirs"}})["C-000003"]
    twin.change(json.loads(export.seed_lines({"C-000003": theirs})))
    told = scene.patchbay("verify")
    expect("metadata.name" in told.out and "next drop" in " ".join(told.out.split()), told.out)
    expect("Theirs" not in told.out, "what is sensitive stays unsaid")
    # Another field of hers waits: its line says less than all by then.
    twin.err("html-500,method=PATCH,customer=C-000004")
    hers = export.changed(records, {"C-000004": {"credit_limit": "7.25"}})
    scene.drop("customers_1b.csv", hers)
    scene.patchbay("sync", code=75)
    theirs = export.changed(hers, {"C-000004": {"name": "Theirs, too"}})["C-000004"]
    twin.change(json.loads(export.seed_lines({"C-000004": theirs})))
    twin.heal()
    records = hers
    done = scene.patchbay("adopt", "--json").report
    expect_equal(done["totals"]["unchanged"], 20, "the run")
    expect_equal([(one["key"], one["field"]) for one in done["skipped"]],
                 [("C-000003", "metadata.name"), ("C-000004", "metadata.name")], "what is told")
    expect_equal(scene.patchbay("verify", "--json").report["drifted"], [], "drifted, then")
    scene.drop("customers_2.csv", records)
    again = scene.patchbay("sync", "--json").report
    expect_equal((again["totals"]["applied"], again["totals"]["unchanged"]), (2, 18), "the ERP again")
    expect_equal(export.differences(records, twin.customers()), [], "the ERP's values are back")
    scene.drop("customers_3.csv", records)
    expect_equal(scene.patchbay("sync", "--json").report["totals"]["unchanged"], 20, "and again")



SENSITIVE = "{column: NAME1, sensitive: true}"


def names(twin):
    return {key: one["metadata"]["name"] for key, one in twin.customers().items()}


def in_sync_twice(scene, twin, records, number):
    """The same file again sends nothing, and everything is in sync."""
    before = len(twin.log("patch"))
    scene.drop(f"customers_{number}.csv", records)
    scene.patchbay("sync")
    expect_equal(len(twin.log("patch")) - before, 0, "PATCHes of what had not changed")
    told = scene.patchbay("verify", "--json").report
    expect_equal((told["drifted"], told["in_sync"]), ([], len(records)), "drift")


@scenario("a field that is sensitive no longer: no hash is ever taken for its value")
def laid_open(scene):
    records = export.customers(6)
    twin = scene.start_twin(records)
    plain = scene.configure(give_up="1s", request="2s").read_text()
    scene.config.write_text(plain.replace("{column: NAME1}", SENSITIVE))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    records = export.changed(records, {"C-000002": {"name": "Second"}})
    scene.drop("customers_2.csv", records)
    bad = scene.patchbay("sync", "--json").report["run"]
    twin.err("empty-503,method=PATCH")
    records = export.changed(records, {"C-000003": {"name": "Third"}})
    scene.drop("customers_3.csv", records)
    scene.patchbay("sync", code=75)
    twin.heal()
    scene.config.write_text(plain)
    for command in (["explain", "C-000002"], ["verify"], ["adopt", "-n"], ["revert", bad, "-n"]):
        expect("#" not in scene.patchbay(*command).out, f"a hash in what {command} says")
    before = len(twin.log("patch"))
    scene.patchbay("revert", bad)
    scene.patchbay("sync")
    expect_equal(len(twin.log("patch")) - before, 1, "PATCHes of what had waited sealed")
    scene.patchbay("adopt")
    expect_equal(names(twin), {key: one["name"] for key, one in records.items()}, "names")
    in_sync_twice(scene, twin, records, 4)


@scenario("a field that becomes sensitive is sent no second time, and nobody is told to have written it")
def closed_up(scene):
    records = export.customers(6)
    twin = scene.start_twin(records)
    text = scene.configure(give_up="1s", request="2s").read_text()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    twin.err("empty-503,method=PATCH")
    records = export.changed(records, {"C-000003": {"name": "Third"}})
    scene.drop("customers_2.csv", records)
    scene.patchbay("sync", code=75)
    twin.heal()
    scene.config.write_text(text.replace("{column: NAME1}", SENSITIVE))
    expect("Third" not in scene.patchbay("explain", "C-000003").out, "the value that waits")
    scene.patchbay("sync")
    expect_equal(names(twin), {key: one["name"] for key, one in records.items()}, "names")
    in_sync_twice(scene, twin, records, 3)


@scenario("a state that has lost its seal.key: said, nothing is sent that has not changed, and what waited "
          "sealed is a dead letter until it is dropped again")
def lost_key(scene):
    records = export.customers(6)
    twin = scene.start_twin(records)
    text = scene.configure(give_up="1s", request="2s").read_text()
    scene.config.write_text(text.replace("{column: NAME1}", SENSITIVE))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    twin.err("empty-503,method=PATCH")
    records = export.changed(records, {"C-000003": {"name": "Third"}})
    scene.drop("customers_2.csv", records)
    scene.patchbay("sync", code=75)
    twin.heal()
    (scene.state / "seal.key").unlink()
    checked = scene.patchbay("check", "--no-network", code=None)
    expect("SEAL_KEY_MISSING" in checked.out, checked.out)
    told = scene.patchbay("verify", "--json").report
    expect_equal(told["drifted"], [], "drift that nobody can know of")
    ended = scene.patchbay("sync", code=3)
    expect("event=seal_key_changed" in ended.err, ended.err)
    expect_equal([one["code"] for one in scene.dead_letters()], ["SEAL_BROKEN"], "dead letters")
    checked = scene.patchbay("check", "--no-network", code=None)
    expect("SEAL_KEY" not in checked.out, checked.out)
    before = len(twin.log("patch"))
    scene.drop("customers_3.csv", records)
    scene.patchbay("sync")
    expect_equal(len(twin.log("patch")) - before, 1, "PATCHes: the one that waited")
    expect_equal(scene.dead_letters(), [], "dead letters")
    scene.patchbay("adopt")  # reads what nobody knows any more
    in_sync_twice(scene, twin, records, 4)



@scenario("the run that finds the seal.key gone knows afterwards what it has read itself")
def lost_key_read_again(scene):
    records = export.customers(6)
    twin = scene.start_twin(records)
    text = scene.configure().read_text()
    scene.config.write_text(text.replace("{column: NAME1}", SENSITIVE))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    (scene.state / "seal.key").unlink()
    records = export.changed(records, {"C-000001": {"credit_limit": "7.25"}})
    scene.drop("customers_2.csv", records)
    scene.patchbay("sync")
    expect_equal(len(twin.log("patch")), 1, "PATCHes")
    unknown = scene.patchbay("verify", "--json").report["unknown"]
    expect_equal(sorted(one["key"] for one in unknown), sorted(records)[1:], "whose name is not known")


@scenario("explain credits nobody of ours with a value that somebody else has written since")
def whose_value(scene):
    records = export.customers(6)
    twin = scene.start_twin(records)
    plain = scene.configure().read_text()
    scene.config.write_text(plain.replace("{column: NAME1}", SENSITIVE))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    ours = export.changed(records, {"C-000002": {"name": "Ours"}})
    scene.drop("customers_2.csv", ours)
    scene.patchbay("sync")

    def story():
        fields = scene.patchbay("explain", "C-000002", "--json").report["fields"]
        return next(one for one in fields if one["name"] == "metadata.name")

    expect_equal(story()["drop"], "customers_2.csv", "who wrote it")
    there = dict(ours["C-000002"], name="Theirs")
    twin.change({"id": export.id_of("C-000002"), "reference": "C-000002",
                 "reference_origin": "SAP", "email": there["email"],
                 "customer_group": there["group"], "metadata": export.metadata(there)})
    scene.patchbay("adopt")
    expect(not story().get("drop"), story())


run()
