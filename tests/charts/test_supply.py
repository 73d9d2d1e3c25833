"""Pictures of supply: the open year apart, ranges as ranges, printed figures with their hedges."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from fentanyl_stats import charts
from fentanyl_stats.analysis import laboratory, seizures
from fentanyl_stats.show import bundle

from . import refusal

ROWS = seizures.seizures()
MONTHS, YEARS = seizures.by_month(ROWS), seizures.by_year(ROWS)
DRAW: dict[str, tuple[Callable[[], Axes], str]] = {
    "months": (
        lambda: charts.supply_months(seizures.panels(ROWS)),
        "Southwest border, ports of entry: most in 2023-04",
    ),
    "years": (lambda: charts.supply_years(MONTHS), "FY2026 is open and has 7 months, 6,726 in all"),
    "areas": (lambda: charts.supply_areas(seizures.areas(ROWS), open_from="2025-10"), "San Diego Field Office"),
    "size": (lambda: charts.seizure_size(YEARS), "FY2023 20.0"),
    "concentration": (lambda: charts.concentration(YEARS), "FY2023 3 to 50"),
    "laboratory": (lambda: charts.laboratory(laboratory.half_years()), "most in 2023-1 (95,173)"),
    "purity": (lambda: charts.purity(laboratory.printed()), "Southwest border, 2016–2017 <10"),
}


def _drawn(ax: Axes) -> str:
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    return " ".join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.parametrize("name", DRAW)
def test_pictures_say_what_they_show_and_are_the_same_twice(name: str) -> None:
    draw, words = DRAW[name]
    first, again = draw(), draw()
    assert words in charts.alt_text(first)
    assert bundle(first) == bundle(again)


@pytest.mark.parametrize("draw", [charts.supply_years, charts.seizure_size, charts.concentration])
def test_a_picture_draws_into_a_given_axes(draw: Callable[..., Axes]) -> None:
    left, right = Figure(figsize=(12, 5)).subplots(1, 2)
    assert draw(MONTHS if draw is charts.supply_years else YEARS, right) is right
    assert not left.lines


def test_the_open_year_is_dashed_and_hollow() -> None:
    lines = charts.supply_years(MONTHS).lines
    dashed = [line for line in lines if line.is_dashed()]
    assert len(lines) == 8 and len(dashed) == 1
    assert len(dashed[0].get_xdata()) == 7  # type: ignore[arg-type]
    assert dashed[0].get_markerfacecolor() == "white"
    assert not any(
        line.is_dashed() for line in charts.supply_years(seizures.by_month(seizures.seizures("2019-2025"))).lines
    )


def test_a_partial_year_is_never_drawn_among_whole_ones() -> None:
    for draw in (charts.seizure_size, charts.concentration):
        ax = draw(YEARS)
        assert [tick.get_text() for tick in ax.get_xticklabels()] == [f"FY{year}" for year in range(19, 26)]
        assert "FY2026, not over, is left out" in _drawn(ax)


def test_small_multiples_hold_a_panel_a_component_and_region() -> None:
    figure = charts.supply_months(seizures.panels(ROWS), unit="events").get_figure(root=True)
    assert figure is not None
    titles = [ax.get_title() for ax in figure.axes]
    assert len(titles) == 6 and "northern border, Border Patrol" in titles


def test_nothing_seized_is_blank_in_the_heatmap() -> None:
    table = seizures.areas(ROWS, most=12)
    values = charts.supply_areas(table).collections[0].get_array()
    assert values is not None
    drawn = np.ma.getmaskarray(values).reshape(table.shape)
    assert (drawn == (table.to_numpy() == 0)).all()
    assert drawn.any()


def test_incomplete_half_years_are_hollow() -> None:
    ax = charts.laboratory(laboratory.half_years())
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "white" and line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in hollow] == [2, 2]  # type: ignore[arg-type]


def test_printed_figures_keep_their_hedges() -> None:
    text = _drawn(charts.purity(laboratory.printed()))
    for words in (
        ">90",
        "<10",
        "≈20",
        "19.2",
        "1.94",
        ">79.5",
        "61.1",
        "2022, to 20 December",
        "powder samples, US, FY2023",
    ):
        assert words in text
    early = _drawn(charts.purity(laboratory.printed("2019-01-01")))
    assert "≈20" in early and "19.2" not in early


def test_one_panel_one_year_one_area() -> None:
    rows = seizures.seizures("2026", "coastal-interior", "ofo")
    for ax in (
        charts.supply_months(seizures.panels(rows)), charts.supply_years(seizures.by_month(rows)), charts.supply_areas(seizures.areas(rows, most=1)),
    ):  # fmt: skip
        assert _drawn(ax)


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: charts.supply_months(seizures.panels(ROWS).head(0)), "No seizure is recorded for all regions"),
        (lambda: charts.supply_years(MONTHS.drop(columns="status")), "unknown column 'status'"),
        (lambda: charts.supply_areas(seizures.areas(ROWS) * 0), "No seizure is recorded for all regions"),
        (lambda: charts.seizure_size(YEARS.tail(1)), "no closed fiscal year has a seizure"),
        (lambda: charts.concentration(YEARS.drop(columns="largest_high")), "unknown column"),
        (lambda: charts.laboratory(pd.DataFrame()), "unknown column"),
        (lambda: charts.purity(laboratory.printed().assign(group="")), "no figure of purity or pills"),
    ],
)
def test_nothing_to_draw_is_an_error(draw: Callable[[], Axes], words: str) -> None:
    assert re.search(words, refusal(draw))
