"""From seizures to the flow: what the claimed share would take, year by year, under stated assumptions.

Nothing here measures an origin. Each function turns an assumption around: which interception, which purity, which part
of the rest a claimed share needs, and which shares remain possible within ranges that the reader can change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ..errors import StatsError
from ..model import Interval, Period
from . import published
from .routes import Routes

LEVEL = 0.95
RATIOS = (0.1, 10_000.0)
CLASS_CONTROL = date(2019, 5, 1)
"""The day on which Chinese control of fentanyl substances as a class took effect (events: S56)."""
_DRAWS = 4000


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What leads from seizures to a flow; fractions, and tonnes of pure fentanyl a year.

    Purities and interception rates are ranges of the direct route and of all others together.

    Raises
    ------
    StatsError
        If a purity or rate is not in (0, 1], the consumption is not above 0, or the seed is no whole number from 0 on.
    """

    purity_direct: Interval
    purity_other: Interval
    interception_direct: Interval
    interception_other: Interval
    consumption_tonnes: float
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("purity_direct", "purity_other", "interception_direct", "interception_other"):
            ends: Interval = getattr(self, name)
            if not 0 < ends.low <= ends.high <= 1:
                what = name.replace("_", " of the ") + " route"
                raise StatsError(f"{what} must lie above 0 and at most at 1 (write 90% as 0.9), got {ends}")
        if not 0 < self.consumption_tonnes < math.inf:
            raise StatsError(f"consumption must be above 0 tonnes of pure drug a year, got {self.consumption_tonnes:g}")
        if self.seed < 0:
            raise StatsError(f"seed must be a whole number from 0 on, got {self.seed}")

    @property
    def ratio(self) -> Interval:
        """How many times as often as the direct route the other may be intercepted."""
        direct, other = self.interception_direct, self.interception_other
        return Interval(other.low / direct.high, other.high / direct.low)


def as_published(as_of: str | date | None = None) -> Assumptions:
    """The assumptions that published figures give; the inspection of vehicles stands in for interception on both routes.

    Raises
    ------
    NotPublished
        If one of them was not known by `as_of`.

    Examples
    --------
    >>> known = as_published()
    >>> print(known.purity_direct, known.purity_other, known.ratio, known.consumption_tonnes)
    [0.90, 0.95] [0.10, 0.30] [0.11, 9] 10.0
    """
    direct, other = published.purity("direct", as_of).interval, published.purity("other", as_of).interval
    rate = published.inspection(as_of).interval
    return Assumptions(direct, other, rate, rate, published.consumption(as_of)[0])


def shares(found: Routes, assumed: Assumptions, target: float) -> pd.DataFrame:
    """What each period's seizures say of the direct share, and what the claimed share would take.

    Parameters
    ----------
    found
        Seized weight by route.
    target
        The claimed share, a fraction in (0, 1).

    Returns
    -------
    DataFrame
        The columns of `Routes.frame`, and as fractions: gross; pure_low, pure_high over the assumed purities; im_low,
        im_high, an Imbens–Manski 95 % interval that adds how far the share hangs on single rows of the file (missing
        for published weights), with effective_rows; flow_low, flow_high over the assumed interception; the tipping
        ratios at gross weight (tipping_gross) and at the kindest and the harshest purity (tipping_low, tipping_high;
        infinite if nothing was seized on the direct route); needed_low, needed_high, the part of all that came
        otherwise that would have to be of the same origin; purity_needed, the purity of the other route at which the
        seized share itself would be the target.

    Raises
    ------
    StatsError
        If the target is not in (0, 1).

    Examples
    --------
    >>> from fentanyl_stats.audit import routes
    >>> years = shares(routes.routes(), as_published(), 0.97).set_index("period")
    >>> years.loc["FY2023", ["pure_low", "pure_high"]].round(3).tolist(), round(years.loc["FY2023", "tipping_low"])
    ([0.033, 0.098], 298)
    """
    made = [_row(row, found.rows.get(row.period), assumed, target) for row in found.frame.itertuples()]
    return pd.concat([found.frame.reset_index(drop=True), pd.DataFrame(made)], axis=1)


def tipping(share: float, target: float) -> float:
    """`selection.tipping_ratio` at every share: infinite at 0, and 0 at 1.

    >>> tipping(0.0, 0.97), tipping(1.0, 0.97), round(tipping(0.75, 0.97), 2)
    (inf, 0.0, 10.78)
    """
    from ..stats.selection import tipping_ratio

    if share in (0.0, 1.0):
        tipping_ratio(0.5, target)  # an impossible target is told either way
        return math.inf if share == 0 else 0.0
    return float(tipping_ratio(share, target))


def flow(share: float, ratio: float) -> float:
    """`selection.true_share` at every share: 0 stays 0 and 1 stays 1.

    >>> flow(0.0, 9), round(flow(0.75, 10), 3)
    (0.0, 0.968)
    """
    from ..stats.selection import true_share

    return float(true_share(share, ratio)) if 0 < share < 1 else share


def curves(years: pd.DataFrame, points: int = 121) -> pd.DataFrame:
    """The direct share of the flow over the interception ratio, at the kindest purity, one curve a period.

    Returns
    -------
    DataFrame
        Columns period, ratio (from 0.1 to 10,000, evenly in logarithms) and share.

    Examples
    --------
    >>> frame = pd.DataFrame({"period": ["FY2023"], "pure_high": [0.5]})
    >>> curves(frame, points=6)["share"].round(3).tolist()
    [0.091, 0.5, 0.909, 0.99, 0.999, 1.0]
    """
    ratios = np.geomspace(*RATIOS, points)
    rows = [
        (p, r, flow(float(s), float(r)))
        for p, s in zip(years["period"], years["pure_high"], strict=True)
        for r in ratios
    ]
    return pd.DataFrame(rows, columns=["period", "ratio", "share"])


def contrast(early: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """The shares of published early years and of later ones in order of time, grouped around `CLASS_CONTROL`.

    Returns
    -------
    DataFrame
        Columns of `shares` and group: `before May 2019`, `in the year around May 2019`, `after May 2019`; a period and
        stand-in that both frames hold stands once.

    Examples
    --------
    >>> from fentanyl_stats.audit import routes
    >>> parts = [shares(found, as_published(), 0.97) for found in (routes.before(), routes.routes())]
    >>> contrast(*parts).groupby("group", sort=False)["period"].agg(list).iloc[:2].tolist()
    [['FY2017', '2017', '2018'], ['FY2019', '2019']]
    """
    rows = pd.concat([part for part in (early, years) if len(part)], ignore_index=True)
    rows = rows.drop_duplicates(["period", "what", "direct_lb"])
    rows = rows.sort_values(["end", "period"], kind="stable", ignore_index=True)
    day = f"{CLASS_CONTROL:%B %Y}"
    spans = [Period.parse(period) for period in rows["period"]]
    group = [
        f"before {day}" if span.end < CLASS_CONTROL else f"after {day}" if span.start >= CLASS_CONTROL else f"in the year around {day}"
        for span in spans
    ]  # fmt: skip
    return rows.assign(group=group)


def by_purity(
    direct_lb: float, other_lb: float, assumed: Assumptions, target: float, as_of: str | date | None = None
) -> pd.DataFrame:
    """What each published purity alone implies; the other route's purity is held where it favours the claim most.

    Returns
    -------
    DataFrame
        Columns id, route, quantity, printed, when, pure (the share of the seized pure weight) and tipping.

    Raises
    ------
    NotPublished
        If no figure was known by `as_of`.

    Examples
    --------
    >>> implied = by_purity(305.02, 26_717.84, as_published(), 0.97).set_index("id")
    >>> implied.loc["F062b", ["pure", "tipping"]].round(3).tolist()
    [0.035, 894.378]
    """
    known = published.purities(as_of)
    ends = [
        (row.fraction, assumed.purity_other.low)
        if row.route == "direct"
        else (assumed.purity_direct.high, row.fraction)
        for row in known.itertuples()
    ]
    pure = [_pure(direct_lb, other_lb, *pair) for pair in ends]
    return known.assign(pure=pure, tipping=[tipping(share, target) for share in pure]).drop(columns="fraction")


def by_interception(ratio: float, as_of: str | date | None = None) -> pd.DataFrame:
    """What each published rate implies if it were the interception of its route: the rate the claim needs of the other.

    Parameters
    ----------
    ratio
        The tipping ratio of a period.

    Returns
    -------
    DataFrame
        Columns id, route, kind, quantity, printed, when, fraction; needed, the rate of the opposite route at which the
        claim would hold; possible, whether that is at most 1.

    Raises
    ------
    NotPublished
        If no figure was known by `as_of`.

    Examples
    --------
    >>> implied = by_interception(300.0).set_index("id")
    >>> implied.loc[["F112b", "F116b"], "needed"].round(6).tolist()
    [0.0005, 171.0]
    """
    known = published.interceptions(as_of)
    of_other = (known["route"] == "other").to_numpy()
    rate = known["fraction"].to_numpy(dtype=float)
    needed = np.where(of_other, rate / ratio, rate * ratio) if 0 < ratio < math.inf else np.full(rate.size, np.nan)
    return known.assign(needed=needed, possible=needed <= 1)


def _row(row: Any, rows: tuple[np.ndarray, np.ndarray] | None, assumed: Assumptions, target: float) -> dict[str, float]:
    from ..stats.selection import origin_needed

    d, o = float(row.direct_lb), float(row.other_lb)
    low = _pure(d, o, assumed.purity_direct.low, assumed.purity_other.high)
    high = _pure(d, o, assumed.purity_direct.high, assumed.purity_other.low)
    gross = _pure(d, o, 1.0, 1.0)
    flow_low, flow_high = flow(low, assumed.ratio.low), flow(high, assumed.ratio.high)
    im_low, im_high, effective = _resampled(rows, assumed, Interval(low, high))
    return {
        "gross": gross, "pure_low": low, "pure_high": high, "im_low": im_low, "im_high": im_high,
        "effective_rows": effective, "flow_low": flow_low, "flow_high": flow_high,
        "tipping_gross": tipping(gross, target), "tipping_low": tipping(high, target), "tipping_high": tipping(low, target),
        "needed_low": float(origin_needed(flow_high, target)), "needed_high": float(origin_needed(flow_low, target)),
        "purity_needed": d * assumed.purity_direct.high * (1 - target) / (target * o) if o > 0 else math.inf,
    }  # fmt: skip


def _pure(direct_lb: float, other_lb: float, purity_direct: float, purity_other: float) -> float:
    from ..stats.selection import pure_share

    return float(pure_share([direct_lb, other_lb], [purity_direct, purity_other])[0])


def _resampled(
    rows: tuple[np.ndarray, np.ndarray] | None, assumed: Assumptions, bounds: Interval
) -> tuple[float, float, float]:
    """Both bounds with the error that resampled rows give them, after Imbens and Manski; missing without rows."""
    from ..stats.selection import effective_events, imbens_manski, resample

    if rows is None:
        return math.nan, math.nan, math.nan
    weight, direct = rows
    spread = []
    for pure, cut in (
        (assumed.purity_direct.low, assumed.purity_other.high),
        (assumed.purity_direct.high, assumed.purity_other.low),
    ):
        try:
            draws = resample(weight * np.where(direct, pure, cut), direct, draws=_DRAWS, seed=assumed.seed).draws
        except StatsError:  # one route holds no weight: nothing to resample
            return math.nan, math.nan, effective_events(weight)
        spread.append(float(np.std(draws, ddof=1)))
    c = imbens_manski(bounds.high - bounds.low, spread[0], spread[1], LEVEL)
    wide = Interval(bounds.low - c * spread[0], bounds.high + c * spread[1]).clipped(0.0, 1.0)
    return wide.low, wide.high, effective_events(weight)
