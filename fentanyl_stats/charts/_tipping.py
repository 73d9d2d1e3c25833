"""How unevenly two routes must be intercepted for a claimed share of the flow to hold."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ..errors import ReportError
from ..model import Interval, number
from . import style

_TOP = 112.0
"""The axis ends above 100 per cent: the strip holds the name of the claim's line."""


def tipping(
    curves: pd.DataFrame,
    years: pd.DataFrame,
    ax: Axes | None = None,
    *,
    target: float,
    plausible: Interval | None = None,
    plausible_label: str = "",
    direct: str = "",
    pivot: str = "",
    source: str = "",
) -> Axes:
    """Draw the direct share of the flow against the interception ratio, one line a period, the claimed share marked.

    The ratio at which each line meets the claim is a dot, and stands in a list in order of time.

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
        Ratios to shade, with `plausible_label` in the shade.
    direct : str
        What counts as straight from China, in words.
    pivot : str
        The period that is judged; its line stands out and is named as such. Without it the newest closed one stands out.

    Raises
    ------
    ReportError
        If a column is missing or there is no row.
    """
    for frame, columns in ((curves, ("period", "ratio", "share")), (years, ("period", "tipping_low", "status"))):
        style.require(frame, columns)
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
    ax.annotate("both caught\nequally often", (1, 62), xytext=(-4, 0), textcoords="offset points", ha="right", va="center",
                fontsize=style.SMALL, color=style.GREY)  # fmt: skip
    ax.plot([low, high], [100 * target] * 2, color=style.ORANGE, lw=2.2, zorder=2)
    ax.annotate(f"claimed: {number(round(100 * target, 6))}%", (low, 100 * target), xytext=(4, 6), textcoords="offset points",
                va="bottom", fontsize=style.SMALL + 1, color="#7a5b00")  # fmt: skip
    judged = pivot if pivot in set(years["period"]) else _newest(years)
    for row in years.itertuples():
        line = curves[curves["period"] == row.period]
        own = row.period == judged
        ax.plot(line["ratio"], 100 * line["share"], color=style.BLUE if own else style.GREY, lw=2.6 if own else 1.1,
                ls="-" if row.status == "closed" else (0, (3, 1.5)), zorder=4 if own else 3)  # fmt: skip
        if low <= float(row.tipping_low) <= high:
            ax.plot(float(row.tipping_low), 100 * target, "o", color=style.BLUE if own else style.GREY, ms=6 if own else 4.5,
                    mec="white", mew=0.6, zorder=5)  # fmt: skip
    _name(ax, curves, judged, f"{judged}, the year judged" if pivot == judged else judged)
    _list(ax, years, judged, target)
    ax.set_yticks(range(0, 101, 20))
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:g}" if x < 1000 else number(x))
    ax.spines["left"].set_bounds(0, 100)
    ax.yaxis.set_label_coords(-0.055, 50 / _TOP)
    ax.set_ylabel("share straight from China, % of pure weight")
    ax.set_xlabel("how many times as often all else is caught (each step of the axis: ten times more)")
    style.title(ax, f"What it would take for {number(round(100 * target, 6))}% to come straight from China",
                f"counted as straight from China: {direct}" if direct else "one line a period")  # fmt: skip
    style.source(ax, source)
    return style.describe(ax, _alt(years, target, plausible, plausible_label))


def _newest(years: pd.DataFrame) -> str:
    closed = years[years["status"] == "closed"]
    return str((closed if len(closed) else years)["period"].iloc[-1])


def _plausible(ax: Axes, plausible: Interval, label: str, low: float, high: float) -> None:
    left, right = max(plausible.low, low), min(plausible.high, high)
    if left > right:
        return
    ax.axvspan(left, right, ymax=100 / _TOP, color=style.PALE, alpha=0.6, lw=0, zorder=0)
    ax.annotate(label, (left, 93), xytext=(5, 0), textcoords="offset points", ha="left", va="top", fontsize=style.SMALL,
                color=style.INK, linespacing=1.25, zorder=6)  # fmt: skip


def _name(ax: Axes, curves: pd.DataFrame, judged: str, label: str) -> None:
    """The line that stands out is named on its lower right, where a rising curve leaves room."""
    line = curves[curves["period"] == judged]
    middle = line.iloc[int((line["share"] - 0.3).abs().to_numpy().argmin())]
    ax.annotate(label, (middle["ratio"], 100 * middle["share"]), xytext=(8, -4),
                textcoords="offset points", va="top", fontsize=style.SMALL + 1, color=style.BLUE, fontweight="bold")  # fmt: skip


def _list(ax: Axes, years: pd.DataFrame, judged: str, target: float) -> None:
    """In order of time, how many times as often all else would have to be caught."""
    rows = [(f"{number(round(100 * target, 6))}% needs all else caught", "", False)]
    for row in years.itertuples():
        label = f"{row.period}{'*' if row.status == 'open' else ''}"
        rows.append((label, f"{_times(float(row.tipping_low))}", row.period == judged))
    step = min(7.0, 84.0 / len(rows))
    for i, (label, needed, own) in enumerate(rows):
        y = 4 + step * (len(rows) - 1 - i)
        look: dict[str, Any] = {"fontsize": style.SMALL + 0.5, "va": "center", "color": style.BLUE if own else style.INK,
                "fontweight": "bold" if own or not needed else "normal"}  # fmt: skip
        place = ("axes fraction", "data")
        ax.annotate(label, (0.76, y), xycoords=place, **look)
        ax.annotate(needed, (0.99, y), xycoords=place, ha="right", **look)


def _times(ratio: float) -> str:
    if not math.isfinite(ratio):
        return "never"
    return f"{number(round(ratio)) if ratio >= 10 else f'{ratio:.2g}'} times"


def _alt(years: pd.DataFrame, target: float, plausible: Interval | None, label: str) -> str:
    steps = ", ".join(f"{row.period} {_times(float(row.tipping_low))}" for row in years.itertuples())
    shaded = f" Shaded: ratios {plausible} ({' '.join(label.split())})." if plausible is not None else ""
    return (
        f"Share of the flow that comes straight from China against how many times as often all else is caught, one line a "
        f"year. Each reaches {number(round(100 * target, 6))} percent where all else is caught so many times as often: "
        f"{steps}.{shaded}"
    )
