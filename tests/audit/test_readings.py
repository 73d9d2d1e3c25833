"""The grid of readings: complete, honest about time and place, and in the shape that programs read."""

from __future__ import annotations

import json
import math
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

import fentanyl_stats as fs
from fentanyl_stats.audit import hedges, ledger, quantities
from fentanyl_stats.audit.assess import Assessment
from fentanyl_stats.audit.readings import Hole, Reading
from fentanyl_stats.data import store
from fentanyl_stats.errors import DataError, LedgerError, PhraseError
from fentanyl_stats.model import Period, last_day
from fentanyl_stats.reports.cache import to_json

COMPUTED = [claim.id for claim in ledger.read().claims.values() if claim.test]
DAYS = ["2018-12-31", "2021-08-31", "2024-05-20", "2024-09-17", "2025-01-08", "2026-09-16"]
FIELDS = {"id", "quantity", "period", "vintage", "measure", "correction", "value", "low", "high", "unit", "verdict", "natural"}  # fmt: skip


@cache
def _assess(claim: str, as_of: str | None = None) -> Assessment:
    return fs.assess(claim, as_of=as_of)


def _matches(found: Reading | Hole, quantity: str, period: str, measure: str, vintage: str, correction: str) -> bool:
    if (found.quantity, found.correction) != (quantity, correction) or (measure and found.measure != measure):
        return False
    if isinstance(found, Hole):
        return (found.period, found.vintage) == (period, vintage)
    instant = quantities.quantity(quantity).instant
    if period != "latest" and not instant and found.window != Period.parse(period):
        return False
    if instant and found.window.start > last_day(period):
        return False
    if vintage == "as-known":
        return not found.hindsight
    return vintage == "newest" or found.vintage == vintage


@pytest.mark.parametrize("claim", COMPUTED)
@pytest.mark.parametrize("as_of", [None, "2024-09-17"])
def test_every_declared_cell_is_a_reading_or_a_hole(claim: str, as_of: str | None) -> None:
    found = _assess(claim, as_of)
    everything: list[Reading | Hole] = [*found.readings, *found.holes]
    for test in ledger.read().claims[claim].test:
        measures = test.measures or quantities.quantity(test.quantity).measures
        for period, measure, *rest in product(test.periods, measures, test.vintages, test.corrections):
            if measure == "final" and (period == "latest" or Period.parse(period).kind != "year"):
                continue
            assert any(_matches(one, test.quantity, period, measure, *rest) for one in everything), (
                period,
                measure,
                rest,
            )
    ids = [one.id for one in everything]
    assert len(set(ids)) == len(ids)
    many = len(found.senses)
    assert [reading.natural for reading in found.readings] == [True] * many + [False] * (len(found.readings) - many)
    assert all(hole.reason for hole in found.holes)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("claim", COMPUTED)
def test_no_reading_rests_on_what_was_not_known(claim: str, day: str) -> None:
    found = _assess(claim, day)
    assert found.natural is not None
    assert found.verdict is not None
    for reading in found.readings:
        assert reading.known <= date.fromisoformat(day)
        for source in reading.sources:
            if source.id in ("vsrr", "vsrr-specified", "cbp-seizures"):
                assert source.known is not None and source.known <= date.fromisoformat(day)
            elif source.id[0] in "SFV":
                assert source.known is None or source.known <= date.fromisoformat(day)
        if "not published" not in reading.flags and "not measured" not in reading.flags:
            assert reading.window.start <= date.fromisoformat(day)


@pytest.mark.parametrize("day", DAYS)
def test_counts_of_deaths_are_those_published_by_the_day(day: str) -> None:
    for reading in _assess("deaths-per-year", day).readings:
        if reading.correction != "none" or "not published" in reading.flags:
            continue
        drug = "opioids" if "bounded" in reading.flags else reading.quantity.removeprefix("deaths/")
        rows = fs.vintages(drug, reading.window.month_ending)
        then = rows[(rows["measure"] == reading.measure) & (rows["known"] == reading.known)]
        assert (reading.high if reading.value is None else reading.value) in set(then["value"].astype(float))


@pytest.mark.parametrize("claim", COMPUTED)
def test_hindsight_is_what_came_after_the_article(claim: str) -> None:
    found = _assess(claim)
    assert found.article_date == date(2024, 9, 17)
    assert all(reading.hindsight == (reading.known > found.article_date) for reading in found.readings)


def test_the_article_s_day_had_no_final_of_2023_and_no_count_of_2024() -> None:
    holes = {hole.id: hole.reason for hole in _assess("deaths-per-year").holes}
    for cell in ("deaths/all@2023/final", "deaths/all@2024/predicted", "deaths/synthetic-opioids@2024-04/predicted"):
        assert holes[f"{cell}/as-known/none"] == "not published by 2024-09-17"
    assert holes["deaths/opioids@2023/final/newest/none"] == "not published"


def test_origin_readings_are_the_file_s_own_shares() -> None:
    table = fs.load("cbp-seizures")
    table["elsewhere"] = table["region"] != "southwest-border"
    for reading in _assess("origin-share").readings:
        if reading.value is None or reading.measure not in ("weight", "events") or "mail" in reading.quantity:
            continue
        column = {"weight": "pounds", "events": "events"}[reading.measure]
        year = table[table["fiscal_year"] == reading.window.year]
        share = 100 * float(year.loc[year["elsewhere"], column].sum()) / float(year[column].sum())
        assert reading.value == pytest.approx(share)
        assert reading.window.kind == "fiscal-year"
        assert ("open" in reading.flags) == (reading.period == "FY2026")
    periods = {r.period for r in _assess("origin-share").readings if r.quantity == "seizure-events-share/non-southwest"}
    assert periods == {f"FY{year}" for year in range(2019, 2027)}


def test_mail_is_never_set_against_a_fiscal_year() -> None:
    table = fs.load("cbp-seizures")
    mail = {r.period: r for r in _assess("origin-share").readings if r.quantity == "seizure-share/mail-china"}
    assert set(mail) == {"2018", "2019"}
    assert {r.window.kind for r in mail.values()} == {"year"}
    months = table.loc[table["month"].str.startswith("2018"), "month"].unique()
    assert sorted(months) == ["2018-10", "2018-11", "2018-12"]
    assert (mail["2018"].low, mail["2018"].value, "October" in mail["2018"].reason) == (0, None, True)
    assert mail["2018"].high < 97
    assert mail["2019"].low < mail["2019"].value < mail["2019"].high  # type: ignore[operator]


@pytest.mark.parametrize(
    ("claim", "natural", "others"),
    [
        ("foreign-offices", (93, "2023-03-24"), {(91, "2018-02"), (91, "2021-08"), (313, "2018-02"), (334, "2026-01-04")}),
        ("foreign-countries", (69, "2023-03-24"), {(70, "2018-02"), (69, "2021-08")}),
        ("offices-closing", (14, "2024-09-16"), {(12, "2024-09-16"), (12, "2024-09")}),
        ("china-offices-closing", (2, "2024-09-16"), set()),
        ("guangzhou-offices", (1, "2017-01"), {(1, "2024-09")}),
    ],
)  # fmt: skip
def test_offices(claim: str, natural: tuple[float, str], others: set[tuple[float, str]]) -> None:
    found = _assess(claim)
    assert found.natural is not None
    assert (found.natural.value, found.natural.period) == natural
    assert others <= {(r.value, r.period) for r in found.readings if not r.natural}
    assert all(r.value != 81 for r in found.readings)
    assert all(r.low == r.high == r.value and r.sources and r.place == "world" for r in found.readings)


def test_the_agency_s_offices_are_the_sum_of_both_scopes() -> None:
    table = store.load("dea-offices")
    for reading in _assess("foreign-offices").readings:
        if reading.quantity == "offices/agency":
            day = table[table["as_of"] == reading.period].drop_duplicates("scope")
            assert reading.value == float(day["offices"].sum())


@pytest.mark.parametrize("claim", COMPUTED)
def test_the_shape_of_a_claim_in_results(claim: str) -> None:
    found = _assess(claim)
    made = json.loads(to_json(found.to_dict()))
    assert {"id", "quote", "verdict", "direction", "flags", "claim_interval", "natural", "readings", "delta_curve", "editorial", "sources"} <= set(made)  # fmt: skip
    assert made["natural"] in made["readings"]
    assert set(made["editorial"]) == {"fidelity", "evidence", "confidence", "headline"}
    deltas = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3] if claim in ("deaths-per-year", "precursor-share") else []
    assert [row["delta"] for row in made["delta_curve"]] == deltas
    assert len(made["answer"].split()) <= 60 and len(made["caveat"].split()) <= 25
    assert [sense["verdict"] for sense in made["senses"]] == [sense.verdict.label for sense in found.senses]
    assert made["claim_interval"]["closed"] in ("both", "left", "right", "neither")
    for row, reading in zip(made["readings"], found.readings, strict=True):
        assert set(row) >= FIELDS
        assert row["low"] is None or row["high"] is None or row["low"] <= row["high"]
        assert all(getattr(reading, name) == row[name] for name in FIELDS - {"low", "high"})
    frame = found.frame()
    assert len(frame) == len(found.readings)
    assert set(frame.columns) >= FIELDS


def test_infinite_ends_are_null_with_their_closure() -> None:
    made = _assess("offices-closing").to_dict()
    assert made["claim_interval"] == {"low": 12, "high": None, "closed": "neither"}
    then = _assess("deaths-per-year", "2018-12-31")
    assert then.natural is not None
    assert (then.natural.high, then.natural.to_dict()["high"]) == (math.inf, None)
    assert (then.natural.shown, then.verdict) == ("not published", "NOT DETERMINED")


def test_a_claim_without_a_number_has_no_verdict_and_an_editor_s_rating() -> None:
    found = _assess("root-cause")
    assert (found.verdict, found.natural, found.readings, found.delta_curve, dict(found.tipping)) == (
        None,
        None,
        (),
        (),
        {},
    )
    assert found.to_dict()["editorial"]["headline"] == "distorted"
    assert isinstance(found.frame(), pd.DataFrame)


@pytest.mark.parametrize("claim", COMPUTED)
def test_the_curve_is_the_verdict_at_each_delta(claim: str) -> None:
    for delta, verdict in _assess(claim).delta_curve:
        if delta in (0.05, 0.30):
            assert fs.assess(claim, delta=delta).verdict == verdict


def test_the_natural_reading_of_an_open_measure_is_the_first_held(tmp_path: Path) -> None:
    example = (Path(__file__).parents[1] / "small-article.toml").read_text("utf-8")
    for period, measure in (("2023", "final"), ("2024-04", "reported")):
        text = example.replace('periods = ["2023"]\nmeasures = ["final"]', f'periods = ["{period}"]')
        file = tmp_path / "mine.toml"
        file.write_text(text, "utf-8")
        found = fs.assess("deaths-2023", claims=file)
        assert found.natural is not None
        assert (found.natural.measure, sum(r.natural for r in found.readings)) == (measure, 1)
        assert found.natural.place == "United States"


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="as_of"):
        fs.assess("deaths-per-year", as_of="soon")
    for claim in ("foreign-offices", "root-cause"):  # with a number and without
        for delta in (math.nan, math.inf, -0.1, 1, 1.5, True, "0.1"):
            with pytest.raises(PhraseError, match="delta must be at least 0 and less than 1"):
                fs.assess(claim, delta=delta)  # type: ignore[arg-type]
    with pytest.raises(LedgerError, match="did you mean 'origin-share'"):
        fs.assess("origin-shares")
    with pytest.raises(LedgerError, match="cannot be read"):
        fs.assess("origin-share", claims=tmp_path / "none.toml")


def test_a_quoted_number_that_no_float_holds_is_refused() -> None:
    claim = ledger.read().claims["deaths-per-year"].model_copy(update={"quote": f"nearly {'9' * 400} deaths"})
    with pytest.raises(LedgerError, match="claim 'deaths-per-year', key quantity.value: .* is too large"):
        fs.assess(claim)
    assert hedges.find("nothing printed here") == []
