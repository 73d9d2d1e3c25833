"""The pages of supply and of dates: words from the figures, one line for a wrong parameter, notebooks that run."""

from __future__ import annotations

from pathlib import Path

import pytest

from fentanyl_stats.errors import ParameterError
from fentanyl_stats.reports import beside, parameters, report, supply
from fentanyl_stats.reports.batch import Job, execute

from .pages import sound

SUPPLY = {"fiscal_years": "all", "region": "all", "component": "all", "as_of": ""}
EVENTS = {"series": "deaths/synthetic-opioids", "date": "2022-08", "window": 12, "as_of": ""}


def test_closed_years_and_the_open_one_are_two_sentences() -> None:
    found = supply.supplied()
    assert found is not None
    assert "The heaviest is FY2023 with 27,023 pounds in 1,351 seizures; FY2025 had 12,027 pounds" in found.sentence
    assert "FY2026" not in found.sentence
    assert "its 7 months (October to April) hold 6,726 pounds in 563 seizures" in found.open_sentence
    assert "the same months of FY2025 had 7,684 pounds in 607 seizures" in found.open_sentence
    assert "FY2026" not in " ".join(found.by_year()["fiscal year"])
    assert found.same_months()["fiscal year"].iloc[-1] == "FY2026 (open)"
    assert supply.supplied("2019-2023").open_sentence == ""  # type: ignore[union-attr]


def test_words_for_little_and_for_nothing() -> None:
    one = supply.supplied("2023", "northern-border")
    only_open = supply.supplied("2026")
    none = supply.supplied("2026", "coastal-interior", "usbp")
    assert one is not None and only_open is not None and none is not None
    assert one.sentence.startswith("In northern border, ports of entry and Border Patrol, FY2023 had ")
    assert not only_open.closed and not only_open.empty
    assert only_open.sentence.startswith("No closed fiscal year")
    assert none.empty and none.sentence.startswith("No seizure is recorded for coasts and interior")
    assert supply.supplied(as_of="2019-01-01") is None
    assert beside.reports("2019-01-01") is None


def test_tables_beside() -> None:
    lab, printed = beside.reports(), beside.printed()
    assert lab is not None and printed is not None
    assert "first half of 2023 (95,173 reports)" in lab.sentence and "2 later half-years" in lab.sentence
    assert lab.substances().set_index("substance").loc["Fentanyl", "2022"] == "173,250"
    table = printed.table().set_index("figure")
    assert table.loc["F060", "printed"] == "over 90%"
    assert table.loc["F062a", "period"] == "not given"
    assert table.loc["F066", "printed"] == "2.40 mg"
    assert {source.id for source in printed.sources} == set(table.index)
    totals = beside.printed_totals().set_index("figure")
    assert totals.loc["F053b", "printed against file, %"] == "+0.00"
    assert totals.loc["F054", "remark"] == "unexplained"


@pytest.mark.parametrize(
    ("kind", "wrong", "message"),
    [
        (parameters.Supply, {"region": "southwest"}, "parameter 'region': unknown region 'southwest'; did you mean"),
        (parameters.Supply, {"component": "off"}, "did you mean 'ofo'"),
        (parameters.Supply, {"fiscal_years": "2018"}, "fiscal year 2018 is not held; the seizure file has FY2019 to"),
        (parameters.Supply, {"fiscal_years": "2020-2019"}, "not in order"),
        (parameters.Supply, {"fiscal_years": "last year"}, "'last year' is not a fiscal year; write all"),
        (parameters.Supply, {"fiscal_years": 18.5}, "parameter 'fiscal_years' must be a text"),
        (parameters.Supply, {"as_of": "soon"}, "parameter 'as_of'"),
        (parameters.Events, {"series": "deaths/synthetic-opioid"}, "did you mean 'deaths/synthetic-opioids'"),
        (parameters.Events, {"series": "deaths/all"}, "sums of 12 months only"),
        (parameters.Events, {"date": "August 2022"}, "is not a month; write YYYY-MM"),
        (parameters.Events, {"date": "2024-06"}, "take 2014-01 to 2024-01"),
        (parameters.Events, {"series": "seizures/events", "date": "2025-10"}, "from 2025-10 on are provisional"),
        (parameters.Events, {"window": 5}, "parameter 'window' must be 6 to 60 months on each side, got 5"),
        (parameters.Events, {"series": "seizures/pounds", "window": 60}, "does not fit into 84 settled months"),
        (parameters.Events, {"window": "12"}, "parameter 'window' must be a whole number"),
    ],
)
def test_parameters_refuse_in_one_line(
    kind: type[parameters.Parameters], wrong: dict[str, object], message: str
) -> None:
    given = SUPPLY if kind is parameters.Supply else EVENTS
    with pytest.raises(ParameterError, match=message) as caught:
        kind(**{**given, **wrong})
    assert "\n" not in str(caught.value)


def test_parameters_as_papermill_and_readers_write_them() -> None:
    assert parameters.Supply(**{**SUPPLY, "fiscal_years": 2023}).fiscal_years == "2023"  # type: ignore[arg-type]
    assert parameters.Events(**{**EVENTS, "date": "2022-08-05"}).window == 12  # type: ignore[arg-type]
    assert parameters.Events(**{**EVENTS, "as_of": "2024-09-17"}).day == "2024-09-17"  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("notebook", "values"),
    [
        ("supply.ipynb", {"fiscal_years": 2023, "region": "northern-border"}),
        ("supply.ipynb", {"fiscal_years": "2026", "region": "coastal-interior", "component": "usbp"}),
        ("supply.ipynb", {"fiscal_years": "FY2026"}),
        ("supply.ipynb", {"as_of": "2024-09-17"}),
        ("events.ipynb", {"series": "seizures/pounds-elsewhere", "date": "2020-06", "window": 18}),
        ("events.ipynb", {"date": "2015-01"}),
        ("events.ipynb", {"as_of": "2024-09-17"}),
    ],
)
def test_the_notebooks_run(notebook: str, values: dict[str, object], tmp_path: Path) -> None:
    outcome = execute(Job(notebook, str(tmp_path / "page.html"), "", values))
    assert outcome.ok, outcome.error


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["supply", "events"])
def test_the_pages_are_sound(theme: str, tmp_path: Path) -> None:
    book = report.read()
    made = report.make(tmp_path, report.plan(book, theme), book, workers=1)
    assert made.failed == ()
    page = sound(tmp_path)[f"themes/{theme}.html"]
    assert len(page.images) >= 2
    assert ("FY2026 is not over" if theme == "supply" else "It may not be said that a policy") in page.text
