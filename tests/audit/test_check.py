"""Phrases that no file holds: which count is preferred, and every place and time it may be asked of."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fentanyl_stats as fs
from fentanyl_stats.audit import quantities
from fentanyl_stats.audit.assess import Assessment
from fentanyl_stats.audit.readings import Reading
from fentanyl_stats.data import names
from fentanyl_stats.errors import DataError, FentanylStatsError, LedgerError, PhraseError
from fentanyl_stats.model import ModelError


def _natural(found: Assessment) -> Reading:
    assert found.natural is not None
    assert found.verdict is found.natural.verdict
    assert sum(reading.natural for reading in found.readings) == 1
    return found.natural


@pytest.mark.parametrize(
    ("period", "as_of", "measure", "value"),
    [
        ("2023", None, "final", 105_007),
        ("2023", "2024-12-19", "final", 105_007),
        ("2023", "2024-12-18", "predicted", 107_543),
        ("2022", "2024-03-31", "final", 107_941),
        ("2024", None, "final", 79_384),
        ("2024", "2025-06-01", "predicted", 80_391),
        ("2024", "2025-10-01", "reported", 80_856),
        ("2024-04", None, "reported", 99_701),
        ("2024-04", "2025-01-08", "reported", 99_701),
    ],
)
def test_final_before_reported_before_predicted(period: str, as_of: str | None, measure: str, value: float) -> None:
    found = fs.check("nearly 100,000", "deaths/all", period=period, as_of=as_of)
    natural = _natural(found)
    rank = ("final", "reported", "predicted").index
    assert natural.measure == measure
    assert all(rank(natural.measure) <= rank(reading.measure) for reading in found.readings)
    if period != "2024-04" or as_of:
        assert natural.value == value
    assert [h.measure for h in found.holes if rank(h.measure) < rank(measure)] == (
        [] if period == "2024-04" else ["final", "reported"][: rank(measure)]
    )


def test_the_readme_s_example() -> None:
    found = fs.check("more than 70,000", "deaths/synthetic-opioids", period="2023")
    assert (found.verdict, _natural(found).value) == ("SUPPORTED", 72_776)
    assert {(r.measure, r.value) for r in found.readings} >= {("final", 72_776)}
    assert "said:  more than 70,000 deaths, that is (70,000, ∞)" in str(found)


def test_december_is_the_year_and_the_fiscal_year_its_september() -> None:
    assert _natural(fs.check("5", "deaths/all", period="2023-12")) == _natural(
        fs.check("5", "deaths/all", period="2023")
    )
    fiscal, september = (fs.check("5", "deaths/all", period=period) for period in ("FY2023", "2023-09"))
    assert _natural(fiscal).value == _natural(september).value


@pytest.mark.parametrize("code", ["WV", "CA", "PR", "YC", "NY", "DC", "ND", "WY"])
def test_states_are_their_own_rows_of_the_file(code: str) -> None:
    natural = _natural(fs.check("about 1,000", "deaths/synthetic-opioids", period="2023", jurisdiction=code))
    table = fs.load("vsrr", vintage=natural.vintage)
    row = table[
        (table["jurisdiction"] == code) & (table["month_ending"] == "2023-12") & (table["drug"] == "synthetic-opioids")
    ]
    assert natural.value == float(row["reported"].iloc[0])
    assert natural.jurisdiction == code
    assert natural.place.startswith(names.jurisdiction_name(code).split(" without")[0].split(" (")[0][:8])


def test_new_york_never_shares_a_name() -> None:
    for period in ("2019", "2021", "2022", "2023", "2024-04", "2024"):
        for drug in ("all", "synthetic-opioids"):
            found = fs.check("about 3,000", f"deaths/{drug}", period=period, jurisdiction="NY")
            assert len({reading.place for reading in found.readings}) == 1
            for reading in (r for r in found.readings if "not published" not in r.flags):
                whole = reading.measure == "final"
                assert reading.place == ("New York State, whole" if whole else "New York State without New York City")


def test_suppressed_cells_are_one_to_nine_everywhere() -> None:
    table = fs.load("vsrr", vintage="2025-01-08")
    hidden = table[table["flag"].str.contains("suppressed", na=False) & (table["month_ending"] == "2023-12")]
    assert len(hidden) > 3
    for row in hidden.head(6).itertuples():
        found = fs.check("about 5", f"deaths/{row.drug}", period="2023-12", jurisdiction=str(row.jurisdiction))
        cells = [r for r in found.readings if r.measure == "reported"]
        assert [(r.value, r.low, r.high) for r in cells] == [(None, 1, 9)]
        assert "suppressed" in cells[0].flags
        assert (
            fs.check("more than 20", f"deaths/{row.drug}", "2023-12", str(row.jurisdiction)).verdict == "CONTRADICTED"
        )


@pytest.mark.parametrize(("period", "as_of"), [("2023", "2015-01-01"), ("2024", "2025-01-01")])
def test_what_was_never_published_is_not_determined(period: str, as_of: str | None) -> None:
    found = fs.check("nearly 100,000", "deaths/all", period=period, as_of=as_of)
    natural = _natural(found)
    assert (found.verdict, natural.value, natural.low, natural.shown) == ("NOT DETERMINED", None, 0, "not published")
    assert natural.reason.startswith("not published")
    assert {hole.measure for hole in found.holes} == {"final", "reported"}


def test_a_part_is_bounded_by_the_whole() -> None:
    found = fs.check("nearly 100,000", "deaths/synthetic-opioids", period="2024-04", as_of="2024-09-17")
    natural = _natural(found)
    assert (natural.low, natural.high, natural.flags[-1]) == (0, 75_091, "bounded")
    assert f"{found.verdict}" == "CONTRADICTED (overstates)"
    assert _natural(fs.check("about 5", "deaths/synthetic-opioids", "2024-04")).flags != natural.flags


@pytest.mark.parametrize(
    ("phrase", "quantity", "period", "place", "said"),
    [
        ("5", "deaths/all", "2024-04", "PR", "in 2024-04, Puerto Rico: not published; held are "),
        (
            "nearly 100,000",
            "deaths/all",
            "1990",
            "US",
            "held are 12 months ending 2015-01 to .*, final years 1999 to 2024",
        ),
        ("nearly 100,000", "deaths/all", "2030", "US", "held are 12 months ending 2015-01"),
        ("97%", "seizure-share/non-southwest", "2023", "US", "the seizure file holds fiscal years, FY2019 to FY2026"),
        ("97%", "seizure-share/mail-china", "FY2019", "US", "known for single calendar years only"),
        ("93", "offices/foreign", "1990", "US", "no count of offices by 1990-12-31"),
    ],
)
def test_a_period_of_which_nothing_is_held_is_an_error(
    phrase: str, quantity: str, period: str, place: str, said: str
) -> None:
    with pytest.raises(LedgerError, match=said):
        fs.check(phrase, quantity, period=period, jurisdiction=place)


@pytest.mark.parametrize(
    ("phrase", "quantity", "period", "verdict", "shown"),
    [
        ("97%", "seizure-share/non-southwest", "FY2023", "CONTRADICTED (overstates)", "1.13%"),
        ("about 1%", "seizure-share/non-southwest", "FY2023", "SUPPORTED", "1.13%"),
        ("about 2%", "seizure-share/non-southwest", "FY2023", "CLOSE", "1.13%"),
        ("less than 1%", "seizure-share/mail-china", "2019", "SUPPORTED", "0.35%"),
        ("97%", "origin-share/ultimate", "2023", "NOT DETERMINED", "not measured"),
        ("93 offices", "offices/foreign", "2023-03-24", "SUPPORTED", "93 offices"),
        ("69", "countries/foreign", "2022", "SUPPORTED", "69 countries"),
    ],
)
def test_other_quantities(phrase: str, quantity: str, period: str, verdict: str, shown: str) -> None:
    found = fs.check(phrase, quantity, period=period)
    assert f"{found.verdict}" == verdict
    assert _natural(found).shown == shown


def test_another_quantity_is_named_once_by_its_nearest_figure_known_by_then() -> None:
    found = fs.check("nearly 110,000", "deaths/synthetic-opioids", period="2023")
    assert [other.quantity for other in found.wrong_quantity] == ["deaths/all"]
    held = fs.analysis.deaths.published("all", "2023")
    inside = held[(held["value"] >= 99_000) & (held["value"] < 110_000)]
    assert found.wrong_quantity[0].value == inside["value"].max()
    then = fs.check("nearly 110,000", "deaths/synthetic-opioids", period="2023", as_of="2024-09-17")
    assert [(other.value, other.known.isoformat()) for other in then.wrong_quantity] == [(107_543, "2024-05-15")]
    assert not then.hindsight  # the same quantity is not named twice
    later = fs.check("30,000", "deaths/synthetic-opioids", period="2023", as_of="2024-09-17")
    assert (later.wrong_quantity, [other.quantity for other in later.hindsight]) == ((), ["deaths/cocaine"])


@pytest.mark.parametrize("phrase", ["under 70,000", "no more than 60,000", "more than 90,000"])
def test_words_without_an_end_name_no_other_quantity(phrase: str) -> None:
    assert fs.check(phrase, "deaths/synthetic-opioids", period="2023").wrong_quantity == ()


def test_new_york_is_never_two_places() -> None:
    final = fs.check("1,000", "deaths/all", period="2022", jurisdiction="NY")
    assert _natural(final).place == "New York State, whole"
    assert all(other.place == ("NY", True) for other in final.wrong_quantity)


def test_a_figure_printed_to_its_last_digit_is_named_with_the_verdict_by_it() -> None:
    found = fs.check("107,543", "deaths/all", period="2023")
    assert (found.verdict, _natural(found).value) == ("CLOSE", 105_007)
    (own,) = found.as_published
    assert (own.figure.measure, own.figure.known.isoformat(), own.verdict) == ("predicted", "2024-05-15", "SUPPORTED")
    assert found.flags[0].startswith(
        "AS PUBLISHED: 107,543 is the predicted count of calendar year 2023 in the release of"
    )
    assert fs.check("107,000", "deaths/all", period="2023").as_published == ()


@pytest.mark.parametrize(
    ("phrase", "verdict"),
    [("100,100", "CLOSE"), ("110,500", "CLOSE"), ("105,007", "SUPPORTED"), ("99,000", "CONTRADICTED")],
)
def test_a_plain_number_is_read_generously_to_half_of_delta(phrase: str, verdict: str) -> None:
    assert fs.check(phrase, "deaths/all", period="2023").verdict == verdict


def test_a_claim_is_judged_by_its_day_with_the_verdict_of_today_beside_it() -> None:
    found = fs.check("over 107,500", "deaths/all", period="2023", as_of="2024-10-01")
    assert (found.verdict, str(found.verdict_now)) == ("SUPPORTED", "CONTRADICTED (overstates)")
    assert found.senses[0].now.value == 105_007 and found.senses[0].now.measure == "final"
    moving = fs.check("about 75,000", "deaths/synthetic-opioids", period="2024-09", as_of="2025-02-25").senses[0]
    assert moving.settling is None or moving.settling.low <= moving.natural.low


def test_no_flag_where_the_phrase_fits() -> None:
    assert fs.check("more than 100,000", "deaths/all", period="2023").flags == ()
    assert fs.check("about 1", "deaths/all", period="2023").flags == ()


@pytest.mark.parametrize(
    ("arguments", "options", "kind", "message"),
    [
        (("nearly", "deaths/all", "2023"), {}, PhraseError, "no number"),
        (("93 in 69", "deaths/all", "2023"), {}, PhraseError, "2 numbers"),
        (("9" * 400, "deaths/all", "2023"), {}, PhraseError, "too large"),
        (("97%", "deaths/all", "2023"), {}, PhraseError, "percent"),
        (("97", "seizure-share/non-southwest", "FY2023"), {}, PhraseError, "percent"),
        (("93 offices", "deaths/all", "2023"), {}, PhraseError, "counted in offices, deaths/all in deaths"),
        (
            ("one country", "offices/foreign", "2023"),
            {},
            PhraseError,
            "counted in countries, offices/foreign in offices",
        ),
        (("over 70.000", "deaths/all", "2023"), {}, PhraseError, "has decimals, but deaths are whole; .* 70,000"),
        (("the 25th", "deaths/all", "2023"), {}, PhraseError, "is a rank .*; say among what"),
        (("half of 100,000", "deaths/all", "2023"), {}, PhraseError, "no number that can be read"),
        ((None, "deaths/all", "2023"), {}, PhraseError, "must be text, such as 'nearly 100,000', not NoneType"),
        (("100", "deaths/fentanyl", "2023"), {}, LedgerError, "unknown quantity 'deaths/fentanyl'"),
        (("100", "Deaths/All", "2023"), {}, LedgerError, "did you mean 'deaths/all'"),
        (("100", "", "2023"), {}, LedgerError, "unknown quantity"),
        (("100", "deaths/all", "23"), {}, ModelError, "period '23' is not understood"),
        (("100", "deaths/all", "2023-13"), {}, ModelError, "2023-13"),
        (("100", "deaths/all", "2023-00"), {}, ModelError, "'2023-00' is not a date"),
        (("93", "offices/foreign", "2024-05-00"), {}, ModelError, "'2024-05-00' is not a date"),
        (("93", "offices/foreign", "2024-00-01"), {}, ModelError, "'2024-00-01' is not a date"),
        (("100", "deaths/all", "２０２３"), {}, ModelError, "is not understood"),
        (("100", "deaths/all", "2023"), {"as_of": "2024-00"}, DataError, "as_of: '2024-00' is not a date"),
        (("100", "deaths/all", "latest"), {}, ModelError, "latest"),
        (("100", "deaths/all", "2023"), {"jurisdiction": "NYC"}, DataError, "unknown jurisdiction 'NYC'"),
        (("93", "offices/foreign", "2023"), {"jurisdiction": "WV"}, LedgerError, "not counted by jurisdiction"),
        (("97%", "seizure-share/non-southwest", "FY2023"), {"jurisdiction": "WV"}, LedgerError, "not counted by"),
        (("100", "deaths/all", "2023"), {"as_of": "yesterday"}, DataError, "as_of"),
        (("100", "deaths/all", "2023"), {"delta": -1.0}, PhraseError, "delta"),
        (("100", "deaths/all", "2023"), {"delta": 1}, PhraseError, "at least 0 and less than 1 .*, got 1$"),
        (("100", "deaths/all", "2023"), {"delta": 10.0}, PhraseError, "write 10% as 0.10"),
    ],
)
def test_bad_input_is_one_clear_line(
    arguments: tuple[str, str, str], options: dict[str, str], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message) as caught:
        fs.check(*arguments, **options)  # type: ignore[arg-type]
    assert isinstance(caught.value, FentanylStatsError)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@settings(max_examples=30)
@given(value=st.integers(1, 10**7), slug=st.sampled_from(sorted(quantities.catalogue())), year=st.integers(1995, 2030))
def test_every_quantity_and_year_has_an_answer(value: int, slug: str, year: int) -> None:
    percent = quantities.quantity(slug).unit == "percent"
    period = f"FY{year}" if slug.startswith("seizure") else f"{year}"
    try:
        found = fs.check(f"about {value % 101}%" if percent else f"about {value:,}", slug, period=period)
    except LedgerError:  # nothing is held of that period
        return
    natural = _natural(found)
    assert natural.reason or natural.value is not None or natural.low == 1
    assert len(found.delta_curve) in (0, 6)
    ranks = ["CONTRADICTED", "INCONCLUSIVE", "NOT DETERMINED", "CLOSE", "SUPPORTED"]
    order = [max(1, ranks.index(verdict.label)) if verdict != "CONTRADICTED" else 0 for _, verdict in found.delta_curve]
    assert all(before <= after for before, after in pairwise(order))
