"""The data behind the supply page: seizures by month, place and year, the open year apart."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..audit import supply
from ..audit.seizures import CAUTION
from ..charts import style
from ..charts._supply import Unit
from ..charts._supply import concentration as draw_concentration
from ..charts._supply import seizure_size as draw_size
from ..charts._supply import supply_areas as draw_areas
from ..charts._supply import supply_months as draw_months
from ..charts._supply import supply_years as draw_years
from ..errors import NotPublished
from ..model import Source, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Supply:
    """Seizures of some fiscal years, a region and a component, by month and by year."""

    rows: pd.DataFrame
    months: pd.DataFrame
    years: pd.DataFrame
    region: str
    component: str

    @property
    def source(self) -> Source:
        """The seizure table."""
        found: Source = self.rows.attrs["source"]
        return found

    @property
    def scope(self) -> str:
        """Place and component, in words."""
        return f"{supply.REGIONS[self.region]}, {supply.COMPONENTS[self.component]}"

    @property
    def empty(self) -> bool:
        """Whether nothing was seized there and then."""
        return not (self.months["events"] > 0).any()

    @property
    def closed(self) -> bool:
        """Whether something was seized in a year that is over."""
        return bool((self.years.loc[self.years["status"] == "closed", "events"] > 0).any())

    @property
    def cited(self) -> str:
        """Source, vintage, scope and trap."""
        return (
            f"Source: {self.source.publisher}, {self.source.id} {self.source.vintage}; {self.scope}; gross pounds. "
            f"{CAUTION.capitalize()}."
        )

    @property
    def sentence(self) -> str:
        """The closed years: the heaviest and the last."""
        closed = self.years[self.years["status"] == "closed"]
        if self.empty:
            return f"No seizure is recorded for {self.scope}."
        if closed.empty:
            return f"No closed fiscal year is among those asked for ({self.scope})."
        top, last = closed.loc[closed["pounds"].astype(float).idxmax()], closed.iloc[-1]
        first = (
            f"In {self.scope}, the closed fiscal years are FY{closed['fiscal_year'].iloc[0]} to FY{last['fiscal_year']}"
        )
        if len(closed) == 1:
            return f"In {self.scope}, FY{last['fiscal_year']} had {_both(last)}."
        return f"{first}. The heaviest is FY{top['fiscal_year']} with {_both(top)}; FY{last['fiscal_year']} had {_both(last)}."

    @property
    def open_sentence(self) -> str:
        """The year that is not over beside the same months of the year before; empty when all years are closed."""
        rows = supply.same_months(self.months)
        if rows.empty:
            return ""
        now = rows.iloc[-1]
        held = self.months[self.months["status"] == "open"]
        first, last = (calendar.month_name[int(held["month"].iloc[i][5:])] for i in (0, -1))
        text = f"FY{now['fiscal_year']} is not over: its {now['months']} months ({first} to {last}) hold {_both(now)}"
        if len(rows) > 1:
            before = rows.iloc[-2]
            text += f"; the same months of FY{before['fiscal_year']} had {_both(before)}"
        return f"{text}. Counts of seizures in an open year still rise; it is never set beside a whole year here."

    def multiples(self, unit: Unit = "pounds") -> Axes:
        """Months by component and region."""
        return draw_months(supply.panels(self.rows), unit=unit, source=self.cited)

    def over_each_other(self, unit: Unit = "pounds") -> Axes:
        """Fiscal years month for month."""
        return draw_years(self.months, unit=unit, source=self.cited)

    def heat(self) -> Axes:
        """Areas by month."""
        late = self.months.loc[self.months["status"] == "open", "month"]
        return draw_areas(supply.areas(self.rows), open_from=late.iloc[0] if len(late) else None, source=self.cited)

    def size(self) -> Axes:
        """Pounds per seizure and concentration, side by side."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9.6, 3.9), layout="constrained")
        left, right = figure.subplots(1, 2)
        draw_size(self.years, left)
        draw_concentration(self.years, right, largest=supply.LARGEST)
        style.figure_source(figure, self.cited)
        return style.describe(left, f"{style.alt_text(left)} {style.alt_text(right)}")

    def by_year(self) -> pd.DataFrame:
        """The closed fiscal years as a reader reads them."""
        y = self.years[self.years["status"] == "closed"]
        return pd.DataFrame(
            {
                "fiscal year": [f"FY{year}" for year in y["fiscal_year"]],
                "pounds (gross)": [_number(x) for x in y["pounds"]],
                "seizures": [number(float(x)) for x in y["events"]],
                "pounds per seizure": [_digits(x, 1) for x in y["pounds_per_event"]],
                "effective number of seizures": _ranges(y["effective_low"], y["effective_high"]),
                f"in the {supply.LARGEST} heaviest, % of weight": _ranges(
                    100 * y["largest_low"], 100 * y["largest_high"]
                ),
            }
        )

    @property
    def year_note(self) -> str:
        """What the columns mean."""
        return (
            "The file adds up the seizures of an area in a month, so the last two columns are what that allows, from one "
            "seizure holding all the weight of its area and month to all of them weighing the same. The effective number is "
            "how many seizures of one weight would be as informative: a year hangs on few of them if it is small."
        )

    def same_months(self) -> pd.DataFrame:
        """The open year beside the same months of the closed ones."""
        rows = supply.same_months(self.months)
        return pd.DataFrame(
            {
                "fiscal year": _labels(rows),
                "months": [str(x) for x in rows["months"]],
                "pounds (gross)": [_number(x) for x in rows["pounds"]],
                "seizures": [number(float(x)) for x in rows["events"]],
                "pounds per seizure": [_digits(x, 1) for x in rows["pounds_per_event"]],
            }
        )

    def offices(self, most: int = 15) -> pd.DataFrame:
        """The heaviest field offices and sectors, closed years."""
        rows = supply.offices(self.rows).head(most)
        return pd.DataFrame(
            {
                "field office or sector": rows["area"],
                "component": ["Border Patrol" if c == "usbp" else "ports of entry" for c in rows["component"]],
                "pounds (gross)": [_number(x) for x in rows["pounds"]],
                "share of weight, %": [_digits(x, 1) for x in rows["share"]],
                "seizures": [number(float(x)) for x in rows["events"]],
                "pounds per seizure": [_digits(x, 1) for x in rows["pounds_per_event"]],
            }
        )


def supplied(
    years: str = "all", region: str = "all", component: str = "all", as_of: str | None = None
) -> Supply | None:
    """Seizures as known on a day; None when no file was.

    Raises
    ------
    DataError
        If a name is unknown or a fiscal year not held.
    """
    try:
        rows = supply.seizures(years, region, component, as_of)
    except NotPublished:
        return None
    return Supply(rows, supply.by_month(rows), supply.by_year(rows), region, component)


def _both(row: pd.Series) -> str:
    return f"{_number(row['pounds'])} pounds in {number(float(row['events']))} seizures"


def _labels(rows: pd.DataFrame) -> list[str]:
    return [
        f"FY{y}" + (" (open)" if s == "open" else "") for y, s in zip(rows["fiscal_year"], rows["status"], strict=True)
    ]


def _number(value: float) -> str:
    return number(round(float(value))) if abs(value) >= 10 else number(round(float(value), 2))


def _digits(value: float, digits: int) -> str:
    return "–" if pd.isna(value) else f"{value:,.{digits}f}"


def _ranges(low: pd.Series, high: pd.Series) -> list[str]:
    return [
        "–" if pd.isna(a) else f"{a:,.0f} to {b:,.0f}"
        for a, b in zip(low.astype(float), high.astype(float), strict=True)
    ]
