"""What a figure of consumption allows: flow is what was seized and what was consumed, both as pure drug."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..model import Interval
from .origin import Assumptions
from .routes import Routes

if TYPE_CHECKING:
    from ..stats.flows import MassBalance, MonteCarlo


def balance(found: Routes, assumed: Assumptions, target: float) -> pd.DataFrame:
    """What the consumption figure says of the direct share, whatever the interception.

    Flow is what was seized and what was consumed, both pure. The figure is a ceiling, so the bounds are the widest that
    it allows. Open years are left out: their seizures are not a year's.

    Returns
    -------
    DataFrame
        Columns period; seized_kg_low, seized_kg_high (pure); interception_low, interception_high of the whole flow;
        share_low, share_high, the direct shares of the flow that remain possible; direct_rate, other_rate, the
        interception of each route if the claimed share held at the kindest purity; possible, whether both are at most 1.

    Raises
    ------
    StatsError
        If the target is not in (0, 1).

    Examples
    --------
    >>> from fentanyl_stats.audit import origin, routes
    >>> row = balance(routes.routes(), origin.as_published(), 0.97).set_index("period").loc["FY2023"]
    >>> round(float(row["share_high"]), 2), bool(row["possible"])
    (0.89, False)
    """
    rows = []
    for row in found.frame[found.frame["status"] == "closed"].itertuples():
        kindest, harshest, most, least = (
            _balance(row.direct_lb, row.other_lb, direct, other, assumed.consumption_tonnes)
            for direct, other in (
                (assumed.purity_direct.high, assumed.purity_other.low),
                (assumed.purity_direct.low, assumed.purity_other.high),
                (assumed.purity_direct.high, assumed.purity_other.high),
                (assumed.purity_direct.low, assumed.purity_other.low),
            )
        )
        rates = kindest.rates(target)
        rows.append({
            "period": row.period, "seized_kg_low": float(least.seized_kg.sum()), "seized_kg_high": float(most.seized_kg.sum()),
            "interception_low": least.interception, "interception_high": most.interception,
            "share_low": harshest.bounds.low, "share_high": kindest.bounds.high,
            "direct_rate": float(rates.loc["direct", "interception"]), "other_rate": float(rates.loc["other", "interception"]),
            "possible": bool(rates["possible"].all()),
        })  # fmt: skip
    return pd.DataFrame(rows)


def simulate(direct_lb: float, other_lb: float, assumed: Assumptions, *, consumption: bool = True) -> MonteCarlo:
    """The direct share of a flow by Monte Carlo: purities even and rates log-even over their ranges, consumption even up
    to its ceiling.

    Raises
    ------
    StatsError
        If nothing was seized, or interception and consumption exclude each other.

    Examples
    --------
    >>> from fentanyl_stats.audit import origin
    >>> round(simulate(614.9, 10586.4, origin.as_published(), consumption=False).share.value, 1)
    0.2
    """
    from scipy import stats

    from ..stats.selection import monte_carlo

    def even(ends: Interval) -> Any:
        return ends.low if ends.low == ends.high else stats.uniform(ends.low, ends.high - ends.low)

    def log_even(ends: Interval) -> Any:
        return ends.low if ends.low == ends.high else stats.loguniform(ends.low, ends.high)

    return monte_carlo(
        {"direct": direct_lb, "other": other_lb},
        {"direct": even(assumed.purity_direct), "other": even(assumed.purity_other)},
        {"direct": log_even(assumed.interception_direct), "other": log_even(assumed.interception_other)},
        stats.uniform(0, assumed.consumption_tonnes) if consumption else None,
        seized_unit="lb",
        consumption_unit="t" if consumption else None,
        seed=assumed.seed,
    )


def _balance(direct_lb: float, other_lb: float, direct: float, other: float, consumed_tonnes: float) -> MassBalance:
    from ..stats.selection import mass_balance

    return mass_balance([direct_lb, other_lb], [direct, other], consumed_tonnes, seized_unit="lb", consumed_unit="t")
