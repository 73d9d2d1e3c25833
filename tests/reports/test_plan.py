"""Which notebooks a command asks for, decided and checked before anything runs."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import papermill
import pytest

import fentanyl_stats as fs
from fentanyl_stats.data import names, paths
from fentanyl_stats.errors import ParameterError
from fentanyl_stats.reports import plan, report
from fentanyl_stats.reports.cache import Job
from fentanyl_stats.reports.parameters import NOTEBOOKS

from .books import book

NO_RESULT = "|".join((
    r"`[^`]*`", r"\{[^{}]*\}", r"^[:,+]*\.\d[f%]$", r"F\d{3}", "Data Brief \\d+", r"T40\.4",  # code, formats, ids of figures and titles
    r"\b\d{1,2} [A-Z][a-z]+ (19|20)\d{2}", r"(\b|FY)(19|20)\d{2}(-\d{2}){0,2}\b",  # days, months and years
    "per 100,000", "95%", "1 to 9", "10 heaviest", r"< 0\.001",  # what defines a measure
))  # fmt: skip
EXAMPLE = Path(__file__).parents[1] / "small-article.toml"


def _pages(jobs: list[Job]) -> list[str]:
    return [job.page for job in jobs]


def test_by_default_every_theme_and_every_claim_is_a_page() -> None:
    ledger = report.read()
    jobs = report.plan(ledger)
    themes = [f"themes/{name}.html" for name in plan.THEMES]
    assert _pages(jobs) == themes + [f"claims/{claim}.html" for claim in ledger.claims]
    assert all(job.path.is_file() for job in jobs)
    assert len({job.page for job in jobs}) == len(jobs)
    assert [job.parameters["claim"] for job in jobs[len(themes) :]] == list(fs.claims())


@pytest.mark.parametrize("only", ["deaths", "origin", "offices", "claims", "deaths-per-year", "root-cause"])
def test_only_is_one_page(only: str) -> None:
    (job,) = report.plan(report.read(), only)
    assert job.page in (f"themes/{only}.html", f"claims/{only}.html")


def test_each_jurisdiction_is_a_page_of_finals() -> None:
    jobs = report.plan(report.read(), each="jurisdiction", as_of="2025-01-31")
    codes = [code for code in names.jurisdictions() if code not in ("PR", "YC")]
    assert _pages(jobs) == [f"jurisdictions/{code}.html" for code in codes]
    assert len(codes) == 52
    assert {job.notebook for job in jobs} == {"jurisdiction.ipynb"}
    assert [dict(job.parameters) for job in jobs] == [{"jurisdiction": c, "as_of": "2025-01-31"} for c in codes]
    assert next(job.title for job in jobs if job.page.endswith("WV.html")) == "West Virginia"


def test_each_claim_leaves_the_themes_out() -> None:
    assert _pages(report.plan(report.read(), each="claim")) == [f"claims/{claim}.html" for claim in fs.claims()]


def test_an_article_of_ones_own_has_its_claims_alone() -> None:
    ledger = report.read(str(EXAMPLE))
    jobs = report.plan(ledger, claims_file=str(EXAMPLE))
    assert _pages(jobs) == [
        "themes/claims.html", "claims/deaths-2023.html", "claims/fell-by-half.html", "claims/turning-point.html",
    ]  # fmt: skip
    assert {job.parameters["claims_file"] for job in jobs} == {str(EXAMPLE)}
    with pytest.raises(ParameterError, match="unknown theme or claim 'origin'"):
        report.plan(ledger, "origin", claims_file=str(EXAMPLE))


def test_parameters_reach_the_notebooks_that_take_them() -> None:
    (job,) = report.plan(report.read(), "deaths-per-year", given={"delta": "0.25"}, as_of="2024-09-17")
    assert job.parameters == {"claim": "deaths-per-year", "as_of": "2024-09-17", "delta": 0.25}
    jobs = report.plan(report.read(), given={"drug": "heroin", "delta": "0.2"})
    takes = {job.notebook: set(job.parameters) & {"drug", "delta"} for job in jobs}
    assert takes["deaths.ipynb"] == {"drug"}
    assert takes["claim.ipynb"] == {"delta"}
    assert takes["offices.ipynb"] == set()


@pytest.mark.parametrize(
    ("only", "each", "given", "message"),
    [
        ("deths", None, {}, "unknown theme or claim 'deths'; did you mean 'deaths'"),
        (None, "state", {}, "unknown --each 'state'; valid: claim, jurisdiction"),
        ("deaths", "claim", {}, "--only deaths is one page and --each claim one for each claim; give one of the two"),
        ("deaths", None, {"jurisdicton": "WV"}, "unknown parameter 'jurisdicton'; did you mean 'jurisdiction'"),
        ("deaths", None, {"jurisdiction": "WX"}, "parameter 'jurisdiction': unknown jurisdiction 'WX'"),
        ("deaths", None, {"delta": "0.2"}, "unknown parameter 'delta'"),
        ("deaths-per-year", None, {"delta": "a lot"}, "parameter 'delta' must be a number, got 'a lot'"),
        ("deaths-per-year", None, {"delta": "nan"}, "parameter 'delta' must be at least 0"),
        ("deaths-per-year", None, {"claim": "root-cause"}, "unknown parameter 'claim'"),
        (None, "jurisdiction", {"jurisdiction": "WV,XX"}, "unknown jurisdiction 'XX'"),
        (None, "claim", {"claim": "root-caus"}, "unknown claim 'root-caus'; did you mean 'root-cause'?"),
        ("deaths", None, {"jurisdiction": "WV,WV"}, "1 pages would be written twice, the first themes/deaths-WV.html"),
        ("deaths", None, {"jurisdiction": "WV,"}, "jurisdiction"),
        ("trends", None, {"last_year": "2022.5"}, "parameter 'last_year' must be a number"),
    ],
)
def test_a_wrong_plan_stops_before_any_kernel(
    only: str | None, each: str | None, given: dict[str, str], message: str
) -> None:
    with pytest.raises(ParameterError, match=re.escape(message)):
        report.plan(report.read(), only, each, given)


def test_defaults_and_titles_are_those_of_the_notebooks() -> None:
    themes = [*plan.THEMES.values(), plan.JURISDICTION, plan.CLAIM]
    own = {path.name for path in paths.notebooks().glob("*.ipynb")} - {"check.ipynb"}  # the reader's own, no page
    assert {theme.notebook for theme in themes} == own
    for theme in themes:
        known = papermill.inspect_notebook(str(paths.notebooks() / theme.notebook))
        assert {name: ast.literal_eval(each["default"]) for name, each in known.items()} == theme.defaults
        assert set(NOTEBOOKS[theme.name].model_fields) == set(known)
        NOTEBOOKS[theme.name](**theme.defaults)  # they are valid
    assert plan.THEMES["deaths"].title == "Overdose deaths and the “nearly 100,000”"
    assert plan.THEMES["claims"].title == "All claims and how they drifted"


def test_a_changed_default_counts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    for place in ("US", "WX"):
        book(tmp_path, "deaths", f'jurisdiction: str = "{place}"\ndrug: str = "all"\nas_of: str = ""')
        assert plan.THEMES["deaths"].defaults["jurisdiction"] == place
    with pytest.raises(ParameterError, match="unknown jurisdiction 'WX'"):
        plan.plan(report.read(), "deaths")


@pytest.mark.parametrize("path", sorted(paths.notebooks().glob("*.ipynb")), ids=lambda path: Path(path).stem)
def test_no_result_is_typed_into_prose(path: Path) -> None:
    """The only numbers in a notebook's words are those of the article, days, names, formats and what defines a measure."""
    printed = {f"{value:,.0f}" for value in fs.article_figures()["value"]}
    cells = json.loads(path.read_text("utf-8"))["cells"]
    words = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    for cell in cells:
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", []):
            tree = ast.parse("".join(cell["source"]))
            words += [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    for text in words:
        rest = re.sub(NO_RESULT, "", text)
        typed = re.findall(r"\d[\d,.]*\d|\d", rest)
        assert set(typed) <= printed, f"{path.name}: {text!r}"


def test_values_with_commas_make_a_page_of_each_combination() -> None:
    jobs = plan.plan(report.read(), "deaths", given={"jurisdiction": "WV, OH", "drug": "heroin,synthetic-opioids"})
    assert [(job.page, job.title) for job in jobs] == [
        (f"themes/deaths-{code}-{drug}.html", f"Overdose deaths and the “nearly 100,000” ({code}, {drug})")
        for code in ("WV", "OH")
        for drug in ("heroin", "synthetic-opioids")
    ]
    assert jobs[1].parameters == {"jurisdiction": "WV", "drug": "synthetic-opioids"}


def test_days_make_pages_too() -> None:
    jobs = plan.plan(
        report.read(), each="jurisdiction", given={"jurisdiction": "WV,US", "as_of": "2024-09-17,2025-01-31"}
    )
    assert [job.page for job in jobs] == [
        f"jurisdictions/{code}-{day}.html" for code in ("WV", "US") for day in ("2024-09-17", "2025-01-31")
    ]
    assert [job.parameters["as_of"] for job in jobs] == ["2024-09-17", "2025-01-31"] * 2


def test_a_parameter_that_is_a_list_stays_one_value() -> None:
    (job,) = plan.plan(report.read(), "trends", given={"jurisdictions": "WV,OH"})
    assert job.parameters["jurisdictions"] == "WV,OH"
    assert job.page == "themes/trends.html"
    lists = {name for theme in plan.THEMES.values() for name, value in theme.defaults.items() if "," in str(value)}
    assert lists <= set(plan.LISTS)
