"""A program for the tests: a refresh that is killed at its nth step within the raw folder, or counts the steps.

    python -m tests.refresh.killed N FILE

N = 0 counts: the number of steps is printed. A step is every file opened, made, moved, changed or removed there.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from fentanyl_stats.data import paths, refresh
from fentanyl_stats.data.refresh import keep

_STEPS = ("open", "os.mkdir", "os.rename", "os.remove", "os.chmod")


def main(at: int, file: str) -> None:
    """Refresh nflis from the file."""
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
    print(steps)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
