"""What `fs.show` shows: the numbers of a value, well-formed, every text as text, the same bytes for the same data."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

import fentanyl_stats as fs
from fentanyl_stats.audit import verdicts
from fentanyl_stats.errors import NotPublished
from fentanyl_stats.model import Estimate, Source
from fentanyl_stats.show import (
    CSV,
    NARROW,
    PNG,
    SVG,
    VERDICTS,
    Card,
    ShowError,
    alt_text,
    bundle,
    cite,
    pictures,
    table_html,
)
from fentanyl_stats.show import csv as as_csv
from fentanyl_stats.stats import joinpoint

from .reports.test_hostile import ARTICLE, ATTACKS, TEXT

WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40).map(lambda s: " ".join(s.split()))
PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=20)


class Shown(HTMLParser):
    """Tags that were opened, text by text, and whether each was closed."""

    def __init__(self, made: str) -> None:
        """Read it all."""
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(made)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it; a handler of events would be a hole."""
        self.tags.append(tag)
        self.open += [] if tag == "br" else [tag]
        self.links += [value or "" for name, value in attrs if name == "href"]
        safe = {"style", "scope", "href", "rel", "class", "headers", "id", "role", "tabindex", "aria-label"}
        drawn = {"width", "height", "overflow", "x", "y", "cx", "cy", "r", "x1", "x2", "y1", "y2", "fill", "stroke",
                 "stroke-width", "stroke-dasharray", "font-size", "font-weight", "text-anchor"}  # fmt: skip
        assert {name for name, _ in attrs} <= safe | (drawn if "svg" in self.open else set())

    def handle_endtag(self, tag: str) -> None:
        """Close the last one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.text += data


def _html(value: object) -> Shown:
    """A value as a notebook shows it, through IPython's own formatter."""
    data, _ = DisplayFormatter().format(value, include=["text/html"])
    return Shown(data["text/html"])


def test_an_assessment_shows_its_verdict_and_what_it_rests_on() -> None:
    shown = _html(fs.assess("deaths-per-year")).text
    for said in ("CONTRADICTED (overstates)", "“nearly 100,000 deaths of Americans each year”", "90,000 to just under 100,000",
                 "at most 75,091 deaths", "vintage 2024-09-13", "WRONG QUANTITY", "deaths from all drugs: 101,000", "F3", "E1"):  # fmt: skip
        assert said in shown
    plain = bundle(fs.assess("deaths-per-year"))[0]["text/plain"]
    for said in ("[90,000, 100,000)", "vintage 2024-09-13", "WRONG QUANTITY: deaths/all was 101,000", "(F3, E1)"):
        assert said in plain
    rated = _html(fs.assess("root-cause")).text
    assert "distorted" in rated and "F1" in rated and "E0" in rated
    assert "readings" not in rated
    rated = bundle(fs.assess("root-cause"))[0]["text/plain"]
    assert "no number that public data could test" in rated
    assert "distorted (F1, E0)" in rated


def test_a_claim_shows_who_said_it() -> None:
    shown = _html(fs.claims()["deaths-per-year"]).text
    for said in ("deaths-per-year", "nearly 100,000", "CDC → AP → The Epoch Times → article", "2024-09-17", "S03"):
        assert said in shown


def test_an_estimate_shows_its_interval_unit_and_method() -> None:
    shown = _html(
        Estimate(10.25, 9.8, 10.69, 0.95, "percent", "a method", (Source("vsrr", vintage="2025-01-08"),))
    ).text
    for said in ("10.25%", "95% interval", "9.80 to 10.69%", "a method", "vsrr 2025-01-08"):
        assert said in shown
    bounds = _html(Estimate(None, 0, 75_091, None, "deaths", "bounds")).text
    assert "known within bounds alone" in bounds
    assert "0 to 75,091 deaths" in bounds
    assert "no sampling error" in bounds


def test_a_source_links_to_the_web_alone() -> None:
    source = fs.load("vsrr").attrs["source"]
    shown = _html(source)
    assert shown.links == [source.url]
    assert source.vintage in shown.text and source.sha256[:16] in shown.text and source.licence in shown.text
    assert _html(Source("A1", url="javascript:alert(1)")).links == []


def test_a_fit_shows_its_bends() -> None:
    fit = joinpoint.fit(range(1999, 2015), [6 * 1.1 ** min(t, 7) * 0.95 ** max(t - 7, 0) for t in range(16)])
    shown = _html(fit).text
    assert "2006" in shown and "10.0" in shown and "−5.0" in shown and "annual percent change" in shown


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(ARTICLE, "utf-8")
    for claim in fs.claims(file).values():
        for value in (claim, fs.assess(claim.id, claims=file), *claim.cited):
            shown = _html(value)
            set_apart = {"figure", "figcaption", "blockquote", "bdi", "br", "dl", "dt", "dd", "span"}
            drawn = {"svg", "rect", "line", "circle", "text"}
            assert (
                set(shown.tags) <= {"div", "p", "strong", "a", "table", "tbody", "tr", "th", "td"} | set_apart | drawn
            )
            assert all(link.startswith("https://") for link in shown.links)
    assert TEXT in _html(fs.claims(file)["one"].cited[0]).text


@given(st.text(), st.text(), st.text())
def test_any_text_is_shown_as_it_is(title: str, name: str, value: str) -> None:
    shown = Shown(Card(title, [(name, value)], quote=value)._repr_html_())
    kept = [text.replace("\r\n", "\n").replace("\r", "\n") for text in (title, value)]
    assert all(text in shown.text.replace("\r", "\n") for text in kept if "\x00" not in text)


@pytest.mark.parametrize("nothing", ["", None])
def test_rows_that_say_nothing_are_left_out(nothing: object) -> None:
    assert "table" not in Card("title", [("name", nothing)])._repr_html_()
    assert "0" in Shown(Card("title", [("deaths", 0)])._repr_html_()).text


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
    made = Read(table_html(pd.DataFrame({"what": cells, "again": cells}), caption, notes=note))
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
    made = Read(table_html(frame, attack, notes=attack, source=attack, footnotes=("remark", "n")))
    text = " ".join(attack.split())
    assert made.tags <= {"div", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "span", "sup"}
    whole = [" ".join(cell.split()) for row in made.rows for cell in row]
    assert sum(text in cell for cell in whole) == 5  # head, cell, note, source line, footnote
    assert " ".join(made.caption.split()) == text


def test_numbers_stand_right_and_missing_is_a_dash() -> None:
    frame = pd.DataFrame(
        {"year": ["2022", "2023"], "rate (95% interval)": ["-1.5 (-3.0 to 0.2)", None], "flag": ["a-1", "x"]}
    )
    made = table_html(frame, "Rates")
    assert re.search(r'class="gt_row gt_right" style="text-align: right[^"]*">−1\.5 \(−3\.0 to 0\.2\)<', made)
    assert re.search(r'class="gt_row gt_right" style="text-align: right[^"]*">–<', made)
    assert re.search(r'class="gt_row gt_left" style="text-align: left">x<', made)  # JupyterLab sets cells to the right
    assert ">a-1<" in made
    assert 'scope="row"' in made and 'scope="col"' in made
    assert set(re.findall(r'style="([^:]*)', made)) == {"text-align"}


def test_the_same_remark_is_one_note() -> None:
    frame = pd.DataFrame({"year": ["1", "2", "3"], "deaths": ["10", "20", "30"], "remark": ["low", "", "low"]})
    made = table_html(frame, "Deaths", footnotes=("remark", "deaths"))
    assert made.count("gt_footnote_marks") == 3  # twice in cells, once in the note
    assert made.count("low<") == 1
    assert "remark" not in made


def test_the_source_comes_from_the_data_unless_given() -> None:
    frame = pd.DataFrame({"year": ["2023"]})
    frame.attrs["source"] = Source("vsrr", publisher="CDC", vintage="2024-09-11")
    assert "Source: CDC, vsrr 2024-09-11." in table_html(frame, "A")
    assert "Source: mine." in table_html(frame, "A", source="mine")
    assert cite(()) == ""


def test_the_same_table_has_the_same_bytes_and_another_has_other_ids() -> None:
    one, two = (table_html(pd.DataFrame({"a": [value]}), "A") for value in ("1", "2"))
    assert one == table_html(pd.DataFrame({"a": ["1"]}), "A")
    assert set(re.findall(r'id="([^"]+)"', one)).isdisjoint(re.findall(r'id="([^"]+)"', two))


def test_a_verdict_in_a_cell_is_marked_and_nothing_else_is() -> None:
    frame = pd.DataFrame({"verdict": ["CONTRADICTED (overstates)", "CONTRADICTED by all", "CLOSE"]})
    made = table_html(frame, "Verdicts")
    assert made.count('class="word') == 2
    assert '<span class="word contradicted">CONTRADICTED (overstates)</span>' in made


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
    made = as_csv(pd.DataFrame({"a": [cell], "b": ["end"]}))
    assert list(csv.reader(io.StringIO(made))) == [["a", "b"], [written, "end"]]


@given(st.lists(st.tuples(PLAIN, PLAIN), max_size=5))
def test_every_text_reads_back(rows: list[tuple[str, str]]) -> None:
    made = as_csv(pd.DataFrame(rows, columns=["one", "two"]))
    header, *found = csv.reader(io.StringIO(made, newline=""))
    assert header == ["one", "two"]
    assert [[cell.removeprefix("'") for cell in row] for row in found] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not any(cell[:1] in ("=", "@") for row in found for cell in row)


# --- the verb ------------------------------------------------------------------------------------------------------


class Shell:
    """Stands in for the shell of a notebook, in which things are displayed."""

    class events:
        """What matplotlib hooks its end of a cell to."""

        register = unregister = staticmethod(lambda *_: None)


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    monkeypatch.setattr("IPython.get_ipython", Shell)
    monkeypatch.setattr("IPython.display.display", lambda data, metadata, raw: found.append((data, metadata)))
    return found


@pytest.mark.parametrize(
    "way", ["import fentanyl_stats.show", "from fentanyl_stats.show import Card", "fs.model", "pass"]
)
def test_show_is_the_function_whoever_imported_the_module(way: str) -> None:
    code = f"import fentanyl_stats as fs, inspect\n{way}\nprint(inspect.isfunction(fs.show), list(inspect.signature(fs.show).parameters)[0])"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout == "True x\n"


def test_a_notebook_displays_and_a_script_prints(
    displayed: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pd.DataFrame({"year": [2023], "deaths": [107_543]})
    ax = Figure().add_subplot(title="Empty")
    things: list[object] = ["*Words*", frame, ax, fs.claims()["deaths-per-year"], [Source("A1", title="A <title>")]]
    for thing in things:
        fs.show(thing)
    assert [next(iter(data)) for data, _ in displayed] == [
        "text/markdown",
        "text/html",
        NARROW,
        "text/html",
        "text/html",
    ]
    assert capsys.readouterr().out == ""
    monkeypatch.undo()
    for thing in things:
        fs.show(thing)
    printed = capsys.readouterr().out
    assert "*Words*\n" in printed and "2023 107,543" in printed and "Chart: Empty." in printed
    assert "deaths-per-year" in printed and "A1: A <title>." in printed


def test_a_picture_shown_is_not_drawn_again_at_the_end_of_the_cell(
    displayed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plt, "get_backend", lambda: "module://matplotlib_inline.backend_inline")
    figure, ax = plt.subplots()
    fs.show(ax)
    assert not plt.fignum_exists(figure.number)
    assert SVG in displayed[0][0]


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (None, "there is nothing to show: the value is None"),
        (3, "an int cannot be shown; what can: a sentence, a DataFrame"),
        ({"a": 1}, "a dict cannot be shown"),
        ([1], "a list cannot be shown"),
        (fs.stats, "a module cannot be shown"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(thing: object, said: str) -> None:
    with pytest.raises(ShowError, match=re.escape(said)) as error:
        fs.show(thing)
    assert "\n" not in str(error.value)
    assert isinstance(error.value, fs.FentanylStatsError) and isinstance(error.value, TypeError)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"captoin": "x"}, "unknown option 'captoin'; did you mean 'caption'"),
        ({"formats": {"deahts": "{}"}}, "unknown column 'deahts'; did you mean 'deaths'"),
        ({"notes": {"x": "y"}}, "unknown column 'x'"),
        ({"units": {"x": "y"}}, "unknown column 'x'"),
        ({"columns": ["x"]}, "unknown column 'x'"),
        ({"footnotes": ("x", "deaths")}, "unknown column 'x'"),
        ({"formats": {"deaths": "{:d}"}}, "the format '{:d}' does not fit column 'deaths'"),
    ],
)
def test_an_option_that_fits_nothing_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ShowError, match=re.escape(said)):
        fs.show(pd.DataFrame({"deaths": [1.5]}), **options)
    with pytest.raises(ShowError, match="two columns of the table are named 'a'"):
        fs.show(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(ShowError, match="caption: for a table or a template, not for an Axes"):
        fs.show(Figure().add_subplot(), caption="x")


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_template_is_filled_with_is_text(attack: str) -> None:
    data, _ = bundle("**{bold}**: {n:,.1f}, {nothing}, {yes}", bold=attack, n=1234.56, nothing=None, yes=np.bool_(True))
    assert data["text/markdown"].startswith("**") and data["text/markdown"].endswith("**: 1,234.6, –, yes")
    assert not set(data["text/markdown"][2:-25]) & set("<>*_`[]{}$\\\"'~")
    assert bundle(attack)[0]["text/markdown"] == attack  # without values it is the notebook's own text


def test_a_template_that_lacks_a_value_says_so() -> None:
    for template in ("{place} {x}", "{} {place}"):
        with pytest.raises(ShowError, match="no value was given"):
            fs.show(template, place="US")
    with pytest.raises(ShowError, match="cannot be filled"):
        fs.show("{place:,.1f}", place="US")
    assert bundle("From {source}", source="CDC")[0]["text/plain"] == "From CDC"


def test_nothing_steers_a_terminal() -> None:
    evil = "a\x1b[2J\x07\x9b31m\u202eb"
    for data, _ in (
        bundle(evil), bundle("{x}", x=evil), bundle(pd.DataFrame({evil: [evil]}), caption=evil), bundle(Card(evil, [(evil, evil)])),
        bundle(Figure().add_subplot(label=evil), pictured=False), bundle([Source("A1", title=evil)]), bundle(NotPublished(evil)),
    ):  # fmt: skip
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", data["text/plain"])


def test_only_addresses_of_the_web_become_links() -> None:
    data, _ = bundle([Source("A1", title="<i>", url="javascript:alert(1)"), Source("A2", url='https://x.org/"y')])
    shown = Shown(data["text/html"].replace("<ul", "<div").replace("</ul", "</div"))
    assert shown.links == ['https://x.org/"y']
    assert "<i>" in shown.text
    assert bundle([])[0]["text/plain"] == "No source is cited."


def test_an_empty_frame_or_an_error_is_one_sentence() -> None:
    frame = pd.DataFrame({"deaths": []})
    assert bundle(frame)[0]["text/plain"] == "Nothing was published."
    frame.attrs["as_of"] = "2015-01-01"
    assert bundle(frame, caption="Deaths.")[0]["text/plain"] == "Nothing was published by 2015-01-01: Deaths."
    frame.attrs["empty"] = "No <b>count</b> is held."
    data, _ = bundle(frame)
    assert data["text/plain"] == "No <b>count</b> is held." and "<" not in data["text/markdown"]
    assert bundle(NotPublished("nothing by *then*"))[0]["text/markdown"] == "nothing by &#42;then&#42;"


# --- tables of numbers ---------------------------------------------------------------------------------------------

KINDS: list[tuple[Any, list[str]]] = [
    ([1, 1000, -20], ["1", "1,000", "−20"]),
    ([1.0, None, 107_543.0], ["1", "–", "107,543"]),
    ([10**17 + 1, 2, 3], ["100,000,000,000,000,001", "2", "3"]),
    ([0.5, 12.25, -0.01], ["0.5", "12.2", "0.0"]),
    ([0.0123, 0.5, 1.0], ["0.01", "0.50", "1.00"]),
    ([0.00123, -0.0045, 0], ["0.0012", "−0.0045", "0.0000"]),
    ([1234.56, 1.5, float("inf")], ["1,235", "2", "∞"]),
    ([True, False, None], ["yes", "no", "–"]),
    (pd.array([1000, None, 3], dtype="Int64"), ["1,000", "–", "3"]),
    (pd.to_datetime(["2024-09-17", None, "2023-01-01"]), ["2024-09-17", "–", "2023-01-01"]),
    (pd.to_datetime(["2024-09-17 10:30", None, "2023-01-01 00:00"]), ["2024-09-17 10:30", "–", "2023-01-01"]),
    (pd.period_range("2024-01", periods=3, freq="M"), ["2024-01", "2024-02", "2024-03"]),
    (pd.Categorical(["b", None, "a"]), ["b", "–", "a"]),
    (["x-1", "", 1000], ["x-1", "–", "1000"]),
]


@pytest.mark.parametrize(("values", "cells"), KINDS)
def test_numbers_are_written_by_their_type(values: Any, cells: list[str]) -> None:
    made = Read(table_html(pd.DataFrame({"what": list("abc"), "value": values}), "A"))
    assert [row[1] for row in made.rows[1:]] == cells


def test_years_have_no_separators_and_a_format_or_unit_rules() -> None:
    frame = pd.DataFrame({"year": [2022, 2023], "deaths": [1950, 2050], "share": [7.25, -3.0], "p": [0.5, None]})
    frame.attrs["units"] = {"deaths": "people", "share": "percent"}
    rows = Read(table_html(frame, "A", formats={"p": "{:.3f}"})).rows
    assert rows == [
        ["year", "deaths (people)", "share", "p"],
        ["2022", "1,950", "7.2%", "0.500"],
        ["2023", "2,050", "−3.0%", "–"],
    ]
    rows = Read(table_html(frame, "A", units={"deaths": ""}, formats={"share": lambda v: f"{v:+g} pp"})).rows
    assert rows[1] == ["2022", "1,950", "+7.25 pp", "0.50"]


def test_the_index_is_shown_where_it_says_something() -> None:
    frame = pd.DataFrame({"n": [1, 2, 3]})
    assert Read(table_html(frame)).rows[0] == ["n"]
    assert Read(table_html(frame.query("n > 1"))).rows == [["n"], ["2"], ["3"]]
    assert Read(table_html(frame.rename_axis("place"))).rows[1] == ["0", "1"]
    assert Read(table_html(frame.set_axis(list("abc")))).rows[:2] == [["", "n"], ["a", "1"]]
    pairs = frame.set_axis(pd.MultiIndex.from_product([["US"], [2021, 2022, 2023]], names=["place", "year"]))
    assert Read(table_html(pairs)).rows[1] == ["US", "2021", "1"]
    wide = pairs["n"].unstack("year")
    assert Read(table_html(wide)).rows == [["place", "2021", "2022", "2023"], ["US", "1", "2", "3"]]
    assert Read(table_html(pd.Series({"US": 0.5}, name="share"))).rows == [["", "share"], ["US", "0.50"]]


def test_columns_are_chosen_and_renamed() -> None:
    frame = pd.DataFrame({"a": [1], "b": [2], "c": [3]}, pd.Index(["US"], name="place"))
    assert Read(table_html(frame, columns=["c", "a"])).rows == [["place", "c", "a"], ["US", "3", "1"]]
    assert Read(table_html(frame, columns=frame.columns[:1])).rows == [["place", "a"], ["US", "1"]]
    data, _ = bundle(frame, columns={"b": "second"}, units={"b": "pounds"})
    assert Read(data["text/html"]).rows[0] == ["place", "second (pounds)"]
    assert data[CSV] == "place,second (pounds)\nUS,2\n"


def test_the_csv_holds_numbers_in_full() -> None:
    data, metadata = bundle(
        pd.DataFrame({"day": pd.to_datetime(["2024-01-01"]), "rate": [1 / 3], "n": [None]}), caption="A"
    )
    assert data[CSV] == "day,rate,n\n2024-01-01,0.3333333333333333,\n"
    assert metadata == {CSV: {"caption": "A"}}


def test_a_long_table_shows_its_ends_and_says_what_is_left_out() -> None:
    frame = pd.DataFrame({"n": range(200), "remark": [""] * 199 + ["last"]})
    data, _ = bundle(frame, caption="Long", most=5, footnotes=("remark", "n"))
    rows = Read(data["text/html"]).rows
    assert [row[0] for row in rows[1:7]] == ["0", "1", "2", "…", "198", "a 199"]
    assert "195 of 200 rows, in the middle, are left out here." in data["text/html"]
    assert data[CSV].count("\n") == 201
    assert len(Read(table_html(frame)).rows) == 1 + 61 + 1
    assert "left out" not in table_html(frame.head(60))


def test_notes_stand_on_headers_or_under_the_table() -> None:
    frame = pd.DataFrame({"year": [2023], "deaths": [1]})
    data, _ = bundle(frame, caption="A", notes={"deaths": "<i>occurrence</i>", "year": "calendar"})
    rows = Read(data["text/html"]).rows
    assert rows[0] == ["yeara", "deathsb"]
    assert [row[0] for row in rows[2:]] == ["a calendar", "b <i>occurrence</i>"]
    assert "deaths: <i>occurrence</i>" in data["text/plain"]
    assert "A remark." in table_html(frame, notes="A remark.")
    frame.attrs["sources"] = (Source("vsrr", publisher="CDC"), Source("F1", publisher="CBS"))
    assert "Sources: CDC, vsrr; CBS, F1." in table_html(frame)


def test_the_words_of_verdicts_are_those_of_the_rule() -> None:
    assert set(VERDICTS) == {*verdicts.LABELS, "DEPENDS"}


# --- pictures ------------------------------------------------------------------------------------------------------


def _lines() -> Axes:
    figure, _ = plt.subplots(figsize=(8, 4))
    plt.close(figure)
    ax = figure.axes[0]
    ax.plot(pd.to_datetime(["2021-01-01", "2022-01-01", "2023-01-01"]), [3, 1.5, 2000], label="fentanyl <b>")
    ax.axhline(2, color="#d9d9d9")
    ax.set_title(r"From \$5")
    return ax


def test_a_chart_without_words_gets_some_from_what_is_drawn() -> None:
    ax = _lines()
    said = "Chart: From $5. fentanyl <b>: 3 at 2021-01-01 to 2,000 at 2023-01-01, lowest 1.50, highest 2,000."
    assert alt_text(ax) == alt_text(ax.get_figure()) == said
    ax.set_label("The chart's own words.")
    assert alt_text(ax) == alt_text(ax.get_figure()) == "The chart's own words."
    heat = sns.heatmap(pd.DataFrame([[1, 2], [3, np.nan]]), ax=Figure().add_subplot(title="Heat"))
    assert alt_text(heat) == "Chart: Heat. 3 cells, lowest 1, highest 3."
    bars = Figure().add_subplot(title="Bars", ylabel="deaths")
    bars.bar(["US", "WV"], [5, 7.5], label="2023")
    bars.scatter([0, 1], [1, 2])
    assert alt_text(bars) == "Chart: Bars. Up: deaths. 2023: 2, lowest 5, highest 7.50. points: 2."


def test_grids_figures_and_arrays_of_axes_are_pictures() -> None:
    frame = pd.DataFrame({"x": [1, 2, 1, 2], "y": [1, 2, 3, 4], "place": ["US", "US", "WV", "WV"]})
    grid = sns.relplot(data=frame, x="x", y="y", col="place", kind="line")
    plt.close(grid.figure)
    panels = Figure().subplots(1, 2)
    for thing in (grid, grid.figure, panels, list(panels), Figure().add_subfigure(GridSpec(1, 1)[0]).subplots()):
        assert {SVG, PNG} <= set(bundle(thing)[0])
    assert "place = WV" in alt_text(grid)


def test_a_figure_is_left_as_it_was_and_can_be_edited_and_shown_again() -> None:
    for ax in (_lines(), fs.charts.scoreboard([fs.assess("foreign-offices")])):
        figure = ax.get_figure(root=True)
        assert figure is not None
        before = (
            tuple(figure.get_size_inches()),
            ax.get_position().bounds,
            figure.get_layout_engine(),
            figure.canvas,
            dict(vars(figure.subplotpars)),
        )
        first, again = pictures(ax), pictures(ax)
        assert first == again
        after = (
            tuple(figure.get_size_inches()),
            ax.get_position().bounds,
            figure.get_layout_engine(),
            figure.canvas,
            dict(vars(figure.subplotpars)),
        )
        assert after == before and ax.get_in_layout()
        ax.set_title("Another title\nof two lines")
        assert pictures(ax)[SVG] != first[SVG]


def test_a_narrow_picture_is_as_wide_as_a_telephone() -> None:
    width = {kind: float(re.search(r'width="([\d.]+)pt"', pictures(_lines())[kind])[1]) for kind in (SVG, NARROW)}  # type: ignore[index]
    assert width[NARROW] <= 3.95 * 72 < width[SVG]
    assert NARROW not in pictures(Figure(figsize=(3, 2)).add_subplot())


def test_greys_turn_in_the_dark_and_colours_stay() -> None:
    ax = Figure().add_subplot(title="black")
    ax.bar(["a", "b"], [1, 2], color=["#0072b2", "#d9d9d9"])
    ax.axhspan(0, 1, color="#f6d55c")
    on_blue, on_grey, white = (
        ax.text(0, 0.5, "on blue"),
        ax.text(1, 0.5, "on grey"),
        ax.text(0.5, 1.5, "white", color="white"),
    )
    sheet = pictures(ax)[SVG].split("prefers-color-scheme: dark", 1)[1].split("</style>")[0]
    for turned in ("fill: #ffffff", "fill: #d9d9d9", "fill: #f6d55c", "stroke: #000000"):
        assert f'[style*="{turned}"]' in sheet
    assert "#0072b2" not in sheet
    kept = [text for text in (on_blue, on_grey, white) if text.get_gid()]
    assert kept == []  # marked while it is drawn alone
    made = pictures(ax)[SVG]
    assert made.count('id="kept-') == 2
    assert made.index('id="kept-0"') < made.index("<!-- on blue -->") < made.index("<!-- on grey -->")
    night = Figure(facecolor="black").add_subplot()
    assert "prefers-color-scheme" not in pictures(night)[SVG]


def test_words_on_a_heatmap_keep_their_colour() -> None:
    ax = sns.heatmap(pd.DataFrame([[1, 2], [3, 4]]), ax=Figure().add_subplot(title="Heat"), annot=True)
    assert pictures(ax)[SVG].count('id="kept-') == 4 + 1  # the words and the cells; the colour bar is an image


def _contrast(one: str, two: str) -> float:
    """The contrast of two colours by WCAG 2."""
    from matplotlib.colors import to_rgb

    def light(colour: str) -> float:
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)


def test_colours_can_be_told_from_the_dark_ground() -> None:
    from fentanyl_stats.charts import style
    from fentanyl_stats.show import _darkened

    ground = _darkened("#ffffff")
    for colour in (style.BLUE, style.SKY, style.GREEN, style.ORANGE, style.RED, style.PURPLE):
        assert _darkened(colour) == "" and _contrast(colour, ground) >= 3
    for text in (style.INK, style.GREY, "#7a5b00", "#000000"):
        assert _contrast(_darkened(text), ground) >= 4.5
    for text in (style.INK, "#7a5b00"):
        assert _contrast(_darkened(text), _darkened(style.BAND)) >= 4.5
    assert _contrast(_darkened(style.BAND), ground) > 1.8 > _contrast(_darkened(style.WIDE), ground) > 1.3


@pytest.mark.slow
def test_nbconvert_finds_the_alt_text(tmp_path: Path) -> None:
    code = "import fentanyl_stats as fs\nfrom matplotlib.figure import Figure\nfs.show(Figure().add_subplot(title='A \"title\" <b>'))"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbformat.write(book, tmp_path / "book.ipynb")
    run = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", str(tmp_path / "book.ipynb")]
    paths = os.environ | {"PYTHONPATH": str(Path(fs.__file__).parents[1])}
    made = subprocess.run(run, capture_output=True, text=True, check=True, env=paths)
    assert "lternative text" not in made.stderr
    page = (tmp_path / "book.html").read_text("utf-8")
    assert re.search(r'<img[^>]*alt=[\'"]Chart: A (?:"|&quot;)title(?:"|&quot;) (?:<|&lt;)b(?:>|&gt;)\.[\'"]', page)
