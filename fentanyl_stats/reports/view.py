"""What notebooks show: prose with rendered values, pictures with alt text, tables. All data are escaped."""

from __future__ import annotations

import html
import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..audit import words
from ..audit.assess import Assessment
from ..audit.ledger import Claim, Ledger
from ..audit.readings import Reading
from ..charts import style
from ..model import Source, number
from . import sheets

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_MARKUP = str.maketrans({char: f"&#{ord(char)};" for char in r"\`*_{}[]()#+!|~<>$&:" + '"' + "'"})


def text(value: object) -> str:
    """Data as plain text in Markdown: every character that could be markup becomes an entity, also the colon of a bare
    web address, of which a reader of Markdown would make a link.

    >>> text("<b>*97*</b>")
    '&#60;b&#62;&#42;97&#42;&#60;/b&#62;'
    """
    return " ".join(str(value).split()).translate(_MARKUP)


def say(template: str, **values: object) -> None:
    """Show Markdown prose; the template is the notebook's, the values are data and are escaped."""
    from IPython.display import Markdown, display

    display(Markdown(template.format_map({name: text(value) for name, value in values.items()})))


def figure(ax: Axes) -> None:
    """Show a chart as SVG and PNG with the alt text it wrote, the same bytes for the same data."""
    from IPython.display import display

    alt = style.alt_text(ax)
    display(
        {**pictures(ax), "text/plain": alt},
        metadata={"image/svg+xml": {"alt": alt}, "image/png": {"alt": alt}},
        raw=True,
    )


def pictures(ax: Axes) -> dict[str, Any]:
    """A chart as SVG text and PNG bytes, by type."""
    from matplotlib import rc_context

    drawn = ax.get_figure(root=True)
    assert drawn is not None
    made: dict[str, Any] = {}
    with rc_context({"svg.hashsalt": "fentanyl_stats", "svg.fonttype": "path"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # a quote may be in any script
        drawn.draw_without_rendering()
        drawn.set_layout_engine("none")  # laid out once: constrained layout moves things a little at every drawing
        for kind, mime, metadata in (
            ("svg", "image/svg+xml", {"Date": None}),
            ("png", "image/png", {"Software": None}),
        ):
            buffer = io.BytesIO()
            drawn.savefig(buffer, format=kind, metadata=metadata, dpi=144, bbox_inches="tight", facecolor="white")
            made[mime] = buffer.getvalue()
    made["image/svg+xml"] = made["image/svg+xml"].decode("utf-8")
    return made


def table(frame: pd.DataFrame, caption: str, note: str = "") -> None:
    """Show a table with a caption, headers and a note; every cell is escaped. Its rows go along as CSV."""
    from IPython.display import display

    heads = "".join(f'<th scope="col">{html.escape(str(column))}</th>' for column in frame.columns)
    numeric = [str(kind).lower().startswith(("int", "float")) for kind in frame.dtypes]
    rows = "".join(
        "<tr>" + "".join(_cell(value, number) for value, number in zip(row, numeric, strict=True)) + "</tr>"
        for row in frame.itertuples(index=False)
    )
    foot = f'<p class="note">{html.escape(note)}</p>' if note else ""
    made = (
        f'<div class="table"><table><caption>{html.escape(caption)}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{foot}</div>"
    )
    display({"text/html": made, sheets.MIME: sheets.csv(frame), "text/plain": caption}, raw=True)


def verdict(assessment: Assessment) -> None:
    """Show a claim's quote with its verdict in large; the editorial rating qualifies it or, without a number, stands alone."""
    from IPython.display import HTML, display

    claim = assessment.claim
    parts = [f"<blockquote>{html.escape(claim.quote)}</blockquote>"]
    if assessment.verdict:
        parts.append(badge(assessment.verdict.label, str(assessment.verdict)))
    if claim.headline:
        lead = "Editorial rating" if not assessment.verdict else "Editor's note beside it"
        words = html.escape(f"{lead}: {claim.headline} (fidelity {claim.fidelity}, evidence {claim.evidence})")
        parts.append(f'<p class="editorial">{words}</p>')
    parts += [f'<p class="flag">{html.escape(flag)}</p>' for flag in assessment.flags]
    display(HTML("".join(parts)))


def badge(label: str, words: str) -> str:
    """A verdict as an HTML badge; the word itself carries the meaning, the colour only repeats it."""
    name = label.lower().replace(" ", "-")
    return f'<p class="verdict {html.escape(name)}"><strong>{html.escape(words)}</strong></p>'


def readings(assessment: Assessment) -> None:
    """Show every reading of a claim, the natural one marked."""
    import pandas as pd

    rows = [_row(reading) for reading in assessment.readings]
    columns = ["reading", "window", "measure", "vintage", "found", "verdict", "known", "remark"]
    table(
        pd.DataFrame(rows, columns=columns),
        f"All {len(rows)} readings",
        "“natural”: what an ordinary reader would take the sentence to mean. “later”: published after the article.",
    )


def holes(assessment: Assessment) -> None:
    """Show the cells of the grid that were never published, grouped by reason."""
    import pandas as pd

    groups: dict[tuple[str, str], list[str]] = {}
    for hole in assessment.holes:
        groups.setdefault((hole.quantity, hole.reason), []).append(f"{hole.period} {hole.measure}")
    rows = [(quantity, ", ".join(dict.fromkeys(cells)), reason) for (quantity, reason), cells in groups.items()]
    if rows:
        table(
            pd.DataFrame(rows, columns=["quantity", "cells", "why there is no figure"]),
            "Asked, but not published",
        )


def sources(cited: Sequence[Source]) -> None:
    """Show sources with dates and links; only http and https addresses become links."""
    from IPython.display import HTML, display

    items = []
    for source in cited:
        title = html.escape(source.title or source.id)
        if source.url.startswith(("https://", "http://")):
            title = f'<a href="{html.escape(source.url)}" rel="noopener noreferrer">{title}</a>'
        rest = html.escape(
            ", ".join(filter(None, (source.publisher, source.known.isoformat() if source.known else "")))
        )
        items.append(f"<li><code>{html.escape(source.id)}</code> {title}. {rest}</li>")
    display(HTML(f'<ul class="sources">{"".join(items)}</ul>'))


def heading(words: str, quote: str = "") -> None:
    """Show a section heading, made of data, with an optional quote under it."""
    from IPython.display import HTML, display

    under = f"<blockquote>{html.escape(quote)}</blockquote>" if quote else ""
    display(HTML(f"<h2>{html.escape(words)}</h2>{under}"))


def scoreboard(assessments: Sequence[Assessment]) -> None:
    """Show claims with a computed verdict, one row each."""
    import pandas as pd

    rows = [(a.claim.quote, str(a.verdict), words.compared(a), words.takes(a)) for a in assessments]
    columns = [
        "the article says",
        "verdict",
        "natural reading against the claim",
        "what it would take to change",
    ]
    table(pd.DataFrame(rows, columns=columns), "Computed verdicts")


def editorial(assessments: Sequence[Assessment]) -> None:
    """Show claims without a number with their editorial ratings."""
    import pandas as pd

    rows = [
        (a.claim.quote, a.claim.headline or "not rated", a.claim.fidelity, a.claim.evidence,
         " ".join(filter(None, (a.claim.fidelity_reason, a.claim.evidence_reason))))
        for a in assessments
    ]  # fmt: skip
    columns = ["the article says", "editorial rating", "fidelity", "evidence", "why"]
    table(pd.DataFrame(rows, columns=columns), "Editorial ratings, not computed verdicts")


def editor(assessment: Assessment) -> None:
    """Show the reasons of the editorial rating, if the claim has one."""
    claim = assessment.claim
    if claim.headline:
        say(
            "*Editorial rating: {headline}.* Fidelity {f}: {fr} Evidence {e}: {er}",
            headline=claim.headline, f=claim.fidelity, fr=claim.fidelity_reason, e=claim.evidence, er=claim.evidence_reason,
        )  # fmt: skip


def deltas(assessment: Assessment) -> None:
    """Show the verdict over delta, and the delta at which it tips."""
    import pandas as pd

    rows = [(f"{delta:.2f}", str(verdict)) for delta, verdict in assessment.delta_curve]
    tips = {name: value for name, value in assessment.tipping.items() if value is not None}
    note = "Delta is how far “nearly” and “about” reach, as a share of the number. " + (
        "Tipping delta: " + ", ".join(f"{value:.3f} ({_TIPS[name]})" for name, value in tips.items()) + "."
        if tips
        else "This phrase does not depend on it."
    )
    table(
        pd.DataFrame(rows, columns=["delta", "verdict of the natural reading"]),
        "Does the verdict hang on a width?",
        note,
    )


def definitions(assessment: Assessment) -> None:
    """Show what the claim could mean, in the editor's wording."""
    import pandas as pd

    if assessment.claim.definition:
        heading("What the words could mean")
        rows = [(d.wording, d.measurable, d.note) for d in assessment.claim.definition]
        table(
            pd.DataFrame(rows, columns=["wording", "measurable?", "remark"]),
            "Definitions, in an editor's words",
        )


def tables_used(assessment: Assessment) -> None:
    """Show the figure tables and texts that the readings rest on, with vintage and hash."""
    import pandas as pd

    used = {(s.id, s.vintage): s for reading in assessment.readings for s in reading.sources}
    rows = [
        (s.id, s.vintage or (s.known.isoformat() if s.known else ""), s.publisher, s.title, s.sha256[:12])
        for s in used.values()
    ]
    if rows:
        table(pd.DataFrame(rows, columns=["figure", "vintage", "publisher", "title", "sha256"]), "Figures used")


def ladders(book: Ledger) -> dict[str, Claim]:
    """The first claim of each family that has a drift ladder."""
    found: dict[str, Claim] = {}
    for claim in book.claims.values():
        if claim.ladder:
            found.setdefault(claim.family, claim)
    return found


_FLAGS = {
    "underreported": "window still filling",
    "not_transcribed": "completeness of this file not seen",
    "low_quality": "few certificates name drugs",
    "open": "year not over",
}
_TIPS = {"all": "all of the evidence within the words", "any": "some of it"}


def _cell(value: object, number: bool) -> str:
    shown = "" if value is None or value != value else str(value)
    kind = ' class="number"' if number else ""
    return f"<td{kind}>{html.escape(shown)}</td>"


def _found(reading: Reading) -> str:
    if reading.value is None or reading.low == reading.high:
        return reading.shown
    return f"{reading.shown} ({number(round(reading.low))} to {number(round(reading.high))})"


def _row(reading: Reading) -> tuple[str, ...]:
    return (
        ("natural: " if reading.natural else "") + reading.quantity,
        reading.window.short,
        reading.measure if reading.correction == "none" else f"{reading.measure}, {reading.correction}",
        reading.vintage,
        _found(reading),
        str(reading.verdict),
        "later" if reading.hindsight else "then",
        "; ".join(filter(None, (reading.reason, *(_FLAGS.get(flag, "") for flag in reading.flags), _tipping(reading)))),
    )


def _tipping(reading: Reading) -> str:
    if reading.tipping_ratio is None:
        return ""
    return f"the flow as claimed needs all else caught {words.times(reading.tipping_ratio.low, reading.tipping_ratio.high)} as often"
