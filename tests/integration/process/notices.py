"""The other end of sd_notify, as systemd is: a datagram socket that is read all the time."""

import socket
import threading
import time

SECOND = 1_000_000


class Notices:
    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.heard = []  # when, line
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            text = self.socket.recv(65536).decode()
            self.heard += [(time.monotonic(), line) for line in text.splitlines()]

    @property
    def lines(self):
        return [line for _, line in self.heard]

    def seen(self, word):
        return self.count(word) > 0

    def count(self, word):
        return sum(line.startswith(word) for line in self.lines)

    def statuses(self):
        return [line.removeprefix("STATUS=") for line in self.lines if line.startswith("STATUS=")]


def service(scene, notices, watchdog_usec=2 * SECOND):
    """The environment that systemd gives."""
    credentials = scene.folder / "credentials"
    credentials.mkdir(exist_ok=True)
    secret = credentials / "client_secret"
    if not secret.exists():
        secret.write_bytes(scene.secret_file.read_bytes())
        secret.chmod(0o600)
    return {"NOTIFY_SOCKET": notices.path, "WATCHDOG_USEC": str(watchdog_usec),
            "CREDENTIALS_DIRECTORY": str(credentials)}
