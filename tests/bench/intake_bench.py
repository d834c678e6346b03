#!/usr/bin/env python3
"""`patchbay plan --offline` against DuckDB doing the same job on a persisted table (which rows
changed, and in which fields), with `wc -l` as the floor: wall, CPU and peak memory, side by side,
each the median of several rounds taken in turn. PATCHBAY_BENCH_ROWS (default 1000000),
PATCHBAY_BENCH_ROUNDS (3), PATCHBAY_BENCH_FOLDER (a temporary one; given, its files are kept)."""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

from measure import measure, median, npm_folder

HERE = pathlib.Path(__file__).parent
FORMS = ("base", "changed", "shuffled", "rewritten")
DUCKDB = "@duckdb/node-api"

CONFIG = """\
api:
  base_url: https://shop.example.com/api
  token_url: https://auth.example.com/oauth/token
  client_id: bench
  client_secret_file: {folder}/client_secret
state: {{path: {folder}/state}}
jobs:
  - name: erp-customers
    source:
      directory: {folder}/spool
      pattern: "*.csv"
      csv: {{delimiter: ";", quote: "\\"", encoding: utf-8, decimal_comma: true}}
    match: {{by: reference, column: KUNNR}}
    fields:
      email:                 {{column: EMAIL, transform: [trim, lower]}}
      metadata.name:         {{column: NAME1}}
      metadata.street:       {{column: STRAS}}
      metadata.city:         {{column: ORT01}}
      metadata.credit_limit: {{column: KLIMK, type: decimal}}
      metadata.blocked:      {{column: AUFSD, type: boolean, map: {{"X": true, "": false}}}}
      metadata.changed_at:   {{column: AEDAT, type: date, format: "%Y%m%d"}}
"""


class Bench:
    def __init__(self, tools, folder, rows, rounds):
        self.tools, self.folder, self.rows, self.rounds = tools, folder, rows, rounds
        self.config = folder / "patchbay.yaml"

    def prepare(self):
        (self.folder / "spool").mkdir(parents=True, exist_ok=True)
        secret = self.folder / "client_secret"
        secret.write_text("secret\n")
        secret.chmod(0o600)
        self.config.write_text(CONFIG.format(folder=self.folder))
        for form in FORMS:
            path = self.drop(form)
            if path.exists():
                continue
            with open(path, "wb") as out:
                subprocess.run([self.tools.drop, str(self.rows), form], stdout=out, check=True)
        if not (self.folder / "state").exists():
            subprocess.run([self.tools.state, self.config, self.drop("base")], check=True)

    def drop(self, form):
        return self.folder / f"{form}.csv"

    def plan(self, form):
        return measure([self.tools.patchbay, "plan", "-c", self.config, "--job", "erp-customers",
                        "--offline", "--json", self.drop(form)])

    def peer(self):
        """The command for DuckDB on one form, or None where npm cannot get it."""
        home = npm_folder(self.folder / "peer", [DUCKDB])
        if not home:
            return None
        shutil.copy(HERE / "intake_peer.mjs", home)
        database = self.folder / "peer.duckdb"
        script = ["node", home / "intake_peer.mjs", database]
        if not database.exists():
            subprocess.run([*map(str, script), "load", str(self.drop("base"))], check=True)
        return lambda form: measure([*script, "diff", self.drop(form)])

    def run(self):
        ways = {f"plan, {form}": lambda form=form: self.plan(form) for form in FORMS}
        ways["wc -l"] = lambda: measure(["wc", "-l", self.drop("base")])
        peer = self.peer()
        if peer:
            ways["DuckDB, changed"] = lambda: peer("changed")
            ways["DuckDB, shuffled"] = lambda: peer("shuffled")
        taken = {name: [] for name in ways}
        for number in range(self.rounds + 1):
            for name, way in ways.items():
                one = way()
                if number > 0:  # the first round warms the cache
                    taken[name].append(one)
        return {name: (median(rounds), statistics.pstdev(one.wall for one in rounds))
                for name, rounds in taken.items()}


def check(results, rows):
    """Both found the same."""
    for form in ("changed", "shuffled"):
        planned = json.loads(results[f"plan, {form}"][0].out)["planned"]
        peer = results.get(f"DuckDB, {form}")
        if peer and json.loads(peer[0].out)["changed"] != planned["changed"]:
            raise AssertionError(f"DuckDB: {peer[0].out}, patchbay: {planned}")
        if not rows // 200 < planned["changed"] < rows // 50:
            raise AssertionError(f"{planned['changed']} changes of {rows} rows")
    for form in ("base", "rewritten"):
        totals = json.loads(results[f"plan, {form}"][0].out)["totals"]
        if totals["unchanged"] != rows:
            raise AssertionError(f"{form}: {totals}")


def show(results, rows):
    peer = results.get("DuckDB, shuffled")
    floor = results["wc -l"][0].wall
    print(f"{rows:,} rows, 1 % changed, 0.1 % new\n")
    print("| way | wall s | ± | CPU s | peak MB | of wc -l | of DuckDB's diff |")
    print("|---|---|---|---|---|---|---|")
    for name, (one, spread) in results.items():
        part = f"1/{peer[0].wall / one.wall:.1f}" if peer else ""
        print(f"| {name} | {one.wall:.2f} | {spread:.2f} | {one.cpu:.2f} | {one.memory:.0f} | "
              f"{one.wall / floor:.1f} | {part} |")


def main():
    parser = argparse.ArgumentParser()
    for tool in ("patchbay", "drop", "state"):
        parser.add_argument(f"--{tool}", required=True, type=lambda text: os.path.abspath(text))
    tools = parser.parse_args()
    rows = int(os.environ.get("PATCHBAY_BENCH_ROWS", "1000000"))
    rounds = int(os.environ.get("PATCHBAY_BENCH_ROUNDS", "3"))
    kept = os.environ.get("PATCHBAY_BENCH_FOLDER")
    folder = pathlib.Path(kept or tempfile.mkdtemp(prefix="patchbay-bench-"))
    try:
        bench = Bench(tools, folder, rows, rounds)
        bench.prepare()
        results = bench.run()
        check(results, rows)
        show(results, rows)
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
