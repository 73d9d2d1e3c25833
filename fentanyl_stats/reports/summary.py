"""summary.md and its pictures: the results on one page that a repository can show, written by every run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..audit import words
from ..audit.assess import Assessment
from ..audit.ledger import Ledger
from ..audit.verdicts import LABELS
from ..charts import style
from ..charts._claims import ladder, scoreboard
from ..data import catalog
from ..errors import NotPublished
from ..show import pictures
from . import series, site

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKUP = str.maketrans({char: f"&#{ord(char)};" for char in r"\`*_{}[]#|~<>$&@"})
_LINK = re.compile(r"(?<=http)(s?):|(?<=www)\.", re.IGNORECASE)


def write(out: Path, ledger: Ledger, assessments: Iterable[Assessment], as_of: str = "") -> Path:
    """Write `summary.md` and `summary-*.svg`, the same bytes for the same data.

    Parameters
    ----------
    out : Path
        The report's folder.
    ledger : Ledger
    assessments : iterable of Assessment
        Every claim of the ledger. The pictures of deaths and of the drifting 97% are those of the built-in article.
    as_of : str
        The day whose knowledge counts, "" for everything held.
    """
    assessments = list(assessments)
    parts = [_head(ledger, assessments, as_of)]
    stale = set(out.glob("summary-*.svg"))
    for name, ax in _charts(ledger, assessments, as_of):
        picture = out / f"summary-{name}.svg"
        site.write(picture, pictures(ax)["image/svg+xml"])
        stale.discard(picture)
        parts.append(f"![{plain(style.alt_text(ax))}]({picture.name})")
    parts += [_numbers([a for a in assessments if a.verdict]), _ratings([a for a in assessments if not a.verdict])]
    parts.append(_foot(as_of))
    for picture in stale:
        picture.unlink()
    site.write(out / "summary.md", "\n\n".join(filter(None, parts)) + "\n")
    return out / "summary.md"


def plain(value: object) -> str:
    """Data as plain text in a cell or a paragraph of Markdown: no markup, no link.

    Round brackets stay as they are, so that the file itself can be read; without square ones they mean nothing.

    >>> plain("[a](b) | *97%* https://example.org")
    '&#91;a&#93;(b) &#124; &#42;97%&#42; https&#58;//example.org'
    """
    flat = " ".join(str(value).split()).translate(_MARKUP)
    return _LINK.sub(lambda found: f"{found[1]}&#58;" if found[0].endswith(":") else "&#46;", flat)


def _head(ledger: Ledger, assessments: Sequence[Assessment], as_of: str) -> str:
    article = ledger.article
    tally = Counter(a.verdict.label for a in assessments if a.verdict)
    counts = [f"{tally[label]} {label.lower()}" for label in LABELS if tally[label]]
    rated = sum(a.verdict is None for a in assessments)
    counts += [f"{rated} without a number that data could test"] if rated else []
    known = f" Only what was known on {as_of} is used." if as_of else ""
    where = ", ".join(filter(None, (article.publisher, article.date)))
    return f"# What the numbers are worth\n\n{plain(article.title)} ({plain(where)}): {'; '.join(counts)}.{known}"


def _charts(ledger: Ledger, assessments: Sequence[Assessment], as_of: str) -> Iterable[tuple[str, Axes]]:
    if any(a.verdict for a in assessments):
        yield "scoreboard", scoreboard(assessments)
    if not ledger.builtin:
        return
    found = {a.claim.id: a for a in assessments}
    with suppress(NotPublished):
        yield "deaths", series.deaths("synthetic-opioids", as_of=as_of or None).chart(found["deaths-per-year"])
    yield "origin", ladder(found["origin-share"].ladder)


def _numbers(computed: Sequence[Assessment]) -> str:
    rows = [(f"“{a.claim.quote}”", f"**{plain(a.verdict)}**", words.compared(a), words.takes(a)) for a in computed]
    heads = ("the article says", "verdict", "natural reading against the claim", "what it would take to change")
    return _table("Numbers", heads, [(plain(q), v, plain(c), plain(t)) for q, v, c, t in rows])


def _ratings(rated: Sequence[Assessment]) -> str:
    rows = [(f"“{a.claim.quote}”", a.claim.headline or "not rated") for a in rated]
    heads = ("the article says", "an editor's rating, not computed")
    return _table("Statements without a number", heads, [tuple(map(plain, row)) for row in rows])


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [heads, ["---"] * len(heads), *rows]
    return f"## {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _foot(as_of: str) -> str:
    newest = {table.dataset: table.vintage for table in catalog.entries() if table.is_frame}
    held = ", ".join(f"{dataset} {vintage}" for dataset, vintage in newest.items())
    return (
        f"Written by `fentanyl-stats report`, fentanyl_stats {__version__}"
        f"{f', as known on {as_of}' if as_of else ''}. Newest tables held: {held}."
    )
