"""Yearly rates from the embedded tables, and the trends fitted to them."""

from __future__ import annotations

import pandas as pd
import pytest

from fentanyl_stats.analysis import trends
from fentanyl_stats.data import store
from fentanyl_stats.errors import DataError, NotPublished, StatsError
from fentanyl_stats.stats import joinpoint


def test_rates_are_those_of_wonder() -> None:
    us = trends.death_rates().set_index("year")
    assert us.loc[2022, "rate"] == pytest.approx(32.6, abs=0.05)
    assert us.loc[2022, "deaths"] == 107_941
    assert us.loc[:2022, "flag"].eq("").all()


def test_newer_years_of_the_united_states_are_made_of_final_counts() -> None:
    finals = store.load("nvss-by-drug")
    last = finals[(finals["drug"] == "all") & (finals["sex"] == "all") & (finals["year"] == 2023)].iloc[0]
    us = trends.death_rates().set_index("year").loc[2023]
    assert us["rate"] == last["age_adjusted_rate"] == 31.3 and us["deaths"] == last["deaths"] == 105_007
    assert us["se"] == pytest.approx((31.3**2 / 105_007 + 0.1**2 / 12) ** 0.5)
    assert us["low"] == pytest.approx(31.3 - 1.96 * us["se"]) and "one decimal" in us["flag"]
    # Where both are held, the standard error made this way is that of WONDER to 2%.
    both = trends.death_rates(last=2022).set_index("year").loc[2022]
    assert both["rate"] / both["deaths"] ** 0.5 == pytest.approx(both["se"], rel=0.03)
    crude = trends.death_rates("crude").set_index("year").loc[2024]
    people = store.load("population-us-age").groupby("year")["population"].sum()[2024]
    assert crude["rate"] == pytest.approx(79_384 / people * 1e5) and "Census population" in crude["flag"]
    assert {source.id for source in trends.death_rates().attrs["source"]} == {"wonder-overdose", "nvss-by-drug"}
    assert trends.death_rates(as_of="2024-10-01")["year"].max() == 2022  # the rate of 2023 was not out


def test_crude_rates_of_a_drug_use_the_population_of_the_year() -> None:
    people = store.load("population-us-age").groupby("year")["population"].sum()
    rates = trends.death_rates("crude", "synthetic-opioids", last=2024).set_index("year")
    assert rates.loc[2024, "rate"] == pytest.approx(47_735 / people[2024] * 1e5)
    assert (rates["low"] < rates["rate"]).all()


def test_the_years_run_to_the_newest_final_one() -> None:
    finals, wonder = store.load("nvss-by-drug"), store.load("wonder-overdose")
    crude = trends.death_rates("crude", "synthetic-opioids")
    assert crude["year"].max() == finals.loc[finals["drug"] == "synthetic-opioids", "year"].max() == 2024
    assert trends.death_rates("crude")["year"].max() == 2024
    newest = wonder.loc[wonder["status"] == "final", "year"].max()
    for place, year in (("US", 2023), ("WV", newest)):
        adjusted = trends.death_rates(jurisdiction=place)
        assert adjusted["year"].max() == year
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


def test_years_without_a_rate_are_named_not_filled() -> None:
    south_dakota = trends.death_rates(jurisdiction="SD")
    assert south_dakota.attrs["missing_years"] == [1999] and south_dakota["rate"].notna().all()
    fit = joinpoint.fit(south_dakota["year"], south_dakota["rate"], se=south_dakota["se"], max_joinpoints=4)
    assert " 1999 has no published rate and is left out." in trends.sentence(south_dakota, fit)
    north = trends.death_rates(jurisdiction="ND")
    assert north.attrs["missing"] == len(north.attrs["missing_years"]) > 1
    assert not set(north.attrs["missing_years"]) & set(north["year"])


@pytest.fixture(scope="module")
def fits() -> dict[str, joinpoint.Fit]:
    made = {}
    for place in ("US", "WV"):
        rates = trends.death_rates(jurisdiction=place, last=2022)
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
    assert whole.loc["WV", "ends"] == pytest.approx(100 * ((80.92 / 4.15) ** (1 / 23) - 1), abs=0.05)
    assert whole.loc["US", "dispersion"] == pytest.approx(3249.5 / 18, rel=1e-3)
    assert whole["autocorrelation"].between(-1, 1).all()
    lines = trends.fitted(fits)
    assert len(lines) == 48 and lines["fitted"].notna().all()
    for frame in (trends.segments, trends.averages, trends.fitted):
        assert frame({}).empty and list(frame({})) == list(frame(fits))
        assert "to fit a trend to" in frame({}).attrs["empty"]


def test_a_trend_in_words(fits: dict[str, joinpoint.Fit]) -> None:
    assert trends.sentence(trends.death_rates(last=2022), fits["US"]) == (
        "The age-adjusted rate of deaths from all drugs rose by 9.8% a year from 1999 to 2006 (95% interval 5.7 to 14.1), "
        "then did not clearly rise or fall from 2006 to 2013 (2.6, 95% interval −1.1 to 6.5), then rose by 10.5% a year "
        "from 2013 to 2022 (95% interval 8.9 to 12.1). The rates fitted end with 2022: what came after is not in them."
    )
    rates = trends.death_rates(jurisdiction="ND")
    fit = joinpoint.fit(rates["year"], rates["rate"], se=rates["se"], max_joinpoints=4)
    assert ", 2006 and 2011 have no published rate and are left out." in trends.sentence(rates, fit)


def test_an_average_that_does_not_fit_its_ends_is_said(fits: dict[str, joinpoint.Fit]) -> None:
    said = trends.ends_sentence(trends.averages(fits))
    assert said.endswith("in 1 of 2 places: WV, 10.5% on average against 13.8% from the first rate to the last.")
    exact = joinpoint.fit(range(10), [1.1**i for i in range(10)])
    assert "leads from its first rate to its last" in trends.ends_sentence(trends.averages({"line": exact}))
    assert trends.scatter_sentence(exact) == "The line meets every rate."


def test_the_scatter_is_said(fits: dict[str, joinpoint.Fit]) -> None:
    said = trends.scatter_sentence(fits["US"])
    assert f"is {fits['US'].dispersion:.0f} times what the sampling error" in said
    assert f"a correlation of {fits['US'].autocorrelation:.2f}".replace("-", "−") in said
    near = trends.death_rates(jurisdiction="SD")
    assert "about as far from the line as sampling error" in trends.scatter_sentence(
        joinpoint.fit(near["year"], near["rate"], se=near["se"], max_joinpoints=4)
    )


def test_a_trend_fitted_in_other_ways() -> None:
    rates = trends.death_rates()
    tried = trends.sensitivity({"US": rates}, max_joinpoints=4).set_index("fit")
    assert tried.loc["as shown", ["end", "bends", "years"]].tolist() == [2023, 1, "2014"]
    assert tried.loc["one year less", ["end", "bends", "years"]].tolist() == [2022, 2, "2006, 2013"]
    free = joinpoint.fit(rates["year"], rates["rate"], max_joinpoints=4)
    assert tried.loc["years weighted alike", "apc"] == free.segments["apc"].iloc[-1]
    correlated = joinpoint.fit(
        rates["year"], rates["rate"], se=rates["se"], max_joinpoints=4, autocorrelation="estimate"
    )
    assert tried.loc["errors correlated, estimated", "rho"] == correlated.rho > 0.3
    assert trends.sensitivity({}).empty and list(trends.sensitivity({})) == list(
        tried.reset_index()[["place", "fit"]]
    ) + list(tried.columns[1:])
    with pytest.raises(StatsError, match="did you mean 'wbic'"):
        trends.sensitivity({"US": rates}, select="wbci")
    short = trends.sensitivity({"US": rates.tail(7)})
    assert "errors correlated, estimated" not in set(short["fit"]) and len(short) == 4


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
