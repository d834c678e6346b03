"""The line between the program and the API: bytes pass as they are, until somebody breaks it."""

import contextlib
import socket
import struct
import threading

AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: the other side gets RST


def abort(*ends):
    for end in ends:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            end.shutdown(socket.SHUT_RDWR)
        end.close()


class ApiLine:
    """Listens on a port of its own, that it keeps also while it refuses."""

    def __init__(self, port):
        self.twin_port = port
        self.listener = self.bound()
        self.port = self.listener.getsockname()[1]
        self.listener.listen(64)
        self.state = "open"  # refused, silent
        self.listens = threading.Event()
        self.listens.set()
        self.guard = threading.Lock()
        self.ends = set()
        self.closed = False
        threading.Thread(target=self.accept, daemon=True).start()

    @staticmethod
    def bound():
        """A port that was asked for by its number stays ours while nobody listens."""
        for _ in range(50):
            with socket.socket() as any_port:
                any_port.bind(("127.0.0.1", 0))
                address = any_port.getsockname()
            made = socket.socket()
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                made.bind(address)
                return made
            except OSError:
                made.close()
        raise RuntimeError("no free port")

    # -- what can go wrong

    def refuse(self):
        """Nobody listens, and who was connected is cut off."""
        self.state = "refused"
        self.listens.clear()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.cut()

    def silence(self):
        """Everything is accepted, nothing comes through, in neither direction."""
        self.state = "silent"

    def cut(self):
        """Every connection ends in the middle of whatever it says."""
        with self.guard:
            ends, self.ends = self.ends, set()
        abort(*ends)

    def mend(self):
        before, self.state = self.state, "open"
        if before == "silent":
            self.cut()  # what was swallowed does not come later
        if before == "refused":
            self.listener.listen(64)
            self.listens.set()

    def close(self):
        self.closed = True
        self.listens.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()

    # -- the bytes

    def accept(self):
        while not self.closed:
            self.listens.wait()
            try:
                caller, _ = self.listener.accept()
            except OSError:
                continue  # refused, or closed
            self.connect(caller)

    def connect(self, caller):
        try:
            api = socket.create_connection(("127.0.0.1", self.twin_port), timeout=20)
        except OSError:
            abort(caller)
            return
        api.settimeout(None)
        for end in (caller, api):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.guard:
            self.ends |= {caller, api}
        for source, sink in ((caller, api), (api, caller)):
            threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    def pump(self, source, sink):
        try:
            while told := source.recv(65536):
                if self.state != "silent":
                    sink.sendall(told)
            if self.state != "silent":
                sink.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        with self.guard:
            self.ends -= {source, sink}
        abort(source, sink)
