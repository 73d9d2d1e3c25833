"""Offices and countries over time, with the claim."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from ..errors import NotPublished, ReportError, unknown
from ..model import last_day
from . import style

if TYPE_CHECKING:
    from ..audit.assess import Assessment

_COLUMNS = ("offices", "countries")


def offices(
    counts: dict[str, pd.DataFrame] | pd.DataFrame,
    ax: Axes | None = None,
    *,
    claim: Assessment | Sequence[Assessment] = (),
    claims: dict[str, float] | None = None,
    source: str = "",
) -> Axes:
    """Draw published counts over time, one series a name; official counts are filled, others open.

    Parameters
    ----------
    counts : dict of DataFrame, or DataFrame
        Name of the series -> columns as_of (short ISO date), official (bool), and the count in the column `offices` or
        `countries`. A single frame has a series for each of these two columns, named like it; empty cells are left out.
    claim : Assessment or several, optional
        Claims about the counts; each number is drawn as a line.
    claims : dict, optional
        Name -> claimed number, instead.

    Raises
    ------
    ReportError
        If there is no series, or a column is missing.
    NotPublished
        If a series has no row.
    """
    series = _series(counts) if isinstance(counts, pd.DataFrame) else counts
    if not series:
        raise ReportError("there is nothing to draw: no series of counts was given")
    several = claim if isinstance(claim, Sequence) else [claim]
    claims = claims or {a.claim.id: a.phrase.value for a in several if a.phrase is not None}
    ax = style.canvas(ax, 8.2, 4.4)
    looks = zip(cycle((style.BLUE, style.GREEN, style.PURPLE, style.ORANGE)), cycle("os^D"), strict=True)
    parts, notes = [], []
    for (name, frame), (colour, shape) in zip(series.items(), looks, strict=False):
        column = _column(frame)
        style.require(frame, ("as_of", "official"))
        if frame.empty:
            raise NotPublished(f"there is nothing to draw: the series {name!r} has no row")
        x = [float(date2num(last_day(str(text)))) for text in frame["as_of"]]
        y = frame[column].astype(float).tolist()
        points = list(dict.fromkeys(zip(x, y, frame["official"].astype(bool), strict=True)))
        firm = sorted(point[:2] for point in points if point[2])
        ax.plot([p[0] for p in firm], [p[1] for p in firm], color=colour, lw=1.2, alpha=0.7)
        for xi, yi, official in points:
            ax.plot(xi, yi, shape, ms=7, color=colour, mfc=colour if official else "white", zorder=3)
            below = any(abs(xi - xj) < 250 and yi < yj for xj, yj, _ in points)
            style.label(ax, f"{yi:.0f}", (xi, yi), (-7, 0) if below else (0, 7), ha="right" if below else "center",
                        va="center" if below else "bottom")  # fmt: skip
        style.label(ax, name, (x[0], y[0]), (8, -14), color=colour, size=style.SMALL + 1, va="bottom", bold=True)
        parts.append(
            f"{name} went from {y[0]:.0f} ({frame['as_of'].iloc[0]}) to {y[-1]:.0f} ({frame['as_of'].iloc[-1]})"
        )
        notes.append(style.cited(frame))
    for value in claims.values():
        ax.axhline(value, color=style.ORANGE, lw=3, alpha=0.5, zorder=0)
        style.label(ax, f"claimed: {value:.0f}", (1, value), (5, 0), where="y", size=style.SMALL + 1, color=style.CLAIM)
    ax.set_ylim(0, ax.get_ylim()[1] * 1.08)
    style.dates(ax)
    ax.set_ylabel("number")
    return style.finish(
        ax,
        f"Published counts over time: {'; '.join(parts)}.",
        "What DEA counted abroad",
        "filled: from a text of the agency or its department; open: as printed elsewhere",
        source or "\n".join(dict.fromkeys(filter(None, notes))),
    )


def _series(counts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """One frame for each column of counts that is not empty; the first where all are."""
    own = [column for column in _COLUMNS if column in counts] or [_column(counts)]
    parts = {column: counts.drop(columns=set(own) - {column}).dropna(subset=column) for column in own}
    return {name: frame for name, frame in parts.items() if len(frame)} or {own[0]: parts[own[0]]}


def _column(frame: pd.DataFrame) -> str:
    found = next((column for column in _COLUMNS if column in frame), None)
    if found is None:
        raise ReportError(unknown("column", "offices", frame.columns))
    return found
