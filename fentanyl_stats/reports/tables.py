"""Every table that a person reads, set by Great Tables and lean enough for any style sheet; all cells are escaped."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..audit.verdicts import LABELS
from ..model import Source

if TYPE_CHECKING:
    import pandas as pd

    Cited = str | Source | Sequence[Source]

MISSING = "–"
_NUMBER = re.compile(
    r"(?:about |at most |at least |< ?)?[-−]?[\d,]+(?:\.\d+)?%?(?: \([-−\d.,]+ to [-−\d.,]+\))?(?: to [-−\d.,]+)?(?: \(\d{4}(?:-\d\d){0,2}\))?"
)
_MINUS = re.compile(r"(?<![\w–-])-(?=\d)")
_DAY = re.compile(r'(<t[dh][^>]*class="gt_row)([^>]*>\d{4}-\d\d(?:-\d\d)?<)')
_VERDICT = re.compile(rf"(<t[dh][^>]*>(?:<sup[^<]*</sup> )?)(({'|'.join(LABELS)})(?: \(\w+\))?)(?=<)")


def html_table(
    frame: pd.DataFrame, caption: str, note: str = "", source: Cited = "", notes: tuple[str, str] | None = None
) -> str:
    """A table as HTML: caption, column and row headers, figures in columns, notes marked by letters, a source line.

    The first column heads its row. Columns of numbers are set to the right with digits of one width; a minus is a
    minus sign, what is missing a dash. The ids are made from the content, so that the same table has the same bytes.

    Parameters
    ----------
    frame : DataFrame
        Cells as a reader should see them, the unit of each column in its name. Where `source` is not given,
        `frame.attrs["source"]` is cited, if there is one.
    caption, note : str
        What the table shows, and a remark on all of it.
    source : str, Source or sequence of Source
        What the figures rest on; sources are cited by publisher, id and vintage.
    notes : (str, str), optional
        A column whose texts become footnotes, and the column whose cells carry their marks; the same text is one note.

    Examples
    --------
    >>> import pandas as pd
    >>> made = html_table(pd.DataFrame({"year": ["2023"], "deaths": ["72,776"]}), "Deaths <b>", source="CDC")
    >>> "<caption>Deaths &lt;b&gt;</caption>" in made, 'scope="row"' in made, "Source: CDC." in made
    (True, True, True)
    """
    from great_tables import GT, loc

    shown = frame.drop(columns=[notes[0]] if notes else []).reset_index(drop=True)
    right = [str(name) for name in shown.columns if _figures(shown[name])]
    shown = shown.map(_cell).set_axis([str(name) for name in shown.columns], axis=1)
    first = str(shown.columns[0])
    for name in right:
        shown[name] = [_MINUS.sub("−", cell) for cell in shown[name]]
    made = GT(shown, rowname_col=first, id=_name(caption, shown)).tab_stubhead(first).opt_footnote_marks("letters")
    made = made.cols_align("left").cols_align("right", columns=[name for name in right if name != first])
    for text, rows in _footnotes(frame[notes[0]] if notes else ()).items():
        column = str(notes[1]) if notes else first
        place = loc.stub(rows=rows) if column == first else loc.body(columns=column, rows=rows)
        made = made.tab_footnote(text, locations=place, placement="auto" if column in right else "right")
    cited = cite(source or frame.attrs.get("source", ""))
    for line in filter(None, (note, cited)):
        made = made.tab_source_note(line)
    return _lean(made.as_raw_html(), caption)


def cite(source: Cited) -> str:
    """Sources as a line under a table or chart; "" for none.

    >>> cite([Source("vsrr", publisher="CDC", vintage="2024-09-11"), Source("F1", publisher="CBS")])
    'Sources: CDC, vsrr 2024-09-11; CBS, F1.'
    """
    if isinstance(source, str):
        return f"Source: {source.rstrip('.')}." if source else ""
    given = [source] if isinstance(source, Source) else source
    parts = dict.fromkeys(", ".join(filter(None, (s.publisher, f"{s.id} {s.vintage}".strip()))) for s in given)
    return f"Source{'s' if len(parts) > 1 else ''}: {'; '.join(parts)}." if parts else ""


def verdict_class(label: str) -> str:
    """The style class of a verdict.

    >>> verdict_class("NOT DETERMINED")
    'not-determined'
    """
    return label.lower().replace(" ", "-")


def _lean(made: str, caption: str) -> str:
    """The table alone: the page's style sheet knows it, and a thousand repeated style attributes help nobody."""
    body = made[made.index("<table") : made.index("</table>") + len("</table>")]
    opening = f'<table class="gt_table"><caption>{html.escape(caption)}</caption>'
    body = re.sub(r"<table[^>]*>", lambda _: opening, body, count=1)
    body = re.sub(r'<span class="gt_footnote_marks" style="[^"]*">', '<sup class="gt_footnote_marks">', body)
    body = re.sub(r"(<sup[^>]*>[^<]*)</span>", r"\1</sup>", body)
    body = _VERDICT.sub(lambda m: f'{m[1]}<span class="word {verdict_class(m[3])}">{m[2]}</span>', body)
    body = _DAY.sub(r"\1 day\2", body)
    body = re.sub(r' (?:rowspan|colspan)="1"', "", body).replace("<thead>\n\n", "<thead>\n")
    return f'<div class="table" role="group" tabindex="0" aria-label="{html.escape(caption)}">{body}</div>'


def _footnotes(texts: Sequence[object] | pd.Series) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        if text and str(text) != MISSING:
            found.setdefault(str(text), []).append(i)
    return found


def _figures(column: pd.Series) -> bool:
    """Whether every cell that says anything is a number, with or without its interval."""
    cells = [cell for cell in map(_cell, column) if cell != MISSING]
    return bool(cells) and all(_NUMBER.fullmatch(cell) for cell in cells)


def _cell(value: object) -> str:
    return MISSING if value is None or value != value or value == "" else str(value)


def _name(caption: str, shown: pd.DataFrame) -> str:
    content = repr((caption, list(shown.columns), shown.to_numpy().tolist())).encode()
    return "t" + hashlib.sha256(content).hexdigest()[:10]
