"""A papermill engine that runs notebooks in forks of one preloaded process: `papermill --engine fentanyl`.

Everything that papermill and nbclient do with a notebook stays theirs; only the kernel behind them is another
(`child.py`). Where a fork is not to be had, or the notebook asks for another kernel than this Python's, papermill's
own engine runs it, and the log says so once.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.connection import Connection
from typing import Any

from nbclient.exceptions import CellExecutionComplete, CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from . import server, unsafe


class ForkedEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's engine on forked kernels; takes what papermill's own engine takes."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run the notebook, in an ordinary kernel where forks are not available."""
        reason = unsafe() or _unfit(kernel_name) or server.start()
        if reason:
            _say_once(reason)
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        limit = kwargs.pop("execution_timeout", None) or kwargs.get("timeout")
        kwargs = remove_args(["input_path", "timeout", "startup_timeout", "start_timeout", "extra_arguments"], **kwargs)
        return ForkedClient(
            nb_man, **merge_kwargs(kwargs, timeout=limit, kernel_name=kernel_name, log=logger)
        ).execute()


class ForkedClient(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's notebook client, with the kernel at the other end of a socket pair."""

    child: Connection
    pid: int

    def execute(self, **kwargs: Any) -> Any:
        """Run all cells in one fresh fork and return the notebook."""
        self.reset_execution_trackers()
        with self._forked() as info:
            self.papermill_execute_cells()
            self.nb.metadata["language_info"] = info
            self.set_widgets_metadata()
        return self.nb

    def execute_cell(self, cell: Any, cell_index: int, store_history: bool = True, **_: Any) -> Any:
        """Run one cell as nbclient does: the same messages through the same `process_message`."""
        if (
            cell.cell_type != "code"
            or not cell.source.strip()
            or self.skip_cells_with_tag in cell.metadata.get("tags", [])
        ):
            return cell
        if self.record_timing:
            cell["metadata"]["execution"] = {}
        self.child.send_bytes(json.dumps({"code": cell.source, "store_history": store_history}).encode())
        self.code_cells_executed += 1
        cell.outputs = []
        self.clear_before_next_output = False
        reply = self._replied(cell, cell_index)
        run_sync(self._check_raise_for_error)(cell, cell_index, reply)
        return cell

    def _replied(self, cell: Any, cell_index: int) -> Any:
        """Take in the cell's messages until its reply has come and its output is complete."""
        limit = self._get_timeout(cell)
        deadline = time.monotonic() + limit if limit else None
        request, reply, complete = None, None, False
        while reply is None or not complete:
            try:
                message = self._receive(deadline and deadline - time.monotonic())
            except TimeoutError:
                raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", limit, cell) from None
            reply = message.get("reply", reply)
            if shown := message.get("iopub"):
                if shown["content"].get("execution_state") == "busy":
                    request = shown["parent_header"]["msg_id"]
                if shown["parent_header"].get("msg_id") == request:  # not what a thread of an earlier cell still prints
                    try:
                        self.process_message(shown, cell, cell_index)
                    except CellExecutionComplete:
                        complete = True
        return reply

    @contextmanager
    def _forked(self) -> Iterator[Any]:
        self.child = server.fork()
        self.pid = 0
        try:
            self.child.send_bytes(json.dumps({"cwd": os.getcwd(), "environ": dict(os.environ)}).encode())
            hello = self._receive()
            self.pid = hello["pid"]
            yield hello["language_info"]
            self.child.send_bytes(b"null")
        except ConnectionError:
            raise DeadKernelError("Kernel died") from None
        finally:
            if sys.exc_info()[0] and self.pid:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)
            self.child.close()

    def _receive(self, limit: float | None = None) -> Any:
        """The next message of the child; TimeoutError when `limit` seconds pass without one."""
        from jupyter_client.jsonutil import extract_dates

        if limit is not None and not self.child.poll(max(limit, 0)):
            raise TimeoutError
        try:
            return extract_dates(json.loads(self.child.recv_bytes()))
        except EOFError:
            raise DeadKernelError("Kernel died") from None


def _unfit(kernel_name: str) -> str:
    """Why this notebook needs an ordinary kernel, or nothing."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        command = KernelSpecManager().get_kernel_spec(kernel_name).argv
    except NoSuchKernel:
        return f"no kernel is named {kernel_name!r}"
    if "ipykernel_launcher" not in command or command[0] not in ("python", "python3", sys.executable):
        return f"the kernel {kernel_name!r} is not this Python's own"
    return ""


@cache
def _say_once(reason: str) -> None:
    logging.getLogger("fentanyl_stats").warning(f"engine fentanyl: {reason}; running in an ordinary kernel")
