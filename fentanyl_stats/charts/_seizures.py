"""Seizures by region and year, and the share of them that could have come straight from China."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from ..errors import ReportError
from ..model import Interval, number
from . import style


def seizures(frame: pd.DataFrame, ax: Axes | None = None, *, source: str = "") -> Axes:
    """Draw the seized weight by fiscal year, stacked by region; years that are not over are hatched.

    Parameters
    ----------
    frame : DataFrame
        Columns fiscal_year, region, pounds, status (`open` or `closed`), such as `load("cbp-seizures")`.

    Raises
    ------
    ReportError
        If a column is missing or there is no row.
    """
    _require(frame, ("fiscal_year", "region", "pounds", "status"))
    table = frame.pivot_table(index="fiscal_year", columns="region", values="pounds", aggfunc="sum", fill_value=0.0)
    table = table[
        [region for region in style.REGIONS if region in table] + [r for r in table if r not in style.REGIONS]
    ]
    open_years = set(frame.loc[frame["status"] == "open", "fiscal_year"])
    ax = style.canvas(ax, 8.2, 4.6)
    years = [int(year) for year in table.index]
    base = pd.Series(0.0, index=table.index)
    for region in table:
        name, colour = style.REGIONS.get(str(region), (str(region), style.GREY))
        bars = ax.bar(years, table[region] / 1000, bottom=base / 1000, color=colour, width=0.72, label=name)
        for bar, year in zip(bars, years, strict=True):
            if year in open_years:
                bar.set(hatch="///", edgecolor="white", alpha=0.75)
        base = base + table[region]
    elsewhere = 100 * (1 - table.get("southwest-border", 0.0) / base.where(base > 0))
    for year, total, share in zip(years, base, elsewhere, strict=True):
        ax.annotate(
            f"{number(total)} lb" + ("" if share != share else f"\n{share:.1f}% elsewhere"), (year, total / 1000), xytext=(0, 3), textcoords="offset points",
            ha="center", va="bottom", fontsize=style.SMALL - 0.5, color=style.INK,
        )  # fmt: skip
    ax.set_ylim(0, float(base.max()) / 1000 * 1.16 or 1.0)
    ax.set_xticks(years, [f"FY{year}" + ("\n(open)" if year in open_years else "") for year in years])
    ax.set_ylabel("fentanyl seized, thousand pounds (gross)")
    ax.legend(frameon=False, fontsize=style.SMALL + 1, loc="upper left", reverse=True)
    style.title(
        ax,
        "Fentanyl seized by CBP, by region",
        "“elsewhere”: all that was not caught at the Southwest border",
    )
    style.source(ax, source)
    first, last = years[0], years[-1]
    return style.describe(
        ax,
        f"Fentanyl seized by CBP from FY{first} to FY{last}, thousand pounds by region. The year with most is "
        f"FY{int(base.idxmax())} with {number(float(base.max()))} pounds."
        + (
            f" The share away from the Southwest border lies between {elsewhere.min():.1f} and {elsewhere.max():.1f} percent."
            if elsewhere.notna().any()
            else ""
        ),
    )


def seizure_shares(
    years: pd.DataFrame,
    ax: Axes | None = None,
    *,
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

    Raises
    ------
    ReportError
        If a column is missing or there is no row.
    """
    _require(years, ("fiscal_year", "share_weight", "share_events", "status"))
    ax = style.canvas(ax, 8.2, 4.4)
    ax.set_ylim(0, 104)
    if claimed is not None:
        style.band(ax, claimed, wide)
        edge = min(claimed.low if claimed.low >= 0 else claimed.high, 100)
        ax.annotate(
            claim_label, (0, edge), xycoords=("axes fraction", "data"), xytext=(6, -4),
            textcoords="offset points", va="top", fontsize=style.SMALL + 1, color="#7a5b00",
        )  # fmt: skip
    x = years["fiscal_year"].astype(int).to_numpy()
    closed = (years["status"] != "open").to_numpy()
    columns = ("share_events", "share_weight")
    ends = style.spread([float(years[column].iloc[-1]) for column in columns], 12.0)  # two lines of text, in per cent
    for column, name, colour, marker, end in (
        (columns[0], "of seizure events", style.SKY, "o", ends[0]),
        (columns[1], "of seized weight", style.BLUE, "s", ends[1]),
    ):
        y = years[column].astype(float).to_numpy()
        ax.plot(x[closed], y[closed], color=colour, marker=marker, lw=2, ms=6)
        ax.plot(x[closed.sum() - 1 :], y[closed.sum() - 1 :], color=colour, lw=1.4, ls=(0, (2, 1.5)))
        ax.plot(x[~closed], y[~closed], marker=marker, color=colour, mfc="white", ls="", ms=6)
        ax.annotate(
            f"{y[-1]:.1f}%\n{name}", (x[-1], end), xytext=(9, 0), textcoords="offset points", va="center",
            fontsize=style.SMALL + 1, color=colour if colour != style.SKY else "#1f78a4", annotation_clip=False,
        )  # fmt: skip
        for xi, yi in list(zip(x, y, strict=True))[:-1]:
            ax.annotate(
                f"{yi:.1f}", (xi, yi), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=style.SMALL,
                color=style.GREY,
            )  # fmt: skip
    ax.set_xticks(x, [f"FY{year}" + ("" if done else "\n(open)") for year, done in zip(x, closed, strict=True)])
    ax.set_xlim(x[0] - 0.5, x[-1] + 0.4)
    ax.set_ylabel("percent not caught at the Southwest border")
    style.title(
        ax,
        "What could have come straight from China, by where it was caught",
        "everything CBP seized away from the Southwest border, a stand-in that favours the claim",
    )
    style.source(ax, source)
    weight = years["share_weight"].astype(float)
    return style.describe(
        ax,
        f"Share of CBP fentanyl seizures away from the Southwest border, FY{x[0]} to FY{x[-1]}: by weight between "
        f"{weight.min():.1f} and {weight.max():.1f} percent, by events between {years['share_events'].min():.1f} and "
        f"{years['share_events'].max():.1f} percent"
        + (f"; the claim's band is {claimed} percent." if claimed else "."),
    )


def _require(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    style.require(frame, columns)
    if frame.empty:
        raise ReportError("there is nothing to draw: the frame has no row")
