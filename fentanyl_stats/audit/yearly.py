"""Yearly death rates from the tables held, with their intervals, and what can honestly be said of a rank."""

from __future__ import annotations

import pandas as pd

from ..data import names, store
from ..data.columns import has_flag
from ..errors import DataError, NotPublished, unknown
from ..stats import rates

MEASURES = ("age-adjusted", "crude")
COLUMNS = ["year", "rate", "se", "low", "high", "deaths", "flag"]


def death_rates(
    measure: str = "age-adjusted",
    drug: str = "all",
    jurisdiction: str = "US",
    first: int = 1999,
    last: int = 2022,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Death rates per 100,000 by calendar year, residents, with 95 % limits as NCHS prints them.

    Age-adjusted rates and the crude rates of states are those of CDC WONDER, of all drugs; crude rates of a drug are
    final counts over the Census population of the year, for the United States. Rates printed to one decimal are not
    used: they are too coarse for a trend.

    Returns
    -------
    DataFrame
        Columns year, rate, se, low, high, deaths, flag; years without a final rate are left out and counted in
        attribute "missing". Attribute "source" is the Source.

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
    """
    names.require_drug(drug)
    names.require_jurisdiction(jurisdiction)
    if measure not in MEASURES:
        raise DataError(unknown("measure", measure, MEASURES))
    if first > last:
        raise DataError(f"years upside down: first {first} is after last {last}")
    if drug == "all":
        found = _wonder(measure, jurisdiction, as_of)
    elif measure == "crude" and jurisdiction == "US":
        found = _crude(drug, as_of)
    else:
        raise NotPublished(
            f"{measure} rates of {drug} are not held for {jurisdiction}: age-adjusted and state rates are of drug 'all', "
            "crude rates of a drug are of the United States"
        )
    wanted = found[found["year"].between(first, last)]
    if wanted.empty:
        raise NotPublished(f"no {measure} rate of {drug} is held for {jurisdiction} from {first} to {last}")
    kept = wanted.dropna(subset=["rate"]).reset_index(drop=True)
    kept.attrs = {"source": found.attrs["source"], "missing": len(wanted) - len(kept)}
    return kept


def ranks(year: int = 2022, as_of: str | None = None) -> pd.DataFrame:
    """Age-adjusted rates of the states in one year with the ranks that the intervals leave open.

    A rank is certain only against states whose whole interval lies above or below; overlapping intervals are no proof of
    a tie either, so the range is the honest answer (NCHS advises the same caution).

    Returns
    -------
    DataFrame
        Columns jurisdiction, rate, low, high, rank, best, worst; highest rate first.

    Examples
    --------
    >>> top = ranks(2022).iloc[0]
    >>> top["jurisdiction"], int(top["best"]), int(top["worst"])
    ('WV', 1, 1)
    """
    table = store.load("wonder-overdose", as_of=as_of)
    rows = table[(table["year"] == year) & (table["jurisdiction"] != "US") & (table["status"] == "final")]
    rows = rows.dropna(subset=["age_adjusted_rate"])
    if rows.empty:
        raise NotPublished(f"no final age-adjusted rates of the states are held for {year}")
    rows = rows.sort_values("age_adjusted_rate", ascending=False, ignore_index=True)
    low, high = rows["age_adjusted_low"].to_numpy(), rows["age_adjusted_high"].to_numpy()
    result = pd.DataFrame(
        {
            "jurisdiction": rows["jurisdiction"],
            "rate": rows["age_adjusted_rate"],
            "low": low,
            "high": high,
            "rank": range(1, len(rows) + 1),
            "best": 1 + (low[None, :] > high[:, None]).sum(axis=1),
            "worst": len(rows) - (high[None, :] < low[:, None]).sum(axis=1),
        }
    )
    result.attrs["source"] = table.attrs["source"]
    return result


def specified(jurisdiction: str, as_of: str | None = None) -> pd.DataFrame:
    """Per cent of overdose deaths whose certificate names a drug, by month ending.

    Raises
    ------
    NotPublished
        If none is held for the place.
    """
    names.require_jurisdiction(jurisdiction)
    table = store.load("vsrr-specified", as_of=as_of)
    rows = table[table["jurisdiction"] == jurisdiction]
    if rows.empty:
        raise NotPublished(f"no percent of deaths with a drug named is held for {jurisdiction}")
    return rows.reset_index(drop=True)


def suppressed(jurisdiction: str) -> pd.DataFrame:
    """Provisional 12-month cells of a place that are suppressed (1 to 9 deaths) or withheld, counted by drug.

    Returns
    -------
    DataFrame
        Columns drug, windows, suppressed, low_quality.
    """
    table = store.load("vsrr", "2025-01-08")
    rows = table[table["jurisdiction"] == jurisdiction]
    rows = rows.assign(hidden=has_flag(rows["flag"], "suppressed"), poor=has_flag(rows["flag"], "low_quality"))
    counted = rows.groupby("drug", sort=False).agg(
        windows=("month_ending", "size"), suppressed=("hidden", "sum"), low_quality=("poor", "sum")
    )
    return counted.reset_index()


def _wonder(measure: str, jurisdiction: str, as_of: str | None) -> pd.DataFrame:
    table = store.load("wonder-overdose", as_of=as_of)
    rows = table[(table["jurisdiction"] == jurisdiction) & (table["status"] == "final")]
    kind = measure.replace("-", "_")
    columns = {f"{kind}_{name}": name for name in ("rate", "low", "high", "se")}
    found = rows.rename(columns=columns)[COLUMNS].reset_index(drop=True)
    found.attrs["source"] = table.attrs["source"]
    return found


def _crude(drug: str, as_of: str | None) -> pd.DataFrame:
    finals = store.load("nvss-by-drug", as_of=as_of)
    people = store.load("population-us-age").groupby("year")["population"].sum()
    rows = finals[(finals["drug"] == drug) & (finals["sex"] == "all") & finals["year"].isin(people.index)]
    computed = rates.crude_rate(rows["deaths"].astype(float), rows["year"].map(people).astype(float))
    found = computed.assign(year=rows["year"], deaths=rows["deaths"])[COLUMNS].sort_values("year", ignore_index=True)
    found.attrs["source"] = finals.attrs["source"]
    return found
