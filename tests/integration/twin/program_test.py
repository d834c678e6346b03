"""patchbay-twin as a user of the sandbox has it: arguments, files, signals, exit codes."""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = sys.argv[1]
COLUMNS = "id,email,reference,customer_group,tags,metadata,metadata.limit,profile_id\r\n"
ROWS = ('aaaaaaaaaa,a@x.it,C-1,GOLD,vip|b2b,"{""note"":""a,b""}",12.50,\r\n'
        ',b@x.it,C-1,,,,,"says ""hello""\ntwice"\r\n')


def expect(holds, what):
    if not holds:
        raise AssertionError(what)


def start(*arguments):
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    said = {}
    for line in process.stdout:
        name, _, rest = line.strip().partition("=")
        said[name] = rest
        if name == "admin_url":
            break
    return process, said


def ended(process, code):
    process.stdout.close()
    expect(process.wait(20) == code, f"exit code {process.returncode}, expected {code}")


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def refused(code, mention, *arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          timeout=30, check=False)
    expect(done.returncode == code, f"{arguments}: {done.returncode}, expected {code}")
    expect(mention in done.stderr, f"{arguments}: '{mention}' is not in: {done.stderr}")


def csv_to_state(folder):
    """A CSV with newlines and quotes in cells comes out as state, on SIGUSR1 and on SIGTERM."""
    seed, state = folder / "seed.csv", folder / "state.jsonl"
    seed.write_bytes((COLUMNS + ROWS).encode())
    process, said = start("--customers", seed, "--state", state, "--ca-file", folder / "ca.pem")
    expect(said["customers"] == "2", f"customers: {said}")
    expect("BEGIN CERTIFICATE" in (folder / "ca.pem").read_text(), "the CA file")
    process.send_signal(signal.SIGUSR1)
    end = time.monotonic() + 20
    while not state.exists() and time.monotonic() < end:
        time.sleep(0.01)
    expect(state.exists(), "SIGUSR1 wrote no state")
    state.unlink()
    process.terminate()
    ended(process, 0)
    found = {one["email"]: one for one in lines_of(state)}
    first, second = found["a@x.it"], found["b@x.it"]
    expect(first["metadata"] == {"note": "a,b", "limit": 12.5}, str(first))
    expect(first["customer_group"] == "GOLD" and first["tags"] == ["vip", "b2b"], str(first))
    expect(second["reference"] == "C-1" and second["profile_id"] == 'says "hello"\ntwice', str(second))
    process, said = start("--customers", state, "--ca-file", folder / "ca.pem")
    expect(said["customers"] == "2", "state is readable as customers")
    process.send_signal(signal.SIGINT)
    ended(process, 0)


def wrong_arguments(folder):
    refused(64, "--limits", "--limits", "200")
    refused(64, "--latency", "--latency", "9ms-5ms")
    refused(64, "no kind 'explode'", "--fault", "explode")
    refused(64, "--certificate", "--certificate", "forged")
    refused(64, "cannot be read", "--customers", folder / "missing.csv")
    refused(69, "loopback", "--listen", "0.0.0.0:0")
    refused(74, "cannot be written", "--ca-file", folder / "no" / "ca.pem")
    broken = folder / "broken.csv"
    broken.write_text("reference,email\nC-1,a@x.it\nC-2\n")
    refused(64, "line 3", "--customers", broken)
    broken = folder / "twice.jsonl"
    broken.write_text('{"email":"a@x.it"}\n{"email":"A@x.it"}\n')
    refused(64, "line 2", "--customers", broken)


def main():
    with tempfile.TemporaryDirectory(prefix="patchbay-twin-") as name:
        csv_to_state(pathlib.Path(name))
        wrong_arguments(pathlib.Path(name))
    help_text = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True)
    for word in ("--limits", "--fault", "reset-after", "/twin/state", "metadata.KEY", "curl"):
        expect(word in help_text.stdout, f"--help does not speak of {word}")


if __name__ == "__main__":
    main()
