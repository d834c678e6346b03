#!/usr/bin/env python3
"""`patchbay check`: every item with its result and what to do, its exit code, and no write."""

import os
import shutil
import socket

import export
from configuration import job
from notices import Notices
from play import expect, expect_equal, run, scenario

LIMITS = ("    average: {requests: 200, per: 60s}\n    burst:   {requests: 50, per: 10s}\n")


def items(scene, code, *options, environment=None):
    """By name, from --json; the same run as text has the same items."""
    said = scene.patchbay("check", "--json", *options, code=code, timeout=60,
                          environment=environment).report
    expect_equal(said["fine"], all(one["fine"] for one in said["checks"]), "fine as a whole")
    return {one["name"]: one for one in said["checks"]}


def grade(found, name, wanted, code=None):
    one = found[name]
    expect_equal((one["grade"], one["code"]), (wanted, code), f"{name}: {one['message']}")
    expect(len(one["message"]) > 10, f"{name} says something")


@scenario("everything that a night needs is tested and shown, and nothing is written to the API")
def everything(scene):
    records = export.customers(5)
    twin = scene.start_twin(records, "--organization", "acme", "--mode", "test", limits=("--limits", "200/60s,50/10s"))
    scene.configure(limits=LIMITS,
                    jobs=job("erp-customers", scene.spool, schedule="15 2 * * *"))
    for name in ("state.path", "seal key"):  # before there is a state
        grade(items(scene, 0), name, "ok")
    expect(not scene.state.exists(), "check makes no state")
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    before = scene.tree_digest()
    found = items(scene, 0)
    names = ["configuration", "state.path", "state.path space", "store", "owner", "seal key",
             "report.directory", "erp-customers directory", "erp-customers directory space",
             "erp-customers watch", "erp-customers schedule", "client secret",
             "TLS of api.token_url", "TLS of api.base_url", "token", "read", "clock", "limits",
             "read groups"]
    expect_equal(list(found), names, "items")
    for name in names:
        if "space" not in name:  # how much is free here is not ours to say
            grade(found, name, "ok")
    expect("organization acme" in found["token"]["message"], found["token"]["message"])
    expect("test mode" in found["token"]["message"], found["token"]["message"])
    expect("200 in 60 s" in found["limits"]["message"], found["limits"]["message"])
    expect("TLSv1.3" in found["TLS of api.base_url"]["message"], "protocol")
    expect("left" in found["TLS of api.base_url"]["message"], "days left")
    expect("next run" in found["erp-customers schedule"]["message"], "next run")
    expect("schema" in found["store"]["message"], "schema")
    expect_equal([one.method for one in twin.log("patch")], [], "writes")
    expect_equal(scene.tree_digest(), before, "the spool is untouched")
    text = scene.patchbay("check").out
    expect(all(f"ok    {name}" in text for name in ("token", "read", "clock")), text)


@scenario("what is wrong on this machine has its code and its exit code: state, key, folders, secret")
def machine(scene):
    records = export.customers(5)
    scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    key = scene.state / "seal.key"
    key.chmod(0o644)
    grade(items(scene, 78, "--no-network"), "seal key", "failed", "SEAL_KEY_READABLE")
    key.chmod(0o600)
    scene.secret_file.chmod(0o644)
    grade(items(scene, 78), "client secret", "failed", "SECRET_READABLE_BY_OTHERS")
    scene.secret_file.chmod(0o600)
    shutil.move(scene.spool, scene.folder / "away")
    grade(items(scene, 78, "--no-network"), "erp-customers directory", "failed", "FOLDER_MISSING")
    shutil.move(scene.folder / "away", scene.spool)
    shutil.move(scene.spool / "working", scene.folder / "working")
    (scene.spool / "working").write_text("no folder")
    grade(items(scene, 78, "--no-network"), "erp-customers directory", "failed", "FOLDER_UNUSABLE")
    (scene.spool / "working").unlink()
    shutil.move(scene.folder / "working", scene.spool / "working")

    notices = Notices(scene.folder)
    daemon = scene.launch("daemon", environment={"NOTIFY_SOCKET": notices.path})
    scene.wait_until(lambda: notices.seen("READY=1"), "READY=1", 30, daemon)
    said = items(scene, 0, "--no-network")["owner"]["message"]
    expect(f"pid {daemon.pid}" in said, f"the owner is named: {said}")
    daemon.terminate()
    expect_equal(daemon.wait(30), 0, "the daemon's exit code")
    expect("nobody" in items(scene, 0, "--no-network")["owner"]["message"], "nobody any more")

    store = scene.state / "patchbay.db"
    kept = store.read_bytes()
    with open(store, "r+b") as file:
        for page in range(2, len(kept) // 4096):
            file.seek(page * 4096)
            file.write(os.urandom(64))
    grade(items(scene, 74, "--no-network"), "store", "failed", "STATE_DAMAGED")
    store.write_bytes(kept)
    grade(items(scene, 0, "--no-network"), "store", "ok")


@scenario("where the service listens and leaves its figures is tried, unless the service has it already")
def doors(scene):
    scene.start_twin(export.customers(5))
    textfile = scene.folder / "node" / "patchbay.prom"
    textfile.parent.write_text("no folder")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        scene.configure(more=f"http: {{listen: '127.0.0.1:{port}'}}\n"
                             f"metrics: {{textfile: {textfile}}}")
        found = items(scene, 78, "--no-network")
        grade(found, "http.listen", "failed", "HTTP_UNAVAILABLE")
        grade(found, "metrics.textfile", "warning", "METRICS_NOT_WRITABLE")
    textfile.parent.unlink()  # the service makes it
    found = items(scene, 0, "--no-network")
    grade(found, "http.listen", "ok")
    grade(found, "metrics.textfile", "ok")
    door = scene.folder / "run" / "status.sock"
    scene.configure(more=f"http: {{listen: 'unix:{door}'}}")
    grade(items(scene, 78, "--no-network"), "http.listen", "failed", "FOLDER_UNUSABLE")
    scene.configure(more="http: {listen: 'unix:/run/no-such-patchbay/status.sock'}")
    expect("not there yet" in items(scene, 0, "--no-network")["http.listen"]["message"], "in /run")
    scene.configure(more=f"http: {{listen: 'unix:{door}'}}")
    door.parent.mkdir()
    expect("free" in items(scene, 0, "--no-network")["http.listen"]["message"], "the folder alone")
    expect(not door.exists(), "nothing is left there")
    daemon = scene.launch("daemon")
    scene.wait_until(door.exists, "the socket", 20, daemon)
    expect("owner" in items(scene, 0, "--no-network")["http.listen"]["message"], "the owner has it")
    daemon.terminate()
    expect_equal(daemon.wait(30), 0, "the daemon's exit code")


@scenario("what is wrong with the API has its code and its exit code: away, credentials, permission, "
          "limits, clock, certificate")
def api(scene):
    records = export.customers(5)
    twin = scene.start_twin(records, limits=("--limits", "100/60s,25/10s"))
    scene.configure(limits=LIMITS, give_up="1s")
    grade(items(scene, 0), "limits", "warning", "LIMITS_DIFFER")
    twin.err("no-rate-headers")
    grade(items(scene, 0), "limits", "warning", "LIMITS_NOT_SHOWN")
    twin.heal()
    twin.err("forbidden-403")
    grade(items(scene, 77), "read", "failed", "API_FORBIDDEN")
    twin.heal()
    twin.err("throttled-429")
    grade(items(scene, 75), "read", "failed", "API_THROTTLES")
    twin.heal()
    scene.secret_file.write_text("another secret\n")
    grade(items(scene, 77), "token", "failed", "TOKEN_REFUSED")
    scene.secret_file.write_bytes((scene.folder / "twin_secret").read_bytes())
    grade(items(scene, 0), "clock", "ok")
    grade(items(scene, 0, environment=clock_of(scene, "+10s")), "clock", "warning", "CLOCK_OFF")
    grade(items(scene, 78, environment=clock_of(scene, "-120s")), "clock", "failed", "CLOCK_OFF")
    # The twin's certificate lasts 30 days; the clock is wrong by as much, of course.
    almost = items(scene, 78, environment=clock_of(scene, "+25d"))
    grade(almost, "TLS of api.base_url", "warning", "CERTIFICATE_ENDS")
    expect_equal(twin.log("patch"), [], "writes")
    twin.stop()
    grade(items(scene, 69), "TLS of api.token_url", "failed", "API_UNREACHABLE")


@scenario("an API that answers badly is tried once, whatever api.retry says; a wrong path is told as one")
def tried_once(scene):
    twin = scene.start_twin(export.customers(5))
    text = scene.configure(give_up="10m").read_text()
    twin.err("html-500,method=GET")
    grade(items(scene, 75), "read", "failed", "API_FAILING")
    expect_equal(len(twin.log("get")), 1, "GETs")
    twin.heal()
    scene.config.write_text(text.replace("/api\n", "/nope\n", 1))
    grade(items(scene, 69), "read", "failed", "API_NOT_FOUND")


def clock_of(scene, shift):
    """Another wall clock for the program alone (libfaketime)."""
    library = next(path for path in ("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
                                     "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1")
                   if os.path.exists(path))
    # A sanitized program wants its runtime to be the first library; that one intercepts no clock.
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return {"LD_PRELOAD": library, "FAKETIME": shift, "DONT_FAKE_MONOTONIC": "1",
            "ASAN_OPTIONS": sanitizer.lstrip(":")}


run()
