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
    """Wall seconds, processor seconds, and the memory of a way's processes (MB, shared pages counted once) at its largest."""

    seconds: float
    processor: float
    processes: tuple[float, ...]

    @property
    def memory(self) -> float:
        """Of all processes together, MB."""
        return sum(self.processes)


def run(name: str, workers: int, places: list[str]) -> Cost:
    """Measure one way, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.contenders", name, str(workers), folder, *places]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        peak: tuple[float, ...] = ()
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            watched = psutil.Process(process.pid)
            while process.poll() is None:
                peak = max(peak, _memory(watched), key=sum)
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
    best = {
        title: Cost(
            min(c.seconds for c in found), min(c.processor for c in found), min((c.processes for c in found), key=sum)
        )
        for title, found in costs.items()
    }
    ours = best[WAYS[0][0]]
    return [
        f"## {len(chosen)} pages of jurisdiction.ipynb",
        "",
        "| way | seconds | times the engine's | processor seconds | times the engine's | peak memory, MB | times the engine's | of which each process |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {title} | {c.seconds:.1f} | {c.seconds / ours.seconds:.2f} | {c.processor:.1f} | "
            f"{c.processor / ours.processor:.2f} | {c.memory:.0f} | {c.memory / ours.memory:.2f} | "
            f"{' + '.join(f'{one:.0f}' for one in c.processes)} |"
            for title, c in best.items()
        ),
        "",
        " ".join(_against(best, workers) for workers in (2, 1)),
    ]


def _against(best: dict[str, Cost], workers: int) -> str:
    """The engine beside the loop that keeps as many processors busy, and beside the plain script."""
    ours = best[WAYS[0 if workers == 2 else 1][0]]
    loop, twin, script = (best[title] for title in (WAYS[2][0], WAYS[3 if workers == 2 else 2][0], WAYS[-1][0]))
    return (
        f"With {workers} worker{'s' * (workers > 1)} the engine is {loop.seconds / ours.seconds:.1f} times faster than the command "
        f"line one after another and {twin.seconds / ours.seconds:.1f} times faster than {workers} at once, takes "
        f"{ours.processor / script.processor:.2f} of the processor time of the plain script and "
        f"{ours.memory / twin.memory:.2f} of the memory of {workers} at once."
    )


def growth() -> list[str]:
    """The engine with two workers from 10 to 200 pages, and on a Dask cluster, as rows of a Markdown table."""
    codes = [code for code in names.jurisdictions() if code not in ("PR", "YC")]
    every = [f"{code}@{day}" for day in ("", "2025-01-31", "2025-10-01", "2026-07-01") for code in codes]
    rows = [(f"{count} pages, pool of this machine", count, run("engine", 2, every[:count])) for count in (10, 50, 200)]
    rows.append(("50 pages, Dask cluster of two processes", 50, run("dask", 2, every[:50])))
    return [
        "## Growth, and a cluster",
        "",
        "| what | seconds | seconds a page | processor seconds a page | peak memory, MB |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(f"| {what} | {c.seconds:.1f} | {c.seconds / n:.2f} | {c.processor / n:.2f} | {c.memory:.0f} |" for what, n, c in rows),
    ]  # fmt: skip


def report() -> list[str]:
    """The whole report, then the same again with nothing changed, in sentences."""
    with tempfile.TemporaryDirectory() as folder:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            command = [sys.executable, "-m", "fentanyl_stats", "report", "--out", folder]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            times.append(time.perf_counter() - start)
    return [
        "## The whole report",
        "",
        f"{said.split(' pages')[0]} pages in {times[0]:.1f} s; the second, unchanged run takes {min(times[1:]):.2f} s, "
        f"{times[0] / min(times[1:]):.0f} times less.",
    ]


def _memory(process: psutil.Process) -> tuple[float, ...]:
    found = []
    for one in (process, *process.children(recursive=True)):
        try:
            found.append(one.memory_full_info().pss / 1e6)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return tuple(filter(None, found))  # what has ended and is not reaped yet has none
