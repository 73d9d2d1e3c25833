"""Every verdict under one state of the data, and which of them differ under another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from ..model import last_day
from . import ledger, quantities, readings
from .assess import assess
from .entries import Test
from .hedges import DELTA
from .ledger import Claim, Ledger
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
class Moved:
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
        for name, cell in _cells(claim):
            for reading in _figures(claim, cell, book, delta):
                found[claim.id, name] = _standing(reading)
    return found


def moved(before: Standings, after: Standings) -> tuple[Moved, ...]:
    """The verdicts that differ: another word or direction, the flag raised or lowered, a figure gone or new.

    >>> one = standings()
    >>> moved(one, one)
    ()
    """
    keys = dict.fromkeys((*before, *after))
    pairs = (Moved(*key, before.get(key), after.get(key)) for key in keys)
    return tuple(pair for pair in pairs if _worth(pair.before) != _worth(pair.after))


def _worth(standing: Standing | None) -> object:
    return standing and (standing.verdict.label, standing.verdict.direction, bool(standing.flags))


def _standing(reading: Reading, flags: tuple[str, ...] = ()) -> Standing:
    return Standing(reading.verdict, reading.shown, str(reading.window), reading.vintage, flags)


def _cells(claim: Claim) -> Iterator[tuple[str, Test]]:
    """Each declared cell as a test of its own, under a name that no vintage changes."""
    for test in claim.test:
        measures = test.measures or quantities.quantity(test.quantity).measures
        for axes in product(test.periods, measures, test.vintages, test.corrections):
            period, measure, vintage, correction = axes
            place = "" if test.jurisdiction == "US" else f"/{test.jurisdiction}"
            name = f"{test.quantity}{place}@{period}/{measure}/{vintage}/{correction}"
            cited = "+".join((*test.figures, *test.sources))
            one = {"periods": (period,), "measures": (measure,), "vintages": (vintage,), "corrections": (correction,)}
            yield f"{name}/{cited}" if cited else name, test.model_copy(update={**one, "natural": False})


def _figures(claim: Claim, cell: Test, book: Ledger, delta: float) -> tuple[Reading, ...]:
    phrase, day = claim.phrase, last_day(book.article.date)
    found, _ = readings.grid([cell], phrase, book.sources, day, None, delta) if phrase else ((), ())
    return found
