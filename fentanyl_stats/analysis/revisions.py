"""How provisional counts move: past revisions, the range of the newest, what is added for records that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data import archive, catalog, names, store
from ..data.catalog import as_date
from ..errors import NotPublished, StatsError
from ..model import Source, last_day

if TYPE_CHECKING:
    from ..stats.provisional import Coefficients

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
    lag = months_between(str(month), reported.attrs["known"][newest])
    held = past(drug, jurisdiction, None if as_of is None else as_date(as_of))
    near = held[held["lag_months"].between(lag - REACH, lag + REACH)]
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
    old = table.where(lags(table) >= SETTLED).astype("Float64").astype(float)
    lowest, highest = old.min(axis=1), old.max(axis=1)
    moved = (100 * (highest / lowest.where(lowest > 0) - 1))[old.notna().sum(axis=1) > 1].dropna()
    return float(moved.max()) if len(moved) else None


SPANS = ((0, 2022, "2022 or before"), (2023, 2024, "2023 and 2024"), (2025, 9999, "2025 or later"))
"""Years of the month ending that NCHS estimates apart: the last two with one level for each calendar month."""


@dataclass(frozen=True, slots=True)
class Refit:
    """The formula of one drug in one release, all places together.

    `frame` has a row for each printed prediction: jurisdiction, month_ending, span, line (the straight line it lies on: its
    span, with the calendar month where each has a level of its own), reported, predicted, refitted, difference (printed
    minus refitted, deaths), percent_pending, percent_complete, percent_fitted.
    """

    drug: str
    source: Source
    coefficients: Mapping[str, Coefficients]
    frame: pd.DataFrame

    @property
    def exact(self) -> int:
        """Predictions that the formula reproduces exactly."""
        return int((self.frame["difference"] == 0).sum())

    @property
    def slopes(self) -> tuple[float, float]:
        """How many per cent of the overdose deaths are missing for each per cent of records pending: lowest and highest.

        Examples
        --------
        >>> low, high = refit("all").slopes
        >>> round(low, 1), round(high, 1)
        (11.9, 12.0)
        """
        slopes = [fit.b * 100 for fit in self.coefficients.values()]
        return min(slopes), max(slopes)

    @property
    def worst(self) -> int:
        """The largest difference, in deaths."""
        return int(self.frame["difference"].abs().max())


def refit(drug: str, as_of: str | date | None = None) -> Refit:
    """Fit the formula on the newest release that prints the share of records pending for this drug.

    Raises
    ------
    DataError
        If the drug is unknown; NotPublished if no release that is allowed holds what the fit needs.

    Examples
    --------
    >>> found = refit("all")
    >>> found.source.vintage, len(found.frame), found.exact
    ('2025-01-08', 6095, 6095)
    """
    names.require_drug(drug)
    day = None if as_of is None else as_date(as_of)
    for table in reversed(catalog.files("vsrr")):
        if table.is_frame and (day is None or table.known <= day):
            rows = store.load("vsrr", table.vintage)
            rows = rows[(rows["drug"] == drug)].dropna(subset=["reported", "predicted", "percent_pending"])
            if len(rows):
                return _fitted(drug, table.source, pd.DataFrame(rows))
    limit = f" published by {day}" if day else ""
    raise NotPublished(f"no release{limit} holds predicted counts of {drug} with the share of records pending")


def _fitted(drug: str, source: Source, rows: pd.DataFrame) -> Refit:
    from ..stats import provisional

    year, month = rows["month_ending"].str[:4].astype(int), rows["month_ending"].str[5:].astype(int)
    coefficients, parts = {}, []
    for first, last, name in SPANS:
        span = rows[year.between(first, last)]
        if span.empty:
            continue
        by_month = month[span.index] if first else None
        fit = provisional.fit_coefficients(span["reported"], span["predicted"], span["percent_pending"], by_month)
        again = provisional.predict(span["reported"], span["percent_pending"], fit, by_month)
        level = by_month.map(fit.a_month) if by_month is not None else fit.a
        share = 100 * (level - fit.b * span["percent_pending"]).clip(upper=1)
        coefficients[name] = fit
        line = name if by_month is None else name + ", month " + by_month.astype(str)
        parts.append(span.assign(span=name, line=line, refitted=again, percent_fitted=share))
    frame = pd.concat(parts, ignore_index=True)
    frame["difference"] = frame["predicted"] - frame["refitted"]
    frame["percent_complete"] = 100 * (frame["reported"] / frame["predicted"].where(frame["predicted"] > 0))
    columns = [
        "jurisdiction", "month_ending", "span", "line", "reported", "predicted", "refitted", "difference", "percent_pending",
        "percent_complete", "percent_fitted",
    ]  # fmt: skip
    return Refit(drug, source, coefficients, frame[columns])
