#!/usr/bin/env python3
"""What monitoring is given: the alerts' rules are right and do what they say, and alerts and dashboard
ask for nothing that does not exist. monitoring_test.py ROOT"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1]).resolve()
HERE = pathlib.Path(__file__).resolve().parent
# The page's table is compared with a real daemon's /metrics by tests/integration/process/metrics_test.py.
PAGE = (ROOT / "docs/monitoring.md").read_text()
TOLD = {name: set(labels.split(",")) - {""} for name, labels in
        re.findall(r"^\| `(patchbay_\w+)(?:\{([\w,]*)\})?`", PAGE, re.M)}
OTHERS = {"process_start_time_seconds", "node_systemd_unit_state", "up"}
FROM_SCRAPING = {"job", "instance", "le"}
faults = []


def complain(where, what):
    faults.append(f"{where}: {what}")


def check_query(where, query):
    """Every metric is one that is told, and is asked for labels that it has."""
    asked = re.findall(r"\b(patchbay_[a-z_]+?)(?:_bucket|_sum|_count)?\b(?:\{([^}]*)\})?", query)
    if not asked and not any(name in query for name in OTHERS):
        complain(where, f"no metric in {query!r}")
    for name, labels in asked:
        if name not in TOLD:
            complain(where, f"{name} does not exist")
            continue
        for label in re.findall(r"(\w+)\s*(?:=|!=|=~|!~)", labels):
            if label not in TOLD[name] | FROM_SCRAPING:
                complain(where, f"{name} has no label {label}")


def check_dashboard():
    dashboard = json.loads((ROOT / "docs/grafana.json").read_text())
    numbers, shown = [], set()
    for panel in dashboard["panels"]:
        numbers.append(panel["id"])
        for target in panel["targets"]:
            where = f"grafana.json, {panel['title']}"
            check_query(where, target["expr"])
            shown |= set(re.findall(r"patchbay_[a-z_]+?(?=_bucket|_sum|_count|\b)", target["expr"]))
    if len(set(numbers)) != len(numbers):
        complain("grafana.json", "two panels have one id")
    for name in set(TOLD) - shown:
        complain("grafana.json", f"{name} is on no panel")


def check_alerts():
    text = (ROOT / "docs/alerts.yaml").read_text()
    names = re.findall(r"- alert: (\w+)", text)
    for block in re.split(r"- alert: ", text)[1:]:
        name = block.split()[0]
        query = re.search(r"expr: (?:>-\n)?(.*?)\n +(?:for|labels):", block, re.S).group(1)
        check_query(f"alerts.yaml, {name}", query)
        if f"`{name}`" not in PAGE:
            complain("monitoring.md", f"does not say what to do when {name} fires")
    tested = set(re.findall(r"alertname: (\w+)", (HERE / "alerts_test.yaml").read_text()))
    for name in set(names) ^ tested:
        complain("alerts_test.yaml", f"{name} is tested and no rule, or a rule and not tested")


def promtool(*arguments):
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        complain(f"promtool {' '.join(map(str, arguments[:2]))}", done.stdout + done.stderr)


check_dashboard()
check_alerts()
able = shutil.which("promtool") is not None
if able:
    promtool("check", "rules", ROOT / "docs/alerts.yaml")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as tests:
        tests.write((HERE / "alerts_test.yaml").read_text().replace(
            "RULES", str(ROOT / "docs/alerts.yaml")))
        tests.flush()
        promtool("test", "rules", tests.name)
print("\n".join(faults) or ("fine" if able else "promtool is not installed: rules are not run"))
sys.exit(1 if faults else 0 if able else 77)
