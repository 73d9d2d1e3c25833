"""The preloaded process seen from here: started at the first notebook, asked for a fork for each, stopped at the end."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection

_SPARING = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""Allocators that give memory back: every fork keeps what they hoard (pyarrow's own pool some 28 MB) for itself."""


class Server:
    """The preloaded process, started at the first notebook and stopped with this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def start(self) -> str:
        """Start the process unless it runs; the answer is empty, or says why it cannot."""
        with self._lock:
            if self._process and self._process.poll() is None and self._owner == os.getpid():
                return ""
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", f"{__package__}.forked"],
                    stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is for the engine to answer
                    env={**_SPARING, **os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
                )  # fmt: skip
            self._control, self._owner = ours, os.getpid()
            with ours.makefile("rb") as answers:
                said = answers.readline()
            return json.loads(said).get("failed", "") if said else "the preloaded process ended at its start"

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


server = Server()
atexit.register(server.stop)
