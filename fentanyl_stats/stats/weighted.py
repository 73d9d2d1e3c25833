"""Limits for a weighted sum of Poisson counts, which is what a standardised rate is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammainccinv, gammaincinv

from ._columns import Limits
from ._numbers import FloatArray
from .crude import effective_count, nchs_limits, require_nchs_level
from .poisson import byar_limits, exact_limits, normal_quantile

DOBSON_FEWEST = 10

METHODS = {
    "fay-feuer": ("gamma", "ff", "fay-feuer-1997", "fay-feuer-gamma"),
    "tiwari": ("tcz", "tiwari-clegg-zou", "tiwari-modified-gamma"),
    "gamma-mean-weight": ("mean-weight",),
    "gamma-midrange-weight": ("midrange-weight",),
    "fay-kim-midp": ("fay-kim", "midp", "mid-p"),
    "dobson": ("dobson-byar", "phe"),
    "dobson-garwood": ("dobson-exact",),
    "normal": ("wald",),
    "lognormal": ("log-normal", "log"),
    "nchs": ("wonder", "cdc", "cdc-wonder"),
}


@dataclass(frozen=True, slots=True, eq=False)
class WeightedSum:
    """R = Σ u_i n_i for each of several rates (arrays of one length), with what the limits need.

    `variance` is Σ u_i² n_i; `deaths` Σ n_i; `total` the deaths with those of unknown age; `u_*` the extremes
    and means of the factors u_i over the groups that have a population, with or without deaths.
    """

    rate: FloatArray
    variance: FloatArray
    deaths: FloatArray
    total: FloatArray
    u_min: FloatArray
    u_max: FloatArray
    u_mean: FloatArray
    u_square_mean: FloatArray

    @classmethod
    def of(
        cls,
        deaths: FloatArray,
        population: FloatArray,
        share: FloatArray,
        per: float,
        unknown_age: FloatArray,
    ) -> WeightedSum:
        """From clean tables (rate × age group) and the shares of the age groups in the standard population.

        A group of 0 persons adds nothing, and no further death can occur in it: its factor is left out of
        `u_*`.
        """
        peopled = population > 0
        u = np.divide(per * share, population, out=np.zeros_like(population), where=peopled)
        size = peopled.sum(axis=1)
        return cls(
            rate=(u * deaths).sum(axis=1),
            variance=(u**2 * deaths).sum(axis=1),
            deaths=deaths.sum(axis=1),
            total=deaths.sum(axis=1) + unknown_age,
            u_min=np.where(peopled, u, np.inf).min(axis=1),
            u_max=u.max(axis=1),
            u_mean=u.sum(axis=1) / size,
            u_square_mean=(u**2).sum(axis=1) / size,
        )

    def limits(self, method: str, level: float) -> Limits:
        """Limits of each rate by a method of METHODS; missing where the method has none."""
        return _LIMITS[method](self, level)

    def withheld(self, method: str) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
        """Why a method gives no limits or no rate, "" where it gives both."""
        if method == "dobson":
            few = self.deaths < DOBSON_FEWEST
            return np.where(
                few,
                f"withheld: fewer than {DOBSON_FEWEST} deaths",
                np.where(self.rate == 0, "no limits: rate 0", ""),
            )
        lost = (self.rate == 0) & (method in ("dobson-garwood", "normal", "lognormal"))
        return np.where(lost, "no limits: rate 0", "")


def _gamma_low(mean: FloatArray, variance: FloatArray, p: float) -> FloatArray:
    """The p-quantile of the gamma distribution with this mean and variance; 0 at mean 0."""
    scale = np.divide(variance, mean, out=np.zeros_like(mean), where=mean > 0)
    shape = np.divide(mean**2, variance, out=np.ones_like(mean), where=variance > 0)
    return np.asarray(scale * gammaincinv(shape, p))


def _gamma_high(mean: FloatArray, variance: FloatArray, tail: float) -> FloatArray:
    """The same from the upper tail, where 1 − p would lose digits."""
    return np.asarray(variance / mean * gammainccinv(mean**2 / variance, tail))


def _gamma(
    factor: Callable[[WeightedSum], tuple[FloatArray, FloatArray]],
) -> Callable[[WeightedSum, float], Limits]:
    """Gamma limits: the upper one allows one more death of a factor with this mean and mean square."""

    def limits(s: WeightedSum, level: float) -> Limits:
        tail, (u, u_square) = (1 - level) / 2, factor(s)
        return _gamma_low(s.rate, s.variance, tail), _gamma_high(s.rate + u, s.variance + u_square, tail)

    return limits


def _midrange(s: WeightedSum) -> tuple[FloatArray, FloatArray]:
    middle = (s.u_min + s.u_max) / 2
    return middle, middle**2


def _fay_kim(s: WeightedSum, level: float) -> Limits:
    """Mid-p: x with the mean of the two gamma distribution functions at α/2 and 1 − α/2, by bisection."""
    mean, variance = s.rate + s.u_max, s.variance + s.u_max**2

    def share_below(x: FloatArray) -> FloatArray:
        shape = np.divide(s.rate**2, s.variance, out=np.ones_like(x), where=s.variance > 0)
        factor = np.divide(s.rate, s.variance, out=np.ones_like(x), where=s.variance > 0)
        first = np.where(s.rate > 0, gammainc(shape, x * factor), 1.0)
        return np.asarray(first + gammainc(mean**2 / variance, x * mean / variance)) / 2

    def root(p: float) -> FloatArray:
        ends = _gamma_low(s.rate, s.variance, p), _gamma_low(mean, variance, p)
        # Either quantile can be the smaller: the second distribution is also wider.
        low, high = np.minimum(*ends), np.maximum(*ends)
        for _ in range(80):
            middle = (low + high) / 2
            below = share_below(middle) < p
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2

    tail = (1 - level) / 2
    return np.where(s.rate > 0, root(tail), 0.0), root(1 - tail)


def _dobson(count_limits: Callable[[FloatArray, float], Limits], fewest: int) -> Callable[[WeightedSum, float], Limits]:
    def limits(s: WeightedSum, level: float) -> Limits:
        given = (s.deaths >= fewest) & (s.variance > 0)
        unit = np.sqrt(np.divide(s.variance, s.deaths, out=np.full_like(s.rate, np.nan), where=given))
        low, high = count_limits(s.deaths, level)
        return s.rate + unit * (low - s.deaths), s.rate + unit * (high - s.deaths)

    return limits


def _normal(s: WeightedSum, level: float) -> Limits:
    half = normal_quantile(level) * np.where(s.variance > 0, np.sqrt(s.variance), np.nan)
    return s.rate - half, s.rate + half


def _lognormal(s: WeightedSum, level: float) -> Limits:
    relative = np.divide(np.sqrt(s.variance), s.rate, out=np.full_like(s.rate, np.nan), where=s.rate > 0)
    factor = np.exp(normal_quantile(level) * relative)
    return s.rate / factor, s.rate * factor


def _nchs(s: WeightedSum, level: float) -> Limits:
    """As printed; at rate 0 the convention of Fay and Feuer, since NCHS prints nothing there."""
    require_nchs_level(level)
    se = np.sqrt(s.variance)
    low, high = nchs_limits(s.rate, se, s.total, effective_count(s.rate, se))
    zero = s.rate == 0
    return np.where(zero, 0.0, low), np.where(zero, s.u_max * exact_limits(np.zeros(1), level)[1], high)


_LIMITS: dict[str, Callable[[WeightedSum, float], Limits]] = {
    "fay-feuer": _gamma(lambda s: (s.u_max, s.u_max**2)),
    "tiwari": _gamma(lambda s: (s.u_mean, s.u_square_mean)),
    "gamma-mean-weight": _gamma(lambda s: (s.u_mean, s.u_mean**2)),
    "gamma-midrange-weight": _gamma(_midrange),
    "fay-kim-midp": _fay_kim,
    "dobson": _dobson(byar_limits, DOBSON_FEWEST),
    "dobson-garwood": _dobson(exact_limits, 1),
    "normal": _normal,
    "lognormal": _lognormal,
    "nchs": _nchs,
}
