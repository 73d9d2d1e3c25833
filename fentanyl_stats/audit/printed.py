"""Seizure totals as the press and agencies printed them, each beside what the file adds up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from ..data import store
from .supply import REGIONS


def totals(as_of: str | date | None = None) -> pd.DataFrame:
    """Seizure totals as printed elsewhere, each beside what the file adds up to for the same months and place.

    A printed period that ends within a month is set beside the whole months before it.

    Returns
    -------
    DataFrame
        Columns id, quantity, place, period_start, period_end, printed (lb), months (of the file), file (lb), difference
        (per cent of the file), flag. Rows whose months the file does not hold are left out.

    Examples
    --------
    >>> found = totals().set_index("id")
    >>> round(float(found.difference["F053b"]), 4)
    0.0
    """
    figures = store.load("published-figures", as_of=as_of)
    table = store.load("cbp-seizures", as_of=as_of)
    figures = figures[(figures["topic"] == "vintage-check") & (figures["unit"] == "lb")]
    held = sorted(table["month"].unique())
    found = []
    for row in figures.itertuples():
        months = _whole_months(str(row.period_start), str(row.period_end))
        if months and months[0] in held and months[-1] in held:
            total = float(
                table.loc[table["month"].isin(months) & _covers(table, row.quantity, row.place), "pounds"].sum()
            )
            gap = 100 * (float(row.value) / total - 1) if total else np.nan
            found.append((row.id, row.quantity, row.place, row.period_start, row.period_end, float(row.value),
                          len(months), total, gap, row.flag))  # fmt: skip
    columns = [
        "id",
        "quantity",
        "place",
        "period_start",
        "period_end",
        "printed",
        "months",
        "file",
        "difference",
        "flag",
    ]
    return pd.DataFrame(found, columns=columns)


def _covers(table: pd.DataFrame, quantity: str, place: str) -> pd.Series:
    """The rows of the file that a printed total speaks of."""
    rows = pd.Series(True, index=table.index)
    if place in REGIONS:
        rows &= table["region"] == place
    if place == "ports-of-entry":
        rows &= table["component"] == "ofo"
    if quantity.startswith("Border Patrol"):
        rows &= table["component"] == "usbp"
    return rows


def _whole_months(start: str, end: str) -> Sequence[str]:
    """The months from `start` that are over by `end`.

    >>> _whole_months("2022-10-01", "2023-01-03")
    ['2022-10', '2022-11', '2022-12']
    """
    last = pd.Timestamp(end)
    final = last.to_period("M") - (0 if last.is_month_end else 1)
    return [str(month) for month in pd.period_range(pd.Period(start, "M"), final, freq="M")]
