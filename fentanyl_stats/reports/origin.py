"""The data behind the page of the 97%: what would have to be true, in tables, pictures and sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from ..audit import balance, hedges, origin, published, routes
from ..audit.assess import Assessment
from ..audit.origin import Assumptions
from ..audit.published import percent
from ..charts._contrast import contrast as draw_contrast
from ..charts._said import said_and_found as draw_said
from ..charts._tipping import tipping as draw_tipping
from ..errors import NotPublished, StatsError
from ..model import Interval, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .parameters import Origin

HEARING = "2024-04-16"
_SPLIT = date(2019, 5, 1)
"""Chinese class control of fentanyl substances took effect (events, china-class-scheduling-effective)."""
_DATA = "CBP, drug seizures"


@dataclass(frozen=True, slots=True)
class Page:
    """What seizures and assumptions say of the claimed share; `years` are the periods under the stand-in."""

    assessment: Assessment
    assumed: Assumptions
    found: routes.Routes
    years: pd.DataFrame
    early: pd.DataFrame
    target: float
    as_of: str | None

    @property
    def claimed(self) -> str:
        """The claimed share in words."""
        return f"{number(round(100 * self.target, 6))}%"

    @property
    def pivot(self) -> pd.Series:
        """The period that the natural reading speaks of, or the newest closed one."""
        natural = self.assessment.natural
        rows = self.years[self.years["period"] == (natural.period if natural else "")]
        closed = self.years[self.years["status"] == "closed"]
        chosen: pd.Series = (rows if len(rows) else closed if len(closed) else self.years).iloc[-1]
        return chosen

    def assumptions(self) -> pd.DataFrame:
        """Each assumption with what was published of it."""
        a = self.assumed
        inspected = self._known(published.inspection)
        rows = [
            ("counts as straight from China", routes.words(self.found.direct), "no publisher gives the country of departure"),
            ("purity, straight from China", percent(a.purity_direct), self._known(lambda day: published.purity("direct", day))),
            ("purity, all else", percent(a.purity_other), self._known(lambda day: published.purity("other", day))),
            ("interception, straight from China", percent(a.interception_direct), f"none; vehicles inspected at the border: {inspected}"),
            ("interception, all else", percent(a.interception_other), f"none; vehicles inspected at the border: {inspected}"),
            ("so the other route is intercepted", f"{_times(a.ratio.low)} to {_times(a.ratio.high)} as often", "no source gives this ratio"),
            ("consumed in a year, at most", f"{number(a.consumption_tonnes)} tonnes, pure", self._consumption()),
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["assumption", "taken here", "published"])

    def tipping_chart(self) -> Axes:
        """True share against interception ratio."""
        ratio = self.assumed.ratio
        return draw_tipping(
            origin.curves(self.years),
            self.years,
            target=self.target,
            plausible=ratio,
            plausible_label=f"what the assumed\ninterception allows:\n{_times(ratio.low)} to {_times(ratio.high)}",
            direct=routes.words(self.found.direct),
            source=f"Source: {self._basis}; gross pounds made pure with {percent(self.assumed.purity_direct)} for the direct route and "
            f"{percent(self.assumed.purity_other)} for the other, the end of each that favours the claim. No source gives an "
            f"interception ratio. {self._shading} *: year not over.",
        )

    @property
    def sentence(self) -> str:
        """What the picture shows, in words."""
        p = self.pivot
        if not math.isfinite(p["tipping_low"]):
            return f"In {p['period']} nothing was seized on the direct route, so no interception ratio makes its share {self.claimed}."
        reached = self.years[self.years["tipping_low"] <= self.assumed.ratio.high]["period"].tolist()
        verdict = (
            f"The assumed interception reaches {self.claimed} in {', '.join(reached)}."
            if reached
            else f"The assumed interception, up to {_times(self.assumed.ratio.high)}, reaches {self.claimed} in no year."
        )
        return (
            f"In {p['period']}, {100 * p['gross']:.1f}% of the seized weight and {percent(Interval(p['pure_low'], p['pure_high']))} of the "
            f"pure weight were on the direct route. For {self.claimed} of the flow, the other route would have to be intercepted "
            f"{_times(p['tipping_low'])} to {_times(p['tipping_high'])} as often as the direct one. {verdict}"
        )

    def table(self) -> pd.DataFrame:
        """Pure against gross, year by year."""
        y = self.years
        floor = self.assessment.claim_interval.low / 100 if self.assessment.claim_interval else self.target
        return pd.DataFrame(
            {
                "period": [f"{p}{' (open)' if s == 'open' else ''}" for p, s in zip(y["period"], y["status"], strict=True)],
                "direct, lb": [number(round(x)) for x in y["direct_lb"]],
                "all else, lb": [number(round(x)) for x in y["other_lb"]],
                "gross": [f"{100 * x:.2f}%" for x in y["gross"]],
                "pure": _spans(y["pure_low"], y["pure_high"]),
                "pure, with resampling": _spans(y["im_low"], y["im_high"]),
                "effective rows": ["–" if pd.isna(x) else f"{x:.0f}" for x in y["effective_rows"]],
                f"ratio for {self.claimed}": [f"{_times(a)} to {_times(b)}" for a, b in zip(y["tipping_low"], y["tipping_high"], strict=True)],
                f"ratio for {100 * floor:g}%": [_times(origin.tipping(share, floor)) for share in y["pure_high"]],
                "flow": _spans(y["flow_low"], y["flow_high"]),
                "rest of that origin": _spans(y["needed_low"], y["needed_high"]),
                "purity elsewhere": [f"{100 * x:.2g}%" for x in y["purity_needed"]],
            }
        )  # fmt: skip

    @property
    def note(self) -> str:
        """How the columns of the table are to be read."""
        return (
            f"Pure: over the assumed purities. With resampling: a 95% Imbens–Manski interval that adds how far the share hangs on single "
            f"rows of the file, which are sums of an office and a month; seizures are heavier-tailed, so it is a least width (seed "
            f"{self.assumed.seed}). Ratio: how many times as often the other route would have to be intercepted. Flow: what the assumed "
            f"interception leaves possible. Rest of that origin: the part of all that did not come straight from China that would have "
            f"to be made there or from its precursors for {self.claimed}. Purity elsewhere: the purity of all else at which the seized "
            f"share itself would be {self.claimed}."
        )

    def contrast_chart(self) -> Axes:
        """Before and after the class control of 2019."""
        rows = self._contrast()
        return draw_contrast(
            rows,
            claimed=self.assessment.claim_interval,
            flow_label=f"thin lines: the flow, if the other route is intercepted {_times(self.assumed.ratio.low)} to {_times(self.assumed.ratio.high)} as often",
            source=f"Source: published figures {', '.join(dict.fromkeys(', '.join(self.early['basis']).split(', ')))}; {self._basis}. Stand-ins differ: "
            + "; ".join(f"{row.period}: {row.what}" for row in self.early.itertuples())
            + f"; fiscal years: {routes.words(self.found.direct)}. Class control of fentanyl in China took effect on {_SPLIT}.",
        )

    @property
    def contrast_sentence(self) -> str:
        """How the picture changed with 2019."""
        rows = self._contrast()
        before, after = rows[rows["end"] < _SPLIT], rows[rows["end"] >= _SPLIT]
        if before.empty or after.empty:
            return "There is nothing to set the one side of 2019 against."
        words = [
            f"{len(part)} published stand-ins {when} give {percent(Interval(part['pure_low'].min(), part['pure_high'].max()))} of the pure weight"
            for part, when in ((before, "before May 2019"), (after, "after it"))
        ]
        held = before[before["flow_high"] >= self.target]["period"].tolist()
        reach = (
            f"Within the assumed interception {self.claimed} of the flow was possible in {', '.join(held)}"
            if held
            else f"Within the assumed interception {self.claimed} of the flow was not possible before it"
        )
        later = after[after["flow_high"] >= self.target]["period"].tolist()
        return f"{words[0]}, {words[1]}. {reach}; after it in {', '.join(later) if later else 'no period'}."

    def balance_table(self) -> pd.DataFrame:
        """What the consumption figure allows, year by year; empty if there is no closed fiscal year."""
        b = balance.balance(self.found, self.assumed, self.target)
        if b.empty:
            return b
        return pd.DataFrame(
            {
                "period": b["period"],
                "seized, pure kg": [f"{number(round(x))} to {number(round(z))}" for x, z in zip(b["seized_kg_low"], b["seized_kg_high"], strict=True)],
                "of the whole flow": _spans(b["interception_low"], b["interception_high"]),
                "direct share possible": _spans(b["share_low"], b["share_high"]),
                f"if {self.claimed}: direct intercepted": [f"{100 * x:.1f}%" for x in b["direct_rate"]],
                f"if {self.claimed}: all else intercepted": [f"{100 * x:.0f}%" for x in b["other_rate"]],
                "possible": ["yes" if x else "no: more seized than flowed" for x in b["possible"]],
                "Monte Carlo": [self._simulated(period) for period in b["period"]],
            }
        )  # fmt: skip

    @property
    def balance_note(self) -> str:
        """How the balance is to be read."""
        return (
            f"At most {number(self.assumed.consumption_tonnes)} tonnes of pure fentanyl consumed in a year; stocks, losses and exports are left out. "
            f"A ceiling of consumption gives the widest bounds. Monte Carlo: median and 95% interval of the direct share, purities even and "
            f"interception log-even over their ranges, weighted by a consumption that is even up to the ceiling (seed {self.assumed.seed}); it states "
            f"assumptions and measures nothing."
        )

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
            f"With the assumed consumption and purities, a direct share of {self.claimed} is impossible in {', '.join(impossible)}: more pure "
            "fentanyl was seized elsewhere than could have flowed there."
        )

    def purity_table(self) -> pd.DataFrame:
        """What each published purity implies for the pivot period."""
        p = self.pivot
        t = origin.by_purity(p["direct_lb"], p["other_lb"], self.assumed, self.target, self.as_of)
        shown = {"figure": t["id"], "purity of": t["quantity"], "printed": t["printed"], "period": t["when"]}
        implied = {
            "share of pure weight": [f"{100 * x:.1f}%" for x in t["pure"]],
            f"ratio for {self.claimed}": t["tipping"].map(_times),
        }
        return pd.DataFrame(shown | implied)

    def interception_table(self) -> pd.DataFrame:
        """What each published rate of inspection implies for the pivot period."""
        t = origin.by_interception(float(self.pivot["tipping_low"]), self.as_of)
        kinds = {
            published.PLANNED: "planned",
            published.COCAINE: "of cocaine",
            published.SCREENED: "screened, not opened",
        }
        return pd.DataFrame(
            {
                "figure": t["id"],
                "what": t["quantity"],
                "printed": t["printed"],
                "period": t["when"],
                "speaks of": ["all else" if r == "other" else "the direct route" for r in t["route"]],
                "kind": [kinds.get(k, k) for k in t["kind"]],
                f"for {self.claimed} the opposite route": [
                    "–" if pd.isna(x) else f"{100 * x:.2g}%" if ok else "above 100%: impossible"
                    for x, ok in zip(t["needed"], t["possible"], strict=True)
                ],
            }
        )

    def said_chart(self) -> Axes:
        """The statements of the day of the hearing beside the readings."""
        return draw_said(
            said_and_found(self.assessment),
            title=f"What was said on {HEARING}, and what is held",
            source="Source: " + ", ".join(dict.fromkeys(a.source for a in self.assessment.ladder if a.date == HEARING))
            + f" (statements); {self._basis} and published figures (readings). A seizure share is not a flow share, and precursors are not fentanyl.",
        )  # fmt: skip

    def evidence(self) -> pd.DataFrame:
        """What would settle the question, and what it would have to show."""
        p, floor = self.pivot, self.assessment.claim_interval
        least = f"{floor.low:g}%" if floor else self.claimed
        needed = percent(Interval(p["needed_low"], p["needed_high"]))
        rows = [
            ("random, not targeted, inspection of mail, express parcels and vehicles, with the share of hidden test loads found",
             f"the other route intercepted at least {_times(p['tipping_low'])} as often as the direct one ({p['period']})", "a ratio below that"),
            ("single seizures with weight, measured purity and country of departure", f"pure weight that comes straight from China at {least} or more once corrected for interception",
             "less than that, in every year"),
            ("chemical profiles of a random sample of seized and sold fentanyl, traced to its precursors", f"{needed} of what did not come straight from China made from Chinese precursors",
             "a smaller part"),
            ("precursor production and shipments by country, licit and illicit apart, with a denominator", f"China's part of the illicit supply above {self.claimed}, as the committee said of precursors",
             "a part whose interval ends below it"),
            ("consumption from waste water or surveys, with an error", "a flow so large that the seizures elsewhere fit into what is left for them", f"a flow at which {self.claimed} leaves less than was seized elsewhere"),
            ("the method behind the estimate: its author, data, definition of “comes from” and error", f"a definition and an interval that hold {self.claimed}", "no method, or another object than fentanyl that enters the country"),
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["evidence", "would bear the claim out", "would refute it"])

    def _contrast(self) -> pd.DataFrame:
        parts = [self._early_shares(), self.years]
        rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
        rows = rows.drop_duplicates(["period", "direct_lb"]).sort_values(
            ["end", "period"], kind="stable", ignore_index=True
        )
        group = [f"before May {_SPLIT.year}" if end < _SPLIT else f"May {_SPLIT.year} and after" for end in rows["end"]]
        return rows.assign(group=group)

    def _early_shares(self) -> pd.DataFrame:
        return (
            origin.shares(routes.Routes("", self.early, {}, None), self.assumed, self.target)
            if len(self.early)
            else self.early
        )

    def _simulated(self, period: str) -> str:
        row = self.years[self.years["period"] == period].iloc[0]
        try:
            made = balance.simulate(row["direct_lb"], row["other_lb"], self.assumed)
        except StatsError:
            return "assumptions exclude each other"
        return f"{100 * (made.share.value or 0):.0f}% ({percent(made.share.interval)})"

    @property
    def _basis(self) -> str:
        source = self.found.source
        file = f"{_DATA}, vintage {source.vintage}" if source else _DATA
        cited = {name for basis in self.years["basis"] for name in basis.split(", ")} - {"cbp-seizures"}
        return f"{file}" + (f" and figures {', '.join(sorted(cited))}" if cited else "")

    @property
    def _shading(self) -> str:
        try:
            known = published.inspection(self.as_of)
        except NotPublished:
            return "Shaded: the assumed interception of both routes."
        ids = ", ".join(known.ids)
        if self.assumed.interception_direct == self.assumed.interception_other == known.interval:
            return f"Shaded: both routes intercepted anywhere between the lowest and highest published share of vehicles inspected, {known.words} ({ids})."
        return f"Shaded: the interception set by the reader; published shares of vehicles inspected are {known.words} ({ids})."

    def _known(self, ask: object) -> str:
        try:
            known: published.Range = ask(self.as_of)  # type: ignore[operator]
        except NotPublished:
            return "nothing by that day"
        return f"{known.words} ({', '.join(known.ids)})"

    def _consumption(self) -> str:
        try:
            value, name = published.consumption(self.as_of)
        except NotPublished:
            return "nothing by that day"
        return f"under {number(value)} tonnes in 2021 ({name}), a thought experiment of its authors"


def page(p: Origin, assessment: Assessment) -> Page | None:
    """The page under the parameters; None when nothing that it needs was published by the day asked for."""
    try:
        found = routes.routes(p.direct, p.day)
    except NotPublished:
        return None
    assert assessment.phrase is not None
    target = assessment.phrase.value / 100
    years = origin.shares(found, p.assumed, target)
    return Page(assessment, p.assumed, found, years, routes.before(p.day), target, p.day)


def said_and_found(assessment: Assessment) -> pd.DataFrame:
    """The statements of the hearing's day and the readings that bear on their object, in the form of the chart.

    Examples
    --------
    >>> from fentanyl_stats import assess
    >>> rows = said_and_found(assess("origin-share"))
    >>> rows["kind"].value_counts().to_dict()["said"]
    5
    """
    rows = []
    for step in (a for a in assessment.ladder if a.date == HEARING and a.value is not None):
        group = "precursors" if "precursor" in step.object else "fentanyl"
        spoken = hedges.phrase(step.hedge, float(step.value or 0), "percent")
        span = spoken.truth(assessment.delta).clipped(0, 100)
        rows.append(
            (f"Said of {group}", f"{step.who}: {step.object}", span.low, span.high, step.value, "said", str(spoken))
        )
    natural = assessment.natural
    window = natural.window if natural else None
    for reading in assessment.readings:
        unmeasured = "not measured" in reading.flags
        if not (unmeasured or reading.window == window or "mail" in reading.quantity):
            continue
        group = "precursors" if reading.quantity.endswith("precursors") else "fentanyl"
        weight = (
            {"pure": "pure weight", "none": "gross"}.get(reading.correction, reading.correction)
            if reading.measure == "weight"
            else ""
        )
        label = ", ".join(filter(None, (reading.label, reading.window.short, weight)))
        rows.append(
            (
                f"Held of {group}",
                label,
                reading.low,
                reading.high,
                reading.value,
                "not measured" if unmeasured else "measured",
                reading.shown,
            )
        )
    frame = pd.DataFrame(rows, columns=["group", "label", "low", "high", "value", "kind", "shown"])
    order = ["Said of precursors", "Held of precursors", "Said of fentanyl", "Held of fentanyl"]
    return frame.sort_values("group", key=lambda g: g.map(order.index), kind="stable", ignore_index=True)


def _times(ratio: float) -> str:
    if not math.isfinite(ratio):
        return "infinitely many times"
    return f"{number(round(ratio))} times" if ratio >= 9.5 else f"{ratio:.2g} times"


def _spans(low: pd.Series, high: pd.Series) -> list[str]:
    return ["–" if pd.isna(a) else percent(Interval(a, b)) for a, b in zip(low, high, strict=True)]
