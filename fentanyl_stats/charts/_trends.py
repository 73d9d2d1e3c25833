"""A fitted trend over its data, many of them side by side, and the rates of all places in one year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..errors import ReportError, unknown
from ..model import number
from ..stats.joinpoint import Fit
from . import style


def trend(
    fit: Fit, ax: Axes | None = None, *, label: str = "rate per 100,000", title: str = "", source: object = ""
) -> Axes:
    """Draw a joinpoint fit: the data with 95 % limits where standard errors were given, the line, its bends, each APC.

    Parameters
    ----------
    fit : Fit
        What `stats.joinpoint.fit` returns.
    source : str, Source or sequence of Source
        Where the rates come from: words, a Source or several.

    Examples
    --------
    >>> from fentanyl_stats.stats import joinpoint
    >>> years = range(2000, 2012)
    >>> ax = trend(joinpoint.fit(years, [5 * 1.1**i for i in range(12)], k=0))
    >>> "10.0%" in style.alt_text(ax)
    True
    """
    ax = style.canvas(ax, 8.2, 4.4)
    x, y = np.asarray(fit.x, dtype=float), np.asarray(fit.y, dtype=float)
    if fit.se is not None:
        half = 1.96 * np.asarray(fit.se, dtype=float)
        ax.vlines(x, np.maximum(y - half, 0), y + half, color=style.GREY, lw=1)
    ax.plot(x, y, "o", ms=5, color=style.INK, mfc="white", zorder=3)
    grid = np.linspace(x[0], x[-1], 200)
    ax.plot(grid, fit.predict(grid), color=style.BLUE, lw=2, zorder=2)
    top = float(np.nanmax(y)) * 1.22
    ax.set_ylim(0, top)
    for i, row in enumerate(fit.joinpoints.itertuples()):
        level = top * (0.035 + 0.02 * i)
        ax.plot([row.low, row.high], [level, level], color=style.SKY, lw=3, solid_capstyle="butt", zorder=1)
        ax.axvline(row.x, color=style.BLUE, lw=0.8, ls=(0, (3, 2)), zorder=1)
        style.label(ax, number(row.x).replace(",", ""), (row.x, level), (3, 4), va="bottom", color=style.BLUE)
    parts = []
    for row in fit.segments.itertuples():
        middle = (row.start + row.end) / 2
        words = f"{row.apc:+.1f}%\na year".replace("-", "−") + ("\n(could be 0)" if row.low < 0 < row.high else "")
        here, rise = float(fit.predict([middle])[0]), float(np.diff(fit.predict([row.start, row.end]))[0])
        steep = abs(rise) > 0.25 * top  # beside a steep piece, on its free side; above any other
        side: Any = ("right" if rise > 0 else "left") if steep else "center"
        gap = ({"right": -7, "left": 7, "center": 0}[side], 2 if steep else 12)
        style.label(
            ax, words, (middle, here), gap, ha=side, va="bottom", size=style.SMALL + 1, bold=True, color=style.BLUE
        )
        parts.append(f"{row.start:g} to {row.end:g}: {row.apc:.1f}% a year ({row.low:.1f} to {row.high:.1f})")
    ax.set_ylabel(label)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    return style.finish(
        ax,
        f"{title or 'Trend'}, {label}: from {number(y[0])} in {x[0]:g} to {number(y[-1])} in {x[-1]:g}. "
        f"Annual percent change: {'; '.join(parts)}.",
        title or "Trend",
        f"joinpoint regression; {fit.k or 'no'} bend{'s' if fit.k != 1 else ''}"
        + (", bars at the foot: their 95% intervals" if fit.k else "")
        + ("; upright lines: 95% interval of each rate" if fit.se is not None else ""),
        f"{style.cited(None, source)}\n{fit.method}.".strip(),
    )


def small_multiples(
    frame: pd.DataFrame, *, label: str = "rate per 100,000", title: str = "", source: object = ""
) -> Axes:
    """Draw the data and the fitted line of several places, one small panel each, on one scale (seaborn).

    Parameters
    ----------
    frame : DataFrame
        Columns place, year, rate, fitted.

    Returns
    -------
    Axes
        The first panel; its figure holds them all.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no row.
    """
    import seaborn as sns

    style.require(frame, ("place", "year", "rate", "fitted"), "rate")
    grid = sns.FacetGrid(frame, col="place", col_wrap=min(6, frame["place"].nunique()), height=1.5, aspect=1.15)
    grid.map_dataframe(sns.scatterplot, x="year", y="rate", s=9, color=style.GREY, linewidth=0)
    grid.map_dataframe(sns.lineplot, x="year", y="fitted", color=style.BLUE, linewidth=1.6, errorbar=None)
    grid.set_titles("{col_name}", size=style.SMALL + 1)
    first = style.facets(grid, title, label, style.cited(frame, source))
    ends = frame.sort_values("year").groupby("place")["fitted"].last()
    return style.describe(
        first,
        f"{title}: {len(ends)} panels, {label}. In the last year the fitted rate is highest in {ends.idxmax()} "
        f"({number(float(ends.max()))}) and lowest in {ends.idxmin()} ({number(float(ends.min()))}).",
    )


def ranks(
    frame: pd.DataFrame, ax: Axes | None = None, *, pick: str = "", label: str = "", title: str = "", source: str = ""
) -> Axes:
    """Draw rates with 95 % intervals, highest first; the intervals that overlap the picked one are dark.

    Parameters
    ----------
    frame : DataFrame
        Columns jurisdiction, rate, low, high, best, worst, as `analysis.places.ranks` gives them.
    pick : str
        The jurisdiction to pick out; "" or "US" for none.

    Raises
    ------
    ReportError
        If a column is missing, or `pick` is not among the places.
    NotPublished
        If there is no row.
    """
    style.require(frame, ("jurisdiction", "rate", "low", "high", "best", "worst"), "rate")
    pick = "" if pick == "US" else pick
    if pick and pick not in set(frame["jurisdiction"]):
        raise ReportError(unknown("jurisdiction", pick, frame["jurisdiction"]))
    ax = style.canvas(ax, 8.6, 4.2)
    rows = frame.sort_values("rate", ascending=False, ignore_index=True)
    own = rows[rows["jurisdiction"] == pick].iloc[0] if pick else None
    for i, row in rows.iterrows():
        overlaps = own is not None and row["low"] <= own["high"] and row["high"] >= own["low"]
        mine = own is not None and row["jurisdiction"] == pick
        colour = style.RED if mine else style.BLUE if overlaps else "#a9a9a9"
        ax.vlines(i, row["low"], row["high"], color=colour, lw=3 if mine else 1.6)
        ax.plot(i, row["rate"], "X" if mine else "o", ms=8 if mine else 3.5, color=colour)
        beside = colour if mine or overlaps else style.GREY
        style.above(ax, row["jurisdiction"], (i, row["high"]), size=style.SMALL - 2.2, color=beside, bold=mine)
    ax.set_ylim(0, float(rows["high"].max()) * 1.08)
    ax.set_xlim(-1, len(rows))
    ax.set_xticks([])
    ax.set_ylabel(label)
    said, shared = "", ""
    if own is not None:
        best, worst = int(own["best"]), int(own["worst"])
        rank = f"rank {best}" if best == worst else f"rank between {best} and {worst}"
        said = f"{pick}: {number(float(own['rate']))}, {rank} of {len(rows)}; upright lines: 95% intervals"
        shared = "Blue: intervals that overlap the one picked out." if best < worst else ""
    top = f"Highest: {rows['jurisdiction'][0]} with {number(float(rows['rate'][0]))}."
    return style.finish(
        ax,
        f"{title}. {said or f'{len(rows)} places'}. {top}",
        title or "Rates of all places",
        said or "highest first, 95 % intervals",
        style.cited(frame, source, shared),
    )
