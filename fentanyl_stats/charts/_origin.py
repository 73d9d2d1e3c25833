"""Where it comes from: seizures by region, what they leave possible for the flow, and what a claimed share would take."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes

from ..analysis.origin import times
from ..errors import ReportError
from ..model import Interval, number
from . import style

if TYPE_CHECKING:
    from ..audit.assess import Assessment

_TOP = 112.0
"""The axis ends above 100 per cent: the strip holds the name of the claim's line."""


def tipping(
    curves: pd.DataFrame,
    years: pd.DataFrame,
    ax: Axes | None = None,
    *,
    claim: Assessment | None = None,
    target: float | None = None,
    plausible: Interval | None = None,
    plausible_label: str = "",
    direct: str = "",
    pivot: str = "",
    source: str = "",
) -> Axes:
    """Draw the direct share of the flow against the interception ratio, one line a period, the claimed share marked.

    The ratio at which each line meets the claim is a dot, and stands in a list in order of time.

    Parameters
    ----------
    curves : DataFrame
        Columns period, ratio (above 0) and share (a fraction), such as `analysis.origin.curves` gives.
    years : DataFrame
        One row a period: period, tipping_low (the ratio at which its line reaches the target), status; periods that are
        `open` are dashed.
    claim : Assessment, optional
        A claim in per cent: its value is the target, the period of its natural reading the pivot.
    target : float, optional
        The claimed share, a fraction, instead of the claim's.
    plausible : Interval, optional
        Ratios to shade, with `plausible_label` in the shade; by default it says that they are assumed to be plausible.
    direct : str
        What counts as straight from China, in words; by default what `years` says in a column `what`.
    pivot : str
        The period that is judged; its line stands out and is named as such. Without it the newest closed one stands out.

    Raises
    ------
    ReportError
        If a column is missing, or neither a claim nor a target is given.
    NotPublished
        If there is no row.
    """
    style.require(curves, ("period", "ratio", "share"), "seizure")
    style.require(years, ("period", "tipping_low", "status"), "seizure")
    if claim is not None and claim.phrase is not None:
        target = claim.phrase.value / 100 if target is None else target
        pivot = pivot or (claim.natural.period if claim.natural else "")
    if target is None:
        raise ReportError("a share to reach is needed: give a claim in per cent, or a target between 0 and 1")
    percent = number(round(100 * target, 6))
    if plausible is not None:
        plausible_label = plausible_label or f"assumed to be\nplausible:\n{times(plausible.low, plausible.high)}"
    stand_ins = list(years["what"].unique()) if "what" in years else []
    direct = direct or (str(stand_ins[0]) if len(stand_ins) == 1 else "")
    ax = style.canvas(ax, 8.6, 5.4)
    low, high = float(curves["ratio"].min()), float(curves["ratio"].max())
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(0, _TOP)
    if plausible is not None and max(plausible.low, low) <= min(plausible.high, high):
        left = max(plausible.low, low)
        ax.axvspan(left, min(plausible.high, high), ymax=100 / _TOP, color=style.PALE, alpha=0.6, lw=0, zorder=0)
        style.label(ax, plausible_label, (left, 93), (5, 0), va="top", linespacing=1.25, zorder=6)
    ax.axvline(1, color=style.GREY, lw=0.8, ls=(0, (1, 2)), ymax=100 / _TOP)
    style.label(ax, "both caught\nequally often", (1, 62), (-4, 0), ha="right", color=style.GREY)
    ax.plot([low, high], [100 * target] * 2, color=style.ORANGE, lw=2.2, zorder=2)
    look: dict[str, Any] = {"where": "y", "size": style.SMALL + 1, "color": style.CLAIM}
    style.label(ax, f"claimed: {percent}%", (0, 100 * target), (4, 6), va="bottom", **look)
    closed = years[years["status"] == "closed"]
    newest = str((closed if len(closed) else years)["period"].iloc[-1])
    judged = pivot if pivot in set(years["period"]) else newest
    needs = [(f"{percent}% needs all else caught", "", False)]
    for row in years.itertuples():
        line = curves[curves["period"] == row.period]
        own = row.period == judged
        colour = style.BLUE if own else style.GREY
        ax.plot(line["ratio"], 100 * line["share"], color=colour, lw=2.6 if own else 1.1,
                ls="-" if row.status == "closed" else (0, (3, 1.5)), zorder=4 if own else 3)  # fmt: skip
        ratio = float(str(row.tipping_low))
        if low <= ratio <= high:
            ax.plot(ratio, 100 * target, "o", color=colour, ms=6 if own else 4.5, mec="white", mew=0.6, zorder=5)
        needs.append((f"{row.period}{'*' if row.status == 'open' else ''}", _needed(ratio), own))
    line = curves[curves["period"] == judged]
    middle = line.iloc[int((line["share"] - 0.3).abs().to_numpy().argmin())]  # where a rising curve leaves room
    style.label(ax, f"{judged}, the year judged" if pivot == judged else judged, (middle["ratio"], 100 * middle["share"]),
                (8, -4), va="top", size=style.SMALL + 1, color=style.BLUE, bold=True)  # fmt: skip
    step = min(7.0, 84.0 / len(needs))
    listed = []
    for i, (words, needed, own) in enumerate(needs):
        colour, bold = (style.BLUE if own else style.INK), own or not needed
        look = {"where": "y", "size": style.SMALL + 0.5, "color": colour, "bold": bold}
        y = 4 + step * (len(needs) - 1 - i)
        listed += [style.label(ax, words, (0.76, y), **look), style.label(ax, needed, (0.99, y), ha="right", **look)]
    style.roomy(ax, listed, 4.5, 0.16 * len(needs) * 112 / 84)
    ax.set_yticks(range(0, 101, 20))
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:g}" if x < 1000 else number(x))
    ax.spines["left"].set_bounds(0, 100)
    ax.set_ylabel("share straight from China, % of pure weight")
    ax.set_xlabel("how many times as often all else is caught (each step of the axis: ten times more)")
    steps = ", ".join(f"{period.removesuffix('*')} {needed}" for period, needed, _ in needs[1:])
    late = "*: year not over." if "open" in set(years["status"]) else ""
    shaded = f" Shaded: ratios {plausible} ({' '.join(plausible_label.split())})." if plausible is not None else ""
    return style.finish(
        ax,
        f"Share of the flow that comes straight from China against how many times as often all else is caught, one line a "
        f"year. Each reaches {percent} percent where all else is caught so many times as often: {steps}.{shaded}",
        f"What it would take for {percent}% to come straight from China",
        f"counted as straight from China: {direct}" if direct else "one line a period",
        style.cited(years, source, years.attrs.get("note", ""), late),
    )


def _needed(ratio: float) -> str:
    return "never" if ratio == float("inf") else times(ratio)


def contrast(
    rows: pd.DataFrame,
    ax: Axes | None = None,
    *,
    claim: Assessment | None = None,
    claimed: Interval | None = None,
    title: str = "Straight from China? Before and after 2019",
    plausible: Interval | None = None,
    flow_label: str = "",
    source: str = "",
) -> Axes:
    """Draw a row a period: gross share, span of pure shares, and span of flow shares under assumed interception.

    Parameters
    ----------
    rows : DataFrame
        Columns group (a heading), period, what (the stand-in), gross, pure_low, pure_high, flow_low, flow_high
        (fractions), status; in the order in which they are drawn.
    claim : Assessment, optional
        The claim, in per cent; or its interval as `claimed`.
    plausible : Interval, optional
        The interception ratios that the thin lines assume; or what they assume in words, as `flow_label`.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no row.
    """
    needed = ("group", "period", "what", "gross", "pure_low", "pure_high", "flow_low", "flow_high", "status")
    style.require(rows, needed, "share")
    claimed = style.claimed_by(claim, claimed, None, "")[0]
    if plausible is not None and not flow_label:
        flow_label = f"thin lines: the flow, if all else is intercepted {times(plausible.low, plausible.high)} as often"
    groups = rows.groupby("group", sort=False)
    ax = style.canvas(ax, 8.6, 1.9 + 0.3 * (len(rows) + groups.ngroups))
    ax.set_xlim(0, 100)
    if claimed is not None:
        style.band(ax, claimed, axis="x")
    y, parts, beside = 0, [], []
    names: dict[float, str] = {}
    for group, members in groups:
        style.label(ax, group, (0, y), (2, 0), size=style.SMALL + 1, bold=True)
        for row in members.to_dict("records"):
            y += 1
            gross, *spans = (100 * float(row[name]) for name in needed[3:8])
            late = row["status"] == "open"
            _spans(ax, y, gross, spans, 0.55 if late else 1.0)
            digits = 1 if spans[0] < 10 else 0
            text = f"gross {gross:.1f}, pure {spans[0]:.{digits}f}–{spans[1]:.{digits}f}"
            beside.append(style.label(ax, text, (100, y), (8, 0), size=style.SMALL - 0.5))
            if not names:  # the marks are named once, above the first row
                style.above(ax, "gross", (gross, y), 5)
                middle = (spans[0] + spans[1]) / 2
                style.above(ax, "pure, over published purities", (middle, y), 5, color=style.BLUE)
            names[y] = f"{row['period']}{' (open)' if late else ''}"
            pure, flow = (f"{a:.1f} to {b:.1f}" for a, b in (spans[:2], spans[2:]))
            what = textwrap.shorten(str(row["what"]), 70)
            parts.append(f"{row['period']} ({what}): gross {gross:.1f}, pure {pure}, flow {flow}")
        y += 1
    ax.set_ylim(y - 0.3, -1.3 if claimed is not None else -0.8)
    if claimed is not None:
        style.label(
            ax, "claimed", (min(claimed.high, 100), -1.2), ha="right", va="top", size=style.SMALL + 1, color=style.CLAIM
        )
    style.rows(ax, list(names), list(names.values()))
    ax.set_xlabel("per cent on the direct route")

    def form(level: int) -> None:
        for text in beside:
            text.set_visible(level == 0)

    style.chart(ax).forms.append(form)
    told = f" The claim is {claimed} percent." if claimed is not None else ""
    alt = f"Share of the direct route in per cent. {'; '.join(parts)}.{told}"
    differs = []
    for what, own in rows.groupby("what", sort=False):
        figures = dict.fromkeys(", ".join(own["basis"]).split(", ")) if "basis" in own else ()
        differs.append(f"{', '.join(own['period'])}: {what}" + (f" ({', '.join(figures)})" if figures else ""))
    stand_ins = f"What counts as direct differs: {'; '.join(differs)}."
    return style.finish(ax, alt, title, flow_label, style.cited(rows, source, stand_ins))


def _spans(ax: Axes, y: float, gross: float, spans: list[float], pale: float) -> None:
    ax.plot(spans[2:], [y, y], color=style.GREY, lw=1.0, alpha=pale, zorder=2)
    ax.plot(spans[2:], [y, y], "|", color=style.GREY, ms=6, alpha=pale, zorder=2)
    ax.plot(spans[:2], [y, y], color=style.BLUE, lw=6, solid_capstyle="butt", alpha=0.8 * pale, zorder=3)
    ax.plot([gross], [y], "o", color=style.ORANGE, mec=style.INK, mew=0.6, ms=6, zorder=4, clip_on=False)


def seizures(frame: pd.DataFrame, ax: Axes | None = None, *, source: str = "") -> Axes:
    """Draw the seized weight by fiscal year, stacked by region; years that are not over are hatched.

    Parameters
    ----------
    frame : DataFrame
        Columns fiscal_year, region, pounds, status (`open` or `closed`), such as `load("cbp-seizures")`.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no row.
    """
    style.require(frame, ("fiscal_year", "region", "pounds", "status"), "seizure")
    table = frame.pivot_table(index="fiscal_year", columns="region", values="pounds", aggfunc="sum", fill_value=0.0)
    table = table[sorted(table, key=lambda region: [*style.REGIONS, region].index(region))]
    late = set(frame.loc[frame["status"] == "open", "fiscal_year"])
    ax = style.canvas(ax, 8.2, 4.6)
    years = [int(year) for year in table.index]
    base = pd.Series(0.0, index=table.index)
    for region in table:
        name, colour = style.REGIONS.get(str(region), (str(region), style.GREY))
        bars = ax.bar(years, table[region] / 1000, bottom=base / 1000, color=colour, width=0.72, label=name)
        for bar, year in zip(bars, years, strict=True):
            if year in late:
                bar.set(hatch="///", edgecolor="white", alpha=0.75)
        base = base + table[region]
    elsewhere = 100 * (1 - table.get("southwest-border", 0.0) / base.where(base > 0))
    sums = []
    for year, total, share in zip(years, base, elsewhere, strict=True):
        words = f"{number(total)} lb" + ("" if share != share else f"\n{share:.1f}% elsewhere")
        sums.append(style.above(ax, words, (year, total / 1000)))
    style.roomy(ax, sums, 0.75 * len(years), 1)
    ax.set_ylim(0, float(base.max()) / 1000 * 1.16 or 1.0)
    style.fiscal_years(ax, years, late)
    ax.set_ylabel("fentanyl seized, thousand pounds (gross)")
    ax.legend(frameon=False, fontsize=style.SMALL + 1, loc="upper left", reverse=True)
    span = f" The share away from the Southwest border lies between {elsewhere.min():.1f} and {elsewhere.max():.1f} percent."
    return style.finish(
        ax,
        f"Fentanyl seized by CBP from FY{years[0]} to FY{years[-1]}, thousand pounds by region. The year with most is "
        f"FY{int(base.idxmax())} with {number(float(base.max()))} pounds." + (span if elsewhere.notna().any() else ""),
        "Fentanyl seized by CBP, by region",
        "“elsewhere”: all that was not caught at the Southwest border",
        style.cited(frame, source),
    )


def seizure_shares(
    years: pd.DataFrame,
    ax: Axes | None = None,
    *,
    claim: Assessment | None = None,
    claimed: Interval | None = None,
    wide: Interval | None = None,
    claim_label: str = "",
    source: str = "",
) -> Axes:
    """Draw the share of weight and of events not seized at the Southwest border, by fiscal year, on the whole 0–100 scale.

    Parameters
    ----------
    years : DataFrame
        Columns fiscal_year, share_weight, share_events (per cent), status.
    claim : Assessment, optional
        A claim in per cent; or C and C+ as `claimed` and `wide`, with `claim_label`.

    Raises
    ------
    ReportError
        If a column is missing.
    NotPublished
        If there is no row.
    """
    style.require(years, ("fiscal_year", "share_weight", "share_events", "status"), "seizure")
    claimed, wide, claim_label = style.claimed_by(claim, claimed, wide, claim_label)
    ax = style.canvas(ax, 8.2, 4.4)
    ax.set_ylim(0, 104)
    if claimed is not None:
        style.band(ax, claimed, wide)
        edge = min(claimed.low if claimed.low >= 0 else claimed.high, 100)
        style.label(
            ax, claim_label, (0, edge), (6, -4), where="y", va="top", size=style.SMALL + 1, color=style.CLAIM, zorder=5
        )
    x = years["fiscal_year"].astype(int).tolist()
    late = years["status"] == "open"
    firm = int((~late).sum())
    style.fiscal_years(ax, x, years.loc[late, "fiscal_year"])
    ends: list[style.End] = []
    for column, name, colour, marker in (
        ("share_events", "of seizure events", style.SKY, "o"), ("share_weight", "of seized weight", style.BLUE, "s"),
    ):  # fmt: skip
        y = years[column].astype(float).tolist()
        style.dashed(ax, x, y, firm, color=colour, lw=2)
        ax.plot(x[:firm], y[:firm], marker, color=colour, ms=6)
        ax.plot(x[firm:], y[firm:], marker, color=colour, mfc="white", ms=6)
        ends.append((x[-1], y[-1], name, f"{y[-1]:.1f}%", "#1f78a4" if colour == style.SKY else colour))
        for xi, yi in list(zip(x, y, strict=True))[:-1]:
            style.label(ax, f"{yi:.1f}", (xi, yi), (0, 7), ha="center", color=style.GREY)
    style.name_ends(ax, ends)
    ax.set_ylabel("percent not caught at the Southwest border")
    weight, events = years["share_weight"].astype(float), years["share_events"]
    return style.finish(
        ax,
        f"Share of CBP fentanyl seizures away from the Southwest border, FY{x[0]} to FY{x[-1]}: by weight between "
        f"{weight.min():.1f} and {weight.max():.1f} percent, by events between {events.min():.1f} and {events.max():.1f} percent"
        + (f"; the claim's band is {claimed} percent." if claimed else "."),
        "What could have come straight from China, by where it was caught",
        "everything CBP seized away from the Southwest border, a stand-in that favours the claim",
        style.cited(years, source),
    )
