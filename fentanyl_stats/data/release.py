"""A publisher's file as the table it gives, with the day it came out: as far as file, publisher and clock can tell."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from ..errors import DataError
from ..model import ModelError, last_day
from . import catalog, publishers, tables
from .contracts import CONTRACTS
from .download import PATIENCE, Fetched
from .recipes import Recipe

_OLDEST = timedelta(days=731)  # a file whose newest period ended longer ago is not of the day it claims


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


class _Named(io.BytesIO):
    """Bytes that messages call by a name."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def today() -> date:
    """The day by the clock of this computer."""
    return date.today()


def file(name: str | os.PathLike[str]) -> tuple[bytes, str]:
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


def day(vintage: str) -> date:
    """The day that a vintage names.

    Raises
    ------
    DataError
        If it is not a date.

    Examples
    --------
    >>> day("2025-02")
    datetime.date(2025, 2, 28)
    """
    try:
        return last_day(vintage)
    except ModelError as error:
        raise DataError(f"--vintage {error}") from None


def read(
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
    _plausible(dataset, wanted, frame, known, basis)
    left_out = dict.fromkeys(word for each in frames for word in each.attrs.get("left_out", ()))
    seen = tuple(f"{where} (sha256 {hashlib.sha256(content).hexdigest()})" for content, where in contents)
    frame.attrs.clear()
    return Release(frame, known, name, precision, basis, sent, contents[0][1], seen, tuple(left_out))


def _day(dataset: str, vintage: str, stamp: str, fetched: Fetched | None, sent: date) -> tuple[date, str, str, str]:
    """When the file came out, the vintage's name, and how precisely and whence it is known."""
    if vintage := vintage.strip():
        return day(vintage), vintage, {4: "year", 7: "month"}.get(len(vintage), "day"), "named by hand"
    try:
        if stamp:
            return last_day(stamp), stamp, "day", "date printed in the file"
    except ModelError:
        pass  # a name of the file, not a day
    if fetched and fetched.changed:
        came, basis = fetched.changed.date(), "day on which the publisher last changed the file"
    else:
        came, basis = sent, f"day of the download{'' if fetched and fetched.sent else ' by the clock of this computer'}"
    newest = max(table.known for table in catalog.files(dataset))
    if "clock" in basis and came < newest:
        raise DataError(
            f"the clock of this computer says {came}, but {dataset} holds a vintage of {newest}; "
            "set the clock right, or name the day of the release with --vintage"
        )
    return came, came.isoformat(), "on_or_before", basis


def _plausible(dataset: str, wanted: Recipe, frame: pd.DataFrame, known: date, basis: str) -> None:
    start, end = wanted.newest(frame)
    if not start <= known <= end + _OLDEST:
        raise DataError(
            f"the file's newest period ends on {end}, so it cannot be of {known} ({basis}); "
            "is the clock right? Name the day of the release with --vintage"
        )


def _filled(dataset: str, wanted: Recipe, frame: pd.DataFrame, known: date) -> pd.DataFrame:
    """The table with the earlier rows that this file does not cover, from the vintage before it."""
    earlier = [table for table in catalog.files(dataset) if table.is_frame and table.known < known]
    if wanted.kept is None or not earlier:
        return frame
    old = tables.load(dataset, earlier[-1].vintage)
    kept = old[wanted.kept(old, frame)]
    if kept.empty:
        return frame
    kept.attrs.clear()
    columns = list(old.columns)
    order = [name for name in columns if name in CONTRACTS[dataset].key]
    return pd.concat([kept, frame[columns]]).sort_values(order, ignore_index=True)
