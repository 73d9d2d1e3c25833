"""The page of one provisional number: its words and tables come from the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import fentanyl_stats as fs
from fentanyl_stats.errors import NotPublished, ParameterError
from fentanyl_stats.reports import parameters, provisional, unsettled
from fentanyl_stats.reports.batch import Job, execute

DEFAULTS = {"drug": "all", "month_ending": "2023-12", "jurisdiction": "US", "as_of": ""}


def test_which_2023_do_you_mean() -> None:
    found = provisional.life("all", "2023-12")
    table = found.table()
    assert "7 different values" in found.sentence
    assert {"107,543", "108,472", "110,037", "105,007"} <= set(table["deaths"])
    assert (table.loc[table["measure"] == "final", "against the final count"] == "the same").all()
    assert len(found.sources) == len(found.history) and table["deaths"].is_unique
    assert "105,007" in fs.charts.alt_text(found.chart())


def test_a_newspaper_should_quote_the_final_count() -> None:
    assert (
        "105,007 deaths from all drugs, residents only, calendar year 2023" in provisional.life("all", "2023-12").quote
    )


def test_without_a_final_count_a_name_and_a_release_go_with_the_number() -> None:
    found = provisional.life("synthetic-opioids", "2025-12").quote
    assert "No final count" in found
    assert "38,462 deaths" in found and "reported so far, release of 2026-09-16" in found
    assert "38,200 deaths" in found and "“predicted”), release of 2026-06-27" in found
    then = provisional.life("all", "2023-12", as_of="2024-09-17").quote
    assert "107,543" in then and "reported so far" not in then and "It may" in then


def test_no_row_is_dated_before_its_year_was_over() -> None:
    found = provisional.life("all", "2023-12")
    rows = zip(found.sources, found.history["known"], strict=True)
    assert all(source.known == day for source, day in rows)
    assert not [s for s in found.sources if s.vintage.startswith("2023")]


def test_reasons_are_given_only_where_there_is_something_to_explain() -> None:
    above, fall, after = provisional.life("all", "2023-12").reasons
    assert "1,874 above" in above and "107,682 to 106,881" in fall and "2024-12-19" in after
    assert provisional.life("all", "2023-12", as_of="2024-09-17").reasons == ()


def test_the_two_ranges_do_not_meet_and_the_page_says_why() -> None:
    ax, words = unsettled.fan("all")
    assert "66,371 to 68,294" in words and "65,221 to 66,283" in words and "do not meet" in words
    assert "adds 1.8%" in words and "3.3% to 4.4%" in words and "65,221 to 68,294" in words
    assert "less than 18 months" in (caption := ax.get_figure().get_supxlabel())  # type: ignore[union-attr]
    assert "they do not meet" in " ".join(caption.split())


def test_ranges_that_overlap_are_said_to() -> None:
    assert "overlap" in unsettled.fan("all", as_of="2019-12-31")[1]


def test_ranges_of_other_months_are_not_compared() -> None:
    words = unsettled.fan("synthetic-opioids")[1]
    assert "April 2026" in words and "January 2026" in words and "Both ranges" not in words


@pytest.mark.parametrize(
    ("drug", "place", "reason"),
    [
        ("all", "US", "1 to 63 months apart"),
        ("heroin", "LA", ""),
        ("synthetic-opioids", "SD", "2 of this series are held"),
    ],
)
def test_why_no_chain_ladder_is_drawn(drug: str, place: str, reason: str) -> None:
    said = unsettled.ladder(drug, place)
    assert reason in said and bool(said) == bool(reason)


def test_settled_is_not_final() -> None:
    assert "reported ones by 0.25% at most and predicted ones by 2.25% at most" in unsettled.settled("all")


def test_only_what_was_known() -> None:
    assert provisional.life("all", "2023-12", as_of="2024-09-17").table()["deaths"].tolist() == ["107,543"]
    with pytest.raises(NotPublished, match="by 2017-01-01"):
        provisional.life("all", "2023-12", as_of="2017-01-01")


def test_new_york_is_never_lined_up() -> None:
    found = provisional.life("all", "2022-12", "NY")
    assert "final" not in set(found.history["measure"])
    assert found.place == "New York State without New York City"


def test_the_ceiling_lies_below_the_claim() -> None:
    claim = fs.assess("deaths-per-year")
    assert claim.claim_interval is not None
    ax, words = provisional.ceiling(claim.claim_interval, claim.widened_interval, str(claim.phrase))
    assert "83,795" in words and "begins at 90,000; from 80,000 a figure is called close" in words
    assert claim.claim_interval.low > 83_795
    assert "all deaths with no drug named added" in " ".join(text.get_text() for text in ax.texts)


def test_the_formula_in_words() -> None:
    fit, misses, words = provisional.formula_charts(provisional.refit("all"))
    assert "printed predictions are reproduced exactly: every residual is 0" in words and "11.9 to 12.0" in words
    assert misses is None and "6,095" in fs.charts.alt_text(fit)
    assert provisional.formula_charts(provisional.refit("synthetic-opioids"))[1] is not None  # one is off by a death


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
    "values",
    [
        {},
        {"drug": "synthetic-opioids", "month_ending": "2024-07", "jurisdiction": "SD"},
        {"as_of": "2017-01-01"},
        {"drug": "heroin", "jurisdiction": "LA"},
    ],
)
def test_the_notebook_runs(values: dict[str, str], tmp_path: Path) -> None:
    outcome = execute(Job("provisional.ipynb", str(tmp_path / "page.html"), "", values))
    assert outcome.ok, outcome.error
