"""Every verdict under one state of the data, and which of them differ under another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import ledger
from .assess import assess
from .hedges import DELTA
from .ledger import Ledger
from .readings import Reading
from .verdicts import Verdict

#: The verdict of each claim (cell "") and of each declared cell of its grid that has a figure.
Standings = Mapping[tuple[str, str], "Standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One verdict with the figure it rests on; `flags` are those of the claim, such as WRONG QUANTITY."""

    verdict: Verdict
    shown: str
    window: str
    vintage: str
    flags: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For the report of changes."""
        return {
            "verdict": self.verdict.label,
            "direction": self.verdict.direction,
            "figure": self.shown,
            "window": self.window,
            "vintage": self.vintage,
            "flags": list(self.flags),
        }


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A verdict that differs between two states of the data; None where a state has no figure for it.

    `cell` is "" for the claim's own verdict, that of its natural reading, else the declared cell of its grid.
    """

    claim: str
    cell: str
    before: Standing | None
    after: Standing | None

    @property
    def changed(self) -> bool:
        """Whether a verdict that stood is another now, or gone; a cell that has its first figure changes none."""
        return self.before is not None

    def to_dict(self) -> dict[str, Any]:
        """For the report of changes."""
        before, after = (standing.to_dict() if standing else None for standing in (self.before, self.after))
        return {
            "claim": self.claim,
            "cell": self.cell or None,
            "changed": self.changed,
            "before": before,
            "after": after,
        }


def standings(claims: str | Path | Ledger | None = None, delta: float = DELTA) -> Standings:
    """Every verdict under the data as they are.

    Parameters
    ----------
    claims : path or Ledger, optional
        A claims file of your own; by default the built-in article.
    delta : float
        How far "nearly" and "about" reach, as a share of the number.

    Raises
    ------
    LedgerError
        If the claims file is malformed.

    Examples
    --------
    >>> print(standings()["foreign-offices", ""].verdict)
    SUPPORTED
    """
    book = claims if isinstance(claims, Ledger) else ledger.read(claims)
    found: dict[tuple[str, str], Standing] = {}
    for claim in book.claims.values():
        judged = assess(claim, delta=delta, claims=book)
        if judged.natural is None:
            continue
        found[claim.id, ""] = _standing(judged.natural, judged.flags)
        found.update({(claim.id, name): _standing(reading) for name, reading in judged.by_cell.items()})
    return found


def verdict_changes(before: Standings, after: Standings) -> tuple[VerdictChange, ...]:
    """The verdicts that differ: another word or direction, the flag raised or lowered, a figure gone or new.

    >>> one = standings()
    >>> verdict_changes(one, one)
    ()
    """
    keys = dict.fromkeys((*before, *after))
    pairs = (VerdictChange(*key, before.get(key), after.get(key)) for key in keys)
    return tuple(pair for pair in pairs if _worth(pair.before) != _worth(pair.after))


def _worth(standing: Standing | None) -> object:
    return standing and (standing.verdict.label, standing.verdict.direction, bool(standing.flags))


def _standing(reading: Reading, flags: tuple[str, ...] = ()) -> Standing:
    return Standing(reading.verdict, reading.shown, str(reading.window), reading.vintage, flags)
