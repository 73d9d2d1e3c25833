"""One place among the states: rank, what its certificates name, what is suppressed."""

from __future__ import annotations

import pandas as pd

from ..data import names, store
from ..data.columns import has_flag
from ..errors import NotPublished
from ..stats import rates

COLUMNS = ["year", "rate", "se", "low", "high", "deaths", "flag"]


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
