#!/usr/bin/env python3
"""E-mail addresses that move from one customer to another: the API has each of them once."""

import export
from play import expect, expect_equal, run, scenario


def begin(scene, count=40, **choices):
    records = export.customers(count)
    twin = scene.start_twin(records)
    scene.configure(**choices)
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    return twin, records


def address(n):
    return f"buyer.{n}@example.com"


@scenario("an address handed down a chain of customers settles within one run, whatever the order")
def handed_down(scene):
    twin, records = begin(scene, sessions=1)
    # Each gets the address of the next one, the last a new one: sent in the order of the file, all
    # but the last are refused at first.
    edits = {f"C-{n:06}": {"email": address(n + 1)} for n in range(1, 8)}
    edits["C-000008"] = {"email": "new@example.com"}
    after = export.changed(records, edits)
    scene.drop("customers_2.csv", after)
    done = scene.patchbay("sync", "--json").report
    expect_equal((done["outcome"], done["totals"]["applied"], done["totals"]["rejected"]),
                 ("done", 8, 0), "the run")
    now = twin.customers()
    for key, fields in edits.items():
        expect_equal(now[key]["email"], fields["email"], f"address of {key}")
    # Whoever was refused is asked once more, when the one before him has moved; one whose turn came
    # a moment late is not refused at all.
    refused = [one.customer_id for one in twin.log("patch") if one.status == 422]
    expect(0 < len(refused) <= 7, f"refused: {refused}")
    expect_equal(len(refused), len(set(refused)), "refusals of one customer: one at most")
    expect_equal(done["requests"]["patch"], 8 + len(refused), "PATCHes")
    expect_equal(scene.dead_letters(), [], "dead letters")


@scenario("an address that is set free is taken in that very run by who was refused it nights ago")
def set_free(scene):
    twin, records = begin(scene)
    edits = {"C-000001": {"email": address(2)}, "C-000003": {"email": address(4)}}
    scene.drop("customers_2.csv", export.changed(records, edits))
    scene.patchbay("sync", code=3)
    for _ in range(3):
        scene.patchbay("dead-letters", "retry", "--all")
        scene.patchbay("sync", code=3)
    letters = scene.dead_letters()
    expect_equal([one["attempts"] for one in letters], [4, 4], "attempts: due in four days")
    edits["C-000002"] = {"email": "moved@example.com"}
    scene.drop("customers_3.csv", export.changed(records, edits))
    sent = len(twin.log("patch"))
    done = scene.patchbay("sync", "--json", code=3).report
    expect_equal((done["totals"]["applied"], done["totals"]["rejected"]), (2, 1), "the run")
    expect_equal(len(twin.log("patch")) - sent, 2, "PATCHes: nobody asks for what is not free")
    now = twin.customers()
    expect_equal((now["C-000002"]["email"], now["C-000001"]["email"]),
                 ("moved@example.com", address(2)), "addresses")
    letter, = scene.dead_letters()
    expect_equal((letter["key"], letter["attempts"]), ("C-000003", 4), "the one that still waits")


@scenario("the address of a customer whom the API no longer has is free, too; so is a circle's that "
          "the ERP breaks")
def set_free_otherwise(scene):
    twin, records = begin(scene)
    edits = {"C-000001": {"email": address(2)}, "C-000005": {"email": address(6)},
             "C-000006": {"email": address(5)}}
    scene.drop("customers_2.csv", export.changed(records, edits))
    scene.patchbay("sync", code=3)
    for _ in range(3):
        scene.patchbay("dead-letters", "retry", "--all")
        scene.patchbay("sync", code=3)
    codes = {one["key"]: one["code"] for one in scene.dead_letters()}
    expect_equal(codes, {"C-000001": "VALIDATION_ERROR", "C-000005": "EMAIL_CYCLE",
                         "C-000006": "EMAIL_CYCLE"}, "letters")
    twin.ask("DELETE", "/twin/customers/" + export.id_of("C-000002"))
    edits["C-000002"] = {"credit_limit": "5.00"}
    edits["C-000005"] = {"email": "free@example.com"}
    scene.drop("customers_3.csv", export.changed(records, edits))
    scene.patchbay("sync", code=3)
    now = twin.customers()
    expect_equal([now[f"C-00000{n}"]["email"] for n in (1, 5, 6)],
                 [address(2), "free@example.com", address(5)], "addresses")
    letter, = scene.dead_letters()
    expect_equal((letter["key"], letter["code"]), ("C-000002", "RECORD_NOT_FOUND"), "letters left")


@scenario("a circle of addresses becomes dead letters that name its members; others are not held up")
def circle(scene):
    twin, records = begin(scene)
    edits = {"C-000001": {"email": address(2)}, "C-000002": {"email": address(3)},
             "C-000003": {"email": address(1)}, "C-000004": {"email": address(5)},
             "C-000005": {"email": "new@example.com"}, "C-000006": {"email": address(2)},
             "C-000010": {"credit_limit": "5.00"}}
    scene.drop("customers_2.csv", export.changed(records, edits))
    done = scene.patchbay("sync", "--json", code=3).report
    expect_equal((done["totals"]["applied"], done["totals"]["rejected"]), (3, 4), "the run")
    now = twin.customers()
    expect_equal((now["C-000004"]["email"], now["C-000005"]["email"]),
                 (address(5), "new@example.com"), "the chain beside it")
    letters = {one["key"]: one for one in scene.dead_letters()}
    expect_equal({key: one["code"] for key, one in letters.items()},
                 {"C-000001": "EMAIL_CYCLE", "C-000002": "EMAIL_CYCLE", "C-000003": "EMAIL_CYCLE",
                  "C-000006": "VALIDATION_ERROR"}, "who is in it, and who only waits for it")
    for key in ("C-000001", "C-000002", "C-000003"):
        expect(all(f"C-00000{n}" in letters[key]["message"] for n in (1, 2, 3)), letters[key])
        expect_equal((letters[key]["attempts"], letters[key]["column"]), (1, "EMAIL"), "the letter")
    expect_equal([one["code"] for one in done["rejects"]].count("EMAIL_CYCLE"), 3, "in the report")

    # The ERP breaks the circle, and lets the sixth keep what he has.
    edits["C-000003"] = {"email": "free@example.com"}
    del edits["C-000006"]
    scene.drop("customers_3.csv", export.changed(records, edits))
    done = scene.patchbay("sync", "--json").report
    now = twin.customers()
    expect_equal([now[f"C-00000{n}"]["email"] for n in (1, 2, 3)],
                 [address(2), address(3), "free@example.com"], "addresses, once it is broken")


@scenario("an address that somebody else keeps costs one more request at most, and one letter")
def kept(scene):
    twin, records = begin(scene)
    scene.drop("customers_2.csv", export.changed(records, {
        "C-000001": {"email": address(30)}, "C-000002": {"credit_limit": "5.00"}}))
    done = scene.patchbay("sync", "--json", code=3).report
    expect_equal((done["totals"]["applied"], done["requests"]["patch"]), (1, 3), "the run")
    letter, = scene.dead_letters()
    expect_equal((letter["code"], letter["attempts"]), ("VALIDATION_ERROR", 1), "the letter")
    sent = len(twin.log("patch"))
    scene.patchbay("sync", code=3)
    expect_equal(len(twin.log("patch")) - sent, 1, "the next run tries it once")
    letter, = scene.dead_letters()
    expect_equal(letter["attempts"], 2, "attempts, in the second run")


run()
