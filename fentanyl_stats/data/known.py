"""When a figure could be known: as-of dates, and the tables that are dated row by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pandas as pd

from ..errors import DataError
from ..model import ModelError, Source, last_day


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


def _by_column(column: str) -> Callable[[pd.DataFrame], pd.Series]:
    def days(frame: pd.DataFrame) -> pd.Series:
        return _last_days(frame[column])

    return days


def _figures(frame: pd.DataFrame) -> pd.Series:
    """F209 repeats the release that F208 quotes, on a later page: it was known with F208."""
    days = _last_days(frame["date_published"])
    twin = days[frame["id"] == "F208"]
    return days.mask(frame["id"] == "F209", twin.iloc[0]) if len(twin) else days


def _finals(frame: pd.DataFrame) -> pd.Series:
    """Final years appeared one by one: a workbook of 2023-01-19, Data Briefs 491 and 522, the 2024 file."""
    releases = {2022: "2024-03", 2023: "2024-12-19", 2024: "2026-02"}
    years = frame["year"].astype(int)
    return _last_days(years.map(lambda year: "2023-01-19" if year <= 2021 else releases.get(year, "")))


#: Tables whose rows became known at different times, with the day of every row (NaT: not known).
ROW_DATED: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "published-figures": _figures,
    "dea-offices": _by_column("as_of"),
    "events": _by_column("date"),
    "nvss-by-drug": _finals,
}


def known_days(dataset: str, frame: pd.DataFrame) -> pd.Series:
    """The day on which each row could be known (datetime64, NaT where no date is given).

    Parameters
    ----------
    dataset
        One of `ROW_DATED`.
    frame
        The table as `tables.load` gives it.

    Examples
    --------
    >>> frame = pd.DataFrame({"date": ["2008-07", "2024-09-17"]})
    >>> known_days("events", frame).dt.strftime("%Y-%m-%d").tolist()
    ['2008-07-31', '2024-09-17']
    """
    return ROW_DATED[dataset](frame)


def row_source(source: Source, day: date) -> Source:
    """The source of one row of a table whose rows became known on different days: dated by the row, not by the file.

    Examples
    --------
    >>> row_source(Source("nvss-by-drug", vintage="2023-01-19"), date(2024, 12, 19)).vintage
    'rows known 2024-12-19'
    """
    return source if source.id not in ROW_DATED else replace(source, vintage=f"rows known {day}", known=day)


def _last_days(texts: pd.Series) -> pd.Series:
    days = {text: last_day(text) for text in texts.dropna().unique() if text}
    return pd.to_datetime(texts.map(days))
