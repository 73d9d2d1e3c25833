"""The sources of a page: every text and table that its claims, readings and tables name, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..audit import ledger

if TYPE_CHECKING:
    import pandas as pd

    from ..audit.assess import Assessment
    from ..model import Source

_ID = re.compile(r"\b[SFV]\d{2,3}[a-z]?\b")


def behind(*assessments: Assessment, also: Iterable[Source] = ()) -> tuple[Source, ...]:
    """What claims cite, then what their readings rest on and name as their reason, then what is given besides.

    >>> from fentanyl_stats import assess
    >>> [source.id for source in behind(assess("foreign-offices"))]
    ['S03', 'S07', 'S08', 'S10', 'F127a']
    """
    found = [s for a in assessments for s in a.claim.cited]
    found += [s for a in assessments for reading in a.readings for s in reading.sources]
    reasons = dict.fromkeys(reading.reason for a in assessments for reading in a.readings)
    return once(found, named(*reasons), also)


def named(*shown: pd.DataFrame | str) -> tuple[Source, ...]:
    """The texts and figures of the ledger whose ids stand in a table or a sentence.

    >>> [source.publisher for source in named("as CRS has it (F117)", "no figure E1")]
    ['Congressional Research Service']
    """
    cells = [part if isinstance(part, str) else " ".join(map(str, part.to_numpy().ravel())) for part in shown]
    ids = dict.fromkeys(_ID.findall(" ".join(cells)))
    if not ids:
        return ()  # a page that names none does not rest on the ledger's sources
    known = ledger.read().using("sources").sources
    return tuple(known[i] for i in ids if i in known)


def once(*groups: Iterable[Source]) -> tuple[Source, ...]:
    """Each source once, in order."""
    return tuple({(s.id, s.vintage): s for group in groups for s in group}.values())
