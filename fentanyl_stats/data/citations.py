"""Published figures and event sources as things that a claim can cite."""

from __future__ import annotations

import tomllib

from ..errors import DataError
from ..model import Source, last_day
from . import catalog, store, tables


def raw_text(path: str) -> str:
    """The text of a file under raw/, its hash checked against the catalogue.

    Raises
    ------
    DataError
        If the catalogue does not name the file, or it is missing or damaged.
    """
    named = [table for table in catalog.entries() if table.path == path]
    if not named:
        raise DataError(f"SOURCES.toml names no file {path}")
    return store.raw_bytes(named[0]).decode("utf-8")


def citable() -> tuple[Source, ...]:
    """Every published figure (F..) and event source (V..) as a Source.

    >>> next(source for source in citable() if source.id == "F208").known
    datetime.date(2024, 9, 13)
    """
    figures = tables.load("published-figures")
    texts = [
        Source(
            id=row.id,
            title=row.title,
            publisher=row.publisher,
            url=row.url or "",
            known=last_day(row.date_published) if row.date_published else None,
            citation=row.quote or "",
        )
        for row in figures.fillna("").itertuples()
    ]
    events = tomllib.loads(raw_text("events/sources.toml")).get("source", [])
    return (*texts, *(Source(e["id"], e["title"], e.get("publisher", ""), e.get("url", "")) for e in events))
