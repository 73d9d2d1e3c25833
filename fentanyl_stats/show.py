"""How a value, a frame or a picture shows itself: `fs.show`, the one verb of display in notebooks.

Everything that data bring is escaped, and the same data give the same bytes. In a plain Python script, where nothing can
be displayed, the text form is printed instead, so that an exported notebook runs.

>>> import pandas as pd
>>> show("In {place}, {n:,} deaths.", place="West <Virginia>", n=1_041)
In West <Virginia>, 1,041 deaths.
>>> show(pd.DataFrame({"year": [2022, 2023], "deaths": [1_041, None]}), caption="Deaths")
Deaths
year deaths
2022  1,041
2023      –
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import math
import re
import string
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from .errors import FentanylStatsError, NotPublished, unknown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

    Format = str | Callable[[Any], str]
    Bundle = tuple[dict[str, Any], dict[str, Any]]

VERDICTS = ("SUPPORTED", "CLOSE", "CONTRADICTED", "NOT DETERMINED", "INCONCLUSIVE", "DEPENDS")
"""The words that a table marks as verdicts."""

SVG, PNG, CSV = "image/svg+xml", "image/png", "text/csv"
NARROW = "application/vnd.fentanyl-stats.narrow+svg"
"""The type under which a picture laid out for a narrow screen (360 px) goes along."""

MISSING = "–"
NOTHING = "nothing-was-published"
"""The mark of an Axes in which there was nothing to draw: its label says why, and is shown in its place."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class ShowError(FentanylStatsError, TypeError):
    """Something that cannot be shown, or not in the way that was asked for."""


def show(
    x: object,
    /,
    *,
    caption: str = "",
    formats: Mapping[str, Format] | None = None,
    notes: Mapping[str, str] | str | None = None,
    units: Mapping[str, str] | None = None,
    source: object = None,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    footnotes: tuple[str, str] | None = None,
    most: int | None = None,
    **values: object,
) -> None:
    """Show a sentence, a table, a picture, or a result of this package.

    Parameters
    ----------
    x : object
        What to show:

        * a str: Markdown. With `values` it is a template, and what they bring is shown as plain text;
        * a DataFrame or Series: a table. An empty one shows one sentence: `attrs["empty"]`, else that nothing was
          published, by `attrs["as_of"]` if that is given;
        * an Axes, a Figure, a seaborn grid: a picture with alt text. The label of an Axes is its alt text; without one
          it is written from what is drawn;
        * an Assessment, Claim, Estimate, Source, Fit, anything with a `_card_()`: a card;
        * a list of sources; a NotPublished error: what it says.
    caption : str
        Of a table: what it shows.
    formats : dict of str to str or function, optional
        Of a table: column -> how to write a number, such as "{:+.1f}"; also in `frame.attrs["formats"]`. By default integers have thousands separators
        (years have not), other numbers one or two telling digits, days are in ISO, booleans yes or no, what is missing a dash.
    notes : dict of str to str, or str, optional
        Of a table: column -> footnote on its header; or a remark on the whole table.
    units : dict of str to str, optional
        Of a table: column -> unit, written in its header ("percent": in its cells); default `frame.attrs["units"]`.
    source : str, Source or sequence of Source, optional
        Of a table: what it rests on; default `frame.attrs["source"]` or `["sources"]`.
    columns : list of str, or dict of str to str, optional
        Of a table: the columns to show, in this order; a dict also renames them. A named index is always shown.
    footnotes : (str, str), optional
        Of a table: a column whose texts become footnotes, and the column whose cells carry their marks.
    most : int, optional
        Of a table: the rows to show at most (default 60); of a longer one the first and the last are shown.
    **values : object
        Of a template: what its {names} stand for; a format such as {share:.1f} is obeyed.

    Raises
    ------
    ShowError
        If `x` is nothing that can be shown, or an option names a column that is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> shares = pd.DataFrame({"share": [7.25, 12.5]}, pd.Index(["mail", "land <border>"], name="route"))
    >>> show(shares, caption="Seized", units={"share": "percent"})
    Seized
            route share
             mail  7.2%
    land <border> 12.5%
    >>> show(shares.head(0), caption="Seized")
    Nothing was published: Seized.
    """
    options = {"caption": caption, "formats": formats, "notes": notes, "units": units, "source": source}
    options |= {"columns": columns, "footnotes": footnotes, "most": most}
    given = {name: value for name, value in options.items() if not _missing(value)} | values
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    data, metadata = bundle(x, pictured=shell is not None, **given)
    if shell is None:
        print(data["text/plain"])
        return
    from IPython.display import display

    display(data, metadata=metadata, raw=True)
    if "matplotlib.pyplot" in sys.modules and SVG in data:
        pyplot = sys.modules["matplotlib.pyplot"]
        if "inline" in pyplot.get_backend().lower():
            pyplot.close(_figure(x))  # or the notebook draws it a second time at the end of the cell


def bundle(x: object, /, *, pictured: bool = True, **options: Any) -> Bundle:
    """What `show` displays: representations by MIME type, `text/plain` among them, and their metadata.

    Parameters
    ----------
    x, options
        As `show` takes them.
    pictured : bool
        Whether a figure is drawn; else its alt text stands alone.

    Examples
    --------
    >>> data, _ = bundle("{n} deaths", n="*97*")
    >>> data["text/markdown"]
    '&#42;97&#42; deaths'
    """
    if isinstance(x, str):
        return _sentence(x, options)
    if x is None:
        raise ShowError("there is nothing to show: the value is None")
    pandas = sys.modules.get("pandas")
    if pandas and isinstance(x, (pandas.DataFrame, pandas.Series)):
        return _table(x, options)
    if options:
        raise ShowError(f"{', '.join(options)}: for a table or a template, not for {_type(x)}")
    if hasattr(type(x), "_card_"):
        card: Card = x._card_()  # type: ignore[attr-defined]
        return {"text/html": card._repr_html_(), "text/plain": _plain(str(card))}, {}
    if isinstance(x, NotPublished):
        return _sentence("{said}", {"said": x})
    if figure := _figure(x):
        alt = alt_text(x)
        if all(ax.get_gid() == NOTHING for ax in figure.axes):
            return _sentence("{said}", {"said": alt})
        data = {**(pictures(figure) if pictured else {}), "text/plain": _plain(alt)}
        if pictured:  # notebooks and nbconvert show SVG without its alt text, so an image element carries both
            encoded = base64.b64encode(data[SVG].encode()).decode()
            image = f'<img src="data:{SVG};base64,{encoded}" alt="{html.escape(alt)}" style="max-width: 100%">'
            data["text/html"] = image
        return data, {SVG: {"alt": alt}, PNG: {"alt": alt}}
    if isinstance(x, (list, tuple)) and all(hasattr(source, "publisher") for source in x):
        return _sources(x)
    raise ShowError(
        f"{_type(x)} cannot be shown; what can: a sentence, a DataFrame or Series, an Axes, Figure or seaborn grid, "
        "a list of sources, and what has a card, such as an Assessment, Claim, Estimate or Fit"
    )


def _type(x: object) -> str:
    kind = type(x).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"


def _plain(text: str) -> str:
    """Text for a terminal: nothing in it steers one."""
    return _UNPRINTABLE.sub("", text)


# --- cards ---------------------------------------------------------------------------------------------------------

_CARD = (
    "border-left: 4px solid var(--jp-border-color0, #888); padding: .2em 1em; margin: .4em 0; max-width: 60em; "
    "font-family: var(--jp-content-font-family, sans-serif)"
)
_HEAD = "text-align: left; vertical-align: top; padding: .15em 1.2em .15em 0; font-weight: normal; white-space: nowrap; opacity: .75"
_CELL = "text-align: left; vertical-align: top; padding: .15em 0; overflow-wrap: anywhere"


@dataclass(frozen=True, slots=True)
class Card:
    """A title and a few rows, every text escaped, readable in light and dark.

    Parameters
    ----------
    title : str
        What it is: a heading in bold, a link where `url` is a web address.
    rows : sequence of (str, object)
        Names and what they say; rows that say nothing ("", None) are left out.
    quote : str
        Words of somebody else, set apart under the title.
    url : str
        Where to read more; only http and https addresses become links.
    sections : sequence of str, DataFrame, or object with `__html__`
        What follows the rows: paragraphs, tables, and HTML whose texts are escaped already.

    Examples
    --------
    >>> card = Card("<b>", [("deaths", "72,776"), ("note", "")], quote="a & b")
    >>> made = card._repr_html_()
    >>> "&lt;b&gt;" in made, "a &amp; b" in made, "note" in made
    (True, True, False)
    >>> print(card)
    <b>
    “a & b”
    deaths: 72,776
    """

    title: str
    rows: Sequence[tuple[str, object]] = ()
    quote: str = ""
    url: str = ""
    sections: Sequence[object] = ()

    def _card_(self) -> Card:
        return self

    def _said(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.rows if value not in ("", None)]

    def __str__(self) -> str:
        quote = [f"“{self.quote}”"] if self.quote else []
        sections = [bundle(s)[0]["text/plain"] if not hasattr(s, "__html__") else _words(s) for s in self.sections]
        return "\n".join([self.title, *quote, *(f"{name}: {value}" for name, value in self._said()), *sections])

    def _repr_html_(self) -> str:
        head = _link(self.url, self.title)
        quote = f'<p style="margin: .2em 0; font-style: italic">“{html.escape(self.quote)}”</p>' if self.quote else ""
        lines = "".join(
            f'<tr style="background: none"><th scope="row" style="{_HEAD}">{html.escape(name)}</th>'
            f'<td style="{_CELL}">{html.escape(value)}</td></tr>'
            for name, value in self._said()
        )
        opening = '<table style="margin: 0; border: none; border-collapse: collapse"><tbody>'
        table = f"{opening}{lines}</tbody></table>" if lines else ""
        rest = "".join(map(_section, self.sections))
        return f'<div style="{_CARD}"><p style="margin: .2em 0"><strong>{head}</strong></p>{quote}{table}{rest}</div>'


class Shown:
    """Gives a class that has a `_card_` its look in notebooks.

    >>> class Office(Shown):
    ...     def _card_(self):
    ...         return Card("Beijing", [("agents", 3)])
    >>> show(Office())
    Beijing
    agents: 3
    """

    __slots__ = ()

    def _card_(self) -> Card:
        raise NotImplementedError

    def _repr_html_(self) -> str:
        return self._card_()._repr_html_()


def _section(part: object) -> str:
    if hasattr(part, "__html__"):
        return str(part.__html__())
    if isinstance(part, str):
        return f'<p style="margin: .2em 0">{html.escape(part)}</p>'
    data = bundle(part)[0]  # an empty table is a sentence
    return str(data["text/html"]) if "text/html" in data else _section(data["text/plain"])


def _words(part: Any) -> str:
    """The text of safe HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", part.__html__())).split())


def _link(url: str, text: str) -> str:
    """A text as a link where `url` is a web address, else as text alone."""
    if not url.startswith(("https://", "http://")):
        return html.escape(text)
    return f'<a href="{html.escape(url)}" rel="noopener noreferrer">{html.escape(text)}</a>'


# --- sentences and sources -----------------------------------------------------------------------------------------

_MARKUP = str.maketrans({char: f"&#{ord(char)};" for char in r"\`*_{}[]()#+!|~<>$&:" + '"' + "'"})


def text(value: object) -> str:
    """Data as plain text in Markdown: every character that could be markup becomes an entity, also the colon of a bare
    web address, of which a reader of Markdown would make a link.

    >>> text("<b>*97*</b>")
    '&#60;b&#62;&#42;97&#42;&#60;/b&#62;'
    """
    return " ".join(str(value).split()).translate(_MARKUP)


class _Template(string.Formatter):
    """Fills a template and escapes each value after it has been written in its format."""

    def __init__(self, escape: Callable[[object], str]) -> None:
        self.escape = escape

    def format_field(self, value: Any, format_spec: str) -> str:
        return self.escape(format(value, format_spec) if format_spec and not _missing(value) else _said(value))


def _sentence(template: str, values: Mapping[str, object]) -> Bundle:
    if not values:
        return {"text/markdown": template, "text/plain": _plain(template)}, {}
    try:
        filled = [_Template(escape).vformat(template, (), values) for escape in (text, str)]
    except (KeyError, IndexError) as error:
        raise ShowError(f"the template names {error}, and no value was given for it") from None
    except (ValueError, TypeError) as error:
        raise ShowError(f"the template cannot be filled: {error}") from None
    return {"text/markdown": filled[0], "text/plain": _plain(filled[1])}, {}


def _sources(cited: Iterable[Any]) -> Bundle:
    items, lines = [], []
    for source in cited:
        title = source.title or source.id
        rest = ", ".join(filter(None, (source.publisher, source.known.isoformat() if source.known else "")))
        items.append(f"<li><code>{html.escape(source.id)}</code> {_link(source.url, title)}. {html.escape(rest)}</li>")
        lines.append(f"{source.id}: {title}. {rest} {source.url}".strip())
    made = f'<ul class="sources">{"".join(items)}</ul>' if items else "<p>No source is cited.</p>"
    return {"text/html": made, "text/plain": _plain("\n".join(lines) or "No source is cited.")}, {}


def cite(source: object) -> str:
    """Sources as a line under a table or chart; "" for none.

    >>> from types import SimpleNamespace as Source
    >>> cite([Source(id="vsrr", publisher="CDC", vintage="2024-09-11"), Source(id="F1", publisher="CBS", vintage="")])
    'Sources: CDC, vsrr 2024-09-11; CBS, F1.'
    """
    if isinstance(source, str):
        return f"Source: {source.rstrip('.')}." if source else ""
    given: Iterable[Any] = source if isinstance(source, (list, tuple)) else [source] if source else []
    parts = dict.fromkeys(", ".join(filter(None, (s.publisher, f"{s.id} {s.vintage}".strip()))) for s in given)
    return f"Source{'s' if len(parts) > 1 else ''}: {'; '.join(parts)}." if parts else ""


# --- tables --------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(
    r"(?:about |at most |at least |< ?)?[-−]?[\d,]+(?:\.\d+)?%?(?: \([-−\d.,]+ to [-−\d.,]+\))?(?: to [-−\d.,]+)?(?: \(\d{4}(?:-\d\d){0,2}\))?"
)
_MINUS = re.compile(r"(?<![\w–-])-(?=\d)")
_DAY = re.compile(r'(<t[dh][^>]*class="gt_row)([^>]*>\d{4}-\d\d(?:-\d\d)?<)')
_SIDE = re.compile(r'<t[dh][^>]*class="gt_(?:[^"]*gt_(left|right)(?: gt_stub)?|sourcenote|footnote)"')
_ALIGNED = {"left": "text-align: left", "right": "text-align: right; font-variant-numeric: tabular-nums"}
_VERDICT = re.compile(rf"(<t[dh][^>]*>(?:<sup[^<]*</sup> )?)(({'|'.join(VERDICTS)})(?: \(\w+\))?)(?=<)")
_YEAR = re.compile(r"(?:^|[^a-z])(?:years?|start|end|since|from|until)(?:[^a-z]|$)", re.IGNORECASE)
_FORMULA = re.compile(r"[=@\t\r]|[-+](?![\d.,∞])")
_PERCENT = ("percent", "%")
_MOST = 60


def verdict_class(label: str) -> str:
    """The style class of a verdict.

    >>> verdict_class("NOT DETERMINED")
    'not-determined'
    """
    return label.lower().replace(" ", "-")


def table_html(frame: pd.DataFrame, caption: str = "", **options: Any) -> str:
    """A table as HTML, as `show` displays it; the options are those of `show`.

    >>> import pandas as pd
    >>> made = table_html(pd.DataFrame({"year": [2023], "deaths": [72776]}), "Deaths <b>", source="CDC")
    >>> ">Deaths &lt;b&gt;</caption>" in made, 'scope="row"' in made, "Source: CDC." in made, "72,776" in made
    (True, True, True, True)
    """
    return str(bundle(frame, caption=caption, **options)[0]["text/html"])


def csv(frame: pd.DataFrame) -> str:
    """The rows of a table with one header line (RFC 4180), numbers in full, blank where missing; the index is left out.

    Text comes from claims files too. A spreadsheet takes a cell that begins with `=`, `@`, or a sign before anything but
    a number for a formula; such a cell gets an apostrophe, which a spreadsheet does not show.

    Examples
    --------
    >>> import pandas as pd
    >>> print(csv(pd.DataFrame({"place": ["US", "=1+1"], "change": ["-7.1 (-9.0 to -5.2)", None]})), end="")
    place,change
    US,-7.1 (-9.0 to -5.2)
    '=1+1,
    """
    plain = frame.map(_safe).rename(columns=lambda name: _safe(str(name)))
    made: str = plain.to_csv(index=False, lineterminator="\n")
    return made


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _table(given: pd.DataFrame | pd.Series, options: dict[str, Any]) -> Bundle:
    import pandas as pd

    known = {"caption", "formats", "notes", "units", "source", "columns", "footnotes", "most"}
    for name in options.keys() - known:
        raise ShowError(unknown("option", name, known))
    attrs, caption = given.attrs, str(options.get("caption", ""))
    if given.empty:
        by = f" by {_said(attrs['as_of'])}" if attrs.get("as_of") else ""
        said = attrs.get("empty") or f"Nothing was published{by}{': ' if caption else ''}{caption.rstrip('.')}."
        return _sentence("{said}", {"said": said})
    frame = _flat(given.to_frame("value" if given.name is None else given.name) if given.ndim == 1 else given)
    columns, marked, notes = options.get("columns"), options.get("footnotes"), options.get("notes", "")
    on_columns = notes if isinstance(notes, Mapping) else {}
    named = (columns, options.get("formats"), options.get("units"), marked, on_columns)
    for name in chain.from_iterable(names for names in named if names is not None):
        if name not in frame:
            raise ShowError(unknown("column", name, frame.columns))
    if columns is not None:
        index = [str(name) for name in given.index.names if name is not None and str(name) not in columns]
        frame = frame[[*index, *columns, *([marked[0]] if marked and marked[0] not in columns else [])]]
    units, formats = ({**attrs.get(name, {}), **options.get(name, {})} for name in ("units", "formats"))
    names = columns if isinstance(columns, Mapping) else {}
    written = {name: unit for name, unit in units.items() if unit and unit not in _PERCENT}
    heads = {name: str(names.get(name, name)) + (f" ({written[name]})" if name in written else "") for name in frame}
    most = int(options.get("most", _MOST))
    hidden, gap = max(len(frame) - most, 0), most - most // 2
    shown = pd.concat([frame.head(gap), frame.tail(most // 2)]) if hidden else frame
    cells, right = {}, []
    for name in shown.columns.drop([marked[0]] if marked else []):
        cells[heads[name]], numeric = _cells(shown[name], frame[name], formats.get(name), units.get(name, ""))
        right += [heads[name]] if numeric else []
    texts = pd.DataFrame(cells)
    remarks = [notes] if isinstance(notes, str) else []
    if hidden:
        dots = pd.DataFrame("…", index=[0], columns=texts.columns)
        texts = pd.concat([texts[:gap], dots, texts[gap:]], ignore_index=True)
        remarks.append(f"{hidden:,} of {len(frame):,} rows, in the middle, are left out here.")
    remarks.append(cite(options.get("source") or attrs.get("source") or attrs.get("sources")))
    remarks = [line for line in remarks if line]
    on_heads = {heads[name]: note for name, note in on_columns.items()}
    on_cells: dict[str, list[int]] = {}
    for i, note in enumerate(shown[marked[0]] if marked else ()):
        if not _missing(note) and note != MISSING:
            on_cells.setdefault(str(note), []).append(i + (hidden > 0 and i >= gap))
    made = _great(texts, right, caption, remarks, on_heads, on_cells, heads[marked[1]] if marked else "")
    below = [*(f"{head}: {note}" for head, note in on_heads.items()), *on_cells, *remarks]
    plain = "\n".join(filter(None, (caption, texts.to_string(index=False), *below)))
    data = {"text/html": made, CSV: csv(frame.rename(columns=heads)), "text/plain": _plain(plain)}
    return data, {CSV: {"caption": caption}}


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """One level of columns with names of text; an index that says something as the first columns."""
    import pandas as pd

    index = frame.index
    if index.nlevels > 1 or index.name is not None or not pd.api.types.is_integer_dtype(index):
        unnamed = [f"level {i}" if index.nlevels > 1 else "" for i in range(1, index.nlevels + 1)]
        names = [other if name is None else name for name, other in zip(index.names, unnamed, strict=True)]
        frame = frame.reset_index(names=names, allow_duplicates=True)
    parts = [name if isinstance(name, tuple) else (name,) for name in frame]
    flat = pd.Index([" ".join(str(part) for part in name if part != "") for name in parts])
    for name in flat[flat.duplicated(keep=False)]:
        raise ShowError(f"two columns of the table are named {name!r}; give each a name of its own")
    return frame.set_axis(flat, axis=1)


def _great(
    texts: pd.DataFrame, right: list[str], caption: str, remarks: list[str], on_heads: Mapping[str, str],
    on_cells: Mapping[str, list[int]], marked: str,
) -> str:  # fmt: skip
    """Cells of text as HTML: caption, column and row headers, notes marked by letters, remarks."""
    from great_tables import GT, loc

    first = str(texts.columns[0])
    # The ids are made from the content, so that the same table has the same bytes and another has other ids.
    content = repr((caption, list(texts.columns), texts.to_numpy().tolist())).encode()
    made = GT(texts, rowname_col=first, id="t" + hashlib.sha256(content).hexdigest()[:10]).tab_stubhead(first)
    made = made.opt_footnote_marks("letters").cols_align("left")
    made = made.cols_align("right", columns=[name for name in right if name != first])
    for head, note in on_heads.items():
        where = loc.stubhead() if head == first else loc.column_labels(columns=head)
        made = made.tab_footnote(note, locations=where, placement="right")
    for note, rows in on_cells.items():
        cell = loc.stub(rows=rows) if marked == first else loc.body(columns=marked, rows=rows)
        made = made.tab_footnote(note, locations=cell, placement="auto" if marked in right else "right")
    for line in remarks:
        made = made.tab_source_note(line)
    return _lean(made.as_raw_html(), caption)


def _lean(made: str, caption: str) -> str:
    """The table alone: the page's style sheet knows it. Only the alignment of cells is repeated, for JupyterLab, which
    sets all to the right."""
    body = made[made.index("<table") : made.index("</table>") + len("</table>")]
    head = f'<caption style="{_ALIGNED["left"]}">{html.escape(caption)}</caption>' if caption else ""
    body = re.sub(r"<table[^>]*>", lambda _: f'<table class="gt_table">{head}', body, count=1)
    body = re.sub(r'<span class="gt_footnote_marks" style="[^"]*">', '<sup class="gt_footnote_marks">', body)
    body = re.sub(r"(<sup[^>]*>[^<]*)</span>", r"\1</sup>", body)
    body = _VERDICT.sub(lambda m: f'{m[1]}<span class="word {verdict_class(m[3])}">{m[2]}</span>', body)
    body = _DAY.sub(r"\1 day\2", body)
    body = re.sub(r' (?:rowspan|colspan)="1"', "", body).replace("<thead>\n\n", "<thead>\n")
    body = _SIDE.sub(lambda m: f'{m[0]} style="{_ALIGNED[m[1] or "left"]}"', body)
    label = f' aria-label="{html.escape(caption)}"' if caption else ""
    return f'<div class="table" role="group" tabindex="0"{label or " aria-label=Table"}>{body}</div>'


def _cells(column: pd.Series, whole: pd.Series, given: Format | None, unit: str) -> tuple[list[str], bool]:
    """The cells of a column as text, written alike, and whether they stand to the right, as numbers do."""
    present = [value for value in whole if not _missing(value)]
    numeric = bool(present) and all(isinstance(value, Real) and not _boolean(value) for value in present)
    write: Callable[[Any], str] = _said
    if given is not None:
        pattern = given if callable(given) or "{" in given else f"{{:{given}}}"
        write = pattern if callable(pattern) else pattern.format
    elif numeric:
        digits = _digits([float(value) for value in present if math.isfinite(value)])
        sign = "%" if unit in _PERCENT else ""
        digits = min(digits, 1) if sign and max(map(abs, present)) >= 1 else digits
        years = _YEAR.search(str(column.name)) and all(1000 <= value < 3000 for value in present)
        comma = "" if years else ","
        write = lambda value: _number(value, digits, comma) + sign  # noqa: E731
    try:
        cells = [MISSING if _missing(value) else write(value) for value in column]
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise ShowError(f"the format {given!r} does not fit column {column.name!r}: {error}") from None
    said = [cell for cell in cells if cell != MISSING]
    right = numeric or (bool(said) and all(_NUMBER.fullmatch(cell) for cell in said))
    return [_MINUS.sub("−", cell) for cell in cells] if right else cells, right


def _digits(values: list[float]) -> int:
    """How many decimals tell the values of a column apart: none of integers, two significant ones of small shares."""
    top = max((abs(value) for value in values), default=0.0)
    if all(value.is_integer() for value in values) or top >= 1000:
        return 0
    return 1 if top >= 10 else 2 if top >= 0.1 else min(2 - math.ceil(math.log10(top)), 12)


def _number(value: Any, digits: int, comma: str) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    written = f"{int(value):{comma}}" if isinstance(value, Integral) else f"{float(value):{comma}.{digits}f}"
    return written.lstrip("-") if not written.strip("-0.,") else written


def _said(value: Any) -> str:
    """One value as a reader expects it."""
    if _missing(value):
        return MISSING
    if _boolean(value):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def _boolean(value: object) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")  # NumPy's is no bool of Python


def _missing(value: Any) -> bool:
    """None, NaN, NaT, NA, or no text; a list is never missing."""
    if value is None or isinstance(value, str):
        return not value
    return type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, Real) and bool(value != value))


# --- pictures ------------------------------------------------------------------------------------------------------

_NARROW_INCHES = 3.75
_DARK = {
    "#ffffff": "#16181b",  # the paper of a report in the dark
    "#f6d55c": "#5c4b0b", "#fdf3cf": "#383119", "#7a5b00": "#e3c55f",  # the bands of a claim, and words on them
}  # fmt: skip
"""Colours other than greys that a dark ground needs."""


def pictures(x: object, kinds: Collection[str] = (NARROW, SVG, PNG)) -> dict[str, Any]:
    """A figure as SVG text and PNG bytes, by type, and as SVG for a narrow screen; the figure is left as it was.

    Parameters
    ----------
    x : Axes, Figure, or anything with a `figure`
    kinds : collection of str
        The types wanted; a figure that is narrow has no other for a narrow screen.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> sorted(pictures(Figure().add_subplot()))
    ['application/vnd.fentanyl-stats.narrow+svg', 'image/png', 'image/svg+xml']
    """
    import warnings

    from matplotlib import rc_context
    from matplotlib.layout_engine import PlaceHolderLayoutEngine, TightLayoutEngine

    figure = _figure(x)
    if figure is None:
        raise ShowError(f"{_type(x)} is no picture")
    engine = figure.get_layout_engine()
    width, height = (float(size) for size in figure.get_size_inches())
    made: dict[str, Any] = {}
    with (
        rc_context({
            "svg.hashsalt": "fentanyl_stats", "svg.fonttype": "path",
            "text.hinting": "none",  # or text is not as wide in one format as in the other
            "font.sans-serif": ["DejaVu Sans"],  # matplotlib brings it; what else is installed must not show
            "figure.constrained_layout.use": False, "figure.autolayout": False,
        }),
        warnings.catch_warnings(),
    ):  # fmt: skip
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # a quote may be in any script
        # Too narrow for what is drawn, or placed by hand: it is cut to fit.
        warnings.filterwarnings("ignore", "(constrained_layout|Tight layout) not applied|.*not compatible with tight_")
        if NARROW in kinds and width > _NARROW_INCHES:
            laid = engine
            if not figure.legends and (engine is None or isinstance(engine, PlaceHolderLayoutEngine)):
                laid = TightLayoutEngine()  # constrained layout fails on a colour bar that was made without it
            with _laid_out(figure, laid, (_NARROW_INCHES, max(height, _NARROW_INCHES))) as box:
                made[NARROW] = _svg(figure, box)
        with _laid_out(figure, engine, (width, height)) as box:
            made |= {SVG: _svg(figure, box)} if SVG in kinds else {}
            made |= {PNG: _saved(figure, box, "png", {"Software": None})} if PNG in kinds else {}
    return made


@contextmanager
def _laid_out(figure: Figure, engine: Any, size: tuple[float, float]) -> Iterator[Bbox]:
    """The figure in a size, laid out once: constrained layout moves things a little at every drawing. Gives the box that
    everything drawn fits in, measured once ("tight" draws to measure). Afterwards the places are those from before, so
    that a second layout starts where the first did and ends with the same bytes."""
    from matplotlib import rcParams
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    (width, height), own, canvas = figure.get_size_inches(), figure.get_layout_engine(), figure.canvas
    margins = dict(vars(figure.subplotpars))
    places = [
        (ax, ax.get_position(True).frozen(), ax.get_position().frozen(), ax.get_in_layout()) for ax in figure.axes
    ]
    figure.set_size_inches(size, forward=False)
    FigureCanvasAgg(figure)  # keeps the renderer; a figure without one starts to draw whenever a text is measured
    try:
        if engine:
            engine.execute(figure)
        figure.set_layout_engine(None)
        yield figure.get_tightbbox().padded(rcParams["savefig.pad_inches"])
    finally:
        figure.set_canvas(canvas)
        figure.set_size_inches(width, height, forward=False)
        figure.subplotpars.update(**margins)
        for ax, original, active, counts in places:
            ax.set_position(original, which="original")
            ax.set_position(active, which="active")
            ax.set_in_layout(counts)  # a position that is set takes the Axes out of the layout
        figure.set_layout_engine(own)


def _saved(figure: Figure, box: Bbox, kind: str, metadata: dict[str, Any]) -> bytes:
    from matplotlib.colors import to_rgba

    ground = "auto" if to_rgba(figure.get_facecolor())[3] else "white"
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, metadata=metadata, dpi=144, bbox_inches=box, facecolor=ground)
    return buffer.getvalue()


def _svg(figure: Figure, box: Bbox) -> str:
    """The figure as SVG that turns dark where the reader's screen is: greys are mirrored, bands dimmed, and whatever
    stands on a colour that stays keeps its own."""
    from matplotlib.colors import to_rgba

    kept = [(artist, artist.get_gid()) for artist in _on_colour(figure)]
    for i, (artist, _) in enumerate(kept):
        artist.set_gid(f"kept-{i}")
    try:
        made = _saved(figure, box, "svg", {"Date": None}).decode("utf-8")
    finally:
        for artist, gid in kept:
            artist.set_gid(gid)
    red, green, blue, opaque = to_rgba(figure.get_facecolor())
    if opaque and red + green + blue < 1.5:
        return made  # dark already
    found = sorted(set(re.findall(r"(fill|stroke): (#[0-9a-f]{6})", made)))
    rules = "".join(
        f'\n#figure_1 [style*="{part}: {colour}"]:not([id^="kept-"] *) {{{part}: {dark} !important}}'
        for part, colour in found
        if (dark := _darkened(colour))
    )
    # What is black bears no colour in matplotlib's SVG, so the whole picture gets the ink of the dark.
    sheet = f'#figure_1 {{fill: {_darkened("#000000")}}}\n[id^="kept-"] {{fill: #000000}}{rules}'
    return made.replace("</style>", f"\n@media screen and (prefers-color-scheme: dark) {{\n{sheet}\n}}</style>", 1)


def _darkened(colour: str) -> str:
    """The counterpart of a colour on a dark ground; "" where the colour stays.

    >>> _darkened("#000000"), _darkened("#d9d9d9"), _darkened("#0072b2")
    ('#f0f0f0', '#373737', '')
    """
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    if colour in _DARK or max(parts) - min(parts) > 12:
        return _DARK.get(colour, "")
    return "#" + 3 * f"{round(0xF0 - (0xF0 - 0x17) * sum(parts) / 765):02x}"


def _on_colour(figure: Figure) -> Iterator[Artist]:
    """What must not turn dark: cells and points that a colour map paints, white words, and words on a colour that stays."""
    from matplotlib.colors import to_hex

    for ax in figure.axes:
        painted = [c for c in ax.collections if c.get_array() is not None]
        yield from painted
        grounds = [ax.bbox] if painted or ax.images else []
        grounds += [
            p.get_window_extent() for p in ax.patches if not _darkened(to_hex(p.get_facecolor())) and p.get_fill()
        ]
        for words in ax.texts:
            box = words.get_window_extent()
            middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
            if to_hex(words.get_color()) == "#ffffff" or any(ground.contains(*middle) for ground in grounds):
                yield words


def _figure(x: Any) -> Figure | None:
    """The whole figure of an Axes, a figure, a grid of seaborn, or the first of several Axes."""
    if getattr(x, "flat", None) is not None or isinstance(x, (list, tuple)):
        x = next(iter(getattr(x, "flat", x)), None)
    found = getattr(x, "figure", None)
    whole: Figure | None = found.get_figure(root=True) if found is not None and hasattr(found, "subfigs") else None
    return whole


def alt_text(x: Any) -> str:
    """The words for who does not see a picture: what the chart wrote, else what can be read from what is drawn.

    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot(title="Deaths", xlabel="year")
    >>> _ = ax.plot([2021, 2022], [70_601, 73_838], label="fentanyl")
    >>> alt_text(ax)
    'Chart: Deaths. Across: year. fentanyl: 70,601 at 2021 to 73,838 at 2022, lowest 70,601, highest 73,838.'
    """
    if hasattr(x, "get_xlim") and _wrote(x):
        return str(x.get_label())
    figure = _figure(x)
    if figure is None:
        raise ShowError(f"{_type(x)} is no picture")
    if figure.get_label():
        return str(figure.get_label())
    seen = [ax for ax in figure.axes if ax.get_visible() and ax.get_label() != "<colorbar>"]
    written = [str(ax.get_label()) for ax in seen if _wrote(ax)] or [_described(ax) for ax in seen]
    return " ".join(filter(None, [figure.get_suptitle(), *written])) or "An empty picture."


def _wrote(ax: Axes) -> bool:
    return not str(ax.get_label()).startswith(("_", "<")) and bool(ax.get_label())


def _described(ax: Axes) -> str:
    """A chart in words: its title and axes, and of each series where it begins, ends, and between what it runs."""
    titles = filter(None, (ax.get_title("left"), ax.get_title("center"), ax.get_title("right")))
    labels = (("Across", ax.get_xlabel()), ("Up", ax.get_ylabel()))
    parts = [f"Chart: {next(titles, 'without a title')}", *(f"{word}: {label}" for word, label in labels if label)]
    lines: Sequence[Any] = ax.lines
    for i, line in enumerate(lines, 1):
        if line.get_visible() and all(line.get_transform().contains_branch_seperately(ax.transData)):  # no line across
            places, heights = list(line.get_xdata()), list(line.get_ydata(orig=False))
            points = [(_place(ax, x), y) for x, y in zip(places, heights, strict=True) if not _missing(y)]
            parts += [_run(_named(line, f"series {i}"), points)] if points else []
    for bars in ax.containers:
        heights = [value for value in list(getattr(bars, "datavalues", [])) if not _missing(value)]
        parts += [f"{_named(bars, 'bars')}: {len(heights)}, {_range(heights)}"] if heights else []
    painted: Sequence[Any] = (*ax.collections, *ax.images)
    for drawn in painted:
        if type(drawn).__name__ == "PathCollection":
            parts.append(f"{_named(drawn, 'points')}: {len(drawn.get_offsets()):,}")
        elif type(drawn).__name__ in ("QuadMesh", "AxesImage"):
            cells = [value for value in drawn.get_array().ravel().tolist() if not _missing(value)]
            parts += [f"{len(cells):,} cells, {_range(cells)}"] if cells else []
    return " ".join(f"{' '.join(part.split()).rstrip('.')}." for part in parts).replace(r"\$", "$")


def _named(artist: Any, otherwise: str) -> str:
    label = str(artist.get_label())
    return otherwise if not label or label.startswith("_") else label


def _run(name: str, points: Sequence[tuple[str, float]]) -> str:
    (start, first), (end, last) = points[0], points[-1]
    return f"{name}: {_brief(first)} at {start} to {_brief(last)} at {end}, {_range([y for _, y in points])}"


def _range(values: Sequence[float]) -> str:
    return f"lowest {_brief(min(values))}, highest {_brief(max(values))}"


def _brief(value: float) -> str:
    return _number(float(value), _digits([float(value)]), ",") if math.isfinite(value) else str(value)


def _place(ax: Axes, value: Any) -> str:
    """A place on the horizontal axis: a day, or a number that may be a year."""
    from matplotlib import dates

    if isinstance(value, Real):
        days = isinstance(ax.xaxis.get_major_locator(), dates.DateLocator)
        return f"{dates.num2date(float(value)):%Y-%m-%d}" if days else f"{float(value):.6g}"
    return str(value)[:10] if type(value).__name__ == "datetime64" else _said(value)
