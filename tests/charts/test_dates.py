"""A series with its dates, and the distribution of its changes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from fentanyl_stats import charts

from . import refusal

MONTHS = [str(month) for month in pd.period_range("2020-01", "2021-12", freq="M")]
FRAME = pd.DataFrame(
    {"month": MONTHS, "value": np.arange(24.0) + 100, "fitted": [np.nan] * 6 + [110.0] * 12 + [np.nan] * 6,
     "provisional": [False] * 20 + [True] * 4}
)  # fmt: skip
MARKERS = pd.DataFrame({"month": ["2019-05", "2020-12", "2021-01"], "kind": ["regulation", "diplomacy", "tariff"]})
TABLE = pd.DataFrame(
    {"log_level": [0.1, -0.3, 0.2, 0.05], "log_slope": [0.0, 0.1, -0.1, 0.2], "event": [False, False, True, False]},
    index=pd.period_range("2020-01", periods=4, freq="M"),
)


def _text(ax: object) -> str:
    figure = ax.get_figure(root=True)  # type: ignore[attr-defined]
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    return " ".join(text.get_text() for text in figure.findobj(Text))


def test_only_settled_months_are_drawn_solid() -> None:
    ax = charts.dated_series(FRAME, MARKERS, date="2021-01", label="things a month", title="Things")
    solid = next(line for line in ax.lines if len(line.get_xdata()) == 20)  # type: ignore[arg-type]
    assert not solid.is_dashed()
    assert any(line.is_dashed() for line in ax.lines)
    assert "hollow: provisional, not used" in _text(ax)
    assert "hollow" not in _text(charts.dated_series(FRAME.assign(provisional=False), MARKERS))


def test_events_outside_the_series_are_not_marked() -> None:
    ax = charts.dated_series(FRAME, MARKERS, date="2021-01", label="things")
    marks = [line for line in ax.lines if line.get_marker() == "|"]
    assert sum(len(line.get_xdata()) for line in marks) == 2  # type: ignore[misc, arg-type]
    ringed = [line for line in ax.lines if line.get_marker() == "o" and line.get_color() == charts.style.RED]
    assert sum(len(line.get_xdata()) for line in ringed) == 1  # type: ignore[misc, arg-type]
    assert "2 dated events are marked" in charts.alt_text(ax)
    assert all(float(tick) >= 0 for tick in ax.get_yticks())


def test_placebo_counts_what_is_at_least_as_large() -> None:
    ax = charts.placebo(TABLE, "level", p=0.5)
    assert "at 2 dates, this one among them" in charts.alt_text(ax)
    assert "×1.22" in _text(ax) and "p = 0.500" in _text(ax) and "2020-03" in _text(ax)
    heights = sum(patch.get_height() for patch in ax.patches)  # type: ignore[attr-defined]
    assert heights == len(TABLE)
    left, right = Figure().subplots(1, 2)
    assert charts.placebo(TABLE, "slope", right) is right and not left.patches


def test_no_change_at_all_is_drawn() -> None:
    assert _text(charts.placebo(TABLE.assign(log_slope=0.0), "slope", p=1.0))


def test_nothing_to_draw_is_an_error() -> None:
    cases: list[tuple[Callable[[], Axes], str]] = [
        (lambda: charts.dated_series(FRAME.assign(value=np.nan), MARKERS), "every month of the series is missing"),
        (lambda: charts.dated_series(FRAME.drop(columns="fitted"), MARKERS), "unknown column 'fitted'"),
        (lambda: charts.dated_series(FRAME, MARKERS.drop(columns="kind")), "unknown column 'kind'"),
        (lambda: charts.placebo(TABLE, "slop"), "did you mean 'slope'"),  # type: ignore[arg-type]
        (lambda: charts.placebo(TABLE.assign(event=False)), "exactly one row must be the event, got 0"),
        (lambda: charts.placebo(TABLE.drop(columns="log_level")), "unknown column 'log_level'"),
    ]
    for call, words in cases:
        assert re.search(words, refusal(call))
