"""The TAB key in IPython: names of the package where they stand in quotes, nothing elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import fentanyl_stats as fs
from fentanyl_stats import completion
from fentanyl_stats.audit import quantities
from fentanyl_stats.data import names


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """A real IPython shell in which the package was imported."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    quiet = Config()
    quiet.HistoryManager.enabled = False
    made = InteractiveShell(config=quiet)
    made.run_cell("import fentanyl_stats as fs\n%load_ext fentanyl_stats")
    return made


def _offered(shell: Any, code: str) -> list[str]:
    """What a notebook would show: each completion as the line that it makes."""
    with provisionalcompleter():
        found = list(shell.Completer.completions(code, len(code)))
    return [code[: each.start] + each.text for each in found]


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ('fs.assess("deaths-p', ['fs.assess("deaths-per-year']),
        ("fs.assess('root", ["fs.assess('root-cause"]),
        ('fs.claims()["guang', ['fs.claims()["guangzhou-offices']),
        ('fs.claims("my.toml")["guang', ['fs.claims("my.toml")["guangzhou-offices']),
        (
            'fs.load("vsrr',
            [
                'fs.load("vsrr',
                *(f'fs.load("vsrr-{part}' for part in ("archive", "archive-coverage", "archive-vintages", "specified")),
            ],
        ),
        ('x = fs.load( "nfl', ['x = fs.load( "nflis']),
        ('fs.vintages("her', ['fs.vintages("heroin']),
        ('fs.check("over 5", "deaths/her', ['fs.check("over 5", "deaths/heroin']),
        ('fs.check("97%", quantity="offices/g', ['fs.check("97%", quantity="offices/guangzhou']),
        ('fs.vintages("all", "2023-12", jurisdiction="Y', ['fs.vintages("all", "2023-12", jurisdiction="YC']),
        ('# parameters\ndrug: str = "meth', ['# parameters\ndrug: str = "methadone']),
        ('claim: str = "origin', ['claim: str = "origin-share']),
    ],
)
def test_names_complete_in_a_shell(shell: InteractiveShell, code: str, made: list[str]) -> None:
    assert _offered(shell, code) == made


def test_every_name_is_offered_before_one_is_begun(shell: InteractiveShell) -> None:
    assert completion.names('fs.claims()["') == list(fs.claims())
    assert completion.names('fs.load("') == list(dict.fromkeys(fs.datasets().query("dataset != 'claims'")["dataset"]))
    assert completion.names('drug="') == list(names.drugs())
    assert completion.names('quantity="') == list(quantities.catalogue())
    assert len(_offered(shell, 'fs.assess("')) == len(fs.claims())


@pytest.mark.parametrize(
    "code", ['print("dea', 'assessment("dea', 'fs.assess("deaths") + "r', "x = 1", 'drugs = "her', ""]
)
def test_other_strings_are_left_alone(shell: InteractiveShell, code: str) -> None:
    assert completion.names(code) == []
    _offered(shell, code)


def test_it_is_added_once(shell: InteractiveShell) -> None:
    before = list(shell.Completer.custom_matchers)
    completion.register(shell)
    assert shell.Completer.custom_matchers == before
    assert len(before) == 1


def test_importing_looks_at_ipython_only_where_it_runs() -> None:
    script = "import sys, fentanyl_stats\nassert 'IPython' not in sys.modules and 'pandas' not in sys.modules"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
