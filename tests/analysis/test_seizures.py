"""Seizures by month, year and place, checked against sums of the raw file and against totals printed elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fentanyl_stats.analysis import seizures
from fentanyl_stats.data import paths
from fentanyl_stats.errors import DataError


def _raw(path: str) -> list[dict[str, str]]:
    with (Path(paths.raw()) / path).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _sum(column: str, keep: Callable[[dict[str, str]], bool]) -> float:
    return sum(float(row[column]) for row in _raw("cbp-seizures/2026-05.csv") if keep(row))


@pytest.mark.parametrize(
    ("year", "region", "component", "said", "half"),
    [
        ("2022", "all", "all", 14_699.88, 0.005),
        ("2022", "all", "ofo", 12_493, 0.5),
        ("2022", "southwest-border", "all", 14_104, 0.5),
        ("2023", "southwest-border", "all", 26_718, 0.5),
        ("2024", "all", "all", 21_889, 0.5),
        ("2024", "southwest-border", "all", 21_148, 0.5),
        ("2024", "northern-border", "all", 43, 0.5),
    ],
)
def test_fiscal_years_add_up_to_the_totals_that_were_printed(
    year: str, region: str, component: str, said: float, half: float
) -> None:
    found = seizures.by_year(seizures.seizures(year, region, component))
    assert found["fiscal_year"].tolist() == [int(year)]
    assert float(found["pounds"].iloc[0]) == pytest.approx(said, abs=half)


def test_months_by_hand() -> None:
    months = seizures.by_month(seizures.seizures()).set_index("month")
    for month in ("2018-10", "2022-11", "2026-04"):
        assert months.loc[month, "events"] == _sum("events", lambda row, m=month: row["month"] == m)  # type: ignore[misc]
        assert months.loc[month, "pounds"] == pytest.approx(_sum("pounds", lambda row, m=month: row["month"] == m))  # type: ignore[misc]
    assert (months.index[0], months.index[-1]) == ("2018-10", "2026-04")
    assert len(months) == 7 * 12 + 7
    assert months.loc["2018-10", "position"] == 1 and months.loc["2019-09", "position"] == 12
    assert months.loc["2025-09", "status"] == "closed" and months.loc["2025-10", "status"] == "open"


def test_an_office_by_hand() -> None:
    found = seizures.offices(seizures.seizures("2023")).set_index("area").loc["Tucson Field Office"]

    def keep(row: dict[str, str]) -> bool:
        return row["fiscal_year"] == "2023" and row["area_of_responsibility"] == "Tucson Field Office"

    pounds, events = _sum("pounds", keep), _sum("events", keep)
    assert found["pounds"] == pytest.approx(pounds) and found["events"] == events
    assert found["share"] == pytest.approx(100 * pounds / _sum("pounds", lambda row: row["fiscal_year"] == "2023"))
    assert found["pounds_per_event"] == pytest.approx(pounds / events)


def test_a_month_without_a_row_is_zero_and_has_no_mean() -> None:
    months = seizures.by_month(seizures.seizures(region="coastal-interior", component="usbp"))
    assert len(months) == 91
    quiet = months[months["events"] == 0]
    assert len(quiet) == 75
    assert (quiet["pounds"] == 0).all() and quiet["pounds_per_event"].isna().all()


def test_the_open_year_is_compared_with_the_same_months_only() -> None:
    rows = seizures.seizures()
    same = seizures.same_months(seizures.by_month(rows)).set_index("fiscal_year")
    assert (same["months"] == 7).all()
    by_hand = _sum("pounds", lambda row: "2024-10" <= row["month"] <= "2025-04")
    assert same.loc[2025, "pounds"] == pytest.approx(by_hand)
    assert seizures.same_months(seizures.by_month(seizures.seizures("2019-2025"))).empty
    assert seizures.offices(rows)["pounds"].sum() == pytest.approx(
        _sum("pounds", lambda row: row["status"] == "closed")
    )  # fmt: skip


def test_concentration_has_bounds_and_no_point() -> None:
    years = seizures.by_year(seizures.seizures()).set_index("fiscal_year")
    raw = [float(row["pounds"]) for row in _raw("cbp-seizures/2026-05.csv") if row["fiscal_year"] == "2023"]
    assert years.loc[2023, "effective_low"] == pytest.approx(sum(raw) ** 2 / sum(w * w for w in raw))
    assert years.loc[2023, "largest_high"] == pytest.approx(sum(sorted(raw)[-10:]) / sum(raw))
    assert (years["effective_low"] <= years["effective_high"]).all()
    assert (years["effective_high"] <= years["events"].astype(float)).all()
    assert (years["largest_low"] < years["largest_high"]).all()


def test_a_year_without_a_seizure_has_no_concentration() -> None:
    years = seizures.by_year(seizures.seizures(region="coastal-interior", component="usbp")).set_index("fiscal_year")
    assert years.loc[2026, "events"] == 0
    assert years.loc[2026, ["effective_low", "largest_high", "pounds_per_event"]].isna().all()


def test_parts_add_up_to_the_whole() -> None:
    rows = seizures.seizures("2021-2026")
    whole = seizures.by_month(rows)["pounds"].sum()
    assert seizures.panels(rows)["pounds"].sum() == pytest.approx(whole)
    assert seizures.panels(rows).groupby(["component", "region"]).size().eq(67).all()
    table = seizures.areas(rows, most=5)
    assert table.to_numpy().sum() == pytest.approx(whole)
    assert table.shape == (6, 67)
    assert table.index[-1].startswith("all ") and (table.index[:5] == seizures.areas(rows, most=9).index[:5]).all()


def test_totals_printed_elsewhere() -> None:
    found = seizures.published_totals().set_index("id")
    assert abs(found.loc["F053b", "difference"]) < 1e-4
    assert found.loc["F053", "months"] == 7  # printed to 3 May: set beside October to April
    assert found.loc["F053", "file"] == pytest.approx(17_117.67, abs=0.005)
    assert found.loc["F051", "file"] == pytest.approx(882.87, abs=0.005)
    assert found.loc["F052", "file"] == pytest.approx(650.41, abs=0.005)
    assert found.loc["F057b", "file"] == pytest.approx(755.15, abs=0.005)
    assert found.loc["F054", "unexplained"] and found.loc[found["difference"].abs() > 10, "unexplained"].all()


@pytest.mark.parametrize(
    ("text", "years"),
    [("2023", (2023, 2023)), ("FY2019-FY2023", (2019, 2023)), (" 2019 – 2021 ", (2019, 2021)), ("ALL", None)],
)
def test_years_as_one_writes_them(text: str, years: tuple[int, int] | None) -> None:
    assert seizures.parse_years(text) == years


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: seizures.seizures("23"), "'23' is not a fiscal year; write all, one year"),
        (lambda: seizures.seizures("2023-2019"), "fiscal years 2023 to 2019 are not in order"),
        (lambda: seizures.seizures("2018"), "fiscal year 2018 is not held; the seizure file has FY2019 to FY2026"),
        (lambda: seizures.seizures("2020-2031"), "fiscal year 2031 is not held"),
        (lambda: seizures.seizures(region="southwest"), "unknown region 'southwest'; did you mean 'southwest-border'"),
        (lambda: seizures.seizures(component="upsb"), "unknown component 'upsb'; did you mean 'usbp'"),
    ],
)
def test_wrong_names_and_years(call: Callable[[], pd.DataFrame], message: str) -> None:
    with pytest.raises(DataError, match=message):
        call()


def test_where_nothing_was_published_every_frame_is_empty_and_says_so() -> None:
    rows = seizures.seizures(as_of="2019-01-01")
    months, years = seizures.by_month(rows), seizures.by_year(rows)
    said = (
        "No vintage of cbp-seizures was published by 2019-01-01; the earliest held is fy19-fy22 (known on 2023-11-08)."
    )
    frames = (rows, months, years, seizures.panels(rows), seizures.areas(rows), seizures.offices(rows),
              seizures.same_months(months), seizures.shares("2019-01-01"), seizures.published_totals("2019-01-01"))  # fmt: skip
    for frame in frames:
        assert frame.empty and frame.attrs["empty"] == said
    assert dict(rows.dtypes) == dict(seizures.seizures().dtypes)
    assert (seizures.closed_sentence(years), seizures.open_sentence(months)) == (said, "")


def test_closed_years_and_the_open_one_are_two_sentences() -> None:
    rows = seizures.seizures()
    closed = seizures.closed_sentence(seizures.by_year(rows))
    now = seizures.open_sentence(seizures.by_month(rows))
    assert "The heaviest is FY2023 with 27,023 pounds in 1,351 seizures; FY2025 had 12,027 pounds" in closed
    assert "FY2026" not in closed
    assert "its 7 months (October to April) hold 6,726 pounds in 563 seizures" in now
    assert "the same months of FY2025 had 7,684 pounds in 607 seizures" in now
    same = seizures.same_months(seizures.by_month(rows)).iloc[-1]
    assert (same["fiscal_year"], same["status"]) == (2026, "open")
    ended = seizures.by_month(seizures.seizures("2019-2023"))
    assert seizures.open_sentence(ended) == "Every fiscal year asked for is closed."


def test_words_for_little_and_for_nothing() -> None:
    def said(*scope: str) -> str:
        return seizures.closed_sentence(seizures.by_year(seizures.seizures(*scope)))

    assert said("2023", "northern-border").startswith(
        "In northern border, ports of entry and Border Patrol, FY2023 had "
    )
    assert said("2026").startswith("No closed fiscal year")
    assert said("2026", "coastal-interior", "usbp").startswith("No seizure is recorded for coasts and interior")
    none = seizures.seizures("2026", "coastal-interior", "usbp")
    assert seizures.panels(none).empty and seizures.areas(none).empty
