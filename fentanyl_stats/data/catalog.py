"""SOURCES.toml read as entries: which datasets and vintages are held, when each could be known, which were read."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import DataError, NotPublished, unknown
from ..model import ModelError, Source, last_day
from . import paths
from .columns import read_text

_KINDS = {"rows": "int"} | dict.fromkeys(
    ("known_defects", "known_through", "known_with", "expansions", "typed", "held_as"), "list"
)
_OF_SOURCE = ("title", "publisher", "url", "vintage", "citation", "licence", "path", "sha256")
_TEXTS = ("title", "publisher", "coverage", "licence")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Table(BaseModel):
    """One figure table, as an entry of SOURCES.toml gives it: a file, or one vintage of a file that holds several.

    `path` is relative to the raw folder; `rows` are the data rows of this vintage; `shared` says that the file holds
    other vintages too. Where rows became known at different times, `known_by` is the column that dates them: as a day, or,
    with `known_through`, as a year, each pair giving a year and the day by which all years through it were known; a row of
    `known_with` repeats the release of another row, and was known with it.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    dataset: str
    vintage: str
    vintage_precision: str
    title: str
    publisher: str
    url: str = Field(alias="publisher_url")
    coverage: str
    unit: str
    window: str
    licence: str
    citation: str
    sha256: str
    rows: int = Field(strict=True)
    known_defects: tuple[str, ...]
    publisher_dataset: str = ""
    download_url: str = ""
    known_by: str = ""
    known_through: tuple[tuple[int, str], ...] = ()
    known_with: tuple[tuple[str, str], ...] = ()
    known_in: str = ""
    known_on: str = ""
    releases_of: str = ""
    expansions: tuple[tuple[str, int, str], ...] = ()
    typed: tuple[str, ...] = ()
    held_as: tuple[tuple[str, str], ...] = ()
    shared: bool = False
    released: bool = False

    @cached_property
    def known(self) -> date:
        """The day from which the vintage was surely public: the last that its name can mean, or a later one on record."""
        return date.fromisoformat(self.known_on) if self.known_on else last_day(_ends(self.vintage)[-1])

    @property
    def is_frame(self) -> bool:
        """Whether the file is a CSV; the others are TOML, read by the ledger."""
        return self.path.endswith((".csv", ".csv.xz"))

    @property
    def source(self) -> Source:
        """The table as a Source that travels with its numbers."""
        return Source(id=self.dataset, known=self.known, **{name: getattr(self, name) for name in _OF_SOURCE})


_read: dict[Table, None] = {}
_asked: set[str] = set()


def entries() -> tuple[Table, ...]:
    """Every figure table of `raw/SOURCES.toml`, oldest vintage first within a dataset.

    Raises
    ------
    DataError
        If SOURCES.toml is not TOML, an entry lacks a key or names a path outside the folder, or two CSV files
        claim the same dataset and vintage.
    """
    file = paths.raw() / "SOURCES.toml"
    stat = file.stat()
    return _entries(file, stat.st_mtime_ns, stat.st_size)


def datasets() -> pd.DataFrame:
    """What is held: one row per dataset and vintage.

    Returns
    -------
    DataFrame
        Columns dataset, vintage, title, publisher, coverage, rows, licence. Where several files share dataset
        and vintage, their texts are joined; `rows` are those `load` gives, or the entries of TOML files.

    Examples
    --------
    >>> held = datasets()
    >>> int(held.query("dataset == 'vsrr' and vintage == '2025-01-08'").rows.iloc[0])
    45540
    """
    groups: dict[tuple[str, str], list[Table]] = {}
    for table in entries():
        groups.setdefault((table.dataset, table.vintage), []).append(table)
    rows = []
    for (dataset, vintage), group in groups.items():
        count = sum(table.rows for table in [t for t in group if t.is_frame] or group)
        texts = {name: "; ".join(dict.fromkeys(getattr(table, name) for table in group)) for name in _TEXTS}
        rows.append({"dataset": dataset, "vintage": vintage, "rows": count, **texts})
    return pd.DataFrame(rows, columns=["dataset", "vintage", "title", "publisher", "coverage", "rows", "licence"])


def find(dataset: str, vintage: str | None = None, as_of: str | date | None = None) -> Table:
    """The table of a dataset: the newest vintage, the newest known on `as_of`, or the one named.

    Tables dated row by row (`Table.known_by`) are not hidden by their vintage: loading filters their rows.

    Raises
    ------
    DataError
        If the dataset or vintage is not held (close names are given), if it is TOML, if nothing was published
        by `as_of` (the earliest is named), or if the vintage asked for is younger than `as_of`.

    Examples
    --------
    >>> find("vsrr").vintage, find("vsrr", as_of="2024-09-17").vintage
    ('2026-09-16', '2024-05-07')
    """
    day = None if as_of is None else as_date(as_of)
    note_asked(str(dataset))
    every = entries()
    held = [table for table in every if table.dataset == dataset and table.is_frame]
    if not held:
        if any(table.dataset == dataset for table in every):
            raise DataError(f"dataset {dataset!r} is TOML, not a table; read it with fentanyl_stats.claims()")
        raise DataError(unknown("dataset", dataset, {table.dataset for table in every if table.is_frame}))
    if held[-1].known_by:
        day = None
    if vintage is not None:
        named = [table for table in held if _covers(table, vintage)]
        if not named:
            raise DataError(unknown(f"vintage of {dataset}", vintage, [table.vintage for table in held]))
        if day and named[0].known > day:
            raise DataError(
                f"{dataset} {vintage} was published by {named[0].known}, after as_of {day}; leave one of the two out"
            )
        return named[0]
    then = [table for table in held if day is None or table.known <= day]
    if not then:
        raise NotPublished(
            f"no vintage of {dataset} was published by {day}; the earliest held is {held[0].vintage} "
            f"(known on {held[0].known})"
        )
    return then[-1]


def frames(dataset: str, known: date | None = None) -> list[Table]:
    """The tables of a dataset, oldest first: all, or those published by a day.

    Raises
    ------
    DataError
        If the dataset is unknown.

    Examples
    --------
    >>> [table.vintage for table in frames("vsrr", date(2019, 1, 1))]
    ['2017-12-16', '2018-03-29', '2018-04-30']
    """
    return [table for table in files(dataset) if table.is_frame and (known is None or table.known <= known)]


def files(dataset: str) -> tuple[Table, ...]:
    """All files of a dataset, TOML too, oldest first.

    Raises
    ------
    DataError
        If the dataset is unknown.

    Examples
    --------
    >>> [table.path for table in files("events")]
    ['events/events.csv', 'events/sources.toml']
    """
    note_asked(str(dataset))
    every = entries()
    found = tuple(table for table in every if table.dataset == dataset)
    if not found:
        raise DataError(unknown("dataset", dataset, {table.dataset for table in every}))
    return found


def as_date(as_of: str | date) -> date:
    """An as-of date as a day; a short text counts as its last day.

    Raises
    ------
    DataError
        If it is neither a date nor a text of the form YYYY, YYYY-MM or YYYY-MM-DD.

    Examples
    --------
    >>> as_date("2024-09")
    datetime.date(2024, 9, 30)
    """
    try:
        if isinstance(as_of, datetime) and not pd.isna(as_of):  # pandas' Timestamp is one too, and so is NaT
            return as_of.date()
        if isinstance(as_of, date) and not pd.isna(as_of):
            return as_of
        if isinstance(as_of, str):
            return last_day(as_of)
    except (ModelError, ValueError) as error:
        raise DataError(f"as_of: {error}") from None
    raise DataError(f"as_of must be a date or a text such as '2024-09-17', not {type(as_of).__name__}")


def known_days(dataset: str, frame: pd.DataFrame) -> pd.Series:
    """The day on which each row of a table that is dated row by row could be known (datetime64, NaT where none is given).

    Parameters
    ----------
    dataset
        One whose entry in SOURCES.toml has `known_by`: published-figures, dea-offices, events, nvss-by-drug.
    frame
        The table as `store.load` gives it.

    Examples
    --------
    >>> frame = pd.DataFrame({"date": ["2008-07", "2024-09-17"]})
    >>> known_days("events", frame).dt.strftime("%Y-%m-%d").tolist()
    ['2008-07-31', '2024-09-17']
    """
    entry = find(dataset)
    dates = frame[entry.known_by]
    if entry.known_through:
        dates = dates.map(lambda year: next((day for last, day in entry.known_through if year <= last), ""))
    days = pd.to_datetime(dates.map({text: _timestamp(text) for text in dates.dropna().unique() if text}))
    if entry.known_in:
        days = _days_in(entry.known_in, frame).fillna(days)
    for row, other in entry.known_with:
        found = days[frame["id"] == other]
        days = days.mask(frame["id"] == row, found.iloc[0]) if len(found) else days
    return days


def _days_in(dataset: str, frame: pd.DataFrame) -> pd.Series:
    """The day of each final total that another table dates, by year and drug; NaT where it does not."""
    if "drug" not in frame:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]")
    listed = read_text(raw_bytes(find(dataset)))[["year", "drug", "known"]]
    day = {(year, drug): _timestamp(known) for year, drug, known in listed.itertuples(index=False)}
    totals = frame["drug"].where(frame["sex"] == "all") if "sex" in frame else frame["drug"]
    cells = zip(frame["year"].astype(str), totals, strict=True)
    return pd.Series([day.get(cell, pd.NaT) for cell in cells], index=frame.index, dtype="datetime64[ns]")


def row_source(source: Source, day: date) -> Source:
    """The source of one row of a table whose rows became known on different days: dated by the row, not by the file.

    Examples
    --------
    >>> row_source(Source("nvss-by-drug", vintage="2023-01-19"), date(2024, 12, 19)).vintage
    'rows known 2024-12-19'
    """
    dated = any(table.dataset == source.id and table.known_by for table in entries())
    return replace(source, vintage=f"rows known {day}", known=day) if dated else source


@lru_cache(maxsize=4096)
def _timestamp(text: str) -> pd.Timestamp:
    return pd.Timestamp(last_day(text))


def raw_bytes(table: Table) -> bytes:
    """The bytes of a raw file, checked against SOURCES.toml.

    Raises
    ------
    DataError
        If the file is missing, or its SHA-256 is not the one on record.
    """
    file = paths.raw() / table.path
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DataError(
            f"{table.dataset} {table.vintage}: {file} cannot be read ({error.strerror or error}); "
            "restore the file from the project or reinstall the package"
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != table.sha256:
        raise DataError(
            f"{table.dataset} {table.vintage}: {file} is not the file on record: expected SHA-256 "
            f"{table.sha256}, found {found}; restore it, or record the new hash in SOURCES.toml if the "
            "change is meant"
        )
    note_read(table)
    return content


def note_read(table: Table) -> None:
    """Remember that the bytes of a table were read and its hash was right."""
    _read[table] = None


def note_asked(dataset: str) -> None:
    """Remember that a dataset was looked up in the catalogue, whether or not a table of it was then read."""
    _asked.add(dataset)


def datasets_asked() -> tuple[str, ...]:
    """Every dataset looked up by this process, sorted: whose list of vintages decided what was read.

    Examples
    --------
    >>> _ = find("vsrr")
    >>> "vsrr" in datasets_asked()
    True
    """
    return tuple(sorted(_asked))


def tables_read() -> tuple[Table, ...]:
    """Every table read by this process, CSV and TOML, sorted by dataset, vintage and path.

    A table that was only looked up in the catalogue is not among them; one whose rows were kept in memory by an earlier
    call is, since the process read it then.

    Examples
    --------
    >>> from fentanyl_stats.data import store
    >>> _ = store.load("nvss-t404-month")
    >>> "nvss-t404-month/final.csv" in [table.path for table in tables_read()]
    True
    """
    return tuple(sorted(_read, key=lambda table: (table.dataset, table.vintage, table.path)))


@lru_cache(maxsize=8)
def _entries(file: Path, mtime: int, size: int) -> tuple[Table, ...]:
    try:
        listed = tomllib.loads(file.read_text("utf-8")).get("table", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{file} cannot be read: {error}; restore it from the project") from None
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise DataError(f"{file} cannot be read: table must be written [[table]]; restore it from the project")
    if not listed:
        raise DataError(f"{file} names no table; restore it from the project")
    whole = [_table(entry, number) for number, entry in enumerate(listed, 1)]
    tables = [part for table in whole for part in _split(table, file.parent)]
    for table in whole:
        if table.releases_of:
            tables = _with_releases(tables, table, file.parent)
    tables.sort(key=lambda table: (table.dataset, table.known, table.vintage, table.path))
    counts = Counter((table.dataset, table.vintage) for table in tables if table.is_frame)
    if twice := [f"{dataset} {vintage}" for (dataset, vintage), count in counts.items() if count > 1]:
        raise DataError(f"SOURCES.toml names two CSV files for {twice[0]}; give each its own vintage")
    return tuple(tables)


def _table(entry: dict[str, Any], number: int) -> Table:
    where = f"SOURCES.toml, entry {number} ({entry.get('path', 'no path')})"
    try:
        table = Table.model_validate(entry)
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        kind = _KINDS.get(key, "str")
        raise DataError(f"{where}: key {key!r} must be given as {kind}") from None
    path = Path(table.path)
    if path.is_absolute() or ".." in path.parts or not path.name.endswith((".csv", ".csv.xz", ".toml")):
        raise DataError(f"{where}: path must be a .csv, .csv.xz or .toml inside the raw folder")
    if not all(map(_NAME.fullmatch, (table.dataset, *_ends(table.vintage)))):
        raise DataError(f"{where}: dataset and vintage must be plain names such as 'vsrr' and '2025-01-08'")
    try:
        last_day(_ends(table.vintage)[-1])
    except ModelError as error:
        raise DataError(f"{where}: vintage {error}") from None
    return table


def _split(table: Table, raw: Path) -> list[Table]:
    """The vintages of a file that holds several (a range in SOURCES.toml, a column `vintage` in the file).

    A file that is missing or not readable stays one entry: loading it says what is wrong.
    """
    if len(_ends(table.vintage)) == 1 or not table.is_frame:
        return [table]
    try:
        text = read_text((raw / table.path).read_bytes())
        counts = text.groupby(["vintage", "vintage_precision"]).size()
        parts = ({"vintage": v, "vintage_precision": p, "rows": int(n)} for (v, p), n in counts.items())
        return [table.model_copy(update={**part, "shared": True}) for part in parts]
    except (OSError, DataError, KeyError):
        return [table]


def _with_releases(tables: list[Table], changes: Table, raw: Path) -> list[Table]:
    """The tables, each dated by the archive of its dataset, and those releases that only the archive holds.

    Where the list of releases cannot be read the tables stay as they are: loading it says what is wrong.
    """
    try:
        listed = read_text((raw / changes.path).with_name("vintages.csv").read_bytes())
        known = dict(zip(listed["vintage"], listed["known_to"], strict=True))
        days = {name: date.fromisoformat(day).isoformat() for name, day in known.items()}
    except (OSError, DataError, KeyError, ValueError):
        return tables
    of, whole = changes.releases_of, dict(changes.held_as)
    held = [table for table in tables if table.dataset == of and table.is_frame]
    rows = {name: count for name, count, _ in changes.expansions}
    stored = {whole.get(name, name): day for name, day in days.items() if name in rows}
    dated = [
        table.model_copy(update={"known_on": stored[table.vintage]})
        if table.dataset == of and table.vintage in stored
        else table
        for table in tables
    ]
    for name, day in days.items():
        if name in rows and not any(_covers(table, whole.get(name, name)) for table in held):
            part = {"dataset": of, "vintage": name, "vintage_precision": "on_or_before", "rows": rows[name]}
            typed = " (rows of the United States keyed from displayed text)" if name in changes.typed else ""
            part |= {"title": f"{changes.title.partition(', ')[0]}, release of {name}{typed}"}
            part |= {"known_on": day, "known_by": "", "releases_of": "", "released": True}
            dated.append(changes.model_copy(update=part))
    return dated


def _covers(table: Table, vintage: str) -> bool:
    first, *rest = _ends(table.vintage)
    return first <= str(vintage) <= rest[-1] if rest else vintage == first


def _ends(vintage: str) -> list[str]:
    """`2017-12-16 to 2019-10-12` as its ends, any other vintage as itself."""
    return vintage.split(" to ")
