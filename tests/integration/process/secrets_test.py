#!/usr/bin/env python3
"""Secrets and passwords stay where they belong, whatever goes wrong and however loud the log."""

import base64
import json

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


def named_in(log, records):
    """Who of the records can be read from the log: by key, id or e-mail address."""
    return sorted({key for key, one in records.items()
                   if key in log or export.id_of(key) in log or one["email"] in log})


@scenario("at the default level the log of a night full of refusals names nobody; the hash that it "
          "gives leads an operator to the customer")
def nobody(scene):
    before = export.customers(40)
    twin = scene.start_twin(before)
    scene.configure(attempts=2, request="1s", base="20ms", cap="50ms", give_up="3s")
    scene.drop("customers_0.csv", before)
    scene.patchbay("sync", "--json")
    hashes, logs = set(), []
    for number, form in enumerate(("text", "json", "journal"), 1):
        # A circle of addresses, one that is taken, refused values, errors, no answer, a 404.
        edits = {key: {"email": f"n{number}.{key.lower()}@example.com"} for key in list(before)[:20]}
        edits["C-000021"] = {"email": before["C-000022"]["email"]}
        edits["C-000022"] = {"email": before["C-000021"]["email"]}
        edits["C-000023"] = {"email": before["C-000030"]["email"]}
        after = export.changed(before, edits)
        twin.heal()
        twin.err("refuse-value,customer=C-000001,field=email",
                 "html-500,method=PATCH,customer=C-000002",
                 "never-answer,method=PATCH,customer=C-000003,times=1",
                 "reset-after,method=PATCH,customer=C-000004,times=1")
        scene.drop(f"customers_{number}.csv", after)
        ended = scene.patchbay("sync", "--log-format", form, code=3,
                               environment={"JOURNAL_STREAM": ""})
        expect("attempt" in ended.err, f"refusals are in the log: {ended.err[-500:]}")
        expect_equal(named_in(ended.err, before) + named_in(ended.err, after), [],
                     f"customers named in the log:\n{ended.err[-3000:]}\n")
        expect("@example.com" not in ended.err, "an address in the log")
        logs.append(ended.err)
        if form == "json":
            lines = [json.loads(line) for line in ended.err.splitlines()]
            hashes = {line["fields"]["customer"]: line for line in lines
                      if "customer" in line.get("fields", {})}
    expect(hashes, "customers have a hash")
    keys = {scene.patchbay("explain", one, "--json").report["key"] for one in hashes}
    expect("C-000001" in keys and keys <= set(before), f"explain finds them: {keys}")
    expect(all(one in logs[0] for one in hashes if hashes[one]["level"] == "warning"),
           "the same customer has the same hash in another run")
    scene.patchbay("explain", "0123456789abcdef", code=66)


@scenario("who is gone at the API and is looked up in vain is named by his hash alone, too")
def gone(scene):
    before = export.customers(5)
    twin = scene.start_twin(before)
    scene.configure()
    scene.drop("customers_1.csv", before)
    scene.patchbay("sync")
    twin.ask("DELETE", "/twin/customers/" + export.id_of("C-000002"))
    scene.drop("customers_2.csv", export.changed(before, {"C-000002": {"credit_limit": "2.5"}}))
    scene.patchbay("sync", code=3)
    scene.days_pass()
    log = scene.patchbay("sync", code=3).err
    expect("CUSTOMER_NOT_FOUND" in log and "customer=" in log, log)
    expect_equal(named_in(log, before), [], f"customers named in the log: {log}")
    log = scene.patchbay("dead-letters", "retry", "C-000002") and scene.patchbay(
        "sync", "-vv", code=3).err
    expect("the API has no customer whose reference is C-000002" in log, f"at debug: {log}")


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
