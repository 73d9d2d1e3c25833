from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from fentanyl_stats.data.catalog import as_date, entries, known_days
from fentanyl_stats.errors import DataError


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        ("2024-09-17", date(2024, 9, 17)),
        ("2024-09", date(2024, 9, 30)),
        ("2024", date(2024, 12, 31)),
        (date(2024, 9, 17), date(2024, 9, 17)),
        (datetime(2024, 9, 17, 23, 59), date(2024, 9, 17)),
        (pd.Timestamp("2024-09-17"), date(2024, 9, 17)),
    ],
)
def test_days(as_of: str | date, day: date) -> None:
    assert as_date(as_of) == day
    assert type(as_date(as_of)) is date


@pytest.mark.parametrize("as_of", ["", "yesterday", "2024-13", "2024-02-30", "17.09.2024", 20240917, 3.5, True, pd.NaT])
def test_what_is_no_day(as_of: object) -> None:
    with pytest.raises(DataError, match="as_of"):
        as_date(as_of)  # type: ignore[arg-type]


def test_final_years_appeared_one_by_one() -> None:
    frame = pd.DataFrame({"year": [1999, 2021, 2022, 2023, 2024, 2025]})
    days = known_days("nvss-by-drug", frame)
    expected = ["2023-01-19", "2023-01-19", "2024-03-31", "2024-12-19", "2026-02-28"]
    assert days.dt.strftime("%Y-%m-%d").tolist()[:5] == expected
    assert pd.isna(days.iloc[5])  # a year that nobody dated is known to nobody


def test_f209_was_known_with_f208() -> None:
    frame = pd.DataFrame({"id": ["F208", "F209", "F210"], "date_published": ["2024-09-13", "2024-10-07", None]})
    days = known_days("published-figures", frame)
    assert days.dt.strftime("%Y-%m-%d").tolist()[:2] == ["2024-09-13", "2024-09-13"]
    assert pd.isna(days.iloc[2])
    alone = known_days("published-figures", frame[frame["id"] == "F209"])
    assert alone.dt.strftime("%Y-%m-%d").tolist() == ["2024-10-07"]


def test_the_tables_dated_by_row() -> None:
    assert {table.dataset for table in entries() if table.known_by} == {
        "published-figures",
        "dea-offices",
        "events",
        "nvss-by-drug",
    }
