"""CDC WONDER text exports: deaths and rates by year, or by state and year."""

from __future__ import annotations

import calendar
import re

import pandas as pd

from ...errors import DataError
from .. import names
from .sheet import Sheet, read

_STATES = {names.jurisdiction_name(code).lower(): code for code in names.jurisdictions() if code not in ("PR", "YC")}
_WITHHELD = ("", "Suppressed", "Unreliable", "Not Applicable", "Missing")
_FLAGS = {"Suppressed": "suppressed", "Unreliable": "unreliable", "Not Applicable": "not_applicable"}
_STATUS = {"": "final", "(provisional)": "provisional", "(provisional and partial)": "partial"}
_ENDS = {
    "": "rate",
    "_lower_95%_confidence_interval": "low",
    "_upper_95%_confidence_interval": "high",
    "_standard_error": "se",
}
_RATES = {
    f"{kind}_rate{long}": f"{kind}_{short}" for kind in ("crude", "age_adjusted") for long, short in _ENDS.items()
} | {"crude_rate": "crude_rate", "age_adjusted_rate": "age_adjusted_rate"}
_KNOWN = {"notes", "state", "state_code", "year", "year_code", "deaths", "population", "%_of_total_deaths", *_RATES}


def normalise(content: bytes) -> tuple[Sheet, pd.DataFrame]:
    """The figure table `wonder-overdose`; total rows are left out, the notes after `---` too.

    Raises
    ------
    DataError
        Naming line and column of the first cell that cannot be, or a grouping that the table does not know.
    """
    sheet = read(content, stop="---")
    prefixes = ("residence_", "occurrence_")
    plain = {key: next((key.removeprefix(p) for p in prefixes if key.startswith(p)), key) for key in sheet.text}
    sheet.names = {plain[key]: name for key, name in sheet.names.items()}
    sheet.text = sheet.text.rename(columns=plain)
    sheet.require("year", "deaths", "population")
    if other := [sheet.names[key] for key in sheet.text if key not in _KNOWN]:
        raise DataError(f"line 1, column {other[0]}: not expected; group the query by year, or state and year, alone")
    total = sheet.column("notes") == "Total"
    sheet.left_out = ["total rows"] if total.any() else []
    sheet.keep(~total)
    label = sheet.column("year").str.extract(r"^((?:19|20)[0-9][0-9])\s*(.*)$")
    year, status = label[0], label[1].map(_STATUS)
    sheet.fail("year", status.isna(), "it must be a year, as 2024 (provisional)")
    if "year_code" in sheet.text:
        sheet.fail("year_code", sheet.column("year_code") != year, "it must be the year beside it")
    us = pd.Series("US", index=sheet.text.index)
    frame = pd.DataFrame(
        {
            "jurisdiction": sheet.mapped("state", _STATES, "it must be a state") if "state" in sheet.text else us,
            "year": year.astype("int64"),
            "deaths": sheet.whole("deaths", _WITHHELD),
            "population": sheet.whole("population", _WITHHELD),
            **{short: sheet.decimal(long, _WITHHELD) for long, short in _RATES.items()},
            "status": status.astype(str),
        }
    )
    frame["flag"] = _flags(sheet, frame)
    sheet.text = sheet.text.assign(state=frame["jurisdiction"], year=year)
    sheet.names = {"state": "State", **sheet.names}
    sheet.stamp = _queried(content)
    sheet.unique("state", "year")
    return sheet, frame.sort_values(["jurisdiction", "year"]).reset_index(drop=True)


def _queried(content: bytes) -> str:
    """The day of the query, which stands in the notes as `Query Date: Sep 24, 2024 2:05:11 PM`."""
    found = re.search(rb"Query Date: ([A-Z][a-z]{2}) (\d{1,2}), (20\d\d)", content)
    months = list(calendar.month_abbr)
    if found is None or (month := found[1].decode()) not in months:
        return ""
    return f"{found[3].decode()}-{months.index(month):02d}-{int(found[2]):02d}"


def _flags(sheet: Sheet, frame: pd.DataFrame) -> pd.Series:
    """Words of withheld cells, and years after 2022 that are divided by the population of 2022."""
    flags = pd.Series("", index=frame.index)
    withheld = [sheet.column(name) for name in ("deaths", "population", *_RATES)]
    for word, flag in _FLAGS.items():
        here = pd.concat([cells == word for cells in withheld], axis=1).any(axis=1)
        flags = flags.where(~here, flags + f";{flag}")
    of_2022 = frame["jurisdiction"].map(frame[frame["year"] == 2022].groupby("jurisdiction")["population"].first())
    carried = (frame["year"] > 2022) & (frame["population"] == of_2022).fillna(False).astype(bool)
    return flags.where(~carried, flags + ";population_2022").str.removeprefix(";")
