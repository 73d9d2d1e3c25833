"""Direct standardisation: the age-adjusted rate of one population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..errors import StatsError
from ..model import Estimate, Source
from ..model import number as written
from ._columns import chosen, column, listed, refuse, table
from ._numbers import confidence, number
from .reliability import ReliabilityRule, classic, rule_named
from .weighted import METHODS, WeightedSum


class Standardised(NamedTuple):
    """A standardised rate and its variance, in the unit of `per`."""

    rate: float
    variance: float

    @property
    def se(self) -> float:
        """The standard error, √variance."""
        return float(np.sqrt(self.variance))


@dataclass(frozen=True, slots=True)
class AgeAdjustedRate(Estimate):
    """An Estimate that carries its standard error and the deaths behind it (those of unknown age too)."""

    se: float = float("nan")
    deaths: int = 0


def standardise(deaths: Any, population: Any, weights: Any, per: float = 100_000) -> Standardised:
    """Directly standardised rate R = per·Σ c_i n_i/P_i and its variance per²·Σ c_i² n_i/P_i², c_i = s_i/Σs.

    Parameters and errors are those of `age_adjusted_rate`.

    References
    ----------
    Anderson & Rosenberg 1998, Natl Vital Stat Rep 47(3).

    Examples
    --------
    >>> r = standardise(deaths=[8, 63], population=[30_666, 123_419], weights=[931_318, 786_511])
    >>> round(r.rate, 4), round(r.variance, 4), round(r.se, 4)
    (37.5146, 33.6743, 5.803)
    """
    sums = weighted_sum(clean_strata(deaths, population, weights), rate_per(per), 0)
    return Standardised(float(sums.rate[0]), float(sums.variance[0]))


def age_adjusted_rate(
    deaths: Any,
    population: Any,
    weights: Any,
    per: float = 100_000,
    level: float = 0.95,
    method: str = "fay-feuer",
    *,
    unknown_age: int = 0,
    rule: str | ReliabilityRule = classic,
    sources: tuple[Source, ...] = (),
) -> AgeAdjustedRate:
    """Age-adjusted rate of one population, with limits.

    With u_i = per·c_i/P_i, R = Σ u_i n_i, v = Σ u_i² n_i and O = Σ n_i the limits are

    * fay-feuer: gamma quantiles, the upper with mean R + max u and variance v + (max u)²;
    * tiwari: the same with mean(u) and mean(u²); gamma-mean-weight with mean(u) and its square;
      gamma-midrange-weight with the middle of min u and max u; fay-kim-midp the mid-p version of fay-feuer;
    * dobson: R + √(v/O)·(limit of O − O) with Byar limits of O, withheld under 10 deaths; dobson-garwood with
      exact limits of O;
    * normal: R ± z√v; lognormal: R·exp(±z√v/R); nchs: as CDC WONDER prints them, see `nchs_interval`.

    Parameters
    ----------
    deaths, population, weights : 1-d array, Series or mapping
        One value per age group: counts, persons, and the standard population (persons or proportions; only
        their ratios matter). Series and mappings are matched by age group, in any order; arrays by position.
    per : float
        Rate per so many persons.
    level : float
        Confidence level in (0, 1); "nchs" has 0.95 only.
    method : str
        One of the above; "gamma", "wonder", "midp" and the like are understood.
    unknown_age : int
        Deaths of unknown age: part of the total that decides `nchs` and reliability, not of the rate.
    rule : {"classic", "nchs2023"} or ReliabilityRule
        The rule behind `note`.
    sources : tuple of Source
        Handed on in the estimate.

    Returns
    -------
    AgeAdjustedRate
        An Estimate with `.se` and `.deaths`. `note` is "", "unreliable", or why limits or rate are withheld;
        then the limits are NaN, and `value` is None where the rate is withheld too.

    Raises
    ------
    StatsError
        If an age group is absent from one of the inputs, repeated, or has a missing count, population or
        weight (the weights are never renormalised over the rest); if it has deaths but no population; if
        numbers are negative, infinite or no numbers, counts are not whole, or no group has a population.

    References
    ----------
    Fay & Feuer 1997, Stat Med 16:791. Tiwari, Clegg & Zou 2006, Stat Methods Med Res 15:547. Fay & Kim 2017,
    Biom J 59:1222. Dobson et al. 1991, Stat Med 10:457. Anderson & Rosenberg 1998, Natl Vital Stat Rep 47(3).
    Checked against Fay & Feuer's Table 1, R epitools 0.5-10.1 and asht 1.0.1, and CDC WONDER.

    Examples
    --------
    Down syndrome among fifth children (Fay & Feuer 1997, Table 1):

    >>> deaths = [0, 8, 63, 112, 262, 295]
    >>> births = [327, 30_666, 123_419, 149_919, 104_088, 34_392]
    >>> standard = [319_933, 931_318, 786_511, 488_235, 237_863, 61_313]
    >>> print(age_adjusted_rate(deaths, births, standard))
    75.53 [67.70, 188.30] deaths per 100,000, age-adjusted (95% interval)
    """
    scale, extra = rate_per(per), column(unknown_age, "unknown_age", whole=True)
    if extra.ndim or np.isnan(extra):
        raise StatsError("unknown_age must be one count, the deaths of unknown age")
    sums = weighted_sum(clean_strata(deaths, population, weights), scale, float(extra))
    row = rates_of(sums, level, method, rule).iloc[0]
    return AgeAdjustedRate(
        value=None if np.isnan(row["rate"]) else float(row["rate"]),
        low=float(row["low"]),
        high=float(row["high"]),
        level=confidence(level),
        unit=f"deaths per {written(scale)}, age-adjusted",
        method=str(row["method"]),
        sources=sources,
        note=str(row["flag"]),
        se=float(row["se"]),
        deaths=int(sums.total[0]),
    )


def clean_strata(deaths: Any, population: Any, weights: Any) -> pd.DataFrame:
    """Strata of one population, complete: one row per age group, columns deaths, population, weights."""
    inputs = {"deaths": deaths, "population": population, "weights": weights}
    many = (list, tuple, Mapping)
    single = [name for name, values in inputs.items() if not isinstance(values, many) and np.ndim(values) == 0]
    if single:
        raise StatsError(f"{single[0]} must have one value per age group, got {inputs[single[0]]!r:.50}")
    frame = table(**inputs)
    if frame.empty:
        raise StatsError("there are no age groups; give one row for each")
    if not frame.index.is_unique:
        repeated = listed(frame.index[frame.index.duplicated()].unique())
        raise StatsError(f"age groups {repeated} occur more than once; give one row per age group")
    for name in frame:
        refuse(frame[name].isna(), frame, f"missing {name}", "the rate needs every age group; none is left out")
    refuse(
        (frame["deaths"] > 0) & (frame["population"] == 0),
        frame,
        "deaths among 0 persons",
        "give a population above 0",
    )
    if not frame["weights"].sum() > 0:
        raise StatsError("the weights are all 0; give the standard population")
    if not ((frame["population"] > 0) & (frame["weights"] > 0)).any():
        raise StatsError("no age group with a weight has a population above 0")
    return frame


def weighted_sum(frame: pd.DataFrame, per: float, unknown_age: float) -> WeightedSum:
    """The one rate of clean strata, as arrays of length 1."""
    n, persons, weights = (frame[[name]].to_numpy().T for name in ("deaths", "population", "weights"))
    return WeightedSum.of(n, persons, weights[0] / weights.sum(), per, np.array([unknown_age]))


def rate_per(per: Any) -> float:
    """A clean `per`."""
    return number(per, "per", low=0, open_low=True)


def rates_of(sums: WeightedSum, level: float, method: str, rule: str | ReliabilityRule) -> pd.DataFrame:
    """Rate, SE, limits, method and flag of each weighted sum."""
    chosen_method, share = chosen(method, METHODS), confidence(level)
    low, high = sums.limits(chosen_method, share)
    withheld = sums.withheld(chosen_method)
    shown = ~np.char.startswith(withheld, "withheld")
    flag = np.where(rule_named(rule).unreliable(sums.total), "unreliable", "")
    columns = {
        "rate": np.where(shown, sums.rate, np.nan),
        "se": np.where(shown, np.sqrt(sums.variance), np.nan),
        "low": low,
        "high": high,
        "method": chosen_method,
        "flag": np.where(withheld != "", withheld, flag),
    }
    return pd.DataFrame(columns)
