"""A dataset through its releases: the newest series, every published value of a window, all releases side by side.

VSRR counts deaths by place of occurrence, `NY` without New York City (`YC`); final counts are of residents of
the United States. Reported, predicted and final are three measures and never share a series.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from numbers import Integral, Real
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from ..errors import ArchiveEndWarning, DataError, NotPublished, unknown
from ..model import ModelError, last_day
from . import catalog, releases, store
from .catalog import as_date, known_days
from .columns import has_flag
from .names import require_drug, require_jurisdiction
from .releases import Releases

Measure = Literal["reported", "predicted"]

_QUANTITY = r"^(drug|opioid|synthetic-opioid) overdose deaths, (provisional predicted|final)$"
_DRUGS = {"drug": "all", "opioid": "opioids", "synthetic-opioid": "synthetic-opioids"}
_MEASURES = {"provisional predicted": "predicted", "final": "final"}
_COLUMNS = ["known", "vintage", "dataset", "measure", "value", "qualifier", "flag", "source_id"]
_KEY = ["jurisdiction", "drug", "month_ending"]
_STALE = 60  # days after which a newer release has surely come out: they come monthly
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
    newest vintage of its own; `.attrs["source"]` says which it is. A release of which a part of the windows is held
    is passed over, unless it is named.

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
    [107543, 105007, 105007, 108472, 110037, 108550, 108550, 107966]
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


def windows(drug: str, jurisdiction: str = "US") -> dict[str, pd.Series]:
    """The windows (last months) of which a count was published: `provisional` and `final`, each in order.

    >>> windows("heroin", "WV")["final"].tolist()
    []
    """
    history, _ = _history(jurisdiction, stamp())
    rows = history[(history["drug"] == drug) & history["value"].notna()]
    final = rows["measure"] == "final"
    return {
        name: pd.Series(sorted(rows.loc[kept, "month_ending"].unique()), dtype=str)
        for name, kept in (("provisional", ~final), ("final", final))
    }


def stamp() -> store.Stamp:
    """What a cached history rests on: a file that is touched is read, and its hash checked, again."""
    return store.stamp(*_PARTS)


def cells(release: catalog.Table, jurisdiction: str) -> dict[str, pd.DataFrame]:
    """What one release of `vsrr` holds of a jurisdiction, by drug. A page asks for every drug, most releases hold few."""
    return _cells(release, jurisdiction, store.touched([release]))


@lru_cache(maxsize=512)
def _cells(table: catalog.Table, jurisdiction: str, stamp: store.Stamp) -> dict[str, pd.DataFrame]:
    return {str(drug): rows for drug, rows in store.places(table, jurisdiction).groupby("drug")}


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
        cells = store.places(table, jurisdiction)
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
        if rows is None or not rows[measure].notna().any():
            continue
        if vintage is not None or not table.released or releases.is_whole(rows["month_ending"]):
            found = True
            yield table, rows
    if not found:
        limit = f" {vintage}" if vintage else f" published by {day}" if day else ""
        raise NotPublished(f"no VSRR vintage{limit} holds {measure} counts of {drug} in {jurisdiction}")


def steps(table: pd.DataFrame) -> tuple[int, ...]:
    """Months between each release of a triangle and the next; a chain ladder needs them all alike.

    Examples
    --------
    >>> steps(archive("vsrr").triangle("all", "predicted"))
    (0, 3, 3, 3, 22, 33, 8, 8, 5, 7)
    """
    known: Mapping[str, date] = table.attrs["known"]
    days = [known[str(vintage)] for vintage in table.columns]
    return tuple((b.year - a.year) * 12 + b.month - a.month for a, b in pairwise(days))


@dataclass(frozen=True, slots=True)
class Archive:
    """What was known of a dataset, on any day: its releases, oldest first, as `archive` gives them.

    `number` is the newest release that is seen, counted from 0. An archive as of a day sees no later one.
    """

    dataset: str
    number: int
    _made: Releases

    @property
    def vintages(self) -> pd.DataFrame:
        """The releases that are held.

        Returns
        -------
        DataFrame
            One row a release, oldest first: vintage (its name); known_from, known_to (dates: it came out between the two, and
            was surely public from the second on); newest_month (the last window, `YYYY-MM`); rows (cells, with those that are blank);
            complete (bool: all places and drugs that the publisher gave); source.

        Examples
        --------
        >>> held = archive("vsrr").vintages
        >>> len(held), int(held["complete"].sum()), held["newest_month"].iloc[-1]
        (16, 10, '2026-04')
        """
        columns = ["vintage", "known_from", "known_to", "newest_month", "rows", "complete", "source"]
        held = self._made.vintages.iloc[: self.number + 1][columns].reset_index(drop=True)
        days = {name: pd.to_datetime(held[name]) for name in ("known_from", "known_to")}
        return held.assign(**days).astype({"rows": "int64", "complete": "bool"})

    @property
    def observed_through(self) -> date:
        """The day of the newest release held; what came out later is not known here.

        Examples
        --------
        >>> archive("vsrr").observed_through
        datetime.date(2026, 9, 16)
        """
        return date.fromisoformat(self._made.vintages["known_to"].iloc[self.number])

    def until(self, day: str | date) -> Archive:
        """The archive as it was on a day: no later release is in it.

        Raises
        ------
        NotPublished
            If no release was surely public by then; the first is named.

        Examples
        --------
        >>> archive("vsrr").until("2018-12-31").vintages["vintage"].iloc[-1]
        '2018-04-30'
        """
        asked = as_date(day)
        number = min(self._made.number(asked.isoformat()), self.number)
        if number < 0:
            first = self._made.vintages.iloc[0]
            raise NotPublished(
                f"no release of {self.dataset} was surely public by {asked}; the first held, {first['vintage']}, was "
                f"by {first['known_to']}"
            )
        return replace(self, number=number)

    def as_of(self, day: str | date) -> pd.DataFrame:
        """What was surely known on a day, cell by cell: the value of the newest release, up to then, that holds the cell.

        A release whose day is known only between two dates counts from the later. A partial release does not reach every cell:
        the others keep the value held last, and `vintage` says from which release.

        Returns
        -------
        DataFrame
            Of `vsrr`: jurisdiction, drug, month_ending, measure (`reported`, `predicted`), value (Int64, deaths; missing where blank),
            flag, vintage, typed (bool: keyed from displayed text). Of `cbp-seizures`: its table, with `source_file_vintage`. `.attrs`: "release"
            (the newest), "known_to" (date), "age_days" (from then to the day), "stale" (bool: older than 60 days), "source".

        Raises
        ------
        NotPublished
            If nothing was surely public by that day.

        Warns
        -----
        ArchiveEndWarning
            If the day is later than `observed_through`.

        Examples
        --------
        >>> known = archive("vsrr").as_of("2024-09-17")
        >>> known.attrs["release"], known.attrs["age_days"], known.attrs["stale"]
        ('2024-05-07', 133, True)
        >>> cell = known.query("jurisdiction == 'US' and drug == 'all' and month_ending == '2023-11'")
        >>> cell[["measure", "value"]].values.tolist()
        [['predicted', 109527], ['reported', 105384]]
        """
        asked = as_date(day)
        then = self.until(asked)
        if then.number == self.number and asked > self.observed_through:
            warnings.warn(
                f"no release of {self.dataset} after {self.observed_through} is held; what was published between then and "
                f"{asked} is not seen",
                ArchiveEndWarning,
                stacklevel=2,
            )
        made, number = self._made, then.number
        if self.dataset == "vsrr":
            cells = made.living(number)
            newest = made.held_by(cells, number)
            frame = _plain(cells).assign(
                vintage=made.vintages["vintage"].to_numpy(str)[newest], typed=self._typed(cells, newest)
            )
            frame = frame.drop(columns=["since", "until"]).reset_index(drop=True)
        else:
            frame = store.released(made, number)
        release = made.vintages.iloc[number]
        age = (asked - then.observed_through).days
        frame.attrs = {
            "release": release["vintage"],
            "known_to": then.observed_through,
            "age_days": age,
            "stale": age > _STALE,
        }
        frame.attrs["source"] = catalog.find(self._changes.dataset).source
        return frame

    def history(
        self, drug: str, month_ending: str, jurisdiction: str = "US", measure: str | None = None
    ) -> pd.DataFrame:
        """What each release said of one window, in order of release.

        Returns
        -------
        DataFrame
            vintage, known_from, known_to (dates), measure, value (Int64, deaths), flag, age_months (whole months from the end of
            the window to `known_to`), change (deaths since the release before that holds the cell; missing for the first), typed (bool).

        Raises
        ------
        NotPublished
            If no release holds the window.

        Examples
        --------
        >>> then = archive("vsrr").history("all", "2020-12", measure="predicted")
        >>> then[["vintage", "value", "age_months"]].head(2).values.tolist()
        [['2021-08-14', 93331, 8], ['2024-05-07', 93655, 41]]
        """
        require_month(month_ending)
        prints = self._prints(drug, measure, jurisdiction)
        rows = prints[prints["month_ending"] == month_ending]
        if rows.empty:
            held = f"{prints['month_ending'].min()} to {prints['month_ending'].max()}"
            raise NotPublished(
                f"no release of {self.dataset} holds {drug} in {jurisdiction} to {month_ending}; held is {held}"
            )
        rows = rows.sort_values(["measure", "known_to", "vintage"], kind="stable", ignore_index=True)
        change = rows["value"] - rows.groupby("measure")["value"].shift(1)
        columns = ["vintage", "known_from", "known_to", "measure", "value", "flag", "age_months"]
        return rows[columns].assign(change=change, typed=rows["typed"])

    def first(self, drug: str, jurisdiction: str = "US", measure: str | None = None) -> pd.DataFrame:
        """The first held print of every window; `age_months` tells how late that is, since some releases are missing.

        Returns
        -------
        DataFrame
            month_ending, measure, value, flag, vintage, known_to, age_months, typed; by measure and month.

        Examples
        --------
        >>> first = archive("vsrr").first("all", measure="reported").query("month_ending == '2018-09'")
        >>> first[["value", "vintage", "age_months"]].values.tolist()
        [[67152, '2019-04-24', 7]]
        """
        return self._one_each(self._prints(drug, measure, jurisdiction), "first")

    def at_age(self, months: int, drug: str, jurisdiction: str = "US", measure: str | None = None) -> pd.DataFrame:
        """What was known of every window when it was so many months old: its newest print of at most that age.

        Returns
        -------
        DataFrame
            Columns as `first`; only windows of which something was printed by that age.

        Raises
        ------
        DataError
            If `months` is not a whole number of at least 0.

        Examples
        --------
        >>> young = archive("vsrr").at_age(12, "all", measure="reported").query("month_ending == '2018-09'")
        >>> young[["value", "vintage", "age_months"]].values.tolist()
        [[67657, '2019-07-11', 10]]
        """
        _require_months("months", months)
        prints = self._prints(drug, measure, jurisdiction)
        return self._one_each(prints[prints["age_months"] <= months], "last")

    def triangle(self, drug: str, measure: str = "reported", jurisdiction: str = "US") -> pd.DataFrame:
        """A reporting triangle: what every release said of every window.

        Returns
        -------
        DataFrame
            A row for each month_ending, a column for each vintage in order of publication, deaths as Int64: missing
            where a release has no such window or its cell is blank. `.attrs["known"]` maps each vintage to its day,
            `.attrs["sources"]` to its Source.

        Raises
        ------
        DataError
            If a name is unknown; NotPublished if no release holds a value.

        Examples
        --------
        >>> table = archive("vsrr").triangle("synthetic-opioids")
        >>> table.loc["2018-09"].dropna().tolist()[:3]
        [30430, 30668, 30986]
        """
        prints = self._prints(drug, measure, jurisdiction)
        order = self._made.vintages["vintage"]
        wide = prints.pivot(index="month_ending", columns="vintage", values="value").astype("Int64")
        wide = wide[[name for name in order if name in wide]].dropna(axis="columns", how="all")
        if wide.empty:
            raise NotPublished(f"no release of {self.dataset} holds {measure} counts of {drug} in {jurisdiction}")
        tables = {name: catalog.find(self.dataset, name) for name in map(str, wide.columns)}
        wide.attrs["known"] = {name: table.known for name, table in tables.items()}
        wide.attrs["sources"] = {name: table.source for name, table in tables.items()}
        return wide

    def changes(self, old: str, new: str, drug: str | None = None, jurisdiction: str | None = None) -> pd.DataFrame:
        """What changed between two releases: counts revised, cells that appeared, cells that went blank.

        Parameters
        ----------
        old, new
            Vintages, as `vintages` lists them.
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
        >>> revised = archive("vsrr").changes("2025-01-08", "2026-06-27", "synthetic-opioids", "US")
        >>> newest = (revised["month_ending"] == "2024-04") & (revised["measure"] == "reported")
        >>> revised.loc[newest, ["old", "new", "change", "kind"]].values.tolist()
        [[67437, 67618, 181, 'revised']]
        """
        for require, name in ((require_drug, drug), (require_jurisdiction, jurisdiction)):
            if name is not None:
                require(name)
        before, after = (self._release(vintage, drug, jurisdiction) for vintage in (old, new))
        series = ["jurisdiction", "drug", "measure"]
        both = before[series].drop_duplicates().merge(after[series].drop_duplicates())
        if both.empty:
            raise NotPublished(f"the vintages {old} and {new} share no series of these names")
        keys = [*_KEY, "measure"]
        pairs = before.rename(columns={"value": "old"}).merge(
            after.rename(columns={"value": "new"}), on=keys, how="outer", validate="one_to_one"
        )
        pairs = pairs.merge(both, on=series)
        revised = (pairs["old"] != pairs["new"]).fillna(value=False)
        appeared, withdrawn = pairs["old"].isna() & pairs["new"].notna(), pairs["old"].notna() & pairs["new"].isna()
        pairs["change"] = pairs["new"] - pairs["old"]
        pairs["percent"] = 100 * pairs["change"].astype("Float64") / pairs["old"].where(pairs["old"] > 0)
        pairs["kind"] = pd.Series("revised", pairs.index).mask(appeared, "appeared").mask(withdrawn, "withdrawn")
        return pairs[revised | appeared | withdrawn].sort_values(keys, ignore_index=True)

    def revisions(
        self, drug: str, measure: str = "reported", jurisdiction: str = "US", within: float = 0.5
    ) -> pd.DataFrame:
        """How often, how far and for how long the count of every window was revised.

        Parameters
        ----------
        within
            Per cent of the newest print; a count is settled from the first release on after which it stays so near.

        Returns
        -------
        DataFrame
            month_ending; releases (that print it); revisions (prints that differ from the one before); first, newest (Int64, deaths: the first and
            the newest print held); low, high (of all prints); range (high - low); percent (range / newest × 100); first_age, months_to_settle (months from
            the end of the window to the first print, and to the first from which on every print lies `within` of the newest; missing
            where there is one print only).

        Examples
        --------
        >>> moved = archive("vsrr").revisions("all").set_index("month_ending")
        >>> moved.loc["2018-05", ["releases", "revisions", "first", "newest", "range", "months_to_settle"]].astype(int).tolist()
        [10, 3, 68389, 68789, 404, 14]
        """
        if not isinstance(within, Real) or not 0 <= within < 100:
            raise DataError(f"within must be a number of per cents from 0 to under 100, not {within!r}")
        prints = self._prints(drug, measure, jurisdiction).dropna(subset="value")
        prints = prints.sort_values(["month_ending", "known_to", "vintage"], kind="stable")
        window = prints.groupby("month_ending")
        newest = window["value"].transform("last")
        value = prints["value"].astype("float64")
        away = (value - newest).abs() > within / 100 * newest
        unsettled = prints[away].groupby("month_ending")["age_months"].max()
        prints = prints.assign(revised=(window["value"].diff().fillna(0) != 0))
        found = prints.groupby("month_ending").agg(
            releases=("vintage", "size"), revisions=("revised", "sum"), first=("value", "first"), newest=("value", "last"),
            low=("value", "min"), high=("value", "max"), first_age=("age_months", "first"),
        )  # fmt: skip
        later = prints[prints["age_months"] > prints["month_ending"].map(unsettled).fillna(-1)]
        settled = later.groupby("month_ending")["age_months"].min().where(found["releases"] > 1)
        found.insert(6, "range", found["high"] - found["low"])
        found.insert(7, "percent", 100 * found["range"].astype("float64") / found["newest"].astype("float64"))
        return found.assign(months_to_settle=settled.astype("Int64")).astype({"revisions": "int64"}).reset_index()

    def replay(
        self,
        predictor: Callable[[Archive, str, str], pd.Series | pd.DataFrame],
        drug: str = "all",
        jurisdiction: str = "US",
        settled: int = 18,
    ) -> pd.DataFrame:
        """A prediction made again at every release, against what the count became.

        The predictor sees only what was known then: at each release it is given the archive up to that release. Releases keyed from
        displayed text are left out.

        Parameters
        ----------
        predictor
            Called with the archive as it was, the drug and the place; gives, by month_ending, what the reported count of each window will
            become: a Series, or a DataFrame with columns predicted, low and high.
        settled
            Age in months from which the newest reported count of a window is taken as what it became.

        Returns
        -------
        DataFrame
            vintage, known_to, month_ending, age_months (of the window at that release), reported (what was counted then), predicted, low,
            high (missing where the predictor gives none), became, error (predicted - became, deaths), percent (of what it became).

        Raises
        ------
        DataError
            If the predictor is no function or gives neither a Series nor a DataFrame with `predicted`, or `settled` is no whole number above 0.

        Examples
        --------
        >>> def as_counted(then, drug, jurisdiction):
        ...     return then.triangle(drug, "reported", jurisdiction).iloc[:, -1].dropna()
        >>> errors = archive("vsrr").replay(as_counted)
        >>> bool((errors.loc[errors["age_months"] <= 7, "error"] < 0).all())
        True
        """
        _require_months("settled", settled, least=1)
        if not callable(predictor):
            raise DataError(
                f"predictor must be a function of an archive, a drug and a place, not {type(predictor).__name__}"
            )
        prints = self._prints(drug, "reported", jurisdiction).dropna(subset="value")
        newest = prints.sort_values("known_to", kind="stable").groupby("month_ending").last()
        became = newest.loc[newest["age_months"] >= settled, "value"].astype("float64")
        typed = set(self._changes.typed)
        parts = []
        for number, release in self._made.vintages.iloc[: self.number + 1].iterrows():
            counted = prints[prints["vintage"] == release["vintage"]].set_index("month_ending")
            if release["vintage"] in typed or counted.empty:
                continue
            made = predictor(replace(self, number=int(str(number))), drug, jurisdiction)
            table = made.to_frame("predicted") if isinstance(made, pd.Series) else made
            if not isinstance(table, pd.DataFrame) or "predicted" not in table:
                raise DataError(
                    f"the predictor gave {type(made).__name__} for {release['vintage']}; it must give a Series by month_ending, or a "
                    "DataFrame with a column predicted"
                )
            rows = counted[["vintage", "known_to", "age_months", "value"]].rename(columns={"value": "reported"})
            rows = rows.join(table.reindex(columns=["predicted", "low", "high"]), how="inner")
            rows = rows.join(became.rename("became"), how="inner").dropna(subset=["predicted", "became"])
            parts.append(rows[rows["age_months"] < settled].reset_index())
        if not parts:
            raise NotPublished(
                f"no release of {self.dataset} holds reported counts of {drug} in {jurisdiction} to predict from"
            )
        found = pd.concat(parts, ignore_index=True)
        numbers = found[["predicted", "low", "high"]].astype("float64")
        error = numbers["predicted"] - found["became"]
        found = found.assign(
            **{name: numbers[name] for name in numbers}, error=error, percent=100 * error / found["became"]
        )
        first = ["vintage", "known_to", "month_ending", "age_months", "reported"]
        return found[[*first, "predicted", "low", "high", "became", "error", "percent"]]

    @property
    def _changes(self) -> catalog.Table:
        return store.changes_of(self.dataset)

    def _typed(self, rows: pd.DataFrame, numbers: np.ndarray) -> np.ndarray:
        """Whether each row, as printed by the release of that number, was keyed from displayed text: those of the United States."""
        typed = self._made.vintages["vintage"].isin(self._changes.typed).to_numpy()
        return np.asarray(typed[numbers] & (rows["jurisdiction"] == "US").to_numpy())

    def _release(self, vintage: str, drug: str | None, jurisdiction: str | None) -> pd.DataFrame:
        """The cells of one release, one row a cell and measure, only series that hold any value."""
        names = self._made.vintages["vintage"].iloc[: self.number + 1].tolist()
        if vintage not in names:
            raise DataError(unknown(f"vintage of {self.dataset}", vintage, names))
        rows = self._rows(drug, None, jurisdiction)
        cells = _plain(self._made.release(names.index(vintage), rows))[[*_KEY, "measure", "value"]]
        return cells[cells.groupby(["jurisdiction", "drug", "measure"])["value"].transform("count") > 0]

    def _rows(self, drug: str | None, measure: str | None, jurisdiction: str | None) -> pd.DataFrame:
        if self.dataset != "vsrr":
            raise DataError(f"{self.dataset} has no drugs and measures to follow; use vintages, until and as_of")
        lives = self._made.lives
        keep = np.ones(len(lives), bool)
        for column, name in (("drug", drug), ("measure", measure), ("jurisdiction", jurisdiction)):
            if name is not None:
                keep &= (lives[column] == name).to_numpy()
        return lives[keep]

    def _prints(self, drug: str, measure: str | None, jurisdiction: str) -> pd.DataFrame:
        """Every print of a series: one row a release, measure and window that it holds, in order of release."""
        require_drug(drug)
        require_jurisdiction(jurisdiction)
        if measure is not None and measure not in get_args(Measure):
            raise DataError(unknown("measure", measure, get_args(Measure)))
        return _prints(self.dataset, self.number, drug, measure, jurisdiction, stamp()).copy()

    @staticmethod
    def _one_each(prints: pd.DataFrame, which: Literal["first", "last"]) -> pd.DataFrame:
        ordered = prints.sort_values(["measure", "month_ending", "known_to", "vintage"], kind="stable")
        found = ordered.drop_duplicates(["measure", "month_ending"], keep=which)
        columns = ["month_ending", "measure", "value", "flag", "vintage", "known_to", "age_months", "typed"]
        return found[columns].reset_index(drop=True)


def archive(dataset: str = "vsrr", as_of: str | date | None = None) -> Archive:
    """Every release of a dataset that could be found, as changes only: what was known, on any day.

    Parameters
    ----------
    dataset
        `vsrr` (provisional overdose deaths) or `cbp-seizures` (fentanyl seized, by fiscal year).
    as_of
        A day; releases that were not surely public by then are left out.

    Raises
    ------
    DataError
        If the dataset has no archive; NotPublished if nothing was public by `as_of`.

    See Also
    --------
    Croushore and Stark 2001, J Econometrics 105:111 : real-time data sets, from which the words come.

    Examples
    --------
    >>> held = archive("vsrr")
    >>> held.history("all", "2023-11", measure="reported")[["vintage", "value"]].head(1).values.tolist()
    [['2024-05-07', 105384]]
    """
    made = store.history(dataset)
    whole = Archive(dataset, len(made.vintages) - 1, made)
    return whole if as_of is None else whole.until(as_of)


@lru_cache(maxsize=256)
def _prints(
    dataset: str, number: int, drug: str, measure: str | None, jurisdiction: str, stamp: object
) -> pd.DataFrame:
    whole = archive(dataset)
    made, rows = whole._made, whole._rows(drug, measure, jurisdiction)
    parts = []
    for each in range(number + 1):
        cells, release = made.release(each, rows), made.vintages.iloc[each]
        typed = whole._typed(cells, np.full(len(cells), each))
        known = {name: pd.Timestamp(release[name]) for name in ("known_from", "known_to")}
        parts.append(_plain(cells).assign(vintage=release["vintage"], **known, typed=typed))
    found = pd.concat(parts, ignore_index=True)
    if found.empty:
        raise NotPublished(f"no release of {dataset} holds {drug} in {jurisdiction}")
    year, month = (found["month_ending"].str[part].astype("int64") for part in (slice(4), slice(5, 7)))
    age = (found["known_to"].dt.year - year) * 12 + found["known_to"].dt.month - month
    return found.assign(age_months=age.astype("int64"))


def _require_months(name: str, months: object, least: int = 0) -> None:
    if isinstance(months, bool) or not isinstance(months, Integral) or months < least:
        raise DataError(f"{name} must be a whole number of at least {least}, not {months!r}")


def _plain(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with plain texts for the categories that hold them in memory."""
    return cells.astype(dict.fromkeys(cells.select_dtypes("category").columns, "str"))
