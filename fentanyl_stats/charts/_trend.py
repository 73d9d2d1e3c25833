"""A fitted trend over its data, and many of them side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..errors import ReportError
from ..model import number
from ..stats.joinpoint import Fit
from . import style


def trend(
    fit: Fit, ax: Axes | None = None, *, label: str = "rate per 100,000", title: str = "", source: str = ""
) -> Axes:
    """Draw a joinpoint fit: the data with 95 % limits where standard errors were given, the line, its bends, each APC.

    Parameters
    ----------
    fit : Fit
        What `stats.joinpoint.fit` returns.

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
        ax.annotate(
            number(row.x).replace(",", ""), (row.x, level), xytext=(3, 4), textcoords="offset points",
            fontsize=style.SMALL, color=style.BLUE,
        )  # fmt: skip
    for row in fit.segments.itertuples():
        middle = (row.start + row.end) / 2
        ax.annotate(
            f"{row.apc:+.1f}%\na year" + ("\n(could be 0)" if row.low < 0 < row.high else ""), (middle, float(fit.predict([middle])[0])), xytext=(0, 12), ha="center",
            textcoords="offset points", fontsize=style.SMALL + 1, fontweight="bold", color=style.BLUE,
        )  # fmt: skip
    ax.set_ylabel(label)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    style.title(
        ax,
        title or "Trend",
        f"joinpoint regression; {fit.k or 'no'} bend{'s' if fit.k != 1 else ''}"
        + (", bars at the foot: their 95% intervals" if fit.k else "")
        + ("; upright lines: 95% interval of each rate" if fit.se is not None else ""),
    )
    style.source(ax, f"{source}\n{fit.method}.".strip(), width=110)
    parts = [
        f"{row.start:g} to {row.end:g}: {row.apc:.1f}% a year ({row.low:.1f} to {row.high:.1f})"
        for row in fit.segments.itertuples()
    ]
    return style.describe(
        ax,
        f"{title or 'Trend'}, {label}: from {number(y[0])} in {x[0]:g} to {number(y[-1])} in {x[-1]:g}. "
        f"Annual percent change: {'; '.join(parts)}.",
    )


def small_multiples(frame: pd.DataFrame, *, label: str = "rate per 100,000", title: str = "", source: str = "") -> Axes:
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
        If a column is missing or there is no row.
    """
    import matplotlib.pyplot as plt
    import seaborn as sns

    style.require(frame, ("place", "year", "rate", "fitted"))
    if frame.empty:
        raise ReportError("there is nothing to draw: the frame has no row")
    wrap = min(6, frame["place"].nunique())
    grid = sns.FacetGrid(frame, col="place", col_wrap=wrap, height=1.5, aspect=1.15, sharey=True)
    grid.map_dataframe(sns.scatterplot, x="year", y="rate", s=9, color=style.GREY, linewidth=0)
    grid.map_dataframe(sns.lineplot, x="year", y="fitted", color=style.BLUE, linewidth=1.6, errorbar=None)
    grid.set_titles("{col_name}", size=style.SMALL + 1)
    grid.set_axis_labels("", "")
    grid.tick_params(labelsize=style.SMALL - 1)
    grid.figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    grid.figure.supylabel(label, fontsize=style.SMALL + 1)
    grid.figure.supxlabel(source, x=0.01, ha="left", fontsize=style.SMALL, color=style.GREY)
    grid.figure.set_layout_engine("constrained")
    plt.close(grid.figure)
    ends = frame.sort_values("year").groupby("place")["fitted"].last()
    return style.describe(
        grid.axes.flat[0],
        f"{title}: {len(ends)} panels, {label}. In the last year the fitted rate is highest in {ends.idxmax()} "
        f"({number(float(ends.max()))}) and lowest in {ends.idxmin()} ({number(float(ends.min()))}).",
    )
