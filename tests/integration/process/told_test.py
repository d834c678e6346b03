#!/usr/bin/env python3
"""What the outputs tell an operator who did not write the program: every number and every sentence
is true, also in a state where changes are applied, refused, pending, held and overtaken."""

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


run()
