"""A publisher's table as text, every row knowing its line; cells become values or one clear error here."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from ...errors import DataError

_WHOLE = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.0+)?"
_DECIMAL = r"(?=\.?[0-9])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})?(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,2})?\+?"
_COLUMNS = 1_000
_BYTES_ORDER = (b"\xff\xfe", b"\xfe\xff")


@dataclass
class Sheet:
    """The text of a table: columns under plain names, the index counts the lines of the file.

    `names` gives back the publisher's own column names, `left_out` what was not taken, `notes` what was changed, in words, `stamp` a
    date of the file.
    """

    text: pd.DataFrame
    names: Mapping[str, str]
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stamp: str = ""

    def require(self, *columns: str) -> None:
        """Raise unless all columns are there."""
        missing = [column for column in columns if column not in self.text]
        if missing:
            found = ", ".join(map(repr, self.names.values()))[:300]
            raise DataError(f"line 1: column {', '.join(missing)} is missing; the columns are {found}")

    def keep(self, rows: pd.Series) -> None:
        """Go on with these rows only.

        Raises
        ------
        DataError
            If none is left.
        """
        self.text = self.text[rows]
        if self.text.empty:
            raise DataError("line 2: no row of this file belongs to the table; is it the right file?")

    def column(self, name: str) -> pd.Series:
        """The stripped cells of a column, blank throughout where the file lacks it."""
        if name not in self.text:
            return pd.Series("", index=self.text.index, dtype=str)
        return self.text[name]

    def fail(self, name: str, wrong: pd.Series, right: str) -> None:
        """Raise at the first row where `wrong`."""
        if wrong.any():
            line = wrong.index[int(wrong.to_numpy().argmax())]
            cell = str(self.column(name).loc[line])[:60]
            many = f" ({int(wrong.sum())} such cells)" if wrong.sum() > 1 else ""
            raise DataError(f"line {line}, column {self.names.get(name, name)}: {cell!r} cannot be; {right}{many}")

    def mapped(self, name: str, words: Mapping[str, str], right: str) -> pd.Series:
        """Cells through a dictionary of lower-case words."""
        cells = self.column(name)
        lowered = {cell: words.get(" ".join(cell.lower().split())) for cell in cells.unique()}
        result = cells.map(lowered)
        self.fail(name, result.isna(), right)
        return result

    def whole(self, name: str, blanks: Iterable[str] = ("",)) -> pd.Series:
        """Counts as Int64: commas are thousands, `blanks` are missing, a sign is an error."""
        return self._numbers(name, blanks, _WHOLE, "a whole number").astype("Int64")

    def decimal(self, name: str, blanks: Iterable[str] = ("",), top: float | None = None) -> pd.Series:
        """Numbers as float64; `99.5+` is its lower bound."""
        numbers = self._numbers(name, blanks, _DECIMAL, "a number").astype("float64")
        if top is not None:
            self.fail(name, numbers > top, f"it must be at most {top:g}")
        return numbers

    def _numbers(self, name: str, blanks: Iterable[str], pattern: str, right: str) -> pd.Series:
        cells = self.column(name)
        blank = cells.isin([*blanks])
        self.fail(name, ~cells.str.fullmatch(pattern).astype(bool) & ~blank, f"it must be {right}, 0 or more")
        plain = cells.mask(blank, "").str.replace(",", "", regex=False).str.removesuffix("+")
        return pd.to_numeric(plain.mask(plain == ""), errors="coerce")

    def unique(self, *columns: str) -> None:
        """Raise if two rows agree in all these columns."""
        held = [column for column in columns if column in self.text]
        twice = self.text.duplicated(held)
        if twice.any():
            line = self.text.index[int(twice.to_numpy().argmax())]
            cells = ", ".join(str(self.text.at[line, column])[:40] for column in held)
            named = " + ".join(self.names[column] for column in held)
            raise DataError(
                f"line {line}, column {named}: {cells} stands in an earlier line too ({int(twice.sum())} such lines)"
            )


def read(content: bytes, stop: str = "") -> Sheet:
    """The table of a text file, comma- or tab-separated; lines from the first that begins with `stop` are left.

    Raises
    ------
    DataError
        If it is empty, a web page, not UTF-8, has an unclear header or a row of the wrong length; names the line.
    """
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",", strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        header = [" ".join(name.split()) for name in next(reader, [])]
        start, width = reader.line_num + 1, len(header)
        if width > _COLUMNS:
            raise DataError(
                f"line 1: {width:,} columns where a publisher's table has a few dozen; is it the right file?"
            )
        for row in reader:
            if stop and row and row[0].startswith(stop):
                break
            if len(row) != width:
                if any(row):
                    raise DataError(f"line {start}: {len(row)} cells where the header has {width}; is the file whole?")
            else:
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"line {reader.line_num}: not a readable table ({error}); is the file whole?") from None
    keys = [re.sub(r"[^a-z0-9%]+", "_", name.lower()).strip("_") for name in header]
    seen = Counter(keys)
    twice = sorted({header[i] for i, key in enumerate(keys) if seen[key] > 1})
    if twice or not any(keys):
        raise DataError(f"line 1: {f'column {twice[0]} is named twice' if twice else 'there is no header'}")
    if not rows:
        raise DataError("line 2: the file has a header and no rows; is it whole?")
    cells = [[cell.strip() for cell in row] for row in rows]
    frame = pd.DataFrame(cells, columns=keys, index=lines, dtype=str)
    return Sheet(frame, dict(zip(keys, header, strict=True)))


def _decoded(content: bytes) -> str:
    if content.startswith(_BYTES_ORDER) or b"\0" in content:
        raise DataError("line 1: not UTF-8 text (UTF-16, a workbook or another binary file); save it as CSV UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(f"line {line}: not UTF-8 text; save it as CSV UTF-8") from None
    if not text.strip():
        raise DataError("line 1: the file is empty")
    if text.lstrip()[:1] in "<{[":
        what = "a web page" if text.lstrip()[0] == "<" else "JSON"
        raise DataError(f"line 1: this is {what}, not a table; download the CSV export")
    return text.lstrip("\r\n")
