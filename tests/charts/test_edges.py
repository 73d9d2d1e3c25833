"""Pictures of little, of nothing, of what has no end, and of other people's words."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.dates import num2date
from matplotlib.figure import Figure
from matplotlib.text import Text

import fentanyl_stats as fs
from fentanyl_stats import charts
from fentanyl_stats.analysis import places, seizures
from fentanyl_stats.charts import style
from fentanyl_stats.model import Interval

from . import refusal

NEARLY, WIDE = Interval(90, 100, "left"), Interval(80, 105, "left")
MONTHS = pd.DataFrame(
    {"drug": "all", "month_ending": [f"2024-{month:02}" for month in range(1, 7)], "value": [100, 99, 97, 94, 90, 85]}
)


def _drawn(ax: Axes) -> str:
    """Draw all of it, and return every text on it."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    return " ".join(text.get_text() for text in ax.findobj(Text))


def _months(line: object) -> list[str]:
    return [f"{num2date(x):%Y-%m}" for x in line.get_xdata()]  # type: ignore[attr-defined]


def test_only_provisional_months_are_dashed() -> None:
    solid, dashed = charts.deaths(MONTHS, final_until="2024-03").lines
    assert (solid.is_dashed(), dashed.is_dashed()) == (False, True)
    assert _months(solid) == ["2024-01", "2024-02", "2024-03"]
    assert _months(dashed) == ["2024-03", "2024-04", "2024-05", "2024-06"]
    assert "dashed: provisional, after 2024-03" in _drawn(charts.deaths(MONTHS, final_until="2024-03"))
    assert "dashed" not in _drawn(charts.deaths(MONTHS, final_until="2024-06"))
    assert len(charts.deaths(MONTHS, final_until="2020-12").lines[0].get_xdata()) == 0  # type: ignore[arg-type]


def test_a_day_after_the_series_is_not_marked() -> None:
    assert "the article" in _drawn(charts.deaths(MONTHS, article=date(2024, 4, 1)))
    late = charts.deaths(MONTHS, article=date(2030, 4, 1))
    assert "the article" not in _drawn(late)
    figure = late.get_figure(root=True)
    assert figure is not None
    assert figure.get_tightbbox().width < 1.1 * figure.get_figwidth()  # nothing stands far beside the axes


def test_missing_months_leave_a_gap_and_are_not_zero() -> None:
    rows = MONTHS.assign(value=[100, 99, None, 94, 90, 85]).astype({"value": "Int64"})
    ax = charts.deaths(rows)
    y = np.asarray(ax.lines[0].get_ydata(), dtype=float)
    assert np.isnan(y).tolist() == [False, False, True, False, False, False]
    assert "peaked at 100" in charts.alt_text(ax)


def test_a_drug_without_any_value_is_left_out() -> None:
    rows = pd.concat([MONTHS, MONTHS.assign(drug="heroin", value=None)]).astype({"value": "Int64"})
    ax = charts.deaths(rows)
    assert "heroin" not in _drawn(ax) + charts.alt_text(ax)


@pytest.mark.parametrize("rows", [MONTHS.head(1), MONTHS.assign(value=0), MONTHS.head(1).assign(value=0)])
def test_one_month_and_none_dead(rows: pd.DataFrame) -> None:
    ax = charts.deaths(rows, claimed=NEARLY, wide=WIDE)
    assert _drawn(ax)
    assert ax.get_xlim()[0] < ax.get_xlim()[1]
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize(
    "claimed",
    [
        Interval(90, math.inf, "neither"),
        Interval(-math.inf, 90, "right"),
        Interval(-math.inf, math.inf),
        Interval(93, 93),
    ],
)
def test_an_endless_claim_runs_to_the_edge(claimed: Interval) -> None:
    ax = charts.deaths(MONTHS, claimed=claimed, wide=claimed, claim_label="claimed")
    assert _drawn(ax)
    assert all(map(math.isfinite, ax.get_ylim()))
    for patch in ax.patches:
        box = patch.get_extents().transformed(ax.transData.inverted())
        assert ax.get_ylim()[0] - 1e-6 <= box.y0 <= box.y1 <= ax.get_ylim()[1] + 1e-6
    shares = charts.seizure_shares(seizures.shares(), claimed=claimed, claim_label="claimed")
    assert _drawn(shares)
    assert shares.get_ylim() == (0, 104)


@pytest.mark.parametrize(
    ("phrase", "quantity", "period"),
    [
        ("more than 70,000", "deaths/synthetic-opioids", "2023"),
        ("at most 97%", "seizure-share/non-southwest", "FY2023"),
        ("0", "deaths/all", "2023"),
        ("93 offices", "offices/foreign", "2023-03-24"),
    ],
)
def test_every_phrase_has_its_multiverse(phrase: str, quantity: str, period: str) -> None:
    found = fs.check(phrase, quantity, period=period)
    assert found.natural is not None
    ax = charts.multiverse(found)
    texts = _drawn(ax)
    assert found.natural.shown.removesuffix(f" {found.natural.unit}") in texts
    assert f"{len(found.readings)} readings" in charts.alt_text(ax)
    assert f"{found.claim_interval}" in charts.alt_text(ax)
    bold = [label.get_text() for label in ax.get_yticklabels() if label.get_fontweight() == "bold"]
    assert [text.startswith("natural: ") for text in bold] == [True]
    assert all(map(math.isfinite, (*ax.get_xlim(), *ax.get_ylim())))


def test_the_multiverse_says_what_came_later() -> None:
    found = fs.assess("deaths-per-year")
    labels = [label.get_text() for label in charts.multiverse(found).get_yticklabels()]
    assert len(labels) == len(found.readings)
    assert sum(label.endswith(" · later") for label in labels) == sum(r.hindsight for r in found.readings)


def test_part_of_a_ladder_stands_alone() -> None:
    ladder = fs.claims()["origin-share"].ladder
    ax = charts.ladder(ladder[1:])
    assert _drawn(ax)
    assert charts.alt_text(ax).startswith(f"Drift ladder of {len(ladder) - 1} appearances. 2. ")
    for step in ladder[1:]:
        assert all(drift.replace("_", " ") in charts.alt_text(ax) for drift in step.drift)


HOSTILE = [r"$\foo$ and $5 to $10", r"$x_{$", "\u202etext", "<b>&amp;", "{braces} %s %d", "\t\n", "ﷺ" * 3, "\\frac{"]


@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
@pytest.mark.parametrize("words", HOSTILE)
def test_other_people_s_words_are_drawn_as_they_are(words: str) -> None:
    step = fs.claims()["origin-share"].ladder[0].model_copy(update={"who": words, "object": words})
    assert _drawn(charts.ladder([step]))
    found = fs.assess("foreign-offices")
    board = charts.scoreboard([replace(found, claim=found.claim.model_copy(update={"quote": words}))])
    assert _drawn(board)
    assert words in charts.alt_text(board)


def test_offices_of_any_number_of_series() -> None:
    counts = {name: places.office_counts() for name in "abcde"}
    ax = charts.offices(counts, claims={"a": 93})
    assert "claimed: 93" in _drawn(ax)
    assert all(f"{name} went from 70 (1996)" in charts.alt_text(ax) for name in counts)


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: charts.offices({"offices": places.office_counts().head(0)}), "'offices' has no row"),
        (lambda: charts.offices({"offices": places.office_counts().drop(columns="official")}), "unknown column"),
        (lambda: charts.seizures(pd.DataFrame({"pounds": [1.0]})), "unknown column 'fiscal_year'"),
        (lambda: charts.seizure_shares(seizures.shares().head(0)), "no row"),
        (lambda: charts.seizure_shares(seizures.shares().drop(columns="share_events")), "share_events"),
        (lambda: charts.deaths(MONTHS.assign(value=None)), "no value to draw"),
        (lambda: charts.deaths(MONTHS.drop(columns="month_ending")), "unknown column 'month_ending'"),
        (lambda: charts.scoreboard([fs.assess("root-cause")]), "no computed verdict"),
        (lambda: charts.small_multiples(pd.DataFrame({"place": [], "year": [], "rate": [], "fitted": []})), "no row"),
        (lambda: charts.small_multiples(pd.DataFrame({"place": ["A"]})), "unknown column 'year'"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(draw: Callable[[], Axes], words: str) -> None:
    assert re.search(words, refusal(draw)) and "\n" not in refusal(draw)


@pytest.mark.parametrize("rows", [1, 8])
def test_seizures_name_every_year_and_mark_the_open_one(rows: int) -> None:
    shares = seizures.shares().head(rows)
    ax = charts.seizure_shares(shares)
    for value in shares["share_weight"]:
        assert f"{value:.1f}" in _drawn(ax)
    assert ("(open)" in _drawn(ax)) == (rows == 8)
    assert re.search(rf"between {shares['share_weight'].min():.1f} and {shares['share_weight'].max():.1f} percent", charts.alt_text(ax))  # fmt: skip
    hatched = [bar for bar in charts.seizures(fs.load("cbp-seizures")).patches if bar.get_hatch()]
    assert len(hatched) == 3, "one year of three regions is open"


def test_a_reader_s_figure_is_left_as_it_was() -> None:
    shown = plt.get_fignums()
    with plt.rc_context():
        before = dict(plt.rcParams)
        figure = Figure(figsize=(9, 4), layout="constrained")
        left, right = figure.subplots(1, 2)
        left.set_title("mine")
        assert charts.deaths(MONTHS, right) is right
        assert (left.get_title(), len(left.lines), left.spines["top"].get_visible()) == ("mine", 0, True)
        assert tuple(figure.get_size_inches()) == (9, 4)
        assert dict(plt.rcParams) == before
    charts.small_multiples(
        pd.DataFrame({"place": ["A"] * 3, "year": [1, 2, 3], "rate": [1.0, 2, 3], "fitted": [1.0, 2, 3]})
    )
    assert plt.get_fignums() == shown


@settings(max_examples=200)
@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 6)), max_size=12), st.floats(0.001, 1e5))
def test_labels_are_spread_apart_in_their_order(values: list[float], gap: float) -> None:
    placed = style.spread(values, gap)
    order = sorted(range(len(values)), key=values.__getitem__)
    for a, b in pairwise(order):
        assert placed[b] - placed[a] >= gap - 1e-6 * (1 + gap)
    if len(values) == 1:
        assert placed == pytest.approx(values)
