#!/usr/bin/env python3
"""The rehearsed night: what it says beforehand is what happens, and it takes seconds."""

import time

import export
from configuration import job
from play import expect, expect_equal, run, scenario

API_LIMITS = """\
    average: {requests: 200, per: 60s}
    burst:   {requests: 50, per: 10s}
"""


@scenario("rehearse: totals, requests and refusals as the sync after it; nothing is sent or written")
def as_it_goes(scene):
    records = export.customers(400)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    after = export.changed(records, {f"C-{n:06}": {"credit_limit": f"{n}.50"} for n in range(1, 101)})
    after["C-000200"]["email"] = "buyer.300@example.com"      # somebody else's
    after["C-000201"]["group"] = "GOLD"
    drop = scene.drop("customers_2.csv", after)
    before, requests = scene.tree_digest(), len(twin.log())
    told = scene.patchbay("rehearse", drop, "--json").report
    expect_equal((len(twin.log()), scene.tree_digest()), (requests, before), "nothing was touched")
    done = scene.patchbay("sync", "--json", code=3).report
    for name in ("read", "unchanged", "applied", "rejected", "superseded", "held", "pending"):
        expect_equal(told["totals"][name], done["totals"][name], f"{name} as rehearsed")
    expect_equal((told["dry_run"], told["outcome"]), (True, "partial"), "what it says of itself")
    expect_equal(told["requests"]["patch"], done["requests"]["patch"], "PATCHes as rehearsed")
    expect_equal([(one["key"], one["code"]) for one in told["rejects"]],
                 [(one["key"], one["code"]) for one in done["rejects"]], "refusals as rehearsed")
    expect_equal(told["rejects"][0]["key"], "C-000200", "whose e-mail is taken")


@scenario("rehearse: hours within the API's limits pass in seconds, the deadline is told")
def a_long_night(scene):
    records = export.customers(3000)
    scene.start_twin(records)
    text = scene.configure().read_text()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    scene.config.write_text(text.replace(text[text.index("    average"):text.index("  timeouts")],
                                         API_LIMITS))
    after = export.changed(records, {key: {"credit_limit": f"{n}.77"}
                                     for n, key in enumerate(records)})
    drop = scene.drop("customers_2.csv", after)
    begun = time.monotonic()
    told = scene.patchbay("rehearse", drop, "--json").report
    took = time.monotonic() - begun
    expect_equal((told["totals"]["applied"], told["requests"]["throttled"]), (3000, 0), "applied")
    # 3,000 PATCHes, 200 in any 60 s: between 14 windows and one of its hundredth more.
    seconds = told["estimate"]["seconds"]
    expect(14 * 60 <= seconds <= 15.2 * 60, f"a night of {seconds} s")
    expect(took < seconds / 5, f"a night of {seconds} s rehearsed in {took:.1f} s")

    night = job("erp-customers", scene.spool, schedule="0 2 * * *") + '    deadline: "02:05"\n'
    text = scene.config.read_text()
    scene.config.write_text(text[:text.index("  - name: erp-customers")] + night)
    told = scene.patchbay("rehearse", drop, "--json").report
    expect_equal(told["outcome"], "stopped", "a night that is too short")
    expect(950 <= told["totals"]["applied"] <= 1060 and told["started_at"].endswith("T02:00:00Z"),
           f"five minutes' worth: {told['totals']}")
    said = scene.patchbay("rehearse", drop).out
    expect("would be left at the deadline" in said and "deadline 2026" not in said[:60], said)


def windows(*pairs):
    return [{"requests": requests, "per_s": seconds} for requests, seconds in pairs]


@scenario("rehearse says whose limits it plays with: assumed, those of the last token, or configured")
def whose_limits(scene):
    records = export.customers(100)
    scene.start_twin(records, "--mode", "test", limits=())
    scene.configure(limits="    reserve: 0%\n")
    drop = scene.drop("customers_1.csv", records)
    told = scene.patchbay("rehearse", drop, "--json").report
    expect_equal(told["limits"], {"source": "assumed", "mode": None,
                                  "windows": windows((200, 60), (50, 10))}, "nobody knows")
    said = scene.patchbay("rehearse", drop).out
    expect("limits: 200 in 60 s, 50 in 10 s, ASSUMED" in said and "test" in said, said)

    scene.patchbay("sync")
    after = export.changed(records, {key: {"credit_limit": "7.77"} for key in list(records)[:60]})
    drop = scene.drop("customers_2.csv", after)
    told = scene.patchbay("rehearse", drop, "--json").report
    expect_equal(told["limits"], {"source": "token", "mode": "test",
                                  "windows": windows((100, 60), (25, 10))}, "as the token said")
    # 60 PATCHes, 25 in any 10 s; the live API would take half as long.
    seconds = told["estimate"]["seconds"]
    expect(20 <= seconds < 25, f"a night of {seconds} s")
    said = scene.patchbay("rehearse", drop).out
    expect("limits: 100 in 60 s, 25 in 10 s, the API's for a test organization" in said, said)
    planned = scene.patchbay("plan", "--offline", "--json").report
    expect(20 <= planned["estimate"]["seconds"] < 25, f"the plan: {planned['estimate']}")
    used = scene.patchbay("status", "--json").report["windows"]
    expect_equal([one["requests"] for one in used], [100, 25, 100, 25], "the windows of status")

    scene.configure()
    told = scene.patchbay("rehearse", drop, "--json").report
    expect_equal((told["limits"]["source"], told["limits"]["windows"]),
                 ("configuration", windows((100000, 1), (100000, 1))), "as configured")


@scenario("rehearse: customers never seen, a drop over budget, one that is malformed or missing")
def what_is_not_known(scene):
    records = export.customers(60)
    scene.start_twin(records)
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 20%"))
    drop = scene.drop("customers_1.csv", records)
    told = scene.patchbay("rehearse", drop, "--json").report
    expect_equal((told["planned"]["unresolved"], told["requests"]["get"], told["totals"]["pending"]),
                 (60, 3, 60), "nobody is known yet")
    expect("never seen before" in told["reason"], told)
    scene.patchbay("sync")
    after = export.changed(records, {key: {"credit_limit": "7.77"} for key in records})
    drop = scene.drop("customers_2.csv", after)
    told = scene.patchbay("rehearse", drop, "--json").report
    expect_equal((told["outcome"], told["totals"]["held"], told["requests"]["patch"]),
                 ("held", 60, 0), "it would be held")
    drop.write_bytes(b"KUNNR\r\n1\r\n")
    error = scene.patchbay("rehearse", drop, "--json", code=65).report["error"]
    expect_equal(error["code"], "COLUMN_MISSING", "malformed")
    scene.patchbay("rehearse", scene.folder / "customers_9.csv", "--job", "erp-customers", code=66)
    scene.patchbay("rehearse", code=64)


run()
