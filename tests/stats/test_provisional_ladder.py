"""Chain ladder: the published example, and the formulas written out a second time."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.errors import StatsError
from fentanyl_stats.stats.provisional import chain_ladder

ORACLES = Path(__file__).parents[1] / "oracles"


@pytest.fixture(scope="module")
def tidy() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "mack_triangles.csv")


@pytest.fixture(scope="module")
def wide(tidy: pd.DataFrame) -> pd.DataFrame:
    return tidy.pivot(index="origin", columns="dev", values="cumulative").astype(float)


def test_mack_1993(wide: pd.DataFrame) -> None:
    expected = pd.read_csv(ORACLES / "mack_expected.csv")
    origin, dev, total = (expected[expected["row"] == row].set_index("index") for row in ("origin", "dev", "total"))
    ladder = chain_ladder(wide)
    assert ladder.reserve == pytest.approx(total["reserve"].iloc[0], rel=1e-8)
    assert ladder.se == pytest.approx(total["se"].iloc[0], rel=1e-8)
    assert (round(ladder.reserve), round(ladder.se)) == (18_680_856, 2_447_095)
    for name in ("reserve", "se"):
        np.testing.assert_allclose(ladder.by_origin[name], origin[name], rtol=1e-8)
    np.testing.assert_allclose(ladder.factors, dev["factor"], rtol=1e-8)
    np.testing.assert_allclose(ladder.sigma2, dev["sigma2"], rtol=1e-8)
    assert list(ladder.by_origin.index) == list(range(1, 11))
    assert list(ladder.factors.index) == list(range(1, 10))


def test_tidy_wide_and_array_are_one_triangle(tidy: pd.DataFrame, wide: pd.DataFrame) -> None:
    shuffled = tidy.sample(frac=1, random_state=0)
    for form in (shuffled, wide.to_numpy(), wide.to_numpy().tolist()):
        got = chain_ladder(form)
        assert got.se == chain_ladder(wide).se
        assert list(got.by_origin.index) == list(range(1, 11))


def written_out(c: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Reserve and standard error by the sums of the paper, index by index (counted from 1)."""
    n = len(c)
    known = {(i, k): c[i - 1, k - 1] for i in range(1, n + 1) for k in range(1, n + 2 - i)}
    f, s2, size = {}, {}, {}
    for k in range(1, n):
        size[k] = sum(known[i, k] for i in range(1, n - k + 1))
        f[k] = sum(known[i, k + 1] for i in range(1, n - k + 1)) / size[k]
        spread = sum(known[i, k] * (known[i, k + 1] / known[i, k] - f[k]) ** 2 for i in range(1, n - k + 1))
        s2[k] = spread / (n - k - 1) if k < n - 1 else 0.0
    if s2[n - 3] > 0:
        s2[n - 1] = min(s2[n - 2] ** 2 / s2[n - 3], min(s2[n - 3], s2[n - 2]))
    full = dict(known)
    for i in range(1, n + 1):
        for k in range(n + 1 - i, n):
            full[i, k + 1] = f[k] * full[i, k]
    mse = 0.0
    for i in range(2, n + 1):
        ks = range(n + 1 - i, n)
        mse += full[i, n] ** 2 * sum(s2[k] / f[k] ** 2 * (1 / full[i, k] + 1 / size[k]) for k in ks)
        younger = sum(full[j, n] for j in range(i + 1, n + 1))
        mse += full[i, n] * younger * sum(2 * s2[k] / f[k] ** 2 / size[k] for k in ks)
    return sum(full[i, n] - full[i, n + 1 - i] for i in range(1, n + 1)), math.sqrt(mse)


def staircase(cells: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    n = len(cells)
    return np.where(np.add.outer(np.arange(n), np.arange(n)) < n, cells, np.nan)


@given(st.integers(6, 12), st.integers(0, 2**32 - 1))
def test_any_triangle_agrees_with_the_sums_written_out(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 2000, (n, n)) * np.linspace(2, 0.1, n)
    triangle = staircase(np.ceil(counts).cumsum(axis=1))
    reserve, se = written_out(triangle)
    got = chain_ladder(triangle)
    assert got.reserve == pytest.approx(reserve, rel=1e-9)
    assert got.se == pytest.approx(se, rel=1e-9)
    assert got.se >= math.hypot(*got.by_origin["se"]) - 1e-9
    assert got.by_origin.iloc[0][["reserve", "se"]].tolist() == [0, 0]
    scaled = chain_ladder(triangle * 100)
    assert scaled.reserve == pytest.approx(100 * reserve, rel=1e-9)
    assert scaled.se == pytest.approx(100 * se, rel=1e-9)


def test_origins_that_develop_alike_leave_no_error() -> None:
    triangle = staircase(np.outer([5, 6, 8, 7, 9, 10], [10, 16, 18, 19, 20, 20]).astype(float))
    got = chain_ladder(triangle)
    assert got.reserve == pytest.approx(sum([0, 0, 8, 14, 36, 100]))
    assert got.se == pytest.approx(0, abs=1e-6)


def changed(i: int, k: int, value: float) -> np.ndarray[Any, Any]:
    cells = staircase(np.full((6, 6), 10.0).cumsum(axis=1))
    cells[i, k] = value
    return cells


@pytest.mark.parametrize(
    ("triangle", "message"),
    [
        (staircase(np.full((5, 5), 10.0).cumsum(axis=1)), "needs 6 origins"),
        (np.full((7, 6), 10.0), "square"),
        (np.full((6, 6), 10.0), "beyond the diagonal.*: 15 of 36, first at origin 2, lag 6"),
        (changed(2, 1, np.nan), "lacks cells.*: 1 of 36, first at origin 3, lag 2"),
        (changed(0, 0, 0), "holds 0.*: 1 of 36"),
        (changed(0, 0, -1), "negative"),
        (changed(0, 0, math.inf), "infinite"),
        (changed(0, 0, 10).astype(str), "must be numbers"),
        ([1, 2, 3], "table of origins and lags"),
        ([[10.0] * (6 - i) for i in range(6)], "rows equally long"),
        (np.ones(6), "table of origins and lags"),
        (None, "table of origins and lags"),
        (
            pd.DataFrame({"origin": [1, 1], "dev": [1, 1], "cumulative": [5, 6]}),
            "a cell twice: 1, first in row 1",
        ),
    ],
)
def test_chain_ladder_refuses(triangle: Any, message: str) -> None:
    with pytest.raises(StatsError, match=message):
        chain_ladder(triangle)
