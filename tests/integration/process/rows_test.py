#!/usr/bin/env python3
"""Rows that cannot be read: each is refused with its code, line and column, goes back to the
producer, and hurts no other row. And a file that is written while it is read."""

import export
from play import expect, expect_equal, run, scenario

COUNT = 200


def cell_replaced(row, column, cell):
    """The quoted row with another cell in that column."""
    cells = row.split(b";")
    cells[export.COLUMNS.index(column)] = cell
    return b";".join(cells)


# a code: how a good row is broken, and the column that is told (None: the row as a whole)
BROKEN = {
    "CSV_RAGGED": (lambda row: row + b';"one more"', None),
    "CSV_QUOTE": (lambda row: cell_replaced(row, "EMAIL", b'say "hi"'), "EMAIL"),
    "CSV_NUL": (lambda row: cell_replaced(row, "EMAIL", b'"a\0b"'), None),
    "CSV_ENCODING": (lambda row: cell_replaced(row, "NAME1", b'"\x81"'), "NAME1"),
    "CSV_CELL_TOO_LONG": (lambda row: cell_replaced(row, "NAME1", b'"' + b"x" * 3000 + b'"'),
                          "NAME1"),
    "KEY_EMPTY": (lambda row: cell_replaced(row, "KUNNR", b'""'), "KUNNR"),
    "CELL_NOT_A_NUMBER": (lambda row: cell_replaced(row, "KLIMK", b'"1.23.4"'), "KLIMK"),
    "CELL_NOT_A_DATE": (lambda row: cell_replaced(row, "AEDAT", b'"20261341"'), "AEDAT"),
    "CELL_NOT_A_BOOLEAN": (lambda row: cell_replaced(row, "AUFSD", b'"maybe"'), "AUFSD"),
    "EMAIL_INVALID": (lambda row: cell_replaced(row, "EMAIL", b'"nobody"'), "EMAIL"),
    "CUSTOMER_NOT_FOUND": (lambda row: cell_replaced(row, "KUNNR", b'"C-999999"'), "KUNNR"),
    "GROUP_NOT_FOUND": (lambda row: cell_replaced(row, "KONDA", b'"NO SUCH"'), "KONDA"),
}


@scenario("every broken row has its code, line and column, lies in .rejected.csv, and no other row "
          "suffers")
def broken_rows(scene):
    records = export.customers(COUNT)
    for number, record in enumerate(records.values()):
        record["name"] = f"one line {number}"
    twin = scene.start_twin(records)
    config = scene.configure()
    config.write_text(config.read_text().replace("\njobs:", "\nlimits: {cell: 2KB}\njobs:").replace(
        "budgets: {", "budgets: {rejects: 50%, "))
    rows = export.drop_bytes(records).split(b"\r\n")
    for number, (edit, _) in enumerate(BROKEN.values()):
        rows[10 + number] = edit(rows[10 + number])
    rows[100] = rows[100].replace(b"buyer.100@", b"moved.100@")
    content = b"\r\n".join(rows)
    scene.drop("customers_1.csv", content)
    report = scene.patchbay("sync", "--json", code=3).report
    found = {one["code"]: one for one in report["rejects"]}
    expect_equal(sorted(found), sorted(BROKEN), "codes")
    for number, (code, (_, column)) in enumerate(BROKEN.items()):
        expect_equal((found[code]["line"], found[code]["column"]), (11 + number, column), code)
        expect(found[code]["message"], f"{code} says why")
    totals = report["totals"]
    expect_equal((totals["rejected"], totals["applied"], totals["unchanged"]),
                 (len(BROKEN), 1, COUNT - len(BROKEN) - 1), "totals")
    expect_equal(len(twin.log("patch")), 1, "PATCHes")
    back = (scene.spool / "feedback" / "customers_1.csv.rejected.csv").read_bytes()
    for number, code in enumerate(BROKEN):
        expect(rows[10 + number] in back and code.encode() in back, f"{code} went back")
    archived, = (scene.spool / "archive").glob("*/customers_1.csv")
    expect_equal(archived.read_bytes(), content, "the archive")


@scenario("more cells than limits.columns: the row is refused; a header of 1,000 columns is read")
def many_columns(scene):
    records = export.customers(5)
    scene.start_twin(records)
    scene.configure()
    head, *rows = export.drop_bytes(records).rstrip().split(b"\r\n")
    more = b"".join(b';"X%d"' % number for number in range(993))
    wide = [head + more] + [row + b";" * 993 for row in rows]
    scene.drop("customers_1.csv", b"\r\n".join(wide) + b"\r\n")
    expect_equal(scene.patchbay("sync", "--json").report["totals"]["unchanged"], 5, "unchanged")
    wide[2] += b";" * 500
    scene.drop("customers_2.csv", b"\r\n".join(wide) + b"\r\n")
    report = scene.patchbay("sync", "--json", code=3).report
    expect_equal([one["code"] for one in report["rejects"]], ["CSV_TOO_MANY_COLUMNS"], "code")


@scenario("of two rows for one customer the last wins; two keys of one customer are both named")
def same_customer(scene):
    records = export.customers(5)
    twin = scene.start_twin(records)
    scene.configure()
    first = export.drop_bytes(export.changed(records, {"C-000002": {"credit_limit": "1.00"}}))
    last = export.drop_bytes({"C-000002": {**records["C-000002"], "credit_limit": "2.00"}})
    scene.drop("customers_1.csv", first + last.split(b"\r\n", 1)[1])
    report = scene.patchbay("sync", "--json").report
    expect_equal((report["totals"]["superseded"], report["totals"]["applied"]), (1, 1), "totals")
    expect_equal(twin.customers()["C-000002"]["metadata"]["credit_limit"], 2, "the last one")


@scenario("a drop that is written while it is read: 75 DROP_CHANGED, nothing is admitted, it stays in "
          "working/, and the next run reads it whole")
def written_meanwhile(scene):
    records = export.customers(3000)
    twin = scene.start_twin(records)
    scene.configure()
    content = export.drop_bytes(export.changed(records, {"C-000005": {"credit_limit": "5.50"}}))
    path = scene.drop("customers_1.csv", content[:-2])
    with open(path, "ab") as late:
        twin.err("slow,method=GET,delay=50ms")
        process = scene.launch("sync", "--json")
        claimed = scene.spool / "working" / "customers_1.csv"
        scene.wait_until(lambda: claimed.exists() and len(twin.log("get")) > 3, "it is read",
                         process=process)
        late.write(content[-2:])
    process.wait(120)
    ended = scene.output(process)
    expect_equal((ended.code, ended.report["error"]["code"]), (75, "DROP_CHANGED"), "the run")
    expect(claimed.exists(), "it stays in working/")
    expect_equal(twin.log("patch"), [], "PATCHes")
    twin.heal()
    report = scene.patchbay("sync", "--json").report
    expect_equal((report["totals"]["read"], report["totals"]["applied"]), (3000, 1), "the next run")


run()
