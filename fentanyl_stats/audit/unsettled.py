"""What the newest provisional counts leave open: how much NCHS adds to them, and how still a settled count stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from ..data import archive
from ..data.catalog import as_date
from ..errors import NotPublished
from . import corrections


@dataclass(frozen=True, slots=True)
class Added:
    """What NCHS adds to a reported count, in per cent of it: `now` to that of `month_ending`, `low` to `high` in the past.

    The past are the `n` counts of the same age, give or take `corrections.REACH` months, that have settled since.
    """

    month_ending: str
    now: float
    low: float
    high: float
    n: int

    @property
    def outside(self) -> bool:
        """Whether what is added now lies outside all that was added then."""
        return not self.low <= self.now <= self.high


def added(drug: str, jurisdiction: str = "US", as_of: str | date | None = None) -> Added | None:
    """What NCHS adds to the newest reported count, against what it added to earlier counts of that age.

    Returns
    -------
    Added or None
        None if the newest release has not both measures of its newest month, or fewer than two such counts are held.

    Examples
    --------
    >>> found = added("all")
    >>> found.month_ending, round(found.now, 1), round(found.low, 1), round(found.high, 1), found.outside
    ('2026-04', 1.8, 3.3, 4.4, True)
    """
    try:
        reported, predicted = (archive.triangle(drug, name, jurisdiction, as_of) for name in ("reported", "predicted"))
    except NotPublished:
        return None
    newest = reported.columns[-1]
    if newest != predicted.columns[-1]:
        return None
    month = reported[newest].dropna().index[-1]
    count, scaled = reported.at[month, newest], predicted[newest].get(month)
    if pd.isna(scaled) or not count:
        return None
    lag = corrections.months_between(str(month), reported.attrs["known"][newest])
    past = corrections.past(drug, jurisdiction, None if as_of is None else as_date(as_of))
    near = past[past["lag_months"].between(lag - corrections.REACH, lag + corrections.REACH)]
    if not {"reported", "predicted"} <= set(near):
        return None
    shares = (100 * (near["predicted"] / near["reported"].where(near["reported"] > 0) - 1)).dropna()
    if len(shares) < 2:
        return None
    return Added(
        str(month), 100 * (int(scaled) / int(count) - 1), float(shares.min()), float(shares.max()), len(shares)
    )


def still_moved(
    drug: str, measure: str = "reported", jurisdiction: str = "US", as_of: str | date | None = None
) -> float | None:
    """How far apart releases are on a count that is `corrections.SETTLED` months old already: the most, in per cent.

    Returns
    -------
    float or None
        None if no such count is held in two releases.

    Examples
    --------
    >>> round(still_moved("all"), 2), round(still_moved("all", "predicted"), 2)
    (0.25, 2.25)
    """
    try:
        table = archive.triangle(drug, measure, jurisdiction, as_of)
    except NotPublished:
        return None
    old = table.where(corrections.lags(table) >= corrections.SETTLED).astype("Float64").astype(float)
    lowest, highest = old.min(axis=1), old.max(axis=1)
    moved = (100 * (highest / lowest.where(lowest > 0) - 1))[old.notna().sum(axis=1) > 1].dropna()
    return float(moved.max()) if len(moved) else None
