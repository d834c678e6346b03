#!/usr/bin/env python3
"""The status page's stream of events: what changed, when it changed, to many and to slow ones."""

import re
import signal

import export
from play import expect, expect_equal, run, scenario
from site_client import LISTEN, Events, Site

PARTS = ["summary", "asked", "job-0-held", "job-0-now", "job-0-letters", "job-0-runs", "windows"]


def started(scene, *options):
    records = export.customers(40)
    scene.start_twin(records, *options)
    scene.configure(more=LISTEN, sessions=2)
    scene.drop("customers_0.csv", records)
    scene.patchbay("sync")
    daemon = scene.launch("daemon")
    return records, daemon, Site(scene, daemon)


def told(text):
    """The parts of each event."""
    events = [event for event in text.split("\r\n\r\n", 1)[-1].split("\n\n") if "data: " in event]
    return [re.findall(r"^data: <(?:p|div) id=\"?([\w-]+)", event, re.M) for event in events]


@scenario("a stream begins with the whole page and then tells the parts that change, not the others")
def change(scene):
    records, daemon, site = started(scene, "--latency", "100ms-150ms")
    events = Events(site)
    text = events.wait_for("windows")
    expect("Content-Type: text/event-stream" in text and "retry: " in text, text[:400])
    events.wait_for("id=\"windows\"")
    expect_equal(told(events.wait_for("</div>\n\n"))[0], PARTS, "the first event")
    scene.drop("customers_1.csv", export.changed(
        records, {key: {"credit_limit": f"{n}.25"} for n, key in enumerate(records)}))
    events.wait_for("Running: <span class=name>erp-customers")
    events.wait_for("The numbers of 2 runs", 40)
    events.close()
    later = told(events.text)[1:]
    expect(3 <= len(later) <= 25, f"{len(later)} events")
    expect(not any("job-0-held" in parts or "job-0-letters" in parts for parts in later),
           f"what did not change was told: {later}")
    expect_equal(site.status()["jobs"][0]["pending"], 0, "pending")


@scenario("sixteen streams are served, the next is told 503, and one that goes makes room")
def many(scene):
    records, daemon, site = started(scene)
    streams = [Events(site) for _ in range(16)]
    for one in streams:
        one.wait_for("id=\"windows\"")
    expect_equal(site.ask("/status/events").status, 503, "one too many")
    streams.pop().close()

    def served():
        one = Events(site)
        try:
            return "200 OK" in one.wait_for("\r\n\r\n", 5)
        finally:
            one.close()
    scene.wait_until(served, "room again", 10, daemon)
    expect_equal(site.ask("/livez").status, 200, "pages besides")
    for one in streams:
        one.close()


@scenario("a configuration read again ends the streams, and who comes again is served at once")
def reload(scene):
    records, daemon, site = started(scene)
    events = Events(site)
    events.wait_for("id=\"windows\"")
    daemon.send_signal(signal.SIGHUP)
    events.wait_for("this word does not come: the stream ends", 20)
    again = Events(site)
    again.wait_for("id=\"windows\"")
    again.close()
    daemon.terminate()
    expect_equal(daemon.wait(20), 0, "exit code")


run()
