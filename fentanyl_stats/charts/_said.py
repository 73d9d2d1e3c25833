"""What was said, and what public figures hold, on one scale from nothing to all."""

from __future__ import annotations

import textwrap

import pandas as pd
from matplotlib.axes import Axes

from ..errors import ReportError, unknown
from . import style

_MARKS = {"said": (style.ORANGE, "D"), "measured": (style.BLUE, "o"), "not measured": (style.PALE, "s")}
_WIDTH, _LINE = 52, 0.44
_NEEDED = ("group", "label", "low", "high", "value", "kind", "shown")


def said_and_found(rows: pd.DataFrame, ax: Axes | None = None, *, title: str = "", source: str = "") -> Axes:
    """Draw statements and readings in groups, each with its interval in per cent.

    Parameters
    ----------
    rows : DataFrame
        Columns group, label, low, high, value (per cent, value missing where there are bounds alone), kind (`said`,
        `measured`, `not measured`), shown (the words beside the mark); in the order in which they are drawn.

    Raises
    ------
    ReportError
        If a column is missing, a kind is not known, or there is no row.
    """
    style.require(rows, _NEEDED)
    if rows.empty:
        raise ReportError("there is nothing to draw: the frame has no row")
    for kind in rows["kind"]:
        if kind not in _MARKS:
            raise ReportError(unknown("kind", kind, _MARKS))
    labels = [textwrap.fill(style.plain(str(label)), _WIDTH) for label in rows["label"]]
    groups = list(dict.fromkeys(rows["group"]))
    heights = [max(2, label.count("\n") + 1) * _LINE for label in labels]
    ax = style.canvas(ax, 9.2, 1.5 + 0.34 * (sum(heights) + 0.9 * len(groups)))
    ax.set_xlim(0, 132)
    y, ticks = 0.0, []
    for group in groups:
        ax.annotate(style.plain(str(group)), (0, y), xytext=(2, 0), textcoords="offset points", va="center",
                    fontsize=style.SMALL + 1, fontweight="bold", color=style.INK)  # fmt: skip
        y += 0.45
        for row, label, height in zip(rows.itertuples(), labels, heights, strict=True):
            if row.group == group:
                _row(ax, row, y + height / 2)
                ticks.append((y + height / 2, label))
                y += height
        y += 0.45
    ax.set_ylim(y - 0.3, -0.6)
    ax.set_yticks([t[0] for t in ticks], [t[1] for t in ticks], fontsize=style.SMALL)
    ax.set_xticks(range(0, 101, 20))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_bounds(0, 100)
    ax.set_xlabel("per cent", x=0.38)
    style.title(ax, title, "diamonds: what was said; circles: what was measured; pale: not measured by anybody")
    style.source(ax, source)
    said = "; ".join(f"{row.group}, {row.label}: {row.shown}" for row in rows.itertuples())
    return style.describe(ax, f"{title}. {said}.")


def _row(ax: Axes, row: object, y: float) -> None:
    low, high, value = float(row.low), float(row.high), row.value  # type: ignore[attr-defined]
    colour, marker = _MARKS[row.kind]  # type: ignore[attr-defined]
    if low < high:
        ax.plot([low, high], [y, y], color=colour, lw=6, solid_capstyle="butt", alpha=0.9, zorder=2)
    if not pd.isna(value):
        ax.plot(float(value), y, marker, color=colour, mec=style.INK, mew=0.6, ms=7, zorder=3, clip_on=False)
    end = high if pd.isna(value) else max(high, float(value))
    ax.annotate(style.plain(str(row.shown)), (end, y), xytext=(9, 0), textcoords="offset points", va="center",  # type: ignore[attr-defined]
                fontsize=style.SMALL, color=style.INK, annotation_clip=False)  # fmt: skip
