"""Every word of the vocabulary, text that is not meant to be read, and what no width may do."""

from __future__ import annotations

import math
import time
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fentanyl_stats.audit import hedges
from fentanyl_stats.data import paths
from fentanyl_stats.errors import PhraseError
from fentanyl_stats.model import Interval

WORDS = [(word, hedge) for hedge, words in hedges.WORDS.items() for word in words if word]
SLUGS = {
    "bare": "bare", "about": "about", "nearly": "nearly", "over": "more than", "under": "fewer than",
    "at-least": "at least", "at-most": "at most", "estimated": "about", "reportedly": "bare",
}  # fmt: skip
TRUTH_OF_93 = {
    "nearly": Interval(83.7, 93, "left"),
    "about": Interval(83.7, 102.3),
    "more than": Interval(93, math.inf, "neither"),
    "at least": Interval(93, math.inf, "left"),
    "at most": Interval(-math.inf, 93, "right"),
    "fewer than": Interval(-math.inf, 93, "neither"),
    "bare": Interval(93, 93),
    "exactly": Interval(93, 93),
    "just over": Interval(93, 97.65, "right"),
    "just under": Interval(88.35, 93, "left"),
}

numbers = st.integers(1, 10**8) | st.floats(0.01, 10**6).map(lambda x: round(x, 2))
hedge_names = st.sampled_from(sorted(hedges.WORDS))
kinds = st.sampled_from(hedges.KINDS)
widths = st.floats(0, 1)


@pytest.mark.parametrize(("word", "hedge"), WORDS)
def test_every_word_is_read_before_its_number(word: str, hedge: str) -> None:
    phrase = hedges.parse(f"{word} 93 offices")
    assert (phrase.hedge, phrase.value, phrase.unit) == (hedge, 93, "offices")
    assert hedges.parse(f"{word.upper()} 93").hedge == hedge
    truth, expected = phrase.truth(), TRUTH_OF_93[hedge]
    assert (truth.low, truth.high) == pytest.approx((expected.low, expected.high))
    assert truth.closed == expected.closed


def test_every_slug_of_the_claim_tables_is_known() -> None:
    vocabulary = tomllib.loads((paths.raw() / "claims" / "vocabulary.toml").read_text("utf-8"))
    assert set(vocabulary["hedge"]) == set(SLUGS)
    assert {slug: hedges.hedge_name(slug) for slug in SLUGS} == SLUGS


@pytest.mark.parametrize(
    ("text", "hedge", "value"),
    [
        ("not more than 97", "at most", 97),
        ("not less than 97", "at least", 97),
        ("no more than a dozen", "at most", 12),
        ("five hundred thousand", "bare", 500_000),
        ("about a hundred thousand", "about", 100_000),
        ("$1.5bn", "bare", 1_500_000_000),
        ("−5", "bare", -5),
        ("zero dozen", "bare", 0),
        ("nearly\u200b\u202c\n100,000\x00", "nearly", 100_000),
        ("nearly １００", "nearly", 100),
    ],
)
def test_unusual_spellings(text: str, hedge: str, value: float) -> None:
    phrase = hedges.parse(text)
    assert (phrase.hedge, phrase.value) == (hedge, value)


@pytest.mark.parametrize("sign", ["%", "％", " %", " percent", " per cent", " PERCENT"])
def test_signs_of_a_percentage(sign: str) -> None:
    phrase = hedges.parse(f"over 97{sign}")
    assert (phrase.kind, phrase.unit, phrase.hedge) == ("percent", "percent", "more than")
    assert phrase.truth() == Interval(97, 100, "right")


@pytest.mark.parametrize(
    "text",
    ["98-97%", "98–97%", "2024-04", "1/2", "1.5.2", "1,00", "dozens", "several dozen", "twenty-eleven", "hundred", "½",
     "IV", "nearly\u202e100", "9" * 400, "9" * 400 + "%", "1" * 400 + " dozen"],
)  # fmt: skip
def test_ranges_dates_and_monsters_are_refused(text: str) -> None:
    with pytest.raises(PhraseError) as caught:
        hedges.parse(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "text",
    ["25 th", "25-TH", "25ᵗʰ", "25º", "5'th", "nearly 100,000th", "the 1990s", "20's", "1e5", "1E-5", "0x10", "1_000", "5½", "5 ½",
     "½ 100", "10²", "97‰", "97 percentage points", "half of 100,000", "four thirds", "two three", "the first half of 2023",
     "not nearly 100", "not quite 100,000", "isn’t 100", "nowhere near 100", "1½ dozen", "5-4", "COVID-19", "T40.4"],
)  # fmt: skip
def test_a_part_of_something_larger_is_no_number(text: str) -> None:
    assert hedges.find(text) == []
    with pytest.raises(PhraseError, match="no number that can be read"):
        hedges.parse(text)


@pytest.mark.parametrize(
    ("text", "hedge", "value", "unit"),
    [
        ("100,000+", "at least", 100_000, ""),
        ("100,000 or more", "at least", 100_000, ""),
        ("100,000 deaths or more", "at least", 100_000, "deaths"),
        ("100,000-plus deaths", "at least", 100_000, ""),
        ("5% or less", "at most", 5, "percent"),
        ("93 or so offices", "about", 93, ""),
        ("over 93 or so", "more than", 93, "or"),
        ("1.5 dozen", "bare", 18, ""),
        ("1,000 dozen", "bare", 12_000, ""),
        ("97 pct", "bare", 97, "percent"),
        ("over 70\u202f000", "more than", 70_000, ""),
        ("in the third quarter 100 deaths", "bare", 100, "deaths"),
        ("no less than 100 third parties", "at least", 100, "third"),
    ],
)
def test_what_follows_a_number_is_heard(text: str, hedge: str, value: float, unit: str) -> None:
    phrase = hedges.parse(text)
    assert (phrase.hedge, phrase.value, phrase.unit) == (hedge, value, unit)


@pytest.mark.parametrize(
    ("text", "value", "upper"),
    [
        ("one hundred fifty thousand", 150_000, None),
        ("a hundred and seven thousand five hundred forty-three", 107_543, None),
        ("ninety-three offices", 93, None),
        ("twenty five", 25, None),
        ("half a million", 500_000, None),
        ("half a dozen", 6, None),
        ("a quarter of a million", 250_000, None),
        ("a quarter million", 250_000, None),
        ("a million and a half", 1_500_000, None),
        ("two and a half million", 2_500_000, None),
        ("70,000 to 75,000", 70_000, 75_000),
        ("70k–80k", 70_000, 80_000),
        ("70 to 75 thousand", 70_000, 75_000),
        ("between 70,000 and 75,000", 70_000, 75_000),
        ("anywhere from 1 to 2 million", 1_000_000, 2_000_000),
        ("97-98%", 97, 98),
        ("more than 70,000 to 75,000", 70_000, None),
        ("up to 70,000 to 75,000", 75_000, None),
        ("tens of thousands", 20_000, 100_000),
        ("tens of millions of Americans", 20_000_000, 100_000_000),
        ("hundreds of thousands", 200_000, 1_000_000),
        ("thousands", 2_000, None),
        ("hundreds", 200, None),
        ("half", 50, None),
        ("three-quarters", 75, None),
        ("a fifth", 20, None),
        ("one in four", 25, None),
        ("1-in-5", 20, None),
        ("nine out of ten", 90, None),
        ("half as many", 0.5, None),
        ("tenfold", 10, None),
        ("10x", 10, None),
        ("seven times over", 7, None),
        ("72,776 deaths over 12 months to April 2024", 72_776, None),
        ("4 Americans aged 18-45 on September 17, 2024", 4, None),
        ("over 2000 people in 2021", 2_000, None),
        ("in FY 2023, 839 pounds", 839, None),
    ],
)
def test_numbers_in_words(text: str, value: float, upper: float | None) -> None:
    phrase = hedges.parse(text)
    assert (phrase.value, phrase.upper) == (value, upper)


FORMS = """
fell 27% | 27 bare change fall percent
a nearly 24 percent decline | 24 nearly change fall percent
overdose deaths dropped last year by more than 27,000 | 27000 more-than change fall difference
30,000 fewer | 30000 bare change fall difference
cut in half | 50 bare change fall percent
declined by a third | 33.3 bare change fall percent
halved | 50 bare change fall percent
more than tripled | 3 more-than change rise times
up 50-fold | 50 bare change rise times
plummeted | 0 more-than change fall percent
more | 0 more-than change rise
41 percent higher | 41 bare - rise percent
fell to 70,000 | 70000 bare -
dropped below 80,000 | 80000 fewer-than -
makes up just 0.2% | 0.2 bare -
three times as many | 3 bare ratio
more people than car crashes | 1 more-than ratio
as many as | 1 at-least ratio
fewer than | 1 fewer-than ratio
200 a day | 200 bare pace day
Every day, four North Carolinians die | 4 bare pace day
a death every five minutes | 0.2 bare pace minute
nearly 300 deaths each week | 300 nearly pace week
100,000 a year | 100000 bare - year
31.3 per 100,000 | 31.3 bare rate
258 million lethal doses | 2.58e8 bare doses
the leading cause of death | 1 bare rank
the second-leading cause | 2 bare rank
number 5 | 5 bare rank
third | 3 bare rank
an all-time high | 1 bare record high
historic lows | 1 bare record low
lowest since March 2020 | 1 bare record low 2020-03
the first annual decline since 2018 | 1 bare record fall 2018
fifth straight month of decline | 5 bare record fall
Overdoses reached an all-time high in 2021 | 1 bare record high
"""


@pytest.mark.parametrize("row", FORMS.strip().splitlines())
def test_the_form_that_words_force(row: str) -> None:
    text, _, expected = row.partition(" | ")
    value, hedge, form, *rest = expected.split()
    phrase = hedges.parse(text)
    assert phrase.value == pytest.approx(float(value), abs=0.05)
    assert (phrase.hedge, phrase.form) == (hedge.replace("-", " "), form.replace("-", ""))
    said = (phrase.direction, phrase.change_as, phrase.per, phrase.extreme, phrase.since)
    assert [word for word in said if word] == rest


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("70,000 to 75,000", (69_500, 75_500), (66_500, 78_750)),
        ("tens of thousands", (20_000, 100_000), (15_000, 105_000)),
        ("93 to 95 offices", (93, 95), (93, 95)),
        ("about 70,000 to 75,000", (63_000, 82_500), (56_000, 90_000)),
        ("doubled", (1.9, 2.1), (1.8, 2.2)),
        ("fell", (0, 100), (0, 100)),
        ("rose", (0, math.inf), (0, math.inf)),
        ("half", (45, 55), (40, 60)),
        ("one every five minutes", (0.18, 0.22), (0.16, 0.24)),
    ],
)
def test_how_far_ranges_and_multiples_reach(text: str, low: tuple[float, float], high: tuple[float, float]) -> None:
    phrase = hedges.parse(text)
    for interval, ends in ((phrase.truth(), low), (phrase.widened(), high)):
        assert (interval.low, interval.high) == pytest.approx(ends, abs=1e-6)
    assert 100_000 not in hedges.parse("tens of thousands").truth()


@pytest.mark.parametrize(
    ("text", "value", "hedge"),
    [
        ("41 percent higher", 1.41, "bare"),
        ("nearly 41% more", 1.41, "nearly"),
        ("27% lower", 0.73, "bare"),
        ("more than 27% lower", 0.73, "fewer than"),
        ("twice as many", 2, "bare"),
        ("half as many", 0.5, "bare"),
    ],
)
def test_a_percentage_as_a_ratio(text: str, value: float, hedge: str) -> None:
    ratio = hedges.parse(text).as_ratio()
    assert ratio.value == pytest.approx(value) and (ratio.hedge, ratio.unit) == (hedge, "times")


@pytest.mark.parametrize(
    ("text", "form", "word"),
    [
        ("200 a day", "level", "'a day'"),
        ("fell 27%", "level", "'fell'"),
        ("1% more", "level", "'more'"),
        ("doubled again", "change", "'again'"),
        ("72,776 men", "level", "'men'"),
        ("200 men a day", "pace", "'men'"),
        ("an additional 72,776", "level", "'additional'"),
        ("an additional 200 a day", "pace", "'additional'"),
        ("record drop", "change", "'record'"),
        ("fell slightly", "change", "'slightly'"),
        ("7 lakh", "level", "'lakh'"),
    ],
)
def test_what_is_not_understood_is_named(text: str, form: str, word: str) -> None:
    with pytest.raises(PhraseError) as caught:
        hedges.require_comparable(
            hedges.parse(text), "deaths/all", "percent" if text == "1% more" else "deaths", form=form
        )
    assert word in str(caught.value).replace(repr(text), "")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["fell 150%", "down by more than 101 percent"])
def test_nothing_falls_by_more_than_all_of_it(text: str) -> None:
    with pytest.raises(PhraseError, match="more than all of it"):
        hedges.parse(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [("in 2023", "a year"), ("12 months", "a span of time"), ("aged 18-45", "an age"), ("September 17", "a date"), ("never doubled", "denies")],
)  # fmt: skip
def test_a_refusal_says_what_the_digits_are(text: str, what: str) -> None:
    with pytest.raises(PhraseError, match=what):
        hedges.parse(text)


@pytest.mark.parametrize("text", [None, 100, b"100", ["100"], math.nan])
def test_a_phrase_is_text(text: object) -> None:
    with pytest.raises(PhraseError, match="must be text"):
        hedges.parse(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["1," * 30_000, "a " * 30_000, "nearly " * 30_000, "\u202e" * 30_000, "9." * 30_000])
def test_long_text_costs_no_time(text: str) -> None:
    start = time.process_time()
    with pytest.raises(PhraseError):
        hedges.parse(text)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("value", [10**400, 10**5000, -(10**400)], ids=["large", "beyond printing", "negative"])
def test_a_number_beyond_all_floats_is_refused(value: int) -> None:
    with pytest.raises(PhraseError, match="finite number"):
        hedges.interval("nearly", value)
    with pytest.raises(PhraseError, match="delta"):
        hedges.interval("nearly", 10, delta=value)


@pytest.mark.parametrize("granularity", [0, -1, math.nan, math.inf, "ten"])
def test_a_granularity_must_be_positive(granularity: float) -> None:
    with pytest.raises(PhraseError, match="granularity"):
        hedges.interval("nearly", 10, granularity=granularity)


def test_a_number_from_a_table_will_do() -> None:
    import numpy as np

    assert hedges.interval("nearly", np.int64(100_000)) == hedges.interval("nearly", 100_000)  # type: ignore[arg-type]
    assert hedges.interval("bare", np.float64(2.5)) == hedges.interval("bare", 2.5)


@pytest.mark.parametrize(
    ("value", "unit"), [(1e22, 1e21), (1e24, 1e23), (10**25, 1e24), (1.5e30, 1e29), (2.5, 0.1), (0.0, 1.0)]
)
def test_the_last_digit_of_a_large_number(value: float, unit: float) -> None:
    assert hedges.granularity_of(value) == hedges.granularity_of(-value) == unit


@given(hedge=hedge_names, value=numbers, kind=kinds, delta=widths)
def test_what_is_said_lies_within_the_generous_reading(hedge: str, value: float, kind: str, delta: float) -> None:
    phrase = hedges.phrase(hedge, value, kind)
    assert phrase.interval(delta) in phrase.truth(delta)
    assert phrase.truth(delta) in phrase.widened(delta)


@given(hedge=hedge_names, value=numbers, kind=kinds, deltas=st.tuples(widths, widths))
def test_a_larger_delta_never_narrows(hedge: str, value: float, kind: str, deltas: tuple[float, float]) -> None:
    phrase = hedges.phrase(hedge, value, kind)
    small, large = sorted(deltas)
    for ends in (phrase.interval, phrase.truth, phrase.widened):
        assert ends(small) in ends(large)


@given(hedge=hedge_names, value=st.integers(1, 10**6), power=st.integers(1, 6), delta=widths)
def test_ends_scale_with_the_number_when_the_precision_does(hedge: str, value: int, power: int, delta: float) -> None:
    factor = 10**power  # a power of ten, so that the pragmatic end of "more than" scales too
    small = hedges.phrase(hedge, value, granularity=0.5)
    large = hedges.phrase(hedge, value * factor, granularity=0.5 * factor)
    for name in ("interval", "truth", "widened"):
        one, other = getattr(small, name)(delta), getattr(large, name)(delta)
        assert (other.low, other.high) == pytest.approx((one.low * factor, one.high * factor))
        assert other.closed == one.closed


@given(hedge=hedge_names, value=st.floats(0, 100), delta=widths)
def test_a_percentage_never_says_more_than_all(hedge: str, value: float, delta: float) -> None:
    phrase = hedges.phrase(hedge, value, "percent")
    assert max(phrase.interval(delta).high, phrase.widened(delta).high) <= 100


@given(value=st.floats(allow_nan=False, allow_infinity=False), hedge=hedge_names, kind=kinds)
def test_any_finite_number_has_an_interval(value: float, hedge: str, kind: str) -> None:
    phrase = hedges.phrase(hedge, value, kind)
    assert phrase.truth().low <= value <= phrase.truth().high


@given(value=st.integers(0, 10**12))
def test_precision_is_the_last_significant_digit(value: int) -> None:
    step = hedges.granularity_of(value)
    assert value % step == 0
    assert step <= max(1, value / 10)


@given(value=st.integers(1, 10**9), decimals=st.integers(0, 3), hedge=hedge_names)
def test_a_printed_phrase_is_read_back(value: int, decimals: int, hedge: str) -> None:
    number = value / 10**decimals
    text = f"{'' if hedge == 'bare' else hedge} {number:,.{decimals}f}".strip()
    phrase = hedges.parse(text)
    assert (phrase.hedge, phrase.value) == (hedge, number)
    assert phrase.granularity == (pytest.approx(10**-decimals) if decimals else hedges.granularity_of(value))


@given(
    st.lists(st.sampled_from([*(w for w, _ in WORDS), "9" * 320, "1,000", "dozen", "zero", "%", "-", ".", "k", "a"]))
)
def test_any_heap_of_words_is_read_or_refused(parts: list[str]) -> None:
    for glue in (" ", ""):
        try:
            phrase = hedges.parse(glue.join(parts))
        except PhraseError:
            continue
        assert math.isfinite(phrase.value)
        assert phrase.truth() in phrase.widened()


@pytest.mark.parametrize(
    ("text", "kind", "c", "wide"),
    [
        ("105,007", "measure", (105_006.5, 105_007.5), (99_756.65, 110_257.35)),
        ("105,007", "count", (105_007, 105_007), (105_007, 105_007)),
        ("70,000", "measure", (69_500, 70_500), (66_500, 73_500)),
        ("0.07 million", None, (69_500, 70_500), (66_500, 73_500)),
        ("97%", None, (96.5, 97.5), (96, 98)),
        ("exactly 70,000", "measure", (70_000, 70_000), (70_000, 70_000)),
        ("just over 50,000", "measure", (50_000, 52_500), (49_500, 55_000)),
        ("just under 50,000", "measure", (47_500, 50_000), (45_000, 50_500)),
        ("just over a dozen", None, (12, 13), (11.5, 14)),
        ("at least 70,000", "measure", (70_000, math.inf), (69_500, math.inf)),
    ],
)
def test_how_far_words_reach(text: str, kind: str | None, c: tuple[float, float], wide: tuple[float, float]) -> None:
    phrase = hedges.parse(text, kind)
    truth, generous = phrase.truth(), phrase.widened()
    assert (truth.low, truth.high) == pytest.approx(c)
    assert (generous.low, generous.high) == pytest.approx(wide)


@given(value=st.integers(1, 10**7), delta=st.floats(0, 0.5), share=st.floats(-1, 1))
def test_a_plain_measure_takes_in_half_of_delta_and_no_count_does(value: int, delta: float, share: float) -> None:
    near = value * (1 + share * delta / 2 * 0.999)
    assert near in hedges.phrase("bare", value, "measure").widened(delta)
    exact = hedges.phrase("bare", value, "count", granularity=1)
    assert exact.widened(delta) == Interval(value, value)
    bare, percent = hedges.phrase("bare", value, "measure"), hedges.phrase("bare", value, "percent", granularity=1)
    assert percent.widened(delta) == percent.widened(0) or value > 100
    assert bare.truth(delta) == bare.truth(0), "C itself does not depend on delta"


@pytest.mark.parametrize(
    ("scaled", "plain"),
    [("0.07 million", "70,000"), ("0.1 million", "100,000"), ("0.7 hundred", "70"), ("1.5 million", "1,500,000"),
     ("72.8 thousand", "72,800"), ("72.776k", "72,776"), ("0.105 million", "105,000"), ("0.000005 million", "5"), ("1.10 million", "1,100,000")],
)  # fmt: skip
def test_a_scaled_decimal_is_no_coarser_than_its_digits(scaled: str, plain: str) -> None:
    one, other = hedges.parse(scaled), hedges.parse(plain)
    assert one.value == other.value
    assert one.granularity <= other.granularity
    if scaled != "1.10 million":  # whose last digit, the 0, is printed
        assert one.granularity == other.granularity


@pytest.mark.parametrize(
    ("hedge", "low", "high", "expected"),
    [
        ("just over", 52_500, 52_500, (0.1, 0.1)),
        ("just over", 51_000, 55_000, (0.2, 0.04)),
        ("just over", 49_000, 51_000, (None, 0.0)),
        ("just over", 40_000, 50_000, (None, None)),
        ("just under", 47_500, 47_500, (0.1, 0.1)),
        ("just under", 45_000, 49_000, (0.2, 0.04)),
        ("just under", 50_000, 60_000, (None, None)),
    ],
)
def test_the_delta_at_which_just_over_turns(
    hedge: str, low: float, high: float, expected: tuple[float | None, float | None]
) -> None:
    assert hedges.phrase(hedge, 50_000).tipping(low, high) == pytest.approx({"all": expected[0], "any": expected[1]})


@pytest.mark.parametrize(
    ("unit", "kind"),
    [("deaths", "measure"), ("pounds", "measure"), ("offices", "count"), ("countries", "count"), ("states", "count"),
     ("percent", "percent"), ("bottles", None), ("", None)],
)  # fmt: skip
def test_the_kind_of_a_unit(unit: str, kind: str | None) -> None:
    assert hedges.kind_of(unit) == kind


@given(text=st.text(max_size=40), value=st.integers(0, 10**6))
def test_any_text_beside_a_number_is_known_or_named(text: str, value: int) -> None:
    phrase = f"{value:,} {text}"
    try:
        hedges.parse(phrase)
    except PhraseError:
        return
    assert isinstance(hedges.unread(phrase), str)
    assert isinstance(hedges.other_unit(phrase, value, "deaths"), str)


@pytest.mark.parametrize(
    ("quote", "value", "unit", "found"),
    [
        ("20,000 pounds of fentanyl", 20_000, "deaths", "pounds"),
        ("$70,000 in fines", 70_000, "deaths", "$"),
        ("every 5 minutes", 5, "deaths", "minutes"),
        ("2 times as many", 2, "deaths", "times"),
        ("97% of all deaths", 97, "deaths", "percent"),
        ("97% of all fentanyl", 97, "percent", ""),
        ("150 people every day", 150, "deaths", "every day"),
        ("200 deaths a day", 200, "deaths", "a day"),
        ("nearly 100,000 deaths of Americans each year", 100_000, "deaths", ""),
        ("93 offices in 69 countries", 69, "countries", ""),
        ("20,000 pounds and 20,000 deaths", 20_000, "deaths", ""),
        ("20,000 pounds", 20_000, "pounds", ""),
        ("20,000 pounds", 30_000, "deaths", ""),
        ("tens of thousands", 20_000, "deaths", ""),
    ],
)
def test_the_unit_that_a_quote_gives_a_number(quote: str, value: float, unit: str, found: str) -> None:
    assert hedges.other_unit(quote, value, unit) == found
