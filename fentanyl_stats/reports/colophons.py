"""What a page was made of: version, parameters, and every figure table read for it with vintage and hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from .. import __version__
from ..data import store
from ..model import Source
from . import tables
from .parameters import Parameters

MIME = "application/vnd.fentanyl-stats.colophon+json"
"""The type under which a notebook's output holds the record."""


def record(given: Parameters) -> dict[str, Any]:
    """Version, parameters and tables read, as JSON.

    >>> from fentanyl_stats.reports import parameters
    >>> record(parameters.Offices(as_of="2024-09-17"))["parameters"]
    {'as_of': '2024-09-17'}
    """
    values = asdict(given)
    if values.get("claims_file"):
        values["claims_file"] = Path(values["claims_file"]).name  # where it lies is nobody's business
    return {"version": __version__, "parameters": values, "data": [held(t.source) for t in store.used()]}


def held(source: Source) -> dict[str, str]:
    """A figure table as a row of the record."""
    return {
        "dataset": source.id,
        "vintage": source.vintage,
        "publisher": source.publisher,
        "title": source.title,
        "path": source.path,
        "sha256": source.sha256,
    }


def html(made: Mapping[str, Any]) -> str:
    """The record as a reader reads it: the parameters, then the tables."""
    given = [(name, value if value != "" else "not set") for name, value in made["parameters"].items()]
    parts = []
    if given:
        parts.append(tables.html_table(pd.DataFrame(given, columns=["parameter", "value"]), "Parameters of this page"))
    rows = [(d["dataset"], d["vintage"], d["publisher"], d["title"], d["sha256"][:16]) for d in made["data"]]
    if rows:
        frame = pd.DataFrame(rows, columns=["dataset", "vintage", "publisher", "title", "SHA-256 (first 16 digits)"])
        note = f"fentanyl_stats {made['version']}. Each file is checked against its hash whenever it is read; whole hashes are in results.json."
        parts.append(tables.html_table(frame, "Figure tables read for this page", note))
    return "".join(parts)


def found(notebook: Any) -> dict[str, Any] | None:
    """The record in an executed notebook; None where it shows none."""
    for cell in notebook.cells if notebook is not None else ():
        for output in cell.get("outputs", ()):
            if MIME in output.get("data", {}):
                return dict(output["data"][MIME])
    return None


def vintages(data: Iterable[Mapping[str, str]]) -> str:
    """Datasets with their vintages, in a line.

    >>> vintages([{"dataset": "vsrr", "vintage": "2024-09-11"}, {"dataset": "vsrr", "vintage": "2025-01-08"}])
    'vsrr (2024-09-11, 2025-01-08)'
    """
    grouped: dict[str, list[str]] = {}
    for table in data:
        grouped.setdefault(table["dataset"], []).append(table["vintage"])
    return "; ".join(f"{name} ({', '.join(dict.fromkeys(found))})" for name, found in grouped.items())


def citation(title: str, version: str, data: Iterable[Mapping[str, str]], as_of: str = "") -> str:
    """How to cite a page: title, package and version, data, and the day whose knowledge it uses.

    >>> citation("A page", "1.2", [{"dataset": "vsrr", "vintage": "2024-09-11"}])
    '“A page”. fentanyl_stats, version 1.2. Data: vsrr (2024-09-11). Everything held is used.'
    """
    known = f"As known on {as_of}." if as_of else "Everything held is used."
    rests = f" Data: {line}." if (line := vintages(data)) else ""
    return f"“{title}”. fentanyl_stats, version {version}.{rests} {known}"
