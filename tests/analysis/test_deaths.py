"""Deaths: sums of twelve months, calendar years, every published value of one number, and what they come to in words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import fentanyl_stats as fs
from fentanyl_stats.analysis import deaths
from fentanyl_stats.errors import DataError, ParameterError
from fentanyl_stats.reports import parameters
from fentanyl_stats.reports.batch import execute
from fentanyl_stats.reports.cache import Job

DEFAULTS = {"drug": "all", "month_ending": "2023-12", "jurisdiction": "US", "as_of": ""}


def test_each_series_is_from_the_newest_release_that_holds_it() -> None:
    sums = deaths.sums(["all", "synthetic-opioids", "opioids"])
    found = sums.groupby("drug")["vintage"].unique().map(list).to_dict()
    assert found == {"all": ["2026-09-16"], "synthetic-opioids": ["2026-09-16"], "opioids": ["2025-01-08"]}
    assert [source.vintage for source in sums.attrs["sources"]] == ["2026-09-16", "2025-01-08"]
    held = fs.load("vsrr", "2026-09-16").query("drug == 'all' and jurisdiction == 'US'")
    mine = sums[sums["drug"] == "all"].set_index("month_ending")["value"]
    assert mine.equals(held.set_index("month_ending")["reported"].rename("value"))


def test_months_after_the_last_final_year_are_provisional() -> None:
    sums = deaths.sums("all")
    assert sums.loc[~sums["provisional"], "month_ending"].max() == "2024-12"
    assert "dashed: provisional, after 2024-12" in _texts(fs.charts.deaths(sums))
    early = deaths.sums("all", as_of="2018-06-01")
    assert early.loc[~early["provisional"], "month_ending"].max() == "2016-12"
    assert "dashed: provisional, after 2016-12" in _texts(fs.charts.deaths(early))


def test_nothing_published_is_an_empty_frame_that_says_so() -> None:
    sums = deaths.sums("all", as_of="2016-01-01")
    assert sums.empty and "by 2016-01-01" in sums.attrs["empty"]
    assert fs.charts.alt_text(fs.charts.deaths(sums)) == sums.attrs["empty"]
    assert "by 2016-01-01" in deaths.peak_sentence(sums, "all")
    years = deaths.calendar_years("all", as_of="2016-01-01")
    assert years.empty and "by 2016-01-01" in years.attrs["empty"]
    with pytest.raises(DataError, match="heroin"):
        deaths.sums("herion")


def test_the_band_of_the_claim_is_drawn_for_the_united_states_alone() -> None:
    claim = fs.assess("deaths-per-year")
    nation, state = (fs.charts.deaths(deaths.sums("all", place), claim=claim) for place in ("US", "WV"))
    assert "claimed" in _texts(nation) and "band is" in fs.charts.alt_text(nation)
    assert "claimed" not in _texts(state) and "band" not in fs.charts.alt_text(state)
    unnamed = deaths.sums("all", "WV").drop(columns="jurisdiction")
    assert "claimed" not in _texts(fs.charts.deaths(unnamed, claim=claim, place="West Virginia"))


def test_the_peak_and_the_newest_in_words() -> None:
    said = deaths.peak_sentence(deaths.sums(), "synthetic-opioids")
    assert "Reported deaths in 12 months peaked at 77,695 (to 2023-06)" in said and "to 2026-04, has 34,523" in said


def test_final_counts_carry_the_day_they_came_out() -> None:
    """The table of calendar years names the day of each figure, not of the file that later held it."""
    years = deaths.calendar_years("synthetic-opioids").set_index("year")
    final = years[["final", "final_release"]]
    assert final.loc[2021].tolist() == [70_601, "2023-01-19"]
    assert final.loc[2023].tolist() == [72_776, "2024-12-19"]
    assert final.loc[2024].tolist() == [47_735, "2026-02-28"]
    assert pd.isna(final.loc[2025, "final"]) and final.loc[2025, "final_release"] == ""
    assert years.loc[2023, "values"] == 8


def test_what_a_year_lacks_is_said() -> None:
    withheld = deaths.calendar_years("synthetic-opioids", "SD").set_index("year").loc[2015]
    assert pd.isna(withheld["reported"]) and "Reported: withheld, few certificates name drugs." in withheld["remark"]
    whole = deaths.calendar_years("all", "NY").set_index("year").loc[2022]
    assert whole["final"] == 6_358 and "the whole state" in whole["remark"]
    text = deaths.calendar_years("all", as_of="2024-09-17").set_index("year").loc[2023]
    assert (text["predicted"], text["predicted_release"]) == (107_543, "F200") and pd.isna(text["reported"])


def test_which_2023_do_you_mean() -> None:
    history = deaths.published("all", "2023-12")
    assert "8 different values" in deaths.values_sentence(history)
    assert {107_543, 108_472, 110_037, 105_007} <= set(history["value"])
    assert set(history.loc[history["measure"] == "final", "value"]) == {105_007}
    assert "105,007" in fs.charts.alt_text(fs.charts.life(history))
    assert {"F200", "F210", "F215", "vsrr", "nvss-by-drug"} == {source.id for source in fs.sources(history)}


def test_a_newspaper_should_quote_the_final_count() -> None:
    quote = deaths.quote_sentence(deaths.published("all", "2023-12"))
    assert "105,007 deaths from all drugs, residents only, calendar year 2023" in quote


def test_without_a_final_count_a_name_and_a_release_go_with_the_number() -> None:
    found = deaths.quote_sentence(deaths.published("synthetic-opioids", "2025-12"))
    assert "No final count" in found
    assert "38,462 deaths" in found and "reported so far, release of 2026-09-16" in found
    assert "38,200 deaths" in found and "“predicted”), release of 2026-06-27" in found
    then = deaths.quote_sentence(deaths.published("all", "2023-12", as_of="2024-09-17"))
    assert "107,543" in then and "reported so far" not in then and "It may" in then


def test_no_row_is_dated_before_its_year_was_over() -> None:
    history = deaths.published("all", "2023-12")
    dated = {(source.id, source.known) for source in fs.sources(history)}
    assert set(zip(history["source_id"], history["known"], strict=True)) == dated
    assert not [source for source in fs.sources(history) if source.vintage.startswith("2023")]


def test_reasons_are_given_only_where_there_is_something_to_explain() -> None:
    above, fall, after = deaths.difference_reasons(deaths.published("all", "2023-12"))
    assert "1,874 above" in above and "107,682 to 106,881" in fall and "2024-12-19" in after
    assert deaths.difference_reasons(deaths.published("all", "2023-12", as_of="2024-09-17")) == ()


def test_only_what_was_known() -> None:
    then = deaths.published("all", "2023-12", as_of="2024-09-17")
    assert then["value"].tolist() == [107_543] and then.attrs["sources"] == ()
    never = deaths.published("all", "2023-12", as_of="2017-01-01")
    assert never.empty and "by 2017-01-01" in never.attrs["empty"]
    assert deaths.quote_sentence(never) == never.attrs["empty"] and deaths.difference_reasons(never) == ()
    assert fs.charts.alt_text(fs.charts.life(never)) == never.attrs["empty"]


def test_new_york_is_never_lined_up() -> None:
    history = deaths.published("all", "2022-12", "NY")
    assert set(history.loc[history["measure"] == "final", "flag"]) == {"whole_state"}
    assert deaths.place_name("NY") == "New York State without New York City"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"month_ending": "2023-13"}, "parameter 'month_ending'"),
        ({"month_ending": "2023"}, "write YYYY-MM"),
        ({"drug": "herion"}, "did you mean 'heroin'"),
        ({"jurisdiction": "XX"}, "parameter 'jurisdiction'"),
        ({"as_of": "yesterday"}, "parameter 'as_of'"),
    ],
)
def test_parameters_refuse(wrong: dict[str, str], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        parameters.Provisional(**{**DEFAULTS, **wrong})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("notebook", "values"),
    [
        ("provisional", {}),
        ("provisional", {"drug": "synthetic-opioids", "month_ending": "2024-07", "jurisdiction": "SD"}),
        ("provisional", {"as_of": "2017-01-01"}),
        ("provisional", {"drug": "heroin", "jurisdiction": "LA"}),
        ("provisional", {"drug": "all", "month_ending": "2022-12", "jurisdiction": "NY"}),
        ("deaths", {"as_of": "2016-01-01"}),
        ("deaths", {"drug": "heroin", "jurisdiction": "LA"}),
        ("deaths", {"drug": "cocaine", "jurisdiction": "WV"}),
    ],
)
def test_the_notebook_runs(notebook: str, values: dict[str, str], tmp_path: Path) -> None:
    outcome = execute(Job(f"{notebook}.ipynb", str(tmp_path / "page.html"), "", values))
    assert outcome.ok, outcome.error


def _texts(ax: object) -> str:
    return " ".join(text.get_text() for text in ax.texts)  # type: ignore[attr-defined]
