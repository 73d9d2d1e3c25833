"""Charts in figures of any size: nothing piles up, and what is set afterwards changes the picture."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

import fentanyl_stats as fs
from fentanyl_stats import charts
from fentanyl_stats.analysis import laboratory, seizures
from fentanyl_stats.errors import ReportError
from fentanyl_stats.show import bundle

MONTHS = [str(month) for month in pd.period_range("2015-01", "2024-12", freq="M")]
SUMS = pd.concat(
    [pd.DataFrame({"jurisdiction": "US", "drug": drug, "month_ending": MONTHS, "value": range(start, start + 120)})
     for drug, start in (("all", 70_000), ("synthetic-opioids", 69_000), ("heroin", 68_000))]
)  # fmt: skip
HISTORY = pd.DataFrame(
    {"known": pd.to_datetime(["2024-02-01", "2024-09-01", "2025-02-01"]).date, "measure": ["predicted", "reported", "final"],
     "value": [107_000, 106_000, 105_000]}
)  # fmt: skip
DRAW: dict[str, Callable[[Axes | None], Axes]] = {
    "deaths": lambda ax: charts.deaths(SUMS, ax, claim=fs.assess("deaths-per-year")),
    "multiverse": lambda ax: charts.multiverse(fs.assess("foreign-offices"), ax),
    "shares": lambda ax: charts.seizure_shares(seizures.shares(), ax, claim=fs.assess("origin-share")),
    "ladder": lambda ax: charts.ladder(fs.claims()["origin-share"].ladder, ax),
    "life": lambda ax: charts.life(HISTORY, ax),
    "seizures": lambda ax: charts.seizures(fs.load("cbp-seizures"), ax),
    "laboratory": lambda ax: charts.laboratory(laboratory.half_years(), ax),
}


def _boxes(ax: Axes) -> dict[str, tuple[float, float, float, float]]:
    """What the reader sees of words in the Axes, and where."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    FigureCanvasAgg(figure).draw()
    seen: list[Text] = [*ax.texts, ax.title]
    for axis in (ax.xaxis, ax.yaxis) if ax.axison else ():
        low, high = sorted(axis.get_view_interval())
        seen += [axis.label, *(t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high)]
    found = {}
    for i, text in enumerate(seen):
        if text.get_visible() and text.get_text().strip():
            if isinstance(text, Annotation):
                text.update_positions(figure.canvas.get_renderer())  # type: ignore[attr-defined]
            found[f"{i} {text.get_text()}"] = Text.get_window_extent(text).extents
    return found


def _overlaps(boxes: dict[str, tuple[float, float, float, float]]) -> list[tuple[str, str]]:
    return [
        (a, b) for (a, p), (b, q) in combinations(boxes.items(), 2)
        if min(p[2], q[2]) - max(p[0], q[0]) > 0.5 and min(p[3], q[3]) - max(p[1], q[1]) > 0.5
    ]  # fmt: skip


@pytest.mark.parametrize("name", DRAW)
def test_two_charts_side_by_side(name: str) -> None:
    figure, (left, right) = plt.subplots(1, 2)
    try:
        for ax in (left, right):
            assert DRAW[name](ax) is ax
        boxes = [_boxes(ax) for ax in (left, right)]
        assert all(boxes)
        assert not _overlaps({f"{i}{key}": box for i, found in enumerate(boxes) for key, box in found.items()})
    finally:
        plt.close(figure)


@pytest.mark.parametrize("name", DRAW)
def test_a_narrow_screen(name: str) -> None:
    ax = DRAW[name](None)
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.set_size_inches(3.75, max(4.0, figure.get_figheight()))
    boxes = _boxes(ax)
    assert not _overlaps(boxes)
    width = figure.bbox.width
    assert all(box[0] >= -1 and box[2] <= width + 1 for box in boxes.values())


def test_many_readings_in_a_low_axes() -> None:
    found = fs.assess("deaths-per-year")
    ax = charts.multiverse(found, Figure(figsize=(9, 4)).add_subplot())
    boxes = _boxes(ax)
    assert not _overlaps(boxes)
    labels = [label for label in ax.get_yticklabels() if label.get_text()]
    assert 3 <= len(labels) < len(found.readings) / 3
    assert [label.get_fontweight() for label in labels].count("bold") == 1
    assert f"{len(found.readings) - len(labels)} more readings, drawn but not named" in ax.get_xlabel()


@pytest.mark.parametrize("name", [name for name in DRAW if name != "ladder"])
def test_the_title_is_the_title_of_the_axes(name: str) -> None:
    ax = DRAW[name](None)
    assert ax.get_title() and not ax.get_title(loc="left")
    note = ax.get_xlabel()
    ax.set_title("Mine")
    boxes = _boxes(ax)
    assert ax.get_title() == "Mine"
    assert not _overlaps(boxes)
    assert ax.get_xlabel().split() == note.split()
    low, high = ax.get_xlim()
    ax.set_xlim(low + 0.3 * (high - low), high)
    assert not _overlaps(_boxes(ax))


def test_the_note_survives_another_label() -> None:
    frame = SUMS.copy()
    frame.attrs["source"] = "a table of mine"
    ax = charts.deaths(frame)
    assert "Source: a table of mine." in ax.get_xlabel()
    ax.set_xlabel("month")
    _boxes(ax)
    assert ax.get_xlabel().startswith("month\n") and "a table of mine" in ax.get_xlabel()


def test_a_claim_is_one_about_the_united_states() -> None:
    claim = fs.assess("deaths-per-year")
    assert "claim's band" in charts.alt_text(charts.deaths(SUMS, claim=claim))
    ohio = charts.deaths(SUMS.assign(jurisdiction="OH"), claim=claim)
    assert "claim's band" not in charts.alt_text(ohio) and ohio.get_title() == "Overdose deaths, Ohio"


def test_mixed_measures_are_refused() -> None:
    mixed = pd.concat([SUMS.assign(measure="reported"), SUMS.assign(measure="predicted")])
    with pytest.raises(ReportError, match="2 of 'measure'"):
        charts.deaths(mixed)


def test_empty_frames_say_what_was_not_published() -> None:
    cases: list[tuple[Callable[[], Axes], str]] = [
        (lambda: charts.deaths(SUMS.head(0)), "no sum of deaths in 12 months had been published"),
        (lambda: charts.seizures(fs.load("cbp-seizures").head(0)), "no seizure had been published"),
        (lambda: charts.life(HISTORY.head(0)), "had been published"),
    ]
    for draw, words in cases:
        ax = draw()
        assert words in charts.alt_text(ax)
        data, _ = bundle(ax)
        assert words in data["text/plain"] and "image/svg+xml" not in data


def test_tab_lists_the_public_functions() -> None:
    assert dir(charts) == charts.__all__ == sorted(charts.__all__)
    assert all(callable(getattr(charts, name)) for name in charts.__all__)
