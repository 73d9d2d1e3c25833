"""What a contract is, and the forms and ages that several tables share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .. import names
from ..relations import Relation

MONTH = r"\d{4}-(?:0[1-9]|1[0-2])"
DAY = rf"{MONTH}-(?:0[1-9]|[12]\d|3[01])"
DATE = rf"(?:\d{{4}}|{MONTH}|{DAY})"
SOURCE = r"[SVF]\d{2,3}[a-z]?"

#: How a message names a pattern.
FORMS = {
    MONTH: "must have the form YYYY-MM",
    DAY: "must have the form YYYY-MM-DD",
    DATE: "must have the form YYYY, YYYY-MM or YYYY-MM-DD",
    SOURCE: "must be a source id such as S01, V01 or F001a",
}

AGES_11 = ("<1", "1-4", "5-14", "15-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-84", "85+")
AGES_18 = ("0-4", *(f"{low}-{low + 4}" for low in range(5, 85, 5)), "85+")
AGES_19 = ("<1", "1-4", *AGES_18[1:])

#: The 50 states and DC.
STATES = tuple(code for code in names.jurisdictions() if code not in ("US", "PR", "YC"))


@dataclass(frozen=True, slots=True)
class Contract:
    """What a table promises beyond its column kinds.

    `key` names the rows; `given` columns are never blank (the key is not either); `words` are closed
    vocabularies, `patterns` regular expressions of whole cells, `ranges` closed intervals of numbers (None:
    an open end). A rule on a column that a layout lacks is left out.
    """

    key: Sequence[str]
    given: Sequence[str] = ()
    words: Mapping[str, Sequence[object]] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    relations: Sequence[Relation] = ()
