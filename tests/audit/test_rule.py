"""The verdict rule against its written cases, and its size by simulation."""

from __future__ import annotations

import csv
import json
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.audit import hedges, verdicts
from fentanyl_stats.audit.verdicts import Catalogued, Evidence, Verdict
from fentanyl_stats.errors import StatsError
from fentanyl_stats.model import Interval, Period

ORACLES = Path(__file__).parents[1] / "oracles"
CASES: list[dict[str, Any]] = json.loads((ORACLES / "verdict_cases.json").read_text("utf-8"))["cases"]
CURVE = list(csv.DictReader((ORACLES / "verdict_curve.csv").read_text("utf-8").splitlines()))
POWER = list(csv.DictReader((ORACLES / "tost_power.csv").read_text("utf-8").splitlines()))
NEARLY, WIDE = Interval(90_000, 100_000, "left"), Interval(80_000, 105_000, "left")
RANK = {"CONTRADICTED": 0, "NOT DETERMINED": 1, "INCONCLUSIVE": 1, "CLOSE": 2, "SUPPORTED": 3}


def _period(text: str) -> Period:
    return Period.parse(text.removeprefix("12 months ending "))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_written_cases(case: dict[str, Any]) -> None:
    phrase = hedges.phrase(case["hedge"], case["value"], case["kind"])
    c, wide = phrase.truth(case["delta"]), phrase.widened(case["delta"])
    low, high, se_low, se_high = (float(case["evidence"][k]) for k in ("lower", "upper", "se_lower", "se_upper"))
    evidence = Evidence(
        low,
        high,
        se_low,
        se_high,
        floor=0.0,
        ceiling=100.0 if case["kind"] == "percent" else math.inf,
    )
    assert (c.low, c.high) == pytest.approx((case["claim_interval"][0], case["claim_interval"][1] or math.inf))
    for level, key in ((0.90, "E90"), (0.95, "E95")):
        assert (evidence.at(level).low, evidence.at(level).high) == pytest.approx(case[key], abs=1e-6)
    verdict = verdicts.judge_evidence(c, wide, evidence)
    assert (verdict.label.replace(" ", "_"), verdict.direction) == (case["expected"], case["direction"])
    assert verdicts.identified(c, wide, evidence) is case["identified"]
    if "catalogue" in case:
        tested = Catalogued("tested", case["unit"], _period(case["period"]), "US", "", "", evidence.low)
        held = [
            Catalogued(o["quantity"], o["unit"], _period(o["period"]), "US", "", "", o["value"])
            for o in case["catalogue"]
        ]
        assert [o.quantity for o in verdicts.wrong_quantity(verdict, c, tested, held)] == case["wrong_quantity"]


@pytest.mark.parametrize("row", CURVE, ids=[f"{row['evidence']} {row['delta']}" for row in CURVE])
def test_the_curve_over_delta(row: dict[str, str]) -> None:
    phrase = hedges.phrase(row["hedge"], float(row["value"]))
    low, high, delta = float(row["evidence_lower"]), float(row["evidence_upper"]), float(row["delta"])
    verdict = verdicts.judge_evidence(phrase.truth(delta), phrase.widened(delta), Evidence(low, high))
    assert (verdict.label, verdict.direction) == (row["verdict"].replace("_", " "), row["direction"] or None)
    assert phrase.tipping(low, high) == pytest.approx({"all": float(row["delta_all"]), "any": float(row["delta_any"])})


def _supported(theta: float, se: float, c: Interval, draws: int = 40_000) -> float:
    estimates = np.random.default_rng(20240917).normal(theta, se, draws)
    half = 1.6448536269514722 * se
    return float(np.mean((estimates - half >= c.low) & (estimates + half < c.high)))


@pytest.mark.parametrize("row", POWER, ids=[f"{row['theta']} {row['se']}" for row in POWER])
def test_size_and_power(row: dict[str, str]) -> None:
    c = Interval(float(row["claim_lower"]), float(row["claim_upper"]), "left")
    found = _supported(float(row["theta"]), float(row["se"]), c)
    assert found == pytest.approx(float(row["p_supported"]), abs=0.006)
    if float(row["theta"]) in (c.low, c.high):
        assert found <= 0.056


def test_the_simulated_rule_is_the_rule() -> None:
    for estimate in np.random.default_rng(1).normal(92_000, 2500, 200):
        judged = verdicts.judge_evidence(NEARLY, WIDE, Evidence(estimate, estimate, 2500, 2500))
        half = 1.6448536269514722 * 2500
        assert (judged == "SUPPORTED") is bool(estimate - half >= 90_000 and estimate + half < 100_000)


@given(
    low=st.floats(1, 200_000), width=st.floats(0, 60_000), se=st.floats(0, 5_000),
    deltas=st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)), hedge=st.sampled_from(["nearly", "about"]),
)  # fmt: skip
def test_a_wider_word_never_fares_worse(
    low: float, width: float, se: float, deltas: tuple[float, float], hedge: str
) -> None:
    phrase = hedges.phrase(hedge, 100_000)
    evidence = Evidence(low, low + width, se, se, floor=0.0)
    labels = [verdicts.judge_evidence(phrase.truth(d), phrase.widened(d), evidence).label for d in sorted(deltas)]
    assert RANK[labels[0]] <= RANK[labels[1]]


def test_open_ends_are_respected() -> None:
    point = Interval(100_000, 100_000)
    assert verdicts.judge(NEARLY, WIDE, point, point) == "CLOSE"
    assert verdicts.judge(NEARLY, NEARLY, Interval(90_000, 90_000), Interval(90_000, 90_000)) == "SUPPORTED"
    high = Interval(105_000, 105_000)
    assert verdicts.judge(NEARLY, WIDE, high, high) == Verdict("CONTRADICTED", "understates")
    assert Interval(90, 100) not in Interval(90, 100, "left")
    for one, other, share in ((Interval(0, 0), Interval(0, 1), True), (Interval(1, 1), Interval(0, 1, "left"), False)):
        assert one.overlaps(other) is other.overlaps(one) is share


def test_width_without_error_is_not_determined_and_noise_is_inconclusive() -> None:
    spread = Interval(0, 100)
    assert (
        verdicts.judge(Interval(96.5, 97.5, "left"), Interval(96, 98, "left"), spread, spread, False)
        == "NOT DETERMINED"
    )
    assert verdicts.judge_evidence(NEARLY, WIDE, Evidence(79_000, 79_000, 4_000, 4_000)) == "INCONCLUSIVE"


def test_a_verdict_is_its_word() -> None:
    verdict = Verdict("CONTRADICTED", "overstates")
    assert verdict == "CONTRADICTED"
    assert verdict != Verdict("CONTRADICTED", "understates")
    assert f"{verdict}" == "CONTRADICTED (overstates)"
    assert json.dumps(verdict) == '"CONTRADICTED"'
    assert pickle.loads(pickle.dumps(verdict)) == verdict
    with pytest.raises(StatsError, match="did you mean 'CLOSE'"):
        Verdict("CLOSED")  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [(2, 1, 0, 0), (math.nan, 1, 0, 0), (0, 1, -1, 0)])
def test_evidence_that_cannot_be(bad: tuple[float, float, float, float]) -> None:
    with pytest.raises(StatsError):
        Evidence(*bad)
