#!/usr/bin/env python3
"""Dead letters through the nights: when a refused row is tried again, and what is said of it."""

import export
from play import expect, expect_equal, run, scenario


def begin(scene, count=30):
    records = export.customers(count)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    return twin, records


@scenario("a snapshot every night repeats a refused value: the pauses grow all the same, and the "
          "letter says since when")
def growing_pauses(scene):
    twin, records = begin(scene)
    twin.err("refuse-value,field=email,customer=C-000002,error=taken")
    wrong = export.changed(records, {"C-000002": {"email": "taken@example.com"}})
    lines = export.first_lines(wrong)
    nights = []
    for night in range(1, 8):
        if night > 1:
            scene.days_pass()
        sent = len(twin.log("patch"))
        scene.drop(f"customers_{night + 1}.csv", wrong)
        due = "pending" if night in (1, 2, 3, 5) else "rejected"
        planned = scene.patchbay("plan", "--json").report["totals"]
        expect_equal(planned[due], 1, f"night {night}: the dry run, {due}")
        done = scene.patchbay("sync", "--json", code=3).report["totals"]
        expect_equal((done["rejected"], done["unchanged"]), (1, 29), f"night {night}: the run")
        letter, = scene.dead_letters()
        expect_equal((letter["drop"], letter["line"]),
                     (f"customers_{night + 1}.csv", lines["C-000002"]), f"night {night}: the row")
        nights.append((letter["attempts"], len(twin.log("patch")) - sent))
        if night == 1:
            first = letter["since"]
    expect_equal(nights, [(1, 1), (2, 1), (3, 1), (3, 0), (4, 1), (4, 0), (4, 0)],
                 "attempts and PATCHes of each night")
    expect(scene.dead_letters()[0]["since"] < first, "since the first night, six days ago")
    # Whatever else its row says, it is tried at once, and a new value begins anew.
    scene.drop("customers_9.csv", export.changed(wrong, {"C-000002": {"email": "t@example.com"}}))
    scene.patchbay("sync", code=3)
    letter, = scene.dead_letters()
    expect_equal((letter["attempts"], letter["drop"]), (1, "customers_9.csv"), "another value")
    twin.heal()
    scene.drop("customers_10.csv", export.changed(wrong, {"C-000002": {"email": "u@example.com"}}))
    scene.patchbay("sync")
    expect_equal(scene.dead_letters(), [], "letters, once it is taken")


run()
