"""The data behind the trend and jurisdiction pages, in the form that charts and tables take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..analysis import places, trends
from ..analysis.deaths import LABELS
from ..charts._trends import ranks as draw_ranks
from ..charts._trends import small_multiples
from ..charts._trends import trend as draw_trend
from ..data import archive, names
from ..errors import NotPublished, StatsError
from ..model import Source, number
from ..stats import joinpoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BRIEFS = {"Data Brief 294": 2016, "Data Brief 329": 2017}
"""NCHS Data Briefs whose sentence on the national trend is reproduced, with the last year that they used."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A rate series of one place and its fit."""

    jurisdiction: str
    measure: str
    drug: str
    rates: pd.DataFrame
    fit: joinpoint.Fit

    @property
    def place(self) -> str:
        """The name of the place."""
        whole = " (whole state)" if self.jurisdiction == "NY" else ""
        return names.jurisdiction_name(self.jurisdiction) + whole

    @property
    def source(self) -> Source:
        """Where the rates come from."""
        found: Source = self.rates.attrs["source"]
        return found

    @property
    def sentence(self) -> str:
        """Rise or fall by segment, as a Data Brief words it."""
        parts = [
            f"{_moved(row.apc, row.low, row.high)} from {row.start:g} to {row.end:g} "
            f"({f'{row.apc:.1f}, ' if row.low < 0 < row.high else ''}95% interval {row.low:.1f} to {row.high:.1f})".replace(
                "-", "−"
            )
            for row in self.fit.segments.itertuples()
        ]
        missing = self.rates.attrs["missing"]
        years = (
            "1 year has no published rate and is" if missing == 1 else f"{missing} years have no published rate and are"
        )
        left = f" {years} left out." if missing else ""
        end = f" The rates fitted end with {self.fit.x[-1]:g}: what came after is not in them."
        return f"The {self.measure} rate of {LABELS[self.drug]} {', then '.join(parts)}.{left}{end}"

    def chart(self) -> Axes:
        """The fit over the data."""
        return draw_trend(
            self.fit,
            label=f"{self.measure} rate per 100,000",
            title=f"{LABELS[self.drug].capitalize()}, {self.place}",
            source=f"Source: {self.source.publisher}, {self.source.id} {self.source.vintage}; residents, calendar years.",
        )

    def table(self) -> pd.DataFrame:
        """Segments as the field prints them, with the average over the whole period."""
        rows = [
            (f"{row.start:g}–{row.end:g}", f"{row.apc:.1f}", f"{row.low:.1f} to {row.high:.1f}", _p(row.p))
            for row in self.fit.segments.itertuples()
        ]
        average = self.fit.aapc()
        whole = f"{self.fit.x[0]:g}–{self.fit.x[-1]:g} (average)"
        rows.append((whole, f"{average.value:.1f}", f"{average.low:.1f} to {average.high:.1f}", ""))
        return pd.DataFrame(rows, columns=["years", "annual change, %", "95% interval, %", "p-value"])


def trend(
    measure: str,
    drug: str,
    jurisdiction: str,
    first: int,
    last: int,
    most: int,
    select: joinpoint.Rule,
    as_of: str | None = None,
) -> Trend:
    """Rates of one place and the joinpoint model that the rule selects."""
    rates = trends.death_rates(measure, drug, jurisdiction, first, last, as_of)
    fit = joinpoint.fit(rates["year"], rates["rate"], se=rates["se"], max_joinpoints=most, select=select)
    return Trend(jurisdiction, measure, drug, rates, fit)


def side_by_side(found: list[Trend]) -> Axes:
    """Several places in small multiples."""
    parts = [
        pd.DataFrame({"place": t.jurisdiction, "year": t.fit.x, "rate": t.fit.y, "fitted": t.fit.fitted}) for t in found
    ]
    source = (
        f"Source: {found[0].source.publisher}, {found[0].source.id} {found[0].source.vintage}; lines: joinpoint fits."
    )
    return small_multiples(
        pd.concat(parts),
        label="per 100,000",
        title=f"{found[0].measure.capitalize()} rates, {LABELS[found[0].drug]}",
        source=source,
    )


def compared(found: list[Trend]) -> pd.DataFrame:
    """One row a place: bends, the last segment, the average."""
    rows = []
    for t in found:
        last, average = t.fit.segments.iloc[-1], t.fit.aapc()
        bends = ", ".join(f"{x:g}" for x in t.fit.joinpoints["x"]) or "none"
        rows.append((
            t.place, bends, f"{last['apc']:.1f} ({last['low']:.1f} to {last['high']:.1f})",
            f"{average.value:.1f} ({average.low:.1f} to {average.high:.1f})", number(float(t.fit.y[-1]), 1),
        ))  # fmt: skip
    columns = [
        "place",
        "bends",
        "last segment, % a year (95% interval)",
        "average, % a year (95% interval)",
        "rate in the last year, per 100,000",
    ]
    return pd.DataFrame(rows, columns=columns)


def briefs(as_of: str | None = None) -> pd.DataFrame:
    """The national statement of NCHS Data Briefs, made again from the embedded rates with the permutation test."""
    rows = []
    for name, last in BRIEFS.items():
        t = trend("age-adjusted", "all", "US", 1999, last, 3, "permutation", as_of)
        parts = [f"{row.start:g}–{row.end:g}: {row.apc:.0f}% a year" for row in t.fit.segments.itertuples()]
        rows.append((name, f"1999–{last}", "; ".join(parts)))
    made = pd.DataFrame(rows, columns=["publication", "years", "annual percent change, as it rounds"])
    made.attrs["source"] = t.source
    return made


@dataclass(frozen=True, slots=True)
class Place:
    """What is held for one place, each part None where nothing is."""

    code: str
    as_of: str | None
    rates: pd.DataFrame | None
    trend: Trend | None

    @property
    def name(self) -> str:
        """Its name."""
        return names.jurisdiction_name(self.code)

    def rate_table(self) -> pd.DataFrame:
        """The last ten years of rates as NCHS prints them; a count of 1 to 9 is never shown."""
        assert self.rates is not None
        crude = trends.death_rates("crude", "all", self.code, as_of=self.as_of).set_index("year")
        rows = []
        for row in self.rates.tail(10).itertuples():
            c = crude.loc[row.year] if row.year in crude.index else None
            rows.append((
                str(row.year), number(float(row.deaths)), f"{row.rate:.1f} ({row.low:.1f} to {row.high:.1f})",
                f"{c['rate']:.1f} ({c['low']:.1f} to {c['high']:.1f})" if c is not None else "–", names.flag_words(row.flag or ""),
            ))  # fmt: skip
        columns = [
            "year",
            "deaths",
            "age-adjusted rate per 100,000 (95% interval)",
            "crude rate per 100,000 (95% interval)",
            "flag",
        ]
        return pd.DataFrame(rows, columns=columns)

    def rank_chart(self) -> Axes:
        """All states in the newest final year, this one picked out."""
        table = places.ranks(as_of=self.as_of)
        source: Source = table.attrs["source"]
        return draw_ranks(
            table, pick="" if self.code == "US" else self.code, label="age-adjusted deaths per 100,000",
            title="Rates of the states and DC, all drugs, 2022",
            source=f"Source: {source.publisher}, {source.id} {source.vintage}; residents.",
        )  # fmt: skip

    def newest(self) -> pd.DataFrame:
        """The newest 12-month window by drug and measure, with flags said aloud."""
        rows = []
        for drug in names.drugs():
            for measure in ("reported", "predicted"):
                try:
                    series = archive.series(drug, measure, self.code, as_of=self.as_of)
                except NotPublished:
                    continue
                last = series.iloc[-1]
                flags = names.flag_words(last["flag"])
                shown = "–" if pd.isna(last["value"]) else number(float(last["value"]))
                rows.append((drug, measure, last["month_ending"], shown, flags, series.attrs["source"].vintage))
        return pd.DataFrame(rows, columns=["drug", "measure", "12 months to", "deaths", "flag", "vintage"])

    def specified_sentence(self) -> str:
        """How many certificates name a drug, and what follows."""
        try:
            rows = places.specified(self.code, self.as_of)
        except NotPublished:
            return "No share of deaths with a drug named is held for this place, so counts by drug cannot be corrected."
        last, low = rows.iloc[-1], rows["percent_specified"].min()
        return (
            f"In the 12 months to {last['month_ending']}, {last['percent_specified']:.1f}% of overdose deaths had a drug named "
            f"on the certificate (lowest since 2015: {low:.1f}%). Counts by drug are too low by what the rest would add."
        )

    def hidden(self) -> pd.DataFrame:
        """Suppressed and withheld cells by drug."""
        rows = places.suppressed(self.code)
        rows = rows[(rows["suppressed"] > 0) | (rows["low_quality"] > 0)]
        return rows.rename(
            columns={"low_quality": "withheld: few certificates name drugs", "suppressed": "suppressed: 1 to 9 deaths"}
        )


def place(code: str, as_of: str | None = None) -> Place:
    """All that is held for a place."""
    try:
        found = trend("age-adjusted", "all", code, 1999, 2022, 4, "wbic", as_of)
    except (NotPublished, StatsError):
        found = None
    try:
        rates = trends.death_rates(jurisdiction=code, as_of=as_of)
    except NotPublished:
        rates = None
    return Place(code, as_of, rates, found)


def _moved(change: float, low: float, high: float) -> str:
    """Rise or fall by a yearly change in per cent; neither, where the interval holds both.

    >>> _moved(9.8, 5.7, 14.1), _moved(2.6, -1.1, 6.5)
    ('rose by 9.8% a year', 'did not clearly rise or fall')
    """
    if low < 0 < high:
        return "did not clearly rise or fall"
    return f"{'rose' if change > 0 else 'fell'} by {abs(change):.1f}% a year"


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
