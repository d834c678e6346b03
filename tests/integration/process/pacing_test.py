#!/usr/bin/env python3
"""The windows against the real clock: never a 429, and as good as nothing left unused."""

import export
from paced_night import COUNT, night, proven, well_used
from play import expect_equal, run, scenario


@scenario("1,000 PATCHes at 60/6s and 15/1s: no 429, at least 97 % of the allowed rate")
def straight(scene):
    twin, after = night(scene)
    report = scene.patchbay("sync", "--json", timeout=400).report
    patches = proven(twin)
    expect_equal(report["requests"]["throttled"], 0, "reported 429s")
    expect_equal(len(patches), COUNT, "PATCHes")
    expect_equal(export.differences(after, twin.customers())[:5], [], "the API's customers")
    well_used(patches, "one run")


run()
