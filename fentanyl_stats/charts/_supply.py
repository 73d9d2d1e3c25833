"""Seizures month by month, and how heavy and how concentrated they are: the open year is drawn apart."""

from __future__ import annotations

import calendar
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ..errors import ReportError
from ..model import number
from . import style

Unit = Literal["pounds", "events"]
NAMES = {"pounds": "pounds (gross)", "events": "seizures"}
PORTS = {"ofo": "ports of entry", "usbp": "Border Patrol"}
OPEN_DASH = (0, (2, 1.5))


def supply_months(frame: pd.DataFrame, *, unit: Unit = "pounds", source: str = "") -> Axes:
    """Draw the months of each component and region in a panel of its own (seaborn); months of the open year are hollow.

    Each panel has its own scale: regions differ a thousandfold.

    Parameters
    ----------
    frame : DataFrame
        Columns month (`YYYY-MM`), component, region, status, events, pounds, such as `audit.supply.panels`.

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

    require(frame, ("month", "component", "region", "status", unit))
    rows = frame.assign(
        x=style.months(frame["month"]),
        value=frame[unit].astype(float),
        panel=[_panel(c, r) for c, r in zip(frame["component"], frame["region"], strict=True)],
    )
    closed, late = rows["status"] != "open", rows["status"] == "open"
    panels = list(dict.fromkeys(rows["panel"]))
    wide = min(3, len(panels))
    grid = sns.FacetGrid(
        rows, col="panel", col_wrap=wide, col_order=panels, height=1.9, aspect=4.6 / wide, sharey=False
    )
    for ax, name in zip(grid.axes.flat, panels, strict=True):
        here = rows["panel"] == name
        sns.lineplot(rows[here & closed], x="x", y="value", ax=ax, color=style.BLUE, linewidth=1.1, errorbar=None)
        joined = pd.concat([rows[here & closed].tail(1), rows[here & late]]) if (here & late).any() else rows.head(0)
        ax.plot(joined["x"], joined["value"], color=style.RED, lw=1, ls=OPEN_DASH)
        ax.plot(rows.loc[here & late, "x"], rows.loc[here & late, "value"], "o", ms=3, color=style.RED, mfc="white")
        ax.set_ylim(bottom=0)
        ax.set_title("")
        ax.set_title(style.plain(name), fontsize=style.SMALL + 1, loc="left")
        ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        ax.yaxis.set_major_formatter(lambda value, _: number(value))
        _years(ax)
    grid.set_axis_labels("", "")
    grid.tick_params(labelsize=style.SMALL - 0.5)
    note = "each panel has its own scale" + ("; hollow: the fiscal year is not over" if late.any() else "")
    words = {"pounds": "Fentanyl seized by CBP by month, pounds", "events": "Fentanyl seizures by CBP by month, events"}
    figure = grid.figure
    figure.suptitle(words[unit], x=0.01, ha="left", fontsize=12, fontweight="bold")
    figure.supylabel(f"{NAMES[unit]} a month", fontsize=style.SMALL + 1)
    style.figure_source(figure, f"{note.capitalize()}.\n{source}".strip())
    figure.set_layout_engine("constrained")
    plt.close(figure)
    tops = [rows.loc[rows.loc[rows["panel"] == name, "value"].idxmax()] for name in panels]
    peaks = "; ".join(f"{top['panel']}: most in {top['month']}, {number(round(top['value']))}" for top in tops)
    return style.describe(grid.axes.flat[0], f"{words[unit]}, {len(panels)} panels. {peaks}.")


def supply_years(months: pd.DataFrame, ax: Axes | None = None, *, unit: Unit = "pounds", source: str = "") -> Axes:
    """Draw fiscal years over each other, month for month; the open year is dashed with hollow points.

    Parameters
    ----------
    months : DataFrame
        Columns fiscal_year, position (1 for October), status, pounds, events, such as `audit.supply.by_month`.

    Raises
    ------
    ReportError
        If a column is missing or there is no row.
    """
    import seaborn as sns

    require(months, ("fiscal_year", "position", "status", unit))
    ax = style.canvas(ax, 8.4, 4.6)
    years = sorted(months["fiscal_year"].unique())
    closed = [year for year in years if (months.loc[months["fiscal_year"] == year, "status"] != "open").all()]
    shades = dict(zip(closed, sns.color_palette("ch:s=.25,rot=-.25", len(closed)).as_hex(), strict=True))
    top = float(months[unit].max()) or 1.0
    ends: list[tuple[float, float, str, str]] = []
    for year in years:
        rows = months[months["fiscal_year"] == year].sort_values("position")
        x, y = rows["position"].to_numpy(), rows[unit].astype(float).to_numpy()
        if year not in closed:
            ax.plot(x, y, color=style.RED, lw=2, ls=OPEN_DASH, marker="o", ms=5, mfc="white", zorder=4)
            ends.append((x[-1], y[-1], f"FY{year} (open)", style.RED))
        else:
            newest = year == closed[-1]
            ax.plot(x, y, color=shades[year], lw=2.4 if newest else 1.3, zorder=3 if newest else 2)
            ends.append((x[-1], y[-1], f"FY{year}", style.INK))
    ax.set_ylim(0, top * 1.08)
    late = [end for end in ends if end[0] < 12]
    full = [end for end in ends if end[0] == 12]
    for (x0, y0, text, colour), at in zip(full, style.spread([end[1] for end in full], top * 0.055), strict=True):
        ax.annotate(
            text, (x0, y0), xytext=(12.18, at), textcoords="data", va="center", fontsize=style.SMALL + 1, color=colour,
            annotation_clip=False, arrowprops={"arrowstyle": "-", "color": style.PALE, "lw": 0.6},
        )  # fmt: skip
    for x0, y0, text, colour in late:
        ax.annotate(
            text, (x0, y0), xytext=(6, -4), textcoords="offset points", va="top", fontsize=style.SMALL + 1, color=colour,
            fontweight="bold", bbox={"fc": "white", "ec": "none", "pad": 0.6, "alpha": 0.85}, zorder=5,
        )  # fmt: skip
    ax.set_xlim(0.8, 12.1)
    ax.set_xticks(range(1, 13), [calendar.month_abbr[(p + 8) % 12 + 1] for p in range(1, 13)])
    ax.set_ylabel(f"{NAMES[unit]} a month")
    style.thousands(ax)
    left = [year for year in years if year not in closed]
    style.title(
        ax,
        "Fiscal years month for month",
        "a year that is not over may be set beside the same months only" if left else "October to September",
    )
    style.source(ax, source)
    best = months.loc[months[unit].astype(float).idxmax()]
    held = months[months["status"] == "open"]
    tail = (
        f" FY{left[0]} is open and has {len(held)} months, {number(round(float(held[unit].sum())))} in all."
        if left
        else ""
    )
    return style.describe(
        ax,
        f"Fentanyl seized by CBP by month, {NAMES[unit]}, fiscal years {years[0]} to {years[-1]} over each other. The month "
        f"with most is {best['month']}, {number(round(float(best[unit])))}.{tail}",
    )


def seizure_size(years: pd.DataFrame, ax: Axes | None = None, *, source: str = "") -> Axes:
    """Draw the pounds per seizure by closed fiscal year; a year that is not over is left out.

    Parameters
    ----------
    years : DataFrame
        Columns fiscal_year, status, pounds_per_event, such as `audit.supply.by_year`.

    Raises
    ------
    ReportError
        If a column is missing or no closed year has a seizure.
    """
    rows, left = _closed(years, "pounds_per_event")
    ax = style.canvas(ax, 5.4, 3.8)
    x, y = rows["fiscal_year"].to_numpy(dtype=int), rows["pounds_per_event"].to_numpy(dtype=float)
    ax.plot(x, y, color=style.BLUE, lw=2, marker="o", ms=6)
    for xi, yi in zip(x, y, strict=True):
        ax.annotate(
            f"{yi:.1f}", (xi, yi), xytext=(0, 8), textcoords="offset points", ha="center", fontsize=style.SMALL + 0.5,
            color=style.INK, bbox={"fc": "white", "ec": "none", "pad": 0.4, "alpha": 0.8},
        )  # fmt: skip
    _fiscal(ax, x)
    ax.set_ylim(0, float(y.max()) * 1.2 or 1.0)
    ax.set_ylabel("pounds (gross) per seizure")
    style.title(ax, "How heavy a seizure is", f"mean of the year{left}")
    style.source(ax, source, 70)
    means = ", ".join(f"FY{a} {b:.1f}" for a, b in zip(x, y, strict=True))
    return style.describe(ax, f"Pounds per seizure by closed fiscal year: {means}.")


def concentration(years: pd.DataFrame, ax: Axes | None = None, *, source: str = "", largest: int = 10) -> Axes:
    """Draw what is known of the part of the weight in the heaviest seizures: a range, for single seizures are not held.

    Parameters
    ----------
    years : DataFrame
        Columns fiscal_year, status, largest_low, largest_high (shares), such as `audit.supply.by_year`; a year that is
        not over is left out, for fewer months hold fewer seizures.
    largest : int
        How many seizures the shares are of.

    Raises
    ------
    ReportError
        If a column is missing or no closed year has a seizure.
    """
    require(years, ("largest_high",))
    rows, left = _closed(years, "largest_low")
    ax = style.canvas(ax, 5.4, 3.8)
    x = rows["fiscal_year"].to_numpy(dtype=int)
    low, high = (100 * rows[f"largest_{end}"].to_numpy(dtype=float) for end in ("low", "high"))
    for xi, a, b in zip(x, low, high, strict=True):
        ax.bar(xi, b - a, bottom=a, width=0.5, color=style.SKY, edgecolor=style.BLUE, lw=1)
        for value, offset, side in ((a, -4, "top"), (b, 3, "bottom")):
            ax.annotate(
                f"{value:.0f}", (xi, value), xytext=(0, offset), textcoords="offset points", ha="center", va=side,
                fontsize=style.SMALL + 0.5, color=style.INK,
            )  # fmt: skip
    _fiscal(ax, x)
    ax.set_ylim(-8, 105)
    ax.set_yticks(range(0, 101, 20))
    ax.set_ylabel("percent of the year's weight")
    style.title(ax, f"What the {largest} heaviest seizures hold", f"range that sums by area and month allow{left}")
    style.source(ax, source, 70)
    parts = ", ".join(f"FY{a} {b:.0f} to {c:.0f}" for a, b, c in zip(x, low, high, strict=True))
    return style.describe(
        ax,
        f"Percent of the weight in the {largest} heaviest seizures, least and most possible, closed fiscal years: {parts}.",
    )


def require(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """Refuse a frame without rows or without a column."""
    style.require(frame, columns)
    if frame.empty:
        raise ReportError("there is nothing to draw: the frame has no row")


def _panel(component: object, region: object) -> str:
    place = style.REGIONS.get(str(region), (str(region), ""))[0]
    return f"{place}, {PORTS.get(str(component), str(component))}"


def _closed(years: pd.DataFrame, column: str) -> tuple[pd.DataFrame, str]:
    """The closed years that have a value, and words for those left out."""
    require(years, ("fiscal_year", "status", column))
    late = years.loc[years["status"] == "open", "fiscal_year"]
    rows = years[years["status"] != "open"].dropna(subset=column)
    if rows.empty:
        raise ReportError("there is nothing to draw: no closed fiscal year has a seizure")
    return rows, f"; FY{late.iloc[0]}, not over, is left out" if len(late) else ""


def _fiscal(ax: Axes, years: np.ndarray) -> None:
    ax.set_xticks(years, [f"FY{year % 100:02}" for year in years])
    ax.set_xlim(years[0] - 0.6, years[-1] + 0.6)


def _years(ax: Axes) -> None:
    from matplotlib.dates import DateFormatter, YearLocator

    low, high = ax.get_xlim()
    ax.xaxis.set_major_locator(YearLocator(base=2 if high - low > 365 * 5 else 1))
    ax.xaxis.set_major_formatter(DateFormatter("%Y"))
