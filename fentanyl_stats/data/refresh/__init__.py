"""A publisher's newest file as a new vintage: fetched, read, checked against what is held, tried in a copy, then kept."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd

from ...errors import DataError, FentanylStatsError
from ...model import ModelError, last_day
from .. import catalog, paths, publishers, schemas, store
from ..catalog import Table
from ..contracts import CONTRACTS
from . import download, keep, rules
from .download import PATIENCE, Fetched, Progress, Told
from .rules import RECIPES, Recipe, recipe

ENV = "FENTANYL_STATS_URL"
_OLDEST = timedelta(days=731)  # a file whose newest period ended longer ago is not of the day it claims
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Refreshed(Generic[State]):
    """What a refresh came to.

    `status` is `added`, `would add` (a dry run) or `nothing new`; `previous` are the vintages compared with, `cells`
    the numbers that differ (`rules.cells`), `left_out` what the file holds and the table does not, `notes` what was changed in reading it; `before` and
    `after` are what `judge` gave for the data without and with the new vintage.
    """

    dataset: str
    status: str
    vintage: str
    previous: tuple[str, ...] = ()
    path: str = ""
    rows: int = 0
    sha256: str = ""
    origin: str = ""
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cells: pd.DataFrame | None = None
    before: State | None = None
    after: State | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A normalised file: its table, the day it came out with how that is known, and where it is from."""

    frame: pd.DataFrame
    known: date
    vintage: str
    precision: str
    basis: str
    retrieved: date
    origin: str
    seen_in: tuple[str, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...] = ()


def refreshable() -> list[str]:
    """The datasets with an address, which a refresh without names brings up to date.

    >>> refreshable()
    ['vsrr', 'cbp-seizures']
    """
    return [name for name in RECIPES if address(name)]


def address(dataset: str) -> str:
    """Where the publisher's file, or the page that links to it, lies: "" if it cannot be downloaded.

    The environment variable FENTANYL_STATS_URL_<DATASET> (as FENTANYL_STATS_URL_VSRR) comes before the key
    `download_url` of the newest entry in SOURCES.toml that has one.

    >>> address("nflis")
    ''
    """
    named = os.environ.get(f"{ENV}_{dataset.upper().replace('-', '_')}", "")
    held = [table.download_url for table in catalog.entries() if table.dataset == dataset and table.download_url]
    return named or (held[-1] if held else "")


def require(dataset: str, files: Sequence[str | os.PathLike[str]] = (), url: str = "", vintage: str = "") -> None:
    """Refuse what can be told to be wrong before anything is fetched or read.

    Raises
    ------
    DataError
        If the dataset has no recipe, a file is none, an address is not allowed or there is neither, or the vintage is
        not a date.

    Examples
    --------
    >>> require("vsrr", url="data.cdc.gov")
    Traceback (most recent call last):
    fentanyl_stats.errors.DataError: address 'data.cdc.gov' is not allowed: it must be https://host/…, without a user name
    """
    wanted = recipe(dataset)
    if vintage:
        named_day(vintage)
    for name in files:
        require_file(name)
    if not files:
        download.require_safe(_where(dataset, wanted, url))


def refresh(
    dataset: str,
    *,
    files: Sequence[str | os.PathLike[str]] = (),
    url: str = "",
    vintage: str = "",
    dry_run: bool = False,
    judge: Callable[[], State] | None = None,
    progress: Progress | None = None,
    told: Told | None = None,
) -> Refreshed[State]:
    """Add the publisher's file as a new vintage if it is sound; vintages held are never touched.

    Parameters
    ----------
    dataset
        One of `RECIPES`.
    files
        Files downloaded by hand, read instead of the publisher's address; of rows in several the first is taken.
    url
        Another address than `address` gives.
    vintage
        The day of the release, `YYYY-MM-DD`; by default the one in the file, else the day the publisher says the
        file changed, else the day of the download.
    dry_run
        Check and compare, keep nothing.
    judge
        Called on the data as held and again with the new vintage; what it gives is `before` and `after`.
    progress, told
        As `download.fetch` has them.

    Raises
    ------
    DataError
        If the dataset cannot be refreshed, the download fails, the file is not sound or moves more than it may,
        the readings cannot be made with it, or the folder cannot be written. The data held are then as before.
    """
    wanted = recipe(dataset)
    folder = paths.root()
    if not dry_run:
        keep.require_writable(folder)
    fetched = None if files else _fetch(dataset, wanted, url, progress, told)
    contents = [(fetched.content, fetched.url)] if fetched else [named_file(name) for name in files]
    with contextlib.nullcontext() if dry_run else keep.locked(folder):
        read = read_release(dataset, wanted, contents, fetched, vintage)
        held = _stored(dataset)
        if same := _same(dataset, wanted, held, read.frame):
            return Refreshed(dataset, "nothing new", same.vintage, (), same.path, same.rows, same.sha256, read.origin)
        if read.vintage in {table.vintage for table in held}:
            raise DataError(
                f"{dataset} {read.vintage} is held already, with other numbers; name the day of this release with --vintage"
            )
        earlier = [table for table in held if table.known < read.known]
        schemas.check(dataset, read.frame)
        rules.check(dataset, wanted, earlier, read.frame)
        new = keep.addition(dataset, read.vintage, read.frame, _entry(dataset, wanted, read, earlier))
        cells = _cells(dataset, wanted, earlier, read.frame)
        before = judge() if judge else None
        after = _tried(folder, dataset, new, read, judge)
        if not dry_run:
            keep.add(folder, new)
    status = "would add" if dry_run else "added"
    previous = tuple(cells.attrs["vintages"])
    path, rows, sha256 = (new.entry[key] for key in ("path", "rows", "sha256"))
    file = (path, rows, sha256, read.origin, read.left_out, read.notes)
    return Refreshed(dataset, status, read.vintage, previous, *file, cells, before, after)


def _fetch(dataset: str, wanted: Recipe, url: str, progress: Progress | None, told: Told | None) -> Fetched:
    where = _where(dataset, wanted, url)
    folder = paths.cache() / "downloads"
    fetched = download.fetch(where, folder, progress, told)
    if fetched.kind == "text/html" and wanted.link:
        page = wanted.link(fetched.content.decode("utf-8", "replace"), fetched.url)
        fetched = download.fetch(page, folder, progress, told)
    if fetched.kind == "text/html":
        raise DataError(f"{where} sent a web page, not a table; {wanted.by_hand}, then use --from FILE")
    return fetched


def _where(dataset: str, wanted: Recipe, url: str) -> str:
    where = url or address(dataset)
    if not where:
        raise DataError(f"{dataset} has no address to download from: {wanted.by_hand}, then use --from FILE")
    return where


def _stored(dataset: str) -> list[Table]:
    """The vintages that are stored whole, oldest first; those of an archive can hold single months of a series."""
    return [table for table in catalog.frames(dataset) if not table.released]


def _same(dataset: str, wanted: Recipe, held: Sequence[Table], frame: pd.DataFrame) -> Table | None:
    """The newest vintage that holds the very same table."""
    for table in reversed(held):
        if table.rows == len(frame):
            old = store.load(dataset, table.vintage)
            key = list(CONTRACTS[dataset].key)
            columns = [name for name in frame.columns if name not in wanted.label]
            pair = [each[columns].sort_values(key, ignore_index=True) for each in (old, frame)]
            if pair[0].equals(pair[1]):
                return table
    return None


def _cells(dataset: str, wanted: Recipe, earlier: Sequence[Table], frame: pd.DataFrame) -> pd.DataFrame:
    after = rules.tall(dataset, frame)
    before = rules.held(dataset, earlier, wanted.series) if earlier else after.iloc[:0]
    before = rules.covered(before, after, wanted.series)
    cells = rules.cells(dataset, before, after)
    cells.attrs["vintages"] = sorted(before["vintage"].unique())
    return cells


def _tried(
    folder: Path, dataset: str, new: keep.Addition, read: Release, judge: Callable[[], State] | None
) -> State | None:
    """What `judge` says in a copy of the data folder that holds the new vintage, which must load there as it was read."""
    with keep.copy(folder, plus=new) as copy, paths.using(copy):
        try:
            if not store.load(dataset, read.vintage)[list(read.frame.columns)].equals(read.frame):
                raise DataError("it does not load as it was read")
            return judge() if judge else None
        except FentanylStatsError as error:
            raise DataError(f"the data do not hold together with {dataset} {read.vintage} in them: {error}") from None


def _entry(dataset: str, wanted: Recipe, read: Release, earlier: Sequence[Table]) -> dict[str, Any]:
    """The entry of the new vintage in SOURCES.toml: as those before it where it is the same, new where it is not."""
    before = _stored(dataset)[-1].model_dump(by_alias=True)
    day = f"{read.known.day} {read.known:%B %Y}"
    notes = ["added by data refresh; no person has looked at it"]
    if wanted.kept and earlier:
        notes.append(f"what the file does not cover is carried from vintage {earlier[-1].vintage}")
    notes += read.notes
    if read.left_out:
        notes.append(f"left out, as of other tables: {', '.join(read.left_out)[:500]}")
    same = ("publisher", "publisher_dataset", "publisher_url", "download_url", "unit", "window", "licence")
    return {
        "title": wanted.title.format(day=read.vintage),
        **{key: before[key] for key in same if before[key] or key != "download_url"},
        "vintage": read.vintage,
        "vintage_precision": read.precision,
        "vintage_basis": read.basis,
        "retrieved": read.retrieved.isoformat(),
        "coverage": wanted.coverage(read.frame),
        "method": f"read by fentanyl_stats (read_publisher, kind {wanted.kind}) from the bytes named in seen_in",
        "seen_in": list(read.seen_in),
        "citation": wanted.citation.format(day=day),
        "known_defects": notes,
    }


class _Named(io.BytesIO):
    """Bytes that messages call by a name."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def today() -> date:
    """The day by the clock of this computer."""
    return date.today()


def named_file(name: str | os.PathLike[str]) -> tuple[bytes, str]:
    """Bytes and name of a file downloaded by hand.

    Raises
    ------
    DataError
        If it is no file, cannot be read or is larger than a download may be.
    """
    require_file(name)
    content, shown = publishers.read_bytes(Path(name))
    return content, shown.encode("utf-8", "replace").decode("utf-8")  # a name can hold bytes that are no text


def require_file(name: str | os.PathLike[str]) -> None:
    """Refuse a name that is not one of a file, or of one larger than a download may be.

    Raises
    ------
    DataError
        If it is none; the message says what it is instead.
    """
    path = Path(name)
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:  # a name can hold NUL
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{str(name)!r} cannot be read ({reason}); name the file that you downloaded") from None
    if not path.is_file():
        raise DataError(f"{path} is not a file; name the file that you downloaded")
    if size > PATIENCE.limit:
        raise DataError(f"{path} is larger than {PATIENCE.limit / 1e6:g} MB; is it the right file?")


def named_day(vintage: str) -> date:
    """The day that a vintage names.

    Raises
    ------
    DataError
        If it is not a date.

    Examples
    --------
    >>> named_day("2025-02")
    datetime.date(2025, 2, 28)
    """
    try:
        return last_day(vintage)
    except ModelError as error:
        raise DataError(f"--vintage {error}") from None


def read_release(
    dataset: str,
    wanted: Recipe,
    contents: Sequence[tuple[bytes, str]],
    fetched: Fetched | None,
    vintage: str,
) -> Release:
    """The table of one or several files, completed by what they do not cover.

    Parameters
    ----------
    contents
        Bytes and names of the files; of a row that several hold the first is taken.
    fetched
        What the publisher said of them, if they were downloaded.
    vintage
        The day named by the user, or "".

    Raises
    ------
    DataError
        If a file is not the publisher's, or the day cannot be that of its contents.
    """
    frames = [publishers.read_publisher(wanted.kind, _Named(*content)) for content in contents]
    frame = frames[0]
    key = list(CONTRACTS[dataset].key)
    if len(frames) > 1:
        frame = pd.concat(frames).drop_duplicates(key).sort_values(key, ignore_index=True)
    stamp = max(str(each.attrs.get("stamp", "")) for each in frames)
    sent = fetched.sent.date() if fetched and fetched.sent else today()
    known, name, precision, basis = _day(dataset, vintage, stamp, fetched, sent)
    frame = _filled(dataset, wanted, frame, known)
    newest = wanted.newest(frame)
    end = newest.end_time.date()
    if not newest.start_time.date() <= known <= end + _OLDEST:
        raise DataError(
            f"the file's newest period ends on {end}, so it cannot be of {known} ({basis}); "
            "is the clock right? Name the day of the release with --vintage"
        )
    left_out = dict.fromkeys(word for each in frames for word in each.attrs.get("left_out", ()))
    notes = dict.fromkeys(note for each in frames for note in each.attrs.get("notes", ()))
    seen = tuple(f"{where} (sha256 {hashlib.sha256(content).hexdigest()})" for content, where in contents)
    frame.attrs.clear()
    return Release(frame, known, name, precision, basis, sent, contents[0][1], seen, tuple(left_out), tuple(notes))


def _day(dataset: str, vintage: str, stamp: str, fetched: Fetched | None, sent: date) -> tuple[date, str, str, str]:
    """When the file came out, the vintage's name, and how precisely and whence it is known."""
    if vintage := vintage.strip():
        return named_day(vintage), vintage, {4: "year", 7: "month"}.get(len(vintage), "day"), "named by hand"
    with contextlib.suppress(ModelError):  # it can be a name of the file, not a day
        if stamp:
            return last_day(stamp), stamp, "day", "date printed in the file"
    if fetched and fetched.changed:
        came, basis = fetched.changed.date(), "day on which the publisher last changed the file"
    else:
        what = "the download" if fetched else "the reading of a file by hand"
        came, basis = sent, f"day of {what}{'' if fetched and fetched.sent else ' by the clock of this computer'}"
    newest = max(table.known for table in catalog.files(dataset))
    if "clock" in basis and came < newest:
        raise DataError(
            f"the clock of this computer says {came}, but {dataset} holds a vintage of {newest}; "
            "set the clock right, or name the day of the release with --vintage"
        )
    return came, came.isoformat(), "on_or_before", basis


def _filled(dataset: str, wanted: Recipe, frame: pd.DataFrame, known: date) -> pd.DataFrame:
    """The table with the earlier rows that this file does not cover, from the vintage before it."""
    earlier = [table for table in _stored(dataset) if table.known < known]
    if wanted.kept is None or not earlier:
        return frame
    old = store.load(dataset, earlier[-1].vintage)
    kept = old[wanted.kept(old, frame)]
    if kept.empty:
        return frame
    kept.attrs.clear()
    columns = list(old.columns)
    order = [name for name in columns if name in CONTRACTS[dataset].key]
    return pd.concat([kept, frame[columns]]).sort_values(order, ignore_index=True)
