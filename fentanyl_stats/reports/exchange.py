"""What other programs read: results.json, schema.org ClaimReview, W3C PROV."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..audit import sentences
from ..audit.assess import Assessment
from ..audit.ledger import Appearance, Ledger, Quantity
from ..audit.verdicts import MEANING
from ..data import catalog
from ..model import Source, __version__, amount
from .cache import Outcome, listed, record, write

SCHEMA = 1
"""Of results.json."""
NAMESPACE = "urn:fentanyl-stats:"
AUTHOR = "The fentanyl_stats authors"

COMPUTED = {"CONTRADICTED": 1, "DEPENDS": 2, "NOT DETERMINED": 2, "INCONCLUSIVE": 2, "CLOSE": 3, "SUPPORTED": 4}
"""Verdict -> rating: how well the evidence bears the words out. What is undecided, or depends on the sense, lies between, and is no half-truth."""

EDITORIAL = {"contradicted": 1, "distorted": 2, "not-checkable": 3, "needs-context": 4, "supported": 5}
"""Headline of an editor's rating -> rating, in the order of the ledger's rule."""

_PRECISION = {"on_or_before": "on or before", "on_or_after": "on or after", "week": "in the week of", "fiscal_year": "in fiscal year"}  # fmt: skip
_UNTESTED = "The claim holds no number that public data could test."
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def results(assessments: Iterable[Assessment], as_of: str | None = None) -> dict[str, Any]:
    """The document that results.json holds.

    >>> from fentanyl_stats import assess
    >>> made = results([assess("foreign-offices")])
    >>> made["claims"][0]["verdict"], made["schema"]
    ('SUPPORTED', 1)
    """
    return {
        "schema": SCHEMA,
        "version": __version__,
        "as_of": as_of,
        "data": listed(catalog.entries()),
        "claims": [assessment.to_dict() for assessment in assessments],
    }


def review(a: Assessment, ledger: Ledger, page: bool = True) -> dict[str, Any]:
    """The ClaimReview of an assessment: plain data, the same for the same assessment.

    Parameters
    ----------
    a : Assessment
    ledger : Ledger
        The one that holds the claim: its article and its sources are what the review cites.
    page : bool
        Whether the claim has a page; the review then names it, relative to any folder beside `claims/`.

    Notes
    -----
    `datePublished` is the day of the newest figure that the review rests on, never before the article: a review cannot be
    older, and the day of a run is no property of its result. A claim without a number has the editor's rating, and says so; one
    that nobody rated has a rating without a value.

    See Also
    --------
    https://schema.org/ClaimReview : the vocabulary.

    Examples
    --------
    >>> from fentanyl_stats import assess
    >>> from fentanyl_stats.audit import ledger
    >>> made = review(assess("deaths-per-year"), ledger.read())
    >>> made["reviewRating"]["ratingValue"], made["reviewRating"]["alternateName"]
    (1, 'CONTRADICTED (overstates)')
    """
    claim = a.claim
    rating = _rating(a)
    figures = dict.fromkeys(source for sense in a.senses for source in sense.natural.sources)
    made = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": f"../claims/{claim.id}.html" if page else "",
        "inLanguage": "en",
        "name": f"“{claim.quote}”: {rating['alternateName']}",
        "datePublished": max([a.article_date, *(source.known for source in figures if source.known)]).isoformat(),
        "author": _organisation(AUTHOR),
        "claimReviewed": claim.quote,
        "itemReviewed": _claim(a, ledger),
        "reviewRating": rating,
        "reviewBody": _body(a),
        "isBasedOn": list(map(_dataset, figures)),
        "citation": list(map(_work, claim.cited)),
    }
    filled: dict[str, Any] = _filled(made)
    return filled


def to_jsonld(made: dict[str, Any]) -> str:
    """JSON that may stand inside a `<script>` element: no text in it can close the element or open a comment.

    >>> to_jsonld({"name": "</script>"})
    '{\\n "name": "\\\\u003c/script\\\\u003e"\\n}\\n'
    """
    return json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1).translate(_ESCAPED) + "\n"


def reviews(assessments: Iterable[Assessment], ledger: Ledger, out: Path) -> list[Path]:
    """Write `claimreview/<claim>.jsonld` for each claim; one whose page no run has written names none."""
    return [
        write(
            out / "claimreview" / f"{a.claim.id}.jsonld",
            to_jsonld(review(a, ledger, (out / "claims" / f"{a.claim.id}.html").is_file())),
        )
        for a in assessments
    ]


def provenance(outcome: Outcome, page: bytes) -> dict[str, Any]:
    """The provenance of a page, from the record that its notebook kept.

    Parameters
    ----------
    outcome : Outcome
        Of the notebook behind the page.
    page : bytes
        The page as written.

    Returns
    -------
    dict
        PROV-JSON. Entities: the page, the notebook (which is the plan), each file of figure tables with the vintages
        read from it, the claims used; all with their SHA-256. One activity, the run, with its
        parameters; one agent, this package.

    See Also
    --------
    https://www.w3.org/submissions/prov-json/ : the format.
    """
    job = outcome.job
    made, run = f"fs:reports/{job.page}", f"fs:run/{job.page}"
    notebook, software = f"fs:notebooks/{job.notebook}", "fs:software/fentanyl_stats"
    read = record(outcome.notebook)
    used: dict[str, dict[str, Any]] = {}
    for table in read["tables"]:
        dataset, vintage = table["dataset"], table["vintage"]
        entity = used.setdefault(
            f"fs:data/raw/{table['path']}",
            {"prov:label": dataset, "fs:dataset": dataset, "fs:vintage": [], "fs:sha256": table["sha256"]},
        )
        entity["fs:vintage"] = sorted([*entity["fs:vintage"], vintage])
    for claim in read["claims"]:
        whose = "article" if claim["builtin"] else "claims-file"
        part = {"prov:label": claim["part"], "fs:sha256": claim["sha256"]}
        used[f"fs:{whose}/{claim['part'].replace(':', '/')}"] = part
    sources = list(enumerate([notebook, *used]))
    plan, agent = ({"$": f"prov:{kind}", "type": "prov:QUALIFIED_NAME"} for kind in ("Plan", "SoftwareAgent"))
    return {
        "prefix": {"fs": NAMESPACE},
        "entity": {
            made: {"prov:label": job.title, "fs:sha256": _sha256(page)},
            notebook: {"prov:type": plan, "fs:sha256": _sha256(job.path.read_bytes())},
            **used,
        },
        "activity": {run: {f"fs:{name}": value for name, value in read["parameters"].items()}},
        "agent": {software: {"prov:type": agent, "prov:label": "fentanyl_stats", "fs:version": __version__}},
        "wasGeneratedBy": {"_:made": {"prov:entity": made, "prov:activity": run}},
        "wasAssociatedWith": {"_:ran": {"prov:activity": run, "prov:agent": software, "prov:plan": notebook}},
        "used": {f"_:read{i}": {"prov:activity": run, "prov:entity": name} for i, name in sources},
        "wasDerivedFrom": {
            f"_:from{i}": {"prov:generatedEntity": made, "prov:usedEntity": name} for i, name in sources
        },
    }  # fmt: skip


def _claim(a: Assessment, ledger: Ledger) -> dict[str, Any]:
    claim, article = a.claim, ledger.article
    twins = (source.publisher for source in ledger.sources.values() if source.title == article.title)
    publisher = _organisation(article.publisher or next(twins, ""))
    steps = [step for step in claim.ladder if _says(step, a)]
    printed = {
        "@type": "Article",
        "name": article.title,
        "url": _address(article.url),
        "inLanguage": article.language,
        "publisher": publisher,
        **_dated(article.date, article.date_precision),
    }
    seen = [_appearance(step, ledger) for step in steps]
    if not any(ledger.sources[step.source].title == article.title for step in steps):
        seen = sorted([*seen, printed], key=lambda made: str(made["datePublished"]))
    return {
        "@type": "Claim",
        "text": claim.quote,
        "author": publisher,
        "creditText": " → ".join(claim.speaker_chain),
        "datePublished": article.date,
        "firstAppearance": seen[0],
        "appearance": seen,
    }


def _says(step: Appearance, a: Assessment) -> bool:
    """Whether a step of the ladder prints the claim's number; of a claim without one every step is a version."""
    said = a.claim.quantity
    return said is None or (step.value == said.value and _unit(step) == said.compared_unit)


def _unit(step: Appearance) -> str:
    return Quantity(value=step.value or 0.0, unit=step.unit).compared_unit


def _appearance(step: Appearance, ledger: Ledger) -> dict[str, Any]:
    source = ledger.sources[step.source]
    hedge = "" if step.hedge == "bare" else step.hedge.replace("-", " ")
    value = "" if step.value is None else f"{amount(step.value, _unit(step))}:"
    return {
        "@type": "CreativeWork",
        "name": source.title or source.id,
        "url": _address(source.url),
        "creditText": step.who,
        "text": " ".join(filter(None, (hedge, value, step.object))),
        "inLanguage": step.language,
        "publisher": _organisation(source.publisher),
        **_dated(step.date, step.date_precision),
    }


def _rating(a: Assessment) -> dict[str, Any]:
    headline = a.claim.headline
    if a.verdict is not None:
        made = {
            "alternateName": _alternate(a),
            "ratingExplanation": f"{sentences.rule(a)} {sentences.takes(a)}",
            "reviewAspect": "Computed from public data by a written rule",
            "description": "1: CONTRADICTED; 2: NOT DETERMINED or INCONCLUSIVE, not decided, or DEPENDS on the sense; 3: CLOSE; 4: SUPPORTED. "
            f"{a.verdict.label}: {MEANING[a.verdict.label]}.",
        }
        value, scale = COMPUTED[a.verdict.label], COMPUTED
    elif headline is not None:
        claim = a.claim
        made = {
            "alternateName": f"Editorial rating: {headline}",
            "ratingExplanation": f"{_UNTESTED} An editor's rating: fidelity {claim.fidelity}, {claim.fidelity_reason} "
            f"Evidence {claim.evidence}, {claim.evidence_reason}",
            "reviewAspect": "An editor's rating, not computed",
            "description": "; ".join(f"{value}: {name}" for name, value in EDITORIAL.items()),
        }
        value, scale = EDITORIAL[headline], EDITORIAL
    else:
        return {"@type": "Rating", "alternateName": "not rated", "ratingExplanation": _UNTESTED}
    bounds = {"ratingValue": value, "worstRating": min(scale.values()), "bestRating": max(scale.values())}
    return {"@type": "Rating", **bounds, **made}


def _alternate(a: Assessment) -> str:
    """The verdict; of several senses each verdict by its name."""
    each = "; ".join(f"{sense.name}: {sense.verdict}" for sense in a.senses if sense.name)
    return f"{a.verdict} ({each})" if a.verdict == "DEPENDS" else str(a.verdict)


def _body(a: Assessment) -> str:
    if a.verdict is None:
        return ""
    claim = a.claim
    beside = f"An editor's rating beside it: {claim.headline} (fidelity {claim.fidelity}, evidence {claim.evidence})."
    return " ".join((a.answer, *(f"{flag}." for flag in a.flags), *([beside] if claim.headline else [])))


def _dataset(source: Source) -> dict[str, Any]:
    kind = "Dataset" if source.sha256 else "CreativeWork"
    identifier = f"sha256:{source.sha256}" if source.sha256 else source.id
    return {**_work(source), "@type": kind, "version": source.vintage, "identifier": identifier}


def _work(source: Source) -> dict[str, Any]:
    return {
        "@type": "CreativeWork",
        "identifier": source.id,
        "name": source.title or source.id,
        "url": _address(source.url),
        "publisher": _organisation(source.publisher),
        "datePublished": source.known.isoformat() if source.known else "",
    }


def _organisation(name: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name} if name else {}


def _dated(date: str, precision: str) -> dict[str, str]:
    vague = _PRECISION.get(precision)
    return {"datePublished": date, "description": f"Published {vague} {date}" if vague else ""}


def _address(url: str) -> str:
    """A web address as an IRI; anything else is no address."""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%~") if url.startswith(("https://", "http://")) else ""


def _filled(made: Any) -> Any:
    """Without the keys that have nothing to say."""
    if isinstance(made, dict):
        return {key: _filled(value) for key, value in made.items() if value not in ("", {}, [], None)}
    return [_filled(value) for value in made] if isinstance(made, list) else made


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
