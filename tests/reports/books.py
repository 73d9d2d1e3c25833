"""Tiny notebooks, made on the spot, and the built-in claims, judged once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import nbformat

from fentanyl_stats.audit import ledger
from fentanyl_stats.reports import report

BOOK = ledger.read()
judged = report.judging(BOOK)
"""The built-in article's claims, each judged once in this process for a day and a delta."""
LINKS = [("Scoreboard", "index.html")]
"""The links that every page has."""


def book(folder: Path, name: str, *cells: str) -> None:
    """Write a notebook of code cells, the first of which holds its parameters."""
    made: Any = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    )
    made.cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(cells)]
    made.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(made, folder / f"{name}.ipynb")


def ends(pid: int) -> bool:
    """Whether a process ends within ten seconds, collected by its parent or not."""
    for _ in range(1000):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False
