"""The page of the 97%: each assumption is a parameter, and the picture moves with it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import papermill
import pytest

import fentanyl_stats as fs
from fentanyl_stats.analysis import origin as analysis
from fentanyl_stats.audit import sentences
from fentanyl_stats.charts import alt_text
from fentanyl_stats.data import paths
from fentanyl_stats.errors import ParameterError
from fentanyl_stats.reports import origin, origin_tables, parameters
from fentanyl_stats.reports.batch import Job, execute
from fentanyl_stats.reports.plan import THEMES

DEFAULTS = dict(THEMES["origin"].defaults)


@cache
def _page(**changes: object) -> origin.Page:
    p = parameters.Origin(**{**DEFAULTS, **changes})  # type: ignore[arg-type]
    found = origin.page(p, fs.assess("origin-share", as_of=p.day))
    assert found is not None
    return found


def test_the_defaults_are_the_published_figures() -> None:
    assert parameters.Origin(**DEFAULTS).assumed == analysis.as_published()  # type: ignore[arg-type]


def test_the_cell_and_the_report_have_the_same_defaults() -> None:
    cell = papermill.inspect_notebook(str(paths.notebooks() / "origin.ipynb"))
    assert {name: eval(found["default"]) for name, found in cell.items()} == DEFAULTS  # of our own notebook


def test_what_it_says_by_default() -> None:
    page = _page()
    assert "In FY2023, 1.1% of the seized weight and 3.3 to 9.8% of the pure weight" in page.sentence
    assert "298 to 944 times as often" in page.sentence
    assert "were everything equally pure, that is by raw weight, 2,832 times." in page.sentence
    assert page.sentence.endswith("up to 9 times, which reaches 97% in no year.")
    assert "impossible in FY2021, FY2022, FY2023, FY2024, FY2025" in page.balance_sentence
    before, around, after = page.contrast_sentence.split(". ")
    assert before.startswith("Before May 2019") and before.endswith("possible in FY2017")
    assert around.startswith("In the year around May 2019") and after.endswith("possible in no period.")


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"purity_other_low": 0.02}, "pure"),
        ({"purity_direct_low": 0.5}, "pure"),
        ({"interception_direct_low": 0.0005}, "flow"),
        ({"interception_other_high": 0.7}, "flow"),
        ({"direct": "coastal-interior/ofo"}, "direct, lb"),
        ({"direct": "mail"}, "period"),
        ({"seed": 5}, "pure, with resampling"),
    ],
)
def test_the_table_moves_with_each_assumption(change: dict[str, object], column: str) -> None:
    before, after = (origin_tables.shares(page)[column].tolist() for page in (_page(), _page(**change)))
    assert before != after


def test_the_claim_can_be_reached_and_lost_by_a_reader_of_either_side() -> None:
    kind = _page(interception_direct_low=0.0005)
    assert "which reaches 97% in FY2019, FY2020" in kind.sentence
    assert "FY2023" in kind.sentence.rsplit("reaches", 1)[1]
    assert "0.11 to 360" in " ".join(text.get_text() for text in kind.tipping_chart().texts)
    harsh = _page(interception_other_high=0.02, purity_other_low=0.3)
    assert "944 times as often" in harsh.sentence and "up to 1 time, " in harsh.sentence
    assert _page().tipping_chart().get_label() != harsh.tipping_chart().get_label()


def test_the_balance_moves_with_consumption() -> None:
    assert "in no year" in _page(consumption_tonnes=100.0).balance_sentence
    assert "FY2019" in _page(consumption_tonnes=1.0).balance_sentence
    little = origin_tables.balances(_page(consumption_tonnes=0.5))
    assert "the assumptions exclude each other" in set(little["Monte Carlo"])
    assert "10 tonnes" in origin_tables.balances_note(_page())


def test_the_shading_says_whose_it_is() -> None:
    published, own = (
        page.tipping_chart().get_xlabel().replace("\n", " ") for page in (_page(), _page(interception_other_high=0.7))
    )
    assert "both routes intercepted anywhere within the published shares" in published
    assert "the interception that the reader set" in own
    for name in ("F112a", "F114", "No source gives an interception ratio"):
        assert name in published and name in own


def test_tables_say_what_was_published() -> None:
    page = _page()
    assumed = origin_tables.assumptions(page).set_index("assumption")
    assert assumed.loc["purity, all else", "published"] == "10 to 30% (F061, F062a, F062b, F063, F064, F065, F065b)"
    assert assumed["published"].str.startswith("no").sum() == 4  # the stand-in, both interceptions, their ratio
    purity = origin_tables.by_purity(page).set_index("figure")
    assert purity.loc["F061", ["printed", "for 97% of the flow"]].tolist() == ["under 10%", "298 times"]
    assert "0.034%" in origin_tables.purity_note(page)
    rates = origin_tables.by_interception(page).set_index("figure")
    assert rates.loc["F115a", "taken as"] == "85% of the direct route"
    assert rates.loc["F115a", "for 97%"].startswith("impossible")
    assert rates.loc["F112b", "for 97%"] == "0.05% of the direct route"
    settle = origin_tables.evidence(page)
    assert len(settle) >= 5
    assert "298 times" in settle.iloc[0]["would bear the claim out"]


def test_the_lead_speaks_of_all_years_before_the_one_judged() -> None:
    page = _page()
    said = page.lead
    ends = page.years.set_index("period")["tipping_low"]
    assert (
        f"{round(ends.min())} times ({ends.idxmin()}) to {round(ends.max())} times ({ends.idxmax()}) as often" in said
    )
    assert f"At most 9 times is assumed to be plausible, which is enough in 0 of {len(ends)} periods." in said
    assert page.assessment.natural is not None
    assert (
        "FY2023 is the year judged: it was the last fiscal year that had closed when the number was first said, at a House hearing in "
        "April 2024 (House Select Committee, video, 2024-04-16)." in said
    )
    assert f"enough in {len(ends)} of {len(ends)} periods" in _page(interception_direct_low=0.0005).lead
    assert "judged" not in _page(direct="mail").lead
    assert "the year judged" not in " ".join(text.get_text() for text in _page(direct="mail").tipping_chart().texts)


def test_pictures_name_their_sources() -> None:
    page = _page()
    for ax in (page.tipping_chart(), page.contrast_chart(), page.said_chart()):
        assert "US Customs and Border Protection, vintage 2026-05" in ax.get_xlabel().replace("\n", " ")
        assert len(alt_text(ax)) > 100
    assert "F042, F042b, F044, F044b" in page.contrast_chart().get_xlabel().replace("\n", " ")


def test_mail_before_the_seizure_file_was_held() -> None:
    page = _page(direct="mail", as_of="2024-09-17")
    assert page.years["period"].tolist() == ["2018", "2019"]
    assert page.found.source is None
    assert "In 2019" in page.sentence
    assert "vintage" not in page.tipping_chart().get_xlabel()
    p = parameters.Origin(**{**DEFAULTS, "as_of": "2024-09-17"})  # type: ignore[arg-type]
    assert origin.page(p, fs.assess("origin-share", as_of="2024-09-17")) is None


def test_a_route_without_any_seizure() -> None:
    page = _page(direct="usbp/coastal-interior")
    table = origin_tables.shares(page).set_index("period")
    assert table.loc["FY2026 (open)", "times for 97%"] == "infinitely many"
    assert "FY2026 never" in alt_text(page.tipping_chart())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"purity_direct_high": 95.0},
            r"'purity_direct_high' must lie above 0 and at most at 1 \(write 90% as 0.9\), got 95.0",
        ),
        ({"purity_other_low": 0.0}, "'purity_other_low'"),
        ({"purity_other_low": -0.1}, "'purity_other_low'"),
        ({"purity_other_low": float("nan")}, "'purity_other_low'.*nan"),
        ({"purity_other_low": 0.5}, "'purity_other_low' is 0.5, above 'purity_other_high', 0.3"),
        ({"interception_other_high": 18}, "'interception_other_high'.*18"),
        ({"consumption_tonnes": -1.0}, "'consumption_tonnes' must be above 0, in tonnes"),
        ({"consumption_tonnes": float("inf")}, "'consumption_tonnes'"),
        ({"consumption_tonnes": "10 t"}, "'consumption_tonnes' must be a number"),
        ({"seed": -1}, "'seed'"),
        ({"seed": 1.5}, "'seed' must be a whole number"),
        ({"direct": "costal-interior"}, "parameter 'direct'.*did you mean 'coastal-interior'"),
        ({"direct": "mail,usbp"}, "parameter 'direct': mail stands alone"),
        ({"direct": ""}, "parameter 'direct'"),
        ({"direct": "ofo,usbp"}, "parameter 'direct': .*counts every seizure as direct"),
        ({"as_of": "soon"}, "'as_of'"),
    ],
)
def test_parameters_refuse(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        parameters.Origin(**{**DEFAULTS, **wrong})  # type: ignore[arg-type]


def test_the_verdicts_say_why_and_what_would_change_them() -> None:
    share, precursors = fs.assess("origin-share"), fs.assess("precursor-share")
    assert (
        "for the flow to be as claimed, all other fentanyl would have to be caught 2,832 times as often"
        in sentences.takes(share)
    )
    assert (
        "It is the share of the seized weight caught elsewhere than at the Mexican border, FY2023."
        in sentences.rule(share)
    )
    assert sentences.rule(share).endswith("shipped straight from China, a choice that favours the claim.")
    floor = sentences.rule(fs.check("97%", "seizure-share/mail-china", "2018"))
    assert floor.endswith(
        " 2018. The seizure file starts in October: its 3 months are a floor of the year's total, so the share has an upper bound only."
    )
    assert "no denominator" in sentences.rule(precursors) and "public data cannot say" in sentences.rule(precursors)
    assert "a denominator, a method and an error" in sentences.takes(precursors)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, "298 to 944 times as often"),
        ({"purity_other_low": 0.02, "consumption_tonnes": 100.0, "seed": 3}, "60 to 944 times as often"),
        ({"direct": "mail", "as_of": "2024-09-17"}, "In 2019"),
        ({"as_of": "2024-09-17"}, "there is nothing to draw"),
    ],
)
def test_the_notebook_runs(values: dict[str, object], shown: str, tmp_path: Path) -> None:
    outcome = execute(Job("origin.ipynb", str(tmp_path / "page.html"), "", values))
    assert outcome.ok, outcome.error
    said = [
        str(output["data"].get("text/markdown", ""))
        for cell in outcome.notebook.cells
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    assert any(shown in text.replace("&#46;", ".") for text in said)
