"""The command line: exit codes, at most three lines on bad input, JSON for programs."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fentanyl_stats as fs
from fentanyl_stats import cli
from fentanyl_stats.data import paths

from .reports.books import book

EXAMPLE = str(Path(__file__).with_name("small-article.toml"))


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
        (("assess", "deaths-per-year", "--delta", "1"), "delta must be at least 0 and less than 1"),
        (("assess", "root-cause", "--delta", "10"), "delta must be at least 0 and less than 1"),
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
        (("report", "--only", "root-cause", "-p", "claim", "subsidies"), "unknown parameter 'claim'"),
        (("report", "-p"), "unknown parameter ''"),
        (("report", "--claims", "/"), "cannot be read"),
        (("report", "--as-of", "2024-02-30"), "'2024-02-30' is not a date"),
        (("report", "--only", "offices", "--out", __file__), "File exists"),
        (("report", "--only", "offices", "--out", f"{__file__}/x"), "Not a directory"),
        (("claims", "--claims", __file__), "not valid TOML"),
        (("check", "about 5", "deaths/all"), "Missing option '--period'"),
        (("check", "97%", "deaths/all", "--period", "2023"), "counted in percent"),
        (("check", "100 of 200", "deaths/all", "--period", "2023"), "2 numbers"),
        (("check", "100", "deaths/all", "--period", "2024-13"), "'2024-13' is not a date"),
        (("check", "100", "deaths/all", "--period", "2023", "--as-of", "soon"), "'soon' is not a date"),
        (("check", "100", "deaths/all", "--period", "2023", "--delta", "nan"), "delta"),
        (("check", "fell 27%", "deaths/all", "--period", "2024"), "say since when"),
        (("check", "27%", "deaths/all", "--period", "2024", "--among", "towns"), "among: Input should be"),
        (("check", "5 doses", "seizures/fentanyl", "--period", "FY2023", "--purity", "2", "3"), "no range of shares"),
        (("quantities", "fentnyl"), "did you mean 'fentanyl'"),
        (("data", "lsit"), "list"),
        (("--nope",), "No such option"),
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


FORMS = [
    ("fell 24%", "deaths/all", "--period 2024 --since 2023", 24.40),
    ("25,000 fewer", "deaths/all", "--period 2024 --since 2023 --as difference", 25623),
    ("287", "deaths/all", "--period 2023 --per day", 287.69),
    ("31 per 100,000", "deaths/all", "--period 2023 --standard crude", 31.18),
    ("70%", "deaths/synthetic-opioids", "--period 2023 --of deaths/all", 69.31),
    ("more than", "deaths/all", "--period 2021 --versus causes/motor-vehicle-traffic --versus 48,830", 1.16),
    ("41 percent higher", "deaths/all", "--period 2021 --jurisdiction FL --versus-jurisdiction CA --by rate", 1.41),
    ("number 5", "deaths/all", "--period 2021 --jurisdiction TN --among states --by rate", 2),
    ("an all-time high", "deaths/all", "--period 2021 --extreme high", 1),
    ("37,208", "deaths/synthetic-opioids", "--period 2020 --ages 18-45", 37208),
    ("12 times", "seizures/fentanyl", "--period FY2023 --dose-mg 2 --versus population --purity 1 1", 18.20),
]


@pytest.mark.parametrize(("phrase", "quantity", "options", "value"), FORMS, ids=[row[2] for row in FORMS])
def test_the_keys_of_a_form_are_options(
    phrase: str, quantity: str, options: str, value: float, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = _run(capsys, "check", phrase, quantity, *options.split(), "--json")
    assert (code, round(json.loads(out)["natural"]["value"], 2)) == (0, value)


def test_quantities_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "quantities", "northern", "--json")
    rows = json.loads(out)
    assert (code, len(rows)) == (0, 6)
    assert set(rows[0]) == {"quantity", "unit", "label", "places", "periods", "measures"}
    code, out, _ = _run(capsys, "quantities", "carfentanil")
    assert code == 0
    assert out.startswith("reports/carfentanil")
    assert "half-years 2017 to 2025" in out


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


def test_a_data_folder_that_is_none_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENTANYL_STATS_DATA", str(tmp_path / "none"))
    for arguments in (("data", "list"), ("data", "verify"), ("data", "build"), ("assess", "root-cause"), ("claims",)):
        code, out, err = _run(capsys, *arguments)
        assert (code, out) == (2, "")
        assert err.startswith(f"fentanyl-stats: FENTANYL_STATS_DATA names {tmp_path / 'none'}, which does not exist")
        assert len(err.splitlines()) == 1


@given(
    st.lists(
        st.sampled_from(
            ("check", "assess", "claims", "data", "list", "deaths-per-year", "deaths/all", "97%", "nearly 100,000",
             "--period", "2023", "FY2023", "--as-of", "2024-09-17", "--delta", "0.1", "--json", "-p", "--claims", "--", "")
        )
        | st.text(max_size=12),
        max_size=7,
    ).filter(lambda words: "report" not in words and "build" not in words and "refresh" not in words)
)  # fmt: skip
def test_no_words_bring_a_traceback(words: list[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code in (0, 2)
    assert "Traceback" not in err.getvalue()
    if stopped.value.code == 2 and out.getvalue() == "":
        assert 1 <= len(err.getvalue().splitlines()) <= 3


def test_json_is_all_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ("claims",), ("claims", "--claims", EXAMPLE), ("assess", "root-cause"), ("assess", "origin-share"),
        ("assess", "deaths-2023", "--claims", EXAMPLE, "--as-of", "2024-06-01"),
        ("check", "over 97%", "seizure-share/non-southwest", "--period", "FY2023"), ("data", "list"),
    ):  # fmt: skip
        code, out, err = _run(capsys, *arguments, "--json")
        assert (code, err) == (0, "")
        assert json.loads(out)
        assert "NaN" not in out and "Infinity" not in out


def test_a_program_of_its_own_says_the_same() -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "fentanyl_stats", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    good = run("check", "more than 70,000", "deaths/synthetic-opioids", "--period", "2023")
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.splitlines()[1] == "SUPPORTED"
    bad = run("assess", "deaths-per-yaer")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.startswith("fentanyl-stats: unknown claim 'deaths-per-yaer'; did you mean 'deaths-per-year'?")
    assert len(bad.stderr.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("plain_index")
def test_parameters_and_the_day_reach_the_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given = ("--only", "deaths", "-p", "jurisdiction", "WV", "-p", "as_of", "2025-06-01", "--out", str(tmp_path))
    code, out, err = _run(capsys, "report", *given)
    assert (code, err) == (0, "")
    assert out == f"1 of 1 pages written; open {tmp_path / 'index.html'}\n"
    page = (tmp_path / "themes" / "deaths.html").read_text("utf-8")
    assert "West Virginia" in page
    assert "as known on 2025-06-01" in page
    assert json.loads((tmp_path / "results.json").read_text("utf-8"))["as_of"] == "2025-06-01"


@pytest.mark.slow
@pytest.mark.usefixtures("plain_index")
def test_a_run_that_fails_exits_with_1_and_keeps_the_old_page(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(tmp_path, "offices", 'as_of: str = ""', "raise OSError('disk\\nfull')")
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    page = tmp_path / "out" / "themes" / "offices.html"
    page.parent.mkdir(parents=True)
    page.write_bytes(b"the page of an earlier run")
    code, out, err = _run(capsys, "report", "--only", "offices", "--out", str(tmp_path / "out"))
    assert code == 1
    assert err == "offices.ipynb, cell 2: OSError: disk full\n"
    assert out.startswith("0 of 1 pages written; open ")
    assert page.read_bytes() == b"the page of an earlier run"
    assert "themes/offices.html" in (tmp_path / "out" / "index.html").read_text("utf-8")
    assert json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))["schema"] == 1


def test_read_lists_the_numbers_of_a_text_and_writes_a_claims_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "article.txt"
    text.write_text("More than 70,000 Americans died of fentanyl last year. \x1b[31mNothing else.", "utf-8")
    code, out, _ = _run(capsys, "read", str(text), "--date", "2024-08-01")
    assert (code, out) == (0, "1. More than 70,000 Americans: level of deaths/synthetic-opioids, 2023 (yes)\n")
    code, out, _ = _run(capsys, "read", str(text), "--date", "2024-08-01", "--toml")
    assert code == 0 and "\x1b" not in out
    (tmp_path / "mine.toml").write_text(out, "utf-8")
    code, out, _ = _run(capsys, "assess", "n1", "--claims", str(tmp_path / "mine.toml"))
    assert code == 0 and out.splitlines()[1] == "SUPPORTED"
    code, out, _ = _run(capsys, "read", str(text), "--json")
    assert code == 0 and json.loads(out)[0]["value"] == 70_000
    for missing in ("none.txt", str(tmp_path), "nul\0"):
        code, out, err = _run(capsys, "read", missing)
        assert (code, out) == (2, "") and "cannot be read" in err and err.count("\n") == 1


def test_init_writes_a_claims_file_and_never_over_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    code, out, _ = _run(capsys, "init", str(file))
    assert code == 0 and len(fs.claims(file)) == 8 and str(file) in out
    file.write_text("mine", "utf-8")
    code, _, err = _run(capsys, "init", str(file))
    assert code == 2 and "exists already" in err and file.read_text("utf-8") == "mine"
