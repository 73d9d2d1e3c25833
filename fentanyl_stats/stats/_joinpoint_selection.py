"""How many joinpoints: information criteria, and the sequence of permutation tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ._joinpoint_grid import Floats, Grid, Solver
from ._joinpoint_model import Data, Model, largest_bend

ALPHA = 0.05
_TIE = 1e-12  # a permuted ratio this close below the observed one counts as reaching it


def default_maximum(n: int) -> int:
    """The NCI Joinpoint program's default for the largest number of joinpoints.

    >>> [default_maximum(n) for n in (6, 7, 11, 12, 17, 22, 27, 200)]
    [0, 1, 1, 2, 3, 4, 5, 5]
    """
    return max(0, min(5, (n - 2) // 5))


def criteria(data: Data, models: Sequence[Model]) -> pd.DataFrame:
    """BIC, BIC3 and WBIC of each model: ln(SSE/n) plus a penalty, least is best; −∞ for an exact fit."""
    k = np.array([model.k for model in models])
    sse = np.array([model.sse for model in models])
    r2max = np.array([largest_bend(data, model.nodes) for model in models])
    with np.errstate(divide="ignore"):
        error = np.log(sse / data.n)
    penalty = np.log(data.n) / data.n
    return pd.DataFrame(
        {
            "k": k,
            "sse": sse,
            "bic": error + (2 * k + 2) * penalty,
            "bic3": error + (3 * k + 2) * penalty,
            "wbic": error + ((2 + r2max) * k + 2) * penalty,
            "r2max": r2max,
        }
    )


def permutation_sequence(
    data: Data, grid: Grid, models: Sequence[Model], permutations: int, seed: int
) -> tuple[int, pd.DataFrame]:
    """The number of joinpoints left after a sequence of tests of few (null) against many, and the tests.

    Each test has the level α/(maximum − null), so that the chance of too many joinpoints is at most α = 0.05
    (Kim et al. 2000).
    """
    rng = np.random.default_rng(seed)
    null, alternative = 0, len(models) - 1
    tests = []
    while null < alternative:
        level = ALPHA / (len(models) - 1 - null)
        p = _permutation_test(data, grid, models, null, alternative, permutations, rng)
        tests.append((null, alternative, level, p))
        if p <= level:
            null += 1
        else:
            alternative -= 1
    return null, pd.DataFrame(tests, columns=["k_null", "k_alt", "level", "p"])


def _permutation_test(
    data: Data,
    grid: Grid,
    models: Sequence[Model],
    null: int,
    alternative: int,
    permutations: int,
    rng: np.random.Generator,
) -> float:
    few, many = models[null], models[alternative]
    if few.sse == 0:
        return 1.0  # nothing is left for more joinpoints to explain
    observed = few.sse / many.sse if many.sse else np.inf
    root = np.sqrt(data.weights)
    residuals = root * (data.y - few.fitted)
    mean = few.fitted - models[0].fitted  # without the straight line, which every model contains: fewer digits lost
    block = _block(data.n)
    solvers = Solver(grid, null, block), Solver(grid, alternative, block)
    reached = 0
    for done in range(0, permutations, block):
        permuted = rng.permuted(np.tile(residuals, (block, 1)), axis=1)
        y: Floats = mean[:, None] + (permuted / root).T
        fewer, more = (solver.least_squares(y)[: permutations - done] for solver in solvers)
        with np.errstate(divide="ignore", invalid="ignore"):  # two exact fits count as reaching it
            reached += int(np.count_nonzero(~(fewer / more < observed - _TIE)))
    return (reached + 1) / (permutations + 1)


def _block(n: int) -> int:
    """Permutations at a time: what a few megabytes hold, so that memory does not grow with their number."""
    return int(np.clip(2**19 // (n * n), 64, 1024))
