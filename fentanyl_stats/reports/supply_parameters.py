"""The parameters of the notebooks on supply and on dates."""

from __future__ import annotations

from dataclasses import dataclass

from ..audit import interruptions, monthly, supply
from ..errors import DataError, NotPublished, ParameterError, StatsError, unknown
from ..stats.interrupted import month
from .checked import AsOf


@dataclass(frozen=True)
class Supply(AsOf):
    """supply.ipynb."""

    fiscal_years: str
    region: str
    component: str

    def __post_init__(self) -> None:
        given: object = self.fiscal_years
        if type(given) is int:  # papermill reads `-p fiscal_years 2023` as a number
            object.__setattr__(self, "fiscal_years", str(given))
        super().__post_init__()

    def check(self) -> None:
        """Region and component must be those of the table, the fiscal years held."""
        super().check()
        for name, value, valid in (
            ("region", self.region, supply.REGIONS),
            ("component", self.component, supply.COMPONENTS),
        ):
            if value not in valid:
                raise ParameterError(f"parameter {name!r}: {unknown(name, value, valid)}")
        try:
            supply.parse_years(self.fiscal_years)
            supply.seizures(self.fiscal_years, as_of=self.day)
        except NotPublished:
            return  # nothing was known by that day: the page says so
        except DataError as error:
            raise ParameterError(f"parameter 'fiscal_years': {error}") from None


@dataclass(frozen=True)
class Events(AsOf):
    """events.ipynb."""

    series: str
    date: str
    window: int

    def check(self) -> None:
        """The series must be monthly, and the window fit around the date."""
        super().check()
        try:
            found = monthly.find(self.series)
        except DataError as error:
            raise ParameterError(f"parameter 'series': {error}") from None
        if not interruptions.SHORTEST <= self.window <= interruptions.LONGEST:
            raise ParameterError(
                f"parameter 'window' must be {interruptions.SHORTEST} to {interruptions.LONGEST} months on each side, "
                f"got {self.window}"
            )
        try:
            month(self.date)
            interruptions.require(found.load(self.day), self.date, self.window)
        except NotPublished:
            return  # nothing was known by that day: the page says so
        except StatsError as error:
            raise ParameterError(f"parameters 'date' and 'window': {error}") from None
