"""Segmented log-linear models of counts over time: level and slope before and after one date."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, stats

from ..errors import StatsError, unknown
from ._numbers import FloatArray, number, numbers, whole

Family = Literal["poisson", "quasi-poisson", "negative-binomial", "log-rate"]
Values = npt.ArrayLike


@dataclass(frozen=True, slots=True)
class Segmented:
    """A fitted model. `table` has one row a term: estimate, se, statistic, p (on the log scale).

    `residuals` are deviance residuals, for the log-rate model the plain ones; `dispersion` is Pearson χ²/(n
    − p) (for log-rate the residual variance) whether or not the standard errors use it.
    """

    family: Family
    table: pd.DataFrame
    dispersion: float
    deviance: float
    alpha: float | None
    """Overdispersion of the negative binomial, variance μ + αμ²."""
    design: pd.DataFrame
    fitted: FloatArray
    residuals: FloatArray
    scores: FloatArray
    bread: FloatArray

    @property
    def df_resid(self) -> int:
        """n − p."""
        return int(self.design.shape[0] - self.design.shape[1])

    def newey_west(self, lag: int) -> pd.Series:
        """Standard errors robust to autocorrelation up to `lag`: A⁻¹MA⁻¹ with Bartlett weights.

        No small-sample factor, no prewhitening. With few months they are far too small: describe, do not
        test.

        References
        ----------
        Newey & West 1987, Econometrica 55:703; as in R sandwich::NeweyWest(prewhite = FALSE, adjust = FALSE).
        """
        lag, u = whole(lag, "lag"), self.scores
        meat = u.T @ u
        for back in range(1, min(lag, len(u) - 1) + 1):
            cross = u[back:].T @ u[:-back]
            meat += (1 - back / (lag + 1)) * (cross + cross.T)
        covariance = self.bread @ meat @ self.bread
        return pd.Series(np.sqrt(np.diag(covariance)), index=self.table.index, name="se")

    def breusch_godfrey(self, order: int = 12) -> tuple[float, float]:
        """Lagrange multiplier test of autocorrelation up to `order`: (n·R², p from χ² with `order` df).

        R² of the residuals regressed on the design and their own lags, residuals before the first month
        being 0.

        References
        ----------
        Breusch 1978; Godfrey 1978, Econometrica 46:1293. As in R lmtest::bgtest.
        """
        order, e = whole(order, "order", low=1), self.residuals
        if order + self.design.shape[1] >= e.size:
            raise StatsError(f"order {order} is too high for {e.size} months and {self.design.shape[1]} terms")
        lags = np.column_stack([np.concatenate([np.zeros(back), e[:-back]]) for back in range(1, order + 1)])
        x = np.hstack([self.design.to_numpy(), lags])
        fitted = x @ np.linalg.lstsq(x, e, rcond=None)[0]
        statistic = e.size * float(fitted @ fitted) / float(e @ e)
        return statistic, float(stats.chi2.sf(statistic, order))

    @property
    def durbin_watson(self) -> float:
        """Σ(e_t − e_{t−1})² / Σe_t²: near 2 without first-order autocorrelation, towards 0 with a positive
        one.

        References
        ----------
        Durbin & Watson 1950, Biometrika 37:409.
        """
        steps = np.diff(self.residuals)
        return float(steps @ steps) / float(self.residuals @ self.residuals)


def segmented(
    events: Values,
    exposure: Values,
    time: Values,
    post: Values,
    month: Values | None = None,
    *,
    harmonics: int = 0,
    slope_change: bool = False,
    family: Family = "poisson",
    per: float = 100_000,
) -> Segmented:
    """Fit events/exposure = exp(intercept + post + time [+ post·time] + harmonics of the calendar month).

    Parameters
    ----------
    events : array, shape (n,)
        Events of each month, in order of time, at least 0.
    exposure : array, shape (n,)
        Population or days of each month, above 0; its logarithm is the offset.
    time : array, shape (n,)
        Time, increasing, in any unit: slopes are per that unit.
    post : array of 0 and 1, shape (n,)
        1 from the date of the change on.
    month : array of 1 … 12, shape (n,)
        Calendar month, needed with `harmonics`.
    harmonics : int
        Pairs sin(hθ), cos(hθ), θ = 2π·month/12, h = 1 … harmonics.
    slope_change : bool
        Whether the slope may change too (term post:time).
    family : {"poisson", "quasi-poisson", "negative-binomial", "log-rate"}
        Poisson; the same with standard errors × √dispersion; NB2 with α by maximum likelihood and standard
        errors at that α; or least squares of ln(per·events/exposure).
    per : float
        Scale of the log-rate model only.

    Raises
    ------
    StatsError
        If lengths differ, values are out of range, months are out of order, a term cannot be told from the
        others, there are no events on one side, or there are not more months than terms.

    References
    ----------
    Bernal, Cummins & Gasparrini 2017, International Journal of Epidemiology 46:348.
    Hilbe 2011, Negative Binomial Regression (NB2).

    Examples
    --------
    >>> import numpy as np
    >>> time = np.arange(24)
    >>> events = 1000 * np.exp(0.01 * time - 0.2 * (time >= 12))
    >>> model = segmented(events, np.full(24, 5e5), time, time >= 12)
    >>> model.table["estimate"].round(6).to_dict()
    {'intercept': -6.214608, 'post': -0.2, 'time': 0.01}
    """
    if family not in get_args(Family):
        raise StatsError(unknown("family", family, get_args(Family)))
    y, exposed = numbers(events, "events", low=0), numbers(exposure, "exposure", low=0, open_low=True)
    x = _design(time, post, month, harmonics=harmonics, slope_change=slope_change)
    if y.shape != (len(x),) or exposed.shape != (len(x),):
        raise StatsError(f"lengths differ: {len(x)} times, events of shape {y.shape}, exposure {exposed.shape}")
    after = x["post"].to_numpy() == 1
    for side, rows in (("before", ~after), ("after", after)):
        if not y[rows].any():
            raise StatsError(f"events are all 0 in the {int(rows.sum())} months {side} the change; no log has a value")
    if family == "log-rate":
        if (zero := y == 0).any():
            raise StatsError(f"{int(zero.sum())} of {y.size} months have 0 events; a log rate needs more than 0")
        return _least_squares(np.log(number(per, "per", low=0, open_low=True) * y / exposed), x)
    offset = np.log(exposed)
    alpha = _ml_alpha(y, x, offset) if family == "negative-binomial" else 0.0
    result = _glm(y, x, offset, alpha)
    mu = np.asarray(result.fittedvalues, dtype=np.float64)
    design, weight = x.to_numpy(), 1 / (1 + alpha * mu)
    dispersion = float(result.pearson_chi2) / (len(x) - x.shape[1])
    bread = np.linalg.inv((design * (mu * weight)[:, None]).T @ design)
    se = np.sqrt(np.diag(bread) * (dispersion if family == "quasi-poisson" else 1.0))
    law = stats.t(len(x) - x.shape[1]) if family == "quasi-poisson" else stats.norm()
    return Segmented(
        family=family,
        table=_table(x, np.asarray(result.params, dtype=np.float64), se, law),
        dispersion=dispersion,
        deviance=float(result.deviance),
        alpha=alpha if family == "negative-binomial" else None,
        design=x,
        fitted=mu,
        residuals=np.asarray(result.resid_deviance, dtype=np.float64),
        scores=((y - mu) * weight)[:, None] * design,
        bread=bread,
    )


def _design(time: Any, post: Any, month: Any, *, harmonics: int, slope_change: bool) -> pd.DataFrame:
    t = numbers(time, "time")
    flags = np.asarray(post)
    after = numbers(flags.astype(np.float64) if flags.dtype == np.bool_ else post, "post", low=0, high=1)
    if t.ndim != 1 or after.shape != t.shape:
        raise StatsError(f"time and post need one value a month each, got shapes {t.shape} and {after.shape}")
    if (np.diff(t) <= 0).any():
        raise StatsError(f"time must increase; it does not after position {int(np.argmax(np.diff(t) <= 0))}")
    if not np.isin(after, (0, 1)).all():
        raise StatsError(f"post is 0 before and 1 after the change, got {after[~np.isin(after, (0, 1))][0]:g}")
    columns = {"intercept": np.ones(t.size), "post": after, "time": t}
    if slope_change:
        columns["post:time"] = after * t
    pairs = whole(harmonics, "harmonics")
    if pairs:
        if month is None:
            raise StatsError(f"{pairs} harmonics need the calendar month; give month=1…12")
        calendar = numbers(month, "month", low=1, high=12)
        if calendar.shape != t.shape:
            raise StatsError(f"month needs one value a month: shape {calendar.shape}, {t.size} times")
        for h in range(1, pairs + 1):
            angle = 2 * np.pi * h * calendar / 12
            columns |= {f"sin{h}": np.sin(angle), f"cos{h}": np.cos(angle)}
    x = pd.DataFrame(columns)
    # Columns at one scale, or a long time axis would pass for a rank deficiency.
    rank = int(np.linalg.matrix_rank(x.to_numpy() / np.maximum(np.abs(x.to_numpy()).max(axis=0), 1e-300)))
    if rank < x.shape[1] or len(x) <= x.shape[1]:
        raise StatsError(
            f"{len(x)} months cannot tell {x.shape[1]} terms apart (rank {rank}: {', '.join(x.columns)}); "
            "give more months on both sides of the change or fewer harmonics"
        )
    return x


def _glm(y: FloatArray, x: pd.DataFrame, offset: FloatArray, alpha: float = 0.0) -> Any:
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    family = sm.families.NegativeBinomial(alpha=alpha) if alpha > 0 else sm.families.Poisson()
    with warnings.catch_warnings():
        # Counts without noise are fitted exactly; for a count model that is no failure.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        model = sm.GLM(y, x.to_numpy(), family=family, offset=offset)
        result = model.fit(maxiter=200, tol_criterion="params", tol=1e-10, rtol=1e-9)
    # Where zeros line up with a term, its estimate runs off to infinity and takes the fitted counts to 0.
    vanished = (y == 0) & (np.asarray(result.fittedvalues) < 1e-9 * y.mean())
    if not result.converged or vanished.any():
        raise StatsError(
            f"the model has no finite estimate: {int((y == 0).sum())} of {len(y)} months hold no events, "
            "too many for its terms"
        )
    return result


def _ml_alpha(y: FloatArray, x: pd.DataFrame, offset: FloatArray) -> float:
    """α of NB2 that maximises the profile likelihood; 0 if none beats Poisson (no overdispersion)."""

    def loss(log_alpha: float) -> float:
        alpha = float(np.exp(log_alpha))
        mu = np.asarray(_glm(y, x, offset, alpha).fittedvalues)
        return -float(stats.nbinom.logpmf(y, 1 / alpha, 1 / (1 + alpha * mu)).sum())

    if (broken := y != np.floor(y)).any():
        raise StatsError(f"negative binomial counts are whole; {int(broken.sum())} of {y.size} are not")
    best = optimize.minimize_scalar(loss, bounds=(-13.0, 4.0), method="bounded", options={"xatol": 1e-9})
    poisson = -float(stats.poisson.logpmf(y, np.asarray(_glm(y, x, offset).fittedvalues)).sum())
    return float(np.exp(best.x)) if best.fun < poisson - 1e-6 else 0.0


def _least_squares(y: FloatArray, x: pd.DataFrame) -> Segmented:
    import statsmodels.api as sm

    result = sm.OLS(y, x.to_numpy()).fit()
    design, residuals = x.to_numpy(), np.asarray(result.resid, dtype=np.float64)
    table = _table(x, np.asarray(result.params), np.asarray(result.bse), stats.t(len(x) - x.shape[1]))
    return Segmented(
        family="log-rate",
        table=table,
        dispersion=float(result.mse_resid),
        deviance=float(result.ssr),
        alpha=None,
        design=x,
        fitted=np.asarray(result.fittedvalues, dtype=np.float64),
        residuals=residuals,
        scores=residuals[:, None] * design,
        bread=np.linalg.inv(design.T @ design),
    )


def _table(x: pd.DataFrame, estimate: FloatArray, se: FloatArray, law: Any) -> pd.DataFrame:
    statistic = np.divide(estimate, se, out=np.full(se.size, np.nan), where=se > 0)
    columns = {"estimate": estimate, "se": se, "statistic": statistic, "p": 2 * law.sf(np.abs(statistic))}
    return pd.DataFrame(columns, index=pd.Index(x.columns, name="term"))
