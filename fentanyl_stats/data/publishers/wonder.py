"""CDC WONDER text exports: deaths and rates by year, by month, or by state and either."""

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
_LABEL = r"^((?:19|20)[0-9][0-9])\s*(.*)$"
_MONTH = r"^([A-Z][a-z]{2})[a-z]*\.?,?\s+((?:19|20)[0-9][0-9])\s*(.*)$"
_KNOWN = {
    "notes",
    "state",
    "state_code",
    "year",
    "year_code",
    "month",
    "month_code",
    "deaths",
    "population",
    "%_of_total_deaths",
    *_RATES,
}


def normalise(content: bytes) -> tuple[Sheet, pd.DataFrame]:
    """The figure table `wonder-overdose`, or the like with `month` for `year`; total rows and the notes after `---` are left out.

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
    by_month = "month" in plain.values()
    sheet.require(*(("month", "deaths") if by_month else ("year", "deaths", "population")))
    if other := [sheet.names[key] for key in sheet.text if key not in _KNOWN]:
        raise DataError(
            f"line 1, column {other[0]}: not expected; group the query by year or month, or by state and one of them, alone"
        )
    total = sheet.column("notes") == "Total"
    sheet.left_out = ["total rows"] if total.any() else []
    sheet.keep(~total)
    period, status = _months(sheet) if by_month else _years(sheet)
    us = pd.Series("US", index=sheet.text.index)
    frame = pd.DataFrame(
        {
            "jurisdiction": sheet.mapped("state", _STATES, "it must be a state") if "state" in sheet.text else us,
            **({"month": period} if by_month else {"year": period.astype("int64")}),
            "deaths": sheet.whole("deaths", _WITHHELD),
            "population": sheet.whole("population", _WITHHELD),
            **{short: sheet.decimal(long, _WITHHELD) for long, short in _RATES.items()},
            "status": status.astype(str),
        }
    )
    frame["flag"] = _flags(sheet, frame)
    unit = "month" if by_month else "year"
    sheet.text = sheet.text.assign(state=frame["jurisdiction"], **{unit: period})
    sheet.names = {"state": "State", **sheet.names}
    sheet.stamp = _queried(content)
    sheet.unique("state", unit)
    return sheet, frame.sort_values(["jurisdiction", unit]).reset_index(drop=True)


def _years(sheet: Sheet) -> tuple[pd.Series, pd.Series]:
    """The year of each row, and whether its deaths are final."""
    label = sheet.column("year").str.extract(_LABEL)
    year, status = label[0], label[1].map(_STATUS)
    sheet.fail("year", status.isna(), "it must be a year, as 2024 (provisional)")
    if "year_code" in sheet.text:
        sheet.fail("year_code", sheet.column("year_code") != year, "it must be the year beside it")
    return year, status


def _months(sheet: Sheet) -> tuple[pd.Series, pd.Series]:
    """The month of each row, `YYYY-MM`, from a label such as `Jan., 2018`, and whether its deaths are final."""
    label = sheet.column("month").str.extract(_MONTH)
    numbers = {name: f"{number:02d}" for number, name in enumerate(calendar.month_abbr) if name}
    month, status = label[1] + "-" + label[0].map(numbers), label[2].map(_STATUS)
    sheet.fail("month", month.isna() | status.isna(), "it must be a month, as Jan., 2024 (provisional)")
    if "month_code" in sheet.text:
        sheet.fail(
            "month_code", sheet.column("month_code").str.replace("/", "-") != month, "it must be the month beside it"
        )
    if "year_code" in sheet.text:
        sheet.fail(
            "year_code", sheet.column("year_code") != month.str[:4], "it must be the year of the month beside it"
        )
    return month, status


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
    if "year" not in frame:
        return flags.str.removeprefix(";")
    of_2022 = frame["jurisdiction"].map(frame[frame["year"] == 2022].groupby("jurisdiction")["population"].first())
    carried = (frame["year"] > 2022) & (frame["population"] == of_2022).fillna(False).astype(bool)
    return flags.where(~carried, flags + ";population_2022").str.removeprefix(";")
