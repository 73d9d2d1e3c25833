"""The data behind the page of one provisional number: its releases, which one to quote, the formula behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..audit import completeness, corrections, ledger
from ..audit import deaths as death_counts
from ..charts._deaths import deaths as draw_deaths
from ..charts._provisional import completeness as draw_completeness
from ..charts._provisional import life as draw_life
from ..charts._provisional import residuals as draw_residuals
from ..charts.style import plain
from ..data import archive, catalog, names
from ..data.catalog import as_date, row_source
from ..errors import NotPublished
from ..model import Interval, Period, Source, amount, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPECIFIED = "2025-01-08"
"""The only release held with the share of deaths that name a drug."""
NCHS = "NCHS, the National Center for Health Statistics of CDC"
_NOTE = (
    f"Reported and predicted: provisional counts of {NCHS}, by the place where people died (VSRR). Final: residents only, "
    "when the file of the year was closed."
)


@dataclass(frozen=True, slots=True)
class Life:
    """Every published value of one number, in order of publication."""

    drug: str
    jurisdiction: str
    period: Period
    place: str
    history: pd.DataFrame

    @property
    def name(self) -> str:
        """What is counted."""
        return death_counts.LABELS[self.drug]

    @property
    def sentence(self) -> str:
        """How many values there are, and how far apart."""
        values = self.history["value"].dropna().astype(float)
        different = values.nunique()
        if different == 1:
            return f"One value is held here: {number(values.iloc[0])}."
        return (
            f"{different} different values are held here, from {number(values.min())} to {number(values.max())}: "
            f"{amount(values.max() - values.min(), 'deaths')} apart."
        )

    @property
    def quote(self) -> str:
        """Which value a newspaper should print, and what to call it."""
        newest = {measure: self._newest(measure) for measure in death_counts.MEASURES}
        if (final := newest["final"]) is not None:
            return (
                f"The final count, as there is one: {self._called(final)}, residents only, {self.period}, published "
                f"{final['known']}. A provisional figure is history once the final one is out."
            )
        none = f"No final count of this is held, so a provisional one, by its name. {self.place}, {self.period}: "
        told = {
            "reported": "reported so far",
            "predicted": "as NCHS estimates with missing records added (“predicted”)",
        }
        said = [
            f"{self._called(row)}, {told[measure]}, release of {row['known']}"
            for measure in told
            if (row := newest[measure]) is not None
        ]
        return f"{none}{'; beside it '.join(said)}. {'Either' if len(said) > 1 else 'It'} may still change."

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the figures differ, as far as those held tell; nothing where there is nothing to explain."""
        rows = self.history.dropna(subset="value")
        final, reported = self._newest("final"), self._newest("reported")
        said = []
        if final is not None and reported is not None and (gap := int(reported["value"]) - int(final["value"])):
            said.append(
                f"The newest reported count is {number(abs(gap))} {'above' if gap > 0 else 'below'} the final one. They count "
                "different people: everybody who died in the place, wherever they lived, in a table that goes on being "
                "corrected; and residents only, in a file that is closed. How much each of the two makes, the figures "
                "held do not say."
            )
        counts = rows.loc[rows["measure"] == "reported", "value"].astype(int).tolist()
        falls = [(a, b) for a, b in pairwise(counts) if b < a]
        if falls:
            old, new = falls[-1]
            said.append(
                f"A reported count rises while records arrive, and can fall later: this one went from {number(old)} to "
                f"{number(new)}. The releases do not say why."
            )
        if final is not None:
            first = rows.loc[rows["measure"] == "final", "known"].min()
            if (rows.loc[rows["measure"] == "predicted", "known"] > first).any():
                said.append(
                    f"NCHS goes on printing its provisional table with older windows in it, so estimates appeared after the "
                    f"final count of {first}. They do not replace it."
                )
        return tuple(said)

    def _called(self, row: pd.Series) -> str:
        return f"{_shown(row['value'], row['qualifier'])} {self.name}"

    def _newest(self, measure: str) -> pd.Series | None:
        rows = self.history[self.history["measure"] == measure].dropna(subset="value")
        return None if rows.empty else rows.iloc[-1]

    @property
    def sources(self) -> list[Source]:
        """Where each value was published, row by row; a row of a table that grew year by year bears its own day."""
        cited = ledger.read().using("sources").sources
        keys = ("source_id", "dataset", "vintage", "known")
        rows = zip(*(self.history[key] for key in keys), strict=True)
        return [
            cited[s] if d == "published-figures" else row_source(catalog.find(d, v).source, k) for s, d, v, k in rows
        ]

    def chart(self, article: date | None = None) -> Axes:
        """Each release as a step."""
        cited = ", ".join(dict.fromkeys(f"{source.id} {source.vintage}".strip() for source in self.sources))
        drug = "all drugs" if self.drug == "all" else self.drug.replace("-", " ")
        note = f" The article: “{plain(ledger.read().article.title)}”, {article}." if article else ""
        return draw_life(
            self.history,
            article=article,
            article_label=f"the checked article, {article}",
            title=f"How many overdose deaths? {drug.capitalize()}, {self.period.short}, {self.place}",
            source=f"Source: {cited}; {self.name}. {_NOTE}{note}"
            + (f" {death_counts.T404}." if self.drug == "synthetic-opioids" else ""),
        )

    def table(self) -> pd.DataFrame:
        """Which one do you mean? One row a published value; one that stands in two sources on one day is one row."""
        rows = self.history.assign(where=[f"{source.title or source.id} ({source.id})" for source in self.sources])
        final = self._newest("final")
        base = None if final is None else float(final["value"])
        keys = ["known", "measure", "value", "qualifier"]
        rows = rows.groupby(keys, sort=False, dropna=False)["where"].agg("; ".join).reset_index()
        return pd.DataFrame(
            {
                "published": [day.isoformat() for day in rows["known"]],
                "measure": rows["measure"],
                "deaths": [_shown(v, q) for v, q in zip(rows["value"], rows["qualifier"], strict=True)],
                "against the final count": [_against(value, base) for value in rows["value"]],
                "found in": rows["where"],
            }
        )


def life(drug: str, month_ending: str, jurisdiction: str = "US", as_of: str | None = None) -> Life:
    """Every published value of a window, no misprints.

    Raises
    ------
    DataError
        If a name is unknown; NotPublished if nothing was published, or not by that day.
    """
    rows = archive.vintages(drug, month_ending, jurisdiction)
    rows = rows[~rows["flag"].str.contains("misprint")]
    if jurisdiction == "NY":
        rows = rows[rows["measure"] != "final"]  # of the whole state, where provisional counts leave out the city
    if as_of is not None:
        rows = rows[rows["known"] <= as_date(as_of)]
    if rows["value"].isna().all():
        limit = f" by {as_of}" if as_of else ""
        place = names.jurisdiction_name(jurisdiction)
        raise NotPublished(f"No count of {drug} in the 12 months to {month_ending}, {place}, was published{limit}")
    return Life(drug, jurisdiction, Period.parse(month_ending), place_name(jurisdiction), rows.reset_index(drop=True))


def ceiling(claimed: Interval | None = None, wide: Interval | None = None, phrase: str = "") -> tuple[Axes, str]:
    """Synthetic opioids with every death added whose certificate names no drug; the chart, and its result in words."""
    rows = corrections.unspecified("synthetic-opioids", "predicted", vintage=SPECIFIED)
    frame = rows.assign(drug="synthetic-opioids", value=rows["involving"], low=rows["lower"], high=rows["upper"])
    ax = draw_deaths(
        frame,
        claimed=claimed,
        wide=wide,
        claim_label=(f"claimed: {phrase}" if phrase else "claimed") if claimed else "",
        labels={"synthetic-opioids": "synthetic opioids\n(T40.4)"},
        band="all deaths with no drug named added" + ("; pale yellow: would be called close" if wide else ""),
        title="Deaths involving synthetic opioids, United States",
        source="Source: CDC/NCHS, VSRR, predicted counts and per cent of deaths with a drug specified, release of "
        f"{SPECIFIED}, the only one held with that per cent. {death_counts.T404}.",
    )
    top, last = rows.loc[rows["upper"].idxmax()], rows["month_ending"].iloc[-1]
    words = (
        f"Even if every death without a named drug had involved synthetic opioids, no 12 months had more than "
        f"{number(round(top['upper']))} (predicted, {Period.parse(top['month_ending'])}; {len(rows)} sums of 12 months "
        f"looked at, the last of the {Period.parse(last)}, as only the release of {SPECIFIED} is held with the share of "
        "deaths that name a drug)."
    )
    if claimed is not None and top["upper"] < claimed.low:
        words += f" The phrase begins at {number(claimed.low)}"
        near = wide is not None and top["upper"] in wide
        words += f"; from {number(wide.low)} a figure is called close." if near and wide else "."
    return ax, words


def refit(drug: str, as_of: str | None = None) -> completeness.Refit:
    """The formula from reported to predicted, refitted; see `completeness.refit`."""
    return completeness.refit(drug, as_of)


def formula_charts(found: completeness.Refit) -> tuple[Axes, Axes | None, str]:
    """The fit, its residuals where any is not 0, and the result in words."""
    cited = f"Source: CDC/NCHS, VSRR, release of {found.source.vintage}, all places; {death_counts.LABELS[found.drug]}."
    low, high = (f"{slope:.1f}" for slope in found.slopes)
    slope = low if low == high else f"{low} to {high}"
    words = (
        f"For each per cent of all death records, whatever the cause, that is still open, {slope} per cent of these deaths are "
        f"taken to be missing: an open record is taken to be one of them {slope} times as often as a record picked at random. "
        f"{number(found.exact)} of {number(len(found.frame))} printed predictions are reproduced exactly"
    )
    words += f"; the others are off by {number(found.worst)} at most." if found.worst else ": every residual is 0."
    misses = draw_residuals(found.frame, source=cited) if found.worst else None
    return draw_completeness(found.frame, source=cited), misses, words


def place_name(jurisdiction: str) -> str:
    """The place, as far as its provisional counts go."""
    return "New York State without New York City" if jurisdiction == "NY" else names.jurisdiction_name(jurisdiction)


def _shown(value: Any, qualifier: str) -> str:
    if pd.isna(value):
        return "withheld"
    return ("about " if qualifier == "about" else "") + number(float(value))


def _against(value: Any, final: float | None) -> str:
    if final is None or pd.isna(value):
        return "–"
    gap = float(value) - final
    return "the same" if gap == 0 else f"{number(abs(gap))} {'more' if gap > 0 else 'fewer'}"
