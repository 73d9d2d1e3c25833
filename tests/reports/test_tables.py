"""Tables: every cell as text, headers that machines follow, notes, sources; the same bytes for the same data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.model import Source
from fentanyl_stats.reports import tables

from .test_hostile import ATTACKS

WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40).map(lambda s: " ".join(s.split()))


@dataclass
class Read(HTMLParser):
    """A table as a browser reads it."""

    made: str
    rows: list[list[str]] = field(default_factory=list)
    caption: str = ""
    ids: list[str] = field(default_factory=list)
    pointers: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    _in: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.made)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note rows, cells and what points where."""
        values = dict(attrs)
        self.tags.add(tag)
        self.ids += [str(values["id"])] if "id" in values else []
        self.pointers += str(values.get("headers") or "").split()
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self._in = tag if tag in ("td", "th", "caption") else self._in

    def handle_data(self, data: str) -> None:
        """Collect the text of cells and of the caption."""
        if self._in == "caption":
            self.caption += data
        elif self._in in ("td", "th") and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        """A cell ends."""
        self._in = "" if tag == self._in else self._in


@given(st.lists(WORDS, min_size=1, max_size=4), WORDS, WORDS)
def test_any_text_is_shown_as_itself(cells: list[str], caption: str, note: str) -> None:
    made = Read(tables.html_table(pd.DataFrame({"what": cells, "again": cells}), caption, note))
    assert made.tags <= {"div", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "span"}
    assert made.caption == caption
    shown = made.rows[1 : len(cells) + 1]
    for cell, (first, second) in zip(cells, shown, strict=True):
        assert first.replace("−", "-") == (cell or "–").replace("−", "-")
        assert second.replace("−", "-") == (cell or "–").replace("−", "-")
    assert len(made.ids) == len(set(made.ids))
    assert set(made.pointers) <= set(made.ids)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_text_in_every_part(attack: str) -> None:
    frame = pd.DataFrame({attack: [attack], "n": ["1"], "remark": [attack]})
    made = Read(tables.html_table(frame, attack, attack, attack, notes=("remark", "n")))
    text = " ".join(attack.split())
    assert made.tags <= {"div", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "span", "sup"}
    whole = [" ".join(cell.split()) for row in made.rows for cell in row]
    assert sum(text in cell for cell in whole) == 5  # head, cell, note, source line, footnote
    assert " ".join(made.caption.split()) == text


def test_numbers_stand_right_and_missing_is_a_dash() -> None:
    frame = pd.DataFrame(
        {"year": ["2022", "2023"], "rate (95% interval)": ["-1.5 (-3.0 to 0.2)", None], "flag": ["a-1", "x"]}
    )
    made = tables.html_table(frame, "Rates")
    assert re.search(r'class="gt_row gt_right">−1\.5 \(−3\.0 to 0\.2\)<', made)
    assert re.search(r'class="gt_row gt_right">–<', made)
    assert ">a-1<" in made
    assert 'scope="row"' in made and 'scope="col"' in made
    assert "style=" not in made


def test_the_same_remark_is_one_note() -> None:
    frame = pd.DataFrame({"year": ["1", "2", "3"], "deaths": ["10", "20", "30"], "remark": ["low", "", "low"]})
    made = tables.html_table(frame, "Deaths", notes=("remark", "deaths"))
    assert made.count("gt_footnote_marks") == 3  # twice in cells, once in the note
    assert made.count("low<") == 1
    assert "remark" not in made


def test_the_source_comes_from_the_data_unless_given() -> None:
    frame = pd.DataFrame({"year": ["2023"]})
    frame.attrs["source"] = Source("vsrr", publisher="CDC", vintage="2024-09-11")
    assert "Source: CDC, vsrr 2024-09-11." in tables.html_table(frame, "A")
    assert "Source: mine." in tables.html_table(frame, "A", source="mine")
    assert tables.cite(()) == ""


def test_the_same_table_has_the_same_bytes_and_another_has_other_ids() -> None:
    one, two = (tables.html_table(pd.DataFrame({"a": [value]}), "A") for value in ("1", "2"))
    assert one == tables.html_table(pd.DataFrame({"a": ["1"]}), "A")
    assert set(re.findall(r'id="([^"]+)"', one)).isdisjoint(re.findall(r'id="([^"]+)"', two))


def test_a_verdict_in_a_cell_is_marked_and_nothing_else_is() -> None:
    frame = pd.DataFrame({"verdict": ["CONTRADICTED (overstates)", "CONTRADICTED by all", "CLOSE"]})
    made = tables.html_table(frame, "Verdicts")
    assert made.count('class="word') == 2
    assert '<span class="word contradicted">CONTRADICTED (overstates)</span>' in made
