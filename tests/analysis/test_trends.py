"""Yearly rates from the embedded tables, and the trends fitted to them."""

from __future__ import annotations

import pandas as pd
import pytest

from fentanyl_stats.analysis import trends
from fentanyl_stats.data import store
from fentanyl_stats.errors import DataError, NotPublished
from fentanyl_stats.stats import joinpoint


def test_rates_are_those_of_wonder() -> None:
    us = trends.death_rates().set_index("year")
    assert us.loc[2022, "rate"] == pytest.approx(32.6, abs=0.05)
    assert us.loc[2022, "deaths"] == 107_941
    assert 2023 not in us.index


def test_crude_rates_of_a_drug_use_the_population_of_the_year() -> None:
    people = store.load("population-us-age").groupby("year")["population"].sum()
    rates = trends.death_rates("crude", "synthetic-opioids", last=2024).set_index("year")
    assert rates.loc[2024, "rate"] == pytest.approx(47_735 / people[2024] * 1e5)
    assert (rates["low"] < rates["rate"]).all()


def test_the_years_run_to_the_newest_final_one() -> None:
    finals, wonder = store.load("nvss-by-drug"), store.load("wonder-overdose")
    crude = trends.death_rates("crude", "synthetic-opioids")
    assert crude["year"].max() == finals.loc[finals["drug"] == "synthetic-opioids", "year"].max() == 2024
    for place in ("US", "WV"):
        adjusted = trends.death_rates(jurisdiction=place)
        assert adjusted["year"].max() == wonder.loc[wonder["status"] == "final", "year"].max()
        assert adjusted["year"].min() == 1999
        assert trends.death_rates(jurisdiction=place, last=2016)["year"].max() == 2016


def test_what_is_not_held_is_said() -> None:
    with pytest.raises(NotPublished, match="crude rates of a drug are of the United States"):
        trends.death_rates("crude", "heroin", "OH")
    with pytest.raises(DataError, match="did you mean 'age-adjusted'"):
        trends.death_rates("age-adjustd")
    with pytest.raises(DataError, match="upside down"):
        trends.death_rates(first=2020, last=2010)
    with pytest.raises(NotPublished, match="is held for US from 2030 to"):
        trends.death_rates(first=2030)


def test_what_was_not_published_is_an_empty_frame() -> None:
    for rates in (
        trends.death_rates(as_of="2024-01-01"),
        # the population of the year came out after the day, though the deaths were known
        trends.death_rates("crude", "synthetic-opioids", as_of="2024-09-17"),
    ):
        assert rates.empty and list(rates) == list(trends.death_rates())
        assert "so there is no rate and no trend to show as of that day" in rates.attrs["empty"]
    assert "by 2024-01-01" in trends.death_rates(as_of="2024-01-01").attrs["empty"]


def test_years_without_a_rate_are_counted_not_filled() -> None:
    south_dakota = trends.death_rates(jurisdiction="ND")
    assert south_dakota.attrs["missing"] > 0
    assert south_dakota["rate"].notna().all()


@pytest.fixture(scope="module")
def fits() -> dict[str, joinpoint.Fit]:
    made = {}
    for place in ("US", "WV"):
        rates = trends.death_rates(jurisdiction=place)
        made[place] = joinpoint.fit(rates["year"], rates["rate"], se=rates["se"], max_joinpoints=4)
    return made


def test_fits_as_frames(fits: dict[str, joinpoint.Fit]) -> None:
    pieces = trends.segments(fits)
    assert pieces["place"].tolist() == ["US", "US", "US", "WV"]
    assert pieces["apc"].round(1).tolist() == [9.8, 2.6, 10.5, 10.5]
    assert (pieces["low"] < pieces["apc"]).all() and (pieces["apc"] < pieces["high"]).all()
    whole = trends.averages(fits).set_index("place")
    assert whole.loc["US", ["bends", "end"]].tolist() == [2, 2022]
    assert whole.loc["US", ["aapc", "low", "high"]].astype(float).round(1).tolist() == [7.8, 6.1, 9.6]
    assert whole["rate"].round(1).tolist() == [32.6, 80.9]
    lines = trends.fitted(fits)
    assert len(lines) == 48 and lines["fitted"].notna().all()
    for frame in (trends.segments, trends.averages, trends.fitted):
        assert frame({}).empty and list(frame({})) == list(frame(fits))
        assert "to fit a trend to" in frame({}).attrs["empty"]


def test_a_trend_in_words(fits: dict[str, joinpoint.Fit]) -> None:
    assert trends.sentence(trends.death_rates(), fits["US"]) == (
        "The age-adjusted rate of deaths from all drugs rose by 9.8% a year from 1999 to 2006 (95% interval 5.7 to 14.1), "
        "then did not clearly rise or fall from 2006 to 2013 (2.6, 95% interval −1.1 to 6.5), then rose by 10.5% a year "
        "from 2013 to 2022 (95% interval 8.9 to 12.1). The rates fitted end with 2022: what came after is not in them."
    )
    rates = trends.death_rates(jurisdiction="ND")
    fit = joinpoint.fit(rates["year"], rates["rate"], se=rates["se"], max_joinpoints=4)
    assert f"{rates.attrs['missing']} years have no published rate and are left out." in trends.sentence(rates, fit)


@pytest.mark.parametrize(
    ("last", "pieces"),
    [
        (2016, [(1999, 2006, 10), (2006, 2014, 3), (2014, 2016, 18)]),  # Data Brief 294
        (2017, [(1999, 2006, 10), (2006, 2014, 3), (2014, 2017, 16)]),  # Data Brief 329
    ],
)
def test_the_data_briefs_are_reproduced(last: int, pieces: list[tuple[int, int, int]]) -> None:
    rates = trends.death_rates(last=last)
    fit = joinpoint.fit(rates["year"], rates["rate"], se=rates["se"], max_joinpoints=3, select="permutation")
    found = trends.segments({"US": fit})
    assert list(zip(found["start"], found["end"], found["apc"].round(), strict=True)) == pieces


@pytest.mark.parametrize("day", ["2016-01-01", "2024-09-17", "2024-12-01"])
def test_no_rate_comes_from_a_later_release(day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    load = store.load

    def noted(dataset: str, vintage: str | None = None, as_of: str | None = None) -> pd.DataFrame:
        asked.append(as_of)
        return load(dataset, vintage, as_of)

    monkeypatch.setattr(store, "load", noted)
    trends.death_rates("crude", "synthetic-opioids", as_of=day)
    trends.death_rates(as_of=day)
    assert len(asked) >= 2 and set(asked) == {day}
