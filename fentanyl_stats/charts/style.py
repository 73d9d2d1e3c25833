"""The one look of all pictures: colours that a colour-blind reader and a grey print keep apart, sources, alt text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import matplotlib.dates as mdates
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import ReportError, unknown
from ..model import Interval, last_day, number

if TYPE_CHECKING:
    import pandas as pd

INK, GREY, PALE = "#1b1b1b", "#6b6b6b", "#d9d9d9"
BLUE, SKY, GREEN, ORANGE, RED, PURPLE = "#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00", "#cc79a7"
"""The palette of Okabe & Ito (2008), made for colour-blind readers."""

VERDICTS = {
    "SUPPORTED": (GREEN, "o"),
    "CLOSE": (BLUE, "D"),
    "NOT DETERMINED": (GREY, "s"),
    "INCONCLUSIVE": (ORANGE, "^"),
    "CONTRADICTED": (RED, "X"),
}
"""Verdict -> colour and marker: the marker alone must do in a grey print."""

REGIONS = {
    "southwest-border": ("Southwest border", BLUE),
    "coastal-interior": ("coasts and interior", ORANGE),
    "northern-border": ("northern border", GREEN),
}
BAND, WIDE = "#f6d55c", "#fdf3cf"
SMALL = 8.0


def canvas(ax: Axes | None, width: float = 8.0, height: float = 4.5) -> Axes:
    """The Axes to draw on: the given one, or that of a new figure outside any global state.

    A new figure is not registered with pyplot, so that hundreds of pages leave nothing behind.
    """
    if ax is None:
        ax = Figure(figsize=(width, height), layout="constrained").add_subplot()
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.tick_params(colors=INK, labelsize=SMALL + 1)
    return ax


def require(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Refuse a frame that lacks a column; the ReportError names it, and close names."""
    for column in columns:
        if column not in frame:
            raise ReportError(unknown("column", column, frame.columns))


def title(ax: Axes, text: str, subtitle: str = "") -> None:
    """A left-aligned title that says what is seen, with an optional grey line under it."""
    ax.set_title(f"{text}\n" if subtitle else text, loc="left", fontsize=12, fontweight="bold", color=INK)
    if subtitle:
        ax.annotate(
            subtitle, (0, 1), xycoords="axes fraction", xytext=(0, 7), textcoords="offset points",
            fontsize=SMALL + 1, color=GREY, va="bottom",
        )  # fmt: skip


def source(ax: Axes, text: str, width: int = 118) -> None:
    """The source, vintage and definition, under the chart, wrapped at `width` characters."""
    label = ax.get_xlabel()
    wrapped = "\n".join(textwrap.fill(line, width) for line in text.splitlines())
    ax.set_xlabel(f"{label}\n\n{wrapped}" if label else wrapped, loc="left", fontsize=SMALL, color=GREY)


def figure_source(figure: Figure, text: str, width: int = 135) -> None:
    """The same under a figure of several panels."""
    wrapped = "\n".join(textwrap.fill(line, width) for line in text.splitlines())
    figure.supxlabel(wrapped, x=0.01, ha="left", fontsize=SMALL, color=GREY)


def plain(text: str) -> str:
    """Text that others wrote, as matplotlib draws it literally: a pair of dollars is no formula.

    >>> plain("from $5 to $7")
    'from \\\\$5 to \\\\$7'
    """
    return text.replace("$", r"\$")


def describe(ax: Axes, text: str) -> Axes:
    """Keep the alt text with the Axes: what the picture shows, written from its data."""
    ax.set_label(text)
    return ax


def alt_text(ax: Axes) -> str:
    """The alt text that the chart wrote."""
    return str(ax.get_label())


def band(ax: Axes, claimed: Interval, wide: Interval | None = None, axis: str = "y", label: str = "") -> None:
    """The claim as a band: C dark, C+ pale; an infinite end runs to the edge of the picture."""
    span = ax.axhspan if axis == "y" else ax.axvspan
    limits = ax.get_ylim if axis == "y" else ax.get_xlim
    keep = ax.set_ylim if axis == "y" else ax.set_xlim
    bottom, top = limits()
    for interval, colour in ((wide, WIDE), (claimed, BAND)):
        if interval is not None:
            low, high = max(interval.low, bottom), min(interval.high, top)
            if interval.low == interval.high:
                line = ax.axhline if axis == "y" else ax.axvline
                line(low, color=ORANGE, lw=3, alpha=0.6, zorder=0)
            elif low < high:
                span(low, high, color=colour, zorder=0, lw=0)
    keep(bottom, top)
    if label and axis == "y":
        ax.annotate(
            label, (0, min(claimed.high, top)), xycoords=("axes fraction", "data"), xytext=(4, 3),
            textcoords="offset points", ha="left", va="bottom", fontsize=SMALL, color="#7a5b00",
        )  # fmt: skip


def mark_day(ax: Axes, day: date, label: str) -> None:
    """A thin vertical line at a day, named at its top."""
    x = mdates.date2num(day)
    ax.axvline(x, color=INK, lw=0.8, ls=(0, (1, 2)), zorder=1)
    ax.annotate(
        label, (x, 1), xycoords=("data", "axes fraction"), xytext=(-3, -2), textcoords="offset points",
        ha="right", va="top", fontsize=SMALL, color=INK, rotation=90,
    )  # fmt: skip


def months(values: Iterable[object]) -> list[float]:
    """`YYYY-MM` texts as positions on a date axis: the last day of the month."""
    return [float(mdates.date2num(last_day(str(month)))) for month in values]


def thousands(ax: Axes, axis: str = "y") -> None:
    """Thousands separators on an axis."""
    (ax.yaxis if axis == "y" else ax.xaxis).set_major_formatter(lambda x, _: number(x))


def spread(values: list[float], gap: float) -> list[float]:
    """Positions for labels near `values` that keep at least `gap` apart, order kept.

    >>> spread([1.0, 1.1, 5.0], 1.0)
    [0.55, 1.55, 5.0]
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    groups: list[tuple[list[int], float]] = []
    for i in order:
        groups.append(([i], values[i]))
        while len(groups) > 1 and _top(groups[-2], gap) + gap > _bottom(groups[-1], gap):
            last, previous = groups.pop(), groups.pop()
            members = previous[0] + last[0]
            groups.append((members, sum(values[m] for m in members) / len(members)))
    placed = [0.0] * len(values)
    for members, centre in groups:
        for k, member in enumerate(members):
            placed[member] = round(centre + gap * (k - (len(members) - 1) / 2), 10)
    return placed


def _top(group: tuple[list[int], float], gap: float) -> float:
    return group[1] + gap * (len(group[0]) - 1) / 2


def _bottom(group: tuple[list[int], float], gap: float) -> float:
    return group[1] - gap * (len(group[0]) - 1) / 2
