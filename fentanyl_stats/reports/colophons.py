"""What a page was made of: version, parameters, and every figure table read for it with vintage and hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from .. import __version__
from ..data.catalog import Table
from ..model import Source
from ..show import table_html
from .parameters import Parameters


def held(source: Source) -> dict[str, str]:
    """A figure table as `citation` takes it."""
    return {"dataset": source.id, "vintage": source.vintage}


def html(given: Parameters, read: Iterable[Table]) -> str:
    """What a page was made of, as a reader reads it: its parameters, then the tables."""
    values = asdict(given)
    if values.get("claims_file"):
        values["claims_file"] = Path(values["claims_file"]).name  # where it lies is nobody's business
    parts = []
    if shown := [(name, value if value != "" else "not set") for name, value in values.items()]:
        parts.append(table_html(pd.DataFrame(shown, columns=["parameter", "value"]), "Parameters of this page"))
    rows = [(t.dataset, t.vintage, t.publisher, t.title, t.sha256[:16]) for t in read]
    if rows:
        frame = pd.DataFrame(rows, columns=["dataset", "vintage", "publisher", "title", "SHA-256 (first 16 digits)"])
        note = f"fentanyl_stats {__version__}. Each file is checked against its hash whenever it is read; whole hashes are in results.json."
        parts.append(table_html(frame, "Figure tables read for this page", notes=note, most=len(frame)))
    return "".join(parts)


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
