"""What may be said of a date: the placebo rank decides, and no sentence names a cause."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fentanyl_stats.analysis import events
from fentanyl_stats.data import archive, paths
from fentanyl_stats.errors import DataError, StatsError
from fentanyl_stats.stats import interrupted

DEATHS = "deaths/synthetic-opioids"
ORACLE = pd.read_csv(Path(__file__).parents[1] / "oracles" / "its_t404_expected.csv").to_dict("records")


@pytest.fixture(scope="module")
def quiet() -> events.Finding:
    return events.look(DEATHS, "2022-08")


@pytest.fixture(scope="module")
def loud() -> events.Finding:
    return events.look(DEATHS, "2018-07")


@pytest.mark.parametrize("row", ORACLE, ids=[str(row["window"]) for row in ORACLE])
def test_the_published_placebo(row: dict[str, float]) -> None:
    found = events.look(DEATHS, str(row["date"]), int(row["window"]))
    assert len(found.tried) == row["n_placebo"]
    assert found.p["level"] == pytest.approx(row["placebo_p_level"], abs=1e-9)
    assert found.p["slope"] == pytest.approx(row["placebo_p_slope"], abs=1e-9)
    assert np.log(found.changes["factor"][0]) == pytest.approx(row["log_level"], abs=1e-6)
    assert found.unusual == ()
    again = interrupted.placebo(events.find(DEATHS).load(), str(row["date"]), int(row["window"]))
    assert found.p_t == {"level": again.p_level_t, "slope": again.p_slope_t}


def test_no_more_than_at_other_dates(quiet: events.Finding) -> None:
    assert quiet.unusual == ()
    assert quiet.may == (
        "It may be said that the monthly deaths involving synthetic opioids did not change more about August 2022 than at "
        "other dates, as far as this test can tell."
    )
    assert f"p = {quiet.p_t['level']:.3f}" in quiet.found
    assert f"at least as much at {round(quiet.p_t['level'] * 121)} of the 121 dates" in quiet.found


def test_the_reach_of_the_test_is_said(quiet: events.Finding) -> None:
    assert quiet.windows["window"].tolist() == list(range(6, 25))
    own = quiet.windows.set_index("window").loc[12]
    assert own["p_level_t"] == quiet.p_t["level"] and own["level"] == pytest.approx(quiet.changes["factor"][0])
    low, high = quiet.windows["p_level_t"].min(), quiet.windows["p_level_t"].max()
    assert (
        f"With windows of 6 to 24 months, the level changed by a factor of 0.92 to 1.13, with a placebo p of {low:.3f} to {high:.3f}"
        in quiet.reach
    )
    assert (
        f"stepped up or down by 10% here, this test would have called it unusual with a chance of {quiet.power:.0%}"
        in quiet.reach
    )
    assert 0.2 < quiet.power < 0.4


def test_more_than_at_nearly_all_other_dates(loud: events.Finding) -> None:
    assert loud.p_t["level"] == pytest.approx(1 / 121)
    assert loud.unusual == ("level",)
    assert "about July 2018, in level, more than at nearly all other dates" in loud.may


def test_a_noisy_early_date_is_not_unusual_for_its_size_alone() -> None:
    early = events.look(DEATHS, "2015-01")
    assert early.p["level"] == pytest.approx(1 / 121)
    assert early.p_t["level"] == pytest.approx(6 / 121)
    assert early.unusual == ()


def test_too_few_dates_to_tell() -> None:
    found = events.look("seizures/events", "2022-08", 24)
    assert len(found.tried) == 37
    assert found.too_few
    assert "too few dates can be tried to tell: with 37" in found.may


@pytest.mark.parametrize("nearby", [0, 1, 7])
@pytest.mark.parametrize("date", ["2022-08", "2018-07"])
def test_nothing_is_ever_said_to_cause_work_or_fail(date: str, nearby: int, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue("quiet" if date == "2022-08" else "loud")
    assert found.may_not(nearby).startswith("It may not be said that a policy")
    assert ("hold 7 dated events" in found.may_not(nearby)) == (nearby == 7)
    for words in ("caus", "work", "fail", "effect", "because", "led to", "thanks"):
        assert words not in found.may + found.found + found.reach


def test_every_other_date_has_the_p_of_its_own_test(quiet: events.Finding) -> None:
    rows = events.each(quiet, events.dated()).set_index("id")
    own = interrupted.placebo(events.find(DEATHS).load(), "2023-11")
    assert rows.loc["woodside-summit", "p_level"] == own.p_level
    assert rows.loc["woodside-summit", "p_slope"] == own.p_slope
    assert rows.loc["woodside-summit", "p_level_t"] == own.p_level_t
    assert rows.loc["woodside-summit", "p_slope_t"] == own.p_slope_t
    assert rows.loc["china-suspends-cooperation", "p_level"] == quiet.p["level"]
    assert rows.loc["china-suspends-cooperation", "p_level_t"] == quiet.p_t["level"]
    assert rows.loc["china-suspends-cooperation", "level"] == pytest.approx(quiet.changes["factor"][0])


def test_the_two_changes_and_every_event_as_frames(quiet: events.Finding) -> None:
    assert quiet.changes["p"].round(3).tolist() == [0.711, 0.975]
    assert quiet.changes[["factor", "low", "high"]].round(3).to_numpy().tolist() == [
        [1.037, 0.949, 1.133],
        [0.997, 0.922, 1.078],
    ]
    assert quiet.changes[["se_quasi", "se_hac"]].round(3).to_numpy().tolist() == [[0.042, 0.049], [0.037, 0.018]]
    assert quiet.note.startswith("Segmented quasi-Poisson model of 24 months with the season, dispersion 4.2.")
    assert quiet.frame["fitted"].notna().sum() == 24 and not quiet.frame["provisional"].any()
    rows = events.each(quiet, events.dated())
    assert rows["near"].sum() == len(events.near(quiet, events.dated())) == 7
    assert events.each_sentence(rows).startswith(
        "19 different months hold events; in 2 of them the smaller p is at most 0.025. Of 19 months picked blindly, up to 1 "
    )
    assert events.series()["series"].tolist() == list(events.SERIES)


def test_a_series_that_was_not_published_gives_empty_frames() -> None:
    none = events.look(DEATHS, "2022-08", as_of="2024-09-17")
    assert none.may == f"The series {DEATHS} was not published by 2024-09-17, so there is nothing to fit."
    assert none.found == "Nothing was fitted." and none.may_not(0).startswith("It may not be said that a policy")
    assert none.unusual == () and none.p == {}
    rows = events.each(none, events.dated("2024-09-17"))
    assert none.reach == none.may
    for frame in (none.frame, none.changes, none.tried, none.windows, rows):
        assert frame.empty and frame.attrs["empty"] == "Nothing was fitted."
    assert list(rows) == list(events.each(events.look(DEATHS, "2022-08"), events.dated()))


def test_events_of_a_year_only_have_no_month(quiet: events.Finding) -> None:
    dated = events.dated()
    with (Path(paths.raw()) / "events" / "events.csv").open(encoding="utf-8") as file:
        raw = list(csv.DictReader(file))
    assert set(dated["id"]) == {row["id"] for row in raw if row["precision"] != "year"}
    window = {str(month) for month in pd.period_range("2021-08", "2023-07", freq="M")}
    near = events.near(quiet, dated)
    assert set(near["id"]) == {row["id"] for row in raw if row["precision"] != "year" and row["date"][:7] in window}
    assert events.dated("2000-01-01").empty
    assert events.dated("2022-08-05")["id"].iloc[-1] == "china-suspends-cooperation"


def test_every_series_is_monthly_and_has_a_unit() -> None:
    for name, series in events.SERIES.items():
        found = series.load()
        assert found.index.freqstr == "M", name
        assert len(found) == len(pd.period_range(found.index[0], found.index[-1], freq="M"))
        assert found.notna().all() and (found >= 0).all()
        assert found.attrs["unit"] in ("deaths", "pounds", "seizures")
        assert found.attrs["source"].vintage
        assert len(events.look(name, "2022-08").tried) >= 61


def test_months_by_hand() -> None:
    assert events.find(DEATHS).load()["2022-08"] == 6_324
    rows: dict[tuple[str, bool], float] = {}
    with (Path(paths.raw()) / "cbp-seizures" / "2026-05.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row["month"], row["region"] == "southwest-border")
            rows[key] = rows.get(key, 0.0) + float(row["pounds"])
    pounds = {side: events.find(f"seizures/pounds{side}").load() for side in ("", "-southwest", "-elsewhere")}
    assert pounds["-southwest"]["2022-11"] == pytest.approx(rows["2022-11", True])
    assert pounds["-elsewhere"]["2022-11"] == pytest.approx(rows["2022-11", False])
    assert pounds[""].to_numpy() == pytest.approx((pounds["-southwest"] + pounds["-elsewhere"]).to_numpy())


def test_months_of_the_open_year_are_never_used() -> None:
    months = events.find("seizures/events").load()
    assert months.attrs["provisional_from"] == "2025-10"
    assert str(events.settled(months).index[-1]) == "2025-09"
    assert str(events.dates(months, 12)[-1]) == "2024-10"
    with pytest.raises(StatsError, match=r"are provisional \(from 2025-10\)"):
        interrupted.fit(months, "2025-04")
    with pytest.raises(StatsError, match="months from 2025-10 on are provisional and left out"):
        events.look("seizures/events", "2025-04")


def test_sums_of_twelve_months_are_refused() -> None:
    for name in ("deaths/all", "deaths/heroin"):
        with pytest.raises(DataError, match="sums of 12 months only"):
            events.look(name, "2022-08")
    rolling = archive.series("all").set_index("month_ending")["value"].astype(float)
    with pytest.raises(StatsError, match="12-month sums"):
        interrupted.fit(rolling, "2022-08")
    deaths = events.find(DEATHS).load()
    with pytest.raises(StatsError, match="looks like 12-month sums"):
        interrupted.placebo(deaths.rolling(12).sum().dropna(), "2022-08")


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        ((DEATHS, "2013-06"), StatsError, "date 2013-06 cannot be tried with 12 months on each side; take 2014-01 to 2024-01"),
        ((DEATHS, "2022-13"), StatsError, "is not a month; write YYYY-MM"),
        (("seizures/pounds", "2022-08", 50), StatsError, "a window of 50 months on each side does not fit into 84 settled"),
        (("seizures/pound", "2022-08"), DataError, "did you mean 'seizures/pounds'"),
        (("laboratory-reports", "2022-08"), DataError, "laboratories report by half-year"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(ask: tuple[str, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        events.look(*ask)  # type: ignore[arg-type]
