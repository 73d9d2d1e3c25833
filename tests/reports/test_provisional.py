"""The page of one provisional number: its words and tables come from the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import fentanyl_stats as fs
from fentanyl_stats.errors import NotPublished, ParameterError
from fentanyl_stats.reports import parameters, provisional
from fentanyl_stats.reports.execute import Job, execute

DEFAULTS = {"drug": "all", "month_ending": "2023-12", "jurisdiction": "US", "as_of": ""}


def test_which_2023_do_you_mean() -> None:
    found = provisional.life("all", "2023-12")
    table = found.table()
    assert "7 different values" in found.sentence
    assert {"107,543", "108,472", "110,037", "105,007"} <= set(table["deaths"])
    assert (table.loc[table["measure"] == "final", "against the final count"] == "the same").all()
    assert len(found.sources) == len(table)
    assert "105,007" in fs.charts.alt_text(found.chart())


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
    ax, words = provisional.ceiling(claim.claim_interval)
    assert "83,795" in words
    assert claim.claim_interval.low > 83_795
    assert "all deaths with no drug named added" in " ".join(text.get_text() for text in ax.texts)


def test_the_formula_in_words() -> None:
    assert "printed predictions are reproduced exactly" in provisional.formula_charts(provisional.refit("all"))[2]


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
