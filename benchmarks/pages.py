"""The same pages made in several ways: seconds, processor time and memory of each, interleaved in one run."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import psutil

from fentanyl_stats.data import names

WAYS = (
    ("engine fentanyl, 2 workers", "engine", 2), ("engine fentanyl, 1 worker", "engine", 1),
    ("papermill command line, one after another", "command-line", 1), ("papermill command line, 2 at once", "command-line", 2),
    ("papermill.execute_notebook in a loop", "api", 1), ("nbconvert --execute in a loop", "nbconvert", 1),
    ("the notebook's code as a plain script", "script", 1),
)  # fmt: skip


class Cost(NamedTuple):
    """Wall seconds, processor seconds, and the largest memory (MB, shared pages counted once) of a way's processes."""

    seconds: float
    processor: float
    memory: float


def run(name: str, workers: int, places: list[str]) -> Cost:
    """Measure one way, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.contenders", name, str(workers), folder, *places]
        before, start, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0.0
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            watched = psutil.Process(process.pid)
            while process.poll() is None:
                peak = max(peak, _memory(watched))
                time.sleep(0.1)
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode:
            raise RuntimeError(f"{name} failed")
    return Cost(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak)


def table(places: int = 52, rounds: int = 1) -> list[str]:
    """Every way, as rows of a Markdown table with ratios to the engine with two workers."""
    chosen = [code for code in names.jurisdictions() if code not in ("PR", "YC")][:places]
    costs: dict[str, list[Cost]] = {}
    for _ in range(rounds):
        for title, name, workers in WAYS:
            costs.setdefault(title, []).append(run(name, workers, chosen))
    best = {title: Cost(*map(min, zip(*found, strict=True))) for title, found in costs.items()}
    ours = best[WAYS[0][0]]
    return [
        f"## {len(chosen)} pages of jurisdiction.ipynb",
        "",
        "| way | seconds | times the engine's | processor seconds | times the engine's | peak memory, MB | times the engine's |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {title} | {c.seconds:.1f} | {c.seconds / ours.seconds:.2f} | {c.processor:.1f} | "
            f"{c.processor / ours.processor:.2f} | {c.memory:.0f} | {c.memory / ours.memory:.2f} |"
            for title, c in best.items()
        ),
    ]


def _memory(process: psutil.Process) -> float:
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().pss / 1e6
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total
