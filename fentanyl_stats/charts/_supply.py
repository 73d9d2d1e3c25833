"""Supply: seizures month by month, by area, how heavy and concentrated they are, and what laboratories and agencies print."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any, Literal

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..errors import NotPublished
from ..model import number
from . import style

Unit = Literal["pounds", "events"]
NAMES = {"pounds": "pounds (gross)", "events": "seizures"}
GROUPS = {
    "china": ("direct from China", style.RED),
    "mexico": ("Southwest border", style.ORANGE),
    "powder": ("powder samples, US", style.BLUE),
}
PANELS = {
    "purity": ("Purity, percent", 1.0),
    "pill": ("Fentanyl in a pill, mg", 1.0),
    "pills": ("Pills seized by DEA, million", 1e6),
}
BOUNDS = {"over": 1, "at-least": 1, "under": -1, "at-most": -1}
HEDGES = {"over": ">", "at-least": "≥", "under": "<", "at-most": "≤", "about": "≈", "nearly": "≲", "estimated": "≈"}


def _cited(frame: pd.DataFrame, source: str) -> str:
    """The source line, with the place and component that the frame is of."""
    scope = str(frame.attrs.get("scope", ""))
    return style.cited(frame, source, scope and f"{scope[0].upper()}{scope[1:]}; gross pounds.")


def supply_months(frame: pd.DataFrame, *, unit: Unit = "pounds", source: str = "") -> Axes:
    """Draw the months of each component and region in a panel of its own (seaborn); months of the open year are hollow.

    Each panel has its own scale: regions differ a thousandfold.

    Parameters
    ----------
    frame : DataFrame
        Columns month (`YYYY-MM`), component, region, status, events, pounds, such as `analysis.seizures.panels`.

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

    style.require(frame, ("month", "component", "region", "status", unit), "seizure")
    places = frame["region"].map(lambda region: style.REGIONS.get(region, (str(region), ""))[0])
    offices = frame["component"].map(lambda component: style.COMPONENTS.get(component, str(component)))
    rows = frame.assign(x=style.months(frame["month"]), value=frame[unit].astype(float), panel=places + ", " + offices)
    panels = list(dict.fromkeys(rows["panel"]))
    wide = min(3, len(panels))
    grid = sns.FacetGrid(
        rows, col="panel", col_wrap=wide, col_order=panels, height=1.9, aspect=4.6 / wide, sharey=False
    )
    peaks = []
    for ax, name in zip(grid.axes.flat, panels, strict=True):
        here = rows[rows["panel"] == name]
        late = here["status"] == "open"
        x, y = here["x"].to_numpy(), here["value"].to_numpy()
        sns.lineplot(x=x[~late], y=y[~late], ax=ax, color=style.BLUE, linewidth=1.1, errorbar=None)
        if late.any():
            start = max(int((~late).sum()) - 1, 0)
            ax.plot(x[start:], y[start:], color=style.RED, lw=1, ls=style.DASHES)
            ax.plot(x[late], y[late], "o", ms=3, color=style.RED, mfc="white")
        ax.set_ylim(bottom=0)
        ax.set_title(style.plain(name), fontsize=style.SMALL + 1, x=0, ha="left")
        ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        style.thousands(ax)
        style.dates(ax, "%Y")
        top = here.loc[here["value"].idxmax()]
        peaks.append(f"{name}: most in {top['month']}, {number(round(top['value']))}")
    title = f"Fentanyl {'seized' if unit == 'pounds' else 'seizures'} by CBP by month, {unit}"
    late_words = "; hollow: the fiscal year is not over" if (rows["status"] == "open").any() else ""
    note = f"Each panel has its own scale{late_words}.\n{_cited(frame, source)}".strip()
    first = style.facets(grid, title, f"{NAMES[unit]} a month", note)
    return style.describe(first, f"{title}, {len(panels)} panels. {'; '.join(peaks)}.")


def supply_years(months: pd.DataFrame, ax: Axes | None = None, *, unit: Unit = "pounds", source: str = "") -> Axes:
    """Draw fiscal years over each other, month for month; the open year is dashed with hollow points.

    Parameters
    ----------
    months : DataFrame
        Columns fiscal_year, position (1 for October), status, pounds, events, such as `analysis.seizures.by_month`.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no row.
    """
    import seaborn as sns

    style.require(months, ("fiscal_year", "position", "status", unit), "seizure")
    ax = style.canvas(ax, 8.4, 4.6)
    values = months.assign(value=months[unit].astype(float)).sort_values(["fiscal_year", "position"])
    held = values[values["status"] == "open"]
    left = sorted(held["fiscal_year"].unique())
    closed = sorted(set(values["fiscal_year"]) - set(left))
    shades = dict(zip(closed, sns.color_palette("ch:s=.25,rot=-.25", len(closed)).as_hex(), strict=True))
    ends: list[style.End] = []
    for year, rows in values.groupby("fiscal_year"):
        x, y = rows["position"].tolist(), rows["value"].tolist()
        if year in left:
            ax.plot(x, y, color=style.RED, lw=2, ls=style.DASHES, marker="o", ms=5, mfc="white", zorder=4)
            style.label(ax, f"FY{year} (open)", (x[-1], y[-1]), (6, -4), va="top", size=style.SMALL + 1, color=style.RED,
                        bold=True, bbox=style.CLEAR)  # fmt: skip
        else:
            newest = year == closed[-1]
            ax.plot(x, y, color=shades[year], lw=2.4 if newest else 1.3, zorder=3 if newest else 2)
            ends.append((x[-1], y[-1], "", f"FY{year}", style.INK))
    ax.set_ylim(0, (float(values["value"].max()) or 1.0) * 1.08)
    ax.set_xlim(0.8, 12.1)
    style.name_ends(ax, ends)
    ax.set_xticks(range(1, 13), [calendar.month_abbr[(p + 8) % 12 + 1] for p in range(1, 13)])
    ax.set_ylabel(f"{NAMES[unit]} a month")
    style.thousands(ax)
    best = values.loc[values["value"].idxmax()]
    so_far = number(round(float(held["value"].sum())))
    tail = f" FY{left[0]} is open and has {len(held)} months, {so_far} in all." if left else ""
    return style.finish(
        ax,
        f"Fentanyl seized by CBP by month, {NAMES[unit]}, fiscal years {values['fiscal_year'].min()} to "
        f"{values['fiscal_year'].max()} over each other. The month with most is {best['month']}, {number(round(best['value']))}.{tail}",
        "Fiscal years month for month",
        "a year that is not over may be set beside the same months only" if left else "October to September",
        _cited(months, source),
    )


def seizure_size(years: pd.DataFrame, ax: Axes | None = None, *, source: str = "") -> Axes:
    """Draw the pounds per seizure by closed fiscal year; a year that is not over is left out.

    Parameters
    ----------
    years : DataFrame
        Columns fiscal_year, status, pounds_per_event, such as `analysis.seizures.by_year`.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If no closed year has a seizure.
    """
    ax, x, (y,), left = _closed(years, ax, "pounds_per_event")
    ax.plot(x, y, color=style.BLUE, lw=2, marker="o", ms=6)
    for xi, yi in zip(x, y, strict=True):
        style.above(ax, f"{yi:.1f}", (xi, yi), 8, size=style.SMALL + 0.5, bbox=style.CLEAR)
    style.fiscal_years(ax, x, short=True)
    ax.set_ylim(0, max(y) * 1.2 or 1.0)
    ax.set_ylabel("pounds (gross) per seizure")
    means = ", ".join(f"FY{a} {b:.1f}" for a, b in zip(x, y, strict=True))
    alt = f"Pounds per seizure by closed fiscal year: {means}."
    return style.finish(ax, alt, "How heavy a seizure is", f"mean of the year{left}", _cited(years, source))


def concentration(years: pd.DataFrame, ax: Axes | None = None, *, source: str = "", largest: int = 10) -> Axes:
    """Draw what is known of the part of the weight in the heaviest seizures: a range, for single seizures are not held.

    Parameters
    ----------
    years : DataFrame
        Columns fiscal_year, status, largest_low, largest_high (shares), such as `analysis.seizures.by_year`; a year that is
        not over is left out, for fewer months hold fewer seizures.
    largest : int
        How many seizures the shares are of.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If no closed year has a seizure.
    """
    ax, x, ends, left = _closed(years, ax, "largest_low", "largest_high")
    spans = [(100 * low, 100 * high) for low, high in zip(*ends, strict=True)]
    for xi, (low, high) in zip(x, spans, strict=True):
        ax.bar(xi, high - low, bottom=low, width=0.5, color=style.SKY, edgecolor=style.BLUE, lw=1)
        for value, offset, side in ((low, -4, "top"), (high, 3, "bottom")):
            style.label(ax, f"{value:.0f}", (xi, value), (0, offset), ha="center", va=side, size=style.SMALL + 0.5)
    style.fiscal_years(ax, x, short=True)
    ax.set_ylim(-8, 105)
    ax.set_yticks(range(0, 101, 20))
    ax.set_ylabel("percent of the year's weight")
    parts = ", ".join(f"FY{a} {b:.0f} to {c:.0f}" for a, (b, c) in zip(x, spans, strict=True))
    return style.finish(
        ax,
        f"Percent of the weight in the {largest} heaviest seizures, least and most possible, closed fiscal years: {parts}.",
        f"What the {largest} heaviest seizures hold",
        f"range that sums by area and month allow{left}",
        _cited(years, source),
    )


def _closed(years: pd.DataFrame, ax: Axes | None, *columns: str) -> tuple[Axes, list[int], list[list[float]], str]:
    """The Axes, the closed years that have a value, those of each column, and words for the years left out."""
    style.require(years, ("fiscal_year", "status", *columns), "seizure")
    late = years.loc[years["status"] == "open", "fiscal_year"]
    rows = years[years["status"] != "open"].dropna(subset=list(columns))
    if rows.empty:
        raise NotPublished("there is nothing to draw: no closed fiscal year has a seizure")
    left = f"; FY{late.iloc[0]}, not over, is left out" if len(late) else ""
    values = [rows[column].astype(float).tolist() for column in columns]
    return style.canvas(ax, 5.4, 3.8), rows["fiscal_year"].astype(int).tolist(), values, left


def supply_areas(
    table: pd.DataFrame, ax: Axes | None = None, *, open_from: str | None = None, source: str = ""
) -> Axes:
    """Draw pounds by area (rows) and month (columns) on a logarithmic scale of colour (seaborn); blank is nothing seized.

    Parameters
    ----------
    table : DataFrame
        Pounds, one row an area, one column a month (`YYYY-MM`), such as `analysis.seizures.areas`.
    open_from : str, optional
        First month of the open fiscal year; it is set apart by a line, and the years after it are named open.

    Raises
    ------
    NotPublished
        If nothing was seized anywhere.
    """
    import seaborn as sns
    from matplotlib.colors import ListedColormap, LogNorm

    values = table.to_numpy(dtype=float)
    if table.empty or not (values > 0).any():
        raise NotPublished(table.attrs.get("empty") or "there is nothing to draw: no area has a seizure")
    ax = style.canvas(ax, 9.0, 0.9 + 0.33 * max(len(table), 4) + 0.9)
    # Less than a pound is the palest shade: below it a log scale would spend its colours on grams.
    norm = LogNorm(1.0, max(float(np.nanmax(values)), 10.0))
    sns.heatmap(
        table.astype(float).where(table > 0), ax=ax, cmap=ListedColormap(sns.color_palette("Blues", 256)[48:]), norm=norm,
        xticklabels=False, linewidths=0, cbar_kws={"pad": 0.015, "aspect": 30, "format": lambda v, _: number(v)},
    )  # fmt: skip
    months = list(table.columns)
    starts = [i for i, month in enumerate(months) if month.endswith("-10")] or [0]
    late = months.index(open_from) if open_from in months else len(months)
    named = [f"FY{int(months[i][:4]) + (months[i][5:] >= '10')}" + ("\n(open)" if i >= late else "") for i in starts]
    ax.set_xticks(starts, named, rotation=0, ha="left")
    areas = [style.plain(str(name)) for name in table.index]
    short = [name.replace("Field Office", "FO").replace("Sector", "Sec.") for name in areas]

    def form(level: int) -> None:
        ax.set_yticks(np.arange(len(table)) + 0.5, short if level else areas, rotation=0)

    style.chart(ax).forms.append(form)
    form(0)
    ax.tick_params(labelsize=style.SMALL + 0.5, length=2)
    for i in starts[1:]:
        ax.axvline(i, color=style.GREY, lw=0.5)
    if open_from in months:
        ax.axvline(late, color=style.RED, lw=1.6, ls=style.DASHES)
    ax.set(xlabel="", ylabel="")
    bar = ax.collections[0].colorbar
    assert bar is not None
    bar.ax.tick_params(labelsize=style.SMALL + 0.5)
    bar.set_label("pounds (gross) a month", fontsize=style.SMALL + 1)
    totals = table.sum(axis=1)
    where, when = np.unravel_index(int(np.nanargmax(values)), values.shape)
    return style.finish(
        ax,
        f"Pounds of fentanyl seized by area and month, {months[0]} to {months[-1]}: most in {totals.idxmax()} "
        f"({number(round(float(totals.max())))} pounds in all); the darkest cell is {table.index[where]} in {months[when]}, "
        f"{number(round(float(values.max())))} pounds.",
        "Where and when",
        "pounds by area and month, heaviest areas first; blank: nothing seized; palest: 1 pound or less",
        _cited(table, source),
    )


def laboratory(frame: pd.DataFrame, ax: Axes | None = None, *, source: str = "") -> Axes:
    """Draw laboratory reports by half-year over the pounds seized in the same half-years, on one axis of time.

    Parameters
    ----------
    frame : DataFrame
        Columns half, start, end, fentanyl, related, complete, pounds, settled, such as `analysis.laboratory.half_years`.
    ax : Axes, optional
        Where to draw the reports alone; by default a figure of two panels.

    Returns
    -------
    Axes
        The given one, or the upper panel; its figure holds both.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no row.
    """
    style.require(frame, ("half", "start", "end", "fentanyl", "related", "complete", "pounds", "settled"), "half-year")
    panels = style.panels(8.2, 5.6, 2, 1, sharex=True, height_ratios=(3, 2))[1] if ax is None else [style.canvas(ax)]
    x = (frame["start"].map(mdates.date2num) + frame["end"].map(mdates.date2num)) / 2
    reports = (
        ("fentanyl", "complete", style.BLUE, "fentanyl"),
        ("related", "complete", style.PURPLE, "related\nsubstances"),
    )
    drawn = reports, (("pounds", "settled", style.GREEN, "pounds seized"),)
    for panel, lines in zip(panels, drawn, strict=False):
        ends: list[style.End] = []
        for column, firm, colour, name in lines:
            y = frame[column].astype("Float64").astype("float64").dropna()
            sure = frame.loc[y.index, firm].astype(bool)
            late = x[y.index][~sure]
            panel.plot(x[y.index][sure], y[sure], color=colour, lw=2, marker="o", ms=5)
            if len(late):
                joined = [*y.index[sure][-1:], *late.index]
                panel.plot(x[joined], y[joined], color=colour, lw=1.3, ls=style.DASHES)
                panel.plot(late, y[late.index], "o", ms=5, color=colour, mfc="white")
            if len(y):
                ends.append((float(x[y.index[-1]]), float(y.iloc[-1]), name, number(round(float(y.iloc[-1]))), colour))
        panel.set_ylim(0, max(panel.get_ylim()))
        style.name_ends(panel, ends)
        style.thousands(panel)
        style.dates(panel, "%Y")
    panels[0].set_ylabel("laboratory reports\nin six months")
    done = frame[frame["complete"]]
    alt = "Laboratory reports of fentanyl by half-year"
    if len(done):
        top, last = done.loc[done["fentanyl"].idxmax()], done.iloc[-1]
        alt += f", most in {top['half']} ({number(float(top['fentanyl']))}), {number(float(last['fentanyl']))} in {last['half']}, the last with all reports in"
    under = "calendar half-years; hollow: reports still come in, or a fiscal year is open"
    cited = _cited(frame, source)
    if len(panels) == 1:
        return style.finish(panels[0], f"{alt}.", "Laboratory reports", under, cited)
    panels[1].set_ylabel("CBP, pounds (gross)\nin six months")
    style.source(panels[1], cited)
    alt += "; beside them the pounds that CBP seized in the same half-years."
    return style.finish(panels[0], alt, "Laboratory reports beside seizures", under)


def purity(frame: pd.DataFrame, ax: Axes | None = None, *, source: str = "") -> Axes:
    """Draw printed figures of purity, of fentanyl per pill and of pills seized, one row each, named by what and when.

    An arrow is a bound (`over`, `under`); hollow is a figure without a period, named by its day of publication.

    Parameters
    ----------
    frame : DataFrame
        Columns group, value, qualifier, period_start, period_end, date_published, such as `analysis.laboratory.printed`.
    ax : Axes, optional
        Where to draw the purities alone; by default a figure of three panels.

    Returns
    -------
    Axes
        The given one, or the panel of purities; its figure holds all three.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If no figure belongs to a panel.
    """
    needed = ("group", "value", "qualifier", "period_start", "period_end", "date_published")
    style.require(frame, needed, "figure of purity or pills")
    shown = {panel: _rows(frame, panel) for panel in PANELS}
    if not any(len(rows) for rows in shown.values()):
        raise NotPublished("there is nothing to draw: no figure of purity or pills")
    note = f"Arrow: a bound. Hollow: no period given, named by its day of publication.\n{_cited(frame, source)}".strip()
    axes = [style.canvas(ax)]
    if ax is None:
        tall = max(len(shown["purity"]), len(shown["pill"]) + len(shown["pills"]) + 3, 6)
        figure = Figure(figsize=(9.2, 1.2 + 0.3 * tall))
        grid = figure.add_gridspec(2, 2, width_ratios=(1.25, 1), height_ratios=(2, 5))
        axes = [style.canvas(figure.add_subplot(place)) for place in (grid[:, 0], grid[0, 1], grid[1, 1])]
        style.flow(figure, axes, 3.2)
        style.figure_source(figure, note)
    parts = []
    for panel, here in zip(PANELS, axes, strict=False):
        title, scale = PANELS[panel]
        _printed(here, shown[panel], scale)
        style.title(here, title)
        parts += [f"{_label(row)} {_text(row, scale)}" for row in shown[panel].itertuples()]
    axes[0].set_xlim(0, 100)
    if ax is not None:
        style.source(ax, note)
    also = ", milligrams of fentanyl per pill and million pills seized" if ax is None else ""
    return style.describe(axes[0], f"Purity in percent{also}, as printed: {'; '.join(parts)}.")


def _printed(ax: Axes, rows: pd.DataFrame, scale: float) -> None:
    for y, row in enumerate(rows.itertuples()):
        x = float(str(row.value)) / scale
        colour = GROUPS.get(str(row.group), ("", style.GREEN))[1]
        ax.plot([0, x], [y, y], color=style.PALE, lw=1, zorder=1)
        ax.plot([x], [y], "o", ms=7, color=colour, mfc=colour if _period(row) else "white", mew=1.5, zorder=3)
        way = BOUNDS.get(str(row.qualifier), 0)
        if way:
            look = {"arrowstyle": "<-", "color": colour, "lw": 1.4}
            ax.annotate("", (x, y), xytext=(18 * way, 0), textcoords="offset points", zorder=2, arrowprops=look)
        style.label(ax, _text(row, scale), (x, y), (20 if way > 0 else 8, 0), size=style.SMALL + 0.5)
    ax.set_yticks(range(len(rows)), [style.plain(_label(row)) for row in rows.itertuples()], fontsize=style.SMALL + 0.5)
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlim(0, max((float(value) / scale for value in rows["value"]), default=1.0) * 1.3)
    ax.tick_params(axis="y", length=0)


def _rows(frame: pd.DataFrame, panel: str) -> pd.DataFrame:
    names = list(GROUPS) if panel == "purity" else [panel]
    rows = frame[frame["group"].isin(names)]
    when = rows["period_start"].replace("", None).fillna(rows["date_published"])
    return rows.assign(place=rows["group"].map(names.index), when=when).sort_values(
        ["place", "when", "value"], kind="stable"
    )


def _period(row: Any) -> tuple[date, date] | None:
    if all(isinstance(end, str) and end for end in (row.period_start, row.period_end)):
        return date.fromisoformat(row.period_start), date.fromisoformat(row.period_end)
    return None


def _label(row: Any) -> str:
    """What a figure is of, and when.

    >>> from types import SimpleNamespace as row
    >>> _label(row(group="powder", period_start="2022-10-01", period_end="2023-09-30"))
    'powder samples, US, FY2023'
    >>> _label(row(group="china", period_start="2016-01-01", period_end="2019-12-31"))
    'direct from China, 2016–2019'
    """
    what = GROUPS.get(str(row.group), ("", ""))[0]
    period = _period(row)
    if period is None:
        when = f"printed {row.date_published}"
    else:
        start, end = period
        if (start.month, start.day) == (10, 1) and end == date(start.year + 1, 9, 30):
            when = f"FY{end.year}"
        elif (end.month, end.day) != (12, 31):
            when = f"{start.year}, to {end.day} {end:%B}"
        else:
            when = str(end.year) if start.year == end.year else f"{start.year}–{end.year}"
    return ", ".join(filter(None, (what, when)))


def _text(row: Any, scale: float) -> str:
    return f"{HEDGES.get(str(row.qualifier), '')}{float(row.value) / scale:g}"
