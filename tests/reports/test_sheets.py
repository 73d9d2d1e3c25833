"""Tables as CSV: they read back as shown, and no cell is a formula."""

from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.data import paths
from fentanyl_stats.reports import sheets, site
from fentanyl_stats.reports.execute import Job, execute

from .books import LINKS, book
from .pages import Page

PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=20)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-x", "'-x"),
        ("\t=1", "'\t=1"),
        ("-7.1 (-9.0 to -5.2)", "-7.1 (-9.0 to -5.2)"),
        ("+10%", "+10%"),
        ("a = b", "a = b"),
        ('say "97%", twice\nor more', 'say "97%", twice\nor more'),
        (None, ""),
        (1.5, "1.5"),
    ],
)
def test_a_cell_is_written_as_shown_and_never_a_formula(cell: object, written: str) -> None:
    made = sheets.csv(pd.DataFrame({"a": [cell], "b": ["end"]}))
    assert list(csv.reader(io.StringIO(made))) == [["a", "b"], [written, "end"]]


@given(st.lists(st.tuples(PLAIN, PLAIN), max_size=5))
def test_every_text_reads_back(rows: list[tuple[str, str]]) -> None:
    made = sheets.csv(pd.DataFrame(rows, columns=["one", "two"]))
    header, *found = csv.reader(io.StringIO(made, newline=""))
    assert header == ["one", "two"]
    assert [[cell.removeprefix("'") for cell in row] for row in found] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not any(cell[:1] in ("=", "@") for row in found for cell in row)


@pytest.mark.slow
def test_a_table_of_a_page_lies_beside_it_as_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    show = (
        "import pandas as pd\n"
        "from fentanyl_stats.reports import view\n"
        "view.table(pd.DataFrame({'place': ['<b>', '=1'], 'deaths': [1, 2]}), 'A \"caption\" <i>', 'a note')\n"
        "view.table(pd.DataFrame({'x': ['é']}), 'Another')"
    )
    book(tmp_path, "made", "x: int = 0", show)
    out = tmp_path / "out"
    page = Page(site.page(execute(Job("made.ipynb", "themes/made.html", "made")), out, LINKS))
    linked = [link for link in page.links if link.endswith(".csv")]
    assert linked == ["../figures/themes-made-1-0.csv", "../figures/themes-made-1-1.csv"]
    assert not set(page.broken) & set(linked)
    assert (out / "figures/themes-made-1-0.csv").read_bytes() == b"place,deaths\n<b>,1\n'=1,2\n"
    assert (out / "figures/themes-made-1-1.csv").read_text("utf-8") == "x\né\n"
    labels = [html.unescape(text) for _, text in re.findall(r"aria-label=([\"'])(CSV.*?)\1", page.source)]
    assert labels == ['CSV: A "caption" <i>', "CSV: Another"]
