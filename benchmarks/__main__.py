"""`python -m benchmarks [PLACES]` (= `make bench`): writes benchmarks/results.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from fentanyl_stats.data import store

from . import pages, simulations, statistics
from .timing import Row, best

FOLDER = Path(__file__).parent


def loading() -> list[Row]:
    """A verified, typed table against reading the CSV anew; the package's import against that of pandas."""
    from fentanyl_stats.data import paths

    file = paths.raw() / "vsrr" / "2025-01-08.csv"
    store.load("vsrr", "2025-01-08")
    ours = best(lambda: store.load("vsrr", "2025-01-08"))
    theirs = best(lambda: pd.read_csv(file, dtype=str))
    own = best(lambda: subprocess.run([sys.executable, "-c", "import fentanyl_stats"], check=True), 3)
    other = best(lambda: subprocess.run([sys.executable, "-c", "import pandas"], check=True), 3)
    return [
        Row('load("vsrr", "2025-01-08"), hash checked', ours, "pandas read_csv as text", theirs),
        Row("a fresh python -c 'import fentanyl_stats'", own, "a fresh python -c 'import pandas'", other),
    ]


def known_then() -> list[Row]:
    """What was known on a day, and which figure a number is, against reading the file of changes with pandas each time."""
    from fentanyl_stats.data import archive, identify, paths

    file, key = paths.raw() / "vsrr-archive" / "changes.csv.xz", ["jurisdiction", "drug", "measure", "month_ending"]

    def by_hand() -> pd.DataFrame:
        changes = pd.read_csv(file, dtype=str, keep_default_na=False)
        return (
            changes[changes["known_to"] <= "2024-09-17"].drop_duplicates(key, keep="last").query("flag != 'withdrawn'")
        )

    def looked_up() -> pd.DataFrame:
        return pd.read_csv(file, dtype=str, keep_default_na=False).query("value == '107682'")

    archive.archive("vsrr").as_of("2024-09-17")
    identify.identify("107,682")
    return [
        Row(
            'archive("vsrr").as_of("2024-09-17")',
            best(lambda: archive.archive("vsrr").as_of("2024-09-17")),
            "pandas, from the file",
            best(by_hand, 3),
        ),
        Row(
            'identify("107,682")',
            best(lambda: identify.identify("107,682")),
            "pandas, one table only",
            best(looked_up, 3),
        ),
    ]


def main(places: int = 52) -> None:
    """Run all and write the tables; `places` is the number of pages for which the ways of running notebooks are compared."""
    parts = (statistics.limits, statistics.ratios, statistics.trends, loading, known_then)
    rows = [row for part in parts for row in part()]
    packages = ", ".join(
        f"{name} {version(name)}"
        for name in ("numpy", "pandas", "scipy", "statsmodels", "pwlf", "piecewise-regression", "papermill", "nbconvert", "ipykernel")
    )  # fmt: skip
    lines = [
        "# Timings",
        "",
        f"One run on {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {packages}.",
        "Ratios compare within the run; seconds are of that machine alone.",
        "",
        "## Statistics, data, import",
        "",
        "| ours | seconds | against | seconds | times faster |",
        "| --- | ---: | --- | ---: | ---: |",
        *(
            f"| {r.ours} | {r.seconds:.4f} | {r.other} | {r.otherwise:.3f} | {r.otherwise / r.seconds:,.1f} |"
            for r in rows
        ),
        "",
        *statistics.memory(),
        "",
        *simulations.lines(),
        "",
        *pages.table(places),
        "",
        *pages.growth(),
        "",
        *pages.report(),
    ]
    (FOLDER / "results.md").write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines[4:]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
