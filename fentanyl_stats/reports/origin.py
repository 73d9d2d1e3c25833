"""The data behind the page of the 97%: what would have to be true, in pictures and sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..audit import balance, hearing, origin, published, routes
from ..audit.assess import Assessment
from ..audit.origin import Assumptions
from ..audit.published import percent
from ..audit.words import times
from ..charts._claims import said_and_found as draw_said
from ..charts._origin import contrast as draw_contrast
from ..charts._origin import tipping as draw_tipping
from ..errors import NotPublished
from ..model import Interval, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .parameters import Origin


@dataclass(frozen=True, slots=True)
class Page:
    """What seizures and assumptions say of the claimed share.

    `years` are the periods under the stand-in, as `audit.origin.shares` gives them; `contrast` adds those published
    before the seizure file starts. `target` is the claimed share and `least` the least that the words allow, fractions.
    """

    assessment: Assessment
    assumed: Assumptions
    found: routes.Routes
    years: pd.DataFrame
    contrast: pd.DataFrame
    target: float
    least: float
    as_of: str | None

    @property
    def claimed(self) -> str:
        """The claimed share in words."""
        return f"{number(round(100 * self.target, 6))}%"

    @property
    def pivot(self) -> pd.Series:
        """The period that the natural reading speaks of, else the newest closed one."""
        natural = self.assessment.natural
        named = self.years[self.years["period"] == (natural.period if natural else "")]
        closed = self.years[self.years["status"] == "closed"]
        chosen: pd.Series = next(rows for rows in (named, closed, self.years) if len(rows)).iloc[-1]
        return chosen

    def tipping_chart(self) -> Axes:
        """Share of the flow against interception ratio."""
        a = self.assumed
        return draw_tipping(
            origin.curves(self.years),
            self.years,
            target=self.target,
            plausible=a.ratio,
            plausible_label=f"assumed to be\nplausible:\n{times(a.ratio.low, a.ratio.high)}",
            direct=routes.words(self.found.direct),
            pivot=self._judged,
            source=f"Source: {self._basis}; gross pounds made pure with {percent(a.purity_direct)} for the direct route and "
            f"{percent(a.purity_other)} for the other, the end of each that favours the claim. No source gives an interception "
            f"ratio. {self._shading}" + (" *: year not over." if "open" in set(self.years["status"]) else ""),
        )

    @property
    def lead(self) -> str:
        """What the claim takes over all years, before the one that is judged, and why that one is."""
        least, most = (
            self.years.loc[i] for i in (self.years["tipping_low"].idxmin(), self.years["tipping_low"].idxmax())
        )
        span = " to ".join(dict.fromkeys(f"{times(row['tipping_low'])} ({row['period']})" for row in (least, most)))
        within = self.years["tipping_low"] <= self.assumed.ratio.high
        text = (
            f"Even with the purities that favour it most, {self.claimed} takes all else being intercepted {span} as often. "
            f"At most {times(self.assumed.ratio.high)} is assumed to be plausible, which is enough in {int(within.sum())} of "
            f"{len(within)} periods."
        )
        if not self._judged:
            return text
        natural, first = self.assessment.natural, next(iter(self.assessment.ladder), None)
        reason = natural.reason.partition(". ")[0] if natural else ""
        heard = f" ({first.who}, {first.date})" if first else ""
        return f"{text} {self._judged} is the year judged: {reason[:1].lower()}{reason[1:]}{heard}."

    @property
    def _judged(self) -> str:
        """The period of the natural reading, if the picture has it."""
        natural = self.assessment.natural
        return natural.period if natural and natural.period == self.pivot["period"] else ""

    @property
    def sentence(self) -> str:
        """What the picture shows."""
        p, most = self.pivot, self.assumed.ratio.high
        if math.isinf(p["tipping_low"]):
            return f"In {p['period']} nothing was seized on the direct route; no interception ratio makes that {self.claimed}."
        reached = self.years[self.years["tipping_low"] <= most]["period"].tolist()
        return (
            f"In {p['period']}, {100 * p['gross']:.1f}% of the seized weight and {percent(Interval(p['pure_low'], p['pure_high']))} "
            f"of the pure weight were on the direct route. For {self.claimed} of the flow, all else would have to be intercepted "
            f"{times(p['tipping_low'], p['tipping_high'])} as often as the direct route by pure weight (the picture shows the "
            f"lower number, which favours the claim); were everything equally pure, that is by raw weight, "
            f"{times(p['tipping_gross'])}. The assumed interception allows up to {times(most)}, which reaches {self.claimed} in "
            f"{', '.join(reached) or 'no year'}."
        )

    def contrast_chart(self) -> Axes:
        """Before and after the class control of 2019."""
        early = self.contrast[self.contrast["basis"] != "cbp-seizures"]
        cited = dict.fromkeys(", ".join(early["basis"]).replace("cbp-seizures", "").strip(", ").split(", "))
        stand_ins = self.contrast.groupby("what", sort=False)["period"].agg(", ".join)
        return draw_contrast(
            self.contrast,
            claimed=self.assessment.claim_interval,
            flow_label="thin lines: the flow, if all else is intercepted "
            f"{times(self.assumed.ratio.low, self.assumed.ratio.high)} as often",
            source=f"Source: published figures {', '.join(filter(None, cited))}; {self._file}. What counts as direct differs: "
            + "; ".join(f"{periods}: {what}" for what, periods in stand_ins.items())
            + f". Class control of fentanyl in China took effect on {origin.CLASS_CONTROL}.",
        )

    @property
    def contrast_sentence(self) -> str:
        """How the picture changed with 2019."""
        parts = []
        for group, rows in self.contrast.groupby("group", sort=False):
            possible = rows[rows["flow_high"] >= self.target]["period"].tolist()
            span = percent(Interval(rows["pure_low"].min(), rows["pure_high"].max()))
            parts.append(
                f"{group}, the direct route had {span} of the seized pure weight, and within the assumed interception "
                f"{self.claimed} of the flow was possible in {', '.join(possible) or 'no period'}"
            )
        return ". ".join(part[0].upper() + part[1:] for part in parts) + "."

    @property
    def balance_sentence(self) -> str:
        """In which years the claimed direct share cannot be."""
        b = balance.balance(self.found, self.assumed, self.target)
        if b.empty:
            return "No period is closed, so seizures and consumption cannot be set against each other."
        impossible = b[~b["possible"]]["period"].tolist()
        if not impossible:
            return f"Seizures and the assumed consumption exclude a direct share of {self.claimed} in no year."
        return (
            f"With the assumed consumption and purities, a direct share of {self.claimed} is impossible in "
            f"{', '.join(impossible)}: more pure fentanyl was seized on a route than could have flowed there."
        )

    def said_chart(self) -> Axes:
        """The statements of the day of the hearing beside the readings."""
        cited = dict.fromkeys(step.source for step in self.assessment.ladder if step.date == hearing.DAY)
        return draw_said(
            hearing.said_and_found(self.assessment),
            title=f"What was said on {hearing.DAY}, and what is held",
            source=f"Source: {', '.join(cited)} (statements); {self._file} and published figures (readings). A seizure share is "
            "not a flow share, and precursors are not fentanyl.",
        )

    @property
    def _file(self) -> str:
        source = self.found.source
        return f"{source.publisher}, vintage {source.vintage}" if source else "no seizure file"

    @property
    def _basis(self) -> str:
        cited = dict.fromkeys(name for basis in self.years["basis"] for name in basis.split(", "))
        figures = [name for name in cited if name != "cbp-seizures"]
        parts = [self._file] if "cbp-seizures" in cited else []
        return "; ".join(parts + ([f"published figures {', '.join(figures)}"] if figures else []))

    @property
    def _shading(self) -> str:
        try:
            known = published.inspection(self.as_of)
        except NotPublished:
            return "Shaded: the assumed interception of both routes."
        said = f"published shares of vehicles inspected, {known.words} ({', '.join(known.ids)})"
        if self.assumed.interception_direct == self.assumed.interception_other == known.interval:
            return f"Shaded: both routes intercepted anywhere within the {said}."
        return f"Shaded: the interception that the reader set, not the {said}."


def page(p: Origin, assessment: Assessment) -> Page | None:
    """The page under the parameters; None when no weight under the stand-in was published by the day asked for.

    Raises
    ------
    DataError
        If the stand-in leaves nothing to the other route.
    """
    try:
        found = routes.routes(p.direct, p.day)
    except NotPublished:
        return None
    assert assessment.phrase is not None and assessment.claim_interval is not None
    target = assessment.phrase.value / 100
    years = origin.shares(found, p.assumed, target)
    early = origin.shares(routes.before(p.day), p.assumed, target)
    least = assessment.claim_interval.low / 100
    return Page(assessment, p.assumed, found, years, origin.contrast(early, years), target, least, p.day)
