"""How long something takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple


class Row(NamedTuple):
    """What we do and its seconds, against what a user would otherwise run and its seconds."""

    ours: str
    seconds: float
    other: str
    otherwise: float


def best(work: Callable[[], object], repeats: int = 5) -> float:
    """The shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
