"""Every error this package raises on purpose, under one root.

The message is the interface: it says what was wrong, where, how many, and what would be right.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class FentanylStatsError(Exception):
    """Root of all errors of this package; catch it to catch them all."""


class DataError(FentanylStatsError, LookupError):
    """A figure table is unknown, damaged, or breaks its contract."""


class NotPublished(DataError):
    """No such figure is held, or none had been published by the day asked for; the data are sound."""


class ArchiveEndWarning(UserWarning):
    """A day was asked for after the newest release that an archive holds."""


class PartialVintageWarning(UserWarning):
    """The newest vintage of a dataset lacks places or drugs that older ones hold."""


class LedgerError(FentanylStatsError, ValueError):
    """A claims file is malformed; the message names the claim and the key."""


class PhraseError(FentanylStatsError, ValueError):
    """A phrase holds no number, or several, or a hedge that is not known."""


class StatsError(FentanylStatsError, ValueError):
    """A statistic was asked of numbers that do not allow it."""


class ReportError(FentanylStatsError, RuntimeError):
    """A notebook or page could not be made."""


class ParameterError(FentanylStatsError, ValueError):
    """A notebook parameter has a wrong name or value.

    Shown in a notebook as its message alone: the reader set a parameter, the package's frames say nothing to them.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def unknown(what: str, name: object, options: Iterable[object], *, limit: int = 12) -> str:
    """A message for a name that is not among `options`: the close ones first, else the whole (short) list.

    >>> unknown("drug", "herion", ["heroin", "cocaine", "all"])
    "unknown drug 'herion'; did you mean 'heroin'? Valid: all, cocaine, heroin"
    """
    names = sorted({str(option) for option in options})
    text = f"unknown {what} {str(name)[:80]!r}"
    close = get_close_matches(str(name).lower(), [n.lower() for n in names], n=3, cutoff=0.6)
    originals = [n for lowered in close for n in names if n.lower() == lowered]
    if originals:
        text += "; did you mean " + " or ".join(repr(n) for n in dict.fromkeys(originals)) + "?"
    shown = names if len(names) <= limit else [*names[:limit], f"… ({len(names)} in all)"]
    joiner = " " if originals else "; "
    return f"{text}{joiner}{'Valid' if originals else 'valid'}: {', '.join(shown)}" if names else text
