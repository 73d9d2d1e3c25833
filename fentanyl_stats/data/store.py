"""Load a figure table as a typed frame that knows its source, from Parquet that follows its raw file and the code."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tomllib
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import filelock
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import DataError, NotPublished, PartialVintageWarning, unknown
from ..model import Source, __version__
from . import atomic, catalog, names, paths, releases
from .catalog import Table, as_date, known_days
from .catalog import raw_bytes as raw_bytes
from .columns import LAYOUTS, is_typed, layout, read_text, typed

_KEY = b"fentanyl_stats.key"
_PATIENCE = 120.0  # seconds to wait for another process that builds
_RECENT = 32  # tables kept in memory, about half a megabyte each
_SERIES = ("jurisdiction", "drug")
_warned: set[tuple[str, str]] = set()
Stamp = tuple[tuple[str, str, int, int], ...]
_recent: OrderedDict[tuple[int | str, str], pd.DataFrame] = OrderedDict()


def load(
    dataset: str,
    vintage: str | None = None,
    as_of: str | date | None = None,
    jurisdiction: str | None = None,
    drug: str | None = None,
) -> pd.DataFrame:
    """A figure table: the newest vintage, or the newest published on or before `as_of`.

    The newest vintage may hold few places or drugs. With `jurisdiction` or `drug`, each place and drug is taken whole from
    the newest vintage that holds it; without them, a newest vintage that lacks some is warned of, once.

    Parameters
    ----------
    dataset, vintage
        Names as `catalog.datasets` lists them.
    as_of
        A day (date, or text; `2024-09` counts as its last day). Tables dated row by row (`catalog.Table.known_by`) are
        filtered by row: published figures, office counts, events and final deaths keep the rows known on that day.
    jurisdiction, drug
        Only this place (a code of `names.jurisdictions`), only this drug (a slug of `names.drugs`).

    Returns
    -------
    DataFrame
        Columns as in `data/raw/README.md`. Counts are Int64 and rates float64, missing where blank; months,
        FIPS codes and age groups are text; `flag` is text, "" for none (`split_flags`, `has_flag`).
        `.attrs["source"]` is the Source; clear `attrs` before writing Parquet, which cannot hold it. With `jurisdiction`
        or `drug` there is a column `vintage` too, and `.attrs["sources"]` is a tuple of every Source used, newest first.

    Raises
    ------
    DataError
        If the dataset, vintage, place or drug is unknown, the dataset has no such column, nothing was known by `as_of`
        (the earliest is named), the date is not one, or the file is missing, changed or breaks its contract.

    Examples
    --------
    >>> frame = load("vsrr", as_of="2024-09-17")
    >>> frame.attrs["source"].vintage, frame["month_ending"].max()
    ('2024-05-07', '2023-11')
    >>> local = load("vsrr", jurisdiction="WV")
    >>> local.groupby("vintage")["drug"].unique().map(len).to_dict()
    {'2025-01-08': 6, '2025-09-17': 1, '2026-06-27': 1}
    """
    if jurisdiction is not None or drug is not None:
        return _selected(dataset, vintage, as_of, jurisdiction, drug)
    table = catalog.find(dataset, vintage, as_of)
    frame = _as_known(table, as_of)
    if vintage is None and as_of is None:
        _warn_if_partial(table)
    return frame


def load_or_empty(dataset: str, as_of: str | date | None = None) -> pd.DataFrame:
    """A figure table as known on a day; where nothing was, its columns without a row, and `attrs["empty"]` says why.

    Examples
    --------
    >>> print(load_or_empty("cbp-seizures", "2019-01-01").attrs["empty"][:55])
    No vintage of cbp-seizures was published by 2019-01-01;
    """
    try:
        return load(dataset, as_of=as_of)
    except NotPublished as error:
        kinds = LAYOUTS[dataset][0]
        frame = typed(pd.DataFrame(columns=list(kinds), dtype=str), kinds)
        frame.attrs = {"empty": f"{str(error)[0].upper()}{str(error)[1:]}."}
        return frame


def _as_known(table: Table, as_of: str | date | None) -> pd.DataFrame:
    """One vintage with its source; of a table dated row by row, the rows known on that day."""
    frame, source = read(table), table.source
    if table.known_by:
        frame, source = _rows_known(frame, source, None if as_of is None else as_date(as_of))
    frame.attrs["source"] = source
    return frame


def _selected(
    dataset: str, vintage: str | None, as_of: str | date | None, jurisdiction: str | None, drug: str | None
) -> pd.DataFrame:
    """The rows of a place and a drug: each series whole, from the newest vintage that holds it."""
    newest = catalog.find(dataset, vintage, as_of)
    given = (("jurisdiction", jurisdiction, names.require_jurisdiction), ("drug", drug, names.require_drug))
    wanted = {column: require(name) for column, name, require in given if name is not None}
    held = catalog.frames(dataset)
    parts: list[pd.DataFrame] = []
    for table in reversed(held[: held.index(newest) + 1]) if vintage is None else [newest]:
        frame = _as_known(table, as_of) if jurisdiction is None or dataset != "vsrr" else places(table, jurisdiction)
        for column, name in wanted.items():
            if column not in frame:
                raise DataError(f"{dataset} has no column {column}; its columns are {', '.join(frame.columns)}")
            frame = frame[frame[column] == name]
        series = [column for column in _SERIES if column in frame]
        if table.released and vintage is None and "month_ending" in frame and len(frame):
            frame = frame[frame.groupby(series)["month_ending"].transform(releases.is_whole).astype(bool)]
        if parts:
            seen = pd.MultiIndex.from_frame(pd.concat(parts)[series])
            frame = frame[~pd.MultiIndex.from_frame(frame[series]).isin(seen)]
        if len(frame):
            parts.append(frame.assign(vintage=table.vintage))
        if parts and set(_SERIES) & set(frame) == set(wanted):
            break  # one series alone was asked for
    if not parts:
        limit = f"published by {as_date(as_of)}" if as_of is not None else "held"
        raise NotPublished(
            f"{dataset}: no vintage {vintage or limit} has rows of {' in '.join(reversed(wanted.values()))}"
        )
    found = pd.concat(parts).sort_values(series, kind="stable", ignore_index=True)
    sources = tuple(part.attrs["source"] for part in parts)
    found.attrs = {"source": sources[0], "sources": sources}
    return found


def _warn_if_partial(newest: Table) -> None:
    """Say once that the newest vintage lacks places or drugs that older ones hold."""
    if (newest.dataset, newest.vintage) in _warned:
        return
    _warned.add((newest.dataset, newest.vintage))
    older = [table for table in catalog.frames(newest.dataset) if table.known < newest.known]
    missing = {
        f"{len(lost)} {word}{'s' if len(lost) > 1 else ''}"
        for column, word in zip(_SERIES, ("place", "drug"), strict=True)
        if older and (lost := set().union(*(_values(table, column) for table in older)) - _values(newest, column))
    }
    if missing:
        warnings.warn(
            f"{newest.dataset} {newest.vintage}, the newest vintage, lacks {' and '.join(sorted(missing))} that older "
            "vintages hold; name a jurisdiction or a drug to load each from the newest vintage that holds it",
            PartialVintageWarning,
            stacklevel=3,
        )


def _values(table: Table, column: str) -> frozenset[str]:
    """The places or drugs of a table, looked up without its counting as read; empty where it has no such column."""
    if table.released:
        return frozenset()  # a release of the archive holds nothing that the whole tables lack
    frame = _current(table)
    if frame is None:
        try:
            frame = from_raw(table, (paths.raw() / table.path).read_bytes())
        except (OSError, DataError):  # whoever loads that vintage is told what is wrong
            return frozenset()
    return frozenset(frame[column]) if column in frame else frozenset()


def read(table: Table) -> pd.DataFrame:
    """The typed table, from its processed copy where that is current, else rebuilt from raw.

    A missing, stale or damaged copy is rebuilt in silence; where nothing can be written the table is built in
    memory. The raw file is hashed every time.

    Raises
    ------
    DataError
        If the raw file is missing or changed, or breaks its contract.
    """
    content = raw_bytes(table)
    if table.released:
        return _expanded(table)
    frame = _recent.get(_copy(table))
    if frame is None:
        frame = _kept(table, _read_or_build(table, content))
    return frame.copy()


def history(dataset: str) -> releases.Releases:
    """Every release of a dataset that an archive of changes holds, oldest first, and those stored whole since.

    Raises
    ------
    DataError
        If the dataset has no archive (those that have one are named), or a file of it is damaged.

    Examples
    --------
    >>> history("cbp-seizures").vintages["vintage"].tolist()
    ['fy19-fy22', 'fy20-fy23', 'fy23-fy26-dec', 'fy23-fy26-apr']
    """
    changes = changes_of(dataset)
    catalog.note_asked(dataset)
    for table in catalog.entries():
        if table.dataset.startswith(changes.dataset):
            raw_bytes(table)  # a file that is missing or was changed is named, though its releases are in memory
    return _history(changes, touched([changes, *catalog.files(dataset)]))


def changes_of(dataset: str) -> Table:
    """The file of changes that holds the releases of a dataset; a DataError names those that have one."""
    held = {table.releases_of: table for table in catalog.entries() if table.releases_of}
    if dataset not in held:
        raise DataError(unknown("archive", dataset, held) + "; other datasets have no archive of their releases")
    return held[dataset]


@lru_cache(maxsize=4)
def _history(changes: Table, stamp: Stamp) -> releases.Releases:
    listed, runs = catalog.find(f"{changes.dataset}-vintages"), f"{changes.dataset}-coverage"
    covered = [table for table in catalog.entries() if table.dataset == runs]
    vintages, rows = read(listed).assign(source=changes.title), read(changes)
    names = [name for name, _, _ in changes.expansions]
    vintages, rows = (frame[frame["vintage"].isin(names)].reset_index(drop=True) for frame in (vintages, rows))
    made = releases.releases(changes.releases_of, rows, vintages, read(covered[0]) if covered else None)
    for table in catalog.frames(changes.releases_of):
        if table.known.isoformat() > vintages["known_to"].iloc[-1]:  # kept by a refresh since the archive was compiled
            made = releases.appended(made, table.vintage, table.known.isoformat(), read(table), table.title)
    return made


def _expanded(table: Table) -> pd.DataFrame:
    """A release that only the archive holds, as the table of its dataset."""
    made = history(table.dataset)
    return released(made, made.vintages["vintage"].tolist().index(table.vintage))


def released(made: releases.Releases, number: int) -> pd.DataFrame:
    """One release, by its number, as the table of its dataset."""
    return releases.TABLE[made.dataset](made, number)


def places(table: Table, jurisdiction: str) -> pd.DataFrame:
    """What one release of `vsrr` holds of a place: from its table, or from the archive where the table is of the US alone.

    Examples
    --------
    >>> len(places(catalog.find("vsrr", "2018-11"), "WV")) > len(read(catalog.find("vsrr", "2018-11")))
    True
    """
    raw_bytes(table)
    of_us_alone = table.shared and jurisdiction != "US" and bool(table.known_on)
    if table.released or of_us_alone:
        made = history(table.dataset)
        number = made.vintages["vintage"].tolist().index(table.vintage)
        found = releases.wide(made.release(number, made.lives[made.lives["jurisdiction"] == jurisdiction]))
    else:
        frame = read(table)
        found = frame[frame["jurisdiction"] == jurisdiction].reset_index(drop=True)
    found.attrs["source"] = table.source
    return found


def warm() -> None:
    """Take the processed tables that are current into memory, so that processes forked from this one need not read them.

    Their raw files are hashed, and the reading noted, where they are read.
    """
    for table in catalog.entries():
        if table.is_frame and not table.released and (frame := _current(table)) is not None:
            _kept(table, frame)


def _kept(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    _recent[_copy(table)] = frame
    while len(_recent) > _RECENT:
        _recent.popitem(last=False)
    return frame


def stamp(*datasets: str) -> Stamp:
    """What a result kept in memory rests on: it is good while the files of these datasets are as they were, or equal copies.

    Raises
    ------
    DataError
        If a dataset is unknown.

    Examples
    --------
    >>> stamp("nflis")[0][0]
    'nflis/2026-03-03.csv'
    """
    return touched(table for name in datasets for table in catalog.files(name))


def touched(tables: Iterable[Table]) -> Stamp:
    """Path, hash on record, time and size of each file that is there; one that is touched is read, and checked, again.

    Of a file of releases each release that is held counts, so that an archive that was cut is another.
    """
    raw = paths.raw()
    found = []
    for path, release, sha256 in dict.fromkeys((t.path, t.vintage if t.released else "", t.sha256) for t in tables):
        with contextlib.suppress(OSError):
            stat = (raw / path).stat()
            found.append((f"{path}@{release}" if release else path, sha256, stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def build(dataset: str | None = None, progress: Callable[[Table], None] | None = None) -> pd.DataFrame:
    """Build every processed table that is not current, and write `datapackage.json`.

    Parameters
    ----------
    dataset
        Build this one only; by default all.
    progress
        Called with each table before it is read.

    Returns
    -------
    DataFrame
        Columns dataset, vintage, rows, path (of the Parquet file), one row per table.

    Raises
    ------
    DataError
        If the dataset is unknown, a raw file is damaged or breaks its contract, or nothing can be written.
    """
    wanted = catalog.entries() if dataset is None else catalog.files(dataset)
    rows = []
    for table in wanted:
        if table.is_frame and not table.released:
            if progress:
                progress(table)
            _read_or_build(table, raw_bytes(table))
            file = _file(table)
            if _current(table) is None:
                raise DataError(f"{file} cannot be written; make the folder writable or free some space")
            rows.append((table.dataset, table.vintage, table.rows, str(file)))
    _write_package()
    return pd.DataFrame(rows, columns=["dataset", "vintage", "rows", "path"])


def verify() -> pd.DataFrame:
    """Check every raw file against its hash and its contract, reading raw only; no bad table raises.

    Returns
    -------
    DataFrame
        Columns path, dataset, vintage, rows (Int64, missing when unreadable), hash_ok, contract_ok (bool),
        message. A TOML file keeps its contract when it is TOML.
    """
    results = []
    for table in catalog.entries():
        rows, hash_ok, contract_ok, message = pd.NA, False, False, ""
        try:
            content = raw_bytes(table)
            hash_ok = True
            if table.released:
                rows = len(read(table))
            else:
                rows = len(from_raw(table, content)) if table.is_frame else _toml_entries(table, content)
            if table.releases_of:
                _check_expansions(table)
            contract_ok = True
        except DataError as error:
            message = str(error)
        results.append((table.path, table.dataset, table.vintage, rows, hash_ok, contract_ok, message))
    columns = ["path", "dataset", "vintage", "rows", "hash_ok", "contract_ok", "message"]
    return pd.DataFrame(results, columns=columns).astype({"rows": "Int64"})


def _check_expansions(table: Table) -> None:
    """Compare what each release of an archive expands to with the hash on record.

    Raises
    ------
    DataError
        If one differs.
    """
    made = history(table.releases_of)
    for number, (vintage, _, sha256) in enumerate(table.expansions):
        found = releases.expansion_hash(made.dataset, made.release(number))
        if found != sha256:
            raise DataError(
                f"{made.dataset} {vintage}: the archive expands to SHA-256 {found}, on record is {sha256}; restore the "
                "archive from the project"
            )


def from_raw(table: Table, content: bytes) -> pd.DataFrame:
    """The typed table from the bytes of its file, checked against its contract.

    Raises
    ------
    DataError
        Naming dataset, vintage, file, column and row of the first breach, and how many there are.
    """
    from . import schemas  # pandera is slow to import and seldom needed

    try:
        text = read_text(content)
        if table.shared:
            text = text[text["vintage"] == table.vintage].drop(columns=["vintage", "vintage_precision"])
            text = text.assign(jurisdiction="US", percent_complete="", percent_pending="")
        kinds = layout(table.dataset, list(text.columns))
        frame = typed(text[list(kinds)] if table.shared else text, kinds)
        schemas.check(table.dataset, frame)
        if len(frame) != table.rows:
            raise DataError(f"{len(frame)} rows where SOURCES.toml counts {table.rows}; correct the wrong one")
    except DataError as error:
        raise DataError(f"{table.dataset} {table.vintage} ({table.path}): {error}") from None
    return frame.reset_index(drop=True)


def _toml_entries(table: Table, content: bytes) -> int:
    try:
        tomllib.loads(content.decode("utf-8"))
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise DataError(f"{table.dataset} {table.vintage} ({table.path}): not TOML, {error}") from None
    return table.rows


def _read_or_build(table: Table, content: bytes) -> pd.DataFrame:
    frame = _current(table)
    if frame is None:
        file = _file(table)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(paths.processed() / ".lock", timeout=_PATIENCE):
                frame = _current(table)  # another process may have built it meanwhile
                if frame is None:
                    frame = from_raw(table, content)
                    atomic.replace(file, _parquet(frame, _key(table)))
        except (OSError, NotImplementedError):  # read-only, full, or no locks there; Timeout is an OSError
            frame = from_raw(table, content) if frame is None else frame
    return frame


def _current(table: Table) -> pd.DataFrame | None:
    """The processed table, or None if it is missing, stale or damaged."""
    try:
        # a thread costs more than such a file
        held = pq.read_table(_file(table), page_checksum_verification=True, use_threads=False)
        if (held.schema.metadata or {}).get(_KEY) != _key(table).encode():
            return None
        frame: pd.DataFrame = held.to_pandas(use_threads=False)
        return frame if len(frame) == table.rows and is_typed(frame, table.dataset) else None
    except Exception:  # whatever a damaged file makes pyarrow raise: the raw file has the truth
        return None


def _parquet(frame: pd.DataFrame, key: str) -> bytes:
    held = pa.Table.from_pandas(frame, preserve_index=False)
    held = held.replace_schema_metadata({**(held.schema.metadata or {}), _KEY: key.encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(held, sink, write_page_checksum=True)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _write_package() -> None:
    from . import schemas

    folder = paths.processed()
    held = [t for t in catalog.entries() if t.is_frame and not t.released and _current(t) is not None]
    built = [(table, _file(table)) for table in held]
    text = json.dumps(schemas.describe(built, folder), indent=1, ensure_ascii=False) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        atomic.replace(folder / "datapackage.json", text.encode())
    except OSError as error:
        raise DataError(f"{folder} cannot be written ({error.strerror or error}); make it writable") from None


def _file(table: Table) -> Path:
    return paths.processed() / table.dataset / f"{table.vintage}.parquet"


def _copy(table: Table) -> tuple[int | str, str]:
    """A processed copy as it is now, when written or else where, so that the memory forgets one that changed."""
    file = _file(table)
    with contextlib.suppress(OSError):
        return file.stat().st_mtime_ns, _key(table)
    return str(file), _key(table)


def _key(table: Table) -> str:
    """What a processed copy depends on: raw bytes, vintage within the file, code and library versions."""
    parts = (table.sha256, table.dataset, table.vintage, _code())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@lru_cache(maxsize=1)
def _code() -> str:
    """A hash of the modules here and of the versions that shape a Parquet file."""
    sha = hashlib.sha256()
    here = Path(__file__).parent
    for module in sorted([*here.glob("*.py"), *here.glob("*.toml")]):
        sha.update(module.read_bytes())
    sha.update(f"{__version__} {pd.__version__} {pa.__version__}".encode())
    return sha.hexdigest()


def _rows_known(frame: pd.DataFrame, source: Source, day: date | None) -> tuple[pd.DataFrame, Source]:
    """The rows known by `day` (all when None), and the source known when its newest row was."""
    days = known_days(source.id, frame)
    if day is None:
        # A compilation is no older than its newest row.
        return frame, replace(source, known=max(filter(None, (source.known, days.max().date()))))
    then = days <= pd.Timestamp(day)
    if not then.any():
        raise NotPublished(f"no row of {source.id} was known by {day}; the earliest is of {days.min().date()}")
    return frame[then].reset_index(drop=True), replace(source, known=days[then].max().date())
