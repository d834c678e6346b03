"""Headless Chromium for a test: one command at a time, by page.mjs and playwright-core."""

import json
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


def missing(modules):
    """What a browser test lacks, as a sentence; empty: nothing."""
    for program in ("node", "chromium"):
        if shutil.which(program) is None:
            return f"{program} is not installed: scripts/packages installs it"
    if not (modules / "playwright-core/index.mjs").exists():
        return f"{modules} has no playwright-core: scripts/browser installs it"
    return ""


class Browser:
    def __init__(self, modules, origin, script=True):
        """`origin`: what is asked from elsewhere is remembered in strangers()."""
        self.process = subprocess.Popen(
            ["node", HERE / "page.mjs", (modules / "playwright-core").resolve(), shutil.which("chromium"),
             "with-script" if script else "without-script", origin],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, what, **how):
        self.process.stdin.write(json.dumps({"what": what, **how}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the browser is gone at {what} {how}")
        answer = json.loads(line)
        if "failed" in answer:
            raise AssertionError(f"{what} {how}: {answer['failed']}")
        return answer["found"]

    def text(self, selector):
        return self.ask("text", selector=selector)

    def until(self, selector, says, seconds=30):
        self.ask("until", selector=selector, says=says, seconds=seconds)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
