"""Overdose deaths: 12-month sums over time, and every published value of one number."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise

import pandas as pd

from ..data import archive, catalog, names, store
from ..data.catalog import as_date, row_source
from ..errors import NotPublished
from ..model import Period, amount, number
from .revisions import revision_range

__all__ = [
    "T404", "calendar_years", "difference_reasons", "peak_sentence", "place_name", "published", "quote_sentence",
    "sums", "values_sentence",
]  # fmt: skip

T404 = "T40.4 is the usual stand-in for fentanyl; it also holds analogues and tramadol"
MEASURES = ("reported", "predicted", "final")
_SUMS = [
    "drug", "jurisdiction", "measure", "month_ending", "value", "low", "high", "settled", "provisional", "lag_months",
    "vintage", "flag",
]  # fmt: skip
_PUBLISHED = [
    "drug", "jurisdiction", "month_ending", "known", "measure", "value", "qualifier", "release", "dataset", "vintage",
    "flag", "source_id",
]  # fmt: skip


def __dir__() -> list[str]:
    return __all__


def place_name(jurisdiction: str) -> str:
    """The place, as far as its provisional counts go.

    >>> place_name("NY")
    'New York State without New York City'
    """
    return "New York State without New York City" if jurisdiction == "NY" else names.jurisdiction_name(jurisdiction)


def sums(
    drugs: str | Sequence[str] = ("all", "synthetic-opioids"),
    jurisdiction: str = "US",
    measures: str | Sequence[str] = "reported",
    as_of: str | date | None = None,
) -> pd.DataFrame:
    """Deaths in twelve months, by drug and measure, each from the newest release that holds it.

    Parameters
    ----------
    drugs
        Slugs of `names.drugs`.
    jurisdiction
        A code of `names.jurisdictions`. Deaths are counted where they happened, in `NY` without New York City (`YC`).
    measures
        `reported` (what has arrived), `predicted` (scaled by NCHS for what has not).
    as_of
        Only releases published on or before this day.

    Returns
    -------
    DataFrame
        A row for each drug, measure and month_ending (`YYYY-MM`): value (Int64, deaths in the twelve months that end
        there; missing where suppressed or withheld), low and high (deaths: where counts as young as that settled
        before), settled (published `revisions.SETTLED` months or more after the window), provisional (after the last
        year with a final count), lag_months (from the window to its release), vintage, flag. Empty if nothing was
        published by then. `.attrs["sources"]` are the releases.

    Examples
    --------
    >>> rows = sums("cocaine", "WV")
    >>> print(*rows[["month_ending", "value", "vintage"]].iloc[-1])
    2024-07 181 2025-01-08
    """
    parts = []
    wanted = [(drug, measure) for drug in _several(drugs) for measure in _several(measures)]
    for drug, measure in dict.fromkeys(wanted):
        with contextlib.suppress(NotPublished):
            rows = revision_range(drug, measure, jurisdiction, as_of)
            source = rows.attrs["source"]
            parts.append((source, pd.DataFrame(rows).assign(drug=drug, measure=measure, vintage=source.vintage)))
    closed = ""
    with contextlib.suppress(NotPublished):
        closed = f"{store.load('nvss-by-drug', as_of=as_of)['year'].max()}-12"
    rows = pd.concat([part for _, part in parts], ignore_index=True) if parts else pd.DataFrame(columns=_SUMS)
    rows = rows.assign(jurisdiction=jurisdiction, provisional=rows["month_ending"] > closed)[_SUMS]
    what = names.deaths_label(_several(drugs)[0]) if len(_several(drugs)) == 1 else "deaths"
    rows.attrs = {
        "sources": tuple(dict.fromkeys(source for source, _ in parts)),
        "as_of": as_of,
        "empty": f"No 12-month count of {what} is held for {jurisdiction}{f' by {as_of}' if as_of else ''}.",
    }
    return rows


def _several(given: str | Sequence[str]) -> Sequence[str]:
    return [given] if isinstance(given, str) else given


def peak_sentence(sums: pd.DataFrame, drug: str) -> str:
    """The highest and the newest of the sums of one drug, in words; of one measure, if `sums` holds several."""
    rows = sums[sums["drug"] == drug].dropna(subset="value")
    if rows.empty:
        limit = f" by {sums.attrs['as_of']}" if sums.attrs.get("as_of") else ""
        return f"No 12-month count of {names.deaths_label(drug)} is held{limit}."
    rows = rows[rows["measure"] == rows["measure"].iloc[0]]
    peak, last = rows.loc[rows["value"].astype(float).idxmax()], rows.iloc[-1]
    return (
        f"{str(last['measure']).capitalize()} deaths in 12 months peaked at {number(float(peak['value']))} (to "
        f"{peak['month_ending']}); the newest window held, to {last['month_ending']}, has {number(float(last['value']))}."
    )


def calendar_years(drug: str, jurisdiction: str = "US", as_of: str | date | None = None) -> pd.DataFrame:
    """Calendar years by measure: the newest published value of each, and the release or text that it stands in.

    Returns
    -------
    DataFrame
        A row for each year with a value: year; reported, predicted and final (Int64, deaths; missing where not
        published, or not by `as_of`); reported_release, predicted_release and final_release (the day of the release, or
        the id of the text); values (how many different values were published); remark (what a missing, rounded or
        wider value is). Reported and predicted counts are by the place of death, final ones of residents.
        `.attrs["sources"]` are the tables; texts have their id in the release.

    Examples
    --------
    >>> years = calendar_years("synthetic-opioids").set_index("year")
    >>> print(*years.loc[2023, ["final", "final_release"]])
    72776 2024-12-19
    """
    windows = (
        archive.archive("vsrr").triangle("all").index.str[:4].astype(int)
    )  # years in which provisional counts exist at all
    rows, sources = [], []
    for year in range(windows.min(), windows.max() + 1):
        history = published(drug, str(year), jurisdiction, as_of)
        found = {str(measure): group.iloc[-1] for measure, group in history.groupby("measure")}
        if found:
            row: dict[str, object] = {"year": year}
            for measure in MEASURES:
                row[measure] = found[measure]["value"] if measure in found else pd.NA
                row[f"{measure}_release"] = found[measure]["release"] if measure in found else ""
            remarks = [f"{m.capitalize()}: {_remark(found[m])}." for m in MEASURES if m in found and _remark(found[m])]
            sources += [
                catalog.find(r["dataset"], r["vintage"]).source
                for r in found.values()
                if r["release"] != r["source_id"]
            ]
            rows.append(row | {"values": history["value"].nunique(), "remark": " ".join(remarks)})
    columns = ["year", *(f"{m}{end}" for m in MEASURES for end in ("", "_release")), "values", "remark"]
    years = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(MEASURES, "Int64"))
    limit = f" by {as_of}" if as_of else ""
    years.attrs = {
        "sources": tuple(dict.fromkeys(sources)),
        "as_of": as_of,
        "empty": f"No calendar year of {names.deaths_label(drug)} was published for {place_name(jurisdiction)}{limit}.",
    }
    return years


def _remark(row: pd.Series) -> str:
    if pd.isna(row["value"]):
        return "suppressed, 1 to 9 deaths" if "suppressed" in row["flag"] else "withheld, few certificates name drugs"
    if "whole_state" in row["flag"]:
        return "the whole state, New York City with it"
    return "a rounded figure" if row["qualifier"] == "about" else ""


def published(
    drug: str, period: str | Period, jurisdiction: str = "US", as_of: str | date | None = None
) -> pd.DataFrame:
    """Every published value of one number, in order of publication, a table after a text of the same day; no misprints.

    Parameters
    ----------
    drug, jurisdiction
        A slug of `names.drugs` and a code of `names.jurisdictions`.
    period
        A calendar year (`2023`), or the last month of twelve (`2024-04`).
    as_of
        Only what was published on or before this day.

    Returns
    -------
    DataFrame
        Columns drug, jurisdiction, month_ending, known (datetime.date), measure (`reported`, `predicted`, `final`),
        value (Int64, deaths; missing where suppressed or withheld), qualifier (hedge as printed, `bare` for a figure of a
        table), release (its day, or the id of the text), dataset, vintage, flag, source_id. Empty if nothing was published.
        `.attrs["sources"]` are the tables; texts have their id in source_id.

    Examples
    --------
    >>> history = published("all", "2023", as_of="2024-09-17")
    >>> history[["measure", "value", "release"]].values.tolist()
    [['predicted', 107543, 'F200']]
    """
    period = Period.parse(period) if isinstance(period, str) else period
    rows = _published(drug, period, jurisdiction, archive.stamp())
    day = None if as_of is None else as_date(as_of)
    rows = rows.copy() if day is None else rows[rows["known"] <= day]
    what = f"{drug} in the 12 months to {period.month_ending}, {names.jurisdiction_name(jurisdiction)},"
    rows.attrs["empty"] = f"No count of {what} was published{f' by {as_of}' if as_of else ''}."
    if day is not None and "sources" in rows.attrs:
        rows.attrs["sources"] = tuple(source for source in rows.attrs["sources"] if source.known <= day)
    return rows


@lru_cache(maxsize=1024)
def _published(drug: str, period: Period, jurisdiction: str, stamp: object) -> pd.DataFrame:
    try:
        rows = archive.vintages(drug, period.month_ending, jurisdiction)
    except NotPublished:
        return pd.DataFrame(columns=_PUBLISHED)
    if period.kind != "year":
        rows = rows[rows["measure"] != "final"]
    rows = rows[~rows["flag"].str.contains("misprint")]
    rows = rows.assign(
        drug=drug,
        jurisdiction=jurisdiction,
        month_ending=period.month_ending,
        text=rows["dataset"] == "published-figures",
    )
    # Final years came out one by one: the name of the file that holds them all is older than most of them.
    release = rows["vintage"].mask(rows["dataset"] == "nvss-by-drug", rows["known"].astype(str))
    rows["release"] = release.mask(rows["text"], rows["source_id"])
    rows = rows.sort_values(["known", "text"], ascending=[True, False], kind="stable", ignore_index=True)
    tables = rows.loc[~rows["text"], ["dataset", "vintage", "known"]].itertuples(index=False)
    rows = rows[_PUBLISHED]
    rows.attrs["sources"] = tuple(
        dict.fromkeys(row_source(catalog.find(name, vintage).source, day) for name, vintage, day in tables)
    )
    return rows


def values_sentence(history: pd.DataFrame) -> str:
    """How many values a number has had, and how far apart; `history` is a frame of `published`."""
    values = history["value"].dropna().astype(float)
    if values.empty:
        return "No value is held here."
    if values.nunique() == 1:
        return f"One value is held here: {number(values.iloc[0])}."
    return (
        f"{values.nunique()} different values are held here, from {number(values.min())} to {number(values.max())}: "
        f"{amount(values.max() - values.min(), 'deaths')} apart."
    )


def quote_sentence(history: pd.DataFrame) -> str:
    """Which value a newspaper should print, and what to call it; `history` is a frame of `published`."""
    newest = _newest(history)
    if not newest:
        return str(history.attrs.get("empty", "No value is held here."))
    called = {m: f"{_said(row)} {names.deaths_label(row['drug'])}" for m, row in newest.items()}
    row = next(iter(newest.values()))
    period = Period.parse(row["month_ending"])
    if "final" in newest:
        return (
            f"The final count, as there is one: {called['final']}, residents only, {period}, published "
            f"{newest['final']['known']}. A provisional figure is history once the final one is out."
        )
    told = {"reported": "reported so far", "predicted": "as NCHS estimates with missing records added (“predicted”)"}
    said = [f"{called[m]}, {told[m]}, release of {newest[m]['known']}" for m in told if m in newest]
    return (
        f"No final count of this is held, so a provisional one, by its name. {place_name(row['jurisdiction'])}, {period}: "
        f"{'; beside it '.join(said)}. {'Either' if len(said) > 1 else 'It'} may still change."
    )


def difference_reasons(history: pd.DataFrame) -> tuple[str, ...]:
    """Why the values of a number differ, as far as those held tell; nothing where there is nothing to explain."""
    newest = _newest(history)
    rows, said = history.dropna(subset="value"), []
    if {"final", "reported"} <= set(newest):
        gap = int(newest["reported"]["value"]) - int(newest["final"]["value"])
        if gap:
            said.append(
                f"The newest reported count is {number(abs(gap))} {'above' if gap > 0 else 'below'} the final one. They count "
                "different people: everybody who died in the place, wherever they lived, in a table that goes on being "
                "corrected; and residents only, in a file that is closed. How much each of the two makes, the figures "
                "held do not say."
            )
    counts = rows.loc[rows["measure"] == "reported", "value"].astype(int).tolist()
    if falls := [(old, new) for old, new in pairwise(counts) if new < old]:
        old, new = falls[-1]
        said.append(
            f"A reported count rises while records arrive, and can fall later: this one went from {number(old)} to "
            f"{number(new)}. The releases do not say why."
        )
    if "final" in newest:
        first = rows.loc[rows["measure"] == "final", "known"].min()
        if (rows.loc[rows["measure"] == "predicted", "known"] > first).any():
            said.append(
                f"NCHS goes on printing its provisional table with older windows in it, so estimates appeared after the "
                f"final count of {first}. They do not replace it."
            )
    return tuple(said)


def _newest(history: pd.DataFrame) -> dict[str, pd.Series]:
    return {str(measure): rows.iloc[-1] for measure, rows in history.dropna(subset="value").groupby("measure")}


def _said(row: pd.Series) -> str:
    return ("about " if row["qualifier"] == "about" else "") + number(float(row["value"]))
