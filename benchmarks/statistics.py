"""Statistics against what a user would otherwise run."""

from __future__ import annotations

import tracemalloc
import warnings

import numpy as np
import pandas as pd

from fentanyl_stats.analysis.trends import death_rates
from fentanyl_stats.data import names, store
from fentanyl_stats.stats import joinpoint, rates

from .timing import Row, best


def limits() -> list[Row]:
    """Exact Poisson limits of a million counts against statsmodels."""
    from statsmodels.stats.rates import confint_poisson

    counts = np.random.default_rng(0).poisson(60, 1_000_000)
    ours = best(lambda: rates.poisson_interval(counts), 3)
    theirs = best(lambda: confint_poisson(counts, 1, method="exact-c"), 1)
    return [Row("exact limits of 1,000,000 counts", ours, "statsmodels confint_poisson", theirs)]


def ratios() -> list[Row]:
    """Exact rate ratios, and mid-p limits of age-adjusted rates beside those of Fay and Feuer."""
    from scipy.stats import binomtest

    rng = np.random.default_rng(0)
    deaths1, deaths0 = rng.poisson(60, (2, 10_000))
    ours = best(lambda: rates.rate_ratio(deaths1, 5e4, deaths0, 6e4), 3)
    pairs = list(zip(deaths1.tolist(), deaths0.tolist(), strict=True))
    theirs = best(lambda: [binomtest(a, a + b, 5 / 11).pvalue for a, b in pairs if a + b], 1)
    deaths, people = rng.poisson(20, (50_000, 11)), rng.uniform(1e3, 1e6, (50_000, 11))
    frame = pd.DataFrame(
        {
            "place": np.repeat(np.arange(50_000), 11), "age": np.tile(np.arange(11), 50_000),
            "deaths": deaths.ravel(), "population": people.ravel(),
        }
    )  # fmt: skip
    standard = pd.Series(rng.dirichlet(np.ones(11)), np.arange(11))
    midp, gamma = (
        best(lambda method=method: rates.age_adjusted(frame, "place", age="age", standard=standard, method=method), 1)  # type: ignore[misc]
        for method in ("fay-kim-midp", "fay-feuer")
    )
    return [
        Row("exact ratios of 10,000 pairs of rates, limits and p", ours, "scipy binomtest one by one, p alone", theirs),
        Row("mid-p limits of 50,000 age-adjusted rates", midp, "the same, limits of Fay and Feuer", gamma),
    ]


def trends() -> list[Row]:
    """Joinpoint fits and tests against continuous piecewise fits by global and iterative search."""
    import piecewise_regression
    import pwlf

    us = death_rates("crude", "synthetic-opioids", last=2024)
    x, y, se = (us[name].to_numpy(dtype=float) for name in ("year", "rate", "se"))
    logs = np.log(y)
    months = store.load("nvss-t404-month").sort_values("month").tail(120)
    counts = months["deaths"].to_numpy(dtype=float)
    fit = best(lambda: joinpoint.fit(x, y, se=se, max_joinpoints=4))
    test = best(lambda: joinpoint.fit(x, y, se=se, max_joinpoints=5, select="permutation"), 3)
    long = best(lambda: joinpoint.fit(np.arange(counts.size), counts, max_joinpoints=3), 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        free = best(lambda: pwlf.PiecewiseLinFit(x, logs, seed=0).fit(4), 1)
        freely = best(lambda: pwlf.PiecewiseLinFit(np.arange(counts.size), np.log(counts), seed=0).fit(4), 1)
        iterated = best(
            lambda: piecewise_regression.Fit(list(x), list(logs), n_breakpoints=3, n_boot=20, verbose=False), 1
        )
    every = [death_rates(jurisdiction=code) for code in names.jurisdictions() if code not in ("PR", "YC")]
    states = best(lambda: [joinpoint.fit(s["year"], s["rate"], se=s["se"]) for s in every], 1)
    points = f"{len(x)} points"
    return [
        Row(f"WBIC fit, {points}, 0 to 4 joinpoints", fit, "pwlf, one fit with 3 free knots", free),
        Row(f"WBIC fit, {points}, 0 to 4 joinpoints", fit, "piecewise-regression, one fit with 3 breaks", iterated),
        Row("its full permutation test, 4,499 permutations, 0 to 5 joinpoints", test, "pwlf, one fit with 3 free knots", free),
        Row(f"WBIC fit, {counts.size} months, 0 to 3 joinpoints", long, "pwlf, one fit with 3 free knots", freely),
        Row(f"WBIC fits of {len(every)} series", states, f"pwlf, {len(every)} fits with 3 free knots", free * len(every)),
    ]  # fmt: skip


def memory() -> list[str]:
    """Peak memory of the permutation test as permutations grow, in a sentence."""
    us = death_rates("crude", "synthetic-opioids", last=2024)
    x, y, se = (us[name].to_numpy(dtype=float) for name in ("year", "rate", "se"))
    peaks = {}
    for permutations in (499, 4_499, 44_999):
        tracemalloc.start()
        joinpoint.fit(x, y, se=se, max_joinpoints=5, select="permutation", permutations=permutations)
        peaks[permutations] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    told = ", ".join(f"{peak:.1f} MB with {permutations:,}" for permutations, peak in peaks.items())
    return [f"Peak memory of the permutation test: {told} permutations."]
