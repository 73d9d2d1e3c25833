"""Parameters are checked in the notebook itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import papermill
import pytest

from fentanyl_stats.data import paths
from fentanyl_stats.errors import ParameterError
from fentanyl_stats.reports.batch import execute
from fentanyl_stats.reports.cache import Job, Outcome
from fentanyl_stats.reports.parameters import parameters

DEATHS = {"jurisdiction": "US", "drug": "all", "as_of": ""}
NOTEBOOKS = sorted(paths.notebooks().glob("*.ipynb"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"jurisdiction": "WX"}, "parameter 'jurisdiction': unknown jurisdiction 'WX'"),
        ({"drug": "herion"}, "did you mean 'heroin'"),
        ({"drug": 3}, "parameter 'drug' must be a text, got 3"),
        ({"as_of": "May 2024"}, "'May 2024' is not a date"),
        ({"jurisdicton": "WV"}, "unknown parameter 'jurisdicton'; did you mean 'jurisdiction'"),
    ],
)
def test_a_wrong_name_or_value_is_one_clear_message(change: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(message)) as caught:
        parameters("deaths", **{**DEATHS, **change})
    assert "\n" not in str(caught.value)
    assert caught.value._render_traceback_() == [f"ParameterError: {caught.value}"]


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(ParameterError, match="parameter 'drug' is not set"):
        parameters("deaths", jurisdiction="US", as_of="")


def test_a_notebook_that_is_none_is_named() -> None:
    with pytest.raises(ParameterError, match="unknown notebook 'deahts'; did you mean 'deaths'"):
        parameters("deahts", **DEATHS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebooks_are_open_stripped_and_typed(path: Path) -> None:
    notebook = json.loads(path.read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    assert [i for i, cell in enumerate(code) if "parameters" in cell["metadata"].get("tags", [])] == [0]
    source = ["".join(cell["source"]) for cell in code]
    assert re.search(rf'fs\.parameters\(\s*"{path.stem}", ', source[1])
    imported = re.findall(r"^ *(?:from|import) +(fentanyl_stats.*)$", "\n".join(source), re.MULTILINE)
    assert set(imported) == {"fentanyl_stats as fs"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for found in papermill.inspect_notebook(str(path)).values():
        assert found["inferred_type_name"] in ("str", "float", "int")
        assert found["help"]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            prose = "".join(cell["source"])
            assert not re.search(r"\d,\d{3}|\d\.\d|\d ?%", re.sub(r"100,000|97%|95%|T40\.4", "", prose)), prose


@pytest.mark.slow
@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_every_notebook_runs(name: str, ran: Callable[..., Outcome]) -> None:
    outcome = ran(f"{name}.ipynb")
    assert outcome.error == ""
    outputs = [output for cell in outcome.notebook.cells for output in cell.get("outputs", [])]
    assert outputs
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("notebook", "given"),
    [
        ("deaths.ipynb", {"jurisdiction": "WV"}),
        ("deaths.ipynb", {"jurisdiction": "PA", "drug": "heroin", "as_of": "2025-06-01"}),
        ("origin.ipynb", {"as_of": "2024-09-17"}),
        ("jurisdiction.ipynb", {"jurisdiction": "NY"}),
        ("trends.ipynb", {"measure": "crude", "drug": "synthetic-opioids", "jurisdictions": "US", "last_year": 2024}),
        ("claim.ipynb", {"claim": "root-cause"}),
        ("check.ipynb", {"phrase": "fell 27%", "quantity": "deaths/all", "period": "2024", "keys": "since=2023"}),
    ],
)
def test_notebooks_take_their_parameters(notebook: str, given: dict[str, object], ran: Callable[..., Outcome]) -> None:
    assert ran(notebook, **given).error == ""


def test_keys_of_a_form_are_written_as_one_line() -> None:
    def keys(text: str) -> dict[str, object]:
        found: dict[str, object] = parameters(
            "check", phrase="x", quantity="deaths/all", period="2024", jurisdiction="US", keys=text, as_of="", delta=0.1
        ).given
        return found

    assert keys("") == {}
    assert keys("since=2023, by=rate") == {"since": "2023", "by": "rate"}
    assert keys("versus=causes/suicide, versus=58220") == {"versus": ("causes/suicide", 58220.0)}
    for wrong, said in (
        ("since", "unknown key 'since'"),
        ("sinc=2023", "did you mean 'since'"),
        ("per=decade", "per: "),
    ):
        with pytest.raises(ParameterError, match=said):
            keys(wrong)


@pytest.mark.slow
def test_a_wrong_parameter_stops_the_notebook_with_its_message() -> None:
    error = execute(Job("deaths.ipynb", "x.html", "x", {"jurisdicton": "WV"})).error
    assert "unknown parameter 'jurisdicton'; did you mean 'jurisdiction'" in error
    assert "deaths.ipynb" in error
    assert "\n" not in error
