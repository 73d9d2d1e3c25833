"""What stands beside the seizures of the supply page: laboratory reports, printed purities and pills, printed totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..audit import laboratory, ledger
from ..audit import printed as printed_figures
from ..charts._supply import laboratory as draw_laboratory
from ..charts._supply import purity as draw_purity
from ..errors import NotPublished
from ..model import Source, amount, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVELS = {
    "primary": "the publisher itself", "primary-copy": "a copy of the publisher's text", "abstract": "an abstract",
    "secondary": "a report of it", "secondary-copy": "a copy of a report", "tertiary": "third hand",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Laboratory reports by half-year."""

    frame: pd.DataFrame
    as_of: str | None

    @property
    def source(self) -> Source:
        """The table of reports."""
        found: Source = self.frame.attrs["source"]
        return found

    @property
    def sentence(self) -> str:
        """The peak and the last half-year with all reports in."""
        done = self.frame[self.frame["complete"]]
        if done.empty:
            return "No half-year is complete yet."
        top, last = done.loc[done["fentanyl"].idxmax()], done.iloc[-1]
        late = self.frame[~self.frame["complete"]]
        rest = f" {len(late)} later half-years are still incomplete." if len(late) else ""
        return (
            f"Laboratories reported fentanyl most often in the {_half(top['half'])} ({number(float(top['fentanyl']))} "
            f"reports); in the {_half(last['half'])}, the last that counts as complete, {number(float(last['fentanyl']))}.{rest}"
        )

    @property
    def note(self) -> str:
        """Source, vintage and trap."""
        return (
            f"Source: {self.source.publisher}, {self.source.id} {self.source.vintage}, whole country; "
            f"{laboratory.CAUTION}."
        )

    def chart(self) -> Axes:
        """Reports over the pounds of the same half-years."""
        seized: Source | None = self.frame.attrs["seizures"]
        beside = f" Pounds: {seized.publisher}, {seized.id} {seized.vintage}, all regions." if seized else ""
        return draw_laboratory(self.frame, source=self.note + beside)

    def substances(self) -> pd.DataFrame:
        """The commonest substances by complete calendar year."""
        table = laboratory.substances(self.as_of)
        return table.apply(
            lambda column: column if column.name == "substance" else column.map(lambda n: number(float(n)))
        )


def reports(as_of: str | None = None) -> Laboratory | None:
    """Laboratory reports as known on a day; None when none were."""
    try:
        return Laboratory(laboratory.half_years(as_of), as_of)
    except NotPublished:
        return None


@dataclass(frozen=True, slots=True)
class Printed:
    """Figures of purity and pills as printed."""

    rows: pd.DataFrame

    @property
    def sources(self) -> tuple[Source, ...]:
        """The texts that print them."""
        known = ledger.read().using("sources").sources
        return tuple(known[i] for i in self.rows["id"] if i in known)

    def chart(self) -> Axes:
        """Each figure over its period."""
        cited: Source = self.rows.attrs["source"]
        source = f"Source: {cited.id} {cited.vintage}; publisher and words of each figure stand in the table."
        return draw_purity(self.rows, source=source)

    def table(self) -> pd.DataFrame:
        """Every figure with its words."""
        r = self.rows
        return pd.DataFrame(
            {
                "figure": r["id"],
                "what": r["quantity"],
                "printed": [
                    f"{'' if q == 'bare' else q.replace('-', ' ') + ' '}{amount(float(v), u)}"
                    for v, q, u in zip(r["value"], r["qualifier"], r["unit"], strict=True)
                ],
                "period": [_period(a, b) for a, b in zip(r["period_start"], r["period_end"], strict=True)],
                "published": r["date_published"],
                "publisher": r["publisher"],
                "read in": [LEVELS.get(level, level) for level in r["level"]],
                "words, and remark": [
                    " ".join(filter(None, (f"“{q}”" if q else "", n)))
                    for q, n in zip(r["quote"].fillna(""), r["note"].fillna(""), strict=True)
                ],
            }
        )


def printed(as_of: str | None = None) -> Printed | None:
    """Printed figures known on a day; None when there were none."""
    try:
        rows = laboratory.published(as_of)
    except NotPublished:
        return None
    return Printed(rows) if len(rows) else None


def printed_totals(as_of: str | None = None) -> pd.DataFrame:
    """Totals printed elsewhere beside the sums of the file."""
    rows = printed_figures.totals(as_of)
    return pd.DataFrame(
        {
            "figure": rows["id"],
            "what": rows["quantity"] + ", " + rows["place"].map(_place),
            "period": [_period(a, b) for a, b in zip(rows["period_start"], rows["period_end"], strict=True)],
            "printed, pounds": [number(x) for x in rows["printed"]],
            "file, pounds": [number(round(x, 2)) for x in rows["file"]],
            "printed against file, %": [f"{round(x, 2) + 0.0:+.2f}" for x in rows["difference"]],
            "remark": ["unexplained" if "unresolved" in str(f) else "" for f in rows["flag"]],
        }
    )


def _place(place: str) -> str:
    return "nationwide" if place == "us" else place.replace("-", " ")


def _half(half: str) -> str:
    return f"{'first' if half.endswith('1') else 'second'} half of {half[:4]}"


def _period(start: object, end: object) -> str:
    texts = ["" if pd.isna(x) else str(x) for x in (start, end)]
    return " to ".join(filter(None, texts)) or "not given"
