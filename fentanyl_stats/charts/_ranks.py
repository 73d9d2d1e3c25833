"""Rates of all places in one year with their intervals, one of them picked out."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from ..errors import ReportError, unknown
from ..model import number
from . import style


def ranks(
    frame: pd.DataFrame, ax: Axes | None = None, *, pick: str = "", label: str = "", title: str = "", source: str = ""
) -> Axes:
    """Draw rates with 95 % intervals, highest first; the intervals that overlap the picked one are dark.

    Parameters
    ----------
    frame : DataFrame
        Columns jurisdiction, rate, low, high, best, worst, as `audit.yearly.ranks` gives them.
    pick : str
        The jurisdiction to pick out.

    Raises
    ------
    ReportError
        If a column is missing, there is no row, or `pick` is not among the places.
    """
    style.require(frame, ("jurisdiction", "rate", "low", "high", "best", "worst"))
    if frame.empty or (pick and pick not in set(frame["jurisdiction"])):
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
        ax.annotate(
            row["jurisdiction"], (i, row["high"]), xytext=(0, 3), textcoords="offset points", ha="center",
            fontsize=style.SMALL - 2.2, color=colour if mine or overlaps else style.GREY, fontweight="bold" if mine else "normal",
        )  # fmt: skip
    ax.set_ylim(0, float(rows["high"].max()) * 1.08)
    ax.set_xlim(-1, len(rows))
    ax.set_xticks([])
    ax.set_ylabel(label)
    said = ""
    if own is not None:
        best, worst = int(own["best"]), int(own["worst"])
        rank = f"rank {best}" if best == worst else f"rank between {best} and {worst}"
        said = f"{pick}: {number(float(own['rate']))}, {rank} of {len(rows)}; upright lines: 95% intervals"
    style.title(ax, title, said or "highest first, 95 % intervals")
    shared = own is not None and int(own["best"]) < int(own["worst"])
    style.source(ax, f"{source} Blue: intervals that overlap the one picked out." if shared else source)
    return style.describe(
        ax,
        f"{title}. {said or f'{len(rows)} places'}. Highest: {rows['jurisdiction'][0]} with {number(float(rows['rate'][0]))}.",
    )
