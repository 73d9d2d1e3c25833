"""One place among the states: rank, what its certificates name, what is suppressed; and offices abroad."""

from __future__ import annotations

from datetime import date

import pandas as pd

from ..data import archive, catalog, names, releases, store
from ..data.columns import has_flag
from ..errors import NotPublished

__all__ = ["OFFICIAL", "newest", "office_counts", "ranks", "specified", "specified_sentence", "suppressed"]

OFFICIAL = ("S07", "S08", "F120", "F124a", "F124c", "F127a")
"""Sources of `dea-offices` that are texts of the agency or its department."""


def __dir__() -> list[str]:
    return __all__


def ranks(year: int = 0, as_of: str | date | None = None) -> pd.DataFrame:
    """Age-adjusted rates of the states in one year with the ranks that the intervals leave open.

    A rank is certain only against states whose whole interval lies above or below; overlapping intervals are no proof of
    a tie either, so the range is the honest answer (NCHS advises the same caution).

    Parameters
    ----------
    year : int
        Calendar year; 0 is the newest with final rates.
    as_of : str or date, optional
        Use only what was published by this day.

    Returns
    -------
    DataFrame
        Columns jurisdiction, year, rate, low, high (per 100,000), rank, best, worst; highest rate first. Empty if no
        rate was published by `as_of`.

    Raises
    ------
    NotPublished
        If no final rate is held for the year.

    Examples
    --------
    >>> top = ranks(2022).iloc[0]
    >>> top["jurisdiction"], int(top["best"]), int(top["worst"])
    ('WV', 1, 1)
    """
    try:
        table = store.load("wonder-overdose", as_of=as_of)
    except NotPublished as missing:
        return _none(["jurisdiction", "year", "rate", "low", "high", "rank", "best", "worst"], f"{missing}.")
    rows = table[(table["jurisdiction"] != "US") & (table["status"] == "final")]
    rows = rows.dropna(subset=["age_adjusted_rate"])
    rows = rows[rows["year"] == (year or rows["year"].max())]
    if rows.empty:
        raise NotPublished(f"no final age-adjusted rates of the states are held for {year}")
    rows = rows.sort_values("age_adjusted_rate", ascending=False, ignore_index=True)
    low, high = rows["age_adjusted_low"].to_numpy(), rows["age_adjusted_high"].to_numpy()
    result = pd.DataFrame(
        {
            "jurisdiction": rows["jurisdiction"],
            "year": rows["year"],
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


def newest(jurisdiction: str, as_of: str | date | None = None) -> pd.DataFrame:
    """The newest 12-month window of a place, by drug and measure, each from the newest release that holds it.

    Returns
    -------
    DataFrame
        Columns drug, measure (reported, predicted), month_ending, deaths, flag, vintage. Empty if nothing was published
        by `as_of`.

    Examples
    --------
    >>> rows = newest("WV")
    >>> rows[rows["drug"] == "cocaine"]["measure"].tolist()
    ['reported', 'predicted']
    """
    names.require_jurisdiction(jurisdiction)
    rows, sources = [], []
    for drug in names.drugs():
        for measure in ("reported", "predicted"):
            try:
                series = archive.series(drug, measure, jurisdiction, as_of=as_of)
            except NotPublished:
                continue
            last, source = series.iloc[-1], series.attrs["source"]
            rows.append((drug, measure, last["month_ending"], last["value"], last["flag"], source.vintage))
            sources.append(source)
    columns = ["drug", "measure", "month_ending", "deaths", "flag", "vintage"]
    if not rows:
        return _none(columns, f"No 12-month count of deaths in {jurisdiction} was published by {as_of}.")
    found = pd.DataFrame(rows, columns=columns).astype({"deaths": "Int64"})
    found.attrs["sources"] = tuple(dict.fromkeys(sources))
    return found


def specified(jurisdiction: str, as_of: str | date | None = None) -> pd.DataFrame:
    """Per cent of overdose deaths whose certificate names a drug, by month ending.

    Returns
    -------
    DataFrame
        Rows of the dataset vsrr-specified: month_ending, percent_specified and more. Empty if none is held for the place,
        or none was published by `as_of`.

    Examples
    --------
    >>> specified("WV")["month_ending"].iloc[-1]
    '2024-07'
    """
    names.require_jurisdiction(jurisdiction)
    why = "No share of deaths with a drug named is held for this place, so counts by drug cannot be corrected."
    try:
        table = store.load("vsrr-specified", as_of=as_of)
    except NotPublished:
        return _none(["month_ending", "percent_specified"], why)
    rows = table[table["jurisdiction"] == jurisdiction].reset_index(drop=True)
    return rows if len(rows) else _none(["month_ending", "percent_specified"], why)


def specified_sentence(shares: pd.DataFrame) -> str:
    """How many certificates name a drug, by the frame of `specified`, and what follows for counts by drug."""
    if shares.empty:
        return str(shares.attrs["empty"])
    last, low = shares.iloc[-1], shares["percent_specified"].min()
    return (
        f"In the 12 months to {last['month_ending']}, {last['percent_specified']:.1f}% of overdose deaths had a drug named "
        f"on the certificate (lowest since {shares['month_ending'].min()[:4]}: {low:.1f}%). Counts by drug are too low by "
        "what the rest would add."
    )


def suppressed(jurisdiction: str, as_of: str | date | None = None) -> pd.DataFrame:
    """Provisional 12-month cells of a place that are suppressed (1 to 9 deaths) or withheld, counted by drug.

    Releases hold all drugs or only one or two; the newest of those that hold the most series of the place whole is counted.

    Returns
    -------
    DataFrame
        Columns drug, windows, suppressed, low_quality (numbers of 12-month windows). Empty if no release that holds the
        place was published by `as_of`.

    Examples
    --------
    >>> suppressed("AK", "2017-09-17").attrs["empty"]
    'No provisional count of AK was published by 2017-09-17.'
    """
    names.require_jurisdiction(jurisdiction)
    day = None if as_of is None else catalog.as_date(as_of)
    known = [table for table in catalog.files("vsrr") if table.is_frame and (day is None or table.known <= day)]
    cells = [archive.cells(table, jurisdiction) for table in known]
    drugs = [sum(releases.is_whole(rows["month_ending"]) for rows in held.values()) for held in cells]
    if not any(drugs):
        columns = ["drug", "windows", "suppressed", "low_quality"]
        return _none(columns, f"No provisional count of {jurisdiction} was published by {as_of}.")
    chosen = known[max(range(len(known)), key=lambda i: (drugs[i], known[i].known))]
    rows = store.places(chosen, jurisdiction)
    rows = rows.assign(hidden=has_flag(rows["flag"], "suppressed"), poor=has_flag(rows["flag"], "low_quality"))
    counted = rows.groupby("drug", sort=False).agg(
        windows=("month_ending", "size"), suppressed=("hidden", "sum"), low_quality=("poor", "sum")
    )
    result = counted.reset_index()
    result.attrs["source"] = chosen.source
    # of the rows that hide a number, should a reader pick them and find none
    place = names.jurisdiction_name(jurisdiction)
    result.attrs["empty"] = f"No cell of the provisional file is suppressed or withheld for {place}."
    return result


def _none(columns: list[str], why: str) -> pd.DataFrame:
    none = pd.DataFrame(columns=columns)
    none.attrs["empty"] = why
    return none


def office_counts(scope: str = "foreign", column: str = "offices", as_of: str | date | None = None) -> pd.DataFrame:
    """The published counts of a scope: as_of, offices or countries, source_id, note, official (bool), in date order.

    >>> office_counts().query("official").offices.tolist()
    [70, 82, 91, 91, 93]
    """
    table = store.load("dea-offices", as_of=as_of)
    rows = table[(table["scope"] == scope) & table[column].notna()]
    rows = rows[["as_of", "precision", column, "source_id", "note"]].reset_index(drop=True)
    rows["official"] = rows["source_id"].isin(OFFICIAL)
    return rows
