"""A shown table as CSV (RFC 4180, UTF-8): what a spreadsheet opens, nothing that it would run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MIME = "text/csv"
_FORMULA = re.compile(r"[=@\t\r]|[-+](?![\d.,∞])")


def csv(frame: pd.DataFrame) -> str:
    """The rows of a table with one header line, cells as they are shown, blank where missing.

    Text comes from claims files too. A spreadsheet takes a cell that begins with `=`, `@`, or a sign before anything but
    a number for a formula; such a cell gets an apostrophe, which a spreadsheet does not show.

    Examples
    --------
    >>> import pandas as pd
    >>> print(csv(pd.DataFrame({"place": ["US", "=1+1"], "change": ["-7.1 (-9.0 to -5.2)", None]})), end="")
    place,change
    US,-7.1 (-9.0 to -5.2)
    '=1+1,
    """
    plain = frame.map(_safe).rename(columns=lambda name: _safe(str(name)))
    made: str = plain.to_csv(index=False, lineterminator="\n")
    return made


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
