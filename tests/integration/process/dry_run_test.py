#!/usr/bin/env python3
"""The dry run is the real run without its last step: over random drops and states, planned twice it
says the same, also when no fingerprint is known, and a sync does exactly what it said."""

import json

import export
from configuration import job
from play import expect, expect_equal, run, scenario

ROUNDS = 6  # the token endpoint gives 30 a minute


def timeless(report):
    """Without its moments and its name, which holds one."""
    kept = {key: value for key, value in report.items()
            if key not in ("run", "as_of", "started_at", "finished_at", "requests")}
    kept["estimate"] = {key: value for key, value in report["estimate"].items()
                        if key != "finishes_at"}
    return kept


def random_edit(dice, key, number):
    return dice.choice([
        {"email": f"moved.{number}.{key.lower()}@example.com"},
        {"credit_limit": f"{dice.randint(1, 99999)}.{dice.randint(0, 99):02}"},
        {"group": dice.choice(export.GROUPS)},
        {"blocked": dice.random() < 0.5, "changed_at": f"2026-11-{dice.randint(1, 28):02}"},
        {"name": dice.choice(export.NAMES) + f' "{number}"; e filiale\nsecond line'},
    ])


def random_drop(dice, records, number):
    """What the ERP has now, and its drop: rows in any order, some twice, some broken, some gone."""
    now = dict(records)
    for key in dice.sample(sorted(records), dice.randint(0, len(records) // 4)):
        now[key] = {**now[key], **random_edit(dice, key, number)}
    keys = list(now)
    if dice.random() < 0.5:
        dice.shuffle(keys)
    head, *rows = split_rows(export.drop_bytes({key: now[key] for key in keys}))
    if dice.random() < 0.6:
        again = dice.choice(keys)
        rows.insert(dice.randrange(len(rows) + 1),
                    split_rows(export.drop_bytes({again: {**now[again], "email": f"t{number}@w.it"}}))[1])
    if dice.random() < 0.6:
        rows.insert(dice.randrange(len(rows) + 1), b'"C-BROKEN";"too few"')
    if dice.random() < 0.4:
        rows[0] = rows[0].replace(b"@", b"(at)")
    if dice.random() < 0.4:
        rows.append(split_rows(export.drop_bytes({"C-999999": now[keys[0]]}))[1])
    if dice.random() < 0.3:
        del rows[dice.randrange(len(rows))]
    return now, b"\r\n".join([head, *rows]) + b"\r\n"


def split_rows(content):
    return content.rstrip(b"\r\n").split(b"\r\n")


def expect_done(scene, twin, planned, done, patches_before):
    """The real run did what the dry run said, and nothing else."""
    expect_equal(done["changes"], planned["changes"], "changes")
    expect_equal(done["planned"], planned["planned"], "planned")
    expect_equal(done["budgets"], planned["budgets"], "budgets")
    expect_equal(done["rejects"], planned["rejects"], "rejects")
    expect_equal(done["totals"], {**planned["totals"], "applied": planned["totals"]["pending"],
                                  "pending": 0}, "totals")
    sent = twin.log("patch")[patches_before:]
    expect_equal(len(sent), planned["estimate"]["requests"], "PATCHes")
    wanted = {change["id"]: set(change["fields"]) for change in planned["changes"]}
    for one in sent:
        change = wanted.get(one.customer_id)
        expect(change is not None, f"a PATCH that was not planned: {one}")
        fields = set(one.attributes) | set(one.relationships)
        expect_equal(fields, {name.split(".")[0] for name in change}, f"of {one.customer_id}")


def without_fingerprints(scene):
    """The slow way: no line is known, every row is parsed and compared with the store."""
    aside = scene.folder / "aside"
    aside.mkdir(exist_ok=True)
    lines = list(scene.state.glob("lines-*"))
    for path in lines:
        path.rename(aside / path.name)
    try:
        return scene.patchbay("plan", "--json").report
    finally:
        for path in lines:
            (aside / path.name).rename(path)


@scenario("planned twice it says the same but for the moments; a sync does exactly what it said")
def same(scene):
    dice = scene.dice
    records = export.customers(120)
    twin = scene.start_twin(records)
    scene.configure(jobs=job("erp-customers", scene.spool,
                             budgets="changes: 100%, rejects: 100%, VALUES_EQUAL: off, "
                                     "ENCODING_TURNED: off"))
    for number in range(ROUNDS):
        records, content = random_drop(dice, records, number)
        scene.drop(f"customers_{number:02}.csv", content)
        before = scene.tree_digest()
        planned = scene.patchbay("plan", "--json").report
        again = scene.patchbay("plan", "--json").report
        expect_equal(timeless(again), timeless(planned), "planned twice")
        expect_equal(scene.tree_digest(), before, "files untouched")
        slow = without_fingerprints(scene)
        expect_equal(timeless(slow), timeless(planned), "every row parsed and compared")
        patches = len(twin.log("patch"))
        done = scene.patchbay("sync", "--json", code=None).report
        expect_done(scene, twin, planned, done, patches)
        expect_equal(sum(done["totals"].values()), 2 * done["totals"]["read"], "balance")


@scenario("several deltas that wait: each plan names those that it was made without; an approval that went "
          "stale is planned as held")
def several(scene):
    records = export.customers(60)
    scene.start_twin(records)
    other = scene.folder / "other"
    other.mkdir()
    scene.configure(jobs=job("erp-customers", scene.spool, mode="delta", budgets="changes: 30%") +
                    job("other", other, fields="      profile_id: {column: KONDA}\n"))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    keys = list(records)
    first = export.changed(records, {key: {"name": f"One {key}"} for key in keys[:16]})
    scene.drop("customers_2.csv", export.drop_bytes({key: first[key] for key in keys[:16]}))
    second = {**{key: records[key] for key in keys[:16]},
              **{key: dict(records[key], name=f"Two {key}") for key in keys[16:32]}}
    scene.drop("customers_3.csv", export.drop_bytes(second))
    plans = [json.loads(line) for line in scene.patchbay("plan", "--json").out.splitlines()]
    expect_equal([one["drop"]["file"] for one in plans], ["customers_2.csv", "customers_3.csv"], "plans")
    expect("customers_2.csv" in plans[1]["reason"], f"what it was made without: {plans[1]}")
    scene.patchbay("sync", code=4)
    held, = scene.patchbay("status", "--json").report["jobs"][0]["held"]
    scene.patchbay("approve", held["drop"])
    scene.patchbay("sync", "--job", "other")  # carries the approval out, and has nothing to do with the drop
    scene.config.write_text(scene.config.read_text().replace("30%", "31%"))
    planned = scene.patchbay("plan", "--json").report
    expect_equal((planned["outcome"], planned["totals"]["pending"]), ("held", 0), "the stale one")
    expect("review it again" in planned["reason"], planned["reason"])


run()
