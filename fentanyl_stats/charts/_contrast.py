"""The direct share in seizures, gross and pure, and what it leaves possible for the flow, period by period."""

from __future__ import annotations

import textwrap

import pandas as pd
from matplotlib.axes import Axes

from ..errors import ReportError
from ..model import Interval
from . import style

_NEEDED = ("group", "period", "what", "gross", "pure_low", "pure_high", "flow_low", "flow_high", "status")


def contrast(
    rows: pd.DataFrame,
    ax: Axes | None = None,
    *,
    claimed: Interval | None = None,
    title: str = "Straight from China? Before and after 2019",
    flow_label: str = "",
    source: str = "",
) -> Axes:
    """Draw a row a period: gross share, span of pure shares, and span of flow shares under assumed interception.

    Parameters
    ----------
    rows : DataFrame
        Columns group (a heading), period, what (the stand-in), gross, pure_low, pure_high, flow_low, flow_high
        (fractions), status; in the order in which they are drawn.
    claimed : Interval, optional
        The claim in per cent.
    flow_label : str
        What the thin lines assume, in words.

    Raises
    ------
    ReportError
        If a column is missing or there is no row.
    """
    style.require(rows, _NEEDED)
    if rows.empty:
        raise ReportError("there is nothing to draw: the frame has no row")
    groups = list(dict.fromkeys(rows["group"]))
    ax = style.canvas(ax, 8.6, 1.9 + 0.3 * (len(rows) + len(groups)))
    ax.set_xlim(0, 100)
    if claimed is not None:
        style.band(ax, claimed, axis="x")
    y, ticks = 0.0, []
    first = True
    for group in groups:
        ax.annotate(str(group), (0, y), xytext=(2, 0), textcoords="offset points", va="center", fontsize=style.SMALL + 1,
                    fontweight="bold", color=style.INK)  # fmt: skip
        y += 1
        for row in rows[rows["group"] == group].itertuples():
            _row(ax, row, y)
            if first:
                _key(ax, row, y)
                first = False
            ticks.append((y, f"{row.period}{' (open)' if row.status == 'open' else ''}"))
            y += 1
    ax.set_ylim(y - 0.3, -1.3 if claimed is not None else -0.8)
    if claimed is not None:
        ax.annotate("claimed", (min(claimed.high, 100), -1.2), xytext=(0, 0), textcoords="offset points", ha="right", va="top",
                    fontsize=style.SMALL + 1, color="#7a5b00")  # fmt: skip
    ax.set_yticks([t[0] for t in ticks], [t[1] for t in ticks])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("per cent on the direct route")
    style.title(ax, title, flow_label)
    style.source(ax, source)
    return style.describe(ax, _alt(rows, claimed))


def _row(ax: Axes, row: object, y: float) -> None:
    gross, pure, flow = (
        [100 * float(getattr(row, name)) for name in names]
        for names in (("gross",), ("pure_low", "pure_high"), ("flow_low", "flow_high"))
    )
    pale = 0.55 if row.status == "open" else 1.0  # type: ignore[attr-defined]
    ax.plot(flow, [y, y], color=style.GREY, lw=1.0, alpha=pale, zorder=2)
    ax.plot(flow, [y, y], "|", color=style.GREY, ms=6, alpha=pale, zorder=2)
    ax.plot(pure, [y, y], color=style.BLUE, lw=6, solid_capstyle="butt", alpha=0.8 * pale, zorder=3)
    ax.plot(gross, [y], "o", color=style.ORANGE, mec=style.INK, mew=0.6, ms=6, zorder=4, clip_on=False)
    ax.annotate(f"gross {gross[0]:.1f}, pure {_span(*pure)}", (100, y), xytext=(8, 0), textcoords="offset points",
                va="center", fontsize=style.SMALL - 0.5, color=style.INK, annotation_clip=False)  # fmt: skip


def _span(low: float, high: float) -> str:
    digits = 1 if low < 10 else 0
    return f"{low:.{digits}f}–{high:.{digits}f}"


def _key(ax: Axes, row: object, y: float) -> None:
    """The three marks named once, above the first row."""
    places = {
        "gross": (100 * row.gross, style.INK),  # type: ignore[attr-defined]
        "pure, over published purities": (100 * (row.pure_low + row.pure_high) / 2, style.BLUE),  # type: ignore[attr-defined]
    }
    for name, (x, colour) in places.items():
        ax.annotate(name, (x, y), xytext=(0, 5), textcoords="offset points", ha="center", va="bottom", fontsize=style.SMALL - 0.5,
                    color=colour)  # fmt: skip


def _alt(rows: pd.DataFrame, claimed: Interval | None) -> str:
    parts = [
        f"{row.period} ({textwrap.shorten(str(row.what), 70)}): gross {100 * row.gross:.1f}, pure {100 * row.pure_low:.1f} to "
        f"{100 * row.pure_high:.1f}, flow {100 * row.flow_low:.1f} to {100 * row.flow_high:.1f}"
        for row in rows.itertuples()
    ]
    claim = f" The claim is {claimed} percent." if claimed is not None else ""
    return f"Share of the direct route in per cent. {'; '.join(parts)}.{claim}"
