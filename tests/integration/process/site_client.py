"""What a daemon serves under http.listen, asked as a browser, Prometheus or a stranger would."""

import codecs
import http.client
import json
import re
import socket
import time

LISTEN = 'http: {listen: "127.0.0.1:0"}\n'


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class Site:
    """Waits until the daemon has said where it listens."""

    def __init__(self, scene, daemon):
        said = []

        def heard():
            said[:] = re.findall(r"http://(127\.0\.0\.1):(\d+)/status", scene.output(daemon).err)
            return bool(said)
        scene.wait_until(heard, "the daemon to listen", 30, daemon)
        self.host, self.port = said[-1][0], int(said[-1][1])

    def ask(self, path, method="GET", headers=None):
        line = http.client.HTTPConnection(self.host, self.port, timeout=20)
        try:
            line.request(method, path, headers=headers or {})
            answer = line.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read().decode())
        finally:
            line.close()

    def connect(self):
        return socket.create_connection((self.host, self.port), timeout=20)

    def say(self, text):
        """Raw bytes, and all that comes back until the end of the connection."""
        with self.connect() as line:
            line.sendall(text.encode())
            return everything(line)

    def status(self):
        return json.loads(self.ask("/status.json").body)

    def metrics(self):
        """Values by name with labels, as they stand in the text."""
        found = {}
        for line in self.ask("/metrics").body.splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                found[name] = float(value)
        return found


def everything(line):
    told = b""
    while True:
        try:
            more = line.recv(65536)
        except ConnectionResetError:
            break
        if not more:
            break
        told += more
    return told.decode()


class Events:
    """One stream of server-sent events."""

    def __init__(self, site, path="/status/events"):
        self.line = site.connect()
        self.line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.text = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    def wait_for(self, word, seconds=20):
        """The text of the stream until `word` has come, or the stream has ended."""
        end = time.monotonic() + seconds
        while word not in self.text:
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"waited {seconds} s in vain for {word!r}; the stream so far: "
                                     f"{self.text[-800:]}")
            self.line.settimeout(left)
            try:
                more = self.line.recv(65536)
            except TimeoutError:
                continue
            if not more:
                break
            self.text += self.decoder.decode(more)
        return self.text

    def close(self):
        self.line.close()
