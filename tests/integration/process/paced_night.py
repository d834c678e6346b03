"""A night of 1,000 changes against small windows, and what has to be true of it afterwards."""

import export
import windows
from play import expect, expect_equal

LIMITS = """\
    average: {requests: 60, per: 6s}
    burst:   {requests: 15, per: 1s}
"""
TWIN = ("--limits", "60/6s,15/1s")
COUNT = 1_000


def night(scene):
    """1,000 customers that the store knows, and a drop that changes each of them."""
    before = export.customers(COUNT)
    twin = scene.start_twin(before, "--latency", "5ms-120ms", limits=TWIN)
    scene.configure(limits=LIMITS)
    scene.drop("customers_0.csv", before)
    scene.patchbay("sync", "--json")
    after = export.changed(before, {key: {"email": f"paced.{n}@example.com"}
                                    for n, key in enumerate(before)})
    scene.drop("customers_1.csv", after)
    return twin, after


def proven(twin):
    patches = twin.log("patch")
    expect_equal([one.target for one in twin.log() if one.status == 429][:3], [], "429s")
    expect_equal(windows.overruns(patches, 60, 6.0)[:3], [], "overruns of 60 in 6 s")
    expect_equal(windows.overruns(patches, 15, 1.0)[:3], [], "overruns of 15 in 1 s")
    return patches


def well_used(patches, what):
    share = windows.used_share(patches, patches[0].arrival, 10, 6.0)
    print(f"        {what}: {share:.2%} of the allowed rate", flush=True)
    expect(share >= 0.97, f"{what}: {share:.2%} of the allowed rate, at least 97 %")
