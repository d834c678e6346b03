"""A folder with everything a scenario needs: the twin, a configuration, a spool with drops, and
the program under test. Gone when the scenario ends, with every process that it started."""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from dataclasses import dataclass

import export
from configuration import configuration
from twin import CLIENT_SECRET, Twin


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def reports(self):
        """One JSON object a line, of `--json`."""
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    @property
    def report(self):
        found = self.reports
        if len(found) != 1:
            raise AssertionError(f"expected one line of JSON, found {len(found)}: {self.out[:500]}"
                                 f"\nstderr: {self.err[-2000:]}")
        return found[0]


class Scene:
    def __init__(self, patchbay, twin, dice):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="patchbay-scene-"))
        self.program, self.twin_program, self.dice = patchbay, twin, dice
        self.spool = self.folder / "spool"
        self.state = self.folder / "state"
        self.config = self.folder / "patchbay.yaml"
        self.secret_file = self.folder / "client_secret"
        self.twin = None
        self.running = []
        self.ended = []
        self.keep = False
        self.spool.mkdir()
        self.secret_file.write_text(CLIENT_SECRET + "\n")
        self.secret_file.chmod(0o600)

    # -- setting the scene

    def start_twin(self, records, *options, foreign=None, limits=("--no-limits",)):
        seed = self.folder / "customers.jsonl"
        seed.write_text(export.seed_lines(records, foreign), encoding="utf-8")
        self.twin = Twin(self.twin_program, self.folder, seed, [*limits, *options])
        return self.twin

    def configure(self, **choices):
        self.config.write_text(configuration(self, **choices), encoding="utf-8")
        return self.config

    def drop(self, name, content, folder=None):
        """Written aside and renamed, as a well-behaved ERP does. `content`: records or bytes."""
        folder = folder or self.spool
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            content = export.drop_bytes(content)
        path = folder / name
        aside = folder / f".{name}.part"
        aside.write_bytes(content)
        aside.rename(path)
        return path

    # -- running the program

    def environment(self, extra=None):
        cleaned = {name: value for name, value in os.environ.items()
                   if not name.startswith(("NOTIFY_", "WATCHDOG_", "CREDENTIALS_"))}
        return {**cleaned, **(extra or {})}

    def patchbay(self, *arguments, code=0, timeout=300, environment=None):
        """Runs to the end. `code`: the exit code expected, None when any will do."""
        done = subprocess.run(self.command(arguments), capture_output=True, timeout=timeout,
                              env=self.environment(environment), check=False)
        ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
        self.ended.append((arguments, ended))
        if code is not None and ended.code != code:
            raise AssertionError(f"patchbay {' '.join(map(str, arguments))} exited with "
                                 f"{ended.code}, expected {code}\nstdout: {ended.out[-1500:]}\n"
                                 f"stderr: {ended.err[-3000:]}")
        return ended

    def command(self, arguments):
        first, *rest = map(str, arguments)
        return [self.program, first, "-c", str(self.config), *rest]

    def launch(self, *arguments, environment=None, before=()):
        """Starts it and returns at once; its output goes to files. `before`: who execs it."""
        number = len(self.running)
        with open(self.folder / f"run-{number}.out", "wb") as out, \
                open(self.folder / f"run-{number}.err", "wb") as err:
            process = subprocess.Popen([*before, *self.command(arguments)], stdout=out, stderr=err,
                                       env=self.environment(environment))
        process.number = number
        self.running.append(process)
        return process

    def output(self, process):
        return Ended(process.returncode if process.returncode is not None else -1,
                     (self.folder / f"run-{process.number}.out").read_text(),
                     (self.folder / f"run-{process.number}.err").read_text())

    @staticmethod
    def kill(process):
        process.send_signal(signal.SIGKILL)
        process.wait(30)

    def wait_until(self, holds, what, seconds=60, process=None):
        """Looks every 20 ms: the other side is a process, nothing here can be told to ring."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s in vain: {what}")
            if process is not None and process.poll() is not None:
                raise AssertionError(f"ended with {process.returncode} before {what}: "
                                     f"{self.output(process).err[-2000:]}")
            time.sleep(0.02)

    def days_pass(self, days=1):
        """For dead letters: what the state says of them was said so many days earlier."""
        file, = self.state.glob("*.db")
        past = days * 86_400_000
        with contextlib.closing(sqlite3.connect(file)) as state, state:
            state.execute("UPDATE dead_letter SET since=since-?, next_retry=next_retry-?",
                          (past, past))
            state.execute("UPDATE wanted SET due=due-? WHERE due>?", (past, past))

    # -- looking

    def tree_digest(self, folder=None):
        """Names, times and bytes of every file below: equal when nothing was touched."""
        summed = hashlib.sha256()
        for path in sorted((folder or self.spool).rglob("*")):
            status = path.lstat()
            summed.update(f"{path} {status.st_mode} {status.st_mtime_ns}".encode())
            if path.is_file():
                summed.update(path.read_bytes())
        return summed.hexdigest()

    def pending(self):
        jobs = self.patchbay("status", "--json").report["jobs"]
        return sum(job["pending"] for job in jobs)

    def dead_letters(self):
        return self.patchbay("dead-letters", "list", "--json").report["dead_letters"]

    def last_words(self):
        told = [f"folder: {self.folder}" if self.keep else ""]
        for arguments, ended in self.ended[-1:]:
            told.append(f"last: patchbay {' '.join(map(str, arguments))} → {ended.code}\n"
                        f"{ended.out[-1500:]}\n{ended.err[-2500:]}")
        return "\n".join(told)

    def close(self):
        for process in self.running:
            if process.poll() is None:
                self.kill(process)
        if self.twin is not None:
            self.twin.stop()
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
