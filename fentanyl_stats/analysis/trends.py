"""Yearly death rates with their intervals, and the frames and sentences of the trends fitted to them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..data import names, store
from ..errors import DataError, NotPublished, unknown
from ..stats.joinpoint import Fit
from ..stats.rates import crude_rate

__all__ = ["MEASURES", "averages", "death_rates", "fitted", "segments", "sentence"]

MEASURES = ("age-adjusted", "crude")
_COLUMNS = ["year", "rate", "se", "low", "high", "deaths", "flag"]


def __dir__() -> list[str]:
    return __all__


def death_rates(
    measure: str = "age-adjusted",
    drug: str = "all",
    jurisdiction: str = "US",
    first: int = 0,
    last: int = 0,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Death rates per 100,000 by calendar year, residents, with 95 % limits as NCHS prints them.

    Age-adjusted rates and the crude rates of states are those of CDC WONDER, of all drugs; crude rates of a drug are
    final counts over the Census population of the year, for the United States. Rates printed to one decimal are not
    used: they are too coarse for a trend.

    Parameters
    ----------
    measure : {"age-adjusted", "crude"}
    drug, jurisdiction : str
        A drug (`names.drugs`) and the code of a place.
    first, last : int
        Years; 0 is the first and the newest year with a final rate.
    as_of : str, optional
        Use only what was published by this day.

    Returns
    -------
    DataFrame
        Columns year, rate, se, low, high (per 100,000), deaths, flag; years without a final rate are left out and
        counted in attribute "missing". Attribute "source" is the Source. Empty, with the reason in attribute "empty",
        if nothing was published by `as_of`.

    Raises
    ------
    DataError
        If a name is unknown or the years are upside down.
    NotPublished
        If no such rate is held.

    Examples
    --------
    >>> us = death_rates(first=2021)
    >>> us["rate"].round(1).tolist()
    [32.4, 32.6]
    >>> int(death_rates("crude", "synthetic-opioids")["year"].max())
    2024
    """
    names.require_drug(drug)
    names.require_jurisdiction(jurisdiction)
    if measure not in MEASURES:
        raise DataError(unknown("measure", measure, MEASURES))
    if last and first > last:
        raise DataError(f"years upside down: first {first} is after last {last}")
    if drug != "all" and (measure, jurisdiction) != ("crude", "US"):
        raise NotPublished(
            f"{measure} rates of {drug} are not held for {jurisdiction}: age-adjusted and state rates are of drug 'all', "
            "crude rates of a drug are of the United States"
        )
    try:
        found = _wonder(measure, jurisdiction, as_of) if drug == "all" else _crude(drug, as_of)
        years = found["year"]
        wanted = found[years.between(first, last or years.max())]
        if wanted.empty:
            span = f" from {first or years.min()} to {last or years.max()}" if len(found) else ""
            raise NotPublished(f"no {measure} rate of {drug} is held for {jurisdiction}{span}")
    except NotPublished as missing:
        if as_of is None:
            raise
        wanted = pd.DataFrame(columns=_COLUMNS)
        why = f"{missing}, so there is no rate and no trend to show as of that day."
        wanted.attrs["empty"] = why[0].upper() + why[1:]
    kept = wanted.dropna(subset=["rate"]).reset_index(drop=True)
    kept.attrs = {**wanted.attrs, "missing": len(wanted) - len(kept)}
    kept.attrs |= {"measure": measure, "drug": drug, "jurisdiction": jurisdiction}
    return kept


def _wonder(measure: str, jurisdiction: str, as_of: str | None) -> pd.DataFrame:
    table = store.load("wonder-overdose", as_of=as_of)
    rows = table[(table["jurisdiction"] == jurisdiction) & (table["status"] == "final")]
    kind = measure.replace("-", "_")
    columns = {f"{kind}_{name}": name for name in ("rate", "low", "high", "se")}
    return rows.rename(columns=columns)[_COLUMNS].reset_index(drop=True)


def _crude(drug: str, as_of: str | None) -> pd.DataFrame:
    finals = store.load("nvss-by-drug", as_of=as_of)
    people = store.load("population-us-age", as_of=as_of).groupby("year")["population"].sum()
    rows = finals[(finals["drug"] == drug) & (finals["sex"] == "all") & finals["year"].isin(people.index)]
    computed = crude_rate(rows["deaths"].astype(float), rows["year"].map(people).astype(float))
    found = computed.assign(year=rows["year"], deaths=rows["deaths"])[_COLUMNS].sort_values("year", ignore_index=True)
    found.attrs["source"] = finals.attrs["source"]
    return found


def segments(fits: Mapping[str, Fit]) -> pd.DataFrame:
    """The straight pieces of several fits.

    Parameters
    ----------
    fits : dict of str to Fit
        What each series is called, a place as a rule -> its fit (`stats.joinpoint.fit`).

    Returns
    -------
    DataFrame
        One row a piece: place, start, end (years), apc, low, high (percent a year, 95 % interval), p.

    Examples
    --------
    >>> from fentanyl_stats.stats import joinpoint
    >>> us = death_rates()
    >>> segments({"US": joinpoint.fit(us["year"], us["rate"], se=us["se"])})["start"].tolist()
    [1999, 2006, 2013]
    """
    columns = ["start", "end", "apc", "low", "high", "p"]
    return _together({name: fit.segments[columns] for name, fit in fits.items()}, columns)


def averages(fits: Mapping[str, Fit]) -> pd.DataFrame:
    """What several fits come to as a whole.

    Returns
    -------
    DataFrame
        One row a series: place, start, end (years), bends (how many), aapc, low, high (average annual percent change
        over all years, 95 % interval), rate (as published, in the last year).
    """
    columns = ["start", "end", "bends", "aapc", "low", "high", "rate"]
    rows = {}
    for name, fit in fits.items():
        whole = fit.aapc()
        rows[name] = pd.DataFrame(
            [[fit.x[0], fit.x[-1], fit.k, whole.value, whole.low, whole.high, fit.y[-1]]], columns=columns
        )
    return _together(rows, columns)


def fitted(fits: Mapping[str, Fit]) -> pd.DataFrame:
    """The data and the fitted line of several series.

    Returns
    -------
    DataFrame
        One row a year: place, year, rate, fitted.
    """
    columns = ["year", "rate", "fitted"]
    lines = {
        name: pd.DataFrame({"year": fit.x, "rate": fit.y, "fitted": fit.fitted}, columns=columns)
        for name, fit in fits.items()
    }
    return _together(lines, columns)


def sentence(rates: pd.DataFrame, fit: Fit) -> str:
    """Rise or fall by segment, as an NCHS Data Brief words it.

    Parameters
    ----------
    rates : DataFrame
        What `death_rates` gave.
    fit : Fit
        The fit to them.
    """
    parts = [
        f"{_change(row.apc, row.low, row.high)} from {row.start:g} to {row.end:g} "
        f"({f'{row.apc:.1f}, ' if row.low < 0 < row.high else ''}95% interval {row.low:.1f} to {row.high:.1f})".replace(
            "-", "−"
        )
        for row in fit.segments.itertuples()
    ]
    missing = rates.attrs["missing"]
    years = "1 year has no published rate and is" if missing == 1 else f"{missing} years have no published rate and are"
    left = f" {years} left out." if missing else ""
    end = f" The rates fitted end with {fit.x[-1]:g}: what came after is not in them."
    what = f"{rates.attrs['measure']} rate of {names.deaths_label(rates.attrs['drug'])}"
    return f"The {what} {', then '.join(parts)}.{left}{end}"


def _change(change: float, low: float, high: float) -> str:
    """Rise or fall by a yearly change in per cent; neither, where the interval holds both.

    >>> _change(9.8, 5.7, 14.1), _change(2.6, -1.1, 6.5)
    ('rose by 9.8% a year', 'did not clearly rise or fall')
    """
    if low < 0 < high:
        return "did not clearly rise or fall"
    return f"{'rose' if change > 0 else 'fell'} by {abs(change):.1f}% a year"


def _together(frames: Mapping[str, pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Frames of several series one under the other, the name of each in front."""
    parts = [frame.assign(place=name) for name, frame in frames.items()]
    if parts:
        return pd.concat(parts, ignore_index=True)[["place", *columns]]
    none = pd.DataFrame(columns=["place", *columns])
    none.attrs["empty"] = "There are no rates, or too few of them, to fit a trend to."
    return none
