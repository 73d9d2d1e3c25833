"""What is handed in is not what was asked for: one error of the package, never one of Python's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import fentanyl_stats as fs
from fentanyl_stats.stats import provisional, selection

fs_: Any = fs  # the calls below are wrong on purpose
provisional_: Any = provisional


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fs_.load(["vsrr"]), "unknown dataset"),
        (lambda: fs_.assess(None), "unknown claim 'None'"),
        (lambda: fs_.assess(["deaths-per-year"]), "unknown claim"),
        (lambda: fs_.claims(5), "a claims file is named by a path, not by int 5"),
        (lambda: fs_.article_figures(b"x.toml"), "a claims file is named by a path"),
        (lambda: fs_.check("nearly 100,000", "deaths/all", 2023), "written as text, such as '2023', not as int 2023"),
        (lambda: fs_.check("nearly 100,000", ["deaths/all"], "2023"), "unknown quantity"),
        (lambda: fs_.check("nearly 100,000", "deaths/all", "2023", ["US"]), "unknown jurisdiction"),
        (lambda: fs_.read_publisher("cbp", 5), "cannot be read"),
        (lambda: fs_.read_publisher(["cbp"], b""), "unknown kind of publisher file"),
        (lambda: fs_.hedges.interval(None, 5), "unknown hedge 'None'"),
        (lambda: fs_.Interval("a", "b"), "an interval needs two numbers, got \\('a', 'b'\\)"),
        (lambda: fs_.Interval(None, 1), "an interval needs two numbers"),
        (lambda: fs_.verdicts.judge(None, (1, 2), (1, 2), (1, 2)), "a pair of ends, not None"),
        (lambda: fs_.verdicts.judge(5, (1, 2), (1, 2), (1, 2)), "a pair of ends, not 5"),
        (lambda: fs_.verdicts.judge((1, 2, 3), (1, 2), (1, 2), (1, 2)), "a pair of ends"),
        (lambda: provisional_.predict(1000, 0.1, None), "what fit_coefficients gives, not None"),
        (lambda: selection.pure_share([1e308, 1e308], [1, 1]), "too large to add up"),
    ],
)  # fmt: skip
def test_one_error_says_what_would_be_right(call: Callable[[], object], words: str) -> None:
    with pytest.raises(fs.FentanylStatsError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
