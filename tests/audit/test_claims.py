"""Every computed claim of the article, and what as-of may see."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

import fentanyl_stats as fs
from fentanyl_stats.audit import ledger, sentences
from fentanyl_stats.errors import DataError, FentanylStatsError, LedgerError, PhraseError
from fentanyl_stats.model import Period

COMPUTED = {
    "china-offices-closing": "SUPPORTED",
    "offices-closing": "SUPPORTED",
    "foreign-offices": "SUPPORTED",
    "foreign-countries": "SUPPORTED",
    "deaths-per-year": "CONTRADICTED (overstates)",
    "origin-share": "DEPENDS",
    "precursor-share": "NOT DETERMINED",
    "guangzhou-offices": "CONTRADICTED (overstates)",
}


@pytest.mark.parametrize("claim", list(ledger.read().claims))
def test_verdicts(claim: str) -> None:
    found = fs.assess(claim)
    assert (str(found.verdict) if found.verdict else None) == COMPUTED.get(claim)
    assert found.to_dict()["editorial"]["headline"] is not None
    assert sentences.takes(found)
    assert sentences.rule(found)


def test_deaths_natural_reading() -> None:
    found = fs.assess("deaths-per-year")
    natural = found.natural
    assert natural is not None
    assert (natural.value, natural.low, natural.high) == (None, 0, 75_091)
    assert (natural.period, natural.measure, natural.hindsight) == ("2024-04", "predicted", False)
    assert [source.id for source in natural.sources] == ["F208"]
    assert len(found.flags) == 1
    assert found.flags[0].startswith("WRONG QUANTITY: deaths/all was 101,000 deaths")
    assert "predicted" in found.flags[0] and "2024-09-13" in found.flags[0]  # known on the article's day
    assert (str(found.verdict_now), found.senses[0].now.measure) == ("CONTRADICTED (overstates)", "predicted")


def test_deaths_readings() -> None:
    readings = fs.assess("deaths-per-year").readings
    hindsight = {
        (r.quantity, r.measure): r
        for r in readings
        if (r.period, r.vintage, r.correction) == ("2024-04", "2025-01-08", "none")
    }
    assert hindsight["deaths/synthetic-opioids", "reported"].value == 67_437
    assert hindsight["deaths/synthetic-opioids", "predicted"].value == 69_193
    assert hindsight["deaths/all", "reported"].verdict == "SUPPORTED"
    assert hindsight["deaths/all", "predicted"].value == 101_730
    assert hindsight["deaths/all", "predicted"].verdict == "CLOSE"
    assert all(r.hindsight for r in hindsight.values())
    for r in readings:
        if r.quantity == "deaths/synthetic-opioids":
            assert r.verdict != "SUPPORTED"
        if r.quantity == "deaths/all" and r.period == "2024-04":
            assert r.verdict in ("SUPPORTED", "CLOSE")
        if r.quantity == "deaths/all" and r.period in ("2021", "2022", "2023"):
            assert str(r.verdict) == "CONTRADICTED (understates)"
    final = {
        r.period: r.value
        for r in readings
        if r.quantity == "deaths/all" and (r.measure, r.correction) == ("final", "none")
    }
    assert final == {"2021": 106_699, "2022": 107_941, "2023": 105_007, "2024": 79_384}


def test_origin_readings() -> None:
    found = fs.assess("origin-share")
    made, shipped = found.senses
    assert (made.name, str(made.verdict), made.natural.quantity) == (
        "made in China",
        "NOT DETERMINED",
        "origin-share/ultimate",
    )
    assert (shipped.name, str(shipped.verdict)) == ("shipped straight from China", "CONTRADICTED (overstates)")
    assert shipped.natural.value is None and not shipped.natural.hindsight
    assert (shipped.natural.low, shipped.natural.high) == pytest.approx((0.379, 49.39), abs=0.005)
    assert shipped.natural.tipping_ratio is not None
    assert (shipped.natural.tipping_ratio.low, shipped.natural.tipping_ratio.high) == pytest.approx(
        (298.1, 944.1), abs=0.1
    )
    gross = next(
        r
        for r in found.readings
        if (r.quantity, r.period, r.correction) == ("seizure-share/non-southwest", "FY2023", "none")
    )
    assert gross.value == pytest.approx(100 * 305.02 / 27_022.86, abs=1e-3)
    for r in found.readings:
        measured = r.quantity.startswith(("seizure", "flow"))
        assert r.verdict == ("CONTRADICTED" if measured else "NOT DETERMINED")
        assert measured or (r.value is None and not r.identified and r.reason)
    mail = {r.period: r for r in found.readings if r.quantity == "seizure-share/mail-china"}
    assert mail["2018"].value is None
    assert mail["2018"].low == 0
    assert mail["2019"].value == pytest.approx(0.354, abs=0.001)


@pytest.mark.parametrize("claim", COMPUTED)
def test_every_cell_is_a_reading_or_a_hole(claim: str) -> None:
    book = ledger.read()
    found = fs.assess(claim)
    got = {(r.quantity, r.measure, r.correction) for r in found.readings}
    got |= {(hole.quantity, hole.measure, hole.correction) for hole in found.holes}
    for test in book.claims[claim].test:
        for period, measure, correction in product(test.periods, test.measures or ("",), test.corrections):
            if measure == "final" and Period.parse(period).kind != "year":
                continue
            assert any(q == test.quantity and c == correction and measure in ("", m) for q, m, c in got)
    assert len({r.id for r in found.readings}) == len(found.readings)
    assert sum(r.natural for r in found.readings) == len(found.senses)
    assert all(hole.reason for hole in found.holes)


@pytest.mark.parametrize("day", ["2020-01-01", "2023-06-01", "2024-09-17", "2025-02-01"])
def test_nothing_is_known_before_its_day(day: str) -> None:
    for claim in COMPUTED:
        found = fs.assess(claim, as_of=day)
        assert found.natural is not None
        assert all(r.known <= date.fromisoformat(day) for r in found.readings)


def test_as_known_readings_rest_on_nothing_later() -> None:
    found = fs.assess("deaths-per-year", as_of="2024-09-17")
    assert {r.hindsight for r in found.readings} == {False}
    assert found.verdict == "CONTRADICTED"
    used = {s.vintage for r in found.readings for s in r.sources if s.id == "vsrr"}
    assert used == {"2024-05-07"}


def test_check_prefers_final_then_reported() -> None:
    final = fs.check("more than 70,000", "deaths/synthetic-opioids", period="2023")
    assert final.natural is not None
    assert (final.natural.measure, final.natural.value, str(final.verdict)) == ("final", 72_776, "SUPPORTED")
    then = fs.check("more than 70,000", "deaths/synthetic-opioids", period="2023", as_of="2024-09-17")
    assert then.natural is not None
    assert (then.natural.measure, then.natural.value) == ("predicted", 74_702)
    window = fs.check("nearly 100,000", "deaths/all", period="2024-04")
    assert window.natural is not None
    assert window.natural.measure == "reported"


def test_new_york_is_never_two_places_under_one_name() -> None:
    year = fs.check("about 6,000", "deaths/all", period="2022", jurisdiction="NY")
    window = fs.check("about 3,000", "deaths/all", period="2024-04", jurisdiction="NY")
    assert {r.place for r in year.readings} == {"New York State, whole"}
    assert {r.place for r in window.readings} == {"New York State without New York City"}
    assert any("New York City" in hole.reason for hole in year.holes)


def test_suppressed_is_one_to_nine() -> None:
    found = fs.check("about 5", "deaths/methadone", period="2023", jurisdiction="WY")
    assert found.natural is not None
    assert (found.natural.value, found.natural.low, found.natural.high) == (None, 1, 9)


@pytest.mark.parametrize(
    ("phrase", "quantity", "period", "place", "kind", "message"),
    [
        ("some", "deaths/all", "2023", "US", PhraseError, "no number"),
        ("97%", "deaths/all", "2023", "US", PhraseError, "percent"),
        ("97", "seizure-share/non-southwest", "FY2023", "US", PhraseError, "percent"),
        ("100", "deaths/herion", "2023", "US", LedgerError, "deaths/heroin"),
        ("100", "deaths/all", "last year", "US", FentanylStatsError, "period"),
        ("100", "deaths/all", "2023", "West Virginia", DataError, "did you mean 'WV'"),
    ],
)
def test_check_refuses_what_it_cannot_read(
    phrase: str, quantity: str, period: str, place: str, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        fs.check(phrase, quantity, period=period, jurisdiction=place)


def test_an_unknown_claim_is_answered_with_the_close_ones() -> None:
    with pytest.raises(LedgerError, match="did you mean 'deaths-per-year'"):
        fs.assess("deaths-per-yaer")


@pytest.mark.parametrize("period", ["0000", "FY0000", "0001-01", "FY0001"])
def test_a_period_before_the_calendar_is_refused(period: str) -> None:
    with pytest.raises(FentanylStatsError, match="before the calendar"):
        fs.check("about 5", "deaths/all", period=period)
