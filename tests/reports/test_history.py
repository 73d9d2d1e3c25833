"""What a person typed in JupyterLab counts like what papermill injected; the page's own variables do not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import IPython
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from fentanyl_stats.errors import ParameterError
from fentanyl_stats.reports.parameters import Claim, Claims, Deaths, parameters

CELL = 'jurisdiction: str = "US"  # where\ndrug: str = "all"\nas_of: str = ""'
CHECK = 'import fentanyl_stats as fs\n\np = fs.parameters("deaths", jurisdiction=jurisdiction, drug=drug, as_of=as_of)'
VALID = list(Deaths.model_fields)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """A real IPython shell, as a kernel holds one."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # the shell puts its own there
    quiet = Config()
    quiet.HistoryManager.enabled = False
    made = InteractiveShell(config=quiet)
    monkeypatch.setattr(IPython, "get_ipython", lambda: made)
    return made


def _typed(shell: Any, *cells: str) -> str:
    """Run cells as a person would; what the last one complained of, or nothing."""
    error: BaseException | None = None
    for cell in cells:
        result = shell.run_cell(cell, store_history=True)
        error = result.error_in_exec or result.error_before_exec
    if error is None:
        return ""
    assert isinstance(error, ParameterError)
    return str(error)


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ((CELL, CHECK), ""),
        ((CELL, '# Parameters\njurisdiction = "WV"\n', CHECK), ""),
        ((CELL, '# Parameters\njurisdicton = "WV"\n', CHECK), "did you mean 'jurisdiction'"),
        ((CELL + "\nyear = 2023", CHECK), "unknown parameter 'year'"),
        ((CELL, CELL.replace("drug:", "drugs:"), CHECK), "unknown parameter 'drugs'; did you mean 'drug'"),
        ((CELL, 'drugs = "all"', "# a remark", CHECK), "unknown parameter 'drugs'"),
        ((CELL.replace('"US"', '"Ohio"'), CHECK), "parameter 'jurisdiction': unknown jurisdiction 'Ohio'"),
        ((CELL.replace('"all"', "2023"), CHECK), "parameter 'drug' must be a text, got 2023"),
        ((CELL, CHECK, "rows = [1]\nprint(len(rows))", CHECK), ""),
        ((CELL.replace("drug:", "drugs:"), CELL, CHECK), ""),
        ((CELL.replace("drug:", "drugs:"), CHECK, CELL, CHECK), ""),
        ((CELL, CHECK, CELL.replace("drug:", "drugs:"), CHECK), "unknown parameter 'drugs'"),
        ((CELL, "%matplotlib --list", CHECK), ""),
        ((CELL, CHECK, "x = 3\nprint(x)", CHECK), ""),
        ((CELL, "druq = 1", CHECK), "unknown parameter 'druq'; did you mean 'drug'"),
    ],
    ids=[
        "defaults", "injected", "injected-typo", "a-name-more", "a-name-changed", "an-extra-cell", "a-wrong-code",
        "a-wrong-type", "later-variables", "corrected-at-once", "corrected-after-the-message", "a-late-typo", "magic",
        "a-later-variable", "one-name-too-many",
    ],
)  # fmt: skip
def test_what_was_typed_last_counts(
    shell: InteractiveShell, cells: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _typed(shell, *cells)
    assert complaint in said
    assert bool(said) == bool(complaint)
    if complaint:  # the reader sees the message alone, no frame of the package
        shown = capsys.readouterr().out.split("ParameterError: ")[-1].strip()
        assert shown == said
        assert "\n" not in said


@pytest.mark.parametrize("wrong", ['jurisdiction = "WX"', 'jurisdicton = "WV"'], ids=["a value", "a name"])
def test_after_a_wrong_parameter_no_cell_goes_on_with_the_place_before(shell: InteractiveShell, wrong: str) -> None:
    assert _typed(shell, CELL, CHECK, "before = p.jurisdiction") == ""
    assert _typed(shell, wrong, CHECK)
    assert "p" not in shell.user_ns
    assert isinstance(shell.run_cell("p.jurisdiction").error_in_exec, NameError)
    assert shell.user_ns["before"] == "US"  # nothing else is forgotten
    assert _typed(shell, CELL, CHECK) == ""
    assert shell.user_ns["p"].jurisdiction == "US"


def test_in_a_fresh_session_python_itself_names_what_is_missing(shell: InteractiveShell) -> None:
    shell.run_cell(CELL.replace("drug:", "drugs:"), store_history=True)
    error = shell.run_cell(CHECK, store_history=True).error_in_exec
    assert isinstance(error, NameError) and str(error) == "name 'drug' is not defined"


def test_a_wrong_notebook_forgets_them_too(shell: InteractiveShell) -> None:
    assert _typed(shell, CELL, CHECK, CHECK.replace('"deaths"', '"deahts"')).startswith("unknown notebook 'deahts'")
    assert "p" not in shell.user_ns


@given(name=st.from_regex(r"[a-z][a-z_]{0,30}", fullmatch=True), value=st.none() | st.text() | st.integers())
def test_no_other_name_passes(name: str, value: object) -> None:
    if name in VALID:
        return
    with pytest.raises(ParameterError, match=f"unknown parameter {name!r}") as caught:
        parameters("deaths", **{"jurisdiction": "US", "drug": "all", "as_of": "", name: value})
    assert "as_of, drug, jurisdiction" in str(caught.value)


@given(st.sampled_from(VALID), st.none() | st.integers() | st.floats() | st.booleans() | st.lists(st.text()))
def test_no_other_type_passes(name: str, value: object) -> None:
    if name == "as_of" and value is None:  # as `p.as_of` gives it
        return
    with pytest.raises(ParameterError, match=f"parameter {name!r} must be a text") as caught:
        parameters("deaths", **{"jurisdiction": "US", "drug": "all", "as_of": "", name: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("delta", [-0.1, 1.0, 7, float("nan"), True, "0.1"])
def test_delta_is_a_share(delta: object) -> None:
    with pytest.raises(ParameterError, match="parameter 'delta' must be"):
        Claim(claim="root-cause", as_of="", claims_file="", delta=delta)  # type: ignore[arg-type]


def test_a_whole_number_is_a_number_too() -> None:
    taken = Claim(claim="root-cause", as_of="2024-09", claims_file="", delta=0)
    assert (taken.delta, type(taken.delta), taken.day, taken.path) == (0.0, float, "2024-09", None)


def test_a_claims_file_that_is_not_there_is_a_parameter_error() -> None:
    with pytest.raises(ParameterError, match="cannot be read"):
        Claims(as_of="", claims_file="none.toml")
