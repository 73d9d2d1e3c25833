"""The shipped ledger as a whole, and claims files that somebody got wrong."""

from __future__ import annotations

import copy
import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fentanyl_stats as fs
from fentanyl_stats.audit import ledger
from fentanyl_stats.data import paths
from fentanyl_stats.errors import FentanylStatsError, LedgerError

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "tests" / "small-article.toml").read_text("utf-8")
EXAMPLE = tomllib.loads(TEXT)


def _raw(name: str) -> dict[str, Any]:
    return tomllib.loads((paths.raw() / name).read_text("utf-8"))


VOCABULARY = _raw("claims/vocabulary.toml")


def test_ids_are_unique_in_every_file() -> None:
    for name, table in (("claims", "claim"), ("tests", "claim"), ("sources", "source")):
        ids = [entry["id"] for entry in _raw(f"claims/{name}.toml")[table]]
        assert [i for i, n in Counter(ids).items() if n > 1] == []
    for claim in fs.claims().values():
        assert len({d.id for d in claim.definition}) == len(claim.definition)
    steps = [(a["family"], a["step"]) for a in _raw("claims/appearances.toml")["appearance"]]
    assert len(set(steps)) == len(steps)


def test_every_claim_of_tests_toml_is_a_claim_and_gets_its_grid() -> None:
    claims = fs.claims()
    for entry in _raw("claims/tests.toml")["claim"]:
        assert len(claims[entry["id"]].test) == len(entry["test"])


def test_every_source_resolves() -> None:
    book = ledger.read()
    for claim in book.claims.values():
        assert [source.id for source in claim.cited] == list(claim.sources)
        assert all(source.title for source in claim.cited)
        named = {s for test in claim.test for s in (*test.sources, *test.figures)}
        named |= {appearance.source for appearance in claim.ladder}
        assert named <= set(book.sources)
    assert {link.source for link in book.article.chain if link.source} <= set(book.sources)


def test_no_quote_is_longer_than_25_words() -> None:
    quotes = [claim.quote for claim in fs.claims().values()]
    quotes += [quote for entry in _raw("claims/sources.toml")["source"] for quote in entry.get("quotes", ())]
    quotes += [str(quote) for quote in fs.load("published-figures")["quote"].dropna()]
    assert len(quotes) > 100
    assert max(len(quote.split()) for quote in quotes) <= ledger.MAX_QUOTE_WORDS == 25


def test_the_quotes_are_never_the_article() -> None:
    article, claims = ledger.read().article, fs.claims().values()
    assert article.text_bytes
    assert sum(len(claim.quote.encode()) for claim in claims) < article.text_bytes / 2
    shipped = [p for folder in ("data/raw", "notebooks", "docs") for p in (ROOT / folder).rglob("*") if p.is_file()]
    assert len(shipped) > 20
    for path in shipped:
        data = path.read_bytes()
        assert article.text_sha256 not in {hashlib.sha256(text).hexdigest() for text in (data, data.strip() + b"\n")}


def test_closed_lists_equal_the_vocabulary() -> None:
    assert sorted(VOCABULARY["drift"]) == list(VOCABULARY["drift"])
    assert dict(ledger.vocabulary()) == VOCABULARY
    assert sorted(VOCABULARY["claim_kind"]) == sorted(ledger.KINDS)
    assert tuple(VOCABULARY["date_precision"]) == get_args(ledger.Precision)
    hints = get_type_hints(ledger.ClaimEntry)
    for key in ("fidelity", "evidence", "confidence"):
        assert {*VOCABULARY[key]} == {word for part in get_args(hints[key]) for word in get_args(part)}


def _by_the_vocabulary(fidelity: str, evidence: str, missing: bool) -> str:
    for rule in VOCABULARY["headline"]["order"]:
        condition, headline = rule.split(" -> ")
        words = set(re.split(r" or ", condition))
        if condition == "otherwise" or words & {fidelity, evidence} or (missing and "missing_qualifier" in words):
            return str(headline)
    raise AssertionError("no rule applies")


def _rated(**ratings: object) -> ledger.Claim:
    return ledger.Claim.model_validate({**EXAMPLE["claim"][2], **ratings})


@pytest.mark.parametrize(("fidelity", "evidence"), list(product(VOCABULARY["fidelity"], VOCABULARY["evidence"])))
def test_headlines_follow_the_order_of_the_vocabulary(fidelity: str, evidence: str) -> None:
    for missing in (False, True):
        claim = _rated(fidelity=fidelity, evidence=evidence, missing_qualifier=missing)
        assert claim.headline == _by_the_vocabulary(fidelity, evidence, missing)


def test_what_nobody_rated_has_no_headline() -> None:
    assert _rated(fidelity="F1", missing_qualifier=True).headline is None


def test_units_agree_with_what_the_grid_measures() -> None:
    from fentanyl_stats.audit import quantities

    for claim in fs.claims().values():
        for test in claim.test:
            assert claim.quantity is not None
            assert quantities.quantity(test.quantity).unit == claim.quantity.compared_unit


def _refused(text: str | bytes, folder: Path) -> str:
    file = folder / "mine.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(LedgerError) as caught:
        fs.claims(file)
    message = str(caught.value)
    assert message.startswith("mine.toml: ")
    assert "\n" not in message
    assert len(message) < 900
    return message


MISTAKES = {
    "two naturals": (TEXT + '\n[[claim.test]]\nquantity = "deaths/all"\nperiods = ["2024"]\nnatural = true\n', "", "",
                     "claim 'turning-point'.*needs a quantity"),
    "natural twice": (TEXT, 'vintages = ["as-known", "newest"]', "natural = true", "claim 'deaths-2023'.*2 tests are marked natural"),
    "final of no year": (TEXT, 'periods = ["2023"]', 'periods = ["2024-04"]', "claim 'deaths-2023', key test.1.measures: final"),
    "final of latest": (TEXT, 'periods = ["2023"]', 'periods = ["latest"]', "key test.1.measures: final counts"),
    "other unit": (TEXT, '"deaths/all"', '"offices/foreign"', "claim 'fell-by-half', key test.1.* in offices, the claim in deaths"),
    "pounds": (TEXT, 'value = 50000, unit = "deaths"', 'value = 20000, unit = "pounds"',
               "claim 'fell-by-half', key test.1.quantity: deaths/all is counted in deaths, the claim in pounds"),
    "times": (TEXT, 'value = 50000, unit = "deaths"', 'value = 2, unit = "times"', "claim 'fell-by-half', .* in deaths, the claim in times"),
    "minutes": (TEXT, 'value = 50000, unit = "deaths"', 'value = 5, unit = "minutes"', "claim 'fell-by-half', .* in deaths, the claim in minutes"),
    "deaths a day": (TEXT, 'unit = "deaths", hedge = "about"', 'unit = "deaths-per-day"', "in deaths, the claim in deaths-per-day"),
    "Deaths": (TEXT, 'unit = "deaths", hedge = "about"', 'unit = "Deaths"', "in deaths, the claim in Deaths"),
    "no unit": (TEXT, 'unit = "deaths", hedge = "about"', 'unit = ""', "in deaths, the claim in ''"),
    "unit on two lines": (TEXT, 'unit = "deaths", hedge = "about"', 'unit = "deaths\\n"', r"in deaths, the claim in 'deaths\\n'"),
    "percentage points": (TEXT, 'unit = "deaths", hedge = "about"', 'unit = "percentage-points"', "in deaths, the claim in percentage-points"),
    "negative": (TEXT, "value = 50000", "value = -5", "claim 'fell-by-half', key quantity.value: '.*-5' is negative"),
    "decimals": (TEXT, "value = 50000", "value = 50000.5", "claim 'fell-by-half', key quantity.value: .* has decimals"),
    "quote in pounds": (TEXT, "more than 70,000 died", "more than 70,000 pounds",
                        "claim 'deaths-2023', key quantity.unit: the quote counts its number in 'pounds', .* in deaths"),
    "quote in money": (TEXT, "more than 70,000 died", "more than $70,000 fines", "claim 'deaths-2023', key quantity.unit: .* in '[$]'"),
    "quote a day": (TEXT, "more than 70,000 died", "more than 70,000 died every day", "claim 'deaths-2023', key quantity.unit: .* in 'every day'"),
    "share of a count": (TEXT, 'value = 50000, unit = "deaths"', 'value = 50, unit = "percent-of-deaths"', "the claim in percent"),
    "vintage": (TEXT, '["as-known", "newest"]', '["as-knwon"]', "key test.2.vintages: unknown vintage 'as-knwon'; did you mean 'as-known'"),
    "jurisdiction": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\njurisdiction = "WW"', "key test.1.jurisdiction: .*'WW'"),
    "correction": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\ncorrections = ["upper-bond"]', "did you mean 'upper-bound'"),
    "bounded by itself": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\nbounded_by = "deaths/synthetic-opioids"', "key test.1.bounded_by"),
    "bounded by offices": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\nbounded_by = "offices/foreign"', "key test.1.bounded_by"),
    "count without source": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\ncount = 4', "claim 'deaths-2023', key test.1: .*key sources"),
    "negative count": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\ncount = -4\nsources = ["A1"]', "key test.1.count"),
    "count of a table": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\ncount = 4\nsources = ["A1"]',
                         "claim 'deaths-2023', key test.1.count: deaths/synthetic-opioids is read from the tables; leave count out"),
    "figures of a table": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\nfigures = ["F203"]', "key test.1.figures: deaths/.* leave figures out"),
    "half a count": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\ncount = 4.5\nsources = ["A1"]', "key test.1.count"),
    "count: text": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\ncount = "4"\nsources = ["A1"]', "key test.1.count"),
    "count: true": (TEXT, 'periods = ["2023"]', 'periods = ["2023"]\ncount = true\nsources = ["A1"]', "key test.1.count"),
    "no periods": (TEXT, 'periods = ["2023"]', "periods = []", "key test.1.periods"),
    "a text for a list": (TEXT, 'periods = ["2023"]', 'periods = "2023"', "key test.1.periods"),
    "a number for a text": (TEXT, 'periods = ["2023"]', "periods = [2023]", "key test.1.periods.1"),
    "a date for a text": (TEXT, 'as_of = "2025-06-01"', "as_of = 2025-06-01", "claim 'deaths-2023', key as_of"),
    "year 0": (TEXT, 'periods = ["2023"]', 'periods = ["0000"]', "claim 'deaths-2023', key test.1"),
    "fiscal year -1": (TEXT, 'periods = ["2023"]', 'periods = ["FY0000"]', "claim 'deaths-2023', key test.1"),
    "month 0": (TEXT, 'as_of = "2025-06-01"', 'as_of = "2025-00"', "claim 'deaths-2023', key as_of: .*is not a date"),
    "day 0": (TEXT, 'as_of = "2025-06-01"', 'as_of = "2025-06-00"', "claim 'deaths-2023', key as_of: .*is not a date"),
    "leap day": (TEXT, 'as_of = "2025-06-01"', 'as_of = "2025-02-29"', "claim 'deaths-2023', key as_of: .*is not a date"),
    "value: text": (TEXT, "value = 70000", 'value = "70000"', "claim 'deaths-2023', key quantity.value"),
    "value: true": (TEXT, "value = 70000", "value = true", "claim 'deaths-2023', key quantity.value"),
    "value: nan": (TEXT, "value = 70000", "value = nan", "claim 'deaths-2023', key quantity.value"),
    "value: 1e400": (TEXT, "value = 70000", "value = 1e400", "claim 'deaths-2023', key quantity.value"),
    "value: 400 digits": (TEXT, "value = 70000", "value = " + "9" * 400, "claim 'deaths-2023', key quantity.value"),
    "value: 5000 digits": (TEXT, "value = 70000", "value = " + "9" * 5000, "not a claims file"),
    "empty quote": (TEXT, "a turning point in the crisis", " ", "claim 'turning-point', key quote: .*empty"),
    "no sources": (TEXT, 'sources = ["A1"]', "sources = []", "claim 'turning-point', key sources"),
    "close source": (TEXT, 'sources = ["A1", "F203"]', 'sources = ["A1", "F2O3"]', "did you mean .*'F203'"),
    "duplicate source": (TEXT + '\n[[source]]\nid = "A1"\ntitle = "t"\npublisher = "p"\n', "", "", "source 'A1', key id: used 2"),
    "step twice": (TEXT, "step = 2\nparent = 1", "step = 1", "family 'deaths-2023', step 1, key step: used twice"),
    "own parent": (TEXT, "parent = 1", "parent = 2", "step 2, key parent"),
    "step 0": (TEXT, "step = 1", "step = 0", "appearance 1 .*key step"),
    "no such source of a step": (TEXT, 'source = "F203"', 'source = "F999x"', "step 1, key source: unknown source 'F999x'"),
    "rating": (TEXT, 'kind = "opinion"', 'kind = "opinion"\nevidence = "E9"', "claim 'turning-point', key evidence"),
    "no id": (TEXT, 'id = "turning-point"\n', "", "claim 3 .without id., key id: is required"),
    "newline in an id": (TEXT, 'id = "turning-point"', 'id = "turning\\npoint"', "key id"),
    "newline in a key": (TEXT, 'kind = "opinion"', 'kind = "opinion"\n"ki\\nnd" = 1', "claim 'turning-point', key 'ki"),
    "endless id": (TEXT, 'id = "turning-point"', f'id = "{"x" * 100_000}"', "key id"),
    "endless key": (TEXT, 'kind = "opinion"', f'kind = "opinion"\n{"k" * 100_000} = 1', "unknown key 'kkk"),
    "claim as a table": (TEXT, "[[claim]]", "[claimm]\n[[claim]]", "unknown table 'claimm'; did you mean 'claim'"),
    "article twice": (TEXT, "[article]", "[[article]]", "the table \\[article\\] is missing"),
    "no claim": ('[article]\nid = "a"\ntitle = "t"\ndate = "2024"\n', "", "", "no \\[\\[claim\\]\\]"),
    "empty file": ("", "", "", "\\[article\\] is missing"),
    "key twice": (TEXT, 'kind = "opinion"', 'kind = "opinion"\nkind = "opinion"', "not valid TOML"),
    "NUL": (TEXT + "\x00", "", "", "control character"),
    "lists in lists": ("a = " + "[" * 20_000, "", "", "not (valid TOML|a claims file)"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=list(MISTAKES))
def test_one_line_names_file_claim_and_key(mistake: str, tmp_path: Path) -> None:
    text, old, new, words = MISTAKES[mistake]
    assert old in text
    assert re.search(words, _refused(text.replace(old, new, 1), tmp_path))


WORDED = """
[article]
id = "mine"
title = "t"
date = "2024-10-01"
[[source]]
id = "A1"
title = "t"
publisher = "p"
[[claim]]
id = "closing"
quote = "over a dozen offices"
kind = "count"
quantity = { value = 12, unit = "UNIT", hedge = "over" }
as_of = "2024-10-01"
sources = ["A1"]
[[claim.test]]
natural = true
"""


@pytest.mark.parametrize(
    ("unit", "keys", "words"),
    [
        ("offices", 'quantity = "offices/closing"\nperiods = ["2024"]\nfigures = ["F129d"]', "figures: unknown figure 'F129d'; did you mean 'F129"),
        ("offices", 'quantity = "offices/closing"\nperiods = ["2024"]\nfigures = ["F001"]', "figures: F001 is 97.0 percent; name figures in offices"),
        ("offices", 'quantity = "offices/closing"\nperiods = ["2024"]\nfigures = ["F130", "F130"]', "figures: F130 is named 2 times"),
        ("offices", 'quantity = "offices/closing"\nperiods = ["latest"]\ncount = 14\nsources = ["A1"]', "periods: offices/closing has no latest"),
        ("offices", 'quantity = "offices/foreign"\nperiods = ["2024"]\ncount = 14\nsources = ["A1"]', "count: offices/foreign is read from the tables"),
        ("percent", 'quantity = "seizure-share/mail-china"\nperiods = ["latest"]', "periods: .* has no latest"),
        ("percent", 'quantity = "origin-share/ultimate"\nperiods = ["latest"]', "periods: .* has no latest"),
        ("percentage-points", 'quantity = "origin-share/ultimate"\nperiods = ["2024"]', "quantity: .* in percent, the claim in percentage-points"),
        ("percent", 'quantity = "origin-share/ultimate"\nperiods = ["2023-05-01"]', "periods: period '2023-05-01' is not understood"),
    ],
)  # fmt: skip
def test_what_a_quantity_cannot_use_is_refused(unit: str, keys: str, words: str, tmp_path: Path) -> None:
    message = _refused(WORDED.replace("UNIT", unit) + keys, tmp_path)
    assert re.search(f"claim 'closing', key test.1.{words}", message)


@pytest.mark.parametrize(
    ("value", "hedge", "words"),
    [("150", "bare", "'150%' is more than the whole"), ("100", "over", "more than the whole"), ("-3", "bare", "'-3%' is negative")],
)  # fmt: skip
def test_a_share_lies_between_nothing_and_the_whole(value: str, hedge: str, words: str, tmp_path: Path) -> None:
    text = WORDED.replace("UNIT", "percent").replace("value = 12", f"value = {value}").replace('"over"', f'"{hedge}"')
    message = _refused(text + 'quantity = "origin-share/ultimate"\nperiods = ["2024"]', tmp_path)
    assert re.search(f"claim 'closing', key quantity.value: .*{words}", message)


def test_counts_of_a_claims_file_of_one_s_own_name_their_source(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    text = WORDED.replace("UNIT", "offices") + 'quantity = "offices/foreign"\nperiods = ["FY2024"]\n'
    file.write_text(text, "utf-8")
    natural = fs.assess("closing", claims=file).natural
    assert natural is not None
    assert natural.period == "2024-09-16"
    assert [f"{s.id} {s.vintage}" for s in natural.sources] == ["dea-offices rows known 2024-09-16"]
    file.write_text(text + 'sources = ["A1"]\n', "utf-8")
    with pytest.raises(LedgerError, match="no count of offices in A1 by 2024-09-30"):
        fs.assess("closing", claims=file)


@pytest.mark.parametrize("key", ["quote", "kind", "as_of", "sources", "quantity"])
def test_every_key_of_a_claim_is_missed(key: str, tmp_path: Path) -> None:
    head, tail = TEXT.split('id = "deaths-2023"', 1)
    message = _refused(f'{head}id = "deaths-2023"' + re.sub(rf"(?m)^{key} = .*\n", "", tail, count=1), tmp_path)
    assert "claim 'deaths-2023', key" in message
    assert key in message


def test_an_endless_file_is_no_claims_file() -> None:
    with pytest.raises(LedgerError, match="larger than 10 MB"):
        fs.claims("/dev/zero")
    with pytest.raises(LedgerError, match="cannot be read"):
        fs.claims("nul\x00.toml")


def test_a_mark_of_byte_order_and_other_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert list(fs.claims(file)) == list(fs.claims(ROOT / "tests" / "small-article.toml"))


@given(st.binary(max_size=80) | st.text("[]{}=\"'.#\n aé\U0001f600", max_size=80).map(str.encode))
def test_any_bytes_are_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    _refused(data, tmp_path_factory.getbasetemp())


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _places(inner, (*path, key))


PLACES = list(_places(EXAMPLE))
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("x" * 5000) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(place=st.sampled_from(PLACES), junk=JUNK, extra=st.booleans())
def test_junk_anywhere_is_one_line_or_harmless(place: tuple[str | int, ...], junk: object, extra: bool) -> None:
    document = copy.deepcopy(EXAMPLE)
    holder: Any = document
    for key in place[:-1]:
        holder = holder[key]
    if extra and isinstance(holder, dict):
        holder[f"{place[-1]}\n"] = junk
    else:
        holder[place[-1]] = junk
    try:
        found = ledger._assembled(document, "mine.toml", builtin=False)
    except LedgerError as error:
        message = str(error)
        assert message.startswith("mine.toml: ")
        assert "\n" not in message
        assert len(message) < 900
    else:
        assert found.claims


@settings(max_examples=25)
@given(
    value=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**20), 10**20),
    hedge=st.sampled_from(VOCABULARY["hedge"]),
    period=st.sampled_from(["0002", "1999", "2023", "9999", "2024-02", "FY2023"]),
    day=st.dates().map(str),
    quote=st.text(min_size=1, max_size=30).filter(str.strip),
)
def test_whatever_loads_is_judged(value: float, hedge: str, period: str, day: str, quote: str) -> None:
    document = copy.deepcopy(EXAMPLE)
    document["article"]["date"] = day
    claim = document["claim"][0]
    claim |= {"quote": quote, "quantity": {"value": value, "unit": "deaths", "hedge": hedge}}
    claim["test"] = [claim["test"][0] | {"periods": [period], "measures": ["predicted"]}]
    with suppress(FentanylStatsError):
        found = fs.assess("deaths-2023", claims=ledger._assembled(document, "mine.toml", builtin=False))
        assert found.natural is not None
        assert found.verdict is not None


def test_a_claim_put_together_by_hand_is_held_to_its_unit_too() -> None:
    claim = fs.claims(ROOT / "tests" / "small-article.toml")["deaths-2023"]
    assert claim.quantity is not None
    for unit in ("pounds", "times", "minutes", "offices"):
        other = claim.model_copy(update={"quantity": claim.quantity.model_copy(update={"unit": unit})})
        with pytest.raises(LedgerError, match=f"'deaths-2023', .* is counted in deaths, the claim in {unit}"):
            fs.assess(other)


@pytest.mark.parametrize(
    ("kind", "unit", "expected"),
    [("count", "deaths", "measure"), ("count", "deaths-per-year", "measure"), ("share", "offices", "count"), ("opinion", "foreign-offices", "count"),
     ("count", "percent-of-deaths", "percent"), ("count", "pounds", "measure"), ("count", "bottles", "count")],
)  # fmt: skip
def test_the_unit_tells_the_kind_of_number(kind: str, unit: str, expected: str) -> None:
    claim = ledger.Claim.model_validate(
        {**EXAMPLE["claim"][2], "kind": kind, "quantity": {"value": 50, "unit": unit, "hedge": "bare"}}
    )
    assert claim.phrase is not None
    assert claim.phrase.kind == expected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('id = "deaths-2023"', 'id = "AUX"'), "'AUX', key id: a name that some systems give no file"),
        (('id = "turning-point"', 'id = "DEATHS-2023"'), "'DEATHS-2023', key id: 'deaths-2023' differs from it in capitals"),
        (('publisher = "fentanyl_stats"\ndate = "2025-06-01"\n\n[[claim]]', 'publisher = "x"\nurl = "javascript:alert(1)"\n\n[[claim]]'), "key url: an address starts with https:// or http://"),
        (('quote = "a turning point', 'quote = "\\u001b[31ma turning point'), "holds a control character"),
        (('quote = "a turning point', 'quote = "\x1b[31ma turning point'), "holds a control character"),
        (("[[claim]]", f"{'a.' * 20_000}b = 1\n[[claim]]"), "a key of more than 32 parts"),
        (("[[claim]]", f"[{'a.' * 20_000}b]\n[[claim]]"), "a key of more than 32 parts"),
    ],
)  # fmt: skip
def test_what_a_file_system_a_browser_or_a_terminal_would_take_amiss_is_refused(
    change: tuple[str, str], said: str, tmp_path: Path
) -> None:
    assert change[0] in TEXT
    file = tmp_path / "mine.toml"
    file.write_text(TEXT.replace(*change, 1), "utf-8")
    with pytest.raises(LedgerError) as caught:
        fs.claims(file)
    assert said in str(caught.value) and "\x1b" not in str(caught.value) and "\n" not in str(caught.value)
