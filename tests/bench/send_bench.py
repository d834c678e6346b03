#!/usr/bin/env python3
"""PATCHes to a TLS server on loopback that answers at once, over the same number of connections:
dispatch and sessions alone beside wrk; `patchbay sync`, which settles each durably, from a state
that has admitted them and from the drop on, beside Node's undici and the API's official SDK; and
`patchbay sync` within the API's own limits. Each the median
of several rounds taken in turn. PATCHBAY_BENCH_PATCHES (default 50000), PATCHBAY_BENCH_ROUNDS (3),
PATCHBAY_BENCH_FOLDER (a temporary one; given, its npm packages are kept)."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from measure import measure, median, npm_folder

HERE = pathlib.Path(__file__).parent
CONNECTIONS = 8
KNOWN = 10_000  # customers of the run within the API's limits
PACED = 600     # of them changed
UNREACHABLE = 69

CONFIG = """\
api:
  base_url: {origin}/api
  token_url: {origin}/oauth/token
  ca_file: {folder}/authority.pem
  client_id: bench
  client_secret_file: {folder}/client_secret
  sessions: {connections}
{limits}
  retry: {{give_up: 1s}}
state: {{path: {folder}/{name}}}
log: {{level: warning}}
jobs:
  - name: erp-customers
    source: {{directory: {folder}/spool, csv: {{delimiter: ";"}}}}
    match: {{by: reference, column: KUNNR}}
    fields:
      email: {{column: EMAIL}}
    budgets: {{changes: 100%}}
"""
LIFTED = """\
  limits:
    average: {requests: 1000000, per: 10s}
    burst: {requests: 1000000, per: 1s}"""


class Bench:
    def __init__(self, tools, folder, origin, patches):
        self.tools, self.folder, self.origin, self.patches = tools, folder, origin, patches
        self.npm = npm_folder(folder / "npm", ["undici", "@commercelayer/sdk"])
        for script in HERE.glob("send_*.mjs") if self.npm else ():
            shutil.copy(script, self.npm)
        secret = folder / "client_secret"
        secret.write_text("secret\n")
        secret.chmod(0o600)
        (folder / "spool").mkdir(exist_ok=True)
        self.lifted = self.prepared("lifted", LIFTED, patches, patches)
        self.admitted = self.with_admitted(self.lifted)
        self.paced = self.prepared("paced", "", KNOWN, PACED)

    def prepared(self, name, limits, known, changed):
        """A configuration whose state knows the customers, and a drop that changes some."""
        config = self.folder / f"{name}.yaml"
        config.write_text(CONFIG.format(folder=self.folder, origin=self.origin, limits=limits,
                                        connections=CONNECTIONS, name=name))
        before = self.drop(f"{name}-known.csv", known, 0)
        drop = self.drop(f"{name}-changed.csv", known, changed)
        shutil.rmtree(self.folder / name, ignore_errors=True)
        subprocess.run([self.tools.state, config, before], check=True)
        (self.folder / name).rename(self.folder / f"{name}-before")
        return name, config, drop

    def with_admitted(self, prepared):
        """The same, when the drop has been admitted and nobody has answered yet."""
        name, config, drop = prepared
        nowhere = self.folder / "nowhere.yaml"
        nowhere.write_text(config.read_text().replace(self.origin, "https://localhost:1"))
        state = self.fresh_state(name, f"{name}-before")
        refused = subprocess.run([self.tools.patchbay, "sync", "-c", nowhere, "-q", drop],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        assert refused.returncode == UNREACHABLE, refused.stderr
        state.rename(self.folder / f"{name}-admitted-before")
        return name, config, None

    def fresh_state(self, name, prepared):
        state = self.folder / name
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(self.folder / prepared, state)
        os.sync()
        return state

    def drop(self, name, rows, changed):
        path = self.folder / name
        with open(path, "w", encoding="ascii") as out:
            out.write("KUNNR;EMAIL\n")
            for number in range(rows):
                host = "shop" if number < changed else "old"
                out.write(f"{number:08};c{number}@{host}.example\n")
        return path

    def sync(self, prepared):
        name, config, drop = prepared
        self.fresh_state(name, f"{name}-before" if drop else f"{name}-admitted-before")
        command = [self.tools.patchbay, "sync", "-c", config, "--json"]
        one = measure(command + ([drop] if drop else []))
        report = json.loads(one.out)
        one.requests = report["totals"]["applied"] + report.get("carried", {}).get("applied", 0)
        one.seconds = one.wall  # with the report, and what a drop costs
        return one

    def peer(self, *command):
        one = measure(command)
        said = json.loads(one.out.splitlines()[-1])
        assert said["failed"] == 0, one.out
        one.requests, one.seconds = said["requests"], said["seconds"]
        return one

    def ways(self):
        authority, count, at_once = self.folder / "authority.pem", self.patches, CONNECTIONS
        ways = {
            "wrk": lambda: self.peer("wrk", "-t1", f"-c{at_once}", "-d3", "-s",
                                     HERE / "send_wrk.lua", self.origin),
            "patchbay, sending alone": lambda: self.peer(self.tools.send, self.origin, authority,
                                                         count * 4, at_once),
            "patchbay, settled durably": lambda: self.sync(self.admitted),
            "patchbay, from the drop on": lambda: self.sync(self.lifted),
        }
        if not shutil.which("wrk"):
            print("not compared with wrk: it is not installed")
            del ways["wrk"]
        if self.npm:
            os.environ["NODE_EXTRA_CA_CERTS"] = str(authority)
            ways["undici"] = lambda: self.peer("node", self.npm / "send_undici.mjs", self.origin,
                                               authority, count, at_once)
            ways["SDK"] = lambda: self.peer("node", self.npm / "send_sdk.mjs", self.origin,
                                            count // 5, at_once)
        return ways

    def run(self, rounds):
        taken = {name: [] for name in self.ways()}
        for _ in range(rounds):
            for name, way in self.ways().items():
                taken[name].append(way())
        return {name: median(all_of) for name, all_of in taken.items()}


def show(results):
    print("| way | PATCHes/s | CPU s per 10,000 | peak MB |\n|---|---|---|---|")
    for name, one in results.items():
        print(f"| {name} | {one.requests / one.seconds:,.0f} | "
              f"{one.cpu / one.requests * 10_000:.2f} | {one.memory:.0f} |")
    print()
    for name, peer in (("patchbay, sending alone", "wrk"), ("patchbay, settled durably", "undici"),
                       ("patchbay, settled durably", "SDK")):
        if peer not in results:
            continue
        one, other = results[name], results[peer]
        rate = one.requests / one.seconds / (other.requests / other.seconds)
        cpu = one.cpu / one.requests / (other.cpu / other.requests)
        print(f"{name}: {rate:.2f} times the rate of {peer}, {cpu:.3f} times its CPU per PATCH")


def main():
    parser = argparse.ArgumentParser()
    for tool in ("patchbay", "state", "send", "api"):
        parser.add_argument(f"--{tool}", required=True, type=os.path.abspath)
    tools = parser.parse_args()
    kept = os.environ.get("PATCHBAY_BENCH_FOLDER")
    folder = pathlib.Path(kept or tempfile.mkdtemp(prefix="patchbay-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    api = subprocess.Popen([tools.api, folder / "authority.pem"], stdout=subprocess.PIPE, text=True)
    try:
        origin = f"https://localhost:{api.stdout.readline().strip()}"
        for old in folder.glob("*-before"):
            shutil.rmtree(old)
        bench = Bench(tools, folder, origin, int(os.environ.get("PATCHBAY_BENCH_PATCHES", "50000")))
        show(bench.run(int(os.environ.get("PATCHBAY_BENCH_ROUNDS", "3"))))
        paced = bench.sync(bench.paced)
        print(f"within the API's limits, {KNOWN:,} customers, {paced.requests} changed: "
              f"{paced.wall:.0f} s, {paced.cpu / paced.wall:.2%} of a core, {paced.memory:.0f} MB")
    finally:
        api.kill()
        api.wait()
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
