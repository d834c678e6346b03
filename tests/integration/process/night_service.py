"""A daemon over many nights: started, ended and started again, its log collected and rotated, with
the twin behind a line that can break, on disks that can be full, under a clock that can be set."""

import contextlib
import os
import pathlib
import resource
import signal
import subprocess
import urllib.parse

import export
from api_line import ApiLine
from configuration import configuration, job
from erp_ledger import ARRIVAL_FIELDS, MOST_CHANGES, NIGHTLY_FIELDS, Ledger
from night_clock import NightClock
from night_lookout import Lookout
from play import expect
from site_client import LISTEN, Site

CUSTOMERS = 120
SESSIONS = 6
EVERY = 6 * 3600  # the schedule of "nightly": a night is a quarter of a day on its clock
AT = 15 * 60
SCHEDULE = "15 */6 * * *"
LIMITS = """\
    average: {requests: 80, per: 4s}
    burst:   {requests: 30, per: 1s}
"""
TWIN = ("--limits", "80/4s,30/1s")
DISK = 48 << 20  # bytes of each disk that can be full
INSIDE = "PATCHBAY_TEST_ENDURANCE"  # set in a mount namespace of our own
# A write beyond the limit is an error, as on a full disk, and no signal.
ENDURES = ["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]


def next_due(moment):
    due = moment // EVERY * EVERY + AT
    return due if due > moment else due + EVERY


class NightService:
    def __init__(self, scene):
        self.scene, self.dice = scene, scene.dice
        self.clock = NightClock(scene.folder)
        self.clock.step(2 * 86_400)  # so that it can be set back later
        records = export.customers(CUSTOMERS)
        self.ledger = Ledger(records, scene.dice)
        self.jobs = self.ledger.jobs
        self.twin = scene.start_twin(records, "--latency", "2ms-8ms", limits=TWIN,
                                     foreign={"loyalty": "gold"})
        self.line = ApiLine(urllib.parse.urlsplit(self.twin.base_url).port)
        self.disks = []
        for folder in (scene.state, scene.spool):
            self.mount(folder)
        for name in self.jobs:
            (scene.spool / name).mkdir()
        self.good = self.configuration()
        self.give(self.good)
        self.daemon = self.site = None
        self.lookout = Lookout(self.jobs)
        self.disturbed = 0  # kills and broken lines so far: each may repeat what was in flight
        self.last_due = 0
        self.set_back = False  # the clock, ever
        self.untroubled = True  # this night
        self.was_full = False  # a disk, this night
        self.night_began, self.drops_before = 0.0, dict.fromkeys(self.jobs, 0)

    # -- the place

    def mount(self, folder):
        folder.mkdir(exist_ok=True)
        if os.environ.get(INSIDE):
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs",
                            str(folder)], check=True)
            self.disks.append(folder)

    def configuration(self):
        jobs = "".join([
            job("nightly", self.scene.spool / "nightly", schedule=SCHEDULE, fields=NIGHTLY_FIELDS,
                budgets=f"changes: {MOST_CHANGES}"),
            job("arrival", self.scene.spool / "arrival", "delta", fields=ARRIVAL_FIELDS,
                budgets=f"changes: {MOST_CHANGES}")])
        address = f"https://localhost:{self.line.port}"
        return configuration(self.scene, jobs=jobs, limits=LIMITS, more=LISTEN, sessions=SESSIONS,
                             attempts=100, request="4s", connect="4s",
                             base_url=f"{address}/api", token_url=f"{address}/oauth/token")

    def give(self, text):
        self.scene.config.write_text(text, encoding="utf-8")

    def folder(self, name):
        """Of a job, also while it is away."""
        there = self.scene.spool / name
        return there if there.exists() else self.scene.spool / f"{name}.away"

    def waiting(self, name):
        return list(self.folder(name).glob("*.csv"))

    def drop(self, name, drop):
        self.scene.drop(drop.name, drop.content, self.folder(name))

    def close(self):
        """Before the scene is cleared away: who writes ends first."""
        self.lookout.close()
        for process in self.scene.running:
            if process.poll() is None:
                self.scene.kill(process)
            self.clock.forget(process.pid)
        self.line.close()
        for disk in self.disks:
            subprocess.run(["umount", "-l", str(disk)], check=False)

    # -- the process

    def launch(self):
        """Its log is opened to be appended to, so that it can be cut off while it is written."""
        number = len(self.scene.running)
        log = self.scene.folder / f"run-{number}.err"
        with open(self.scene.folder / f"run-{number}.out", "wb") as out, open(log, "ab") as err:
            process = subprocess.Popen([*ENDURES, *self.scene.command(["daemon"])], stdout=out,
                                       stderr=err, env=self.environment())
        process.number = number
        self.scene.running.append(process)
        return process

    def environment(self):
        return self.scene.environment(self.clock.environment())

    def start(self):
        self.daemon = self.launch()
        self.site = Site(self.scene, self.daemon)
        self.lookout.turn_to(self.site)

    def ensure(self):
        """After a night whose disk was full: who ended of it, now or later, is started again."""
        if self.daemon.poll() is not None:
            self.lookout.turn_to(None)
            expect(self.was_full, f"it has ended: {self.daemon.poll()}: {self.words()[-2500:]}")
            self.ended(74)
            self.disturbed += 1
            self.start()

    def ended(self, *codes, seconds=60):
        """The daemon ends by itself or was told to."""
        code = self.daemon.wait(seconds)
        expect(code in codes, f"exit code {code}, expected {codes}: {self.words()[-2500:]}")
        return code

    def kill(self):
        self.disturbed += 1
        self.lookout.turn_to(None)
        self.scene.kill(self.daemon)

    def terminate(self):
        self.lookout.turn_to(None)
        self.daemon.terminate()
        self.ended(0)

    def patchbay(self, *arguments, code=0):
        return self.scene.patchbay(*arguments, code=code, environment=self.clock.environment())

    def hang_up(self, word):
        """SIGHUP, until the log says the word once more. Who is at the page meanwhile may be cut off."""
        self.lookout.turn_to(None)
        before = self.words().count(word)
        self.daemon.send_signal(signal.SIGHUP)
        self.scene.wait_until(lambda: self.words().count(word) > before, word, 60, self.daemon)
        self.lookout.turn_to(self.site)

    # -- its log

    def log(self):
        return self.scene.folder / f"run-{self.daemon.number}.err"

    def rotated(self):
        return pathlib.Path(f"{self.log()}.1")

    def rotate(self):
        """As logrotate does with copytruncate: nothing need be opened again."""
        with open(self.rotated(), "ab") as older:
            older.write(self.log().read_bytes())
        os.truncate(self.log(), 0)

    def words(self):
        older = self.rotated()
        return (older.read_text() if older.exists() else "") + self.log().read_text()

    # -- its disks

    def fill(self, folder):
        """Nothing more fits; without a disk of our own the process is told that nothing does."""
        self.was_full = True
        self.lookout.turn_to(None)  # until tomorrow: it may end of it, now or later
        if folder not in self.disks:
            resource.prlimit(self.daemon.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            return
        with open(folder / ".filler", "ab", buffering=0) as filler:
            for block in (1 << 20, 4096):
                with contextlib.suppress(OSError):
                    while True:
                        filler.write(bytes(block))

    def make_room(self, folder):
        (folder / ".filler").unlink(missing_ok=True)
        if folder not in self.disks and self.daemon.poll() is None:
            resource.prlimit(self.daemon.pid, resource.RLIMIT_FSIZE,
                             (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    # -- its clock

    def begin_night(self, untroubled):
        self.untroubled, self.was_full = untroubled, False
        self.lookout.turn_to(self.site)
        for job in self.jobs.values():
            job.tonight.clear()
        self.night_began = self.clock.now()
        self.drops_before = {name: len(job.drops) for name, job in self.jobs.items()}

    def nudge(self):
        """A hidden file is no drop, but the folder has changed: everybody looks at the clock."""
        for name in self.jobs:
            (self.folder(name) / ".nudge").write_bytes(b"")

    def moment_comes(self, before=1.0):
        """The clock stands so many seconds before the schedule's next moment."""
        due = next_due(self.clock.now() + before)
        # Set back a little the clock comes to the moment that was served last: that is not made twice.
        self.last_due = due if due != self.last_due else due + EVERY
        self.clock.set(self.last_due - before)
        self.nudge()

    # -- numbers of the process

    def memory_kb(self):
        text = pathlib.Path(f"/proc/{self.daemon.pid}/status").read_text()
        return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS")))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.daemon.pid}/fd"))

    def sanitized(self):
        return b"__asan_init" in pathlib.Path(self.scene.program).read_bytes()

