"""The data behind the theme pages, in the form that charts and tables take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..analysis import seizures as seizure_shares
from ..audit import quantities as office_counts
from ..audit.assess import Assessment
from ..charts._offices import offices as draw_offices
from ..charts._origin import seizure_shares as draw_shares
from ..charts._origin import seizures as draw_seizures
from ..data import store
from ..errors import NotPublished
from ..model import Source, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Seizures:
    """The seizure table with its shares by year."""

    frame: pd.DataFrame
    years: pd.DataFrame
    source: Source

    @property
    def note(self) -> str:
        """Source, vintage and trap."""
        return f"Elsewhere: not at the Southwest border. {seizure_shares.CAUTION.capitalize()}."

    def by_region(self) -> Axes:
        """Weight by region and year."""
        return draw_seizures(self.frame, source=self._cited)

    def shares(self, assessment: Assessment) -> Axes:
        """The share away from the Southwest border against the claim."""
        return draw_shares(
            self.years,
            claimed=assessment.claim_interval,
            wide=assessment.widened_interval,
            claim_label=f"claimed: {assessment.phrase} from China",
            source=f"{self._cited} {seizure_shares.CAUTION.capitalize()}.",
        )

    def table(self) -> pd.DataFrame:
        """Figures by fiscal year, as a reader reads them."""
        y = self.years
        return pd.DataFrame(
            {
                "fiscal year": [f"FY{year}" for year in y["fiscal_year"]],
                "seized, gross pounds": [number(round(x)) for x in y["pounds"]],
                "of that elsewhere, pounds": [number(round(x)) for x in y["pounds_elsewhere"]],
                "elsewhere, % of weight": [f"{x:.2f}" for x in y["share_weight"]],
                "seizures, events": [number(x) for x in y["events"]],
                "of that elsewhere, events": [number(x) for x in y["events_elsewhere"]],
                "elsewhere, % of events": [f"{x:.1f}" for x in y["share_events"]],
                "remark": ["The year is still open and runs low." if s == "open" else "" for s in y["status"]],
            }
        )

    @property
    def _cited(self) -> str:
        return f"Source: {self.source.publisher}, vintage {self.source.vintage}; ports of entry and Border Patrol, gross pounds."


def seizures(as_of: str | None = None) -> Seizures | None:
    """The seizure table as known on a day; None when none was."""
    try:
        frame = store.load("cbp-seizures", as_of=as_of)
    except NotPublished:
        return None
    return Seizures(frame, seizure_shares.shares(as_of), frame.attrs["source"])


def offices(as_of: str | None, found: list[Assessment]) -> Axes:
    """Offices and countries over time, with the claimed numbers."""
    claims = {
        a.claim.id: a.phrase.value for a in found if a.phrase and a.claim.id in ("foreign-offices", "foreign-countries")
    }
    counts = {
        "foreign offices": office_counts.counts(as_of=as_of),
        "countries": office_counts.counts("foreign", "countries", as_of),
    }
    return draw_offices(
        {name: rows for name, rows in counts.items() if len(rows)},
        claims=claims,
        source="Source: texts named in the table; the 81 of 16 September 2024 is a rewrite's count after the closures.",
    )


def office_table(as_of: str | None) -> pd.DataFrame:
    """Every published count of offices and countries."""
    rows = store.load("dea-offices", as_of=as_of)
    return pd.DataFrame(
        {
            "as of": rows["as_of"],
            "scope": rows["scope"],
            "offices": [_count(x) for x in rows["offices"]],
            "countries": [_count(x) for x in rows["countries"]],
            "official": ["yes" if s in office_counts.OFFICIAL else "no" for s in rows["source_id"]],
            "source": rows["source_id"],
            "remark": rows["note"].fillna(""),
        }
    )


def _count(value: object) -> str:
    return "–" if pd.isna(value) else number(float(value))  # type: ignore[arg-type]
