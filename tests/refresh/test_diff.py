"""Vintages side by side, and the verdicts under each."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import fentanyl_stats as fs
from fentanyl_stats.audit.changes import Standing, standings, verdict_changes
from fentanyl_stats.data import catalog, paths, store
from fentanyl_stats.data.refresh import keep, rules
from fentanyl_stats.errors import DataError
from fentanyl_stats.reports import changes

from .conftest import Run


def test_the_cells_are_those_that_differ(run: Run) -> None:
    code, out, _ = run("data", "diff", "vsrr", "--from", "2025-01-08", "--to", "2026-06-27", "--json")
    (entry,) = json.loads(out)["datasets"]
    assert code == 0
    key = ["jurisdiction", "drug", "month_ending"]
    old, new = (store.load("vsrr", vintage) for vintage in ("2025-01-08", "2026-06-27"))
    both = old.merge(new, on=key, suffixes=("", "_new")).set_index(key)
    for column in ("reported", "predicted", "percent_complete", "percent_pending"):
        shown = [cell for cell in entry["cells"] if cell["column"] == column and cell["kind"] == "revised"]
        assert len(shown) == int((both[column] != both[f"{column}_new"]).fillna(value=False).sum())
        for cell in shown[::200]:
            row = both.loc[(cell["jurisdiction"], cell["drug"], cell["month_ending"])]
            assert (cell["old"], cell["new"]) == (row[column], row[f"{column}_new"])
            assert cell["change"] == pytest.approx(cell["new"] - cell["old"])
    assert {cell["drug"] for cell in entry["cells"]} == {"synthetic-opioids"}
    assert entry["counts"]["removed"] == 0


def test_the_verdicts_are_those_of_the_two_states(run: Run) -> None:
    code, out, err = run("data", "diff")
    assert (code, err) == (0, "")  # the release of February 2026 came to the same verdicts
    assert out.startswith("vsrr: vintage 2026-09-16, against 2025-01-08 and 2026-06-27; numbers that differ: ")
    code, out, _ = run("data", "diff", "vsrr", "--from", "2025-01-08", "--json")
    document = json.loads(out)
    assert (code, document["verdict_changed"]) == (3, True)
    one = next(v for v in document["datasets"][0]["verdicts"] if v["cell"] == "deaths/all@latest/reported/newest/none")
    then, now = one["before"], one["after"]
    assert (then["vintage"], then["verdict"]) == ("2025-01-08", "SUPPORTED")  # 90,157 is nearly 100,000
    assert (now["vintage"], now["verdict"], now["direction"]) == ("2026-09-16", "CONTRADICTED", "overstates")


def test_vintages_of_one_file_can_be_taken_out() -> None:
    held = [table for table in catalog.files("vsrr") if table.is_frame]
    for last in (0, 2, 6):
        with keep.copy(paths.root(), without=held[last + 1 :]) as folder, paths.using(folder):
            assert [t.vintage for t in catalog.files("vsrr") if t.is_frame] == [t.vintage for t in held[: last + 1]]
            assert fs.load("vsrr").attrs["source"].vintage == held[last].vintage
    assert fs.load("vsrr").attrs["source"].vintage == held[-1].vintage


def test_missing_is_not_zero() -> None:
    frame = pd.DataFrame(
        {
            "year": [2024, 2024],
            "half": [1, 1],
            "state": ["AK", "AL"],
            "substance": ["Fentanyl"] * 2,
            "reports": pd.array([2, 5], "Int64"),
        }
    )
    before = rules.tall("nflis", frame, "a")
    after = rules.tall("nflis", frame.assign(reports=pd.array([pd.NA, 5], "Int64")))
    cells = rules.cells("nflis", before, after)
    assert cells[["state", "kind"]].values.tolist() == [["AK", "withdrawn"]]
    assert cells["change"].isna().all()
    assert rules.cells("nflis", after, before)["kind"].tolist() == ["appeared"]
    assert rules.cells("nflis", before, before).empty
    assert rules.cells("nflis", before.head(1), before)["kind"].tolist() == ["added"]
    assert rules.cells("nflis", before, before.tail(1))["kind"].tolist() == ["removed"]


def test_a_flag_or_a_direction_is_a_change() -> None:
    one = next(iter(standings().values()))
    other = Standing(one.verdict, one.shown, one.window, "later", (*one.flags, "WRONG QUANTITY: another"))
    key = ("a-claim", "")
    (raised,) = (
        verdict_changes({key: one}, {key: other}) if not one.flags else verdict_changes({key: other}, {key: one})
    )
    assert raised.changed
    assert not verdict_changes({key: one}, {key: Standing(one.verdict, "x", "y", "z", one.flags)})
    (fresh,) = verdict_changes({}, {key: one})
    (gone,) = verdict_changes({key: one}, {})
    assert (fresh.changed, gone.changed) == (False, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("vsr",), "did you mean 'vsrr'"),
        (
            ("vsrr", "--from", "2026-09-16", "--to", "2025-01-08"),
            "is not older than 2025-01-08; exchange --from and --to",
        ),
        (("vsrr", "--from", "2020-01-01"), "unknown vintage of vsrr"),
        (("vsrr", "--to", "2017-12-16"), "is held in no vintage before 2017-12-16"),
        (("nflis",), "is held in no vintage before 2026-03-03"),
        (("claims",), "is TOML, not a table"),
        (("events",), "is held in no vintage before"),
        (("standard-population-2000",), "1998 and 2000 have other columns"),
        (("--from", "2025-01-08"), "belong to one dataset"),
    ],
)
def test_what_cannot_be_compared_is_one_line(words: tuple[str, ...], said: str, run: Run) -> None:
    code, out, err = run("data", "diff", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_the_claims_of_one_s_own(run: Run) -> None:
    example = str(Path(__file__).parents[1] / "small-article.toml")
    code, out, _ = run("data", "diff", "vsrr", "--claims", example, "--json")
    assert code in (0, 3)
    named = {verdict["claim"] for verdict in json.loads(out)["datasets"][0]["verdicts"]}
    assert named <= set(fs.claims(example))


def test_the_report_can_go_to_a_file(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("data", "diff", "vsrr", "--from", "2025-01-08", "--report", str(tmp_path / "changes.json"))
    assert code == 3
    made = json.loads((tmp_path / "changes.json").read_text("utf-8"))
    assert list(changes.lines(made)) == out.splitlines()
    code, _, err = run("data", "diff", "vsrr", "--report", "/proc/none/changes.json")
    assert (code, len(err.splitlines())) == (2, 1)


def test_a_dataset_without_numbers_says_so() -> None:
    with pytest.raises(DataError, match="events has no numbers beside its key"):
        rules.tall("events", store.load("events"))
