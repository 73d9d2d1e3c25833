"""A process that imports the heavy libraries once and forks a fresh kernel for each notebook.

It is started (`__init__.py`) with one end of a socket pair as its standard input. Each message on that socket carries
the end of another pair, over which a new child runs one notebook: code in, Jupyter messages out, one JSON object each. When
the socket closes, because the engine stopped or its process died, every child still at work is killed.

The child holds an ordinary ipykernel without its sockets. What such a fork lacks beside a kernel that Jupyter starts is
switched on in `_own` and `_settle`, with the reason for each line.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

PRELOADED = (
    "ipykernel.inprocess.ipkernel", "ipykernel.inprocess.blocking", "sqlite3",
    "IPython.core.application", "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect",
    "numpy", "pandas", "pyarrow.dataset", "pydantic", "great_tables", "PIL.PngImagePlugin", "PIL.JpegImagePlugin",
    "matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg",
    "fentanyl_stats.reports.parameters", "fentanyl_stats.audit.sentences", "fentanyl_stats.analysis.places",
    "fentanyl_stats.analysis.laboratory", "fentanyl_stats.analysis.revisions", "fentanyl_stats.stats.provisional",
    "fentanyl_stats.stats.selection", "fentanyl_stats.charts._claims", "fentanyl_stats.charts._deaths",
    "fentanyl_stats.charts._offices", "fentanyl_stats.charts._origin", "fentanyl_stats.charts._trends",
    "fentanyl_stats.stats.attribution",
)  # fmt: skip
"""What nearly every notebook imports; what few need (seaborn, statsmodels) would only make every child larger."""


def serve(control: socket.socket) -> None:
    """Once asked, import what notebooks import, say so, and fork until the other end of `control` closes."""
    if not control.recv(1):
        return
    try:
        for name in PRELOADED:
            importlib.import_module(name)
        _undebugged()
        _warm()
        client = _kernel()
    except Exception as error:
        control.sendall(json.dumps({"failed": traceback.format_exception_only(error)[-1].strip()}).encode() + b"\n")
        return
    gc.collect()
    gc.freeze()  # what is imported stays as it is: a child's collector does not write to its pages, which so stay shared
    control.sendall(b"{}\n")
    children: set[int] = set()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        children -= {pid for pid in children if os.waitpid(pid, os.WNOHANG)[0]}
        if not message:
            break
        pid = os.fork()
        if not pid:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # closes the child's copy of the control socket
            _child(descriptors[0], client)
        children.add(pid)
        os.close(descriptors[0])
    for pid in children:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _undebugged() -> None:
    """Let ipykernel find no debugger: it takes some 8 MB, and none could attach to a fork."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]


def _warm() -> None:
    """Hold the tables that most notebooks read, as far as they can be held; what is amiss with them notebooks will say."""
    from ...data import store
    from ...errors import FentanylStatsError

    with suppress(FentanylStatsError, OSError):
        store.warm()


def _child(descriptor: int, client: Any) -> None:
    """Run one notebook and end, never returning into the loop of the parent."""
    code = 1
    try:
        os.setpgid(0, 0)  # one signal reaches what the notebook starts besides
        work(Connection(descriptor), client)
        code = 0
    except (EOFError, OSError):
        pass
    finally:
        atexit._run_exitfuncs()
        os._exit(code)  # the parent's own end is not the child's to run


def work(connection: Connection, client: Any) -> None:
    """Answer each request for the execution of a cell with the kernel's messages, the reply last."""
    from jupyter_client.session import json_packer

    settings = json.loads(connection.recv_bytes())
    os.chdir(settings["cwd"])
    os.environ.clear()
    os.environ.update(settings["environ"])
    one_at_a_time = Lock()  # the kernel's output thread sends too

    def send(message: dict[str, Any]) -> None:
        with one_at_a_time:
            connection.send_bytes(json_packer(message))

    client.iopub_channel.relay = lambda message: send({"iopub": message})
    _own(client.kernel)
    _settle(client.kernel)
    send({"pid": os.getpid(), "language_info": client.kernel.language_info})
    while request := json.loads(connection.recv_bytes()):
        client.execute(request["code"], store_history=request["store_history"])
        send({"reply": client.get_shell_msg()})


def _kernel() -> Any:
    """A client of a new in-process kernel that lacks what a fork would lose: the thread that publishes its messages.

    It is made once, before any fork, since making it writes to more memory than many a notebook does.
    """
    from ipykernel.inprocess.blocking import BlockingInProcessKernelClient
    from ipykernel.inprocess.channels import InProcessChannel
    from ipykernel.inprocess.constants import INPROCESS_KEY
    from ipykernel.inprocess.ipkernel import InProcessKernel
    from ipykernel.iostream import BackgroundSocket, IOPubThread
    from jupyter_client.session import Session
    from traitlets import Type
    from traitlets.config import Config

    class Kernel(InProcessKernel):
        _supports_kernel_subshells = False
        shell_channel_thread = SimpleNamespace(parent_thread=None)  # ipykernel asks for it whenever a cell awaits

    class Relayed(InProcessChannel):
        relay: Callable[[dict[str, Any]], None]

        def call_handlers(self, msg: dict[str, Any]) -> None:
            msg.pop("buffers", None)  # of widgets; nothing in a written notebook refers to them
            self.relay(msg)

    class Client(BlockingInProcessKernelClient):
        iopub_channel_class = Type(Relayed)  # type: ignore[assignment]

    class Missing(IOPubThread):
        def __init__(self) -> None:
            self.background_socket = BackgroundSocket(self)

    config = Config()
    config.HistoryManager.hist_file = ":memory:"  # as nbclient asks of a kernel
    kernel: Any = Kernel(config=config, session=Session(key=INPROCESS_KEY), iopub_thread=Missing())  # type: ignore[no-untyped-call]
    client = Client(kernel=kernel, session=kernel.session)
    client.start_channels()  # type: ignore[no-untyped-call]
    client.allow_stdin = False  # as nbclient: nobody is there to answer
    return client


def _own(kernel: Any) -> None:
    """Give the forked kernel a publishing thread, and let it know the process and the folder that it is in."""
    from ipykernel.iostream import IOPubThread

    kernel.session.pid = os.getpid()  # a session sends nothing from another process than its own
    kernel.iopub_thread = IOPubThread(kernel._underlying_iopub_socket, session=kernel.session)
    kernel.iopub_thread.start()
    kernel.iopub_socket = kernel.iopub_thread.background_socket
    kernel.shell.displayhook.pub_socket = kernel.shell.display_pub.pub_socket = kernel.iopub_socket
    kernel.shell.starting_dir = os.getcwd()
    kernel.shell.user_ns["_dh"][:] = [Path.cwd()]


def _settle(kernel: Any) -> None:
    """Make good what the fork took over from its parent and a kernel of its own would have found otherwise."""
    import numpy as np
    import pandas as pd
    from ipykernel.iostream import OutStream

    for name in ("stdout", "stderr"):  # with the descriptor watched: also what C code and child processes write
        stream = OutStream(kernel.session, kernel.iopub_thread, name)
        setattr(kernel, name, stream)
        setattr(sys, name, stream)
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as ipykernel does at its start
    import matplotlib as mpl

    mpl.rcParams["backend"] = os.environ["MPLBACKEND"]  # read from the environment once, when the parent imported it
    pd.set_option("display.max_columns", 20)  # what pandas chooses when a kernel imports it; 0 was for the parent
    np.random.seed()  # noqa: NPY002 - the legacy generator alone is not seeded anew by a fork


if __name__ == "__main__":
    serve(socket.socket(fileno=0))
