"""What a published count would be, or how far it may still move: corrections that a reading can declare.

`missing-at-random` and `upper-bound` add deaths whose certificate names no drug; `revision` keeps the published
number and widens its bounds by how far earlier releases moved. All factors are computed from the releases held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from ..data import archive, catalog, names, store
from ..data.catalog import as_date
from ..errors import NotPublished, StatsError
from ..model import Source, last_day
from .quantities import Absent, Figure

MISSING_AT_RANDOM, UPPER_BOUND, REVISION = "missing-at-random", "upper-bound", "revision"
NAMES = ("none", MISSING_AT_RANDOM, UPPER_BOUND, REVISION)
SETTLED = 18
"""Months after the window from which a count is taken as settled; younger ones are provisional."""
REACH = 2
"""Months by which the age of an earlier count may differ from that of a new one that it is a guide to."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far counts of one lag moved in the past: later count = count × (low to high).

    `n` ratios from the releases `vintages`, published `lags` months after their window; `of` names the series they are
    taken from, `lag` is the one asked for.
    """

    low: float
    high: float
    n: int
    lag: int
    lags: tuple[int, int]
    vintages: tuple[str, ...]
    of: str
    known: date
    source: Source

    @property
    def words(self) -> str:
        """What it rests on, in words."""
        first, last = self.lags
        ages = f"{first} to {last}" if first < last else f"{first}"
        near = "" if first <= self.lag <= last else f" (none held was published {self.lag} months after)"
        return (
            f"{self.n} earlier counts of {self.of}, published {ages} months after their last month{near} in "
            f"{len(self.vintages)} release{'s' if len(self.vintages) > 1 else ''}, {self.moved} until they settled; so few "
            "releases give a range, not a confidence interval"
        )

    @property
    def moved(self) -> str:
        """How far they moved, in words: `rose by 1.0% to 3.9%`."""
        low, high = 100 * (self.low - 1), 100 * (self.high - 1)
        if low == high == 0:
            return "did not move"
        if low < 0 < high:
            return f"moved by −{-low:.1f}% to +{high:.1f}%"
        word, (near, far) = ("rose", (low, high)) if low >= 0 else ("fell", (-high, -low))
        return f"{word} by {near:.1f}%" + (f" to {far:.1f}%" if far > near else "")


def correct(
    name: str, figure: Figure, drug: str, measure: str, jurisdiction: str, as_of: date | None
) -> Figure | Absent:
    """The figure under a correction, or why there is none.

    Parameters
    ----------
    name
        One of `NAMES`.
    figure
        The published count.
    as_of
        Use only what was known on that day.
    """
    if name == "none":
        return figure
    if figure.value is None:
        return Absent("a suppressed count cannot be corrected")
    if name == REVISION:
        return _revised(figure, drug, measure, jurisdiction, as_of)
    return _unspecified(name, figure, drug, measure, jurisdiction)


def _unspecified(name: str, figure: Figure, drug: str, measure: str, jurisdiction: str) -> Figure | Absent:
    from ..stats import attribution

    row = unspecified(drug, measure, jurisdiction, figure.vintage)
    row = row[row["month_ending"] == figure.period.month_ending]
    if measure == "final" or row.empty or row["percent_specified"].isna().any():
        return Absent(f"the share of deaths with a drug named is not held for this {measure} count of {figure.vintage}")
    n, total, percent = (float(row[column].iloc[0]) for column in ("involving", "total", "percent_specified"))
    try:
        bounds = attribution.bounds(n, total, percent)
        share = attribution.missing_at_random(n, total, percent)
    except StatsError as error:
        return Absent(str(error))
    sources = (*figure.sources, catalog.find("vsrr-specified", figure.vintage).source)
    silent = f"{percent:.1f}% of {total:,.0f} {measure} deaths name a drug"
    flags = (*figure.flags, "corrected")
    if name == MISSING_AT_RANDOM:
        reason = f"{silent}; the others are taken to be like them"
        return replace(figure, value=share, low=share, high=share, sources=sources, flags=flags, reason=reason)
    reason = f"{silent}; none to all of the {bounds.high - n:,.0f} others are added"
    return replace(figure, value=None, low=n, high=bounds.high, sources=sources, flags=flags, reason=reason)


def unspecified(
    drug: str = "synthetic-opioids", measure: str = "reported", jurisdiction: str = "US", vintage: str = "2025-01-08"
) -> pd.DataFrame:
    """A drug's counts with every death added whose certificate names no drug, window by window.

    Count and total are of the same measure and vintage.

    Returns
    -------
    DataFrame
        Columns month_ending, involving, total, percent_specified, and those of `attribution.table` (lower, mar,
        upper …); no row where that vintage has no share of deaths with a drug named.

    Examples
    --------
    >>> every = unspecified(measure="predicted")
    >>> bool((every["upper"] < 90_000).all()), every.loc[every["upper"].idxmax(), "month_ending"]
    (True, '2023-07')
    """
    if measure not in ("reported", "predicted"):
        return _blank()
    return _unspecified_table(drug, measure, jurisdiction, vintage, archive.stamp())


@lru_cache(maxsize=64)
def _unspecified_table(drug: str, measure: str, jurisdiction: str, vintage: str, stamp: object) -> pd.DataFrame:
    from ..stats import attribution

    try:
        shares = store.load("vsrr-specified", vintage)
        n, total = (
            archive.series(name, measure, jurisdiction, vintage=vintage)[["month_ending", "value"]]
            for name in (drug, "all")
        )
    except LookupError:
        return _blank()
    shares = shares.loc[shares["jurisdiction"] == jurisdiction, ["month_ending", "percent_specified"]]
    rows = n.rename(columns={"value": "involving"}).merge(total.rename(columns={"value": "total"}), on="month_ending")
    rows = rows.merge(shares, on="month_ending")
    sums = attribution.table(rows["involving"], rows["total"], rows["percent_specified"])
    return pd.concat([rows, sums], axis=1)


def _blank() -> pd.DataFrame:
    return pd.DataFrame(columns=["month_ending", "involving", "total", "percent_specified", "lower", "mar", "upper"])


def _revised(figure: Figure, drug: str, measure: str, jurisdiction: str, as_of: date | None) -> Figure | Absent:
    if measure == "final":
        return Absent("a final count is not revised")
    lag = months_between(figure.period.month_ending, figure.known)
    if lag >= SETTLED:
        return Absent(f"settled: published {lag} months after the window")
    found = spread(drug, measure, lag, jurisdiction, as_of)
    if found is None:
        return Absent("no earlier releases of such a young count are held to tell how far it moves")
    low, high = min(figure.low, figure.low * found.low), max(figure.high, figure.high * found.high)
    return replace(
        figure, low=low, high=high, known=max(figure.known, found.known), flags=(*figure.flags, "provisional"),
        sources=tuple(dict.fromkeys((*figure.sources, found.source))),
        reason="; ".join(filter(None, (figure.reason, f"provisional, {lag} months after the window: {found.words}"))),
    )  # fmt: skip


def spread(drug: str, measure: str, lag: int, jurisdiction: str = "US", as_of: date | None = None) -> Spread | None:
    """How far counts published `lag` months after their window moved until they settled; None if too few are held.

    The series' own past is used where two ratios of it are known within two months of the lag, else that of the
    same drug in the United States, else that of all drugs there.

    Examples
    --------
    >>> found = spread("synthetic-opioids", "reported", 7)
    >>> found.low > 1, found.lags
    (True, (6, 9))
    """
    from ..stats import provisional

    for name, place in dict.fromkeys(((drug, jurisdiction), (drug, "US"), ("all", "US"))):
        held = past(name, place, as_of)
        table = pd.DataFrame(held)  # without the attributes, which pandas copies at every step
        ends = max(lag - REACH, 0), lag + REACH
        try:
            factors = provisional.revision_factors(table, ends, measure)
        except StatsError:
            continue
        used = table[table["lag_months"].between(*ends) & table[f"{measure}_over_final"].notna()]
        words = f"{_OF[name]}, {names.jurisdiction_name(place)}, {measure}"
        if (name, place) != (drug, jurisdiction):
            words += " (this series has no such past of its own)"
        last = used["settled"].max()
        table_of = {source.vintage: source for source in held.attrs["sources"].values()}
        return Spread(
            factors.factor_lower, factors.factor_upper, factors.n, lag, (int(used["lag_months"].min()), int(used["lag_months"].max())),
            tuple(dict.fromkeys(used["vintage"])), words, held.attrs["known"][last], table_of[last],
        )  # fmt: skip
    return None


def fan(drug: str, measure: str, jurisdiction: str = "US", as_of: str | date | None = None) -> pd.DataFrame:
    """The newest series with the range in which each count will settle if the past is a guide.

    Returns
    -------
    DataFrame
        Columns of `archive.series`, low and high (deaths): equal to the value once settled, missing where no earlier
        releases tell; and settled (bool): published `SETTLED` months or more after the window. `.attrs["source"]` as there.

    Raises
    ------
    DataError
        As `archive.series`.

    Examples
    --------
    >>> newest = fan("synthetic-opioids", "reported").iloc[-1]
    >>> newest["month_ending"], round(newest["low"]), round(newest["high"])
    ('2026-04', 34875, 36150)
    """
    rows = archive.series(drug, measure, jurisdiction, as_of=as_of)
    source: Source = rows.attrs["source"]
    day = None if as_of is None else as_date(as_of)
    ages = [months_between(str(month), source.known or date.max) for month in rows["month_ending"]]
    low, high = [], []
    for lag in ages:
        found = None if lag >= SETTLED else spread(drug, measure, lag, jurisdiction, day)
        low.append(found.low if found else 1.0 if lag >= SETTLED else np.nan)
        high.append(found.high if found else 1.0 if lag >= SETTLED else np.nan)
    value = rows["value"].astype("Float64").astype(float)
    return rows.assign(low=value * low, high=value * high, settled=[lag >= SETTLED for lag in ages])


def past(drug: str, jurisdiction: str = "US", as_of: date | None = None) -> pd.DataFrame:
    """Every provisional count beside the count of its window once settled, as `provisional.revisions` gives it.

    Returns
    -------
    DataFrame
        Columns of `provisional.revisions`, with month_ending, vintage and settled (the vintage of the settled count,
        the newest that is at least `SETTLED` months younger than the window). Empty when no two releases allow it.

    Examples
    --------
    >>> table = past("synthetic-opioids")
    >>> young = table[(table["vintage"] == "2025-01-08") & (table["lag_months"] == 6)]
    >>> young[["month_ending", "reported", "final", "settled"]].values.tolist()
    [['2024-07', 58949.0, 60783.0, '2026-09-16']]
    """
    return _past(drug, jurisdiction, as_of, archive.stamp())


@lru_cache(maxsize=256)
def _past(drug: str, jurisdiction: str, as_of: date | None, stamp: object) -> pd.DataFrame:
    from ..stats import provisional

    columns = ["month_ending", "vintage", "settled", "lag_months", "reported_over_final", "predicted_over_final"]
    try:
        reported = archive.triangle(drug, "reported", jurisdiction, as_of)
    except NotPublished:
        return pd.DataFrame(columns=columns)
    try:
        predicted = archive.triangle(drug, "predicted", jurisdiction, as_of)
    except NotPublished:
        predicted = reported.astype("Int64").mask(reported.notna())
    attrs, ages = reported.attrs, lags(reported)
    counts = {
        "reported": pd.DataFrame(reported).astype(float),  # a frame of its own: pandas copies attributes at every step
        "predicted": pd.DataFrame(predicted).astype(float).reindex_like(reported),
    }
    settled = counts["reported"].where(ages >= SETTLED)
    tall = pd.DataFrame(
        {"lag": ages.stack(future_stack=True), **{k: v.stack(future_stack=True) for k, v in counts.items()}}
    ).reset_index()
    tall["final"] = tall["month_ending"].map(settled.ffill(axis=1).iloc[:, -1])
    tall["settled"] = tall["month_ending"].map(_last_held(settled))
    shown = tall[["reported", "predicted"]].notna().any(axis=1)
    tall = tall[shown & (tall["lag"] < SETTLED) & (tall["final"] > 0)].reset_index(drop=True)
    ratios = provisional.revisions(tall["reported"], tall["predicted"], tall["final"], tall["lag"])
    found = pd.concat([tall[["month_ending", "vintage", "settled"]], ratios], axis=1)
    found.attrs.update(attrs)
    return found


def months_between(month: str, day: date) -> int:
    """Months from the end of a window to a release: both counted by their calendar month.

    >>> months_between("2024-07", date(2025, 1, 8))
    6
    """
    end = last_day(month)
    return (day.year - end.year) * 12 + day.month - end.month


def lags(wide: pd.DataFrame) -> pd.DataFrame:
    """How many months after its window each count of a triangle was published."""
    known: Mapping[str, date] = wide.attrs["known"]
    rows = [[months_between(str(month), known[str(vintage)]) for vintage in wide.columns] for month in wide.index]
    return pd.DataFrame(np.array(rows), index=wide.index, columns=wide.columns)


def _last_held(wide: pd.DataFrame) -> dict[str, str]:
    held = wide.notna()
    held = held.loc[held.any(axis=1), ::-1]
    return dict(zip(held.index, held.idxmax(axis=1), strict=True))


_OF = {"all": "deaths from all drugs", **{drug: drug.replace("-", " ") for drug in names.drugs() if drug != "all"}}
