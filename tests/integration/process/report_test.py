#!/usr/bin/env python3
"""What an operator shows to others: the report as text and as one HTML file, over some nights."""

import base64
import hashlib
import html.parser
import re

import export
from play import expect, expect_equal, run, scenario

HOSTILE = "</script><script>alert(1)</script>"


class Page(html.parser.HTMLParser):
    """Every element with its attributes, and the text between."""

    def __init__(self, text):
        super().__init__()
        self.found, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def nights(scene, count=60):
    """Three nights: in sync, some changes with a refused one, an export that is held."""
    records = export.customers(count)
    twin = scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", records)
    scene.patchbay("sync")
    twin.err("refuse-value,field=email,customer=C-000007,error=taken")
    after = export.changed(records, {
        "C-000007": {"email": "taken@example.com"},
        "C-000002": {"name": HOSTILE, "credit_limit": "77.10"},
        "C-000003": {"email": "moved@example.com"}})
    scene.drop("customers_2.csv", after)
    scene.patchbay("sync", code=3)
    return after


@scenario("report --format html: one file, nothing from outside, hostile cells as text, its script "
          "the one that its policy names")
def page(scene):
    nights(scene)
    text = scene.patchbay("report", "--format", "html").out
    page = Page(text)
    for tag, attributes in page.found:
        for name in ("src", "href", "action", "srcset"):
            expect(name not in attributes, f"<{tag} {name}={attributes.get(name)}>")
        expect(not any(name.startswith("on") for name in attributes), f"<{tag}> has a handler")
    expect_equal(len(page.all("script")), 1, "scripts")
    script = re.search(r"<script>(.*?)</script>", text, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy, = [one["content"] for one in page.all("meta")
               if one.get("http-equiv") == "Content-Security-Policy"]
    expect(f"script-src 'sha256-{digest}'" in policy, policy)
    words = " ".join(page.words)
    for word in ("2 of 60 rows changed and applied", "1 rejected", HOSTILE, "moved@example.com",
                 "VALIDATION_ERROR", "customers_2.csv:", "EMAIL", "the run before had 0"):
        expect(word in words, f"{word} is not on the page")
    ids = [one["id"] for _, one in page.found if "id" in one]
    expect_equal(len(ids), len(set(ids)), "ids that differ")


@scenario("the reports of a run lie in report.directory as JSON, text and HTML; -o writes elsewhere")
def files(scene):
    nights(scene)
    name = scene.patchbay("report", "--json").report["run"]
    lying = sorted(path.name for path in (scene.state / "reports").glob(f"{name}*"))
    expect_equal(lying, [f"{name}.html", f"{name}.json", f"{name}.txt"], "files of the last run")
    asked = scene.folder / "asked.html"
    scene.patchbay("report", name, "--format", "html", "-o", asked)
    kept = (scene.state / "reports" / f"{name}.html").read_text()
    expect_equal(asked.read_text(), kept, "asked for, and kept")


@scenario("the dry run as a page, before anything is sent")
def dry_page(scene):
    records = export.customers(30)
    scene.start_twin(records)
    scene.configure()
    scene.drop("customers_1.csv", export.changed(records, {"C-000002": {"credit_limit": "7.70"}}))
    page = scene.folder / "plan.html"
    expect_equal(scene.patchbay("plan", "--format", "html", "-o", page).out, "", "stdout")
    words = " ".join(Page(page.read_text()).words)
    expect("Dry run: 1 row of 30 would be sent" in words, words)
    expect(not (scene.spool / "archive").exists(), "nothing was taken in")


@scenario("the text report fits 100 columns, names reasons with file:line:column, and compares "
          "with the runs before")
def text(scene):
    records = nights(scene)
    told = scene.patchbay("report").out
    widest = max(len(line) for line in told.splitlines())
    expect(widest <= 100, f"{widest} columns")
    for word in ("Rejected, by reason", "VALIDATION_ERROR: 1 row", "customers_2.csv:", ":EMAIL",
                 "Runs before", "this run", "metadata.credit_limit"):
        expect(word in told, f"{word} is not in\n{told}")
    scene.drop("customers_3.csv", dict(list(records.items())[:40]))
    scene.patchbay("sync", code=4)
    told = scene.patchbay("report").out
    expect("EXCEEDED" in told and "patchbay approve customers_3.csv" in told, told)
    expect("held" in scene.patchbay("report", "--format", "html").out, "the held page")


run()
