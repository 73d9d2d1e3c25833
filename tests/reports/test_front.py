"""The index in words, and what pages rest on."""

from __future__ import annotations

from pathlib import Path

import pytest

import fentanyl_stats as fs
from fentanyl_stats.audit.hedges import DELTA
from fentanyl_stats.reports import pages
from fentanyl_stats.reports.cache import Job
from fentanyl_stats.reports.parameters import Claims
from fentanyl_stats.show import bundle

from .books import judged


def test_the_summary_counts_every_claim() -> None:
    every = [judged(claim, "", DELTA) for claim in fs.claims()]
    said = pages.summary(every)
    computed = [a for a in every if a.verdict]
    assert said.startswith(f"Of {len(computed)} claims that public data can test, ")
    for label in pages.GROUPS:
        count = sum(a.verdict.label == label for a in computed if a.verdict)
        assert (f"{label.lower()}" in said) == bool(count)
    assert f"{len(every) - len(computed)} more carry" in said


def test_the_summary_of_few_claims() -> None:
    one, none = fs.assess("foreign-offices"), fs.assess("root-cause")
    assert pages.summary([one]) == "Of 1 claim that public data can test, 1 is supported."
    assert pages.summary([none]).startswith("None of 1 claims holds a number")


def test_the_colophon_names_every_table_read_and_hides_folders() -> None:
    table = fs.load("cbp-seizures").attrs["source"]
    example = str(Path(__file__).parents[1] / "small-article.toml")
    made = bundle(Claims(as_of="", claims_file=example))[0]["text/html"]
    assert table.sha256[:16] in made and table.title in made
    assert "small-article.toml" in made and str(Path(__file__).parents[1]) not in made
    assert "not set" in made


@pytest.mark.parametrize(
    ("job", "command"),
    [
        (Job("claim.ipynb", "claims/root-cause.html", "x", {"claim": "root-cause", "as_of": "2024-09-17", "delta": 0.2}),
         "fentanyl-stats report --only root-cause --as-of 2024-09-17 -p delta 0.2"),
        (Job("deaths.ipynb", "themes/deaths.html", "x", {"drug": "all"}), "fentanyl-stats report --only deaths -p drug all"),
        (Job("claims.ipynb", "themes/claims.html", "x", {"claims_file": "/home/me/my file.toml"}),
         "fentanyl-stats report --only claims --claims 'my file.toml'"),
        (Job("deaths.ipynb", "themes/deaths-WV.html", "x", {"jurisdiction": "WV"}), "fentanyl-stats report --only deaths -p jurisdiction WV"),
        (Job("jurisdiction.ipynb", "jurisdictions/WV.html", "x", {"jurisdiction": "WV"}),
         "fentanyl-stats report --each jurisdiction -p jurisdiction WV"),
    ],
)  # fmt: skip
def test_the_command_makes_the_page_again(job: Job, command: str) -> None:
    assert pages._commands(job)[0] == command
    assert pages._commands(job)[1].startswith(f"papermill notebooks/{job.notebook} out.ipynb -p ")
