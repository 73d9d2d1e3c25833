"""Yearly rates and ranks from the embedded tables."""

from __future__ import annotations

import numpy as np
import pytest

from fentanyl_stats.audit import yearly
from fentanyl_stats.data import store
from fentanyl_stats.errors import DataError, NotPublished
from fentanyl_stats.reports import trends


def test_rates_are_those_of_wonder() -> None:
    us = yearly.death_rates().set_index("year")
    assert us.loc[2022, "rate"] == pytest.approx(32.6, abs=0.05)
    assert us.loc[2022, "deaths"] == 107_941
    assert 2023 not in us.index


def test_crude_rates_of_a_drug_use_the_population_of_the_year() -> None:
    people = store.load("population-us-age").groupby("year")["population"].sum()
    rates = yearly.death_rates("crude", "synthetic-opioids", last=2024).set_index("year")
    assert rates.loc[2024, "rate"] == pytest.approx(47_735 / people[2024] * 1e5)
    assert (rates["low"] < rates["rate"]).all()


def test_what_is_not_held_is_said() -> None:
    with pytest.raises(NotPublished, match="crude rates of a drug are of the United States"):
        yearly.death_rates("crude", "heroin", "OH")
    with pytest.raises(DataError, match="did you mean 'age-adjusted'"):
        yearly.death_rates("age-adjustd")
    with pytest.raises(DataError, match="upside down"):
        yearly.death_rates(first=2020, last=2010)
    with pytest.raises(NotPublished, match="by 2024-01-01"):
        yearly.death_rates(as_of="2024-01-01")


def test_years_without_a_rate_are_counted_not_filled() -> None:
    south_dakota = yearly.death_rates(jurisdiction="ND")
    assert south_dakota.attrs["missing"] > 0
    assert south_dakota["rate"].notna().all()


def test_a_rank_is_a_range() -> None:
    table = yearly.ranks(2022)
    assert len(table) == 51
    assert (table["best"] <= table["rank"]).all()
    assert (table["rank"] <= table["worst"]).all()
    for row in table.itertuples():
        certain_above = (table["low"] > row.high).sum()
        assert row.best == 1 + certain_above


def test_the_data_briefs_are_reproduced() -> None:
    made = trends.briefs().set_index("publication")["annual percent change, as it rounds"]
    assert made["Data Brief 294"] == "1999–2006: 10% a year; 2006–2014: 3% a year; 2014–2016: 18% a year"
    assert made["Data Brief 329"] == "1999–2006: 10% a year; 2006–2014: 3% a year; 2014–2017: 16% a year"


def test_hidden_cells_are_counted() -> None:
    hidden = yearly.suppressed("WY").set_index("drug")
    assert hidden.loc["cocaine", "suppressed"] == 115
    assert hidden.loc["all", "suppressed"] == 0
    assert np.all(hidden["windows"] == 115)
