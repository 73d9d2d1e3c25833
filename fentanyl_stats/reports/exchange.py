"""What other programs read of a report: a ClaimReview for each claim, the provenance of each page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..audit.assess import Assessment, assess
from ..audit.hedges import DELTA
from ..audit.ledger import Ledger
from . import claimreview, provenance, results, site
from .execute import Job, Outcome


def reviews(assessments: Iterable[Assessment], ledger: Ledger, out: Path) -> list[Path]:
    """Write `claimreview/<claim>.jsonld` for each claim; one whose page no run has written names none."""
    written = []
    for a in assessments:
        target = out / "claimreview" / f"{a.claim.id}.jsonld"
        page = (out / "claims" / f"{a.claim.id}.html").is_file()
        site.write(target, claimreview.dumps(claimreview.review(a, ledger, page)))
        written.append(target)
    return written


def embedded(job: Job, ledger: Ledger, as_of: str = "") -> str:
    """The ClaimReview that the page of a claim holds, judged with the page's own delta; empty for other pages."""
    claim = job.parameters.get("claim")
    if claim not in ledger.claims:
        return ""
    found = assess(str(claim), as_of or None, float(job.parameters.get("delta", DELTA)), ledger)
    return claimreview.dumps(claimreview.review(found, ledger))


def provenance_of(page: str) -> str:
    """The address of a page's provenance, from the report's folder.

    >>> provenance_of("claims/origin-share.html")
    'provenance/claims/origin-share.json'
    """
    return f"provenance/{page.removesuffix('.html')}.json"


def provenances(outcome: Outcome, page: Path, out: Path) -> Path:
    """Write the provenance of a page that stands."""
    target = out / provenance_of(outcome.job.page)
    site.write(target, results.dumps(provenance.document(outcome, page.read_bytes())))
    return target
