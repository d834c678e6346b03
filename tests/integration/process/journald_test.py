#!/usr/bin/env python3
"""A night in a real journal: systemd-journald in a mount namespace of its own, asked by its fields,
with the catalog's words. Needs root; skipped where a namespace cannot be had."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import export
from play import expect, expect_equal, run, scenario

JOURNALD = "/lib/systemd/systemd-journald"
CATALOG = pathlib.Path(__file__).parents[3] / "systemd" / "patchbay.catalog"
INSIDE = "PATCHBAY_TEST_JOURNAL"


def go_inside():
    """The whole test again where /run is empty; every process of it ends with the namespace."""
    if os.environ.get(INSIDE) or not os.access(JOURNALD, os.X_OK) or not shutil.which("unshare"):
        return
    mount = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c"]
    if subprocess.run([*mount, "mount -t tmpfs tmpfs /run"], check=False,
                      capture_output=True).returncode != 0:
        return
    again = 'mount -t tmpfs tmpfs /run && mkdir -p /run/log/journal /run/systemd && exec "$@"'
    done = subprocess.run([*mount, again, "sh", sys.executable, *sys.argv], check=False,
                          env={**os.environ, INSIDE: "1"})
    sys.exit(done.returncode)


def entries(*matches):
    subprocess.run(["journalctl", "--sync"], check=False, capture_output=True)
    said = subprocess.run(["journalctl", "-D", str(next(pathlib.Path("/run/log/journal").iterdir())),
                           "-o", "json", "--no-pager", "SYSLOG_IDENTIFIER=patchbay", *matches], capture_output=True, check=True)
    return [json.loads(line) for line in said.stdout.splitlines()]


@scenario("journalctl finds a night by run, job, drop, event and customer, and its ids are catalogued")
def night(scene):
    journald = subprocess.Popen([JOURNALD], stderr=subprocess.DEVNULL)
    try:
        scene.wait_until(lambda: os.path.exists("/run/systemd/journal/socket"), "journald", 20)
        records = export.customers(40)
        twin = scene.start_twin(records)
        scene.configure()
        scene.drop("customers_0.csv", records)
        scene.patchbay("sync", "--log-format", "journal")
        twin.err("refuse-value,customer=C-000002,field=email")
        few = export.changed(records, {"C-000002": {"email": "x@example.com"}})
        scene.drop("customers_1.csv", few)
        ended = scene.patchbay("sync", "--json", "--log-format", "journal", code=3)
        expect_equal(ended.err, "", "on stderr")
        scene.wait_until(lambda: entries("EVENT=attempt"), "the refusal", 20)
        refused = entries("EVENT=attempt", f"RUN_ID={ended.report['run']}", "JOB=erp-customers", "-p",
                        "warning")
        expect_equal(len(refused), 1, "entries of the refusal")
        expect(refused[0]["REQUEST_ID"] and len(refused[0]["CUSTOMER"]) == 16, str(refused[0]))
        key = scene.patchbay("explain", refused[0]["CUSTOMER"], "--json").report["key"]
        expect_equal(key, "C-000002", "whom the hash means")
        expect("C-000002" not in json.dumps(entries()), "a key in the journal")
        claimed = entries("DROP=customers_1.csv", "EVENT=drop_claimed")
        expect_equal(len(claimed), 1, "the claim")
        expect(f"-- {claimed[0]['MESSAGE_ID']}" in CATALOG.read_text().splitlines(), "catalogued")
    finally:
        journald.terminate()
        journald.wait(20)


if __name__ == "__main__":
    go_inside()
    if not os.environ.get(INSIDE):
        print("no namespace for a journal of our own")
        sys.exit(77)
    run()
