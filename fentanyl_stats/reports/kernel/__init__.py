"""The kernel of notebooks: forks of one preloaded process (`child`), behind papermill's own engine (`client`).

Here is that process as seen from outside: started at the first notebook, asked for a fork for each, stopped at the end.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection

SPARING = {
    "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072",
}  # fmt: skip
"""Allocators that give back what they do not use: each fork keeps for itself what they hoard, pyarrow's pool some 28 MB."""


def unsafe() -> str:
    """Why processes cannot be forked on this system, or nothing."""
    if not hasattr(os, "fork") or sys.platform == "darwin":  # system libraries of macOS do not survive a fork
        return f"processes cannot be forked safely on {sys.platform}"
    return ""


class Server:
    """The preloaded process, started at the first notebook and stopped with this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | _Fork | None = None
        self._control: socket.socket | None = None
        self._owner = 0
        self._asked = False
        self._said: bytes | None = None

    def split(self) -> None:
        """Fork the process from this one, so that the two share what is imported so far.

        Only for a process that is the command line's own and has done nothing yet: what it holds, notebooks find. Without
        effect once there are other threads, which a fork would lose, or where forks are not to be had.
        """
        if unsafe() or threading.active_count() > 1:
            return
        ours, theirs = socket.socketpair()
        gc.collect()
        gc.freeze()  # a collector of this process would write to the pages that the two share
        pid = os.fork()
        if not pid:
            try:
                ours.close()
                _wait_for_work(theirs)
            finally:
                os._exit(0)  # what the command line would do next is its own to do
        theirs.close()
        self._hold(_Fork(pid), ours)

    def begin(self) -> None:
        """Start the process unless it runs, and do not wait until it has imported everything."""
        with self._lock:
            if not self._process or self._process.poll() is not None or self._owner != os.getpid():
                ours, theirs = socket.socketpair()
                with theirs:
                    process = subprocess.Popen(
                        [sys.executable, "-P", "-m", f"{__name__}.child"],
                        stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                        start_new_session=True,  # Ctrl-C is for the engine to answer
                        env={**SPARING, **os.environ},
                    )  # fmt: skip
                self._hold(process, ours)
            if not self._asked:  # it imports what notebooks import once, and not before a notebook is to run
                assert self._control is not None
                self._control.sendall(b"!")
                self._asked = True

    def start(self) -> str:
        """Start the process unless it runs and wait until it is ready; the answer is empty, or says why it cannot be."""
        self.begin()
        with self._lock:
            if self._said is None:
                assert self._control is not None
                with self._control.makefile("rb") as answers:
                    self._said = answers.readline()
            return (
                json.loads(self._said).get("failed", "") if self._said else "the preloaded process ended at its start"
            )

    def fork(self) -> Connection:
        """One end of a connection whose other end a new child holds."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            assert self._control is not None
            socket.send_fds(self._control, [b"."], [theirs.fileno()])
        return Connection(ours.detach())

    def stop(self) -> None:
        """End the process and every notebook that it still runs."""
        with self._lock:
            if self._process and self._control and self._owner == os.getpid():
                self._control.close()
                self._process.wait()
                self._process = None

    def _hold(self, process: subprocess.Popen[bytes] | _Fork, control: socket.socket) -> None:
        self._process, self._control, self._owner = process, control, os.getpid()
        self._asked, self._said = False, None


class _Fork:
    """A process forked from this one, with what is used here of a Popen."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its exit status, None while it runs."""
        return self._reap(os.WNOHANG)

    def wait(self) -> int | None:
        """Its exit status, once it has ended."""
        return self._reap(0)

    def _reap(self, how: int) -> int | None:
        if self._status is None:
            ended, status = os.waitpid(self._pid, how)
            self._status = status if ended else None
        return self._status


def _wait_for_work(control: socket.socket) -> None:
    """What the forked process does: take the place that a started one has, and serve."""
    os.setsid()  # Ctrl-C is for the engine to answer
    os.dup2(control.fileno(), 0)
    control.close()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    from .child import serve

    serve(socket.socket(fileno=0))


server = Server()
atexit.register(server.stop)
