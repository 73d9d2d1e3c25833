"""Each picture draws into the reader's own axes and says in words what it shows."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import fentanyl_stats as fs
from fentanyl_stats import charts
from fentanyl_stats.analysis import places, seizures, trends
from fentanyl_stats.data import archive
from fentanyl_stats.stats import joinpoint

from . import refusal


def _deaths() -> pd.DataFrame:
    return pd.concat([archive.series(d).assign(drug=d) for d in ("all", "synthetic-opioids")], ignore_index=True)


def _fit() -> joinpoint.Fit:
    us = trends.death_rates(last=2022)
    return joinpoint.fit(us["year"], us["rate"], se=us["se"])


DRAW: dict[str, tuple[Callable[[Axes], Axes], str]] = {
    "multiverse": (lambda ax: charts.multiverse(fs.assess("deaths-per-year"), ax), "75,091"),
    "infinite": (lambda ax: charts.multiverse(fs.assess("offices-closing"), ax), "14 offices"),
    "ladder": (lambda ax: charts.ladder(fs.claims()["origin-share"].ladder, ax), "97%"),
    "deaths": (lambda ax: charts.deaths(_deaths(), ax, final_until="2024-12"), "111,466"),
    "seizures": (lambda ax: charts.seizures(fs.load("cbp-seizures"), ax), "27,023"),
    "shares": (lambda ax: charts.seizure_shares(seizures.shares(), ax), "54.5"),
    "offices": (lambda ax: charts.offices({"offices": places.office_counts()}, ax), "70"),
    "scoreboard": (lambda ax: charts.scoreboard([fs.assess("foreign-offices")], ax), "93 offices"),
    "trend": (lambda ax: charts.trend(_fit(), ax, title="United States"), "32.57"),
    "ranks": (lambda ax: charts.ranks(places.ranks(), ax, pick="OH"), "rank between 9 and 11"),
}


@pytest.mark.parametrize("name", DRAW)
def test_a_picture_draws_into_a_given_axes(name: str) -> None:
    draw, words = DRAW[name]
    left, right = Figure(figsize=(12, 5)).subplots(1, 2)
    assert draw(right) is right
    assert words in charts.alt_text(right)
    assert not left.lines
    figure = right.get_figure(root=True)
    assert figure is not None
    drawn = []
    for _ in range(2):
        buffer = io.BytesIO()
        with mpl.rc_context({"svg.hashsalt": "x"}):
            figure.savefig(buffer, format="svg", metadata={"Date": None})
        drawn.append(buffer.getvalue())
    assert drawn[0] == drawn[1]


def test_provisional_months_are_dashed() -> None:
    lines = charts.deaths(_deaths(), final_until="2024-12").lines
    assert {line.is_dashed() for line in lines} == {True, False}


def test_small_multiples_hold_a_panel_a_place() -> None:
    rows = pd.DataFrame({"place": ["A"] * 3 + ["B"] * 3, "year": [1, 2, 3] * 2, "rate": [1.0, 2, 3, 3, 2, 1]})
    ax = charts.small_multiples(rows.assign(fitted=rows["rate"]), title="T")
    figure = ax.get_figure(root=True)
    assert figure is not None
    assert [panel.get_title() for panel in figure.axes] == ["A", "B"]


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: charts.multiverse(fs.assess("root-cause")), "no computed reading"),
        (lambda: charts.ladder([]), "at least one appearance"),
        (lambda: charts.deaths(pd.DataFrame({"drug": [], "month_ending": [], "value": []})), "no value to draw"),
        (lambda: charts.deaths(pd.DataFrame({"drug": []})), "column"),
        (lambda: charts.seizures(fs.load("cbp-seizures").head(0)), "no row"),
        (lambda: charts.offices({}), "nothing to draw"),
        (lambda: charts.scoreboard([]), "no computed verdict"),
        (lambda: charts.ranks(places.ranks(), pick="XX"), "unknown jurisdiction 'XX'"),
    ],
)
def test_nothing_to_draw_is_an_error(draw: Callable[[], Axes], words: str) -> None:
    assert re.search(words, refusal(draw))
