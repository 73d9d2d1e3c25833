"""Every claim as ClaimReview: valid JSON-LD of schema.org terms, true to the assessment, harmless in a page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld  # type: ignore[import-untyped]

import fentanyl_stats as fs
from fentanyl_stats.audit import ledger, verdicts
from fentanyl_stats.audit.assess import Assessment
from fentanyl_stats.audit.hedges import DELTA
from fentanyl_stats.reports import exchange, report
from fentanyl_stats.reports.cache import Job

from .books import BOOK, judged
from .test_hostile import ARTICLE, TEXT

FROZEN = json.loads((Path(__file__).parents[1] / "oracles" / "schemaorg.json").read_text("utf-8"))
SCHEMA = "http://schema.org/"


def _loader(url: str, _: Any) -> dict[str, Any]:
    """The frozen context of schema.org; nothing else is ever asked for."""
    assert url.rstrip("/") == "https://schema.org"
    context = {"@context": FROZEN["@context"]}
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": context}


def _expanded(made: dict[str, Any]) -> dict[str, Any]:
    options = {"documentLoader": _loader, "base": "https://example.org/claimreview/x.jsonld"}
    (node,) = jsonld.expand(made, options)
    found: dict[str, Any] = node
    return found


def _nodes(made: Any) -> list[dict[str, Any]]:
    if isinstance(made, list):
        return [node for item in made for node in _nodes(item)]
    if not isinstance(made, dict):
        return []
    return [made, *(node for value in made.values() for node in _nodes(value))]


def _keys(made: Any) -> int:
    """How many statements a document makes: the keys of all its nodes, their contexts and types aside."""
    return sum(not key.startswith("@") for node in _nodes(made) for key in node)


def _review(claim: str) -> dict[str, Any]:
    return exchange.review(judged(claim, "", DELTA), BOOK)


@pytest.mark.parametrize("claim", BOOK.claims)
def test_a_processor_keeps_every_statement(claim: str) -> None:
    made = json.loads(exchange.to_jsonld(_review(claim)))
    node = _expanded(made)
    assert node["@type"] == [f"{SCHEMA}ClaimReview"]
    assert _keys(node) == _keys(made)  # a processor drops what its context does not know
    for each in _nodes(node):
        for kind in each.get("@type", []) if isinstance(each.get("@type"), list) else []:
            valid = {f"{SCHEMA}{name}" for name in FROZEN["properties"][kind.removeprefix(SCHEMA)]}
            assert {key for key in each if not key.startswith("@")} <= valid, kind
    assert node[f"{SCHEMA}url"] == [{"@id": f"https://example.org/claims/{claim}.html"}]


@pytest.mark.parametrize("claim", BOOK.claims)
def test_what_readers_of_claim_reviews_require_is_there(claim: str) -> None:
    made = _review(claim)
    assert made["claimReviewed"] == BOOK.claims[claim].quote
    assert made["author"] == {"@type": "Organization", "name": "The fentanyl_stats authors"}
    assert re.fullmatch(r"\d{4}(-\d{2}){0,2}", made["datePublished"])
    item, rating = made["itemReviewed"], made["reviewRating"]
    assert (item["@type"], rating["@type"]) == ("Claim", "Rating")
    assert item["author"]["name"] == "redcensor.com"
    assert item["firstAppearance"] in item["appearance"]
    assert "https://redcensor.com/?p=30155" in [seen["url"] for seen in item["appearance"]]
    assert all(seen["datePublished"] >= item["firstAppearance"]["datePublished"] for seen in item["appearance"])
    assert rating["worstRating"] <= rating["ratingValue"] <= rating["bestRating"]
    assert rating["alternateName"] and rating["ratingExplanation"] and rating["description"]
    assert not any(value in ("", None, [], {}) for node in _nodes(made) for value in node.values())


def test_a_computed_rating_is_the_verdict() -> None:
    assert set(exchange.COMPUTED) == set(verdicts.LABELS)
    rating = _review("deaths-per-year")["reviewRating"]
    assert (rating["ratingValue"], rating["worstRating"], rating["bestRating"]) == (1, 1, 4)
    assert rating["alternateName"] == "CONTRADICTED (overstates)"
    assert "75,091 deaths" in rating["ratingExplanation"]
    assert _review("foreign-offices")["reviewRating"]["ratingValue"] == 4
    assert _review("precursor-share")["reviewRating"]["ratingValue"] == 2
    assert "WRONG QUANTITY: deaths/all was 101,000" in _review("deaths-per-year")["reviewBody"]


def test_an_editors_rating_is_shown_as_one() -> None:
    rating = _review("root-cause")["reviewRating"]
    assert rating["alternateName"] == "Editorial rating: distorted"
    assert rating["reviewAspect"] == "An editor's rating, not computed"
    assert (rating["ratingValue"], rating["bestRating"]) == (2, 5)
    assert BOOK.claims["root-cause"].fidelity_reason in rating["ratingExplanation"]
    headlines = {claim.headline for claim in BOOK.claims.values()}
    assert headlines <= set(exchange.EDITORIAL)


def test_only_versions_with_the_same_number_are_appearances() -> None:
    seen = _review("deaths-per-year")["itemReviewed"]["appearance"]
    assert len(BOOK.claims["deaths-per-year"].ladder) == 11
    assert [each["creditText"] for each in seen] == ["AP", "article", "Sen. Risch, in AP", "Editorialge"]
    assert "112,323" not in json.dumps(seen)  # another number is another claim
    first = _review("origin-share")["itemReviewed"]["firstAppearance"]
    assert (first["datePublished"], "97%" in first["text"]) == ("2024-04-16", True)


def test_a_vague_date_is_said_to_be_one() -> None:
    first = _review("deaths-per-year")["itemReviewed"]["firstAppearance"]
    assert first["description"] == "Published on or before 2024-09-16"


def test_the_tables_behind_the_natural_reading_are_named_with_their_hash() -> None:
    found = fs.check("more than 70,000", "deaths/synthetic-opioids", period="2023")
    made = exchange.review(found, BOOK, page=False)
    (dataset,) = made["isBasedOn"]
    assert found.natural
    (source,) = found.natural.sources
    assert (dataset["@type"], dataset["version"]) == ("Dataset", source.vintage)
    assert dataset["identifier"] == f"sha256:{source.sha256}"
    assert len(source.sha256) == 64
    assert "url" not in made


PLAIN = """
[article]
id = "mine"
title = "A headline"
date = "2025-06-01"
[[source]]
id = "A1"
title = "A headline"
publisher = "A newspaper"
date = "2025-06-01"
[[claim]]
id = "said"
quote = "it is bad"
kind = "opinion"
as_of = "2025-06-01"
sources = ["A1"]
"""


def _own(tmp_path: Path, text: str) -> list[tuple[Assessment, ledger.Ledger]]:
    file = tmp_path / "own.toml"
    file.write_text(text, "utf-8")
    book = ledger.read(file)
    return [(fs.assess(claim, claims=book), book) for claim in book.claims]


def test_a_claim_that_nobody_rated_has_no_value(tmp_path: Path) -> None:
    ((assessment, book),) = _own(tmp_path, PLAIN)
    made = exchange.review(assessment, book)
    assert made["reviewRating"]["alternateName"] == "not rated"
    assert "ratingValue" not in made["reviewRating"]
    assert made["itemReviewed"]["author"]["name"] == "A newspaper"
    _expanded(made)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    for assessment, book in _own(tmp_path, ARTICLE):
        made = exchange.review(assessment, book)
        written = exchange.to_jsonld(made)
        assert not set(written) & set("<>&\u2028\u2029")
        assert json.loads(written) == made
        assert TEXT in made["citation"][0]["name"]
        urls = [node["url"] for node in _nodes(made) if "url" in node]
        assert not any(set(url) & set(' "<>') for url in urls)
        assert all(url.startswith(("https://", "../claims/")) for url in urls)  # no javascript:
        _expanded(made)


@given(st.text())
def test_no_text_can_leave_the_script_element(text: str) -> None:
    written = exchange.to_jsonld({"name": text})
    assert json.loads(written) == {"name": text}
    assert not set(written) & set("<>&\u2028\u2029")


def test_the_page_holds_the_review_of_its_own_delta() -> None:
    job = Job("claim.ipynb", "claims/deaths-per-year.html", "x", {"claim": "deaths-per-year", "delta": 0.3})
    wide = json.loads(report.jsonld(job, BOOK, judged))
    assert wide["reviewRating"]["alternateName"] == str(fs.assess("deaths-per-year", delta=0.3).verdict)
    assert wide["reviewRating"]["alternateName"] != _review("deaths-per-year")["reviewRating"]["alternateName"]
    assert report.jsonld(Job("offices.ipynb", "themes/offices.html", "x"), BOOK, judged) == ""


def test_a_review_without_a_page_names_none(tmp_path: Path) -> None:
    assessments = [fs.assess(claim) for claim in ("foreign-offices", "root-cause")]
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "root-cause.html").write_text("", "utf-8")
    written = exchange.reviews(assessments, BOOK, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "claimreview/foreign-offices.jsonld",
        "claimreview/root-cause.jsonld",
    ]
    without, with_page = (json.loads(path.read_text("utf-8")) for path in written)
    assert "url" not in without
    assert (tmp_path / "claimreview" / with_page["url"]).resolve().is_file()
