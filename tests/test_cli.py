"""The command line: exit codes, at most three lines on bad input, JSON for programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fentanyl_stats import cli
from fentanyl_stats.data import paths

EXAMPLE = str(Path(__file__).parents[1] / "notebooks" / "example-article.toml")


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(list(arguments))
    out, err = capsys.readouterr()
    assert isinstance(stopped.value.code, int)
    return stopped.value.code, out, err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chek",), "Did you mean 'check'"),
        (("assess",), "Missing argument"),
        (("assess", "deaths-per-yaer"), "did you mean 'deaths-per-year'"),
        (("assess", "deaths-per-year", "--as-of", "May"), "'May' is not a date"),
        (("assess", "deaths-per-year", "--delta", "x"), "--delta"),
        (("assess", "deaths-per-year", "--delta", "-1"), "delta"),
        (("check", "some", "deaths/all", "--period", "2023"), "no number"),
        (("check", "100", "deaths/al", "--period", "2023"), "did you mean 'deaths/all'"),
        (("check", "100", "deaths/all", "--period", "2O23"), "period '2O23'"),
        (("check", "100", "deaths/all", "--period", "2023", "--jurisdiction", "Ohio"), "'OH' (Ohio)"),
        (("claims", "--claims", "none.toml"), "cannot be read"),
        (("report", "--only", "deths"), "did you mean 'deaths'"),
        (("report", "--each", "state"), "--each"),
        (("report", "--only", "deaths", "-p", "jurisdicton", "WV"), "did you mean 'jurisdiction'"),
        (("report", "--only", "deaths", "-p", "jurisdiction", "XX"), "unknown jurisdiction 'XX'"),
        (("report", "--workers", "0"), "workers"),
        (("data", "build", "vsr"), "did you mean 'vsrr'"),
    ],
)
def test_bad_input_is_a_clear_line_and_code_2(
    arguments: tuple[str, ...],
    words: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = _run(capsys, *arguments)
    assert code == 2
    assert words in err
    assert len((out + err).splitlines()) <= 3
    assert list(tmp_path.iterdir()) == []


def test_answers_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "check", "more than 70,000", "deaths/synthetic-opioids", "--period", "2023")
    assert code == 0
    assert "SUPPORTED" in out
    assert "72,776 deaths" in out
    code, out, _ = _run(capsys, "assess", "deaths-per-year", "--json")
    assert (code, json.loads(out)["direction"]) == (0, "overstates")
    code, out, _ = _run(capsys, "claims", "--json")
    assert (code, len(json.loads(out))) == (0, 25)
    code, out, _ = _run(capsys, "claims", "--claims", EXAMPLE)
    assert (code, len(out.splitlines())) == (0, 3)
    code, out, _ = _run(capsys, "data", "list", "--json")
    assert "vsrr" in {row["dataset"] for row in json.loads(out)}
    code, out, _ = _run(capsys, "data", "verify", "--json")
    assert (code, {row["hash_ok"] and row["contract_ok"] for row in json.loads(out)}) == (0, {True})


def test_a_damaged_file_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(paths.raw(), tmp_path / "raw")
    damaged = tmp_path / "raw" / "dea-offices" / "published.csv"
    damaged.write_bytes(damaged.read_bytes().replace(b"93", b"94"))
    monkeypatch.setenv("FENTANYL_STATS_DATA", str(tmp_path))
    code, out, err = _run(capsys, "data", "verify")
    assert code == 1
    assert "published.csv" in err
    code, out, err = _run(capsys, "assess", "foreign-offices")
    assert code == 2
    assert "expected SHA-256" in err
    assert len((out + err).splitlines()) <= 3


@pytest.mark.slow
def test_a_report_of_ones_own_article(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = _run(capsys, "report", "--claims", EXAMPLE, "--out", str(tmp_path), "--workers", "1")
    assert code == 0
    assert "4 of 4 pages" in out
    assert {p.name for p in (tmp_path / "claims").iterdir()} == {
        "deaths-2023.html",
        "fell-by-half.html",
        "turning-point.html",
    }
    code, out, _ = _run(
        capsys,
        "report",
        "--only",
        "deaths",
        "-p",
        "jurisdiction",
        "WV",
        "--as-of",
        "2025-06-01",
        "--out",
        str(tmp_path),
    )
    assert code == 0
    assert "West Virginia" in (tmp_path / "themes" / "deaths.html").read_text("utf-8")
