"""What has to hold whenever the service is at rest, and of the files and requests in the end."""

import json
import re

import export
import windows
from night_clock import moment_of
from night_service import SESSIONS, next_due
from play import expect, expect_equal

# Of one kill or broken line: the requests in flight, and one group of settles not yet committed.
MOST_REPEATED = 2 * SESSIONS
# A run that was killed after its last settle is told by nobody. False asks for better.
RUNS_CAN_BE_LOST = True
PLACES = {"admitted": "archive", "superseded": "archive", "discarded": "archive", "held": "held",
          "failed": "failed"}


class Checks:
    def __init__(self, service):
        self.service, self.scene = service, service.scene
        self.seen = 0  # requests of the twin's log that were looked at
        self.disturbed = 0
        self.there = {key: dict(values) for key, values in held_at_first(service).items()}

    # -- at rest

    def at_rest(self, seconds=150):
        """Waits until the API, the folders, the status, the page and the metrics say the same and
        what the ledger says."""
        last = ["nothing was looked at"]

        def agreed():
            self.service.ensure()
            try:
                last[:] = self.disagreements()
            except OSError as error:  # it ends at this very moment
                last[:] = [str(error)]
            return not last
        try:
            self.scene.wait_until(agreed, "everything agrees", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n  " + "\n  ".join(last[:12]) +
                                 f"\nlog:\n{self.service.words()[-5000:]}") from None
        self.repeats()
        self.same_from_outside()

    def disagreements(self):
        found = self.of_files()
        if found:
            return found
        found = export.differences(self.service.ledger.expected(), self.service.twin.customers())
        return found or self.of_status() + self.of_metrics() + self.of_acks()

    def of_files(self):
        """Each drop lies once where it belongs."""
        found = []
        for name, job in self.service.jobs.items():
            folder = self.service.folder(name)
            lying = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.csv")
                           if path.parent.name != "feedback")
            for drop in job.drops:
                places = [one for one in lying if one.rsplit("/", 1)[-1] == drop.name]
                if [one.split("/")[0] for one in places] != [PLACES[drop.fate]]:
                    found.append(f"{name}: {drop.name} is {drop.fate} and lies in {places}")
            if len(lying) != len(job.drops):
                found.append(f"{name}: {len(lying)} files of {len(job.drops)} drops: {lying}")
        return found

    def of_acks(self):
        """Each drop has one, and its totals balance."""
        return [f"{name}: {drop.name}, {drop.fate}: {wrong}"
                for name, job in self.service.jobs.items() for drop in job.drops
                if (wrong := self.of_ack(name, drop))]

    def of_ack(self, name, drop):
        path = self.service.folder(name) / "feedback" / f"{drop.name}.ack.json"
        if not path.exists():
            return "no ack"
        totals = json.loads(path.read_text())["totals"]
        others = sum(value for one, value in totals.items() if one != "read")
        held = drop.fate in ("held", "discarded")
        right = (totals["read"] == others == drop.rows and totals["pending"] == 0
                 and totals["rejected"] <= len(drop.refused) and (totals["held"] > 0) == held)
        return None if right else f"its ack says {totals}"

    def of_status(self):
        status, page = self.service.site.status(), self.service.site.ask("/status").body
        found = []

        def same(told, wanted, what):
            if told != wanted:
                found.append(f"{what}: {told!r}, expected {wanted!r}")
        same(status["owner"]["pid"], self.service.daemon.pid, "owner")
        found += self.of_times(status, page)
        texts = re.findall(r"<dd>(\d+) customers?\b", page)
        for told, text in zip(status["jobs"], texts, strict=True):
            job = self.service.jobs[told["name"]]
            name = job.name
            same((told["pending"], text), (0, "0"), f"{name}: pending in JSON and on the page")
            same(told["dead_letters"], len(job.letters), f"{name}: dead letters")
            same(told["running"], None, f"{name}: running")
            held = [one.name for one in job.held()]
            same([one["drop"] for one in told["held"]], held, f"{name}: held")
            same([one for one in held if one not in page], [], f"{name}: held, not on the page")
            if name == "nightly":
                due = next_due(self.service.clock.now())
                same(moment_of(told["next_run"] or "1970-01-01T00:00:00Z"), due, "next run")
        same(badge(page), self.word(status), "the page's badge")
        return found

    def of_times(self, status, page):
        """The last success of each job in JSON, on the page and in the metrics, beside its runs."""
        found = []
        shown = re.findall(r"<dt>Last success</dt>\n<dd>(?:<time datetime=\"([^\"]+)\"|never)", page)
        metrics = self.service.site.metrics()
        for told, text in zip(status["jobs"], shown, strict=True):
            name, last = told["name"], told["last_success"] or ""
            if last != text:
                found.append(f"{name}: last success {last!r}, on the page {text!r}")
            counted = metrics[f'patchbay_last_success_timestamp_seconds{{job="{name}"}}']
            if int(counted) != int(moment_of(last) if last else 0):
                found.append(f"{name}: last success {last!r}, in the metrics {counted}")
            runs = [one for one in status["runs"] if one["job"] == name]
            done = next((one["finished_at"] for one in runs if one["outcome"] == "done"), last)
            ahead = RUNS_CAN_BE_LOST and self.service.set_back
            if last != done and not ahead:
                found.append(f"{name}: last success {last!r}, the last run done {done!r}")
            if self.service.untroubled and (wrong := self.of_last_run(name, runs)):
                found.append(f"{name}: {wrong}")
        return found

    def of_last_run(self, name, runs):
        """Of a night without trouble whose drops are all admitted."""
        job = self.service.jobs[name]
        fresh = job.drops[self.service.drops_before[name]:]
        if len(fresh) != 1:
            return None  # of two, each can have a run of its own
        wanted = "partial" if any(one.refused for one in fresh) else "done"
        if job.letters and wanted == "done":
            return None  # tried again or not, by their own pauses
        if not runs:
            return "no run is shown"
        last, began = runs[0], int(self.service.night_began)
        if last["outcome"] != wanted or moment_of(last["finished_at"]) < began:
            return f"the last run is {last}, expected {wanted} since {began}"
        return None

    @staticmethod
    def word(status):
        """What the page has to say at rest, from the last runs and what is held."""
        last = {}
        for one in reversed(status["runs"]):
            last[one["job"]] = one["outcome"]
        if "failed" in last.values():
            return "failing"
        return "held" if any(job["held"] for job in status["jobs"]) else "idle"

    def of_metrics(self):
        jobs = self.service.jobs.values()
        numbers = self.service.site.metrics()
        wanted = {"patchbay_pending": 0, "patchbay_inflight_requests": 0,
                  "patchbay_throttled_responses_total": 0, "patchbay_oldest_pending_seconds": 0,
                  "patchbay_dead_letters": sum(len(job.letters) for job in jobs),
                  "patchbay_held_drops": sum(len(job.held()) for job in jobs)}
        return [f"{name} is {numbers.get(name)}, expected {value}"
                for name, value in wanted.items() if numbers.get(name) != value]

    def same_from_outside(self):
        """Another process reads the same state."""
        told = self.service.patchbay("status", "--json").report["jobs"]
        site = self.service.site.status()["jobs"]
        for one, other in zip(told, site, strict=True):
            for name in ("pending", "dead_letters", "held", "waived"):
                expect_equal(one[name], other[name], f"{one['name']}: {name} in the terminal")

    # -- while the API is away

    def away(self, from_before, badge_too):
        """The API is away: what is admitted is pending, and the page says so. What was on its way
        when it went may have been applied without our knowing."""
        last = []

        def told():
            status, page = self.service.site.status(), self.service.site.ask("/status").body
            there = self.service.twin.customers()
            wanted = [self.service.ledger.waiting(job["name"], there) for job in status["jobs"]]
            pending = [job["pending"] for job in status["jobs"]]
            total = self.service.site.metrics()["patchbay_pending"]
            words = "no good answer since" in page and badge(page) == "failing"
            last[:] = [f"pending {pending}, {total} in all, {wanted} at the API, badge {badge(page)}"]
            right = total == sum(pending) and (words or not badge_too)
            for job, told, lacking in zip(status["jobs"], pending, wanted, strict=True):
                # What the API will refuse waits, too, until it has been asked.
                most = lacking + len(self.service.jobs[job["name"]].letters)
                right &= lacking <= told and (told <= most or not from_before)
            return right
        try:
            self.scene.wait_until(told, "what is pending is told, and that the API is away", 60,
                                  self.service.daemon)
        except AssertionError as error:
            raise AssertionError(f"{error}: {last}\n{self.service.words()[-4000:]}") from None

    # -- what was sent

    def repeats(self):
        """PATCHes that changed nothing at the API: only what a kill or a broken line may repeat, and
        requests whose answer did not come in time."""
        log = self.service.twin.log()
        fresh, self.seen = log[self.seen:], len(log)
        for one in fresh:
            expect(one.status != 429, f"a 429 for {one.method} {one.target}")
        idle = [one for one in fresh if one.kind == "patch" and one.applied and not self.apply(one)]
        disturbed = self.service.disturbed - self.disturbed
        self.disturbed = self.service.disturbed
        allowed = MOST_REPEATED * disturbed + self.unanswered()
        expect(len(idle) <= allowed, f"{len(idle)} PATCHes changed nothing, at most {allowed}: " +
               str([(one.customer_id, one.attributes) for one in idle[:3]]))

    def unanswered(self):
        """Requests of this life that had no answer, by its own count."""
        return sum(value for name, value in self.service.site.metrics().items()
                   if name.startswith("patchbay_requests_total")
                   and re.search(r'code="(timed_out|reset|unsent|unreadable)"', name))

    def apply(self, patch):
        """Whether something of the customer was not so before."""
        there = self.there.setdefault(patch.customer_id, {})
        said = {**patch.attributes}
        said.update({f"metadata.{name}": value for name, value in said.pop("metadata", {}).items()})
        news = {name: value for name, value in said.items() if there.get(name) != value}
        there.update(news)
        return bool(news)

    # -- in the end

    def counters(self):
        """Of one life without trouble: rows and requests as the acks and the twin's log have them."""
        numbers = self.service.site.metrics()
        sent = sum(value for name, value in numbers.items()
                   if name.startswith("patchbay_requests_total") and 'method="PATCH"' in name)
        expect_equal(sent, len(self.service.twin.log("patch")), "PATCHes, as counted by the program")
        for name, job in self.service.jobs.items():
            feedback = self.service.folder(name) / "feedback"
            acks = [json.loads((feedback / f"{drop.name}.ack.json").read_text())["totals"]
                    for drop in job.drops]
            for outcome in ("applied", "unchanged"):
                counted = numbers.get(f'patchbay_records_total{{job="{name}",outcome="{outcome}"}}', 0)
                expect_equal(counted, sum(one[outcome] for one in acks), f"{name}: rows {outcome}")

    def requests(self):
        log = self.service.twin.log()
        for kind in ("patch", "get"):
            counted = [one for one in log if one.kind == kind and one.counted]
            for limit, seconds in ((80, 4.0), (30, 1.0)):
                expect_equal(windows.overruns(counted, limit, seconds)[:3], [],
                             f"more than {limit} {kind}s in {seconds} s")


def held_at_first(service):
    """Of each customer what the API holds at the start, by id."""
    found = {}
    for key, record in service.ledger.first.items():
        values = {"email": record["email"], "metadata.loyalty": "gold"}
        values.update({f"metadata.{name}": value
                       for name, value in export.metadata(record).items()})
        found[export.id_of(key)] = values
    return found


def badge(page):
    return re.search(r'data-title="patchbay: (\w+)"', page).group(1)
