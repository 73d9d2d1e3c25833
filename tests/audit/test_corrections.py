"""Corrections of death counts: what they add, how far young counts moved, and what they never do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import fentanyl_stats as fs
from fentanyl_stats.analysis import revisions
from fentanyl_stats.audit.assess import Assessment
from fentanyl_stats.audit.readings import Reading
from fentanyl_stats.errors import LedgerError

LOW_END = 90_000
T404 = "deaths/synthetic-opioids"


@pytest.fixture(scope="module")
def claim() -> Assessment:
    return fs.assess("deaths-per-year")


def _reading(claim: Assessment, period: str, measure: str, correction: str, quantity: str = T404) -> Reading:
    (found,) = (
        r
        for r in claim.readings
        if (r.quantity, r.period, r.measure, r.vintage, r.correction)
        == (quantity, period, measure, "2025-01-08", correction)
    )
    return found


def test_the_highest_window_is_among_the_readings(claim: Assessment) -> None:
    for measure in ("reported", "predicted"):
        rows = revisions.unspecified(measure=measure)
        top = rows.loc[rows["upper"].idxmax()]
        assert _reading(claim, top["month_ending"], measure, "upper-bound").high == pytest.approx(top["upper"])


def test_declared_upper_bounds_stay_below_the_claim(claim: Assessment) -> None:
    bounded = [r for r in claim.readings if r.correction in ("upper-bound", "missing-at-random")]
    assert {r.quantity for r in bounded} == {T404}
    assert {str(year) for year in range(2015, 2024)} <= {r.period for r in bounded}
    assert all(r.high < LOW_END and r.verdict != "SUPPORTED" for r in bounded)


@pytest.mark.parametrize(("measure", "count", "total"), [("reported", 67_437, 99_701), ("predicted", 69_193, 101_730)])
def test_count_and_total_share_measure_and_vintage(claim: Assessment, measure: str, count: int, total: int) -> None:
    shares = fs.load("vsrr-specified")
    us = shares[(shares["jurisdiction"] == "US") & (shares["month_ending"] == "2024-04")]
    named = float(us["percent_specified"].iloc[0]) / 100
    bounds, random = (_reading(claim, "2024-04", measure, name) for name in ("upper-bound", "missing-at-random"))
    assert (bounds.value, bounds.low) == (None, count)
    assert bounds.high == pytest.approx(count + total * (1 - named))
    assert random.value == pytest.approx(count / named)
    assert bounds.low < random.low < bounds.high
    assert f"{total:,}" in bounds.reason and "vsrr-specified" in {s.id for s in bounds.sources}


@pytest.mark.parametrize(
    ("quantity", "measure", "value", "verdict"),
    [
        (T404, "reported", 67_437, "CONTRADICTED"),
        (T404, "predicted", 69_193, "CONTRADICTED"),
        ("deaths/all", "reported", 99_701, "SUPPORTED"),
        ("deaths/all", "predicted", 101_730, "CLOSE"),
    ],
)
def test_plain_readings_stay_plain(claim: Assessment, quantity: str, measure: str, value: int, verdict: str) -> None:
    plain = _reading(claim, "2024-04", measure, "none", quantity)
    assert (plain.value, plain.low, plain.high) == (value, value, value)
    assert plain.verdict == verdict


def test_the_natural_reading_is_untouched(claim: Assessment) -> None:
    assert claim.natural is not None and claim.natural.correction == "none"
    assert (claim.natural.low, claim.natural.high) == (0, 75_091)
    assert str(claim.verdict) == "CONTRADICTED (overstates)"
    assert not [r for r in claim.readings if r.quantity == T404 and r.verdict == "SUPPORTED"]


def test_revision_keeps_the_value_and_widens_the_bounds(claim: Assessment) -> None:
    found = [r for r in claim.readings if r.correction == "revision"]
    assert {r.measure for r in found} == {"reported", "predicted"}
    for reading in found:
        assert reading.value is not None and reading.low <= reading.value <= reading.high and reading.low < reading.high
        assert "provisional" in reading.flags and "range, not a confidence interval" in reading.reason


def test_the_widened_interval_holds_what_came_later(claim: Assessment) -> None:
    reading = _reading(claim, "2024-04", "reported", "revision")
    later = fs.vintages("synthetic-opioids", "2024-04")
    newest = later[later["measure"] == "reported"].iloc[-1]
    assert newest["vintage"] != reading.vintage and newest["value"] in reading.interval


def test_factors_rest_on_what_was_known() -> None:
    day = date(2024, 9, 17)
    past = revisions.past_revisions("synthetic-opioids", "US", day)
    assert len(past) and max(past.attrs["known"].values()) <= day
    found = revisions.revision("synthetic-opioids", "reported", 7, as_of=day)
    assert found is not None and found.known <= day
    assert all(r.known <= day for r in fs.assess("deaths-per-year", as_of=day).readings)


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ('measures = ["final"]\nperiods = ["2022"]\ncorrections = ["revision"]', "a final count is not revised"),
        ('measures = ["reported"]\nperiods = ["2019"]\ncorrections = ["revision"]', "settled"),
        ('measures = ["final"]\nperiods = ["2022"]\ncorrections = ["upper-bound"]', "is not held"),
    ],
)  # fmt: skip
def test_what_cannot_be_corrected_is_a_stated_hole(tmp_path: Path, extra: str, reason: str) -> None:
    made = fs.assess("mine", claims=_article(tmp_path, T404, extra))
    assert len(made.readings) == 1 and reason in made.holes[0].reason


def test_unspecified_deaths_are_among_all_deaths_already(tmp_path: Path) -> None:
    extra = 'measures = ["reported"]\nperiods = ["2022"]\ncorrections = ["upper-bound"]'
    with pytest.raises(LedgerError, match="unknown correction 'upper-bound'"):
        fs.assess("mine", claims=_article(tmp_path, "deaths/all", extra))


def _article(folder: Path, quantity: str, extra: str) -> Path:
    text = f"""
[article]
id = "mine"
title = "A headline"
date = "2026-10-01"
[[source]]
id = "A1"
title = "A headline"
publisher = "A newspaper"
date = "2026-10-01"
[[claim]]
id = "mine"
quote = "more than 70,000 died"
kind = "count"
quantity = {{ value = 70000, unit = "deaths", hedge = "over" }}
as_of = "2026-10-01"
sources = ["A1"]
[[claim.test]]
quantity = "deaths/all"
periods = ["2023"]
measures = ["final"]
natural = true
[[claim.test]]
quantity = "{quantity}"
{extra}
"""
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path
