"""Words to intervals."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.audit import hedges
from fentanyl_stats.errors import PhraseError
from fentanyl_stats.model import Interval

ORACLE = Path(__file__).parents[1] / "oracles" / "hedge_intervals.csv"
ROWS = list(csv.DictReader(ORACLE.read_text("utf-8").splitlines()))


def _end(text: str, default: float) -> float:
    return float(text) if text else default


@pytest.mark.parametrize("row", ROWS, ids=[row["text"] for row in ROWS])
def test_published_intervals(row: dict[str, str]) -> None:
    phrase = hedges.parse(row["text"], kind=row["kind"])
    delta = float(row["delta"])
    assert (phrase.value, phrase.hedge) == (float(row["value"]), row["hedge"])
    assert phrase.granularity == float(row["granularity"])
    closed = {"[)": "left", "[]": "both", "()": "neither", "(]": "right"}[row["bounds"]]
    c = phrase.interval(delta)
    assert (c.low, c.high) == pytest.approx((_end(row["lower"], -math.inf), _end(row["upper"], math.inf)), abs=1e-9)
    assert c.closed == closed
    wide, truth = phrase.widened(delta), phrase.truth(delta)
    assert (wide.low, wide.high) == pytest.approx(
        (_end(row["wide_lower"], -math.inf), _end(row["wide_upper"], math.inf)), abs=1e-9
    )
    assert (truth.low, truth.high) == pytest.approx(
        (_end(row["truth_lower"], -math.inf), _end(row["truth_upper"], math.inf)), abs=1e-9
    )


@pytest.mark.parametrize(
    ("text", "hedge", "value", "unit"),
    [
        ("nearly 100,000", "nearly", 100_000, ""),
        ("over a dozen offices", "more than", 12, "offices"),
        ("two offices", "bare", 2, "offices"),
        ("about $1.4 million", "about", 1_400_000, ""),
        ("97 percent", "bare", 97, "percent"),
        ("up to 97 per cent", "at most", 97, "percent"),
        ("fewer than 500", "fewer than", 500, ""),
        ("no fewer than three dozen", "at least", 36, ""),
    ],
)
def test_phrases_are_read(text: str, hedge: str, value: float, unit: str) -> None:
    phrase = hedges.parse(text)
    assert (phrase.hedge, phrase.value, phrase.unit) == (hedge, value, unit)


@pytest.mark.parametrize("text", ["", "nearly", "93 offices in 69 countries", "1,2,3", "S01", "NaN", "\x00"])
def test_what_is_not_one_number_is_refused(text: str) -> None:
    with pytest.raises(PhraseError, match="numbers? "):
        hedges.parse(text)


@pytest.mark.parametrize("value", [math.nan, math.inf, True, "100"])
def test_a_value_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(PhraseError, match="finite number"):
        hedges.interval("nearly", value)


def test_unknown_words_are_answered_with_the_close_ones() -> None:
    with pytest.raises(PhraseError, match="did you mean 'nearly'"):
        hedges.interval("neerly", 10)
    with pytest.raises(PhraseError, match="percent"):
        hedges.interval("nearly", 10, kind="percnt")
    with pytest.raises(PhraseError, match="delta"):
        hedges.interval("nearly", 10, delta=-0.1)


def test_stored_slugs_mean_their_words() -> None:
    pairs = {
        "over": "more than",
        "under": "fewer than",
        "estimated": "about",
        "reportedly": "bare",
        "at-least": "at least",
    }
    assert {slug: hedges.hedge_name(slug) for slug in pairs} == pairs


@given(
    hedge=st.sampled_from(sorted(hedges.WORDS)),
    value=st.integers(1, 10**7),
    kind=st.sampled_from(hedges.KINDS),
    delta=st.floats(0, 0.5),
)
def test_the_generous_reading_holds_the_strict_one(hedge: str, value: int, kind: str, delta: float) -> None:
    phrase = hedges.phrase(hedge, value, kind)
    assert phrase.truth(delta) in phrase.widened(delta)
    assert phrase.truth(delta) in Interval(-math.inf, math.inf, "neither")


@given(value=st.integers(1, 10**6), factor=st.integers(2, 50), hedge=st.sampled_from(["nearly", "about", "bare"]))
def test_intervals_scale_with_the_number_when_the_precision_does(value: int, factor: int, hedge: str) -> None:
    small = hedges.interval(hedge, value, granularity=10)
    large = hedges.interval(hedge, value * factor, granularity=10 * factor)
    assert (large.low, large.high) == pytest.approx((small.low * factor, small.high * factor))


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = hedges.parse(text).value
    except PhraseError:
        return
    assert math.isfinite(value)
