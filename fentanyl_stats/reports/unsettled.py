"""How far the newest provisional counts may still move: the picture, and what it rests on in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from ..audit import corrections, unsettled
from ..audit import deaths as death_counts
from ..charts._deaths import fan as draw_fan
from ..data import archive, names
from ..data.catalog import as_date
from ..errors import NotPublished
from ..model import Interval, Period, number
from .provisional import place_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NEWEST = 20
"""Months drawn."""
LEAST = 6
"""Releases from which a chain ladder is worth its name."""
_CALLED = {"reported": "counted so far", "predicted": "the estimate"}


def fan(drug: str, jurisdiction: str = "US", as_of: str | None = None) -> tuple[Axes, str]:
    """The newest months, reported and predicted, with the range in which they may settle; the chart, and its result.

    Raises
    ------
    NotPublished
        If no count of the drug is held for the place.
    """
    parts = {}
    for measure in ("reported", "predicted"):
        try:
            rows = corrections.fan(drug, measure, jurisdiction, as_of)
        except NotPublished:
            continue
        parts[measure] = rows.assign(measure=measure).dropna(subset="value").tail(NEWEST)
    if not parts:
        raise NotPublished(f"No 12-month count of {drug} is held for {names.jurisdiction_name(jurisdiction)}")
    cited = ", ".join(f"{measure} {rows.attrs['source'].vintage}" for measure, rows in parts.items())
    basis = "\n".join(_basis(drug, measure, jurisdiction, as_of) for measure in parts)
    newest = {measure: rows.iloc[-1] for measure, rows in parts.items()}
    ax = draw_fan(
        pd.concat(parts.values(), ignore_index=True),
        title=f"How far may the newest months still move? {place_name(jurisdiction)}",
        note=f"dashed: published less than {corrections.SETTLED} months after that month",
        source=f"Source: CDC/NCHS, VSRR ({cited}); {death_counts.LABELS[drug]}.\n{basis}\n{_meeting(newest)}".strip(),
    )
    return ax, _compared(newest, drug, jurisdiction, as_of)


def settled(drug: str, jurisdiction: str = "US", as_of: str | None = None) -> str:
    """What “settled” means here, and how still such counts stand."""
    text = (
        f"“Settled” is the newest reported count published {corrections.SETTLED} months or more after the window. It is not "
        "the final count, which takes in residents only."
    )
    moved = {name: unsettled.still_moved(drug, name, jurisdiction, as_of) for name in ("reported", "predicted")}
    said = [f"{name} ones by {share:.2f}% at most" for name, share in moved.items() if share]
    return text + (f" Later releases held still changed such counts, {' and '.join(said)}." if said else "")


def ladder(drug: str, jurisdiction: str = "US", as_of: str | None = None) -> str:
    """Why no chain ladder is drawn, or that one could be."""
    try:
        table = archive.triangle(drug, "reported", jurisdiction, as_of)
    except NotPublished:
        return ""
    releases, steps = len(table.columns), archive.steps(table)
    method = "A chain ladder (Mack 1993), the usual way to complete counts that still come in,"
    if releases < LEAST:
        return f"{method} is not drawn: it needs {LEAST} releases or more, and {releases} of this series are held."
    if min(steps) < max(steps):
        return (
            f"{method} is not drawn: it needs releases at even steps, and the {releases} held of this series lie {min(steps)} "
            f"to {max(steps)} months apart."
        )
    return f"{method} could be fitted to the {releases} releases held: they lie {steps[0]} months apart, all of them."


def _basis(drug: str, measure: str, jurisdiction: str, as_of: str | None) -> str:
    """What the range of the newest month rests on."""
    found = _spread(drug, measure, jurisdiction, as_of)
    if found is None:
        return f"No earlier releases are held that would tell how far the newest {measure} counts move."
    return f"Newest {measure} month: {found.words}."


def _spread(drug: str, measure: str, jurisdiction: str, as_of: str | None) -> corrections.Spread | None:
    day = None if as_of is None else as_date(as_of)
    rows = archive.series(drug, measure, jurisdiction, as_of=as_of).dropna(subset="value")
    lag = corrections.months_between(str(rows["month_ending"].iloc[-1]), rows.attrs["source"].known or date.max)
    return corrections.spread(drug, measure, lag, jurisdiction, day)


def _ranges(newest: dict[str, pd.Series]) -> dict[str, Interval]:
    return {m: Interval(float(r["low"]), float(r["high"])) for m, r in newest.items() if r["high"] > r["low"]}


def _meeting(newest: dict[str, pd.Series]) -> str:
    """Whether the ranges of both measures meet; nothing where they are not of the same month."""
    ranges = list(_ranges(newest).values())
    if len(ranges) < 2 or len({row["month_ending"] for row in newest.values()}) > 1:
        return ""
    they = "overlap" if ranges[0].overlaps(ranges[1]) else "do not meet"
    return f"Both ranges mean the same later count of the same deaths; they {they}."


def _compared(newest: dict[str, pd.Series], drug: str, jurisdiction: str, as_of: str | None) -> str:
    """The ranges of both measures in words: whether they meet, and why they may not."""
    ranges, said = _ranges(newest), []
    for measure, row in newest.items():
        text = f"{number(float(row['value']))} ({_CALLED[measure]}, {Period.parse(row['month_ending'])})"
        found = _spread(drug, measure, jurisdiction, as_of)
        if found is not None and measure not in ranges:
            text += f": the {found.n} earlier ones held {found.moved}"
        elif found is not None:
            low, high = round(ranges[measure].low), round(ranges[measure].high)
            text += f" may settle at {number(low)} to {number(high)}: earlier ones {found.moved}"
        said.append(text)
    words = "; ".join(said) + "."
    if not (meeting := _meeting(newest)):
        return words
    one, other = ranges.values()
    whole = one.hull(other)
    words += f" {meeting}"
    ends = f"together they run from {number(round(whole.low))} to {number(round(whole.high))}."
    if one.overlaps(other):
        return f"{words} Taken {ends}"
    words += " Each rests on a few earlier counts of its own kind."
    add = unsettled.added(drug, jurisdiction, as_of)
    if add is not None and add.outside:
        words += (
            f" One reason can be seen: NCHS adds {add.now:.1f}% to this count, where it added {add.low:.1f}% to "
            f"{add.high:.1f}% to {add.n} earlier ones of about that age. Either fewer records are missing than used to be, or "
            "the estimate adds too little."
        )
    return f"{words} Which range is nearer, the releases held do not tell; taken {ends}"
