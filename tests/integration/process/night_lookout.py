"""Somebody who looks at the service all the time, as monitoring and a person at the page do: every
answer is whole, in order and says nothing that cannot be; and there is an answer as long as the process
has not been told to end."""

import json
import re
import threading

from site_client import Site

EVERY = 0.25  # seconds
PATHS = ("/status.json", "/status", "/metrics", "/livez", "/readyz")


class Lookout:
    def __init__(self, jobs):
        self.jobs = jobs
        self.faults = []
        self.looks = 0
        self.site = None  # nobody is to be asked while it is None
        self.life = 0
        self.turn = threading.Lock()
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.look_on, daemon=True)
        self.thread.start()

    def turn_to(self, site: Site | None):
        """Another life, or none. What is being asked is answered by the life before."""
        self.life += 1
        self.site = site

    def close(self):
        self.end.set()
        self.thread.join(30)

    def look_on(self):
        while not self.end.wait(EVERY):
            site, life = self.site, self.life
            if site is None:
                continue
            for path in PATHS:
                try:
                    fault = self.fault_of(path, site.ask(path))
                except OSError as error:
                    fault = f"no answer: {error!r}"
                except ValueError as error:
                    fault = f"unreadable: {error!r}"
                if life != self.life:
                    break  # it was ending meanwhile
                self.looks += 1
                if fault:
                    self.faults.append(f"{path}: {fault}")

    def fault_of(self, path, answer):
        if answer.status != 200:
            return f"{answer.status}: {answer.body[:200]}"
        if path == "/status.json":
            return self.fault_of_status(json.loads(answer.body))
        if path == "/status":
            whole = answer.body.rstrip().endswith("</html>")
            known = re.search(r'data-title="patchbay: (idle|running|held|failing)"', answer.body)
            return None if whole and known else f"no whole page: …{answer.body[-200:]}"
        if path == "/metrics" and not re.search(r"^patchbay_throttled_responses_total 0$", answer.body,
                                                re.M):
            return "429s in the metrics"
        return None

    def fault_of_status(self, status):
        """What cannot be at any moment."""
        for job in status["jobs"]:
            ours = self.jobs[job["name"]]
            rows = sum(max(len(drop.edits), len(drop.refused)) + len(drop.refused)
                       for drop in list(ours.drops))
            names = {drop.name for drop in list(ours.drops)}
            if not 0 <= job["pending"] <= rows:
                return f"{job['pending']} pending, all drops together had {rows} changes"
            if (job["oldest_pending"] is None) != (job["pending"] == 0):
                return f"{job['pending']} pending, the oldest since {job['oldest_pending']}"
            strange = {one["drop"] for one in job["held"] + job["waiting"]} - names
            if strange:
                return f"held: {strange}"
        if any(one["used"] > one["requests"] for one in status["windows"]):
            return f"windows: {status['windows']}"
        return None
