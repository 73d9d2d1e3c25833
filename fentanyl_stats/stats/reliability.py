"""When a rate is too uncertain to rely on, and what a suppressed cell can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import StatsError
from ..model import Interval
from ._columns import chosen, column, once
from ._numbers import FloatArray, number
from .poisson import exact_limits

SUPPRESSED = Interval(1, 9)
"""What a suppressed cell holds: CDC WONDER hides the counts 1 to 9; 0 is shown."""


@dataclass(frozen=True, slots=True)
class ReliabilityRule:
    """A publisher's rule for flagging a rate; a rate that breaks it is flagged, never dropped.

    `fewest` is the smallest count that may pass, `widest` the largest relative width of the exact 95 %
    interval, 100·(U − L)/n in percent, None where the rule does not look at it.

    >>> classic.unreliable(np.array([19, 20]))
    array([ True, False])
    """

    name: str
    fewest: int
    widest: float | None
    citation: str

    def unreliable(self, count: Any) -> npt.NDArray[np.bool_]:
        """Whether each count breaks the rule; a missing count does."""
        n = column(count, "count", whole=True)
        narrow = True if self.widest is None else relative_width(n) <= self.widest
        return ~np.asarray((n >= self.fewest) & narrow)


classic = ReliabilityRule("classic", 20, None, "CDC WONDER, Multiple Cause of Death: rates on fewer than 20 deaths")
nchs2023 = ReliabilityRule(
    "nchs2023",
    10,
    160.0,
    "NCHS data presentation standards for rates and counts, Vital Health Stat 2(200), 2023",
)
RULES = {rule.name: rule for rule in (classic, nchs2023)}


def relative_width(n: FloatArray) -> FloatArray:
    """Width of the exact 95 % interval in percent of the count; missing at 0."""

    def width(distinct: FloatArray) -> tuple[FloatArray, FloatArray]:
        low, high = exact_limits(distinct, 0.95)
        percent = np.divide(100 * (high - low), distinct, out=np.full_like(distinct, np.nan), where=distinct > 0)
        return percent, percent

    return once(width, n)[0]


def reliability(count: Any) -> pd.DataFrame:
    """How far counts can be relied on, by each rule.

    Parameters
    ----------
    count : number, 1-d array or Series
        Counts: whole numbers of 0 or more; missing allowed.

    Returns
    -------
    DataFrame
        One row per count, index kept: `count`, `relative_width_pct` (100·(U − L)/n of the exact 95 %
        interval, missing at 0), `cell_suppressed` (1 ≤ n ≤ 9; 0 is shown), and for each rule of RULES whether
        it calls the count unreliable: `unreliable_classic` (n < 20), `unreliable_nchs2023` (n < 10 or width
        above 160 %). A missing count is unreliable.

    Raises
    ------
    StatsError
        If a count is negative, infinite, not whole or not a number.

    References
    ----------
    CDC WONDER, Multiple Cause of Death, "Unreliable" and "Suppressed". Parker et al. 2023, National Center
    for Health Statistics data presentation standards for rates and counts, Vital Health Stat 2(200).

    Examples
    --------
    >>> reliability([0, 7, 12]).round(1).T
                             0      1      2
    count                  0.0    7.0   12.0
    relative_width_pct     NaN  165.8  123.0
    cell_suppressed      False   True  False
    unreliable_classic    True   True   True
    unreliable_nchs2023   True   True  False
    """
    n = np.atleast_1d(column(count, "count", whole=True))
    index = count.index if isinstance(count, pd.Series) else pd.RangeIndex(len(n))
    columns = {
        "count": n,
        "relative_width_pct": relative_width(n),
        "cell_suppressed": (n >= SUPPRESSED.low) & (n <= SUPPRESSED.high),
    }
    flags = {f"unreliable_{name}": rule.unreliable(n) for name, rule in RULES.items()}
    return pd.DataFrame(columns | flags, index=index)


def rule_named(rule: str | ReliabilityRule) -> ReliabilityRule:
    """A rule itself, or the one of that name.

    >>> rule_named("classic").fewest
    20
    """
    if isinstance(rule, ReliabilityRule):
        return rule
    return RULES[chosen(rule, {"classic": ("wonder",), "nchs2023": ("nchs-2023", "nchs")}, "reliability rule")]


def suppression_bounds(total: float, shown: Any, suppressed: int) -> Interval:
    """What each suppressed cell can hold, given the published total.

    With A = total − shown left for k suppressed cells, each of 1 to 9, every cell lies in
    [max(1, A − 9(k−1)), min(9, A − (k−1))].

    Parameters
    ----------
    total : int
        The published total.
    shown : int, or array or Series of ints
        The cells that are shown, or their sum; a missing cell is refused, leave the suppressed ones out.
    suppressed : int
        How many cells are suppressed, at least 1.

    Raises
    ------
    StatsError
        If no numbers from 1 to 9 in the suppressed cells can fill the total, or an input is not a whole
        number.

    Examples
    --------
    >>> print(suppression_bounds(total=100, shown=80, suppressed=3))
    [2, 9]
    >>> suppression_bounds(total=100, shown=60, suppressed=3)
    Traceback (most recent call last):
    fentanyl_stats.errors.StatsError: 3 suppressed cells hold 3 to 27 deaths, but 40 are left (100 - 60)
    """
    whole = {"total": total, "shown": shown, "suppressed": suppressed}
    numbers = {name: column(values, name, whole=True) for name, values in whole.items()}
    missing = [name for name, values in numbers.items() if np.isnan(values).any()]
    if missing:
        raise StatsError(f"{missing[0]} has missing values; count the suppressed cells in `suppressed`, not here")
    known = numbers["shown"].sum()
    whole_total, k = number(total, "total"), number(suppressed, "suppressed", low=1)
    left, (least, most) = whole_total - known, (k * SUPPRESSED.low, k * SUPPRESSED.high)
    if not least <= left <= most:
        cells = "1 suppressed cell holds" if k == 1 else f"{k:g} suppressed cells hold"
        raise StatsError(f"{cells} {least:g} to {most:g} deaths, but {left:g} are left ({whole_total:g} - {known:g})")
    low = max(SUPPRESSED.low, left - SUPPRESSED.high * (k - 1))
    high = min(SUPPRESSED.high, left - SUPPRESSED.low * (k - 1))
    return Interval(int(low), int(high))
