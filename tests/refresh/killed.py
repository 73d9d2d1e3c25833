"""A program for the tests: a refresh that is killed at its nth step within the raw folder, or counts the steps.

    python -m tests.refresh.killed FILE

Each number N on standard input is a refresh in a process of its own, whose exit code is printed. A step is every file opened,
made, moved, changed or removed there. N = 0 kills nothing: the exit code is the number of steps.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import Any

from fentanyl_stats.data import paths, refresh
from fentanyl_stats.data.refresh import keep

_STEPS = ("open", "os.mkdir", "os.rename", "os.remove", "os.chmod")


def refreshed(at: int, file: str) -> int:
    """Refresh nflis from the file and count the steps."""
    raw, steps = str(paths.raw()), 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal steps
        if event in _STEPS and str(arguments[0]).startswith(raw) and inside:
            if event == "open" and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR):
                return
            steps += 1
            if steps == at:
                os.kill(os.getpid(), signal.SIGKILL)

    inside = False
    real = keep.add

    def add(folder: Any, new: Any) -> None:
        nonlocal inside
        inside = str(folder) == str(paths.root())
        real(folder, new)

    keep.add = add
    sys.addaudithook(hook)
    refresh.refresh("nflis", files=[file])
    return steps


def main(file: str) -> None:
    """Fork for each number, so that what is imported is imported once."""
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            code = 1
            try:
                code = refreshed(int(line), file)
            except Exception:
                traceback.print_exc()
            os._exit(code)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
