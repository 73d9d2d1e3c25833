"""How unevenly two routes must be intercepted for a claimed share of the flow to hold."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from ..errors import ReportError, unknown
from ..model import Interval, number
from . import style

_TOP = 138.0
"""The axis ends above 100 per cent: the strip holds the names of the lines."""


def tipping(
    curves: pd.DataFrame,
    years: pd.DataFrame,
    ax: Axes | None = None,
    *,
    target: float,
    plausible: Interval | None = None,
    plausible_label: str = "",
    direct: str = "",
    source: str = "",
) -> Axes:
    """Draw the direct share of the flow against the interception ratio, one line a period, the claimed share marked.

    Parameters
    ----------
    curves : DataFrame
        Columns period, ratio (above 0) and share (a fraction), such as `audit.origin.curves` gives.
    years : DataFrame
        One row a period: period, tipping_low (the ratio at which its line reaches the target), status; periods that are
        `open` are dashed.
    target : float
        The claimed share, a fraction.
    plausible : Interval, optional
        Ratios to shade, with `plausible_label` under them.

    Raises
    ------
    ReportError
        If a column is missing or there is no row.
    """
    for frame, columns in ((curves, ("period", "ratio", "share")), (years, ("period", "tipping_low", "status"))):
        for column in columns:
            if column not in frame:
                raise ReportError(unknown("column", column, frame.columns))
        if frame.empty:
            raise ReportError("there is nothing to draw: the frame has no row")
    ax = style.canvas(ax, 8.6, 5.4)
    low, high = float(curves["ratio"].min()), float(curves["ratio"].max())
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(0, _TOP)
    if plausible is not None:
        _plausible(ax, plausible, plausible_label, low, high)
    ax.axvline(1, color=style.GREY, lw=0.8, ls=(0, (1, 2)), ymax=100 / _TOP)
    ax.annotate("both routes caught\nequally often", (1, 72), xytext=(-4, 0), textcoords="offset points", ha="right", va="center",
                fontsize=style.SMALL, color=style.GREY)  # fmt: skip
    ax.plot([low, high], [100 * target] * 2, color=style.ORANGE, lw=2.2, zorder=2)
    ax.annotate(f"claimed: {number(round(100 * target, 6))}%", (low, 100 * target), xytext=(4, 3), textcoords="offset points",
                va="bottom", fontsize=style.SMALL + 1, color="#7a5b00")  # fmt: skip
    shades = [to_hex(colormaps["cividis"](x)) for x in np.linspace(0.0, 0.82, len(years))]
    for row, colour in zip(years.itertuples(), shades, strict=True):
        line = curves[curves["period"] == row.period]
        dashes = "-" if row.status == "closed" else (0, (3, 1.5))
        ax.plot(line["ratio"], 100 * line["share"], color=colour, lw=1.8, ls=dashes, zorder=3)
    _names(ax, years, shades, target, low, high)
    ax.set_yticks(range(0, 101, 20))
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:g}" if x < 1000 else number(x))
    ax.spines["left"].set_bounds(0, 100)
    ax.yaxis.set_label_coords(-0.055, 50 / _TOP)
    ax.set_ylabel("direct share of the flow, per cent (pure weight)")
    ax.set_xlabel("how many times as often the other route is intercepted as the direct one")
    style.title(ax, f"What {number(round(100 * target, 6))}% would take",
                f"a line a year; direct: {direct}" if direct else "a line a year")  # fmt: skip
    style.source(ax, source)
    return style.describe(ax, _alt(years, target, plausible, plausible_label))


def _plausible(ax: Axes, plausible: Interval, label: str, low: float, high: float) -> None:
    left, right = max(plausible.low, low), min(plausible.high, high)
    if left > right:
        return
    ax.axvspan(left, right, ymax=100 / _TOP, color=style.PALE, alpha=0.6, lw=0, zorder=0)
    ax.annotate(label, (right, 0), xytext=(5, 5), textcoords="offset points", ha="left", va="bottom", fontsize=style.SMALL,
                color=style.INK)  # fmt: skip


def _names(ax: Axes, years: pd.DataFrame, shades: list[str], target: float, low: float, high: float) -> None:
    """A dot where a line meets the claim, its name above; lines that never meet it in the picture are named at its edge."""
    marks = [min(max(float(r), low), high) for r in years["tipping_low"]]
    gap = 0.021 * (math.log10(high) - math.log10(low))
    places = _within(style.spread([math.log10(mark) for mark in marks], gap), gap, math.log10(low), math.log10(high))
    for row, colour, mark, place in zip(years.itertuples(), shades, marks, places, strict=True):
        ratio = float(row.tipping_low)
        if ratio == mark:
            ax.plot(mark, 100 * target, "o", color=colour, ms=5, mec="white", mew=0.6, zorder=4)
        ax.plot([mark, 10**place], [100 * target, 104.5], color=colour, lw=0.7, zorder=2)
        ax.annotate(f"{row.period}{'*' if row.status == 'open' else ''}  {_times(ratio)}", (10**place, 105.5), rotation=90, ha="center",
                    va="bottom", fontsize=style.SMALL, color=style.INK)  # fmt: skip


def _within(places: list[float], gap: float, low: float, high: float) -> list[float]:
    """The places moved inwards where they lie beyond an end, order and gap kept."""
    moved = list(places)
    order = sorted(range(len(moved)), key=moved.__getitem__)
    for k, i in enumerate(order):
        moved[i] = max(moved[i], low + gap * k)
    for k, i in enumerate(reversed(order)):
        moved[i] = min(moved[i], high - gap * k)
    return moved


def _times(ratio: float) -> str:
    if not math.isfinite(ratio):
        return "never"
    return f"{number(round(ratio)) if ratio >= 10 else f'{ratio:.2g}'}×"


def _alt(years: pd.DataFrame, target: float, plausible: Interval | None, label: str) -> str:
    steps = ", ".join(f"{row.period} {_times(float(row.tipping_low))}" for row in years.itertuples())
    shaded = f" Shaded: ratios {plausible} ({' '.join(label.split())})." if plausible is not None else ""
    return (
        f"Direct share of the flow against the interception ratio, one line a year. The line of each year reaches "
        f"{number(round(100 * target, 6))} percent where the other route is intercepted so many times as often as the direct "
        f"one: {steps}.{shaded}"
    )
