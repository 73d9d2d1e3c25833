"""A monthly series with its dated events and the fit at one date, and the same fit at every other date."""

from __future__ import annotations

from typing import Literal

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ..errors import NotPublished, ReportError, unknown
from ..model import number
from . import style

STRIPS = {
    "controls": ("regulation", "announcement", "legislation", "designation"),
    "diplomacy": ("diplomacy", "enforcement"),
    "tariffs": ("tariff",),
    "offices": ("office",),
    "claims, figures": ("claim", "data"),
}
"""Row of the strip -> kinds of events in it."""
STRIP = 0.36
"""Part of the picture, below zero, that holds the events."""
BINS = 24
Term = Literal["level", "slope"]


def dated_series(
    frame: pd.DataFrame,
    markers: pd.DataFrame,
    ax: Axes | None = None,
    *,
    date: str | None = None,
    label: str = "",
    title: str = "",
    source: str = "",
) -> Axes:
    """Draw a monthly series, the fit around one date, and under it every dated event in a row of its kind.

    Parameters
    ----------
    frame : DataFrame
        Columns month (`YYYY-MM`), value (missing leaves a gap), fitted (missing outside the window), provisional (bool).
    markers : DataFrame
        Columns month, kind; events outside the series are left out.
    date : str, optional
        Month of the fit.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no value.
    """
    style.require(markers, ("month", "kind"))
    style.require(frame, ("month", "value", "fitted", "provisional"))
    if not frame["value"].notna().any():
        raise NotPublished("there is no value to draw: every month of the series is missing")
    ax = style.canvas(ax, 8.8, 5.4)
    x = np.asarray(style.months(frame["month"]))
    y = frame["value"].astype(float).to_numpy()
    late = frame["provisional"].to_numpy(dtype=bool)
    style.dashed(ax, x, y, int((~late).sum()), color=style.INK, lw=1.1, zorder=2)
    ax.plot(x[late], y[late], "o", ms=3.5, color=style.GREY, mfc="white", zorder=3)
    top = float(np.nanmax(y)) or 1.0
    floor = -top * STRIP / (1 - STRIP)
    ax.set_ylim(floor, top * 1.05)
    ax.set_xlim(x[0] - 20, x[-1] + 20)
    if date is not None:
        _fitted(ax, frame, x, date)
    inside = markers[markers["month"].isin(frame["month"])]
    _strip(ax, inside, floor, date)
    ticks = [tick for tick in ax.get_yticks() if 0 <= tick <= top * 1.05]
    ax.set_yticks(ticks, [number(tick) for tick in ticks])
    ax.axhline(0, color=style.INK, lw=0.8)
    ax.set_ylabel(label, y=STRIP + (1 - STRIP) / 2)
    style.dates(ax)
    hollow = "; hollow: provisional, not used" if late.any() else ""
    peak = int(np.nanargmax(y))
    at = f" The fit is drawn around {date}." if date else ""
    return style.finish(
        ax,
        f"{title or 'Monthly series'}, {label}, {frame['month'].iloc[0]} to {frame['month'].iloc[-1]}: most in "
        f"{frame['month'].iloc[peak]}, {number(round(y[peak]))}. {len(inside)} dated events are marked below.{at}",
        title or "A monthly series and its dates",
        f"blue: fit to the shaded months{hollow}; below: dated events by kind",
        style.cited(frame, source),
    )


def placebo(
    table: pd.DataFrame,
    term: Term = "level",
    ax: Axes | None = None,
    *,
    p: float | None = None,
    source: str = "",
) -> Axes:
    """Draw how large the change of level or slope is at every date tried (seaborn); the true date is marked.

    Drawn and ranked is the change divided by its standard error where the table has it, else its logarithm.

    Parameters
    ----------
    table : DataFrame
        Index of months; columns log_level, log_slope, event (True in one row) and, if known, level_t, slope_t, as
        `stats.interrupted.placebo` gives them.
    term : {"level", "slope"}
        Which change.
    p : float, optional
        Placebo p, printed; by default that of the table, the share of dates whose change is at least as large.

    Raises
    ------
    ReportError
        If a column is missing, the term is not known, or not exactly one row is the event.
    """
    import seaborn as sns

    if term not in ("level", "slope"):
        raise ReportError(unknown("term", term, ("level", "slope")))
    style.require(table, (f"log_{term}", "event"), "monthly figure")
    if int(table["event"].sum()) != 1:
        raise ReportError(f"exactly one row must be the event, got {int(table['event'].sum())}")
    ax = style.canvas(ax, 4.8, 3.4)
    ranked = f"{term}_t" if f"{term}_t" in table else f"log_{term}"
    sizes = table[ranked].to_numpy(dtype=float)
    true, factor = (float(table.loc[table["event"], name].iloc[0]) for name in (ranked, f"log_{term}"))
    widest = max(float(np.abs(sizes).max()), 1e-6)
    edges = np.linspace(-widest, widest, BINS + 1)
    large = np.abs(sizes) >= abs(true) - 1e-12
    p = float(large.mean()) if p is None else p
    sns.histplot(
        pd.DataFrame({"size": sizes, "large": large}), x="size", hue="large", hue_order=[True, False], multiple="stack",
        palette={True: style.BLUE, False: style.PALE}, bins=list(edges), ax=ax, edgecolor="white", alpha=1, legend=False,
    )  # fmt: skip
    sns.rugplot(x=sizes, ax=ax, height=-0.02, clip_on=False, color=style.GREY, lw=0.6)
    ax.axvline(true, color=style.RED, lw=2)
    ax.set_ylim(0, float(np.histogram(sizes, edges)[0].max()) * 1.45)
    ax.set_xlim(-1.05 * widest, 1.05 * widest)
    when = str(table.index[table["event"].to_numpy(dtype=bool)][0])
    words = f"{when}\n×{np.exp(factor):.2f}\np = {p:.3f}"
    style.label(ax, words, (true, 1), (5 if true < 0 else -5, -3), where="x", va="top", ha="left" if true < 0 else "right",
                size=style.SMALL + 1, color=style.RED, bold=True, bbox=style.CLEAR)  # fmt: skip
    if ranked.startswith("log_"):
        ax.xaxis.set_major_formatter(lambda value, _: f"×{np.exp(value):.2f}")
        ax.set_xlabel(f"change of the {term}" + (", per year" if term == "slope" else ""))
    else:
        ax.set_xlabel(f"change of the {term} / its standard error")
    ax.set_ylabel("dates")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    return style.finish(
        ax,
        f"Change of the {term} at {len(table)} dates. At {when} it is a factor of {np.exp(factor):.2f}; at {int(large.sum())} "
        f"dates, this one among them, the change is at least as large{'' if ranked.startswith('log_') else ' for its standard error'}, placebo p {p:.3f}.",
        f"Change of the {term} at {len(table)} dates",
        "dark: at least as large as at the date asked for",
        style.cited(table, source),
    )


def _fitted(ax: Axes, frame: pd.DataFrame, x: np.ndarray, date: str) -> None:
    fitted = frame["fitted"].astype(float).to_numpy()
    after = (frame["month"] >= date).to_numpy()
    for rows in (~after, after):
        ax.plot(x[rows], fitted[rows], color=style.BLUE, lw=1.8, zorder=4)
    used = x[np.isfinite(fitted)]
    if used.size:
        ax.axvspan(used[0] - 30, used[-1], color=style.PALE, alpha=0.5, lw=0, zorder=0)
    day = float(mdates.date2num(np.datetime64(f"{date}-01")))
    ax.axvline(day, color=style.RED, lw=1.2, zorder=1)
    style.label(
        ax, date, (day, 1), (-4, -2), where="x", ha="right", va="top", size=style.SMALL + 1, color=style.RED, bold=True
    )


def _strip(ax: Axes, markers: pd.DataFrame, floor: float, date: str | None) -> None:
    for i, (group, kinds) in enumerate(STRIPS.items()):
        y = floor * (0.14 + 0.18 * i)
        ax.axhline(y, color=style.PALE, lw=0.6, zorder=0)
        here = markers.loc[markers["kind"].isin(kinds), "month"]
        days = {month: float(mdates.date2num(np.datetime64(f"{month}-15"))) for month in here}
        ax.plot([days[month] for month in here], [y] * len(here), "|", ms=9, mew=1.6, color=style.INK, ls="", zorder=3)
        hits = [days[month] for month in here if month == date]
        ax.plot(hits, [y] * len(hits), "o", ms=7, color=style.RED, mfc="none", mew=1.6, ls="", zorder=4)
        style.label(ax, group, (1, y), (4, 0), where="y", color=style.GREY)
