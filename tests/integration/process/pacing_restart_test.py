#!/usr/bin/env python3
"""The windows across kill -9: the slots are leased in the store, so a new process knows them."""

import export
from paced_night import COUNT, night, proven, well_used
from play import expect, expect_equal, run, scenario


@scenario("killed and started again in the middle of 1,000 PATCHes: no 429, at least 97 % of the "
          "allowed rate from one window after each start")
def restarted(scene):
    twin, after = night(scene)
    process = scene.launch("sync", "--json")
    scene.wait_until(lambda: len(twin.log("patch")) >= COUNT // 2, "half of the PATCHes", 200,
                     process)
    scene.kill(process)
    first = len(twin.log("patch"))
    scene.patchbay("sync", "--json", timeout=400)
    patches = proven(twin)
    expect_equal(export.differences(after, twin.customers())[:5], [], "the API's customers")
    expect(len(patches) <= COUNT + 16, f"{len(patches) - COUNT} PATCHes were repeated")
    well_used(patches[:first], "before the kill")
    well_used(patches[first:], "after the kill")


run()
