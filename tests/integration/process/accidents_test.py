#!/usr/bin/env python3
"""Exports that broke on their way: each is held before its first request, says why in numbers and
columns, lies in held/ byte for byte, and what it lacks is lost to nobody."""

import export
from play import expect, expect_equal, run, scenario

COUNT = 60


def rewritten_column(record_bytes, position, edit):
    """Every row's cell at `position` rewritten; the header stays."""
    rows = [row.split(b'";"') for row in record_bytes.split(b'"\r\n"')]
    for row in rows[1:]:
        row[position] = edit(row[position])
    return b'"\r\n"'.join(b'";"'.join(row) for row in rows)


def without_column(content, position):
    rows = [row.split(b'";"') for row in content.split(b'"\r\n"')]
    for row in rows:
        del row[position]
    return b'"\r\n"'.join(b'";"'.join(row) for row in rows)


def with_column(content):
    first, rest = content.split(b'"\r\n', 1)
    return first + b'";"NEU"\r\n' + rest.replace(b'"\r\n', b'";"x"\r\n')


def truncated(content):
    rows = content.split(b'"\r\n"')
    return b'"\r\n"'.join(rows[:len(rows) * 7 // 10]) + b'"\r\n'


# name of the detector: how the export of the next night is broken, a word of its reason
EMAIL, GROUP = export.COLUMNS.index("EMAIL"), export.COLUMNS.index("KONDA")
ACCIDENTS = {
    "ROWS_FELL": (truncated, "41 rows, 60 in the drop before"),
    "EMPTINESS_JUMPED": (lambda text: rewritten_column(text, EMAIL, lambda cell: b""), "EMAIL: 100%"),
    "VALUES_EQUAL": (lambda text: rewritten_column(text, GROUP, lambda cell: b"GOLD"), "KONDA"),
    "COLUMN_APPEARED": (with_column, "NEU"),
    "ENCODING_TURNED": (lambda text: text.decode("cp1252").encode("utf-8"), "look misread"),
    "KEY_CHANGED": (lambda text: text.replace(b'"C-', b'"DE-C-'), "of 60 known customers, 0"),
}


@scenario("a truncated, emptied, levelled, widened, misread or renumbered export is held by default")
def held(scene):
    records = export.customers(COUNT)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_0.csv", records)
    scene.patchbay("sync")
    for number, (detector, (broken, word)) in enumerate(ACCIDENTS.items(), 1):
        name = f"customers_{number}.csv"
        content = broken(export.drop_bytes(records))
        scene.drop(name, content)
        dry = scene.patchbay("plan", "--json").report
        expect_equal(dry["outcome"], "held", f"outcome of the dry run, {detector}")
        report = scene.patchbay("sync", "--json", code=4).report
        found = {one["name"]: one for one in report["budgets"] if one["exceeded"]}
        expect(detector in found, f"{detector} is not among {list(found)}")
        expect(word in found[detector]["detail"], f"{detector}: {found[detector]['detail']}")
        expect_equal((scene.spool / "held" / name).read_bytes(), content, f"{name} in held/")
        status = scene.patchbay("status").out
        expect(detector in status, f"status names {detector}: {status}")
        scene.patchbay("discard", name)
        scene.patchbay("sync")
    expect_equal(twin.log("patch"), [], "PATCHes")
    expect_equal(export.differences(records, twin.customers()), [], "the API's customers")


@scenario("a column that nobody maps is missed too; the same export approved is the new usual")
def vanished(scene):
    records = export.customers(COUNT)
    twin = scene.start_twin(records)
    lines = scene.configure().read_text().splitlines(keepends=True)
    scene.config.write_text("".join(line for line in lines if "AEDAT" not in line))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    after = export.changed(records, {"C-000005": {"email": "moved@example.com"}})
    narrow = without_column(export.drop_bytes(after), export.COLUMNS.index("AEDAT"))
    scene.drop("customers_2.csv", narrow + b'"\r\n')
    report = scene.patchbay("sync", "--json", code=4).report
    exceeded, = [one for one in report["budgets"] if one["exceeded"]]
    expect_equal((exceeded["name"], exceeded["detail"]), ("COLUMN_VANISHED", "AEDAT"), "exceeded")
    scene.patchbay("approve", "customers_2.csv")
    report = scene.patchbay("sync", "--json").report
    expect_equal(report["totals"]["applied"], 1, "applied after the approval")
    expect("approved by " in report["drop"]["decision"], "who let it through, and when")
    expect("approved by " in scene.patchbay("report").out, "in the text report too")
    expect_equal(len(twin.log("patch")), 1, "PATCHes")
    scene.drop("customers_3.csv", narrow + b'"\r\n')
    expect_equal(scene.patchbay("sync", "--json").report["outcome"], "done", "the next night")


@scenario("a detector that is off or has a wider share lets the same export through")
def turned_off(scene):
    records = export.customers(COUNT)
    scene.start_twin(records)
    text = scene.configure().read_text()
    scene.config.write_text(text.replace(
        "    budgets: {", "    budgets: {ROWS_FELL: 50%, absent: 100%, COLUMN_APPEARED: off, "))
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    scene.drop("customers_2.csv", truncated(with_column(export.drop_bytes(records))))
    report = scene.patchbay("sync", "--json").report
    expect("COLUMN_APPEARED" not in {one["name"] for one in report["budgets"]}, "it is not listed")
    scene.config.write_text(scene.config.read_text().replace("COLUMN_APPEARED: off",
                                                             "COLUMN_APPEARED: 3%"))
    error = scene.patchbay("plan", "--json", code=78).report["error"]
    expect("on or off" in error["message"], error["message"])


run()
