"""The ledger: the built-in article, and every mistake a claims file can hold."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fentanyl_stats as fs
from fentanyl_stats.audit import hedges, ledger
from fentanyl_stats.data import paths
from fentanyl_stats.errors import LedgerError

EXAMPLE = Path(__file__).parents[1] / "small-article.toml"


def test_the_article_has_its_claims() -> None:
    book = ledger.read()
    assert len(book.claims) == 25
    assert book.article.date == "2024-09-17"
    assert {len(claim.quote.split()) <= 25 for claim in book.claims.values()} == {True}
    assert all(source.id for claim in book.claims.values() for source in claim.cited)
    assert [a.step for a in book.claims["origin-share"].ladder] == list(range(1, 10))


def test_the_closed_lists_are_those_of_the_vocabulary() -> None:
    words = tomllib.loads((paths.raw() / "claims" / "vocabulary.toml").read_text("utf-8"))
    assert words == dict(ledger.vocabulary())
    assert set(words["claim_kind"]) == set(ledger.KINDS)
    assert all(hedges.hedge_name(word) for word in words["hedge"])
    assert words["headline"]["order"] == [
        "E1 -> contradicted", "F1 or F2 -> distorted", "E0 -> not-checkable", "E2 -> needs-context",
        "missing_qualifier -> needs-context", "otherwise -> supported",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "headline"),
    [("deaths-per-year", "contradicted"), ("root-cause", "distorted"), ("data-driven-decision", "not-checkable"),
     ("subsidies", "needs-context"), ("foreign-offices", "needs-context"), ("foreign-countries", "supported")],
)  # fmt: skip
def test_headlines_follow_the_rule(claim: str, headline: str) -> None:
    assert fs.claims()[claim].headline == headline


def test_the_articles_numbers() -> None:
    figures = fs.article_figures().set_index("id")
    assert list(figures.columns) == ["value", "unit", "hedge", "low", "high", "as_of", "quote"]
    assert {93, 69, 100_000, 97} <= set(figures["value"])
    assert tuple(figures.loc["deaths-per-year", ["low", "high"]]) == (90_000, 100_000)


def test_the_example_article_loads() -> None:
    found = fs.claims(EXAMPLE)
    assert list(found) == ["deaths-2023", "fell-by-half", "turning-point"]
    assert fs.assess("deaths-2023", claims=EXAMPLE).verdict == "SUPPORTED"
    assert fs.assess("fell-by-half", claims=EXAMPLE).verdict == "CONTRADICTED"


MISTAKES = {
    "missing key": ('kind = "opinion"\n', "", "claim 'turning-point', key kind: is required"),
    "unknown key": ('kind = "opinion"', 'kind = "opinion"\nkindd = 1', "key kindd: .*did you mean 'kind'"),
    "unknown hedge": ('hedge = "about" }', 'hedge = "abuot" }', "claim 'fell-by-half', key quantity.hedge: .*'about'"),
    "bad date": ('as_of = "2025-06-01"\nsources = ["A1"]', 'as_of = "2025-13-01"\nsources = ["A1"]', "key as_of"),
    "duplicate id": ('id = "turning-point"', 'id = "deaths-2023"', "claim 'deaths-2023', key id: used 2 times"),
    "unknown source": ('sources = ["A1", "F214"]', 'sources = ["A9"]', "claim 'fell-by-half', key sources: .*'A9'"),
    "long quote": ("a turning point in the crisis", "word " * 26, "claim 'turning-point', key quote: .*26 words"),
    "no natural": ("natural = true\n\n[[claim]]\nid = \"turning", "\n\n[[claim]]\nid = \"turning", "claim 'fell-by-half'.*0 tests"),
    "two naturals": ('measures = ["final"]', 'measures = ["final", "reported"]', "claim 'deaths-2023'.*spans 2 readings"),
    "unknown quantity": ('"deaths/all"', '"deaths/al"', "claim 'fell-by-half', key test.1.quantity: .*'deaths/all'"),
    "unknown measure": ('["predicted"]', '["predictd"]', "key test.1.measures: .*'predicted'"),
    "bad period": ('["2024"]', '["May 2024"]', "key test.1: .*period 'May 2024'"),
    "unknown kind": ('kind = "opinion"', 'kind = "opinon"', "key kind: .*did you mean 'opinion'"),
    "wrong type": ("value = 50000", 'value = "many"', "key quantity.value"),
    "unknown drift": ('"rounding"', '"roundng"', "family 'deaths-2023', step 2.*'rounding'"),
    "no such parent": ("parent = 1", "parent = 7", "step 2, key parent: there is no earlier step 7"),
    "unknown table": ("[[appearance]]", "[[apearance]]", "unknown table 'apearance'"),
    "unknown family": ('family = "deaths-2023"\n\n[[claim.test]]', 'family = "deths"\n\n[[claim.test]]', "key family"),
    "path as id": ('id = "turning-point"', 'id = "../../etc"', "key id"),
    "not TOML": ("[article]", "[article", "not valid TOML"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=list(MISTAKES))
def test_a_mistake_is_one_line_with_claim_and_key(mistake: str, tmp_path: Path) -> None:
    old, new, words = MISTAKES[mistake]
    text = EXAMPLE.read_text("utf-8")
    assert old in text
    file = tmp_path / "mine.toml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(LedgerError, match=words) as caught:
        fs.claims(file)
    assert str(caught.value).startswith("mine.toml: ")
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be read"):
        fs.claims(tmp_path / "none.toml")
    with pytest.raises(LedgerError, match="cannot be read"):
        fs.claims(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'[article]\nid = "\xe9"')
    with pytest.raises(LedgerError, match="not UTF-8"):
        fs.claims(tmp_path / "latin.toml")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "quote", "test", "x"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@given(claim=JUNK, source=JUNK, article=JUNK)
def test_junk_is_a_ledger_error_and_nothing_else(claim: object, source: object, article: object) -> None:
    document = {"article": article, "claim": [claim], "source": source}
    with pytest.raises(LedgerError):
        ledger._assembled(document, "junk.toml", builtin=False)
