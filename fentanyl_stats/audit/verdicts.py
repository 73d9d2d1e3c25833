"""The written rule that turns a claim's interval and the evidence into a verdict.

With delta = 0 the first rule is the two one-sided tests procedure at 5 % (Schuirmann 1987, J Pharmacokinet Biopharm
15:657); bounds with sampling error follow Imbens & Manski (2004, Econometrica 72:1845).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from ..data.names import VOCABULARY
from ..errors import StatsError, unknown
from ..model import Estimate, Interval, Period, finite

Label = Literal["SUPPORTED", "CLOSE", "CONTRADICTED", "NOT DETERMINED", "INCONCLUSIVE", "DEPENDS"]
Direction = Literal["overstates", "understates"]
LABELS: tuple[Label, ...] = ("SUPPORTED", "CLOSE", "DEPENDS", "NOT DETERMINED", "INCONCLUSIVE", "CONTRADICTED")
NAMED = 3
"""How many other quantities are named at most."""
DELTAS = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30)

MEANING: dict[Label, str] = VOCABULARY["verdicts"]
"""What each word says."""


class Verdict(str):
    """One of the verdict words; `direction` says how a contradicted claim errs.

    It is the word itself, so that it compares, sorts and serialises as one.

    >>> verdict = Verdict("CONTRADICTED", "overstates")
    >>> verdict == "CONTRADICTED", verdict.direction, f"{verdict}"
    (True, 'overstates', 'CONTRADICTED (overstates)')
    """

    label: Label
    direction: Direction | None

    def __new__(cls, label: Label, direction: Direction | None = None) -> Verdict:
        """Check the word and keep the direction beside it."""
        if label not in LABELS:
            raise StatsError(unknown("verdict", label, LABELS))
        self = super().__new__(cls, label)
        self.label, self.direction = label, direction
        return self

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Verdict):
            return (self.label, self.direction) == (other.label, other.direction)
        return str.__eq__(self, other) if isinstance(other, str) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __getnewargs__(self) -> tuple[Label, Direction | None]:  # type: ignore[override]
        return self.label, self.direction

    def __str__(self) -> str:
        return f"{self.label} ({self.direction})" if self.direction else self.label

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"<{self}>"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Identification bounds (equal for a plain estimate) with their standard errors, within [floor, ceiling].

    A complete count has standard error 0; sampling and revision error go into the standard errors.

    Raises
    ------
    StatsError
        If a number is NaN, the bounds are upside down, or a standard error is negative.
    """

    low: float
    high: float
    se_low: float = 0.0
    se_high: float = 0.0
    floor: float = -math.inf
    ceiling: float = math.inf

    def __post_init__(self) -> None:
        if any(math.isnan(x) for x in (self.low, self.high, self.se_low, self.se_high)):
            raise StatsError(f"evidence needs numbers, got bounds ({self.low}, {self.high})")
        if self.low > self.high:
            raise StatsError(f"evidence upside down: lower bound {self.low:g} above upper bound {self.high:g}")
        if self.se_low < 0 or self.se_high < 0:
            raise StatsError(f"a standard error is negative: {min(self.se_low, self.se_high):g}")

    @classmethod
    def within(cls, low: float, high: float, unit: str) -> Evidence:
        """Bounds of a quantity without sampling error: counts end at 0, percentages at 0 and 100."""
        return cls(low, high, floor=0.0, ceiling=100.0 if unit == "percent" else math.inf)

    def at(self, level: float) -> Interval:
        """The Imbens–Manski interval at a confidence level: the bounds themselves when there is no error."""
        if self.se_low == self.se_high == 0:
            return Interval(self.low, self.high).clipped(self.floor, self.ceiling)
        from ..stats.selection import imbens_manski  # SciPy is slow to import, and complete counts do not need it

        c = imbens_manski(self.high - self.low, self.se_low, self.se_high, level)
        wide = Interval(self.low - c * self.se_low, self.high + c * self.se_high)
        return wide.clipped(self.floor, self.ceiling)


Ends = Interval | Estimate | tuple[float, float]


def judge(
    claim_interval: Ends,
    widened_interval: Ends,
    estimate_90: Ends,
    estimate_95: Ends,
    identified: bool = True,
) -> Verdict:
    """The verdict on a claim.

    Parameters
    ----------
    claim_interval, widened_interval : Interval
        C and C+: what the words say, and what they say at their most generous.
    estimate_90, estimate_95 : Interval
        The evidence at two levels, widened by revision and identification. An Estimate or a pair of ends will do too.
    identified : bool
        Whether the bounds alone, without sampling error, would have reached one of the first three verdicts.

    Examples
    --------
    >>> nearly, wide = Interval(90_000, 100_000, "left"), Interval(80_000, 105_000, "left")
    >>> print(judge(nearly, wide, Interval(72_776, 72_776), Interval(72_776, 72_776)))
    CONTRADICTED (overstates)
    """
    c, wide, e90, e95 = map(_as_interval, (claim_interval, widened_interval, estimate_90, estimate_95))
    decided = _decided(c, wide, e90, e95)
    return decided or Verdict("INCONCLUSIVE" if identified else "NOT DETERMINED")


def identified(claim_interval: Interval, widened_interval: Interval, evidence: Evidence) -> bool:
    """Whether the bounds alone decide: with all standard errors 0, one of the first three verdicts applies."""
    bounds = Interval(evidence.low, evidence.high).clipped(evidence.floor, evidence.ceiling)
    return _decided(claim_interval, widened_interval, bounds, bounds) is not None


def judge_evidence(claim_interval: Interval, widened_interval: Interval, evidence: Evidence) -> Verdict:
    """`judge` on bounds with standard errors."""
    known = identified(claim_interval, widened_interval, evidence)
    return judge(claim_interval, widened_interval, evidence.at(0.90), evidence.at(0.95), known)


@dataclass(frozen=True, slots=True)
class Catalogued:
    """A published value of a quantity, as the catalogue of figures holds it."""

    quantity: str
    unit: str
    period: Period
    jurisdiction: str
    measure: str
    vintage: str
    value: float
    known: date = date.min

    @property
    def place(self) -> tuple[str, bool]:
        """Where it was counted: final counts of New York hold the whole state, the others leave out the city."""
        return self.jurisdiction, self.jurisdiction == "NY" and self.measure == "final"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "quantity": self.quantity,
            "measure": self.measure,
            "period": self.period.code,
            "vintage": self.vintage,
            "value": finite(self.value),
            "unit": self.unit,
        }


def wrong_quantity(
    verdict: Verdict,
    claim_interval: Interval,
    tested: Catalogued,
    catalogue: Iterable[Catalogued],
    widened_interval: Interval | None = None,
    value: float | None = None,
) -> tuple[Catalogued, ...]:
    """Other quantities of the same unit, place and period whose figure the words fit, where they do not fit their own.

    Parameters
    ----------
    claim_interval, widened_interval : Interval
        C, and C+, which counts where no figure lies in C.
    catalogue : iterable of Catalogued
        Published figures, of the same form as the one tested.
    value : float, optional
        The number as printed, by default the middle of C.

    Returns
    -------
    tuple of Catalogued
        At most three, the nearest to the number first; of a quantity its nearest figure alone, the newest where two are as
        near. Empty when the verdict is SUPPORTED or CLOSE, and for words without an end, such as "under 70,000".
    """
    open_ended = not (math.isfinite(claim_interval.low) and math.isfinite(claim_interval.high))
    if verdict.label in ("SUPPORTED", "CLOSE") or open_ended:
        return ()
    others = [
        other
        for other in catalogue
        if other.quantity != tested.quantity
        and (other.unit, other.period, other.place) == (tested.unit, tested.period, tested.place)
    ]
    inside = [other for other in others if other.value in claim_interval]
    if not inside and widened_interval is not None:
        inside = [other for other in others if other.value in widened_interval]
    said = (claim_interval.low + claim_interval.high) / 2 if value is None else value
    nearest: dict[str, Catalogued] = {}
    for other in sorted(inside, key=lambda other: (abs(other.value - said), -other.known.toordinal())):
        nearest.setdefault(other.quantity, other)
    return tuple(nearest.values())[:NAMED]


def _as_interval(ends: Ends) -> Interval:
    if isinstance(ends, Interval):
        return ends
    if isinstance(ends, Estimate):
        return ends.interval
    if isinstance(ends, tuple | list) and len(ends) == 2:
        return Interval(*ends)
    raise StatsError(f"an interval is an Interval, an Estimate or a pair of ends, not {ends!r:.60}")


def _decided(c: Interval, wide: Interval, e90: Interval, e95: Interval) -> Verdict | None:
    if e90 in c:
        return Verdict("SUPPORTED")
    if e90 in wide:
        return Verdict("CLOSE")
    if not e95.overlaps(wide):
        return Verdict("CONTRADICTED", "overstates" if e95.high <= c.low else "understates")
    return None
