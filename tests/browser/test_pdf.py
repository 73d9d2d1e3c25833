"""Printed pages: real text, bookmarks, page numbers, tags, vectors; the same bytes twice."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

import fentanyl_stats as fs
from fentanyl_stats import cli
from fentanyl_stats.errors import ReportError
from fentanyl_stats.reports import pdf, report

from ..reports.test_hostile import ATTACKS

PAGE = "claims/deaths-per-year.html"


@pytest.fixture(scope="module")
def folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the report, since printing writes beside the pages."""
    return shutil.copytree(folder, tmp_path_factory.mktemp("printed") / "report")


def _titles(outline: list[Any]) -> list[str]:
    return [t for item in outline for t in (_titles(item) if isinstance(item, list) else [str(item["/Title"])])]


@pytest.mark.slow
def test_a_page_prints_with_text_bookmarks_numbers_tags_and_vectors(folder: Path, tmp_path: Path) -> None:
    (made,) = pdf.pages(folder, [PAGE, "claims/nothing-here.html"])
    assert made == folder / "claims" / "deaths-per-year.pdf"
    reader = PdfReader(made)
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert "CONTRADICTED (overstates)" in texts[0]
    assert fs.claims()["deaths-per-year"].quote in texts[0]
    for i, text in enumerate(texts, 1):
        assert f"{i} of {len(texts)}" in text
    assert {"Why this verdict", "Every reading", "Sources", "How to cite"} <= set(_titles(reader.outline))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en"
    kinds = {x["/Subtype"] for page in reader.pages for x in _objects(page)}
    assert "/Image" not in kinds  # the figures are drawn, not photographed
    assert b"file:" not in made.read_bytes()
    assert not list(folder.rglob(".*"))


@pytest.mark.slow
def test_two_prints_have_the_same_bytes(folder: Path) -> None:
    first = [path.read_bytes() for path in pdf.pages(folder, ["index.html", PAGE])]
    again = [path.read_bytes() for path in pdf.pages(folder, ["index.html", PAGE], workers=1)]
    assert first == again


@pytest.mark.slow
def test_the_whole_audit_is_one_document_the_same_twice(folder: Path) -> None:
    made = pdf.audit(folder)
    first = made.read_bytes()
    assert pdf.audit(folder).read_bytes() == first
    assert b"file:" not in first
    reader = PdfReader(made)
    titles = _titles(reader.outline)
    for name in ("Deaths per year", "Root cause", "West Virginia", "DEA offices: 93 in 69"):
        assert name in titles
    assert reader.pages[0].extract_text().count("CONTRADICTED") >= 3
    last = " ".join(reader.pages[-1].extract_text().split())
    assert f"{len(reader.pages)} of {len(reader.pages)}" in last
    jumps = [a.get_object() for page in reader.pages for a in page.get("/Annots", [])]
    assert any("/Dest" in jump for jump in jumps)  # the index leads to the claims within the document


@pytest.mark.slow
def test_hostile_text_prints(folder: Path) -> None:
    (made,) = pdf.pages(folder / "hostile", ["claims/one.html"])
    text = "".join(page.extract_text() for page in PdfReader(made).pages)
    assert ATTACKS[0].replace(" ", "") in "".join(text.split())


def _objects(page: Any) -> list[Any]:
    found = []
    for x in page.get("/Resources", {}).get("/XObject", {}).values():
        node = x.get_object()
        found += [node, *_objects(node)]
    return found


def _report(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["report", *arguments])
    out, err = capsys.readouterr()
    assert isinstance(stopped.value.code, int)
    return stopped.value.code, out, err


@pytest.mark.parametrize("missing", ["browser", "pypdf"])
def test_what_is_missing_is_said_before_any_work(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if missing == "browser" else f"/usr/bin/{name}")
    monkeypatch.setattr(pdf, "find_spec", lambda name: None)
    monkeypatch.setattr(report, "make", lambda *_, **__: pytest.fail("work was done"))
    code, out, err = _report(capsys, "--pdf", "--only", "root-cause", "--out", str(tmp_path / "r"))
    assert code == 2
    assert out == ""
    assert re.fullmatch(r"fentanyl-stats: --pdf .*(Chromium|\[pdf\]).*\n", err)


def test_a_browser_that_fails_is_named_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.html").write_text("<body><main>x</main></body>", "utf-8")
    monkeypatch.setattr(pdf, "browser", lambda: "false")
    with pytest.raises(ReportError, match="index.pdf could not be printed: false ended with code 1"):
        pdf.pages(tmp_path, ["index.html"])
    monkeypatch.setattr(pdf, "browser", lambda: str(tmp_path / "none"))
    with pytest.raises(ReportError, match="could not be printed: FileNotFoundError"):
        pdf.pages(tmp_path, ["index.html"])
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


@pytest.mark.slow
@pytest.mark.usefixtures("plain_index")
def test_the_command_prints_one_page(program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _report(capsys, "--pdf", "--only", "root-cause", "--out", str(tmp_path))
    assert code == 0
    assert "1 PDF written" in out
    assert [path.name for path in tmp_path.rglob("*.pdf")] == ["root-cause.pdf"]
