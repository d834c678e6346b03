"""The simulator of the API as a process: start, ask its log and its customers, make it err."""

import http.client
import json
import ssl
import subprocess
import urllib.parse
from dataclasses import dataclass

CLIENT_ID = "integration-client"
CLIENT_SECRET = "s3cr3t-of-the-client-0815"


@dataclass
class Request:
    """One line of the twin's log."""
    arrival: float  # seconds
    kind: str  # patch, get, token
    method: str
    target: str
    customer_id: str
    body: dict
    status: int
    code: str
    applied: bool
    counted: bool

    @property
    def attributes(self):
        return self.body.get("data", {}).get("attributes", {})

    @property
    def relationships(self):
        return self.body.get("data", {}).get("relationships", {})


def request_of(line):
    kind = line.get("kind") or line.get("class") or {"PATCH": "patch", "GET": "get"}.get(
        line["method"], "token")
    body = line.get("body") or {}
    return Request(
        arrival=line["arrival_ns"] / 1e9, kind=kind.lower(), method=line["method"],
        target=line["target"], customer_id=line.get("customer_id") or "",
        body=json.loads(body) if isinstance(body, str) else body, status=line["status"],
        code=line.get("code") or "", applied=bool(line.get("applied")),
        counted=bool(line.get("counted", True)))


class Twin:
    def __init__(self, program, folder, customers, options):
        secret = folder / "twin_secret"
        secret.write_text(CLIENT_SECRET)
        secret.chmod(0o600)
        self.ca_file = folder / "twin-ca.pem"
        self.errors = open(folder / "twin.stderr", "ab")
        command = [program, "--listen", "127.0.0.1:0", "--customers", str(customers),
                   "--ca-file", str(self.ca_file), "--client-id", CLIENT_ID,
                   "--client-secret-file", str(secret), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors,
                                        text=True)
        self.said = {}
        for line in self.process.stdout:
            name, _, rest = line.strip().partition("=")
            self.said[name] = rest
            if {"base_url", "token_url", "ca_file"} <= self.said.keys():
                break
        else:
            raise RuntimeError(f"the twin did not start: {(folder / 'twin.stderr').read_text()}")
        self.base_url, self.token_url = self.said["base_url"], self.said["token_url"]

    def ask(self, method, path, body=None, headers=None):
        address = urllib.parse.urlsplit(self.base_url)
        # The certificate may be a bad one on purpose: the tests of it are patchbay's business.
        trust = ssl._create_unverified_context()
        line = http.client.HTTPSConnection("127.0.0.1", address.port, context=trust, timeout=30)
        try:
            line.request(method, path, body=body, headers=headers or {})
            answer = line.getresponse()
            text = answer.read().decode()
        finally:
            line.close()
        if answer.status >= 300:
            raise RuntimeError(f"twin: {method} {path}: {answer.status} {text[:300]}")
        return text

    def log(self, kind=None):
        """Every request so far, in the order of arrival."""
        lines = self.ask("GET", "/twin/log").splitlines()
        found = [request_of(json.loads(line)) for line in lines if line.strip()]
        return [one for one in found if kind is None or one.kind == kind]

    def customers(self):
        """Customers by reference, as the API has them now."""
        lines = self.ask("GET", "/twin/state").splitlines()
        found = [json.loads(line) for line in lines if line.strip()]
        return {one["reference"]: one for one in found}

    def err(self, *faults):
        """From now on, as in `reset-after,times=1,customer=C-1`."""
        for fault in faults:
            self.ask("POST", "/twin/faults", fault)

    def heal(self):
        """No faults from now on."""
        self.ask("DELETE", "/twin/faults")

    def change(self, customer):
        """Another system writes one customer."""
        self.ask("POST", "/twin/customers", json.dumps(customer) + "\n")

    def token(self):
        """The live token: the endpoint hands out the same again."""
        path = urllib.parse.urlsplit(self.token_url).path
        body = {"grant_type": "client_credentials", "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET}
        answer = self.ask("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return json.loads(answer)["access_token"]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.errors.close()
