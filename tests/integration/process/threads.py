"""Stops one thread of a process and lets it go on, as a disk that hangs does: with ptrace, which
stops a thread alone where SIGSTOP stops all of them."""

import ctypes
import os
import pathlib

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
ANY_CHILD = 0x40000000  # __WALL: threads, too
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long


def trace(request, thread):
    if LIBC.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x} of thread {thread}")


def thread_named(process, name):
    for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int(task.name)
    raise AssertionError(f"{process.pid} has no thread {name}")


class Stopped:
    """`with Stopped(process, "store"):` the thread stands still inside."""

    def __init__(self, process, name):
        self.thread = thread_named(process, name)

    def __enter__(self):
        trace(SEIZE, self.thread)
        trace(INTERRUPT, self.thread)
        os.waitpid(self.thread, ANY_CHILD)
        return self

    def __exit__(self, *unused):
        trace(DETACH, self.thread)
