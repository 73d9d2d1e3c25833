"""How often the rule errs, what it does at open ends, and verdicts as words."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from datetime import date
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.audit import hedges, verdicts
from fentanyl_stats.audit.verdicts import Catalogued, Evidence, Verdict
from fentanyl_stats.errors import StatsError
from fentanyl_stats.model import Estimate, Interval, ModelError, Period

PHRASE = hedges.parse("nearly 100,000")
C, WIDE = PHRASE.truth(), PHRASE.widened()
DRAWS = 20_000
SLACK = 3 * math.sqrt(0.05 * 0.95 / DRAWS)
RANK = {"CONTRADICTED": 0, "DEPENDS": 1, "NOT DETERMINED": 1, "INCONCLUSIVE": 1, "CLOSE": 2, "SUPPORTED": 3}

counts = st.floats(0, 200_000)
errors = st.floats(0, 10_000)


def _labels(theta: float, se: float) -> dict[str, float]:
    """Shares of verdicts over many estimates of a true value."""
    at_zero = Evidence(0, 0, se, se)
    half90, half95 = at_zero.at(0.90).high, at_zero.at(0.95).high
    found: dict[str, int] = {}
    for estimate in np.random.default_rng(20240917).normal(theta, se, DRAWS):
        e90 = Interval(estimate - half90, estimate + half90)
        e95 = Interval(estimate - half95, estimate + half95)
        label = verdicts.judge(C, WIDE, e90, e95).label
        found[label] = found.get(label, 0) + 1
    return {label: count / DRAWS for label, count in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("se", [200.0, 1_500.0, 2_900.0])
@pytest.mark.parametrize("edge", [C.low, C.high])
def test_size_at_the_edge_of_the_claim(edge: float, se: float) -> None:
    assert _labels(edge, se).get("SUPPORTED", 0.0) <= 0.05 + SLACK


def test_size_is_used_up_where_the_other_edge_is_far() -> None:
    assert _labels(C.low, 200.0)["SUPPORTED"] == pytest.approx(0.05, abs=SLACK)


@pytest.mark.parametrize("edge", [WIDE.low, WIDE.high])
def test_a_true_claim_at_the_edge_is_seldom_contradicted(edge: float) -> None:
    assert _labels(edge, 1_000.0).get("CONTRADICTED", 0.0) <= 0.025 + SLACK


def test_a_noisy_estimate_is_never_supported() -> None:
    se, found = 4_000.0, _labels(95_000, 4_000)
    reach = NormalDist().inv_cdf(0.95) * se
    law = NormalDist(95_000, se)
    close = law.cdf(WIDE.high - reach) - law.cdf(WIDE.low + reach)
    assert 2 * reach > C.high - C.low
    assert found == {"CLOSE": pytest.approx(close, abs=0.01), "INCONCLUSIVE": pytest.approx(1 - close, abs=0.01)}


@given(
    low=counts,
    width=st.floats(0, 60_000),
    se=st.tuples(errors, errors),
    deltas=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_the_verdict_never_gets_worse_as_delta_grows(
    low: float, width: float, se: tuple[float, float], deltas: tuple[float, float]
) -> None:
    evidence = Evidence(low, low + width, *se, floor=0.0)
    for phrase in (PHRASE, hedges.parse("about 70,000"), hedges.parse("more than 70,000")):
        ranks = [
            RANK[verdicts.judge_evidence(phrase.truth(delta), phrase.widened(delta), evidence).label]
            for delta in sorted(deltas)
        ]
        assert ranks[0] <= ranks[1]


@given(low=counts, width=st.floats(0, 60_000))
def test_tipping_is_where_the_verdict_tips(low: float, width: float) -> None:
    evidence, tips = Evidence(low, low + width), PHRASE.tipping(low, low + width)
    binding = PHRASE.granularity / PHRASE.value  # below it the printed precision binds
    if tips["all"] is None:
        assert low + width >= PHRASE.value
        assert evidence.at(0.9) not in PHRASE.truth(5.0)
        return
    if tips["all"] > binding + 1e-6:
        assert evidence.at(0.9) in PHRASE.truth(tips["all"] + 1e-9)
        assert evidence.at(0.9) not in PHRASE.truth(tips["all"] - 1e-6)
    assert tips["any"] is not None
    if tips["any"] > binding + 1e-6:
        assert evidence.at(0.9).overlaps(PHRASE.truth(tips["any"] + 1e-9))
        assert not evidence.at(0.9).overlaps(PHRASE.truth(tips["any"] - 1e-6))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (90_000, 90_000, "SUPPORTED"),
        (90_000, 99_999.99, "SUPPORTED"),
        (90_000, 100_000, "CLOSE"),
        (89_999.99, 95_000, "CLOSE"),
        (80_000, 80_000, "CLOSE"),
        (79_999.99, 80_000, "NOT DETERMINED"),
        (0, 79_999.99, "CONTRADICTED (overstates)"),
        (104_999.99, 105_000, "NOT DETERMINED"),
        (105_000, 105_000, "CONTRADICTED (understates)"),
        (105_000, math.inf, "CONTRADICTED (understates)"),
        (0, math.inf, "NOT DETERMINED"),
    ],
)
def test_ends_open_and_closed(low: float, high: float, expected: str) -> None:
    assert f"{verdicts.judge_evidence(C, WIDE, Evidence(low, high))}" == expected


def test_more_than_a_number_is_not_the_number() -> None:
    phrase = hedges.parse("more than 93 offices")
    labels = [verdicts.judge_evidence(phrase.truth(), phrase.widened(), Evidence(n, n)).label for n in (92, 93, 94)]
    assert labels == ["CONTRADICTED", "CONTRADICTED", "SUPPORTED"]


@given(low=st.floats(-50, 150), width=st.floats(0, 100), se=st.floats(0, 50))
def test_evidence_ends_within_what_can_be(low: float, width: float, se: float) -> None:
    evidence = Evidence(low, low + width, se, se, floor=0.0, ceiling=100.0)
    inner, outer = evidence.at(0.90), evidence.at(0.95)
    assert 0 <= outer.low <= inner.low <= inner.high <= outer.high <= 100


def test_judge_takes_estimates_and_pairs() -> None:
    estimate = Estimate(72_776, 72_776, 72_776, None, "deaths", "count")
    same: list[verdicts.Ends] = [Interval(72_776, 72_776), estimate, (72_776.0, 72_776.0)]
    assert {verdicts.judge(C, WIDE, ends, ends) for ends in same} == {Verdict("CONTRADICTED", "overstates")}
    assert verdicts.judge((90_000, 100_000), (80_000, 105_000), estimate, estimate) == "CONTRADICTED"
    with pytest.raises(ModelError):
        verdicts.judge(C, WIDE, (2, 1), (2, 1))


def test_identification_and_noise_are_told_apart() -> None:
    straddling, noisy = Evidence(70_000, 95_000), Evidence(81_000, 81_000, 3_000, 3_000)
    assert verdicts.judge_evidence(C, WIDE, straddling) == "NOT DETERMINED"
    assert verdicts.judge_evidence(C, WIDE, noisy) == "INCONCLUSIVE"
    assert not verdicts.identified(C, WIDE, straddling)
    assert verdicts.identified(C, WIDE, noisy)


@pytest.mark.parametrize("label", verdicts.LABELS)
def test_a_verdict_is_a_str(label: verdicts.Label) -> None:
    verdict = Verdict(label)
    assert isinstance(verdict, str)
    assert verdict == label
    by_word: dict[str, int] = {label: 1}
    assert by_word[verdict] == 1
    assert verdict in (label,)
    assert label in {verdict}
    assert f"{verdict:<20}|" == f"{label:<20}|"
    assert json.loads(json.dumps({"v": verdict})) == {"v": label}
    assert verdicts.MEANING[verdict.label]
    assert verdict != 1


def test_a_direction_is_part_of_a_verdict() -> None:
    over, under = Verdict("CONTRADICTED", "overstates"), Verdict("CONTRADICTED", "understates")
    assert over != under
    assert len({over, under}) == 2
    assert over == "CONTRADICTED" == under
    assert [str(v) for v in (over, under)] == ["CONTRADICTED (overstates)", "CONTRADICTED (understates)"]
    for twin in (copy.copy(over), copy.deepcopy(over)):
        assert (twin, twin.direction) == (over, "overstates")
    assert sorted([over, Verdict("CLOSE")]) == ["CLOSE", "CONTRADICTED"]


@pytest.mark.parametrize("word", ["", "supported", "NOT_DETERMINED", "WRONG QUANTITY", "CONTRADICTED (overstates)"])
def test_no_other_word_is_a_verdict(word: str) -> None:
    with pytest.raises(StatsError, match="unknown verdict"):
        Verdict(word)  # type: ignore[arg-type]


TESTED = Catalogued("deaths/t404", "deaths", Period.parse("2023"), "US", "final", "2024-12-19", 72_776)
OTHER = replace(TESTED, quantity="deaths/all", measure="reported", vintage="2025-01-08", value=99_701)
CONTRADICTED = Verdict("CONTRADICTED", "overstates")


def test_the_other_quantity_is_named_with_measure_and_vintage() -> None:
    assert verdicts.wrong_quantity(CONTRADICTED, C, TESTED, [TESTED, OTHER]) == (OTHER,)
    assert OTHER.to_dict() == {
        "quantity": "deaths/all", "measure": "reported", "period": "2023", "vintage": "2025-01-08", "value": 99_701,
        "unit": "deaths",
    }  # fmt: skip
    assert verdicts.wrong_quantity(Verdict("NOT DETERMINED"), C, TESTED, [OTHER]) == (OTHER,)
    later = replace(OTHER, vintage="2026", known=date(2026, 1, 1))
    assert verdicts.wrong_quantity(CONTRADICTED, C, TESTED, [OTHER, later]) == (later,)
    others = [replace(OTHER, quantity=f"deaths/{i}", value=90_000 + i) for i in range(9)]
    named = verdicts.wrong_quantity(CONTRADICTED, C, TESTED, others, value=90_004)
    assert [other.value for other in named] == [90_004, 90_003, 90_005]
    beyond = replace(OTHER, value=101_000)
    assert verdicts.wrong_quantity(CONTRADICTED, C, TESTED, [beyond]) == ()
    assert verdicts.wrong_quantity(CONTRADICTED, C, TESTED, [beyond], WIDE) == (beyond,)
    assert verdicts.wrong_quantity(CONTRADICTED, C, TESTED, [beyond, OTHER], WIDE) == (OTHER,)
    assert verdicts.wrong_quantity(CONTRADICTED, Interval(90_000, math.inf), TESTED, [OTHER]) == ()


@pytest.mark.parametrize(
    "other",
    [
        replace(OTHER, unit="offices"),
        replace(OTHER, period=Period.parse("2024-04")),
        replace(OTHER, period=Period.parse("FY2023")),
        replace(OTHER, jurisdiction="WV"),
        replace(OTHER, quantity=TESTED.quantity),
        replace(OTHER, value=100_000),
        replace(OTHER, value=89_999),
    ],
)
def test_another_unit_period_place_or_value_is_no_answer(other: Catalogued) -> None:
    assert verdicts.wrong_quantity(CONTRADICTED, C, TESTED, [other]) == ()


@pytest.mark.parametrize("label", ["SUPPORTED", "CLOSE"])
def test_a_claim_that_fits_has_the_right_quantity(label: verdicts.Label) -> None:
    assert verdicts.wrong_quantity(Verdict(label), C, TESTED, [OTHER]) == ()


def test_twelve_months_to_december_are_the_year() -> None:
    december = replace(OTHER, period=Period.parse("2023-12"))
    assert verdicts.wrong_quantity(CONTRADICTED, C, TESTED, [december]) == (december,)
