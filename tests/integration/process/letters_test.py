#!/usr/bin/env python3
"""Dead letters through the nights: when a refused row is tried again, and what is said of it."""

import signal

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


@scenario("a customer whom the API had lost is looked up again by his key when he is tried again")
def found_again(scene):
    twin, records = begin(scene)
    twin.ask("DELETE", "/twin/customers/" + export.id_of("C-000005"))
    after = export.changed(records, {"C-000005": {"credit_limit": "5.50"}})
    scene.drop("customers_2.csv", after)
    scene.patchbay("sync", code=3)
    letter, = scene.dead_letters()
    expect_equal((letter["code"], letter["attempts"]), ("RECORD_NOT_FOUND", 1), "the letter")
    text = scene.patchbay("explain", "C-000005").out
    expect("looked up again" in text, text)

    gets = len(twin.log("get"))
    scene.patchbay("dead-letters", "retry", "C-000005")
    report = scene.patchbay("sync", "--json", code=3).report
    expect_equal((len(twin.log("get")) - gets, report["carried"]["rejected"]), (1, 1), "looked up")
    letter, = scene.dead_letters()
    expect_equal((letter["attempts"], letter["line"]),
                 (2, export.first_lines(after)["C-000005"]), "in vain")
    expect("no customer whose reference is C-000005" in letter["message"], letter["message"])
    sent = len(twin.log())
    scene.patchbay("sync")
    expect_equal(len(twin.log()) - sent, 0, "before it is due: nobody is asked")

    twin.change({"id": "zzzzzzzzzz", "reference": "C-000005", "reference_origin": "SAP",
                 "email": "buyer.5@example.com", "customer_group": records["C-000005"]["group"],
                 "metadata": export.metadata(records["C-000005"])})
    scene.days_pass()
    report = scene.patchbay("sync", "--json").report
    expect_equal((report["carried"]["applied"], scene.dead_letters()), (1, []), "found again")
    patch = twin.log("patch")[-1]
    expect_equal((patch.customer_id, list(patch.attributes)), ("zzzzzzzzzz", ["metadata"]),
                 "the PATCH of the new id, with what differs")
    expect_equal(export.differences(after, twin.customers()), [], "the API's customers")


@scenario("stopped among the second chances the run ends with 3: nothing is left but what is refused")
def stopped_in_second_chances(scene):
    records = export.customers(40)
    twin = scene.start_twin(records, "--latency", "400ms")
    scene.configure(sessions=1)
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    # Two want what a third keeps, and one change makes progress: then both are tried once more.
    scene.drop("customers_2.csv", export.changed(records, {
        "C-000001": {"email": "buyer.30@example.com"}, "C-000002": {"credit_limit": "5.00"},
        "C-000003": {"email": "buyer.31@example.com"}}))
    process = scene.launch("sync", "--json")
    scene.wait_until(lambda: len(twin.log("patch")) >= 4, "a second chance", 30, process)
    process.send_signal(signal.SIGTERM)
    expect_equal(process.wait(20), 3, "exit code")
    report = scene.output(process).report
    expect_equal((report["outcome"], report["totals"]["applied"], report["totals"]["rejected"]),
                 ("partial", 1, 2), "the run")
    expect(len(twin.log("patch")) < 5, "not everyone had a second chance")


@scenario("a customer with a waiver is counted as waived by every run, also after another change of it")
def still_waived(scene):
    twin, records = begin(scene)
    twin.err("refuse-value,field=email,customer=C-000002,error=taken")
    wrong = export.changed(records, {"C-000002": {"email": "taken@example.com"}})
    scene.drop("customers_2.csv", wrong)
    scene.patchbay("sync", code=3)
    scene.patchbay("dead-letters", "drop", "C-000002")
    scene.patchbay("sync")
    after = export.changed(wrong, {"C-000002": {"email": "taken@example.com", "name": "Other"}})
    for n, applied in ((3, 1), (4, 0), (5, 0)):
        scene.drop(f"customers_{n}.csv", after)
        done = scene.patchbay("sync", "--json").report
        expect_equal((done["totals"]["applied"], done["planned"]["waived"]), (applied, 1),
                     f"applied and waived, drop {n}")
    text = scene.patchbay("status").out
    expect("values of 1 customer" in text, text)


run()
