"""The pages of supply and of dates: words from the figures, one line for a wrong parameter, notebooks that run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fentanyl_stats.errors import ParameterError
from fentanyl_stats.reports import Outcome, parameters

from .pages import sound

SUPPLY = {"fiscal_years": "all", "region": "all", "component": "all", "as_of": ""}
EVENTS = {"series": "deaths/synthetic-opioids", "date": "2022-08", "window": 12, "as_of": ""}


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
def test_the_notebooks_run(notebook: str, values: dict[str, object], ran: Callable[..., Outcome]) -> None:
    outcome = ran(notebook, **values)
    assert outcome.ok, outcome.error


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["supply", "events"])
def test_the_pages_are_sound(theme: str, report_folder: Path) -> None:
    page = sound(report_folder)[f"themes/{theme}.html"]
    assert len(page.images) >= 2
    assert ("FY2026 is not over" if theme == "supply" else "It may not be said that a policy") in page.text
