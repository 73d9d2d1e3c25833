"""The data behind the theme pages, in the form that charts and tables take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..analysis import deaths as death_counts
from ..analysis import revisions
from ..audit.assess import Assessment
from ..charts._deaths import deaths as draw_deaths
from ..data import names, store
from ..errors import NotPublished
from ..model import Period, Source, last_day, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

YEARS = range(2015, 2026)
_TOTALS = ["year", "reported, deaths", "predicted, deaths", "final, deaths", "different values published"]
SHORT = {"all": "all drugs", "opioids": "any opioid", "synthetic-opioids": "synthetic opioids\n(T40.4)"}


@dataclass(frozen=True, slots=True)
class Deaths:
    """Deaths of one drug and place beside those from all drugs, each from the newest vintage that holds it."""

    drug: str
    name: str
    jurisdiction: str
    place: str
    as_of: str | None
    frame: pd.DataFrame
    sources: tuple[Source, ...]
    final_until: str

    @property
    def sentence(self) -> str:
        """The peak and the newest value, in words; or that nothing is held."""
        rows = self.frame[self.frame["drug"] == self.drug].dropna(subset="value")
        if rows.empty:
            return f"No 12-month count of {self.name} is held for {self.place}."
        peak, last = rows.loc[rows["value"].astype(float).idxmax()], rows.iloc[-1]
        return (
            f"Reported deaths in 12 months peaked at {number(float(peak['value']))} (to {peak['month_ending']}); the newest "
            f"window held, to {last['month_ending']}, has {number(float(last['value']))}."
        )

    @property
    def note(self) -> str:
        """What stands in the table, with flags said aloud."""
        flagged = self.frame["flag"].str.contains("suppressed").sum()
        hidden = f" {flagged} windows are suppressed (1 to 9 deaths), which is not zero." if flagged else ""
        return (
            "In parentheses: published on, or in the release of. “–”: not published, or not by the day asked for. A predicted "
            "count can stand below a reported one where its release is older." + hidden
        )

    def chart(self, assessment: Assessment | None = None) -> Axes:
        """The series over time, with the claim's band for the United States."""
        national = self.jurisdiction == "US" and assessment is not None
        vintage = ", ".join(f"{s.id} {s.vintage}" for s in self.sources)
        return draw_deaths(
            self.frame,
            claimed=assessment.claim_interval if national and assessment else None,
            wide=assessment.widened_interval if national and assessment else None,
            claim_label=f"claimed: {assessment.phrase}" if national and assessment else "",
            article=assessment.article_date if assessment else None,
            final_until=self.final_until,
            labels={**{drug: drug.replace("-", "\n") for drug in names.drugs()}, **SHORT},
            place=self.place,
            source=f"Source: CDC/NCHS, VSRR provisional counts, reported ({vintage}). Deaths by place of occurrence. "
            + (f"{death_counts.T404}." if self.drug == "synthetic-opioids" else "Drug classes overlap."),
        )

    def totals(self) -> pd.DataFrame:
        """Calendar years by measure, newest published value each, with the newest other window first held for each."""
        rows = []
        for year in YEARS:
            history = death_counts.published(self.drug, Period.parse(str(year)), self.jurisdiction)
            if self.as_of:
                history = history[history["known"] <= last_day(self.as_of)]
            found = {measure: group.iloc[-1] for measure, group in history.groupby("measure")}
            values = [found.get(measure) for measure in ("reported", "predicted", "final")]
            if any(value is not None for value in values):
                rows.append((str(year), *map(_shown, values), history["value"].nunique()))
        return pd.DataFrame(rows, columns=_TOTALS)


def deaths(drug: str, jurisdiction: str = "US", as_of: str | None = None) -> Deaths:
    """Reported 12-month counts of a drug and of all drugs."""
    frames, sources = [], []
    for name in dict.fromkeys(("all", drug)):
        try:
            rows = revisions.fan(name, "reported", jurisdiction, as_of)
        except NotPublished:
            continue
        sources.append(rows.attrs["source"])
        frames.append(pd.DataFrame(rows).assign(drug=name))
    if not frames:
        raise NotPublished(
            f"no 12-month count of deaths is held for {jurisdiction}" + (f" by {as_of}" if as_of else "")
        )
    try:
        final = store.load("nvss-by-drug", as_of=as_of)["year"].max()
        final_until = f"{final}-12"
    except NotPublished:
        final_until = ""
    place = "New York State without New York City" if jurisdiction == "NY" else names.jurisdiction_name(jurisdiction)
    frame = pd.concat(frames, ignore_index=True)
    return Deaths(
        drug,
        death_counts.LABELS[drug],
        jurisdiction,
        place,
        as_of,
        frame,
        tuple(dict.fromkeys(sources)),
        final_until,
    )


def _shown(row: pd.Series | None) -> str:
    if row is None:
        return "–"
    if pd.isna(row["value"]):
        return "1 to 9 (suppressed)" if "suppressed" in str(row["flag"]) else "withheld (few certificates name drugs)"
    about = "about " if row["qualifier"] == "about" else ""
    # Final years came out one by one: the name of the file that holds them all is older than most of them.
    released = row["known"].isoformat() if row["dataset"] == "nvss-by-drug" else row["vintage"]
    source = row["source_id"] if row["dataset"] == "published-figures" else released
    return f"{about}{number(float(row['value']))} ({source})"
