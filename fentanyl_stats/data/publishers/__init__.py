"""Publisher files as figure tables: one normaliser per format."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import IO

import pandas as pd

from ...errors import DataError, unknown
from . import cbp, nflis, vsrr, wonder
from .sheet import Sheet

__all__ = ["DATASETS", "Readable", "read_bytes", "read_publisher"]

Readable = str | PathLike[str] | IO[bytes] | IO[str] | bytes

_NORMALISERS: dict[str, Callable[[bytes], tuple[Sheet, pd.DataFrame]]] = {
    "cdc-vsrr": vsrr.normalise,
    "cdc-wonder": wonder.normalise,
    "cbp": cbp.normalise,
    "nflis": nflis.normalise,
}

#: The dataset whose figure table each kind gives.
DATASETS = {"cdc-vsrr": "vsrr", "cdc-wonder": "wonder-overdose", "cbp": "cbp-seizures", "nflis": "nflis"}


def read_publisher(kind: str, path_or_buffer: Readable) -> pd.DataFrame:
    """A file as its publisher gives it, as the figure table of its dataset.

    Parameters
    ----------
    kind
        `cdc-vsrr` (data.cdc.gov xkb8-kh2a, CSV or SODA export), `cdc-wonder` (text export by year, or state and
        year), `cbp` (nationwide drug seizures; fentanyl is kept) or `nflis` (Data Query System; salts are summed).
    path_or_buffer
        A path, an open file (text or binary), or the bytes themselves.

    Returns
    -------
    DataFrame
        Columns, types and row order as `load` gives them for the dataset of `DATASETS`. What the file lacks is
        missing and flagged: `suppressed`, `low_quality`, `not_published`, in WONDER exports also
        `not_applicable`. A WONDER export by month gives `month` (`YYYY-MM`) in place of `year`. `.attrs["left_out"]` lists what belongs to
        other tables (indicators, drugs, total rows); `.attrs["notes"]` says what was changed: counts of 1 to 9, which CDC printed
        before October 2019, are held as suppressed, as CDC does since.

    Raises
    ------
    DataError
        If the kind is unknown, the file cannot be read, is a web page, is cut off, lacks a column, holds a row
        twice or a cell that cannot be; the message names line and column.

    Examples
    --------
    >>> text = b"State,Year,Month,Indicator,Data Value\\nUS,2017,May,Heroin (T40.1),\\"15,446\\"\\n"
    >>> read_publisher("cdc-vsrr", text)[["month_ending", "drug", "reported", "flag"]].values.tolist()
    [['2017-05', 'heroin', 15446, 'not_published']]
    """
    if kind not in tuple(_NORMALISERS):  # which asks for no hash
        raise DataError(unknown("kind of publisher file", kind, _NORMALISERS))
    content, name = read_bytes(path_or_buffer)
    try:
        sheet, frame = _NORMALISERS[kind](content)
    except DataError as error:
        raise DataError(f"{name}: {error}") from None
    frame.attrs["left_out"] = sheet.left_out
    frame.attrs["notes"] = sheet.notes
    if sheet.stamp:
        frame.attrs["stamp"] = sheet.stamp
    return frame


def read_bytes(path_or_buffer: Readable) -> tuple[bytes, str]:
    """The bytes of a path or buffer, and a name for messages.

    Raises
    ------
    DataError
        If they cannot be read.
    """
    if isinstance(path_or_buffer, bytes):
        return path_or_buffer, "publisher file"
    try:
        if isinstance(path_or_buffer, (str, PathLike)):
            return Path(path_or_buffer).read_bytes(), str(path_or_buffer)
        content = path_or_buffer.read()
    except (OSError, ValueError, AttributeError) as error:  # a closed file, or text that is not text, is a ValueError
        raise DataError(f"{str(path_or_buffer)[:200]} cannot be read ({error}); name a file") from None
    name = str(getattr(path_or_buffer, "name", "publisher file"))
    return (content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content), name
