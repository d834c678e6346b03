#!/usr/bin/env python3
"""The status page as people see it: Chromium beside a real daemon, through a run and its troubles.
Pictures of it are left in the folder that --pictures names."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "process"))

import export  # noqa: E402
from browser import Browser, missing  # noqa: E402
from configuration import job  # noqa: E402
from play import expect, expect_equal, options_with, run, scenario  # noqa: E402
from site_client import LISTEN, Site  # noqa: E402

ASKED = options_with("--modules", "--pictures")
CONTRAST = (HERE / "contrast.js").read_text()
PACED = """\
    average: {requests: 60, per: 20s}
    burst:   {requests: 12, per: 3s}
"""
SIZES = {"wide": (1280, 900), "phone": (390, 844)}


class Page(Browser):
    def __init__(self, site, script=True):
        self.origin = f"http://{site.host}:{site.port}"
        super().__init__(pathlib.Path(ASKED["modules"]), self.origin, script)
        expect_equal(self.ask("open", url=self.origin + "/status"), 200, "the page")

    def pictures(self, name):
        """Wide and phone, light and dark; each readable, and nothing sticks out."""
        folder = pathlib.Path(ASKED["pictures"])
        folder.mkdir(parents=True, exist_ok=True)
        for size, (width, height) in SIZES.items():
            self.ask("size", width=width, height=height)
            for scheme in ("light", "dark"):
                self.ask("look", scheme=scheme, motion="reduce")
                self.ask("picture", path=str(folder / f"{name}-{size}-{scheme}.png"))
                expect_equal(self.ask("value", script=CONTRAST), [], f"faint text, {name} {scheme}")
            wide = self.ask("value", script="document.documentElement.scrollWidth - innerWidth")
            expect(wide <= 0, f"{name} on a {size} screen: {wide} px stick out")

    def fine(self, records):
        """No complaint of the browser, nothing from elsewhere, nothing of a customer."""
        expect_equal(self.ask("complaints"), [], "complaints of the browser")
        expect_equal(self.ask("strangers"), [], "requests to others")
        html = self.ask("value", script="document.documentElement.outerHTML")
        for key, record in list(records.items())[:20]:
            expect(key not in html and record["email"] not in html, f"{key} is on the page")


def changed(records, count, word):
    return export.changed(records, {key: {"email": f"{word}.{key.lower()}@example.com"}
                                    for key in list(records)[:count]})


def opened(scene, script=True, count=200):
    records = export.customers(count)
    scene.start_twin(records, "--latency", "50ms-90ms")
    scene.configure(more=LISTEN)
    scene.drop("customers_0.csv", records)
    scene.patchbay("sync")
    scene.configure(more=LISTEN, limits=PACED, sessions=4, base="50ms", cap="300ms", give_up="1h",
                    jobs=job("erp-customers", scene.spool, budgets="changes: 20%"))
    daemon = scene.launch("daemon")
    return records, daemon, Page(Site(scene, daemon), script)


@scenario("a night on the page: idle, running, held, failing, idle, without being loaded again")
def night(scene):
    records, daemon, page = opened(scene)
    try:
        page.until("#live", "Live.")
        page.until("#summary", "idle")
        expect("as soon as a drop is there" in page.text("#job-0-now"), page.text("#job-0-now"))
        tree = page.ask("tree")
        for landmark in ("banner", "main", "contentinfo", 'region "erp-customers"',
                         'heading "patchbay" [level=1]', 'heading "erp-customers" [level=2]'):
            expect(landmark in tree, f"{landmark} is not in\n{tree}")
        foot = page.text("footer")
        expect(f"process {daemon.pid}" in foot and " on " in foot, foot)
        page.pictures("idle")
        page.ask("value", script="window.loadedOnce = true")

        first = changed(records, 38, "first")
        scene.drop("customers_1.csv", first)
        running(page)
        page.pictures("running")
        page.until("#summary", "idle", 60)
        page.until("#job-0-runs", "The numbers of 2 runs, the newest first")
        expect_equal(page.ask("count", selector="#job-0-runs svg g"), 2, "runs in the chart")
        expect_equal(page.ask("count", selector="#job-0-runs svg rect.nothing"), 1, "nothing to send")
        by_keyboard(page)

        scene.drop("customers_2.csv", changed(first, 90, "broken"))
        page.until("#summary", "1 drop waits")
        expect_equal(page.ask("title"), "patchbay: held", "title")
        decision = page.text("#job-0-held")
        for words in ("customers_2.csv", "45.00%" if "45.00%" in decision else "45%", "20%",
                      "90 customers would change", "patchbay approve customers_2.csv",
                      "patchbay discard customers_2.csv"):
            expect(words in decision, f"{words!r} is not in {decision}")
        page.pictures("held")
        scene.patchbay("discard", "customers_2.csv")
        page.until("#summary", "idle")
        expect_equal(page.text("#job-0-held"), "", "nothing is held")

        failing(scene, page, first)
        expect(page.ask("value", script="window.loadedOnce"), "the page was loaded again")
        page.fine(records)
        scene.kill(daemon)
        page.until("#live", "The connection is lost")
    finally:
        page.close()


def running(page):
    page.until("#summary", "Running: erp-customers")
    page.until("#job-0-now", "Now: delivering customers_1.csv")
    expect_equal(page.ask("title"), "patchbay: running", "title")
    first = int(page.ask("attribute", selector="#job-0-now progress", name="value"))
    page.until("#job-0-now .figures", "left")
    figures = page.text("#job-0-now .figures")
    expect("of 38 customers settled in this run" in figures and "/s" in figures, figures)
    at = f'+document.querySelector("#job-0-now progress")?.value'
    page.ask("value", script=f"new Promise(done => {{ const look = () => {at} > {first} ? done(1) : "
                             f"setTimeout(look, 50); look(); }})")
    page.until("#windows", "PATCH in 3 s")
    used = page.ask("value", script="Math.max(...[...document.querySelectorAll('#windows progress')]"
                                    ".map(one => one.value))")
    expect(used > 0, "no window fills")


def by_keyboard(page):
    """The numbers of the runs open with Enter, and stay open when their part is told anew."""
    page.ask("value", script="document.querySelector('#job-0-runs summary').focus()")
    page.ask("press", key="Enter")
    expect_equal(page.ask("count", selector="#job-0-runs details[open]"), 1, "opened")
    expect(page.ask("value", script="getComputedStyle(document.activeElement).outlineStyle") != "none",
           "the focus is not to be seen")


def failing(scene, page, records):
    scene.twin.err("refuse-value,customer=C-000001,field=email", "empty-503,after=2,method=PATCH")
    after = changed(records, 6, "late")
    scene.drop("customers_3.csv", after)
    page.until("#summary", "The API has given no good answer since", 60)
    page.until("#job-0-letters", "VALIDATION_ERROR")
    page.until("#job-0-now", "the API does not answer PATCH", 60)
    expect_equal(page.ask("count", selector="#job-0-runs details[open]"), 1, "still opened")
    now = page.text("#job-0-now")
    expect("the next try at 2026-" in now and " now:" not in now, now)
    page.pictures("failing")
    scene.twin.heal()
    page.until("#summary", "idle", 90)


@scenario("without JavaScript the page says the same, and loads itself again")
def without_script(scene):
    records, daemon, page = opened(scene, script=False, count=30)
    try:
        page.until("#summary", "idle")
        scene.drop("customers_1.csv", changed(records, 3, "first"))
        page.until("#job-0-runs", "The numbers of 2 runs", 40)
        expect("loads itself again" in page.text("footer noscript p"), "it says so")
        page.fine(records)
    finally:
        page.close()


reason = missing(pathlib.Path(ASKED["modules"]))
if reason:
    print(reason)
    sys.exit(77)
run()
