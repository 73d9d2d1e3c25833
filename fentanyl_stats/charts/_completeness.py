"""How NCHS adds missing records: the more death records are pending, the less complete the count of overdoses."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from ..errors import ReportError
from ..model import number
from . import style

_COLOURS = (style.GREY, style.BLUE, style.RED, style.GREEN)
_MARKERS = ("o", "D", "s", "^")


def completeness(frame: pd.DataFrame, ax: Axes | None = None, *, title: str = "", source: str = "") -> Axes:
    """Draw reported as a share of predicted deaths against the share of records pending, one mark a window and place.

    Parameters
    ----------
    frame : DataFrame
        Columns span (a name; one colour each), percent_pending (per cent), percent_complete (reported in per cent of
        predicted), percent_fitted (the same by the formula); optional line (a name): the formula has one straight line
        for each, by default one for each span.

    Raises
    ------
    ReportError
        If a column is missing or no row is complete.
    """
    rows = _checked(frame, ("span", "percent_pending", "percent_complete", "percent_fitted"))
    ax = style.canvas(ax, 8.4, 4.4)
    spans = list(dict.fromkeys(rows["span"]))
    for i, span in enumerate(spans):
        group = rows[rows["span"] == span].sort_values("percent_pending")
        colour = _COLOURS[i % len(_COLOURS)]
        ax.plot(
            group["percent_pending"], group["percent_complete"], _MARKERS[i % len(_MARKERS)], color=colour, ms=3.2,
            alpha=0.45, mew=0, label=f"{span}", rasterized=True,
        )  # fmt: skip
    fitted = rows.sort_values("percent_pending").groupby("line" if "line" in rows else "span", sort=False)
    for i, (_, group) in enumerate(fitted):
        ax.plot(
            group["percent_pending"], group["percent_fitted"], color=style.INK, lw=0.9, label="" if i else "the formula"
        )
    ax.legend(
        frameon=False,
        fontsize=style.SMALL + 1,
        loc="lower left",
        title="months ending in",
        title_fontsize=style.SMALL + 1,
    )
    ax.set_xlabel("records of all deaths, any cause, still under investigation, %", fontsize=style.SMALL + 1)
    ax.set_ylabel("overdose deaths counted so far,\nin % of the estimate")
    style.title(
        ax,
        title or "The more death records are still open, the more overdoses are added",
        "each mark: 12 months in one place (small ones scatter, as deaths are whole numbers); lines: the formula",
    )
    style.source(ax, source)
    worst = rows.loc[rows["percent_complete"].idxmin()]
    return style.describe(
        ax,
        f"{number(len(rows))} sums of 12 months: reported deaths fall from {rows['percent_complete'].max():.1f}% of the predicted "
        f"ones to {worst['percent_complete']:.1f}% as pending records rise to {rows['percent_pending'].max():.2f}%; the "
        "formula runs through the marks.",
    )


def residuals(frame: pd.DataFrame, ax: Axes | None = None, *, title: str = "", source: str = "") -> Axes:
    """Draw how many printed predictions the formula hits, and how many it misses by how many deaths.

    Parameters
    ----------
    frame : DataFrame
        Column difference: printed minus recomputed, in deaths.

    Raises
    ------
    ReportError
        If the column is missing or empty.

    Examples
    --------
    >>> print(style.alt_text(residuals(pd.DataFrame({"difference": [0, 0, 0, 1]}))))
    Printed minus recomputed predictions, in deaths: 0: 3, 1: 1.
    """
    rows = _checked(frame, ("difference",))
    counts = rows["difference"].astype(int).value_counts().sort_index()
    reach = max(1, int(counts.index.to_series().abs().max()))
    shown = counts.reindex(range(-reach, reach + 1), fill_value=0) if reach <= 10 else counts
    ax = style.canvas(ax, 6.4, 3.2)
    ax.bar(shown.index, shown.to_numpy(), width=0.7, color=[style.BLUE if i == 0 else style.RED for i in shown.index])
    for x, y in shown.items():
        ax.annotate(number(int(y)), (float(str(x)), float(y)), xytext=(0, 2), textcoords="offset points", ha="center",
                    va="bottom", fontsize=style.SMALL + 1)  # fmt: skip
    ax.set_xticks(
        list(shown.index) if len(shown) <= 21 else [],
        ["hit exactly" if i == 0 else f"{i:+d}" for i in shown.index] if len(shown) <= 21 else [],
    )
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.margins(y=0.15)
    ax.set_xlabel("printed minus recomputed, deaths", fontsize=style.SMALL + 1)
    style.title(ax, title or "Does the formula give what was printed?", "number of predictions")
    style.source(ax, source, width=88)
    listed = ", ".join(f"{i}: {number(int(n))}" for i, n in counts.items())
    return style.describe(ax, f"Printed minus recomputed predictions, in deaths: {listed}.")


def _checked(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    style.require(frame, columns)
    rows = frame.dropna(subset=list(columns))
    if rows.empty:
        raise ReportError("there is no value to draw: every value of the frame is missing")
    return rows
