"""What was published of the numbers that lead from seizures to flows: purity, inspection and consumption.

Printed values are taken as printed: "above 90" is 90, "less than ten" is 10. What a looser reading would change is for
the reader to try; the page prints the purity and the interception at which a claim would hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pandas as pd

from ..data import store
from ..errors import NotPublished
from ..model import Interval

_PURITY = {
    "purity of fentanyl shipped directly from China": "direct",
    "purity of Chinese fentanyl, low end": "direct",
    "purity of Chinese fentanyl, high end": "direct",
    "purity of fentanyl arriving overland from Mexico": "other",
    "purity of fentanyl at the southwest border, low end": "other",
    "purity of fentanyl at the southwest border, high end": "other",
    "average purity of fentanyl powder": "other",
}
INSPECTED, PLANNED, COCAINE, SCREENED = "inspected", "planned", "cocaine", "screened"
_RATES = {
    "passenger vehicles scanned": ("other", INSPECTED, False),
    "commercial vehicles scanned": ("other", INSPECTED, False),
    "passenger vehicles inspected, historically": ("other", INSPECTED, False),
    "cargo vehicles inspected, historically": ("other", INSPECTED, False),
    "vehicles from Mexico searched": ("other", INSPECTED, False),
    "passenger vehicles to be scanned, target": ("other", PLANNED, False),
    "cargo vehicles to be scanned, target": ("other", PLANNED, False),
    "cocaine seizure effectiveness rate, land route": ("other", COCAINE, False),
    "foreign packages with advance electronic data": ("direct", SCREENED, False),
    "parcels from China without advance electronic data": ("direct", SCREENED, True),
    "CBP-flagged packages the postal service failed to hold": ("direct", SCREENED, True),
}
"""Quantity -> route, kind, and whether the figure counts what escaped (its complement is then the rate)."""
_CONSUMPTION = "US consumption of illegally made fentanyl, upper bound"


@dataclass(frozen=True, slots=True)
class Range:
    """The printed values of one kind, lowest to highest, as fractions; `ids` are their rows of published-figures."""

    interval: Interval
    ids: tuple[str, ...]

    @property
    def words(self) -> str:
        """In per cent.

        >>> Range(Interval(0.1, 0.3), ("F061",)).words
        '10 to 30%'
        """
        return percent(self.interval)


def percent(interval: Interval) -> str:
    """Fractions as a reader reads them.

    >>> percent(Interval(0.9, 0.9)), percent(Interval(0.0331, 0.0978)), percent(Interval(0.0005, 0.996))
    ('90%', '3.3 to 9.8%', '0.05 to 99.6%')
    """
    low, high = _percent(interval.low), _percent(interval.high)
    return f"{high}%" if low == high else f"{low} to {high}%"


def _percent(fraction: float) -> str:
    value = 100 * fraction
    return f"{value:.2g}" if value < 10 else f"{value:.1f}" if 99 < value < 100 else f"{value:.0f}"


def purities(as_of: str | date | None = None) -> pd.DataFrame:
    """Every published purity of powder: what comes straight from China, and what comes otherwise.

    Milligrams in a pill are no purity: no weight of a pill is held to divide by.

    Returns
    -------
    DataFrame
        Columns id, route (`direct`, `other`), quantity, printed (in words), fraction, when.

    Raises
    ------
    NotPublished
        If no published figure was known by `as_of`.

    Examples
    --------
    >>> purities().groupby("route")["fraction"].agg(["min", "max"]).values.tolist()
    [[0.9, 0.95], [0.1, 0.3]]
    """
    return _purities(as_of, store.stamp("published-figures")).copy()


@lru_cache(maxsize=64)
def _purities(as_of: str | date | None, stamp: store.Stamp) -> pd.DataFrame:
    found = _rows(_PURITY, as_of)
    return found.assign(route=found["quantity"].map(_PURITY), fraction=found["value"] / 100)[
        ["id", "route", "quantity", "printed", "fraction", "when"]
    ]


def interceptions(as_of: str | date | None = None) -> pd.DataFrame:
    """Every published rate of inspection, screening or seizure, by the route that it speaks of.

    None is the interception of fentanyl: inspected is not found, screened is not opened, cocaine is not fentanyl.

    Returns
    -------
    DataFrame
        Columns id, route, kind (`inspected`, `planned`, `cocaine`, `screened`), quantity, printed, fraction, when; where
        the figure counts what escaped, the fraction is the rest.

    Raises
    ------
    NotPublished
        If no published figure was known by `as_of`.

    Examples
    --------
    >>> rates = interceptions()
    >>> rates.loc[rates["kind"] == "inspected", "fraction"].agg(["min", "max"]).tolist()
    [0.02, 0.18]
    """
    found = _rows(_RATES, as_of)
    route, kind, escaped = (found["quantity"].map({name: row[i] for name, row in _RATES.items()}) for i in range(3))
    share = found["value"] / 100
    fraction = share.mask(escaped.astype(bool), 1 - share).round(12)
    return found.assign(route=route, kind=kind, fraction=fraction)[
        ["id", "route", "kind", "quantity", "printed", "fraction", "when"]
    ]


def purity(route: str, as_of: str | date | None = None) -> Range:
    """The span of the printed purities of a route.

    Raises
    ------
    NotPublished
        If none was known by `as_of`.

    Examples
    --------
    >>> purity("direct").interval, purity("other", "2018-12-31").ids
    (Interval(low=0.9, high=0.95, closed='both'), ('F062a', 'F062b'))
    """
    found = purities(as_of)
    return _range(found[found["route"] == route], f"purity of the {route} route")


def inspection(as_of: str | date | None = None) -> Range:
    """The span of the printed shares of vehicles that are scanned, inspected or searched; plans are left out.

    Raises
    ------
    NotPublished
        If none was known by `as_of`.

    Examples
    --------
    >>> inspection().words
    '2 to 18%'
    """
    found = interceptions(as_of)
    return _range(found[found["kind"] == INSPECTED], "share of vehicles inspected")


def consumption(as_of: str | date | None = None) -> tuple[float, str]:
    """The published ceiling of a year's consumption, in tonnes of pure fentanyl, and its row.

    Raises
    ------
    NotPublished
        If it was not known by `as_of`.

    Examples
    --------
    >>> consumption()
    (10.0, 'F110')
    """
    found = _rows([_CONSUMPTION], as_of, unit="tonnes-pure")
    if found.empty:
        raise NotPublished("no figure of consumption was published")
    return float(found["value"].iloc[0]), str(found["id"].iloc[0])


def _range(found: pd.DataFrame, what: str) -> Range:
    if found.empty:
        raise NotPublished(f"no {what} was published")
    low, high = float(found["fraction"].min()), float(found["fraction"].max())
    return Range(Interval(low, high), tuple(found["id"]))


def _rows(quantities: Iterable[str], as_of: str | date | None, unit: str = "percent") -> pd.DataFrame:
    figures = store.load("published-figures", as_of=as_of)
    found = figures[figures["quantity"].isin(list(quantities)) & (figures["unit"] == unit) & figures["value"].notna()]
    printed = [
        f"{'' if pd.isna(row.qualifier) or row.qualifier == 'bare' else row.qualifier} {row.value:g}%".strip()
        for row in found.itertuples()
    ]
    when = [_when(row.period_start, row.period_end, row.date_published) for row in found.itertuples()]
    return found.assign(value=found["value"].astype(float), printed=printed, when=when).reset_index(drop=True)


def _when(start: object, end: object, published: object) -> str:
    if isinstance(start, str) and isinstance(end, str) and start and end:
        return start[:4] if start[:4] == end[:4] else f"{start[:7]} to {end[:7]}"
    return f"stated {published}"
