#!/usr/bin/env python3
"""The state over a life: schemas of earlier and later versions, a backup taken while the service runs,
another host."""

import re
import shutil
import sqlite3

import export
from play import expect, expect_equal, run, scenario
from project import TOP, said


def ladder():
    """The steps of the schema, as src/adapter/store has them."""
    text = (TOP / "src/adapter/store/schema.cpp").read_text(encoding="utf-8")
    steps = re.findall(r'version_\d+ = R"sql\((.*?)\)sql"', text, re.S)
    expect(len(steps) >= 5, f"{len(steps)} steps")
    return steps


# What a state of the first version holds: a customer that is settled, one that an admitted drop changes.
FIRST = """
INSERT INTO meta VALUES('store_id', '00112233445566778899aabbccddeeff'), ('secret', '{secret}'),
  ('generation', 1), ('longest_window', 0);
INSERT INTO job VALUES(1, 'erp-customers', 1);
INSERT INTO customer VALUES(1, 'C-000001', '{id_1}', '{{"email":"buyer.1@example.com"}}', NULL, NULL);
INSERT INTO customer VALUES(1, 'C-000002', '{id_2}', '{{"email":"buyer.2@example.com"}}', NULL, NULL);
INSERT INTO drop_record VALUES(1, 1, 'customers_1.csv', 'customers_1.csv', 3, 0, 'd', 'c', 100, 1, 2, '',
  2, 1, 0, 0, 0, 0, 1);
INSERT INTO wanted VALUES(1, 'C-000002', 1, 3, '{{"email":"new.2@example.com"}}', NULL, x'{zero}', x'{zero}',
  5, 0, 0, NULL, NULL);
"""


def older(scene, version):
    """A store as a program of that version left it."""
    scene.state.mkdir(mode=0o700, exist_ok=True)
    file = scene.state / "patchbay.db"
    file.unlink(missing_ok=True)
    base = sqlite3.connect(file)
    base.execute("PRAGMA journal_mode=WAL")
    steps = ladder()
    base.executescript(steps[0])
    base.executescript(FIRST.format(secret="ab" * 32, zero="00" * 16, id_1=export.id_of("C-000001"),
                                    id_2=export.id_of("C-000002")))
    for step in steps[1:version]:
        base.executescript(step)
    base.execute(f"PRAGMA application_id={0x70626179}")
    base.execute(f"PRAGMA user_version={version}")
    base.commit()
    base.close()
    file.chmod(0o600)
    return file


@scenario("a state of every earlier version is brought to this one, and what it owes is delivered")
def upgraded(scene):
    newest = len(ladder())
    records = export.customers(2)
    twin = scene.start_twin(records)
    scene.configure()
    for version in range(1, newest):
        file = older(scene, version)
        twin.change({"id": export.id_of("C-000002"), "email": "buyer.2@example.com"})
        before = len(twin.log("patch"))
        expect_equal(scene.pending(), 1, f"pending in a state of version {version}")
        scene.patchbay("sync")
        expect_equal(len(twin.log("patch")) - before, 1, f"PATCHes from version {version}")
        expect_equal(twin.customers()["C-000002"]["email"], "new.2@example.com", "what was owed")
        base = sqlite3.connect(file)
        expect_equal(base.execute("PRAGMA user_version").fetchone()[0], newest, "version")
        expect_equal(base.execute("SELECT customers FROM job").fetchone()[0], 2, "customers counted")
        expect_equal(base.execute("SELECT admission FROM drop_record").fetchone()[0], 1, "order of admission")
        expect_equal(base.execute("PRAGMA integrity_check").fetchone()[0], "ok", "integrity")
        base.close()


@scenario("a state of a later version is refused with what to do, byte for byte as it was")
def downgraded(scene):
    scene.start_twin(export.customers(1))
    scene.configure()
    file = older(scene, len(ladder()))
    with sqlite3.connect(file) as base:
        base.execute("PRAGMA user_version=99")
    base.close()
    before = file.read_bytes()
    ended = scene.patchbay("sync", code=74)
    expect("newer patchbay" in ended.err and "restore the backup" in ended.err, ended.err)
    expect_equal(file.read_bytes() == before, True, "untouched")


def backed_up(scene, into):
    """As docs/operations.md says, beside whatever runs."""
    into.mkdir(mode=0o700)
    said("sqlite3", scene.state / "patchbay.db", ".timeout 10000", f".backup '{into}/patchbay.db'")
    shutil.copy2(scene.state / "seal.key", into)


@scenario("a backup taken while the daemon delivers is whole; restored, it goes on and sends what it owes")
def restored(scene):
    records = export.customers(80)
    twin = scene.start_twin(records, "--latency", "10ms-20ms")
    scene.configure(sessions=2, request="2s")
    scene.drop("customers_0.csv", records)
    scene.patchbay("sync")
    after = export.changed(records, {key: {"credit_limit": f"{n}.125"} for n, key in enumerate(records)})
    daemon = scene.launch("daemon")
    scene.drop("customers_1.csv", after)
    scene.wait_until(lambda: len(twin.log("patch")) > 10, "some PATCHes", 30, daemon)
    kept = scene.folder / "kept"
    backed_up(scene, kept)
    scene.wait_until(lambda: not export.differences(after, twin.customers()), "the rest", 60, daemon)
    daemon.terminate()
    expect_equal(daemon.wait(30), 0, "the daemon drained")
    sent = len(twin.log("patch"))
    shutil.rmtree(scene.state)
    kept.rename(scene.state)
    base = sqlite3.connect(scene.state / "patchbay.db")
    expect_equal(base.execute("PRAGMA integrity_check").fetchone()[0], "ok", "integrity of the backup")
    base.close()
    owed = scene.pending()
    expect(0 < owed < 80, f"the backup was taken in the middle: {owed} pending")
    scene.patchbay("sync")
    expect_equal(scene.pending(), 0, "pending")
    expect_equal(export.differences(after, twin.customers()), [], "the API holds what the ERP wants")
    expect(len(twin.log("patch")) - sent <= owed, "no more is repeated than the backup did not know")
    expect_equal(scene.patchbay("verify", "--json").report["drifted"], [], "nothing drifted")


@scenario("a state that is moved to another folder goes on there: nothing is read or sent again")
def moved(scene):
    records = export.customers(30)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_0.csv", records)
    scene.patchbay("sync")
    asked = len(twin.log("get"))
    there = scene.folder / "there"
    scene.state.rename(there)
    scene.state = there
    scene.configure()
    scene.drop("customers_1.csv", records)
    report = scene.patchbay("sync", "--json").report
    expect_equal(report["totals"]["unchanged"], 30, "unchanged")
    expect_equal((len(twin.log("get")), len(twin.log("patch"))), (asked, 0), "requests")


run()
