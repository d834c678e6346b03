#!/usr/bin/env python3
"""Somebody else behind the same address spends the quota: what X-Ratelimit-Remaining shows."""

import json
import http.client
import ssl
import urllib.parse

import export
from play import expect, expect_equal, run, scenario

RESERVED = 0.3


def spend(twin, ids, count):
    """The neighbour's PATCHes, as fast as they go; how many were let through."""
    address = urllib.parse.urlsplit(twin.base_url)
    line = http.client.HTTPSConnection("127.0.0.1", address.port, timeout=30,
                                       context=ssl._create_unverified_context())
    headers = {"Authorization": "Bearer " + twin.token(), "Content-Type": "application/vnd.api+json",
               "Accept": "application/vnd.api+json"}
    let_through = 0
    for n in range(count):
        one = ids[n % len(ids)]
        body = json.dumps({"data": {"type": "customers", "id": one, "attributes": {}}})
        line.request("PATCH", f"{address.path}/customers/{one}", body, headers)
        answer = line.getresponse()
        answer.read()
        let_through += answer.status == 200
    line.close()
    return let_through


@scenario("a neighbour that spends the quota: we wait for our share, and nobody gets a 429")
def neighbour(scene):
    before = export.customers(60)
    twin = scene.start_twin(before, limits=("--limits", "60/60s,60/10s"))
    scene.configure(limits="    average: {requests: 60, per: 60s}\n"
                           "    burst:   {requests: 60, per: 10s}\n"
                           f"    reserve: {RESERVED:.0%}\n", give_up="10m")
    scene.drop("customers_0.csv", before)
    scene.patchbay("sync")
    keys = list(before)
    after = export.changed(before, {key: {"email": f"shared.{n}@example.com"}
                                    for n, key in enumerate(keys[:20])})
    let_through = spend(twin, [export.id_of(key) for key in keys[40:]], 46)
    expect(let_through > 40, f"the neighbour's PATCHes: {let_through}")
    scene.drop("customers_1.csv", after)
    ended = scene.patchbay("sync", "--json")
    expect_equal(ended.report["requests"]["throttled"], 0, "429s")
    expect("somebody else behind this address" in ended.err, "says that the quota is shared")
    expect_equal(export.differences(after, twin.customers())[:5], [], "the API's customers")


run()
