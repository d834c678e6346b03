#!/usr/bin/env python3
"""The way of drops: complete or not, in order or not, what their markers promise. Each accident
shows its code, its message, where the file went, and that nothing was lost."""

import gzip
import hashlib
import json
import os
import subprocess

import export
from configuration import job
from play import expect, expect_equal, run, scenario


def configure(scene, mode="snapshot", complete="rename"):
    scene.configure(jobs=job("erp-customers", scene.spool, mode=mode,
                             source=f'pattern: "*.csv"\n      complete: {complete}'))


def failed_with(scene, name, code, word, content):
    """A sync that finds the drop malformed: 65, its code, the file byte for byte in failed/."""
    report, = [one for one in scene.patchbay("sync", "--json", code=65).reports
               if one["outcome"] == "failed"]
    expect_equal(report["error"]["code"], code, "code")
    expect(word in report["error"]["message"], report["error"]["message"])
    expect_equal((scene.spool / "failed" / name).read_bytes(), content, f"{name} in failed/")
    return report


def deltas(scene, count=4):
    """A delta job whose base is known, and its records."""
    records = export.customers(20)
    scene.start_twin(records)
    configure(scene, mode="delta")
    scene.drop("d_0.csv", records)
    scene.patchbay("sync")
    return records


def one_change(records, number, limit):
    key = f"C-{number:06}"
    return export.drop_bytes({key: {**records[key], "credit_limit": limit}})


@scenario("by marker: a drop without one waits; rows, bytes and SHA-256 that are right let it in, "
          "and the marker lies beside it in the archive")
def marked(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    configure(scene, complete="marker")
    content = gzip.compress(export.drop_bytes(records))
    scene.drop("customers_1.csv.gz", content)
    expect_equal(scene.patchbay("sync", "--json").out, "", "nothing is complete")
    expect((scene.spool / "customers_1.csv.gz").exists(), "it lies where it lay")
    marker = f"rows: 20\nbytes: {len(content)}\nsha256: {hashlib.sha256(content).hexdigest()}\n"
    scene.drop("customers_1.csv.gz.done", marker.encode())
    report = scene.patchbay("sync", "--json").report
    expect_equal(report["totals"]["unchanged"], 20, "unchanged")
    expect_equal(report["drop"]["file"], "customers_1.csv.gz", "the drop's name")
    archived, = (scene.spool / "archive").glob("*/customers_1.csv.gz")
    expect_equal(archived.read_bytes(), content, "archived byte for byte")
    expect_equal((archived.parent / "customers_1.csv.gz.done").read_text(), marker, "its marker")
    expect_equal(list(scene.spool.glob("*.done")), [], "markers left behind")
    expect_equal(twin.log("patch"), [], "PATCHes")


@scenario("a marker that promises other rows, bytes or another SHA-256 fails the drop: 65, named")
def broken_promises(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    configure(scene, complete="marker")
    content = export.drop_bytes(export.changed(records, {"C-000003": {"credit_limit": "1.50"}}))
    promises = {
        "rows: 21": ("MARKER_ROWS_DIFFER", "20 rows, its marker says 21"),
        "bytes: 7": ("MARKER_BYTES_DIFFER", f"{len(content)} bytes, its marker says 7"),
        "sha256: " + "0" * 64: ("MARKER_SHA256_DIFFERS", "its marker says 000"),
        "rows: all of them": ("MARKER_UNREADABLE", "line 1"),
    }
    for number, (text, (code, word)) in enumerate(promises.items()):
        name = f"customers_{number}.csv"
        scene.drop(name, content)
        scene.drop(f"{name}.ok", text.encode())
        dry = scene.patchbay("plan", "--json", code=65).report
        expect_equal(dry["error"]["code"], code, "code of the dry run")
        failed_with(scene, name, code, word, content)
        expect((scene.spool / "failed" / f"{name}.ok").exists(), "the marker lies beside it")
    expect_equal(twin.log("patch"), [], "PATCHes")


@scenario("an empty file and a header without rows are held, unless the marker says 0 rows")
def empty(scene):
    records = export.customers(20)
    scene.start_twin(records)
    configure(scene, complete="marker")
    header = export.drop_bytes({})
    for name, content in (("empty.csv", b""), ("header.csv", header)):
        scene.drop(name, content)
        scene.drop(f"{name}.done", b"")
        report = scene.patchbay("sync", "--json", code=4).report
        expect("DROP_EMPTY" in scene.patchbay("status", "--json").out, "its code in status")
        expect_equal(report["outcome"], "held", "outcome")
        expect_equal((scene.spool / "held" / name).read_bytes(), content, f"{name} in held/")
        scene.patchbay("discard", name)
        scene.drop(f"meant_{name}", content)
        scene.drop(f"meant_{name}.done", b"rows: 0")
        reports = scene.patchbay("sync", "--json").reports
        expect_equal(reports[-1]["outcome"], "done", "outcome of one that is meant")


@scenario("of several snapshots the newest that can be read counts, the older are superseded; one "
          "that fails does not take the others with it")
def several_snapshots(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    configure(scene)
    scene.drop("customers_9.csv", export.changed(records, {"C-000001": {"credit_limit": "1.00"}}))
    scene.drop("customers_10.csv", export.changed(records, {"C-000002": {"credit_limit": "2.00"}}))
    broken = b"\"KUNNR\";\"EMAIL\"\r\n\"C-000001\";\"x@y.it\"\r\n"
    scene.drop("customers_11.csv", broken)
    reports = {one["drop"]["file"]: one for one in scene.patchbay("sync", "--json", code=65).reports}
    expect_equal(reports["customers_11.csv"]["error"]["code"], "COLUMN_MISSING", "the broken one")
    expect_equal(reports["customers_10.csv"]["totals"]["applied"], 1, "the newest that can be read")
    expect_equal(reports["customers_9.csv"]["totals"]["superseded"], 20, "the older one")
    expect_equal((scene.spool / "failed" / "customers_11.csv").read_bytes(), broken, "in failed/")
    expect(list((scene.spool / "archive").glob("*/customers_9.csv")), "the older one is archived")
    expect_equal(len(twin.log("patch")), 1, "PATCHes")


@scenario("a newer snapshot that is admitted supersedes a held one")
def held_is_superseded(scene):
    records = export.customers(60)
    scene.start_twin(records)
    configure(scene)
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    scene.drop("customers_2.csv", dict(list(records.items())[:40]))
    scene.patchbay("sync", code=4)
    scene.drop("customers_3.csv", records)
    reports = {one["drop"]["file"]: one for one in scene.patchbay("sync", "--json").reports}
    expect_equal(reports["customers_2.csv"]["totals"]["superseded"], 40, "the held one")
    expect_equal(list((scene.spool / "held").iterdir()), [], "held/")
    expect_equal(json.loads((scene.spool / "feedback" / "customers_2.csv.ack.json").read_text())
                 ["totals"]["superseded"], 40, "its ack")


@scenario("deltas: an older one is held and named; approved it is applied, discarded it is put away")
def older(scene):
    records = deltas(scene)
    scene.drop("d_2.csv", one_change(records, 2, "2.00"))
    scene.patchbay("sync")
    scene.drop("d_1.csv", one_change(records, 1, "1.00"))
    report = scene.patchbay("sync", "--json", code=4).report
    expect_equal((report["totals"]["held"], report["totals"]["read"]), (1, 1), "held rows")
    told = scene.patchbay("status").out
    expect("DROP_OLDER" in told and "d_2.csv" in told, told)
    scene.drop("d_3.csv", one_change(records, 3, "3.00"))
    expect_equal(scene.patchbay("sync", "--json").report["totals"]["applied"], 1, "not held back")
    scene.patchbay("approve", "d_1.csv")
    # Reviewed before d_3 was admitted: asked for again, then let through.
    scene.patchbay("sync", "--json", code=4)
    scene.patchbay("approve", "d_1.csv")
    expect_equal(scene.patchbay("sync", "--json").report["totals"]["applied"], 1, "applied")


@scenario("deltas: a gap in the sequence is held and holds the later ones back, and goes on by "
          "itself when the missing one comes")
def gap(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    configure(scene, mode="delta", complete="marker")

    def deliver(number, limit):
        scene.drop(f"d_{number}.csv", one_change(records, number, limit))
        scene.drop(f"d_{number}.csv.done", f"sequence: {number}".encode())

    deliver(1, "1.00")
    scene.patchbay("sync")
    deliver(3, "3.00")
    deliver(4, "4.00")
    first, second = scene.patchbay("sync", "--json", code=4).reports
    expect_equal((first["drop"]["file"], first["outcome"]), ("d_3.csv", "held"), "the gap")
    expect_equal((second["drop"]["file"], second["outcome"]), ("d_4.csv", "held"), "behind it")
    told = scene.patchbay("status").out
    expect("DROP_GAP: number 2 is missing" in told and "DROP_WAITS" in told, told)
    expect_equal(len(twin.log("patch")), 1, "PATCHes before the missing one")
    deliver(2, "2.00")
    dry = [(one["drop"]["file"], one["outcome"]) for one in scene.patchbay("plan", "--json").reports]
    reports = scene.patchbay("sync", "--json").reports
    names = [one["drop"]["file"] for one in reports]
    expect_equal(names, ["d_2.csv", "d_3.csv", "d_4.csv"], "in order, all three")
    expect_equal([name for name, _ in dry], names, "the dry run says the same")
    there = twin.customers()
    expect_equal([there[f"C-00000{n}"]["metadata"]["credit_limit"] for n in (1, 2, 3, 4)],
                 [1, 2, 3, 4], "the API's numbers")


@scenario("deltas: one that fails holds the later ones back until it comes again, or is discarded")
def failed_blocks(scene):
    records = deltas(scene)
    broken = b"no;such;columns\r\n1;2;3\r\n"
    scene.drop("d_1.csv", broken)
    scene.drop("d_2.csv", one_change(records, 2, "2.00"))
    reports = scene.patchbay("sync", "--json", code=65).reports
    expect_equal([one["outcome"] for one in reports], ["failed", "held"], "outcomes")
    expect("DROP_WAITS" in scene.patchbay("status").out, "status says that it waits")
    scene.drop("d_1.csv", one_change(records, 1, "1.00"))
    names = [one["drop"]["file"] for one in scene.patchbay("sync", "--json").reports]
    expect_equal(names, ["d_1.csv", "d_2.csv"], "both, in order")
    scene.drop("d_3.csv", broken)
    scene.drop("d_4.csv", one_change(records, 4, "4.00"))
    scene.patchbay("sync", code=65)
    scene.patchbay("discard", "d_3.csv")
    expect_equal(scene.patchbay("sync", "--json").report["drop"]["file"], "d_4.csv", "goes on")


@scenario("the same content twice sends nothing; a name already used gets -2")
def twice(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    configure(scene)
    after = export.changed(records, {"C-000003": {"credit_limit": "1.50"}})
    for applied in (1, 0):
        scene.drop("customers.csv", after)
        report = scene.patchbay("sync", "--json").report
        expect_equal(report["totals"]["applied"], applied, "applied")
        expect_equal(report["drop"]["file"], "customers.csv", "its name as delivered")
    expect_equal(len(twin.log("patch")), 1, "PATCHes")
    expect_equal(sorted(path.name for path in (scene.spool / "archive").glob("*/*")),
                 ["customers-2.csv", "customers.csv"], "archive")


@scenario("links, second links and pipes are not taken: named, left where they lie; the others go on")
def unsafe(scene):
    records = export.customers(5)
    scene.start_twin(records)
    configure(scene)
    outside = scene.folder / "outside.csv"
    outside.write_bytes(export.drop_bytes(records))
    (scene.spool / "a_link.csv").symlink_to(outside)
    os.link(outside, scene.spool / "b_second.csv")
    os.mkfifo(scene.spool / "c_pipe.csv")
    scene.drop("d_good.csv", records)
    reports = {one["drop"]["file"]: one for one in scene.patchbay("sync", "--json", code=65).reports}
    for name, word in (("a_link.csv", "symbolic link"), ("b_second.csv", "hard links"),
                       ("c_pipe.csv", "not a regular file")):
        expect_equal(reports[name]["error"]["code"], "DROP_UNSAFE", f"code of {name}")
        expect(word in reports[name]["error"]["message"], reports[name]["error"]["message"])
        expect((scene.spool / name).lstat(), f"{name} lies where it lay")
    expect_equal(reports["d_good.csv"]["totals"]["unchanged"], 5, "the good one")


@scenario("malformed as a whole: a bomb, damage, an open quote, a column missing or twice, another "
          "encoding: 65, its code, failed/ byte for byte")
def malformed(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    configure(scene)
    good = export.drop_bytes(records)
    rows = good.split(b"\r\n", 1)
    accidents = {
        "bomb.csv.gz": (gzip.compress(good + b"\n" * 200_000_000, 9), "DROP_BOMB", "ratio"),
        "cut.csv.gz": (gzip.compress(good)[:-20], "DROP_DAMAGED", "cut off"),
        "quote.csv": (good[:-4], "CSV_UNCLOSED_QUOTE", "line"),
        "missing.csv": (good.replace(b'"EMAIL"', b'"MAIL"'), "COLUMN_MISSING", "EMAIL"),
        "double.csv": (rows[0].replace(b'"NAME1"', b'"EMAIL"') + b"\r\n" + rows[1],
                       "COLUMN_DUPLICATE", "EMAIL"),
        "long.csv": (rows[0] + b"\r\n\"C-1\";\"" + b"x" * 17_000_000 + b"\"\r\n",
                     "CSV_LINE_TOO_LONG", "limits.line"),
    }
    for name, (content, code, word) in accidents.items():
        scene.drop(name, content)
        failed_with(scene, name, code, word, content)
    expect_equal(twin.log("patch"), [], "PATCHes")


@scenario("a last row that is cut off is told apart from one that is only ragged, and from a file "
          "whose last line end is missing")
def cut_off(scene):
    records = export.customers(40)
    scene.start_twin(records)
    configure(scene)
    good = export.drop_bytes(records)
    scene.drop("whole.csv", good[:-2])
    expect_equal(scene.patchbay("sync", "--json").report["totals"]["unchanged"], 40, "unchanged")
    for name, ending, code in (("cut.csv", b'"C-000041";"New', None),
                               ("cut2.csv", b'"C-000041";"New"', "CSV_TRUNCATED"),
                               ("ragged.csv", b'"C-000041";"New"\r\n', "CSV_RAGGED")):
        scene.drop(name, good + ending)
        if code is None:
            failed_with(scene, name, "CSV_UNCLOSED_QUOTE", "line", good + ending)
            continue
        report = scene.patchbay("sync", "--json", code=3).report
        expect_equal([one["code"] for one in report["rejects"]], [code], f"reject of {name}")
        expect_equal(report["totals"]["unchanged"], 40, "the others")


@scenario("UTF-16 from a spreadsheet, with comments and escapes: read, and its refused rows given "
          "back in its own encoding")
def other_dialects(scene):
    records = export.customers(10)
    twin = scene.start_twin(records)
    text = scene.configure().read_text()
    scene.config.write_text(text.replace(
        "encoding: windows-1252", 'encoding: utf-16le, escape: "\\\\", comment: "#"'))
    after = export.changed(records, {"C-000003": {"name": 'The "Inn"'}})
    rows = export.drop_bytes(after).decode("cp1252").replace('""Inn""', '\\"Inn\\"').replace("1004,04", "lots")
    content = ("\ufeff# export of tonight\r\n" + rows).encode("utf-16le")
    scene.drop("customers_1.csv", content)
    report = scene.patchbay("sync", "--json", code=3).report
    expect_equal((report["totals"]["applied"], report["totals"]["rejected"]), (1, 1), "totals")
    expect_equal(twin.customers()["C-000003"]["metadata"]["name"], 'The "Inn"', "the name")
    back = (scene.spool / "feedback" / "customers_1.csv.rejected.csv").read_bytes()
    lines = back.decode("utf-16le").lstrip("\ufeff").split("\r\n")
    expect("patchbay_error" in lines[0] and lines[1].startswith('"C-000004"'), lines)
    scene.drop("customers_2.csv", back.decode("utf-16le").replace("lots", "9,50").encode("utf-16le"))
    expect_equal(scene.patchbay("sync", "--json").report["totals"]["applied"], 1, "corrected")


@scenario("the rejected file of a drop with 40 bad rows, corrected with sed and dropped again, is "
          "applied; the archive is untouched")
def forty_bad_rows(scene):
    records = export.customers(1000)
    twin = scene.start_twin(records)
    configure(scene)
    bad = {f"C-{n:06}": {"credit_limit": "12345.67", "email": f"bad{n}.example.com"}
           for n in range(25, 1001, 25)}
    content = export.drop_bytes(export.changed(records, bad))
    scene.drop("customers_1.csv", content)
    report = scene.patchbay("sync", "--json", code=3).report
    expect_equal(report["totals"]["rejected"], 40, "rejected")
    rejected = scene.spool / "feedback" / "customers_1.csv.rejected.csv"
    corrected = scene.folder / "corrected.csv"
    with open(corrected, "wb") as out:
        subprocess.run(["sed", "s/\\(bad[0-9]*\\)[.]example/\\1@example/", rejected],
                       stdout=out, check=True, env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
    scene.drop("corrections.csv", corrected.read_bytes())
    report = scene.patchbay("sync", "--json").report
    expect_equal((report["totals"]["applied"], report["planned"]["absent"]), (40, 0), "applied")
    there = twin.customers()
    for key, fields in bad.items():
        expect_equal(there[key]["email"], fields["email"].replace(".ex", "@ex", 1), key)
    archived, = (scene.spool / "archive").glob("*/customers_1.csv")
    expect_equal(archived.read_bytes(), content, "the archive")


@scenario("quiet: a file counts as complete when nobody has touched it for so long")
def quiet(scene):
    records = export.customers(5)
    scene.start_twin(records)
    configure(scene, complete="quiet:30s")
    path = scene.drop("customers_1.csv", records)
    expect_equal(scene.patchbay("sync", "--json").out, "", "it is too fresh")
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 31))
    expect_equal(scene.patchbay("sync", "--json").report["totals"]["unchanged"], 5, "unchanged")


run()
