"""CDC VSRR provisional overdose counts (data.cdc.gov, xkb8-kh2a), in every layout since 2017."""

from __future__ import annotations

import calendar
import re

import pandas as pd

from .. import names
from .sheet import Sheet, read

_CODES = {
    "T40.0-T40.4,T40.6": "opioids",
    "T40.1": "heroin",
    "T40.2": "natural-opioids",
    "T40.3": "methadone",
    "T40.4": "synthetic-opioids",
    "T40.5": "cocaine",
    "T43.6": "psychostimulants",
}
_ELSEWHERE = re.compile(r"number of deaths|percent with drugs specified|.*\(T[0-9][0-9]\.[0-9].*\)", re.IGNORECASE)
_OTHER = "(other)"
_MONTHS = {name.lower(): f"{n:02d}" for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): f"{n:02d}" for n, name in enumerate(calendar.month_abbr) if name}
_MONTHS |= {f"{n}": f"{n:02d}" for n in range(1, 13)} | {f"{n:02d}": f"{n:02d}" for n in range(1, 13)}
#: Flags in the order in which a cell joins them, and the words of a footnote that mean them.
_FOOTNOTES = {"suppressed": "suppress", "low_quality": "low data quality", "underreported": "underreported"}


def normalise(content: bytes) -> tuple[Sheet, pd.DataFrame]:
    """The figure table `vsrr`: eight indicators, counts of 12-month windows.

    Raises
    ------
    DataError
        Naming line and column of the first cell that cannot be.
    """
    sheet = read(content)
    sheet.require("state", "year", "month", "indicator", "data_value")
    sheet.fail("indicator", (drug := _drugs(sheet)).isna(), "it must be an indicator of this dataset")
    sheet.left_out = sorted(sheet.column("indicator")[drug == _OTHER].unique())
    sheet.keep(drug != _OTHER)
    if "period" in sheet.text:
        sheet.mapped("period", {"12 month-ending": "", "12 month ending": ""}, "it must be '12 month-ending'")
    codes = {code.lower(): code for code in names.jurisdictions()}
    year = sheet.column("year").str.removesuffix(".0")
    sheet.fail("year", ~year.str.fullmatch(r"(?:19|20)[0-9][0-9]").astype(bool), "it must be a year of four digits")
    frame = pd.DataFrame(
        {
            "jurisdiction": sheet.mapped("state", codes, "it must be a state code, DC, PR, YC or US"),
            "month_ending": year + "-" + sheet.mapped("month", _MONTHS, "it must be a month"),
            "drug": drug[drug != _OTHER].astype(str),
            "reported": sheet.whole("data_value"),
            "predicted": sheet.whole("predicted_value"),
            "percent_complete": sheet.decimal("percent_complete", top=100).round(9),
            "percent_pending": sheet.decimal("percent_pending_investigation", top=100).round(9),
        }
    )
    frame["flag"] = _flags(sheet, frame)
    frame = _withheld(sheet, frame)
    key = ["jurisdiction", "drug", "month_ending"]
    sheet.text = sheet.text.assign(state=frame["jurisdiction"], indicator=frame["drug"], month=frame["month_ending"])
    sheet.unique("state", "indicator", "month")
    return sheet, frame.sort_values(key).reset_index(drop=True)


def _drugs(sheet: Sheet) -> pd.Series:
    """The slug of every row's indicator, `(other)` for those of other tables, missing where it is unknown."""
    cells = sheet.column("indicator")
    return cells.map({cell: _drug(cell) for cell in cells.unique()})


def _drug(indicator: str) -> str | None:
    if " ".join(indicator.lower().split()) == "number of drug overdose deaths":
        return "all"
    if (match := re.search(r"\(([T0-9., -]+)\)$", indicator)) and (slug := _CODES.get(re.sub(r"\s", "", match[1]))):
        return slug
    return _OTHER if _ELSEWHERE.fullmatch(indicator) else None


def _flags(sheet: Sheet, frame: pd.DataFrame) -> pd.Series:
    notes = sheet.column("footnote")
    told = {
        note: [flag for flag, words in _FOOTNOTES.items() if words in " ".join(note.lower().split())]
        for note in notes.unique()
    }
    joined = notes.map({note: ";".join(flags) for note, flags in told.items()})
    explained = notes.map({note: bool({"suppressed", "low_quality"} & set(flags)) for note, flags in told.items()})
    silent = frame["reported"].isna() & ~explained
    sheet.fail("data_value", silent & frame["predicted"].notna(), "a blank count needs a footnote that says why")
    unsaid = (frame["reported"].isna() | frame["predicted"].isna()) & ~explained
    return joined.where(~unsaid, (joined + ";not_published").str.removeprefix(";"))


def _withheld(sheet: Sheet, frame: pd.DataFrame) -> pd.DataFrame:
    """The table with counts of 1 to 9 held as suppressed, their predictions too: releases before October 2019 printed them."""
    small = frame["reported"].between(1, 9).fillna(False).astype(bool)
    if not small.any():
        return frame
    counts = "1 count" if small.sum() == 1 else f"{int(small.sum())} counts"
    sheet.notes.append(f"{counts} of 1 to 9, which CDC no longer publishes, held as suppressed")
    others = (
        frame["flag"]
        .str.split(";")
        .map(lambda flags: [f for f in flags if f not in ("", "suppressed", "not_published")])
    )
    flag = frame["flag"].mask(small, others.map(lambda flags: ";".join(["suppressed", *flags])))
    return frame.assign(reported=frame["reported"].mask(small), predicted=frame["predicted"].mask(small), flag=flag)
