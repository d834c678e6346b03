"""A wall clock for the programs of a scene that the scene sets as it likes, also while they run
(libfaketime). It goes at the real speed between two settings: what a program waits for in seconds
takes seconds, and the clock of the windows and time-outs is the machine's."""

import datetime
import os
import pathlib
import time

LIBRARIES = ("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
             "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1")


class NightClock:
    def __init__(self, folder):
        self.file = folder / "clock"
        self.ahead = 0.0
        self.set_ahead(0.0)

    def now(self):
        return time.time() + self.ahead

    def set_ahead(self, seconds):
        """Never behind the real clock: certificates begin there."""
        self.ahead = max(0.0, seconds)
        written = self.file.with_suffix(".new")
        written.write_text(f"+{self.ahead:.3f}\n")
        written.rename(self.file)

    def set(self, moment):
        self.set_ahead(moment - time.time())

    def step(self, seconds):
        self.set_ahead(self.ahead + seconds)

    @staticmethod
    def forget(pid):
        """What libfaketime leaves behind of a process that was killed."""
        for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
            pathlib.Path("/dev/shm", name).unlink(missing_ok=True)

    def environment(self):
        library = next(path for path in LIBRARIES if os.path.exists(path))
        # A sanitized program wants its runtime to be the first library.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self.file),
                "FAKETIME_NO_CACHE": "1",
                "DONT_FAKE_MONOTONIC": "1", "ASAN_OPTIONS": sanitizer.lstrip(":")}


def moment_of(text):
    """Seconds of a time as the program writes it in JSON."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
