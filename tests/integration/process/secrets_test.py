#!/usr/bin/env python3
"""Secrets and passwords stay where they belong, whatever goes wrong and however loud the log."""

import base64

import export
from configuration import FIELDS, job
from play import expect, expect_equal, run, scenario
from twin import CLIENT_ID, CLIENT_SECRET

PASSWORDS = {"C-000001": "Tr0ub4dor-first", "C-000002": "c0rrect-horse-battery",
             "C-000003": "staple-p4ssword-x", "C-000004": "four-Th-passw0rd"}
# The producer's own bytes are exempt, and the two files that hold the secrets on purpose.
EXEMPT = ("/spool/working/", "/spool/archive/", "/spool/held/", "/spool/failed/",
          ".rejected.csv", "/client_secret", "/twin_secret")


def with_passwords(records, passwords):
    """The drop with a column PASSWORT for some customers."""
    lines = [export.COLUMNS + ["PASSWORT"]]
    lines += [export.cells(key, one) + [passwords.get(key, "")] for key, one in records.items()]
    text = "".join(";".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\r\n"
                   for line in lines)
    return text.encode("cp1252")


def places_of(scene, secret):
    """Every file below the scene that holds the bytes, but for the exempt."""
    wanted = secret.encode()
    found = []
    for path in scene.folder.rglob("*"):
        if not path.is_file() or any(part in str(path) for part in EXEMPT):
            continue
        if path.name.startswith("twin") or path.parent == scene.spool:
            continue
        if wanted in path.read_bytes():
            found.append(str(path.relative_to(scene.folder)))
    for arguments, ended in scene.ended:
        if secret in ended.out or secret in ended.err:
            found.append(f"output of patchbay {' '.join(map(str, arguments))}")
    return found


@scenario("client secret, token and passwords are in no log, state file, report or error at -vv, "
          "while everything fails that can")
def nowhere(scene):
    records = export.customers(40)
    twin = scene.start_twin(records)
    fields = FIELDS + "      password: {column: PASSWORT}\n"
    scene.configure(jobs=job("erp-customers", scene.spool, fields=fields), attempts=2,
                    request="2s", base="20ms", cap="100ms", give_up="3s")
    tokens = {twin.token()}
    scene.drop("customers_1.csv", with_passwords(records, PASSWORDS))
    scene.patchbay("sync", "-vv", "--json")
    changed = {key: value + "-second" for key, value in PASSWORDS.items()}
    twin.err("reset-after,method=PATCH,customer=C-000001",
             "html-500,method=PATCH,customer=C-000002",
             "refuse-value,customer=C-000003,field=password",
             "never-answer,method=PATCH,customer=C-000010,times=1",
             "revoke-token,method=PATCH,times=1,after=3",
             "forbidden-403,method=PATCH,times=1,after=12")
    edits = {key: {"email": f"x.{key}@example.com"} for key in list(records)[8:30]}
    scene.drop("customers_2.csv", with_passwords(export.changed(records, edits), changed))
    scene.patchbay("plan", "-vv", "--json", code=None)
    scene.patchbay("sync", "-vv", "--json", code=None, timeout=120)
    tokens.add(twin.token())
    scene.patchbay("sync", "-vv", code=None, timeout=120)
    process = scene.launch("sync", "-vv", "--json")
    try:
        process.wait(0.3)
    except Exception:  # still running: it dies with everything in its hands
        scene.kill(process)
    for command in (("status", "--json"), ("status",), ("report",), ("report", "--format", "json"),
                    ("dead-letters", "list", "--json"), ("dead-letters", "show", "C-000001")):
        scene.patchbay(*command, "-vv", code=None)
    sent = [one for one in twin.log("patch") if "password" in one.attributes]
    expect(sent, "passwords were sent at all")
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    secrets = {CLIENT_SECRET, basic, *tokens, *PASSWORDS.values(), *changed.values()}
    for secret in sorted(secrets):
        expect_equal(places_of(scene, secret), [], f"places that hold {secret[:24]!r}")


@scenario("the first value of a field that cannot be read is its baseline; the next is sent")
def baseline(scene):
    records = export.customers(10)
    twin = scene.start_twin(records)
    fields = FIELDS + "      password: {column: PASSWORT}\n"
    scene.configure(jobs=job("erp-customers", scene.spool, fields=fields))
    scene.drop("customers_1.csv", with_passwords(records, PASSWORDS))
    scene.patchbay("sync", "--json")
    expect_equal(len(twin.log("patch")), 0, "PATCHes of the first run")
    scene.drop("customers_2.csv", with_passwords(records, {**PASSWORDS, "C-000002": "other-one"}))
    report = scene.patchbay("sync", "--json").report
    expect_equal(report["totals"]["applied"], 1, "applied")
    expect_equal([one.customer_id for one in twin.log("patch")], [export.id_of("C-000002")],
                 "customers written")
    expect_equal(report["changes"][0]["fields"]["password"]["to"], "***", "shown masked")


run()
