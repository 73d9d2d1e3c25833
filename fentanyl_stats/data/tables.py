"""Load a figure table as a tidy, typed DataFrame that knows its source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from ..errors import NotPublished
from ..model import Source
from . import catalog, store
from .columns import has_flag, split_flags
from .known import ROW_DATED, as_date, known_days
from .names import drugs, jurisdictions, require_drug, require_jurisdiction

__all__ = [
    "drugs",
    "has_flag",
    "jurisdictions",
    "load",
    "require_drug",
    "require_jurisdiction",
    "split_flags",
]


def load(dataset: str, vintage: str | None = None, as_of: str | date | None = None) -> pd.DataFrame:
    """A figure table: the newest vintage, or the newest published on or before `as_of`.

    Parameters
    ----------
    dataset, vintage
        Names as `catalog.datasets` lists them.
    as_of
        A day (date, or text; `2024-09` counts as its last day). The tables of `known.ROW_DATED` are filtered
        by row: published figures, office counts, events and final deaths keep the rows known on that day.

    Returns
    -------
    DataFrame
        Columns as in `data/raw/README.md`. Counts are Int64 and rates float64, missing where blank; months,
        FIPS codes and age groups are text; `flag` is text, "" for none (`split_flags`, `has_flag`).
        `.attrs["source"]` is the Source; clear `attrs` before writing Parquet, which cannot hold it.

    Raises
    ------
    DataError
        If the dataset or vintage is unknown, nothing was known by `as_of` (the earliest is named), the date
        is not one, or the file is missing, changed or breaks its contract.

    Examples
    --------
    >>> frame = load("vsrr", as_of="2024-09-17")
    >>> frame.attrs["source"].vintage, frame["month_ending"].max()
    ('2019-10-12', '2019-02')
    """
    table = catalog.find(dataset, vintage, as_of)
    frame = store.read(table)
    source = table.source
    if dataset in ROW_DATED:
        frame, source = _rows_known(frame, source, None if as_of is None else as_date(as_of))
    frame.attrs["source"] = source
    return frame


def _rows_known(frame: pd.DataFrame, source: Source, day: date | None) -> tuple[pd.DataFrame, Source]:
    """The rows known by `day` (all when None), and the source known when its newest row was."""
    days = known_days(source.id, frame)
    if day is None:
        # A compilation is no older than its newest row.
        return frame, replace(source, known=max(filter(None, (source.known, days.max().date()))))
    then = days <= pd.Timestamp(day)
    if not then.any():
        raise NotPublished(f"no row of {source.id} was known by {day}; the earliest is of {days.min().date()}")
    return frame[then].reset_index(drop=True), replace(source, known=days[then].max().date())
