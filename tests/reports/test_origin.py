"""The notebook of the 97%: each assumption is a parameter, checked, and the page moves with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import papermill
import pytest

import fentanyl_stats as fs
from fentanyl_stats.analysis import origin
from fentanyl_stats.data import paths
from fentanyl_stats.errors import ParameterError
from fentanyl_stats.reports import Outcome, parameters
from fentanyl_stats.reports.plan import THEMES

DEFAULTS: dict[str, Any] = dict(THEMES["origin"].defaults)


def test_the_defaults_are_the_published_figures() -> None:
    p, known = parameters.Origin(**DEFAULTS), origin.as_published()
    for name in ("purity_direct", "purity_other", "interception_direct", "interception_other"):
        assert fs.Interval(getattr(p, f"{name}_low"), getattr(p, f"{name}_high")) == getattr(known, name)
    assert (p.consumption_tonnes, p.seed) == (known.consumption_tonnes, known.seed)


def test_the_cell_and_the_report_have_the_same_defaults() -> None:
    cell = papermill.inspect_notebook(str(paths.notebooks() / "origin.ipynb"))
    assert {name: eval(found["default"]) for name, found in cell.items()} == DEFAULTS  # of our own notebook


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
        parameters.Origin(**{**DEFAULTS, **wrong})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, "298 to 944 times as often"),
        ({"purity_other_low": 0.02, "consumption_tonnes": 100.0, "seed": 3}, "60 to 944 times as often"),
        ({"direct": "mail", "as_of": "2023-01-01"}, "In 2019"),
        ({"as_of": "2023-01-01"}, "No weights for “coastal interior, northern border” were published by 2023-01-01."),
    ],
)
def test_the_notebook_runs(values: dict[str, object], shown: str, ran: Callable[..., Outcome]) -> None:
    outcome = ran("origin.ipynb", **values)
    assert outcome.ok, outcome.error
    said = [
        str(output["data"].get("text/markdown", ""))
        for cell in outcome.notebook.cells
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    assert any(shown in text.replace("&#46;", ".") for text in said)
