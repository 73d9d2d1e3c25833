"""The data behind the page of one date: the series with its events, the fit, and what may and may not be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..analysis import events
from ..audit import ledger
from ..charts import style
from ..charts._events import dated_series as draw_series
from ..charts._events import placebo as draw_placebo
from ..errors import NotPublished
from ..model import Source, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Dated:
    """A finding with the dated events around it."""

    finding: events.Finding
    events: pd.DataFrame

    @property
    def what(self) -> str:
        """What the series counts."""
        return self.finding.series.title

    @property
    def may(self) -> str:
        """What may be said."""
        return self.finding.may

    @property
    def may_not(self) -> str:
        """What may not."""
        return self.finding.may_not(len(self.near))

    @property
    def near(self) -> pd.DataFrame:
        """The events within the window."""
        return events.near(self.finding, self.events)

    @property
    def cited(self) -> str:
        """Source, vintage and definition."""
        source = self.finding.source
        return f"Source: {source.publisher}, {source.id} {source.vintage}; {self.finding.series.definition}."

    @property
    def sources(self) -> tuple[Source, ...]:
        """The table of the series, and the texts of the events within the window."""
        known = ledger.read().using("sources").sources
        ids = dict.fromkeys(i for row in self.near["source_id"] for i in str(row).split(";"))
        return (self.finding.source, *(known[i] for i in ids if i in known))

    def chart(self) -> Axes:
        """The series with every dated event and the fit."""
        f = self.finding
        start = f.months.attrs.get("provisional_from")
        fitted = pd.Series(f.fit.model.fitted, pd.period_range(f.date - f.window, periods=2 * f.window, freq="M"))
        frame = pd.DataFrame(
            {
                "month": f.months.index.astype(str),
                "value": f.months.to_numpy(dtype=float),
                "fitted": fitted.reindex(f.months.index).to_numpy(),
                "provisional": f.months.index >= pd.Period(start, "M") if start else False,
            }
        )
        return draw_series(
            frame, self.events, date=str(f.date), label=f"{f.series.unit} a month", source=self.cited,
            title=self.what[0].upper() + self.what[1:],
        )  # fmt: skip

    def placebo(self) -> Axes:
        """The change of level and of slope at every date, side by side."""
        from matplotlib.figure import Figure

        f = self.finding
        figure = Figure(figsize=(9.4, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        draw_placebo(f.placebo.table, "level", left, p=f.placebo.p_level)
        draw_placebo(f.placebo.table, "slope", right, p=f.placebo.p_slope)
        style.figure_source(figure, f"{self.cited} {f.window} months on each side of each date.")
        return style.describe(left, f"{style.alt_text(left)} {style.alt_text(right)}")

    def table(self) -> pd.DataFrame:
        """The fitted changes with both standard errors and the placebo p."""
        rows = []
        for term, e in (("level", self.finding.fit.level), ("slope", self.finding.fit.slope)):
            fit = self.finding.fit
            rows.append((
                f"{term}, {e.unit}", f"{e.value:.3f} ({e.low:.3f} to {e.high:.3f})", f"{fit.se_quasi[term]:.3f}",
                f"{fit.se_hac[term]:.3f}", f"{self.finding.p[term]:.3f}",
            ))  # fmt: skip
        columns = ["change", "factor (95% interval)", "standard error of the log", "the same, Newey–West", "placebo p"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def table_note(self) -> str:
        """What the columns are."""
        fit = self.finding.fit
        return (
            f"{fit.level.method[0].upper()}{fit.level.method[1:]} model of {2 * self.finding.window} months with the season, dispersion "
            f"{fit.dispersion:.1f}. The placebo p decides; intervals and standard errors describe, and those of Newey and "
            "West are too small for so few months."
        )

    def every_event(self) -> pd.DataFrame:
        """The change at the month of every dated event, this series and window."""
        rows = events.each(self.finding, self.events)
        near = set(self.near["id"])
        return pd.DataFrame(
            {
                "date": rows["date"].str.replace("-", "\u2011"),  # dates that do not break over lines
                "event": rows["event"],
                "in the window": ["yes" if i in near else "" for i in rows["id"]],
                "level, factor (placebo p)": [
                    f"{x:.2f} ({p:.3f})" for x, p in zip(rows["level"], rows["p_level"], strict=True)
                ],
                "slope, factor a year (placebo p)": [
                    f"{x:.2f} ({p:.3f})" for x, p in zip(rows["slope"], rows["p_slope"], strict=True)
                ],
            }
        )

    @property
    def every_note(self) -> str:
        """How to read many p at once."""
        rows = events.each(self.finding, self.events)
        months = rows["month"].nunique()
        low = int((np.minimum(rows.groupby("month")["p_level"].first(), rows.groupby("month")["p_slope"].first())
                   <= events.ALPHA / 2).sum())  # fmt: skip
        expected = months * events.ALPHA
        return (
            f"{months} different months hold events; in {low or 'none'} of them the smaller p is at most {events.ALPHA / 2:g}. "
            f"Of {months} months picked blindly, up to {number(round(expected, 1))} would be expected to have so small a p. Dates "
            "that share a month share a row of the fit."
        )


def look(name: str, when: str, window: int = 12, as_of: str | None = None) -> Dated | None:
    """The finding at a date, None when the series was not known by the day asked for.

    Raises
    ------
    DataError
        If the series is not known.
    StatsError
        If the date or the window does not fit.
    """
    try:
        return Dated(events.look(name, when, window, as_of), events.dated(as_of))
    except NotPublished:
        return None


def series() -> pd.DataFrame:
    """The monthly series that can be asked for, and those that cannot, with the reason."""
    rows = [(s.name, s.title, s.unit, s.definition) for s in events.SERIES.values()]
    return pd.DataFrame(rows, columns=["series", "what", "unit", "definition"])
