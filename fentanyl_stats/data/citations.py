"""Published figures and event sources as things that a claim can cite."""

from __future__ import annotations

import tomllib

import pandas as pd

from ..errors import DataError
from ..model import Source
from . import catalog, store, tables
from .known import known_days


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


def digests() -> tuple[str, ...]:
    """The hashes of what `citable` rests on, both files read and checked."""
    held = (catalog.find("published-figures"), *(t for t in catalog.files("events") if not t.is_frame))
    for table in held:
        store.raw_bytes(table)
    return tuple(table.sha256 for table in held)


def citable() -> tuple[Source, ...]:
    """Every published figure (F..) and event source (V..) as a Source.

    >>> next(source for source in citable() if source.id == "F208").known
    datetime.date(2024, 9, 13)
    """
    figures = tables.load("published-figures")
    days = known_days("published-figures", figures)
    words = figures[["id", "title", "publisher", "url", "quote"]].fillna("")
    texts = [
        Source(name, title, publisher, url, known=None if pd.isna(day) else day.date(), citation=quote)
        for (name, title, publisher, url, quote), day in zip(words.itertuples(index=False), days, strict=True)
    ]
    events = tomllib.loads(raw_text("events/sources.toml")).get("source", [])
    return (*texts, *(Source(e["id"], e["title"], e.get("publisher", ""), e.get("url", "")) for e in events))
