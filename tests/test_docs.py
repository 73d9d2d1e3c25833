"""What README shows can be typed: commands run, files load, names and options exist."""

from __future__ import annotations

import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from papermill.cli import papermill
from papermill.inspection import display_notebook_help, inspect_notebook

import fentanyl_stats as fs
from fentanyl_stats import cli
from fentanyl_stats.data import paths
from fentanyl_stats.errors import LedgerError
from fentanyl_stats.reports import report

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PROSE = re.sub(r"```.*?```", "", README, flags=re.DOTALL)


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def _lines(program: str) -> list[list[str]]:
    """The arguments of every command line that README shows for a program, in blocks and in prose."""
    shown = [line for block in _blocks("sh") for line in block.splitlines()]
    shown += [code for code in re.findall(r"`([^`\n]+)`", PROSE) if " " in code]
    words = [shlex.split(line, comments=True) for line in shown if line.startswith(program + " ")]
    return [line[1:] for line in words]


def _article() -> str:
    return next(block for block in _blocks("toml") if "[article]" in block)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a fresh clone's, with a file for every TOML name that README mentions."""
    (tmp_path / "notebooks").symlink_to(paths.notebooks())
    for name in set(re.findall(r"[\w-]+\.toml", README)) - {
        "pyproject.toml",
        "new.toml",
    }:  # the last is written by a command
        (tmp_path / name).write_text(_article(), "utf-8")
    (tmp_path / "article.txt").write_text("More than 70,000 Americans died of fentanyl in 2023.", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


def test_the_commands_run(desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    planned: list[int] = []

    def make(out: Path, jobs: list[Any], *rest: object, **options: object) -> report.Report:
        planned.append(len(jobs))
        return report.Report((), len(jobs), out / "index.html")

    monkeypatch.setattr(report, "make", make)  # the notebooks themselves run elsewhere
    lines = _lines("fentanyl-stats")
    assert len(lines) >= 4
    for words in lines:
        if words[:2] == ["data", "refresh"]:
            continue  # goes to the network
        if words == ["report"]:
            continue  # named in a sentence, not shown
        assert _run(words) == 0, words
        assert capsys.readouterr().out, words
    assert planned
    assert all(planned)


@pytest.mark.slow
def test_the_papermill_lines_run(desk: Path) -> None:
    lines = _lines("papermill")
    assert any("--help-notebook" in words for words in lines)
    for words in lines:
        command = [sys.executable, "-m", "papermill", *words]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        if "--help-notebook" not in words:
            assert (desk / words[1]).stat().st_size > 10_000


@pytest.mark.parametrize("path", sorted(paths.notebooks().glob("*.ipynb")), ids=lambda path: Path(path).stem)
def test_papermill_explains_every_notebook(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with papermill.make_context("papermill", [str(path)]) as context:
        assert display_notebook_help(context, str(path), None) == 0
    shown = capsys.readouterr().out.partition("Parameters inferred")[2]
    parameters = re.findall(r"^  (\w+): (\w+) \(default .+?\)\s+(\S.*)$", shown, re.MULTILINE)
    assert [name for name, *_ in parameters] == list(inspect_notebook(str(path)))
    for _, kind, remark in parameters:
        assert kind in ("str", "float", "int")
        assert len(remark) > 8


def test_the_claims_file_is_sound_and_judged(desk: Path) -> None:
    file = desk / "my-article.toml"
    claims = fs.claims(file)
    assert [str(fs.assess(claim, claims=file).verdict) for claim in claims] == ["SUPPORTED"]
    assert all(claim.ladder for claim in claims.values())


def test_the_mistake_gets_the_answer_shown(desk: Path) -> None:
    shown = next(line for block in _blocks("text") for line in block.splitlines() if "my-article.toml" in line)
    wrong = desk / "my-article.toml"
    wrong.write_text(_article().replace('hedge = "over" }', 'hedge = "nearyl" }'), "utf-8")
    with pytest.raises(LedgerError) as caught:
        fs.claims(wrong)
    assert f"fentanyl-stats: {caught.value}".startswith(shown.rstrip("… "))


def test_the_names_for_r_users_exist() -> None:
    rows = [line.split("|")[2] for line in README.splitlines() if line.startswith("| `")]
    names = [name for row in rows for name in re.findall(r"`((?:\w+\.)+\w+)", row)]
    assert len(names) > 8
    for name in names:
        head, *rest = name.split(".")
        where = "fentanyl_stats" if head in dir(fs) else "fentanyl_stats.stats"
        found: object = getattr(importlib.import_module(where), head)
        for part in rest:
            found = getattr(found, part)
        assert callable(found), name


def test_the_names_of_the_package_exist() -> None:
    for name in set(re.findall(r"\bfs\.((?:\w+)(?:\.\w+)*)\(?", README)):
        found: object = fs
        for part in name.split("."):
            found = getattr(found, part)


def test_every_option_is_one() -> None:
    known = {"--help-notebook"}

    def collect(command: Any) -> None:
        known.update(option for parameter in command.params for option in parameter.opts)
        for inner in getattr(command, "commands", {}).values():
            collect(inner)

    collect(typer.main.get_command(cli.app))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) <= known


def test_every_target_and_every_link_exists() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z]+)\b(?=`|\s+#)", README)) <= set(targets)
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


def test_the_sources_file_and_the_notebooks_named_exist() -> None:
    for name in set(re.findall(r"\b((?:data|notebooks|docs|benchmarks)/[\w./-]+\.\w+)", README)):
        assert (ROOT / name).is_file(), name
