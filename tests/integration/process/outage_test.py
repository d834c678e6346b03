#!/usr/bin/env python3
"""The API is away in the middle of a run: first silent, then a gateway's 503. Hours of it are the
same as the minute here, but for slower probes."""

import signal
import time

import export
from play import expect, expect_equal, run, scenario

COUNT = 300
SILENT = 20
BROKEN = 30


@scenario("an outage: the process waits and says so, probes slowly, goes on, and nothing is lost")
def outage(scene):
    before = export.customers(COUNT)
    twin = scene.start_twin(before, "--latency", "20ms-60ms")
    scene.configure(request="2s", give_up="3h",
                    limits="    average: {requests: 600, per: 60s}\n"
                           "    burst:   {requests: 20, per: 2s}\n")
    scene.drop("customers_0.csv", before)
    scene.patchbay("sync")
    after = export.changed(before, {key: {"email": f"later.{n}@example.com"}
                                    for n, key in enumerate(before)})
    scene.drop("customers_1.csv", after)
    process = scene.launch("sync", "--json")
    scene.wait_until(lambda: len(twin.log("patch")) > 60, "the run is under way", process=process)

    twin.process.send_signal(signal.SIGSTOP)
    time.sleep(SILENT)
    twin.process.send_signal(signal.SIGCONT)
    twin.err("empty-503")
    seen = len(twin.log("patch"))
    time.sleep(BROKEN)
    probes = len(twin.log("patch")) - seen
    twin.heal()

    process.wait(120)
    ended = scene.output(process)
    err = ended.err
    expect_equal(ended.code, 0, f"exit code; stderr: {err[-3000:]}")
    expect(1 <= probes <= 12, f"{probes} PATCHes in {BROKEN} s of 503, at most a dozen")
    expect("answer" in err and "wait" in err.lower(), f"says what it waits for: {err[-3000:]}")
    expect_equal(scene.dead_letters(), [], "dead letters")
    expect_equal(scene.pending(), 0, "pending")
    expect_equal(export.differences(after, twin.customers())[:5], [], "the API's customers")
    print(err[-1500:])


run()
