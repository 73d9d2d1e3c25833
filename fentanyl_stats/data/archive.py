"""A dataset through its releases: the newest series, every published value of a window, all releases side by side.

VSRR counts deaths by place of occurrence, `NY` without New York City (`YC`); final counts are of residents of
the United States. Reported, predicted and final are three measures and never share a series.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, get_args

import pandas as pd

from ..errors import DataError, NotPublished, unknown
from ..model import ModelError, last_day
from . import catalog, store
from .catalog import as_date, known_days
from .columns import has_flag
from .names import require_drug, require_jurisdiction

Measure = Literal["reported", "predicted"]

_QUANTITY = r"^(drug|opioid|synthetic-opioid) overdose deaths, (provisional predicted|final)$"
_DRUGS = {"drug": "all", "opioid": "opioids", "synthetic-opioid": "synthetic-opioids"}
_MEASURES = {"provisional predicted": "predicted", "final": "final"}
_COLUMNS = ["known", "vintage", "dataset", "measure", "value", "qualifier", "flag", "source_id"]
_KEY = ["jurisdiction", "drug", "month_ending"]
_PARTS = ("vsrr", "published-figures", "nvss-by-drug", "wonder-overdose")


def series(
    drug: str,
    measure: str = "reported",
    jurisdiction: str = "US",
    vintage: str | None = None,
    as_of: str | date | None = None,
) -> pd.DataFrame:
    """The 12-month-ending counts of one jurisdiction and drug, from the newest vintage that holds them.

    The newest file may hold one jurisdiction or two drugs only, so each jurisdiction, drug and measure has a
    newest vintage of its own; `.attrs["source"]` says which it is.

    Parameters
    ----------
    drug, jurisdiction
        A slug of `names.drugs` and a code of `names.jurisdictions`.
    measure
        `reported`, or `predicted` (scaled by NCHS for incomplete reporting).
    vintage, as_of
        Only this vintage; only vintages published on or before this day.

    Returns
    -------
    DataFrame
        Columns month_ending (text), value (Int64, deaths; missing where blank), flag (text); by month.

    Raises
    ------
    DataError
        If a name is unknown or no vintage that is allowed holds a value.

    Examples
    --------
    >>> reported = series("opioids")
    >>> reported.attrs["source"].vintage, reported["month_ending"].iloc[-1]
    ('2025-01-08', '2024-07')
    """
    catalog.find("vsrr", vintage, as_of)  # a wrong vintage or date is named here
    _, rows = next(_releases(drug, measure, jurisdiction, vintage, as_of))
    chosen = rows[["month_ending", measure, "flag"]].rename(columns={measure: "value"})
    return chosen.sort_values("month_ending", ignore_index=True)


def published_deaths(as_of: str | date | None = None) -> pd.DataFrame:
    """Overdose deaths of 12-month windows, United States, as first printed in releases and the press.

    Parameters
    ----------
    as_of
        Only figures known on this day.

    Returns
    -------
    DataFrame
        Columns id (F..), drug, measure (`predicted`, `final`), month_ending, value (Int64, deaths), qualifier
        (hedge), known (datetime.date), flag; by month, drug and day. Misprints stay, with flag `misprint`.

    Examples
    --------
    >>> then = published_deaths(as_of="2024-09-17")
    >>> then[then["month_ending"] == "2024-04"][["id", "drug", "value", "qualifier"]].values.tolist()
    [['F209', 'all', 101000, 'about'], ['F208', 'opioids', 75091, 'bare']]
    """
    frame = store.load("published-figures", as_of=as_of)
    source = frame.attrs["source"]
    words = frame["quantity"].str.extract(_QUANTITY)
    start, end = pd.to_datetime(frame["period_start"]), pd.to_datetime(frame["period_end"])
    twelve_months = end + pd.Timedelta(days=1) == start + pd.DateOffset(years=1)
    days = known_days("published-figures", frame)
    kept = words[0].notna() & twelve_months & (frame["place"] == "us") & days.notna()
    result = pd.DataFrame(
        {
            "id": frame["id"],
            "drug": words[0].map(_DRUGS),
            "measure": words[1].map(_MEASURES),
            "month_ending": frame["period_end"].str[:7],
            "value": frame["value"].round().astype("Int64"),
            "qualifier": frame["qualifier"],
            "known": days.dt.date,
            "flag": frame["flag"],
        }
    )[kept]
    result = result.sort_values(["month_ending", "drug", "known", "id"], ignore_index=True)
    result.attrs["source"] = source
    return result


def vintages(drug: str, month_ending: str, jurisdiction: str = "US") -> pd.DataFrame:
    """Every published value of one number, in order of publication.

    Parameters
    ----------
    drug, jurisdiction
        A slug of `names.drugs` and a code of `names.jurisdictions`.
    month_ending
        Last month of the 12-month window, `YYYY-MM`. A December window is a calendar year and has final
        counts too: by drug for the United States, of all drugs for a state.

    Returns
    -------
    DataFrame
        Columns known (datetime.date), vintage, dataset, measure (`reported`, `predicted`, `final`), value
        (Int64; missing where suppressed or of low quality), qualifier (hedge as printed, `bare` for a figure
        of a table), flag, source_id (dataset, or the id of the published figure).

    Raises
    ------
    DataError
        If a name is unknown, the month is not one, or no value of it is held.

    Examples
    --------
    >>> history = vintages("all", "2023-12")
    >>> history.loc[history["measure"] != "reported", "value"].tolist()
    [107543, 105007, 105007, 108472, 110037, 107966]
    """
    require_drug(drug)
    require_jurisdiction(jurisdiction)
    require_month(month_ending)
    history, where = _history(jurisdiction, stamp())
    rows = history.take(where.get((drug, month_ending), []))
    if rows.empty:
        window = f"the 12 months to {month_ending}"
        raise NotPublished(f"no published value of {drug} for {window} in {jurisdiction} is held")
    return rows[_COLUMNS].reset_index(drop=True)


def stamp() -> store.Stamp:
    """What a cached history rests on: a file that is touched is read, and its hash checked, again."""
    return store.stamp(*_PARTS)


def cells(release: catalog.Table, jurisdiction: str) -> dict[str, pd.DataFrame]:
    """What one release of `vsrr` holds of a jurisdiction, by drug. A page asks for every drug, most releases hold few."""
    return _cells(release, jurisdiction, store.touched([release]))


@lru_cache(maxsize=512)
def _cells(table: catalog.Table, jurisdiction: str, stamp: store.Stamp) -> dict[str, pd.DataFrame]:
    frame = store.load("vsrr", table.vintage)
    return {str(drug): rows for drug, rows in frame[frame["jurisdiction"] == jurisdiction].groupby("drug")}


@lru_cache(maxsize=64)
def _history(jurisdiction: str, stamp: store.Stamp) -> tuple[pd.DataFrame, dict[Any, Any]]:
    """Every published value of one jurisdiction, in order of publication, and the rows of each drug and window."""
    parts = [*_from_vsrr(jurisdiction), *(_us() if jurisdiction == "US" else [_from_wonder(jurisdiction)])]
    history = pd.concat(parts, ignore_index=True).astype({"value": "Int64"})
    rank = history["measure"].map({"reported": 0, "predicted": 1, "final": 2})
    order = history.assign(rank=rank).sort_values(["known", "vintage", "rank", "source_id"], kind="stable")
    return order.drop(columns="rank"), dict(order.groupby(["drug", "month_ending"]).indices)


def _from_vsrr(jurisdiction: str) -> Iterator[pd.DataFrame]:
    for table in catalog.files("vsrr"):
        frame = store.load("vsrr", table.vintage)
        cells = frame[frame["jurisdiction"] == jurisdiction]
        withheld = has_flag(cells["flag"], "suppressed") | has_flag(cells["flag"], "low_quality")
        for measure in get_args(Measure):
            shown = cells.loc[cells[measure].notna() | withheld, ["drug", "month_ending", measure, "flag"]]
            yield _rows(shown.rename(columns={measure: "value"}), "vsrr", table.vintage, measure, table.known)


def _us() -> Iterator[pd.DataFrame]:
    texts = published_deaths()
    words = texts.rename(columns={"id": "source_id"})
    yield words.assign(dataset="published-figures", vintage=texts.attrs["source"].vintage)
    finals = store.load("nvss-by-drug")
    source = finals.attrs["source"]
    days = known_days("nvss-by-drug", finals).dt.date
    kept = (finals["sex"] == "all") & days.notna()
    yield _rows(_yearly(finals)[kept], "nvss-by-drug", source.vintage, "final", days[kept])


def _from_wonder(jurisdiction: str) -> pd.DataFrame:
    """Final counts of residents of a state: the whole state in the case of New York."""
    frame = store.load("wonder-overdose")
    source = frame.attrs["source"]
    final = frame[(frame["jurisdiction"] == jurisdiction) & (frame["status"] == "final")].assign(drug="all")
    if jurisdiction == "NY":
        final = final.assign(flag="whole_state")  # the provisional rows of NY leave out New York City
    return _rows(_yearly(final), "wonder-overdose", source.vintage, "final", source.known)


def _yearly(frame: pd.DataFrame) -> pd.DataFrame:
    month = frame["year"].astype(str) + "-12"
    return frame.assign(month_ending=month, value=frame["deaths"])[["drug", "month_ending", "value", "flag"]]


def _rows(frame: pd.DataFrame, dataset: str, vintage: str, measure: str, known: object) -> pd.DataFrame:
    return frame.assign(
        dataset=dataset, vintage=vintage, measure=measure, known=known, qualifier="bare", source_id=dataset
    )


def require_month(text: str) -> None:
    """Raise a DataError unless the text is a month, `YYYY-MM`."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}", text):
            raise ModelError
        last_day(text)
    except (ModelError, TypeError):
        wrong = repr(text)[:40]
        raise DataError(f"month_ending {wrong} is not a month; write YYYY-MM, the last of the window") from None


def triangle(
    drug: str, measure: str = "reported", jurisdiction: str = "US", as_of: str | date | None = None
) -> pd.DataFrame:
    """A reporting triangle: what every release said of every window.

    Parameters
    ----------
    drug, jurisdiction
        A slug of `names.drugs` and a code of `names.jurisdictions`.
    measure
        `reported` or `predicted`.
    as_of
        Only releases published on or before this day.

    Returns
    -------
    DataFrame
        A row for each month_ending, a column for each vintage in order of publication, deaths as Int64: missing
        where a release has no such window or its cell is blank. `.attrs["known"]` maps each vintage to its day,
        `.attrs["sources"]` to its Source.

    Raises
    ------
    DataError
        If a name is unknown; NotPublished if no release that is allowed holds a value.

    Examples
    --------
    >>> table = triangle("synthetic-opioids")
    >>> table.loc["2018-03"].dropna().tolist()
    [28826, 28958, 29036, 29120, 29120, 29120, 29120]
    """
    held = list(_releases(drug, measure, jurisdiction, None, as_of))[::-1]
    columns = {table.vintage: rows.set_index("month_ending")[measure] for table, rows in held}
    wide = pd.DataFrame(columns).sort_index().astype("Int64").rename_axis(index="month_ending", columns="vintage")
    wide.attrs["known"] = {table.vintage: table.known for table, _ in held}
    wide.attrs["sources"] = {table.vintage: table.source for table, _ in held}
    return wide


def _releases(
    drug: str, measure: str, jurisdiction: str, vintage: str | None, as_of: str | date | None
) -> Iterator[tuple[catalog.Table, pd.DataFrame]]:
    """The releases that hold a value, newest first, each with its rows; NotPublished where there is none."""
    require_drug(drug)
    require_jurisdiction(jurisdiction)
    if measure not in get_args(Measure):
        raise DataError(unknown("measure", measure, get_args(Measure)))
    day = None if as_of is None else as_date(as_of)
    found = False
    for table in (
        [catalog.find("vsrr", vintage, as_of)] if vintage is not None else reversed(catalog.frames("vsrr", day))
    ):
        rows = cells(table, jurisdiction).get(drug)
        if rows is not None and rows[measure].notna().any():
            found = True
            yield table, rows
    if not found:
        limit = f" {vintage}" if vintage else f" published by {day}" if day else ""
        raise NotPublished(f"no VSRR vintage{limit} holds {measure} counts of {drug} in {jurisdiction}")


def steps(table: pd.DataFrame) -> tuple[int, ...]:
    """Months between each release of a triangle and the next; a chain ladder needs them all alike.

    Examples
    --------
    >>> steps(triangle("all", "predicted"))
    (1, 5, 6, 63, 20)
    """
    known: Mapping[str, date] = table.attrs["known"]
    days = [known[str(vintage)] for vintage in table.columns]
    return tuple((b.year - a.year) * 12 + b.month - a.month for a, b in pairwise(days))


def changes(old: str, new: str, drug: str | None = None, jurisdiction: str | None = None) -> pd.DataFrame:
    """What changed between two releases: counts revised, cells that appeared, cells that went blank.

    Parameters
    ----------
    old, new
        Vintages of `vsrr`, as `fs.datasets()` lists them.
    drug, jurisdiction
        Only these; all that both releases hold by default.

    Returns
    -------
    DataFrame
        Columns jurisdiction, drug, month_ending, measure, old, new (Int64), change (deaths), percent, kind (`revised`,
        `appeared`, `withdrawn`); only cells that differ. A cell that is blank in one release has no change: missing
        is not zero.

    Raises
    ------
    DataError
        If a vintage or name is unknown, or the two releases share no series.

    Examples
    --------
    >>> moved = changes("2025-01-08", "2026-06-27", "synthetic-opioids", "US")
    >>> newest = (moved["month_ending"] == "2024-04") & (moved["measure"] == "reported")
    >>> moved.loc[newest, ["old", "new", "change", "kind"]].values.tolist()
    [[67437, 67618, 181, 'revised']]
    """
    if drug is not None:
        require_drug(drug)
    if jurisdiction is not None:
        require_jurisdiction(jurisdiction)
    before, after = (_long(vintage, drug, jurisdiction) for vintage in (old, new))
    shared = [frame[["jurisdiction", "drug", "measure"]].drop_duplicates() for frame in (before, after)]
    both = shared[0].merge(shared[1])
    if both.empty:
        raise NotPublished(f"the vintages {old} and {new} share no series of these names")
    keys = [*_KEY, "measure"]
    pairs = before.rename(columns={"value": "old"}).merge(
        after.rename(columns={"value": "new"}), on=keys, how="outer", validate="one_to_one"
    )
    pairs = pairs.merge(both, on=["jurisdiction", "drug", "measure"])
    revised = (pairs["old"] != pairs["new"]).fillna(value=False)
    appeared, withdrawn = pairs["old"].isna() & pairs["new"].notna(), pairs["old"].notna() & pairs["new"].isna()
    pairs["change"] = pairs["new"] - pairs["old"]
    pairs["percent"] = 100 * pairs["change"].astype("Float64") / pairs["old"].where(pairs["old"] > 0)
    pairs["kind"] = pd.Series("revised", pairs.index).mask(appeared, "appeared").mask(withdrawn, "withdrawn")
    return pairs[revised | appeared | withdrawn].sort_values(keys, ignore_index=True)


def _long(vintage: str, drug: str | None, jurisdiction: str | None) -> pd.DataFrame:
    """One row a cell and measure, only series that hold any value."""
    frame = store.load("vsrr", vintage)
    if drug is not None:
        frame = frame[frame["drug"] == drug]
    if jurisdiction is not None:
        frame = frame[frame["jurisdiction"] == jurisdiction]
    tall = frame.melt(_KEY, list(get_args(Measure)), "measure", "value").astype({"value": "Int64"})
    held = tall.groupby(["jurisdiction", "drug", "measure"])["value"].transform("count") > 0
    return tall[held]
