"""Where and when at once: seizures by area and month as a heatmap."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..errors import ReportError
from ..model import number
from . import style


def supply_areas(
    table: pd.DataFrame, ax: Axes | None = None, *, open_from: str | None = None, source: str = ""
) -> Axes:
    """Draw pounds by area (rows) and month (columns) on a logarithmic scale of colour (seaborn); blank is nothing seized.

    Parameters
    ----------
    table : DataFrame
        Pounds, one row an area, one column a month (`YYYY-MM`), such as `audit.supply.areas`.
    open_from : str, optional
        First month of the open fiscal year; it is set apart by a line and a label.

    Raises
    ------
    ReportError
        If nothing was seized anywhere.
    """
    import seaborn as sns
    from matplotlib.colors import ListedColormap, LogNorm

    values = table.to_numpy(dtype=float)
    if table.empty or not (values > 0).any():
        raise ReportError("there is nothing to draw: no area has a seizure")
    ax = style.canvas(ax, 9.0, 0.9 + 0.33 * max(len(table), 4) + 0.9)
    shown = pd.DataFrame(np.where(values > 0, values, np.nan), index=table.index, columns=table.columns)
    # Less than a pound is the palest shade: below it a log scale would spend its colours on grams.
    top = max(float(np.nanmax(shown.to_numpy())), 10.0)
    sns.heatmap(
        shown, ax=ax, cmap=ListedColormap(sns.color_palette("Blues", 256)[48:]), norm=LogNorm(1.0, top), xticklabels=False, linewidths=0,
        cbar_kws={"pad": 0.015, "aspect": 30, "format": lambda v, _: number(v)},
    )  # fmt: skip
    months = list(table.columns)
    starts = [i for i, month in enumerate(months) if month.endswith("-10")] or [0]
    ax.set_xticks(starts, [f"FY{int(months[i][:4]) + (months[i][5:] >= '10')}" for i in starts], rotation=0, ha="left")
    ax.set_yticks(np.arange(len(table)) + 0.5, [style.plain(str(name)) for name in table.index], rotation=0)
    ax.tick_params(labelsize=style.SMALL + 0.5, length=2)
    for i in starts[1:]:
        ax.axvline(i, color=style.GREY, lw=0.5)
    if open_from in months:
        at = months.index(open_from)
        ax.axvline(at, color=style.RED, lw=1.6, ls=(0, (2, 1.5)))
        ax.annotate(
            "open", (at, 1), xycoords=("data", "axes fraction"), xytext=(2, 2), textcoords="offset points",
            fontsize=style.SMALL + 0.5, color=style.RED, va="bottom",
        )  # fmt: skip
    bar = ax.collections[0].colorbar
    assert bar is not None
    bar.ax.tick_params(labelsize=style.SMALL + 0.5)
    bar.outline.set_visible(False)
    bar.set_label("pounds (gross) a month", fontsize=style.SMALL + 1)
    style.title(
        ax,
        "Where and when",
        "pounds by area and month, heaviest areas first; blank: nothing seized; palest: 1 pound or less",
    )
    style.source(ax, source)
    totals = table.sum(axis=1)
    where, when = np.unravel_index(int(np.nanargmax(values)), values.shape)
    return style.describe(
        ax,
        f"Pounds of fentanyl seized by area and month, {months[0]} to {months[-1]}: most in {totals.idxmax()} "
        f"({number(round(float(totals.max())))} pounds in all); the darkest cell is {table.index[where]} in {months[when]}, "
        f"{number(round(float(values.max())))} pounds.",
    )
