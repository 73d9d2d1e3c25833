"""How far a long cell has come: a line in the notebook that is gone when the cell is done."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def over(items: Sequence[T], what: str) -> Iterator[T]:
    """Pass items on one by one; in a kernel, say meanwhile how many are done.

    The line leaves an output without content, whatever happened and however long it took, so that the outputs after it
    keep their numbers; pages leave it out (`record.dropped`). Outside a kernel nothing is shown.

    Examples
    --------
    >>> [code for code in over(["US", "WV"], "places")]
    ['US', 'WV']
    """
    from IPython import get_ipython
    from IPython.display import HTML, display

    if not hasattr(get_ipython(), "kernel"):
        yield from items
        return
    line = display(HTML(_line(0, len(items), what)), display_id=True)
    try:
        for done, item in enumerate(items, 1):
            yield item
            line.update(HTML(_line(done, len(items), what)))
    finally:
        line.update({}, raw=True)


def _line(done: int, total: int, what: str) -> str:
    words = html.escape(f"{done} of {total} {what}")
    return f'<label>{words} <progress max="{total}" value="{done}"></progress></label>'
