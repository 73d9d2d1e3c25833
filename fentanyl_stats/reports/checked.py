"""The base of all parameters: types are checked, then `check`, and a mistake is one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_type_hints

from ..data.catalog import as_date
from ..errors import DataError, FentanylStatsError, ParameterError


@dataclass(frozen=True)
class Parameters:
    """Base: fields are the names of the parameters cell; `check` tests what types cannot."""

    def __post_init__(self) -> None:
        for name, kind in get_type_hints(type(self)).items():
            value = getattr(self, name)
            if kind is float and isinstance(value, int) and not isinstance(value, bool):
                object.__setattr__(self, name, float(value))
            elif not isinstance(value, kind) or isinstance(value, bool):
                raise ParameterError(f"parameter {name!r} must be {_article(kind)}, got {value!r}")
        try:
            self.check()
        except ParameterError:
            raise
        except FentanylStatsError as error:
            raise ParameterError(str(error)) from None

    def check(self) -> None:
        """Raise a FentanylStatsError for a value that is not valid."""


@dataclass(frozen=True)
class AsOf(Parameters):
    """What every notebook takes: the day whose knowledge counts, or "" for everything held."""

    as_of: str

    def check(self) -> None:
        """A short ISO date, or nothing."""
        if self.as_of:
            try:
                as_date(self.as_of)
            except DataError:
                raise ParameterError(
                    f"parameter 'as_of': {self.as_of[:40]!r} is not a date; write YYYY-MM-DD, or \"\" for everything held"
                ) from None

    @property
    def day(self) -> str | None:
        """The as-of date, None for everything held."""
        return self.as_of or None


def _article(kind: type) -> str:
    return {str: "a text", float: "a number", int: "a whole number"}.get(kind, kind.__name__)
