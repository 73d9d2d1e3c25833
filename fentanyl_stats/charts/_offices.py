"""Offices and countries over time, with the claim."""

from __future__ import annotations

from itertools import cycle

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

from ..errors import ReportError, unknown
from ..model import last_day
from . import style


def offices(
    counts: dict[str, pd.DataFrame],
    ax: Axes | None = None,
    *,
    claims: dict[str, float] | None = None,
    source: str = "",
) -> Axes:
    """Draw published counts over time, one series a name; official counts are filled, others open.

    Parameters
    ----------
    counts : dict of DataFrame
        Name of the series -> columns as_of (short ISO date), official (bool), and the count in the column `offices` or
        `countries`.
    claims : dict, optional
        Name of the series -> the claimed number, drawn as a line.

    Raises
    ------
    ReportError
        If there is no series, one has no row, or a column is missing.
    """
    if not counts:
        raise ReportError("there is nothing to draw: no series of counts was given")
    ax = style.canvas(ax, 8.2, 4.4)
    colours = dict(zip(counts, cycle((style.BLUE, style.GREEN, style.PURPLE, style.ORANGE)), strict=False))
    shapes = dict(zip(counts, cycle("os^D"), strict=False))
    parts = []
    for name, frame in counts.items():
        column = next((c for c in ("offices", "countries") if c in frame), None)
        if column is None or "as_of" not in frame or "official" not in frame:
            raise ReportError(unknown("column", "offices", frame.columns))
        if frame.empty:
            raise ReportError(f"there is nothing to draw: the series {name!r} has no row")
        x = [float(date2num(last_day(str(text)))) for text in frame["as_of"]]
        y = frame[column].astype(float).to_numpy()
        official = frame["official"].to_numpy(dtype=bool)
        order = sorted((xi, yi) for xi, yi, ok in zip(x, y, official, strict=True) if ok)
        ax.plot([p[0] for p in order], [p[1] for p in order], color=colours[name], lw=1.2, alpha=0.7)
        for xi, yi, ok in dict.fromkeys(zip(x, y, official, strict=True)):
            ax.plot(
                xi,
                yi,
                shapes[name],
                ms=7,
                color=colours[name],
                mfc=colours[name] if ok else "white",
                zorder=3,
            )
            below = any(abs(xi - xj) < 250 and yi < yj for xj, yj in zip(x, y, strict=True))
            ax.annotate(
                f"{yi:.0f}", (xi, yi), xytext=(-7, 0) if below else (0, 7), textcoords="offset points",
                ha="right" if below else "center", va="center" if below else "bottom", fontsize=style.SMALL, color=style.INK,
            )  # fmt: skip
        ax.annotate(
            name, (x[0], y[0]), xytext=(8, -14), textcoords="offset points", color=colours[name],
            fontsize=style.SMALL + 1, fontweight="bold",
        )  # fmt: skip
        parts.append(
            f"{name} went from {y[0]:.0f} ({frame['as_of'].iloc[0]}) to {y[-1]:.0f} ({frame['as_of'].iloc[-1]})"
        )
    for value in (claims or {}).values():
        ax.axhline(value, color=style.ORANGE, lw=3, alpha=0.5, zorder=0)
        ax.annotate(
            f"claimed: {value:.0f}", (1, value), xycoords=("axes fraction", "data"), xytext=(5, 0),
            textcoords="offset points", va="center", fontsize=style.SMALL + 1, color="#7a5b00", annotation_clip=False,
        )  # fmt: skip
    ax.set_ylim(0, ax.get_ylim()[1] * 1.08)
    locator = AutoDateLocator(maxticks=9)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    ax.set_ylabel("number")
    style.title(
        ax,
        "What DEA counted abroad",
        "filled: from a text of the agency or its department; open: as printed elsewhere",
    )
    style.source(ax, source)
    return style.describe(ax, "Published counts over time: " + "; ".join(parts) + ".")
