"""The index: what was claimed, what holds, what does not and how sure that is, on one screen; then the pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..audit import words
from ..audit.assess import Assessment
from ..audit.ledger import Ledger
from ..audit.verdicts import LABELS, MEANING, Label
from ..charts import scoreboard, style
from ..data import names
from ..model import Period
from ..show import pictures, verdict_class
from . import colophons, dossier, site
from .gauge import gauge

GROUPS: dict[Label, str] = {
    "CONTRADICTED": "Does not hold",
    "INCONCLUSIVE": "Too uncertain to say",
    "NOT DETERMINED": "Nobody can tell",
    "CLOSE": "Nearly holds",
    "SUPPORTED": "Holds",
}
"""The verdicts as a reader asks for them, in the order of the index."""


def index(
    out: Path, ledger: Ledger, assessments: Iterable[Assessment], links: Sequence[site.Link], as_of: str = ""
) -> Path:
    """Write index.html and the picture of all verdicts."""
    assessments = list(assessments)
    computed = [a for a in assessments if a.verdict is not None]
    body = site.template(
        "index.html.j2",
        article=ledger.article,
        as_of=as_of,
        delta=computed[0].delta if computed else 0.0,
        summary=summary(assessments),
        groups=[(heading, MEANING[label], rows) for label, heading in GROUPS.items() if (rows := _group(computed, label, out))],
        scales=dossier.scales(),
        editorial=[_rated(a, out) for a in assessments if a.verdict is None],
        picture=_picture(computed, out),
        themes=[link for link in links if link[1].startswith("themes/")],
        places=_places(out),
        order=[(label, MEANING[label]) for label in LABELS],
    )  # fmt: skip
    used = {(s.id, s.vintage): s for a in computed for r in a.readings for s in r.sources if s.sha256}
    data = [colophons.held(used[key]) for key in sorted(used)]
    title = "What the article's numbers are worth" if ledger.builtin else ledger.article.title
    commands = ["make report"] if ledger.builtin and not as_of else []
    site.write(out / "index.html", site.render(title, body, links, as_of=as_of, commands=commands, data=data))
    return out / "index.html"


def summary(assessments: Sequence[Assessment]) -> str:
    """How many claims hold and how many do not, in a sentence.

    >>> from fentanyl_stats import assess
    >>> summary([assess("foreign-offices"), assess("origin-share"), assess("root-cause")])
    'Of 2 claims that public data can test, 1 is contradicted and 1 supported; 1 more carries no such number, only an editor’s rating.'
    """
    computed = [a.verdict.label for a in assessments if a.verdict]
    counts = [(n, label.lower()) for label in GROUPS if (n := computed.count(label))]
    rest = len(assessments) - len(computed)
    if not counts:
        return f"None of {rest} claims holds a number that public data can test; they carry an editor’s rating."
    verb = "is" if counts[0][0] == 1 else "are"
    parts = [f"{counts[0][0]} {verb} {counts[0][1]}", *(f"{n} {label}" for n, label in counts[1:])]
    listed = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    more = f"; {rest} more carr{'ies' if rest == 1 else 'y'} no such number, only an editor’s rating" if rest else ""
    return f"Of {len(computed)} claim{'s' if len(computed) > 1 else ''} that public data can test, {listed}{more}."


def _group(computed: Sequence[Assessment], label: Label, out: Path) -> list[dict[str, Any]]:
    return [_scored(a, out) for a in computed if a.verdict is not None and a.verdict.label == label]


def _scored(a: Assessment, out: Path) -> dict[str, Any]:
    n = a.natural
    assert n is not None
    return {
        "quote": a.claim.quote,
        "href": _claim_page(a, out),
        "verdict": a.verdict,
        "style": verdict_class(a.verdict.label) if a.verdict else "",
        "headline": a.claim.headline,
        "found": n.shown,
        "what": f"{words.measured(a)}, {_when(n.window)}",
        "of": words.said_of(a),
        "gauge": Markup(gauge(a)),
        "sure": words.sure(a),
        "misfit": words.misfit(a),
        "bridge": words.bridge(a),
        "ceiling": words.ceiling(a),
        "takes": words.takes(a),
    }


def _when(window: Period) -> str:
    """The window in words; a day stays short, and the months of a fiscal year are left to the claim's page.

    >>> _when(Period.parse("FY2023")), _when(Period.parse("2017-01", instant=True))
    ('fiscal year 2023', 'January 2017')
    """
    return window.short if window.kind == "day" else str(window).partition(" (")[0]


def _rated(a: Assessment, out: Path) -> dict[str, Any]:
    claim = a.claim
    return {
        "quote": claim.quote,
        "href": _claim_page(a, out),
        "headline": (claim.headline or "").replace("-", " "),
        "ratings": ", ".join(filter(None, (claim.fidelity, claim.evidence))),
        "reason": " ".join(filter(None, (claim.fidelity_reason, claim.evidence_reason))),
    }


def _claim_page(a: Assessment, out: Path) -> str:
    """The address of the claim's page, empty where no run has written one: a link to nothing helps nobody."""
    page = f"claims/{a.claim.id}.html"
    return page if (out / page).is_file() else ""


def _places(out: Path) -> list[site.Link]:
    known = [(names.jurisdiction_name(code), f"jurisdictions/{code}.html") for code in names.jurisdictions()]
    return [(name, href) for name, href in known if (out / href).is_file()]


def _picture(computed: Sequence[Assessment], out: Path) -> dict[str, str] | None:
    if not computed:
        return None
    ax = scoreboard(computed)
    drawn = pictures(ax)
    site.write(out / "figures" / "index-scoreboard.svg", drawn["image/svg+xml"])
    site.write(out / "figures" / "index-scoreboard.png", drawn["image/png"])
    return {"src": "figures/index-scoreboard.svg", "href": "figures/index-scoreboard.png", "alt": style.alt_text(ax)}
