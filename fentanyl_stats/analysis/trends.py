"""Yearly death rates with their intervals, and the frames and sentences of the trends fitted to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd

from ..data import names, store
from ..errors import DataError, NotPublished, StatsError, unknown
from ..stats import joinpoint
from ..stats.joinpoint import Fit
from ..stats.rates import crude_rate

__all__ = [
    "MEASURES",
    "averages",
    "death_rates",
    "ends_sentence",
    "fitted",
    "scatter_sentence",
    "segments",
    "sensitivity",
    "sentence",
]

MEASURES = ("age-adjusted", "crude")
_DECIMAL = 0.1  # steps of a rate printed to one decimal: the error of rounding has the variance step²/12
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
    final counts over the Census population of the year, for the United States. Where final counts of the United States
    run further than WONDER, the newer years are theirs: the age-adjusted rate as printed, to one decimal, with the
    standard error of its count and of the rounding; the crude rate over the Census population. The flag says so.

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
        listed in attribute "missing_years", counted in "missing". Attribute "source" is the Source, or several. Empty, with the reason in attribute "empty",
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
    [32.4, 32.6, 31.3]
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
        if (drug, jurisdiction) == ("all", "US"):
            found = _with_newer(found, measure, as_of)
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
    absent = [int(year) for year in wanted.loc[wanted["rate"].isna(), "year"]]
    kept.attrs = {**wanted.attrs, "missing": len(absent), "missing_years": absent}
    kept.attrs |= {"measure": measure, "drug": drug, "jurisdiction": jurisdiction}
    return kept


def _wonder(measure: str, jurisdiction: str, as_of: str | None) -> pd.DataFrame:
    table = store.load("wonder-overdose", as_of=as_of)
    rows = table[(table["jurisdiction"] == jurisdiction) & (table["status"] == "final")]
    kind = measure.replace("-", "_")
    columns = {f"{kind}_{name}": name for name in ("rate", "low", "high", "se")}
    return rows.rename(columns=columns)[_COLUMNS].reset_index(drop=True)


def _with_newer(older: pd.DataFrame, measure: str, as_of: str | None) -> pd.DataFrame:
    """The rates of WONDER, and those of newer years made of the final counts."""
    try:
        if measure == "crude":
            newer = _crude("all", as_of).assign(flag="Final count over the Census population of the year.")
        else:
            finals = store.load("nvss-by-drug", as_of=as_of)
            newer = finals[(finals["drug"] == "all") & (finals["sex"] == "all")].sort_values("year")
            rate, deaths = (newer[name].astype(float) for name in ("age_adjusted_rate", "deaths"))
            se = np.sqrt(rate**2 / deaths + _DECIMAL**2 / 12)
            flag = "Rate as printed, to one decimal; limits made of the count."
            newer = newer.assign(rate=rate, se=se, low=rate - 1.96 * se, high=rate + 1.96 * se, flag=flag)
            newer.attrs = dict(finals.attrs)
    except NotPublished:
        return older
    added = newer.loc[(newer["year"] > older["year"].max()) & newer["rate"].notna(), _COLUMNS]
    if added.empty:
        return older
    both = pd.concat([older, added], ignore_index=True)
    both.attrs = {**older.attrs, "source": (older.attrs["source"], newer.attrs["source"])}
    return both


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
    >>> us = death_rates(last=2022)
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
        over all years, 95 % interval), ends (the yearly change that leads from the first rate to the last, per cent), rate
        (as published, in the last year), dispersion (squared residuals over what sampling error gives, on average),
        autocorrelation (of neighbouring residuals).
    """
    columns = ["start", "end", "bends", "aapc", "low", "high", "ends", "rate", "dispersion", "autocorrelation"]
    rows = {}
    for name, fit in fits.items():
        whole = fit.aapc()
        ends = 100 * ((fit.y[-1] / fit.y[0]) ** (1 / (fit.x[-1] - fit.x[0])) - 1)
        values = [whole.value, whole.low, whole.high, ends, fit.y[-1], fit.dispersion, fit.autocorrelation]
        rows[name] = pd.DataFrame([[fit.x[0], fit.x[-1], fit.k, *values]], columns=columns)
    return _together(rows, columns)


def ends_sentence(whole: pd.DataFrame) -> str:
    """Which averages do not lead from the first rate to the last.

    Parameters
    ----------
    whole : DataFrame
        What `averages` gave.
    """
    slack = 0.05  # what would print as the same
    apart = whole[(whole["ends"] < whole["low"] - slack) | (whole["ends"] > whole["high"] + slack)]
    if apart.empty:
        return "The average change of each place leads from its first rate to its last, within its interval."
    listed = "; ".join(
        f"{row.place}, {row.aapc:.1f}% on average against {row.ends:.1f}% from the first rate to the last"
        for row in apart.itertuples()
    ).replace("-", "−")
    return (
        f"The fitted line smooths over the years at both ends, so the average need not lead from the first rate to the last. "
        f"It misses by more than its interval in {len(apart)} of {len(whole)} places: {listed}."
    )


def scatter_sentence(fit: Fit) -> str:
    """How far the years lie from the line, measured by sampling error, and whether neighbours lie on one side.

    Parameters
    ----------
    fit : Fit
        A fit with standard errors.
    """
    if not fit.sse:
        return "The line meets every rate."
    if np.isnan(fit.dispersion):
        far = ""
    elif fit.dispersion > 2:
        far = (
            f"The squared distance of the years from the line is {fit.dispersion:,.{0 if fit.dispersion >= 10 else 1}f} times what the "
            "sampling error of the rates alone would give: the years do not lie on straight pieces. "
        )
    else:
        far = f"The years lie about as far from the line as sampling error has them ({fit.dispersion:.1f} times, squared). "
    return (
        f"{far}Neighbouring residuals have a correlation of {fit.autocorrelation:.2f}".replace("-", "−")
        + ". The number of bends is chosen as if there were none, so a bend may be noise; “errors correlated” below is the fit "
        "that allows for it."
    )


def sensitivity(
    rates: Mapping[str, pd.DataFrame], max_joinpoints: int | None = None, select: str = "wbic"
) -> pd.DataFrame:
    """The same trend fitted in other ways: the errors correlated, the years unweighted, the last years left out.

    Parameters
    ----------
    rates : dict of str to DataFrame
        What each place is called -> its rates, as `death_rates` gives them.
    max_joinpoints, select
        As in `stats.joinpoint.fit`.

    Returns
    -------
    DataFrame
        One row a place and fit: place, fit (what is different), end (last year), bends, years (of the bends), apc, low,
        high (of the last piece, per cent a year), rho (the correlation assumed). Other fits for which a series is too
        short are left out.

    Raises
    ------
    StatsError
        As `stats.joinpoint.fit`, of the fit as shown.

    Examples
    --------
    >>> tried = sensitivity({"US": death_rates()}, max_joinpoints=4)
    >>> tried.loc[tried["fit"].isin(["as shown", "one year less"]), ["end", "bends"]].to_numpy().tolist()
    [[2023, 1], [2022, 2]]
    """
    columns = ["fit", "end", "bends", "years", "apc", "low", "high", "rho"]
    made: dict[str, pd.DataFrame] = {}
    for name, frame in rates.items():
        rows: list[tuple[Any, ...]] = []
        for words, (drop, weighted, rho) in _WAYS.items():
            r = frame.iloc[: len(frame) - drop]
            try:
                fit = joinpoint.fit(
                    r["year"], r["rate"], se=r["se"] if weighted else None, max_joinpoints=max_joinpoints,
                    select=cast(joinpoint.Rule, select), autocorrelation=cast(Any, rho),
                )  # fmt: skip
            except StatsError:
                if not rows:  # the fit as shown: what is wrong with it is said
                    raise
                continue
            last = fit.segments.iloc[-1]
            bends = ", ".join(f"{x:g}" for x in fit.joinpoints["x"])
            rows.append((words, fit.x[-1], fit.k, bends, last["apc"], last["low"], last["high"], fit.rho))
        made[name] = pd.DataFrame(rows, columns=columns)
    return _together(made, columns)


_WAYS: dict[str, tuple[int, bool, float | str]] = {
    "as shown": (0, True, 0.0),
    "errors correlated, estimated": (0, True, "estimate"),
    "years weighted alike": (0, False, 0.0),
    "one year less": (1, True, 0.0),
    "two years less": (2, True, 0.0),
}
"""What is different about a fit -> last years left out, whether standard errors weigh, autocorrelation."""


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
    missing = [str(year) for year in rates.attrs["missing_years"]]
    years = f"{', '.join(missing[:-1])} and {missing[-1]} have" if len(missing) > 1 else f"{''.join(missing)} has"
    left = f" {years} no published rate and {'are' if len(missing) > 1 else 'is'} left out." if missing else ""
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
