#!/usr/bin/env python3
"""What a daemon tells monitoring: metrics, health, who may ask, and how much of it."""

import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import time

import export
from configuration import job
from play import expect, expect_equal, run, scenario
from site_client import LISTEN, Events, Site, everything

# The names that users' dashboards are built on: they only grow.
NAMES = {
    "patchbay_last_success_timestamp_seconds": {"job"},
    "patchbay_last_run_timestamp_seconds": {"job"},
    "patchbay_run_duration_seconds": {"job", "stage"},
    "patchbay_records_total": {"job", "outcome"},
    "patchbay_requests_total": {"method", "code"},
    "patchbay_request_duration_seconds": set(),
    "patchbay_throttled_responses_total": set(),
    "patchbay_window_used_ratio": {"method", "window"},
    "patchbay_pending": set(),
    "patchbay_oldest_pending_seconds": set(),
    "patchbay_dead_letters": set(),
    "patchbay_held_drops": set(),
    "patchbay_inflight_requests": set(),
    "patchbay_build_info": {"version"},
}
MONITORING = pathlib.Path(__file__).resolve().parents[3] / "docs/monitoring.md"


def started(scene, more=LISTEN, **choices):
    scene.configure(more=more, **choices)
    daemon = scene.launch("daemon")
    return daemon, Site(scene, daemon)


def applied(site, count, job="erp-customers"):
    name = f'patchbay_records_total{{job="{job}",outcome="applied"}}'
    return lambda: site.metrics().get(name) == count


def labels_of(text):
    found = {}
    for line in text.splitlines():
        sample = re.match(r"(patchbay_\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? ", line)
        if sample:
            names = set(re.findall(r'(\w+)="', sample.group(2) or "")) - {"le"}
            found.setdefault(sample.group(1), set()).update(names)
    return found


@scenario("metrics of a night: the documented names with their labels, as Prometheus wants them, "
          "and numbers that are those of the run")
def night(scene):
    records = export.customers(60)
    twin = scene.start_twin(records)
    daemon, site = started(scene)
    after = export.changed(records, {key: {"credit_limit": "77.25"} for key in list(records)[:9]})
    scene.drop("customers_1.csv", after)
    scene.wait_until(applied(site, 9), "nine rows applied", 60, daemon)
    text = site.ask("/metrics").body
    expect_equal(labels_of(text), NAMES, "names and labels")
    told = set(re.findall(r"^\| `(patchbay_\w+)", MONITORING.read_text(), re.M))
    expect_equal(told, set(NAMES), "names in docs/monitoring.md")
    numbers = site.metrics()
    expect_equal(numbers['patchbay_records_total{job="erp-customers",outcome="unchanged"}'], 51, "unchanged")
    expect_equal(numbers['patchbay_requests_total{code="200",method="PATCH"}'],
                 len(twin.log("patch")), "PATCHes")
    expect_equal(numbers['patchbay_requests_total{code="200",method="GET"}'],
                 len(twin.log("get")), "GETs")
    expect_equal(numbers['patchbay_requests_total{code="200",method="POST"}'],
                 len(twin.log("token")), "token requests")
    expect_equal(numbers["patchbay_request_duration_seconds_count"], len(twin.log()), "durations")
    expect_equal(numbers["patchbay_inflight_requests"], 0, "in flight")
    expect_equal(numbers["patchbay_pending"], 0, "pending")
    success = 'patchbay_last_success_timestamp_seconds{job="erp-customers"}'
    scene.wait_until(lambda: site.metrics()[success] > 1.7e9, "the success", 5, daemon)
    stages = {name: value for name, value in numbers.items() if "run_duration" in name}
    expect(len(stages) >= 3 and all(value >= 0 for value in stages.values()), f"stages: {stages}")
    if shutil.which("promtool"):
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                 capture_output=True, check=False)
        expect_equal((checked.returncode, checked.stdout, checked.stderr), (0, "", ""), "promtool")


@scenario("a dead letter and an outage stand in the metrics")
def trouble(scene):
    records = export.customers(60)
    twin = scene.start_twin(records)
    daemon, site = started(scene, attempts=100, base="50ms", cap="200ms", give_up="60s")
    twin.err("refuse-value,customer=C-000002,field=email")
    scene.drop("customers_1.csv", export.changed(records, {"C-000002": {"email": "no@example.com"}}))
    scene.wait_until(lambda: site.metrics()["patchbay_dead_letters"] == 1, "a dead letter", 60, daemon)
    twin.err("empty-503")
    after = export.changed(records, {"C-000003": {"email": "late@example.com"}})
    scene.drop("customers_2.csv", after)
    scene.wait_until(lambda: site.metrics().get('patchbay_requests_total{code="503",method="PATCH"}', 0)
                     > 3, "answers 503", 60, daemon)
    scene.wait_until(lambda: site.metrics()["patchbay_pending"] == 1, "pending", 5, daemon)
    expect(0 < site.metrics()["patchbay_oldest_pending_seconds"] < 60, "the age of what is pending")
    job = site.status()["jobs"][0]
    expect_equal(job["running"]["stage"], "delivering", "what runs")
    told = scene.patchbay("status", "--json").report["jobs"][0]["running"]
    expect_equal((told["run"], told["stage"]), (job["running"]["run"], "delivering"),
                 "what another process is told")
    twin.heal()
    scene.wait_until(lambda: site.metrics()["patchbay_pending"] == 0, "the rest", 60, daemon)
    scene.wait_until(lambda: scene.patchbay("status", "--json").report["jobs"][0]["running"] is None,
                     "nothing runs any more", 20, daemon)


@scenario("a drop that is held stands in the metrics until somebody decides")
def held(scene):
    records = export.customers(60)
    scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    daemon, site = started(scene, jobs=job("erp-customers", scene.spool, budgets="changes: 20%"))
    scene.drop("customers_2.csv", export.changed(
        records, {key: {"email": f"{key.lower()}@example.com"} for key in list(records)[:30]}))
    scene.wait_until(lambda: site.metrics()["patchbay_held_drops"] == 1, "held", 60, daemon)
    expect_equal(site.metrics()['patchbay_records_total{job="erp-customers",outcome="held"}'], 30, "rows")
    scene.patchbay("discard", "customers_2.csv")
    scene.wait_until(lambda: site.metrics()["patchbay_held_drops"] == 0, "decided", 20, daemon)


@scenario("a name that was turned to this machine is refused, so are other methods, paths and bodies")
def strangers(scene):
    scene.start_twin(export.customers(3))
    daemon, site = started(scene)
    own = f"{site.host}:{site.port}"
    for host, status in ((own, 200), ("localhost", 200), (f"[::1]:{site.port}", 200),
                         ("evil.example", 421), ("localhost.evil.example", 421)):
        for path in ("/metrics", "/status", "/livez", "/status/events"):
            found = site.ask(path, "HEAD", {"Host": host}).status
            expect_equal(found, status, f"{path} for {host}")
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = site.ask("/status", method)
        expect_equal((answer.status, answer.headers.get("Allow")), (405, "GET, HEAD"), method)
    expect_equal(site.ask("/nowhere").status, 404, "a page that is not there")
    expect_equal(site.ask("/status?x=1").status, 200, "a query")
    expect_equal(site.ask("/").headers["Location"], "/status", "the root")
    told = site.say("GET /livez HTTP/1.1\r\n\r\n")
    expect(told.startswith("HTTP/1.1 400"), f"no Host: {told[:80]}")
    told = site.say("hello\r\n\r\n")
    expect(told.startswith("HTTP/1.1 400"), f"no HTTP: {told[:80]}")
    told = site.say("GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + "x" * 20000 + "\r\n\r\n")
    expect(told.startswith("HTTP/1.1 431"), f"a large head: {told[:80]}")
    told = site.say("GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello")
    expect(told.startswith("HTTP/1.1 400"), f"a body: {told[:80]}")


@scenario("every answer keeps to itself: no caching, no sniffing, no framing, no other origin")
def headers(scene):
    scene.start_twin(export.customers(3))
    daemon, site = started(scene)
    for path in ("/status", "/metrics", "/livez", "/nowhere", "/status.js", "/status.css"):
        answer = site.ask(path)
        found = answer.headers
        expect_equal(found["Cache-Control"], "no-store", path)
        expect_equal(found["X-Content-Type-Options"], "nosniff", path)
        expect_equal(found["Referrer-Policy"], "no-referrer", path)
        expect_equal(found["Cross-Origin-Resource-Policy"], "same-origin", path)
        policy = found["Content-Security-Policy"]
        expect("default-src 'none'" in policy and "frame-ancestors 'none'" in policy, policy)
        expect("unsafe" not in policy and "*" not in policy, policy)
        expect(not any(name.lower().startswith("access-control") for name in found), str(found))
        head = site.ask(path, "HEAD")
        expect_equal((head.status, head.body), (answer.status, ""), f"HEAD {path}")
        if path != "/metrics":
            expect_equal(head.headers["Content-Length"], found["Content-Length"], f"HEAD {path}")


@scenario("slow clients and too many of them cost nobody else anything")
def slow(scene):
    scene.start_twin(export.customers(3))
    daemon, site = started(scene)
    idle = [site.connect() for _ in range(80)]  # 64 have a place
    for line in idle:
        line.sendall(b"GET /sta")
    for _ in range(3):
        expect_equal(site.ask("/livez").status, 200, "beside those who only hold a place")
    expect_equal(everything(idle[0]), "", "who held one for longest has lost it")
    begun = time.monotonic()
    told = everything(idle[-1])
    expect(told == "" and time.monotonic() - begun < 15, f"cut off: {told[:80]}")
    for line in idle:
        line.close()
    expect_equal(daemon.poll(), None, "the daemon goes on")


@scenario("SIGHUP keeps the socket and the counters; a changed address is taken over, a taken one is "
          "refused")
def reload(scene):
    records = export.customers(20)
    twin = scene.start_twin(records)
    daemon, site = started(scene)
    scene.drop("customers_1.csv", export.changed(records, {"C-000002": {"credit_limit": "5.5"}}))
    scene.wait_until(applied(site, 1), "a row applied", 60, daemon)

    def reread(word, times):
        daemon.send_signal(signal.SIGHUP)
        scene.wait_until(lambda: scene.output(daemon).err.count(word) >= times, word, 20, daemon)
    reread("event=configuration_taken", 1)
    expect_equal(site.metrics()['patchbay_records_total{job="erp-customers",outcome="applied"}'], 1,
                 "the counter went on")
    expect_equal(Site(scene, daemon).port, site.port, "the port is the same")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        scene.configure(more=f'http: {{listen: "{address}"}}\n')
        reread("another process listens there", 1)
    expect_equal(site.ask("/readyz").body, "ready\n", "still there")
    path = scene.folder / "status.sock"
    scene.configure(more=f'http: {{listen: "unix:{path}"}}\n')
    reread("watching 1 job", 3)
    expect(path.is_socket(), "a socket file")
    try:
        site.ask("/livez")
        raise AssertionError("the old port is still open")
    except ConnectionRefusedError:
        pass
    daemon.terminate()
    expect_equal(daemon.wait(20), 0, "exit code")
    expect(not path.exists(), "the socket file is gone with the daemon")


@scenario("a socket file has mode 0660, any host; a stale one is replaced, another file and a live "
          "one are not")
def socket_file(scene):
    scene.start_twin(export.customers(3))
    path = scene.folder / "status.sock"
    listen = f'http: {{listen: "unix:{path}"}}\n'
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    scene.configure(more=listen)
    daemon = scene.launch("daemon")

    def answer():
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(path))
            except (ConnectionRefusedError, FileNotFoundError):
                return ""
            line.sendall(b"GET /livez HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\n\r\n")
            return everything(line)
    scene.wait_until(lambda: answer().endswith("ok\n"), "an answer", 20, daemon)
    expect_equal(stat.S_IMODE(os.stat(path).st_mode), 0o660, "mode")
    scene.configure(more=listen, jobs=None)
    text = scene.config.read_text().replace(str(scene.state), str(scene.folder / "other"))
    scene.config.write_text(text)
    ended = scene.patchbay("daemon", code=78)
    expect("HTTP_UNAVAILABLE" in ended.err and "another process listens" in ended.err, ended.err)
    expect(answer().endswith("ok\n"), "the first one still answers")
    daemon.terminate()
    daemon.wait(20)
    path.write_text("mine")
    ended = scene.patchbay("daemon", code=78)
    expect("no socket" in ended.err and path.read_text() == "mine", ended.err)


@scenario("an address that others can reach is refused with its place")
def not_this_machine(scene):
    scene.start_twin(export.customers(3))
    for address in ("0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464", "shop.example:9464"):
        scene.configure(more=f'http: {{listen: "{address}"}}\n')
        ended = scene.patchbay("daemon", code=78)
        expect("http.listen" in ended.err and "CONFIG_VALUE" in ended.err, ended.err)


@scenario("readyz says why not while it drains, livez goes on")
def health(scene):
    records = export.customers(40)
    scene.start_twin(records, "--latency", "2s-2s")
    daemon, site = started(scene, sessions=1)
    expect_equal((site.ask("/livez").status, site.ask("/readyz").body), (200, "ready\n"), "at first")
    scene.drop("customers_1.csv", records)
    scene.wait_until(lambda: site.metrics()["patchbay_inflight_requests"] > 0, "a request", 20, daemon)
    daemon.terminate()
    scene.wait_until(lambda: site.ask("/readyz").status == 503, "503", 5, daemon)
    expect("draining" in site.ask("/readyz").body, "the reason")
    expect_equal(site.ask("/livez").status, 200, "alive")
    expect_equal(daemon.wait(30), 0, "exit code")


@scenario("a disk that takes nothing more ends the daemon with 74, whoever is looking")
def disk(scene):
    records = export.customers(20)
    scene.start_twin(records)
    scene.configure(more=LISTEN)
    daemon = scene.launch("daemon", before=["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
    site = Site(scene, daemon)
    events = Events(site)
    events.wait_for("id=\"windows\"")
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (0, 0))
    scene.drop("customers_1.csv", records)
    expect_equal(daemon.wait(30), 74, "exit code")
    events.close()


@scenario("the textfile is there, whole, readable by all, and true after a sync and while a daemon runs")
def textfile(scene):
    records = export.customers(30)
    scene.start_twin(records)
    path = scene.folder / "textfile" / "patchbay.prom"
    scene.configure(more=f"metrics: {{textfile: {path}}}\n")
    scene.drop("customers_1.csv", export.changed(records, {"C-000002": {"credit_limit": "5.5"}}))
    scene.patchbay("sync")
    text = path.read_text()
    expect('patchbay_records_total{job="erp-customers",outcome="applied"} 1\n' in text, text)
    expect("patchbay_pending 0\n" in text and "process_start" not in text, text)
    expect_equal(stat.S_IMODE(path.stat().st_mode), 0o644, "mode")
    before = path.stat().st_ino
    daemon = scene.launch("daemon")
    scene.wait_until(lambda: path.stat().st_ino != before, "written anew, not over", 20, daemon)
    expect('outcome="applied"} 0\n' in path.read_text(), "another process counts from 0")
    expect_equal([one.name for one in path.parent.iterdir()], [path.name], "nothing is left beside")


@scenario("a drop directory that goes away is told by the page and by status until it is back; what was "
          "approved meanwhile is taken in then")
def directory_away(scene):
    records = export.customers(40)
    twin = scene.start_twin(records)
    scene.configure(jobs=job("erp-customers", scene.spool, budgets="changes: 20%"), more=LISTEN)
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    daemon = scene.launch("daemon")
    site = Site(scene, daemon)
    after = export.changed(records, {key: {"credit_limit": "3.25"} for key in list(records)[:20]})
    scene.drop("customers_2.csv", after)

    def of_job():
        return site.status()["jobs"][0]
    scene.wait_until(lambda: of_job()["held"], "the held drop", 20, daemon)
    aside = scene.folder / "aside"
    scene.spool.rename(aside)
    scene.wait_until(lambda: of_job()["away"], "the page to tell it", 20, daemon)
    page = site.ask("/status").body
    expect('data-title="patchbay: failing"' in page and "drop directory" in page, page[:1500])
    expect("NONE can be taken" in scene.patchbay("status").out, "status tells it, too")
    scene.patchbay("approve", "customers_2.csv")
    scene.wait_until(lambda: "approved by" in scene.output(daemon).err, "the approval", 10, daemon)
    aside.rename(scene.spool)
    scene.wait_until(lambda: not export.differences(after, twin.customers()), "the approved drop to "
                     "be applied", 90, daemon)
    expect_equal(of_job()["away"], None, "away, then")
    daemon.terminate()
    expect_equal(daemon.wait(10), 0, "exit code of the daemon")


run()
