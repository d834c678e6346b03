#!/usr/bin/env python3
"""Whom patchbay talks to, and what it says of a configuration that is wrong."""

import re
import subprocess

import export
from play import expect, expect_equal, run, scenario


def refused_certificate(scene, kind, words):
    twin = scene.start_twin(export.customers(5), "--certificate", kind)
    scene.configure(give_up="3s")
    scene.drop("customers_1.csv", export.customers(5))
    ended = scene.patchbay("sync", "--json", code=69, timeout=60)
    said = (ended.err + ended.out).lower()
    expect(any(word in said for word in words), f"the message says one of {words}: {ended.err}")
    expect_equal(twin.log(), [], "requests that reached the API")
    checked = scene.patchbay("check", code=69, timeout=60)
    expect(any(word in (checked.err + checked.out).lower() for word in words),
           f"`check` says one of {words}: {checked.out} {checked.err}")


@scenario("a certificate for another host is refused, and the message says so")
def wrong_host(scene):
    refused_certificate(scene, "wrong-host", ("host name", "hostname"))


@scenario("a self-signed certificate is refused, and the message says so")
def self_signed(scene):
    refused_certificate(scene, "self-signed", ("self-signed", "self signed"))


@scenario("an expired certificate is refused, and the message says so")
def expired(scene):
    refused_certificate(scene, "expired", ("expired",))


@scenario("plain http to a host that is not loopback is refused: 78, nothing is sent")
def plain_http(scene):
    scene.start_twin(export.customers(5))
    scene.configure(base_url="http://shop.example.com/api")
    scene.drop("customers_1.csv", export.customers(5))
    ended = scene.patchbay("sync", "--json", code=78)
    expect("http" in ended.err and "loopback" in ended.err, f"the message: {ended.err}")
    expect_equal(scene.twin.log(), [], "requests")


@scenario("a wrong secret: 77, nothing is written, all stays pending")
def wrong_secret(scene):
    records = export.customers(5)
    scene.start_twin(records)
    scene.configure()
    scene.secret_file.write_text("not-the-secret")
    scene.drop("customers_1.csv", records)
    ended = scene.patchbay("sync", "--json", code=77, timeout=60)
    expect("not-the-secret" not in ended.err + ended.out, "the secret is not repeated")
    expect_equal([one for one in scene.twin.log() if one.kind != "token"], [], "requests")


@scenario("a target that cannot be reached: 69, the message names it")
def unreachable(scene):
    scene.start_twin(export.customers(5))
    scene.configure(give_up="2s")
    scene.twin.stop()
    scene.twin.process.returncode = 0
    scene.drop("customers_1.csv", export.customers(5))
    ended = scene.patchbay("sync", code=69, timeout=60)
    expect("localhost" in ended.err or "127.0.0.1" in ended.err, f"the message: {ended.err}")


@scenario("many readers have one patience: verify of many customers gives up as soon as that of a few")
def one_patience(scene):
    records = export.customers(200)
    scene.start_twin(records)
    scene.configure(give_up="2s")
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    scene.twin.stop()
    scene.twin.process.returncode = 0
    scene.patchbay("verify", code=69, timeout=20)


@scenario("a result that cannot be written is no success")
def nowhere_to_write(scene):
    records = export.customers(5)
    scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    for command in (["status"], ["explain", "C-000001", "--json"], ["verify"], ["report"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(scene.command(command), stdout=full, stderr=subprocess.PIPE,
                                  env=scene.environment(), check=False)
        expect_equal(done.returncode, 74, f"exit code of {command}")
        expect(b"OUTPUT_UNWRITABLE" in done.stderr, done.stderr)


# what is replaced, by what, words of the message
MISTAKES = [
    ("an unknown key", "  sessions:", "  sesions:", ("sesions", "sessions", "did you mean")),
    ("a wrong type", "  sessions: 8", "  sessions: many", ("sessions", "number")),
    ("a wrong duration", "request: 15s", "request: soon", ("request",)),
    ("a duplicate key", "  client_id: integration-client",
     "  client_id: integration-client\n  client_id: b", ("client_id",)),
    ("an alias", "  client_id: integration-client", "  client_id: &x abc\n  scope: *x", ()),
    ("a missing value", "  client_id: integration-client\n", "", ("client_id",)),
    ("an unknown type of field", "type: decimal", "type: decimel", ("decimel", "decimal")),
    ("an unknown time zone", "    match:", "    timezone: Europe/Rom\n    match:", ("Europe/Rom",)),
]


@scenario("every mistake in the configuration: 78, file:line:column, what was expected")
def mistakes(scene):
    scene.start_twin(export.customers(3))
    good = scene.configure().read_text()
    scene.patchbay("check", "--no-network")
    for what, old, new, words in MISTAKES:
        expect(old in good, f"the configuration holds {old!r}")
        scene.config.write_text(good.replace(old, new, 1))
        ended = scene.patchbay("check", "--no-network", "--json", code=None)
        expect_equal(ended.code, 78, f"exit code of {what} ({ended.err})")
        at = re.search(re.escape(str(scene.config)) + r":(\d+):(\d+)", ended.err)
        expect(at, f"{what}: the message has file:line:column: {ended.err}")
        if what != "a missing value":
            line = good.replace(old, new, 1)[:good.index(old)].count("\n") + 1
            line += new.rstrip("\n").count("\n") if what in ("a duplicate key",) else 0
            if what not in ("an alias",):
                expect_equal(int(at.group(1)) in (line, line + 1), True,
                             f"{what}: line {at.group(1)}, the mistake is in line {line}")
        for word in words:
            expect(word.lower() in ended.err.lower(), f"{what}: says {word!r}: {ended.err}")
        error = ended.report["error"]
        expect(error["code"].startswith("CONFIG_"), f"{what}: code {error['code']}")
        expect_equal([error["line"], error["column"]], [int(at.group(1)), int(at.group(2))],
                     f"{what}: place in --json")
    expect_equal(scene.twin.log(), [], "requests")


@scenario("a secret file that is missing, or that others can read, is refused: 78")
def secret_file(scene):
    scene.start_twin(export.customers(3))
    scene.configure()
    scene.drop("customers_1.csv", export.customers(3))
    scene.secret_file.chmod(0o644)
    ended = scene.patchbay("sync", code=78)
    expect(str(scene.secret_file) in ended.err, f"the message names the file: {ended.err}")
    scene.secret_file.unlink()
    ended = scene.patchbay("sync", code=78)
    expect(str(scene.secret_file) in ended.err, f"the message names the file: {ended.err}")
    expect_equal(scene.twin.log(), [], "requests")


@scenario("a configuration that is not there: 78, and its name")
def no_configuration(scene):
    scene.config = scene.folder / "nowhere.yaml"
    ended = scene.patchbay("check", code=78)
    expect(str(scene.config) in ended.err, f"the message names the file: {ended.err}")


run()
