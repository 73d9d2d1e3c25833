"""Direct standardisation: age-adjusted rates of one population or of a whole frame, and their limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammainc, gammainccinv, gammaincinv, gammaln

from ..errors import StatsError, unknown
from ..model import Estimate, Source
from ..model import number as written
from . import counts
from ._numbers import FloatArray, Limits, chosen, column, confidence, listed, number, ratio, refuse, repeated, table
from .counts import ReliabilityRule, classic, rule_named

DOBSON_FEWEST = 10


class WeightedSum:
    """R = Σ u_i n_i for each of several rates (arrays of one length), with what the limits need.

    `variance` is Σ u_i² n_i; `deaths` Σ n_i; `total` the deaths with those of unknown age; `u_*` the extremes
    and means of the factors u_i over the groups that have a population, with or without deaths.
    A group of 0 persons adds nothing, and no further death can occur in it: its factor is left out of `u_*`.
    """

    def __init__(
        self, deaths: FloatArray, population: FloatArray, share: FloatArray, per: float, unknown_age: FloatArray
    ) -> None:
        """From clean tables (rate × age group) and the shares of the age groups in the standard population."""
        peopled = population > 0
        u = np.divide(per * share, population, out=np.zeros_like(population), where=peopled)
        size = peopled.sum(axis=1)
        self.rate: FloatArray = (u * deaths).sum(axis=1)
        self.variance: FloatArray = (u**2 * deaths).sum(axis=1)
        self.deaths: FloatArray = deaths.sum(axis=1)
        self.total: FloatArray = self.deaths + unknown_age
        self.u_min: FloatArray = np.where(peopled, u, np.inf).min(axis=1)
        self.u_max: FloatArray = u.max(axis=1)
        self.u_mean: FloatArray = u.sum(axis=1) / size
        self.u_square_mean: FloatArray = (u**2).sum(axis=1) / size


Column: TypeAlias = Callable[[WeightedSum], FloatArray]
Method: TypeAlias = Callable[[WeightedSum, float], Limits]


def _gamma_low(mean: FloatArray, variance: FloatArray, p: float) -> FloatArray:
    """The p-quantile of the gamma distribution with this mean and variance; 0 at mean 0."""
    scale = np.divide(variance, mean, out=np.zeros_like(mean), where=mean > 0)
    shape = np.divide(mean**2, variance, out=np.ones_like(mean), where=variance > 0)
    return np.asarray(scale * gammaincinv(shape, p))


def _gamma_high(mean: FloatArray, variance: FloatArray, tail: float) -> FloatArray:
    """The same from the upper tail, where 1 − p would lose digits."""
    return np.asarray(variance / mean * gammainccinv(mean**2 / variance, tail))


def _gamma(factor: Column, square: Column | None = None) -> Method:
    """Gamma limits: the upper one allows one more death of a factor with this mean and mean square."""

    def limits(s: WeightedSum, level: float) -> Limits:
        tail, u = (1 - level) / 2, factor(s)
        u_square = square(s) if square else u**2
        return _gamma_low(s.rate, s.variance, tail), _gamma_high(s.rate + u, s.variance + u_square, tail)

    return limits


def _fay_kim(s: WeightedSum, level: float) -> Limits:
    """Mid-p: x with the mean of the two gamma distribution functions at α/2 and 1 − α/2, by safeguarded Newton steps."""
    mean, variance = s.rate + s.u_max, s.variance + s.u_max**2
    some = s.rate > 0
    shape = np.divide(s.rate**2, s.variance, out=np.ones_like(mean), where=some)
    scale = np.divide(s.variance, s.rate, out=np.ones_like(mean), where=some)
    laws = [(shape, scale, gammaln(shape)), (mean**2 / variance, variance / mean, gammaln(mean**2 / variance))]

    def root(p: float) -> FloatArray:
        ends = _gamma_low(s.rate, s.variance, p), _gamma_low(mean, variance, p)
        # Either quantile can be the smaller: the second distribution is also wider.
        low, high = np.minimum(*ends), np.maximum(*ends)
        x = (low + high) / 2
        rows = np.flatnonzero(some | (p > 0.5))  # a rate of 0 has no lower limit to look for
        with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
            for _ in range(80):
                at = x[rows]
                below, density = np.zeros((2, rows.size))
                for i, (a, b, logarithm) in enumerate(laws):
                    known = some[rows] if i == 0 else np.ones(rows.size, dtype=bool)
                    z = at / b[rows]
                    below += np.where(known, gammainc(a[rows], z), 1.0) / 2
                    term = np.exp((a[rows] - 1) * np.log(z) - z - logarithm[rows]) / b[rows]
                    density += np.where(known, term, 0.0) / 2
                under = below < p
                low[rows], high[rows] = np.where(under, at, low[rows]), np.where(under, high[rows], at)
                step = at - (below - p) / density
                inside = (step > low[rows]) & (step < high[rows])
                x[rows] = np.where(inside, step, (low[rows] + high[rows]) / 2)
                # A Newton step this small leaves its square as error.
                near = np.abs(step - at) <= 1e-9 * at
                x[rows] = np.where(near, step, x[rows])
                rows = rows[~near & (high[rows] - low[rows] > 4e-16 * at)]
                if not rows.size:
                    break
        return x

    tail = (1 - level) / 2
    return np.where(some, root(tail), 0.0), root(1 - tail)


def _dobson(count_limits: Callable[[FloatArray, float], Limits], fewest: int) -> Method:
    def limits(s: WeightedSum, level: float) -> Limits:
        given = (s.deaths >= fewest) & (s.variance > 0)
        unit = np.sqrt(ratio(s.variance, np.where(given, s.deaths, 0)))
        low, high = count_limits(s.deaths, level)
        return s.rate + unit * (low - s.deaths), s.rate + unit * (high - s.deaths)

    return limits


def _normal(s: WeightedSum, level: float) -> Limits:
    half = counts.normal_quantile(level) * np.where(s.variance > 0, np.sqrt(s.variance), np.nan)
    return s.rate - half, s.rate + half


def _lognormal(s: WeightedSum, level: float) -> Limits:
    factor = np.exp(counts.normal_quantile(level) * ratio(np.sqrt(s.variance), s.rate))
    return s.rate / factor, s.rate * factor


def _nchs(s: WeightedSum, level: float) -> Limits:
    """As printed; at rate 0 the convention of Fay and Feuer, since NCHS prints nothing there."""
    se = np.sqrt(s.variance)
    return counts.printed_limits(s.rate, se, s.total, counts.effective_count(s.rate, se), s.u_max, level)


METHODS: dict[str, tuple[Method, tuple[str, ...]]] = {
    "fay-feuer": (_gamma(lambda s: s.u_max), ("gamma", "ff", "fay-feuer-1997", "fay-feuer-gamma")),
    "tiwari": (
        _gamma(lambda s: s.u_mean, lambda s: s.u_square_mean),
        ("tcz", "tiwari-clegg-zou", "tiwari-modified-gamma"),
    ),
    "gamma-mean-weight": (_gamma(lambda s: s.u_mean), ("mean-weight",)),
    "gamma-midrange-weight": (_gamma(lambda s: (s.u_min + s.u_max) / 2), ("midrange-weight",)),
    "fay-kim-midp": (_fay_kim, ("fay-kim", "midp", "mid-p")),
    "dobson": (_dobson(counts.byar_limits, DOBSON_FEWEST), ("dobson-byar", "phe")),
    "dobson-garwood": (_dobson(counts.exact_limits, 1), ("dobson-exact",)),
    "normal": (_normal, ("wald",)),
    "lognormal": (_lognormal, ("log-normal", "log")),
    "nchs": (_nchs, ("wonder", "cdc", "cdc-wonder")),
}
"""Limits of each method, and the other names that it answers to."""


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
    sums = _one_population(deaths, population, weights, per)
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
    sums = _one_population(deaths, population, weights, per, unknown_age)
    row = rates_of(sums, level, method, rule).iloc[0]
    return AgeAdjustedRate(
        value=None if np.isnan(row["rate"]) else float(row["rate"]),
        low=float(row["low"]),
        high=float(row["high"]),
        level=confidence(level),
        unit=f"deaths per {written(float(per))}, age-adjusted",
        method=str(row["method"]),
        sources=sources,
        note=str(row["flag"]),
        se=float(row["se"]),
        deaths=int(sums.total[0]),
    )


def _one_population(deaths: Any, population: Any, weights: Any, per: Any, unknown_age: Any = 0) -> WeightedSum:
    """The one rate of complete strata, as arrays of length 1."""
    scale, extra = number(per, "per", low=0, open_low=True), column(unknown_age, "unknown_age", whole=True)
    if extra.ndim or np.isnan(extra):
        raise StatsError("unknown_age must be one count, the deaths of unknown age")
    inputs = {"deaths": deaths, "population": population, "weights": weights}
    for name, values in inputs.items():
        if not isinstance(values, list | tuple | Mapping) and np.ndim(values) == 0:
            raise StatsError(f"{name} must have one value per age group, got {values!r:.50}")
    frame = table(**inputs)
    if frame.empty:
        raise StatsError("there are no age groups; give one row for each")
    if twice := repeated(frame.index):
        raise StatsError(f"age groups {twice} occur more than once; give one row per age group")
    for name in frame:
        refuse(frame[name].isna(), frame, f"missing {name}", "the rate needs every age group; none is left out")
    n, persons, share = (frame[[name]].to_numpy().T for name in frame)
    refuse((n > 0)[0] & (persons == 0)[0], frame, "deaths among 0 persons", "give a population above 0")
    if not share.sum() > 0:
        raise StatsError("the weights are all 0; give the standard population")
    if not ((persons > 0) & (share > 0)).any():
        raise StatsError("no age group with a weight has a population above 0")
    return WeightedSum(n, persons, share[0] / share.sum(), scale, extra[None])


def rates_of(sums: WeightedSum, level: float, method: str, rule: str | ReliabilityRule) -> pd.DataFrame:
    """Rate, SE, limits, method and flag of each weighted sum."""
    name, share = chosen(method, {name: aliases for name, (_, aliases) in METHODS.items()}), confidence(level)
    low, high = METHODS[name][0](sums, share)
    few = (sums.deaths < DOBSON_FEWEST) & (name == "dobson")
    lost = (sums.rate == 0) & (name in ("dobson", "dobson-garwood", "normal", "lognormal"))
    reasons = [few, lost, rule_named(rule).unreliable(sums.total)]
    flags = [f"withheld: fewer than {DOBSON_FEWEST} deaths", "no limits: rate 0", "unreliable"]
    columns = {
        "rate": np.where(few, np.nan, sums.rate),
        "se": np.where(few, np.nan, np.sqrt(sums.variance)),
        "low": low,
        "high": high,
        "method": name,
        "flag": np.select(reasons, flags, default=""),
    }
    return pd.DataFrame(columns)


RESULT = ("deaths", "population", "rate", "se", "low", "high", "method", "flag")


def age_adjusted(
    frame: pd.DataFrame,
    by: str | Sequence[str] = (),
    deaths: str = "deaths",
    population: str = "population",
    age: str = "age_group",
    *,
    standard: pd.Series | Mapping[Any, float],
    per: float = 100_000,
    level: float = 0.95,
    method: str = "fay-feuer",
    unknown_age: str | None = None,
    missing: str = "raise",
    rule: str | ReliabilityRule = classic,
) -> pd.DataFrame:
    """Age-adjusted rates of every group of a frame that has one row per group and age group, in any order.

    Parameters
    ----------
    frame : DataFrame
        With the columns named by `deaths`, `population` (see `age_adjusted_rate`), `age` and `by`.
    by : str or list of str
        Columns that tell the rates apart, such as state and year; without any, the frame is one population.
    standard : Series or mapping
        Standard population by age group: persons or proportions. Matched by name, never by position.
    per, level, method, rule
        As for `age_adjusted_rate`.
    unknown_age : str, optional
        Label in the age column of the deaths of unknown age: they count in `deaths`, not in the rate.
    missing : {"raise", "withhold"}
        What a missing or suppressed cell, or an absent age group, does: an error, or a missing rate flagged
        "missing".

    Returns
    -------
    DataFrame
        One row per group in order of appearance: the `by` columns, `deaths` (those of unknown age too),
        `population`, `rate`, `se`, `low`, `high`, `method` and `flag` ("", "unreliable", "missing", or why
        something is withheld).

    Raises
    ------
    StatsError
        Naming groups and age groups: if an age group is absent, repeated, not in the standard, or has a
        missing cell, or deaths but no population. Also if a column does not exist, the standard has no names,
        or numbers are negative, infinite or no numbers, or counts are not whole.

    Examples
    --------
    >>> strata = pd.DataFrame({
    ...     "state": ["Ohio", "Utah", "Ohio", "Utah"],
    ...     "age_group": ["65+", "0-64", "0-64", "65+"],
    ...     "deaths": [30, 20, 250, 4],
    ...     "population": [210_000, 290_000, 980_000, 40_000],
    ... })
    >>> rates = age_adjusted(strata, "state", standard={"0-64": 0.85, "65+": 0.15})
    >>> rates[["state", "deaths", "rate", "low", "high"]].round(2)
      state  deaths   rate    low   high
    0  Ohio   280.0  23.83  21.11  26.79
    1  Utah    24.0   7.36   4.71  11.07
    """
    policy = chosen(missing, {"raise": ("error",), "withhold": ("nan", "flag")}, "choice for missing")
    scale, weights = number(per, "per", low=0, open_low=True), _standard(standard)
    cells = _Cells(frame, [by] if isinstance(by, str) else list(by), age, weights.index, unknown_age)
    _require(frame, [deaths, population])
    if taken := set(cells.heads.columns) & set(RESULT):
        raise StatsError(f"`by` names {listed(sorted(taken))}, which the result holds too; rename the column")
    n, extra = cells.spread(column(frame[deaths], deaths, whole=True))
    persons, _ = cells.spread(column(frame[population], population))
    lost = np.isnan(n) | np.isnan(persons)
    if policy == "raise":
        cells.refuse(cells.count == 0, "no row", 'give one, or pass missing="withhold"')
        cells.refuse(lost, "missing deaths or population", 'give them, or pass missing="withhold"')
        cells.refuse(np.isnan(extra)[:, None], "missing deaths of unknown age", "give them, or leave the row out")
    cells.refuse((n > 0) & (persons == 0), "deaths among 0 persons", "give a population above 0")
    empty = ~lost & (persons == 0) | (weights.to_numpy() == 0)
    cells.refuse(empty.all(axis=1, keepdims=True), "no population in any age group that has a weight", "give one")

    gone = lost.any(axis=1) | np.isnan(extra)
    # Placeholders keep the arithmetic quiet in rows that are blanked below.
    sums = WeightedSum(
        np.where(gone[:, None], 0, n),
        np.where(gone[:, None], 1, persons),
        (weights / weights.sum()).to_numpy(),
        scale,
        np.where(gone, 0, extra),
    )
    rates = rates_of(sums, level, method, rule)
    rates.loc[gone, ["rate", "se", "low", "high"]] = np.nan
    rates.loc[gone, "flag"] = "missing"
    totals = {"deaths": np.where(gone, np.nan, sums.total), "population": persons.sum(axis=1)}
    result = pd.concat([cells.heads, pd.DataFrame(totals), rates], axis=1)
    result.attrs = {"unit": f"deaths per {written(scale)}, age-adjusted", "level": level}
    return result


def _require(frame: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if name not in frame.columns:
            raise StatsError(unknown("column", name, frame.columns))


def _standard(standard: Any) -> pd.Series:
    """The standard population as a clean Series by age group."""
    if not isinstance(standard, pd.Series | Mapping):
        raise StatsError("standard must be a Series or dict indexed by age group, so that it is matched by name")
    named = standard if isinstance(standard, pd.Series) else pd.Series(dict(standard), dtype=object)
    weights = pd.Series(column(named, "standard"), index=named.index)
    if twice := repeated(weights.index):
        raise StatsError(f"standard repeats the age groups {twice}; give each once")
    if weights.isna().any():
        raise StatsError(f"standard has no weight for {listed(weights.index[weights.isna()])}")
    if not weights.sum() > 0:
        raise StatsError("standard holds no weight above 0; give persons or proportions by age group")
    return weights


class _Cells:
    """Where each row of a frame belongs in the table group × age group; column -1 is unknown age."""

    def __init__(self, frame: pd.DataFrame, keys: list[str], age: str, ages: pd.Index, unknown_age: str | None) -> None:
        if not isinstance(frame, pd.DataFrame):
            raise StatsError(f"frame must be a DataFrame, not {type(frame).__name__}; for arrays use age_adjusted_rate")
        _require(frame, [*keys, age])
        if frame.empty:
            raise StatsError("frame has no rows; give one for each age group")
        if unknown_age in ages:
            raise StatsError(f"age group {unknown_age!r} has a weight in the standard, so it is not unknown age")
        labels = pd.Index(frame[age].astype(object))
        code = ages.astype(object).get_indexer(labels)
        foreign = labels[(code < 0) & ~(labels == unknown_age)].unique()
        if len(foreign):
            raise StatsError(
                f"age groups {listed(foreign)} are not in the standard, which has {listed(ages, 20)}; "
                "rename them, or name the label of unknown ages in unknown_age"
            )
        groups = frame.groupby(keys, sort=False, dropna=False, observed=True).ngroup() if keys else np.zeros(len(frame))
        self.group, _ = pd.factorize(np.asarray(groups))
        self.heads = frame.loc[~pd.Series(self.group).duplicated().to_numpy(), keys].reset_index(drop=True)
        self.ages, self.code = ages, code
        self.count, _ = self._sums(np.ones(len(frame)))
        self.refuse(self.count > 1, "more than one row", "give one row per group and age group, or name `by` columns")

    def _sums(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        table: FloatArray = np.zeros((len(self.heads), len(self.ages) + 1))
        np.add.at(table, (self.group, self.code), values)
        return table[:, :-1], table[:, -1]

    def spread(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The values as a table, NaN where there is no row, and each group's sum over unknown age."""
        cells, extra = self._sums(values)
        return np.where(self.count > 0, cells, np.nan), extra

    def refuse(self, bad: npt.NDArray[np.bool_], problem: str, remedy: str) -> None:
        """Raise a StatsError that counts and names the marked cells, or groups in a table of one column."""
        where = np.argwhere(bad)
        if not len(where):
            return
        ages = [""] if bad.shape[1] == 1 < len(self.ages) else [repr(age) for age in self.ages]
        heads = (", ".join(map(str, self.heads.iloc[group])) for group, _ in where[:5])
        parts = [(head, ages[code]) for head, (_, code) in zip(heads, where, strict=False)]
        names = [" ".join(filter(None, part)) or "the frame" for part in parts]
        more = f" … ({len(where)} in all)" if len(where) > 5 else ""
        raise StatsError(f"{problem} for {'; '.join(names)}{more}; {remedy}")
