"""`python -m benchmarks` (= `make bench`): writes benchmarks/results.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from fentanyl_stats.audit import yearly
from fentanyl_stats.data import names, tables
from fentanyl_stats.stats import joinpoint, rates

FOLDER = Path(__file__).parent


def best(work: Callable[[], object], repeats: int = 5) -> float:
    """The shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def limits() -> list[tuple[str, float, str, float]]:
    """Exact Poisson limits of a million counts against statsmodels."""
    from statsmodels.stats.rates import confint_poisson

    counts = np.random.default_rng(0).poisson(60, 1_000_000)
    ours = best(lambda: rates.poisson_interval(counts), 3)
    theirs = best(lambda: confint_poisson(counts, 1, method="exact-c"), 1)
    return [("exact limits of 1,000,000 counts", ours, "statsmodels confint_poisson", theirs)]


def trends() -> list[tuple[str, float, str, float]]:
    """Joinpoint fits and tests against continuous piecewise fits by global and iterative search."""
    import piecewise_regression
    import pwlf

    us = yearly.death_rates("crude", "synthetic-opioids", last=2024)
    x, y, se = (us[name].to_numpy(dtype=float) for name in ("year", "rate", "se"))
    logs = np.log(y)
    fit = best(lambda: joinpoint.fit(x, y, se=se, max_joinpoints=4))
    test = best(lambda: joinpoint.fit(x, y, se=se, max_joinpoints=5 if len(x) >= 27 else 4, select="permutation"), 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        global_fit = best(lambda: pwlf.PiecewiseLinFit(x, logs, seed=0).fit(4), 1)
        iterated = best(
            lambda: piecewise_regression.Fit(list(x), list(logs), n_breakpoints=3, n_boot=20, verbose=False), 1
        )
    every = [yearly.death_rates(jurisdiction=code) for code in names.jurisdictions() if code not in ("PR", "YC")]
    states = best(lambda: [joinpoint.fit(s["year"], s["rate"], se=s["se"]) for s in every], 1)
    rows = [
        ("WBIC fit, 25 points, 0 to 4 joinpoints", fit, "pwlf, one fit with 3 free knots", global_fit),
        ("WBIC fit, 25 points, 0 to 4 joinpoints", fit, "piecewise-regression, one fit with 3 breaks", iterated),
        ("its full permutation test, 4,499 permutations", test, "pwlf, one fit with 3 free knots", global_fit),
    ]
    return [
        *rows,
        (
            f"WBIC fits of {len(every)} series",
            states,
            f"pwlf, {len(every)} fits with 3 free knots",
            global_fit * len(every),
        ),
    ]


def loading() -> list[tuple[str, float, str, float]]:
    """A verified, typed table against reading the CSV anew; the package's import against that of pandas."""
    from fentanyl_stats.data import paths

    file = paths.raw() / "vsrr" / "2025-01-08.csv"
    tables.load("vsrr", "2025-01-08")
    ours = best(lambda: tables.load("vsrr", "2025-01-08"))
    theirs = best(lambda: pd.read_csv(file, dtype=str))
    own = best(lambda: subprocess.run([sys.executable, "-c", "import fentanyl_stats"], check=True), 3)
    other = best(lambda: subprocess.run([sys.executable, "-c", "import pandas"], check=True), 3)
    return [
        ('load("vsrr", "2025-01-08"), hash checked', ours, "pandas read_csv as text", theirs),
        ("a fresh python -c 'import fentanyl_stats'", own, "a fresh python -c 'import pandas'", other),
    ]


def main() -> None:
    """Run all and write the table."""
    rows = [row for part in (limits, trends, loading) for row in part()]
    packages = ", ".join(
        f"{name} {version(name)}"
        for name in ("numpy", "pandas", "scipy", "statsmodels", "pwlf", "piecewise-regression")
    )
    lines = [
        "# Timings",
        "",
        f"One run on {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {packages}.",
        "Ratios compare within the run; seconds are of that machine alone.",
        "",
        "| ours | seconds | against | seconds | times faster |",
        "| --- | ---: | --- | ---: | ---: |",
        *(f"| {ours} | {a:.4f} | {other} | {b:.3f} | {b / a:,.1f} |" for ours, a, other, b in rows),
    ]
    (FOLDER / "results.md").write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines[5:]))


if __name__ == "__main__":
    main()
