"""Which figure tables this process has read: what a page rests on, noted where the bytes are hashed, so none is missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .catalog import Table

_read: dict[Table, None] = {}
_asked: set[str] = set()


def note(table: Table) -> None:
    """Remember that the bytes of a table were read and its hash was right."""
    _read[table] = None


def look(dataset: str) -> None:
    """Remember that a dataset was looked up in the catalogue, whether or not a table of it was then read."""
    _asked.add(dataset)


def asked() -> tuple[str, ...]:
    """Every dataset looked up by this process, sorted: whose list of vintages decided what was read.

    Examples
    --------
    >>> from fentanyl_stats.data import catalog
    >>> _ = catalog.find("vsrr")
    >>> "vsrr" in asked()
    True
    """
    return tuple(sorted(_asked))


def so_far() -> tuple[Table, ...]:
    """Every table read by this process, CSV and TOML, sorted by dataset, vintage and path.

    A table that was only looked up in the catalogue is not among them; one whose rows were kept in memory by an earlier
    call is, since the process read it then.

    Examples
    --------
    >>> from fentanyl_stats.data import tables
    >>> _ = tables.load("nvss-t404-month")
    >>> "nvss-t404-month/final.csv" in [table.path for table in so_far()]
    True
    """
    return tuple(sorted(_read, key=lambda table: (table.dataset, table.vintage, table.path)))
