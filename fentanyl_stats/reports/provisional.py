"""The data behind the page of one provisional number: its releases, its future, the formula behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..audit import completeness, corrections, ledger
from ..audit import deaths as death_counts
from ..charts._completeness import completeness as draw_completeness
from ..charts._completeness import residuals as draw_residuals
from ..charts._deaths import deaths as draw_deaths
from ..charts._life import fan as draw_fan
from ..charts._life import life as draw_life
from ..data import catalog, names, vintages
from ..data.known import as_date
from ..errors import NotPublished
from ..model import Interval, Period, Source, amount, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NEWEST = 24
_WHOLE_NOTE = "Reported: counted so far. Predicted: scaled up by NCHS. Final: residents, closed file"


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
            return f"One value was published: {number(values.iloc[0])}."
        return (
            f"{different} different values were published, from {number(values.min())} to {number(values.max())}: "
            f"{amount(values.max() - values.min(), 'deaths')} apart."
        )

    @property
    def sources(self) -> list[Source]:
        """Where each value was published, row by row."""
        cited = ledger.read().using("sources").sources
        rows = zip(self.history["source_id"], self.history["dataset"], self.history["vintage"], strict=True)
        return [cited[s] if d == "published-figures" else catalog.find(d, v).source for s, d, v in rows]

    def chart(self, article: date | None = None) -> Axes:
        """Each release as a step."""
        cited = ", ".join(dict.fromkeys(f"{source.id} {source.vintage}".strip() for source in self.sources))
        drug = "all drugs" if self.drug == "all" else self.drug.replace("-", " ")
        return draw_life(
            self.history,
            article=article,
            title=f"How many overdose deaths? {drug.capitalize()}, {self.period.short}, {self.place}",
            source=f"Source: {cited}; {self.name}. {_WHOLE_NOTE}. Provisional counts are by place of occurrence."
            + (f" {death_counts.T404}." if self.drug == "synthetic-opioids" else ""),
        )

    def table(self) -> pd.DataFrame:
        """Which one do you mean? One row a published value."""
        rows = self.history
        final = rows.loc[rows["measure"] == "final", "value"].dropna()
        base = float(final.iloc[-1]) if len(final) else None
        return pd.DataFrame(
            {
                "published": [day.isoformat() for day in rows["known"]],
                "measure": rows["measure"],
                "deaths": [_shown(v, q) for v, q in zip(rows["value"], rows["qualifier"], strict=True)],
                "against the final count": [_against(value, base) for value in rows["value"]],
                "found in": [str(source) for source in self.sources],
            }
        )


def life(drug: str, month_ending: str, jurisdiction: str = "US", as_of: str | None = None) -> Life:
    """Every published value of a window, no misprints.

    Raises
    ------
    DataError
        If a name is unknown; NotPublished if nothing was published, or not by that day.
    """
    rows = vintages.vintages(drug, month_ending, jurisdiction)
    rows = rows[~rows["flag"].str.contains("misprint")]
    if jurisdiction == "NY":
        rows = rows[rows["measure"] != "final"]  # of the whole state, where provisional counts leave out the city
    if as_of is not None:
        rows = rows[rows["known"] <= as_date(as_of)]
    if rows["value"].isna().all():
        limit = f" by {as_of}" if as_of else ""
        place = names.jurisdiction_name(jurisdiction)
        raise NotPublished(f"No count of {drug} in the 12 months to {month_ending}, {place}, was published{limit}")
    return Life(drug, jurisdiction, Period.parse(month_ending), _place(jurisdiction), rows.reset_index(drop=True))


def fan(drug: str, jurisdiction: str = "US", as_of: str | None = None) -> Axes:
    """The newest months, reported and predicted, with the range in which they may settle."""
    parts, cited = [], []
    for measure in ("reported", "predicted"):
        try:
            rows = corrections.fan(drug, measure, jurisdiction, as_of)
        except NotPublished:
            continue
        cited.append(f"{measure} {rows.attrs['source'].vintage}")
        parts.append(rows.assign(measure=measure).dropna(subset="value").tail(NEWEST))
    if not parts:
        raise NotPublished(f"No 12-month count of {drug} is held for {names.jurisdiction_name(jurisdiction)}")
    return draw_fan(
        pd.concat(parts, ignore_index=True),
        title=f"How far may the newest months still move? {_place(jurisdiction)}",
        source=f"Source: CDC/NCHS, VSRR ({', '.join(cited)}); {death_counts.LABELS[drug]}. {basis(drug, jurisdiction, as_of)}",
    )


def basis(drug: str, jurisdiction: str = "US", as_of: str | None = None) -> str:
    """What the ranges rest on, in words."""
    day = None if as_of is None else as_date(as_of)
    rows = vintages.series(drug, "reported", jurisdiction, as_of=as_of).dropna(subset="value")
    lag = corrections.months_between(str(rows["month_ending"].iloc[-1]), rows.attrs["source"].known or date.max)
    found = corrections.spread(drug, "reported", lag, jurisdiction, day)
    if found is None:
        return "No earlier releases are held that would tell how far the newest counts move."
    return f"Newest reported month: {found.words}."


def ceiling(claimed: Interval | None = None) -> tuple[Axes, str]:
    """Synthetic opioids with every death added whose certificate names no drug; the chart, and its result in words."""
    rows = corrections.unspecified("synthetic-opioids", "predicted")
    frame = rows.assign(drug="synthetic-opioids", value=rows["involving"], low=rows["lower"], high=rows["upper"])
    ax = draw_deaths(
        frame,
        claimed=claimed,
        claim_label="claimed" if claimed else "",
        labels={"synthetic-opioids": "synthetic opioids\n(T40.4)"},
        band="all deaths with no drug named added",
        source="Source: CDC/NCHS, VSRR, predicted counts and per cent of deaths with a drug specified, vintage 2025-01-08. "
        f"{death_counts.T404}.",
    )
    top = rows.loc[rows["upper"].idxmax()]
    return ax, (
        f"Even if every death without a named drug had involved synthetic opioids, no window of 12 months had more than "
        f"{number(round(top['upper']))} (predicted, the 12 months to {top['month_ending']}); {len(rows)} windows looked at."
    )


def refit(drug: str, as_of: str | None = None) -> completeness.Refit:
    """The formula from reported to predicted, refitted; see `completeness.refit`."""
    return completeness.refit(drug, as_of)


def formula_charts(found: completeness.Refit) -> tuple[Axes, Axes, str]:
    """The fit, its residuals, and the result in words."""
    cited = f"Source: CDC/NCHS, VSRR, vintage {found.source.vintage}, all places; {death_counts.LABELS[found.drug]}."
    words = f"{number(found.exact)} of {number(len(found.frame))} printed predictions are reproduced exactly"
    words += f"; the others are off by {number(found.worst)} at most." if found.worst else "."
    return draw_completeness(found.frame, source=cited), draw_residuals(found.frame, source=cited), words


def _place(jurisdiction: str) -> str:
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
