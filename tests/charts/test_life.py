"""Charts of provisional counts, on the package's data and on a reader's own."""

from __future__ import annotations

import re
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from matplotlib.dates import date2num

import fentanyl_stats as fs
from fentanyl_stats.analysis import revisions
from fentanyl_stats.charts import style
from fentanyl_stats.errors import ReportError

from . import refusal

OWN = pd.DataFrame(
    {
        "known": [date(2025, 1, 1), date(2025, 3, 1), date(2025, 9, 1)],
        "measure": ["reported", "predicted", "final"],
        "value": [90, 104, 100],
    }
)
YOUNG = pd.DataFrame(
    {
        "measure": ["reported"] * 3,
        "month_ending": ["2025-01", "2025-02", "2025-03"],
        "value": [100, 90, 80],
        "low": [100, 90, 82],
        "high": [100, 93, 90],
    }
)


def _texts(ax: object) -> str:
    return " ".join(text.get_text() for text in ax.texts)  # type: ignore[attr-defined]


def test_life_names_every_value_and_the_final_one() -> None:
    ax = fs.charts.life(OWN, article=date(2025, 2, 1), source="Mine")
    assert "final count\n(residents only)" in _texts(ax) and "the article" in _texts(ax)
    assert {"90", "100", "104"} <= {text.get_text() for text in ax.texts}
    assert fs.charts.alt_text(ax) == "The final count is 100. Reported: 90 (2025-01-01). Predicted: 104 (2025-03-01)."
    assert "Mine" in ax.get_xlabel()


def test_life_of_the_article_s_year() -> None:
    history = fs.vintages("all", "2023-12")
    ax = fs.charts.life(history)
    shown = {text.get_text() for text in ax.texts}
    provisional = history[history["measure"] != "final"]
    assert {f"{value:,}" for value in provisional["value"]} <= {text.partition("\n")[0] for text in shown}
    assert "106,881\n801 fewer" in shown  # a count that fell says so


def test_the_final_line_starts_on_its_day() -> None:
    ax = fs.charts.life(OWN)
    (line,) = (line for line in ax.lines if len(line.get_xdata()) == 2 and set(line.get_ydata()) == {100})  # type: ignore[arg-type]
    assert float(np.asarray(line.get_xdata())[0]) == date2num(date(2025, 9, 1))


@pytest.mark.parametrize(("days", "form"), [(30, r"\d\d \w{3}\n2025"), (700, r"\w{3}\n20\d\d")])
def test_every_tick_names_its_year(days: int, form: str) -> None:
    ax = fs.charts.life(OWN.assign(known=[date(2025, 1, 1) + timedelta(days=days * i // 2) for i in range(3)]))
    ax.get_figure().draw_without_rendering()  # type: ignore[union-attr]
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels and all(re.fullmatch(form, label) for label in labels)


def test_missing_is_left_out_and_never_zero() -> None:
    gap = pd.concat([OWN, OWN.iloc[[0]].assign(value=None)], ignore_index=True).astype({"value": "Int64"})
    ax = fs.charts.life(gap)
    assert ax.get_ylim()[0] > 50 and " 0" not in fs.charts.alt_text(ax)


def test_revision_range_draws_the_range_where_there_is_one() -> None:
    ax = fs.charts.revision_range(YOUNG)
    (band,) = ax.collections
    heights = np.asarray(band.get_paths()[0].vertices)[:, 1]
    assert heights.max() <= 100 and 82 in heights and 90 in heights
    assert "may settle at 82\nto 90, if it\nrises as" in _texts(ax)
    assert "may settle" not in _texts(fs.charts.revision_range(YOUNG.assign(low=YOUNG["value"], high=YOUNG["value"])))


def test_revision_range_without_ranges() -> None:
    ax = fs.charts.revision_range(YOUNG.assign(low=float("nan"), high=float("nan")))
    assert "settle" not in fs.charts.alt_text(ax)


def test_each_measure_has_its_own_panel_on_one_scale() -> None:
    both = pd.concat([YOUNG, YOUNG.assign(measure="predicted", low=70, high=75)], ignore_index=True)
    first = fs.charts.revision_range(both)
    panels = first.get_figure().axes  # type: ignore[union-attr]
    assert panels[0] is first and len(panels) == 2
    assert panels[0].get_ylim() == panels[1].get_ylim()
    assert "falls as" in _texts(panels[1]) and "falls as" not in _texts(first)
    ax = style.canvas(None)
    assert fs.charts.revision_range(both, ax) is ax and len(ax.collections) == 2


def test_what_is_not_settled_is_dashed_even_without_a_range() -> None:
    rows = YOUNG.assign(low=YOUNG["value"], high=YOUNG["value"])
    for settled, firm in (([True, False, False], 2), ([True, True, True], 3), ([False] * 3, 1)):
        solid = fs.charts.revision_range(rows.assign(settled=settled)).lines[0]
        assert len(solid.get_xdata()) == firm  # type: ignore[arg-type]


def test_revision_range_ticks_are_the_months_of_the_counts() -> None:
    labels = [label.get_text() for label in fs.charts.revision_range(YOUNG).get_xticklabels()]
    assert labels == ["Jan\n2025", "Feb\n2025", "Mar\n2025"]


def test_deaths_draw_the_range_as_a_band() -> None:
    rows = revisions.revision_range("all", "reported").assign(drug="all")
    with_band, without = fs.charts.deaths(rows), fs.charts.deaths(rows.drop(columns=["low", "high"]))
    assert len(with_band.collections) == len(without.collections) + 1
    assert "settled before" in _texts(with_band) and "settled before" not in _texts(without)


def test_completeness_shows_spans_and_formula() -> None:
    found = revisions.refit("methadone")
    ax = fs.charts.completeness(found)
    legend = ax.get_legend()
    assert legend is not None
    assert {text.get_text() for text in legend.get_texts()} == {*found["span"], "the formula"}


def test_the_formula_is_straight_lines_that_no_bin_bends() -> None:
    found = revisions.refit("all")
    ax = fs.charts.completeness(found)
    drawn = [line for line in ax.lines if line.get_linestyle() == "-"]
    assert len(drawn) == found["line"].nunique() == 13  # one, and one for each calendar month
    for line in drawn:
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        below = y < 100
        slope, level = np.polyfit(x[below], y[below], 1)
        assert np.allclose(y[below], level + slope * x[below])
        assert found["slope"].min() - 1e-6 <= -slope <= found["slope"].max() + 1e-6


def test_residuals_count_the_misses() -> None:
    ax = fs.charts.residuals(pd.DataFrame({"difference": [0, 0, 0, -1]}))
    assert {"3", "1", "0"} == {text.get_text() for text in ax.texts if text.get_text().isdigit()}
    assert fs.charts.residuals(pd.DataFrame({"difference": [0, 250]})) is not None


@pytest.mark.parametrize(
    "draw", [fs.charts.life, fs.charts.revision_range, fs.charts.completeness, fs.charts.residuals]
)
def test_charts_refuse_what_they_cannot_draw(draw: object) -> None:
    with pytest.raises(ReportError, match="unknown column"):
        draw(pd.DataFrame({"x": [1]}))  # type: ignore[operator]
    empty = {
        "known": [date(2025, 1, 1)], "measure": ["reported"], "value": [None], "month_ending": ["2025-01"],
        "low": [None], "high": [None], "span": ["all"], "percent_pending": [None], "percent_complete": [None],
        "percent_fitted": [None], "difference": [None],
    }  # fmt: skip
    assert "no value to draw" in refusal(lambda: draw(pd.DataFrame(empty)))  # type: ignore[operator]


def test_a_given_axes_is_used() -> None:
    ax = style.canvas(None)
    assert fs.charts.life(OWN, ax) is ax
