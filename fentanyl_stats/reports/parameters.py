"""The parameters of each notebook as a typed class, checked in the notebook itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from ..analysis import events, origin, seizures, trends
from ..audit import hedges, ledger
from ..data import archive, names
from ..data.catalog import as_date
from ..errors import DataError, FentanylStatsError, NotPublished, ParameterError, PhraseError, StatsError, unknown
from ..model import Interval
from ..stats.interrupted import month
from . import cache


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
            ("region", self.region, seizures.REGIONS),
            ("component", self.component, seizures.COMPONENTS),
        ):
            if value not in valid:
                raise ParameterError(f"parameter {name!r}: {unknown(name, value, valid)}")
        try:
            seizures.parse_years(self.fiscal_years)
            seizures.seizures(self.fiscal_years, as_of=self.day)
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
            found = events.find(self.series)
        except DataError as error:
            raise ParameterError(f"parameter 'series': {error}") from None
        if not events.SHORTEST <= self.window <= events.LONGEST:
            raise ParameterError(
                f"parameter 'window' must be {events.SHORTEST} to {events.LONGEST} months on each side, "
                f"got {self.window}"
            )
        try:
            month(self.date)
            events.require(found.load(self.day), self.date, self.window)
        except NotPublished:
            return  # nothing was known by that day: the page says so
        except StatsError as error:
            raise ParameterError(f"parameters 'date' and 'window': {error}") from None


P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True)
class Claims(AsOf):
    """claims.ipynb."""

    claims_file: str

    def check(self) -> None:
        """The claims file, if any, must be sound."""
        super().check()
        self._look()

    def _look(self) -> None:
        ledger.read(self.path).using("claims")

    @property
    def path(self) -> Path | None:
        """The claims file, None for the built-in article."""
        return Path(self.claims_file) if self.claims_file else None


@dataclass(frozen=True)
class Claim(Claims):
    """claim.ipynb."""

    claim: str
    delta: float

    def check(self) -> None:
        """The claim must be in the ledger, delta a share."""
        super().check()
        try:
            hedges.require_share(self.delta)
        except PhraseError as error:
            raise ParameterError(f"parameter 'delta'{str(error).removeprefix('delta')}") from None

    def _look(self) -> None:
        book = ledger.read(self.path)
        if self.claim not in book.claims:
            raise ParameterError(f"parameter 'claim': {unknown('claim', self.claim, book.claims, limit=30)}")


@dataclass(frozen=True)
class Deaths(AsOf):
    """deaths.ipynb."""

    jurisdiction: str
    drug: str

    def check(self) -> None:
        """Jurisdiction and drug must be codes of the data."""
        super().check()
        for name, require in (("jurisdiction", names.require_jurisdiction), ("drug", names.require_drug)):
            try:
                require(getattr(self, name))
            except DataError as error:
                raise ParameterError(f"parameter {name!r}: {error}") from None


@dataclass(frozen=True)
class Provisional(Deaths):
    """provisional.ipynb."""

    month_ending: str

    def check(self) -> None:
        """The month must be one."""
        super().check()
        try:
            archive.require_month(self.month_ending)
        except DataError as error:
            raise ParameterError(f"parameter 'month_ending': {error}") from None


@dataclass(frozen=True)
class Origin(AsOf):
    """origin.ipynb: every assumption between seizures and a flow."""

    direct: str
    purity_direct_low: float
    purity_direct_high: float
    purity_other_low: float
    purity_other_high: float
    interception_direct_low: float
    interception_direct_high: float
    interception_other_low: float
    interception_other_high: float
    consumption_tonnes: float
    seed: int

    def check(self) -> None:
        """Purities and rates are fractions in order, the stand-in names parts of the seizure file."""
        super().check()
        for what in ("purity_direct", "purity_other", "interception_direct", "interception_other"):
            low, high = getattr(self, f"{what}_low"), getattr(self, f"{what}_high")
            for name, value in ((f"{what}_low", low), (f"{what}_high", high)):
                if not 0 < value <= 1:
                    raise ParameterError(
                        f"parameter {name!r} must lie above 0 and at most at 1 (write 90% as 0.9), got {value!r}"
                    )
            if low > high:
                raise ParameterError(f"parameter '{what}_low' is {low!r}, above '{what}_high', {high!r}")
        if not 0 < self.consumption_tonnes < float("inf"):
            raise ParameterError(
                "parameter 'consumption_tonnes' must be above 0, in tonnes of pure fentanyl a year, "
                f"got {self.consumption_tonnes!r}"
            )
        if self.seed < 0:
            raise ParameterError(f"parameter 'seed' must be a whole number from 0 on, got {self.seed!r}")
        try:
            origin.routes(self.direct)
        except DataError as error:
            raise ParameterError(f"parameter 'direct': {error}") from None

    @property
    def assumed(self) -> origin.Assumptions:
        """The assumptions as ranges."""
        return origin.Assumptions(
            Interval(self.purity_direct_low, self.purity_direct_high),
            Interval(self.purity_other_low, self.purity_other_high),
            Interval(self.interception_direct_low, self.interception_direct_high),
            Interval(self.interception_other_low, self.interception_other_high),
            self.consumption_tonnes,
            self.seed,
        )


@dataclass(frozen=True)
class Offices(AsOf):
    """offices.ipynb."""


@dataclass(frozen=True)
class Trends(AsOf):
    """trends.ipynb."""

    measure: str
    drug: str
    jurisdictions: str
    first_year: int
    last_year: int
    max_joinpoints: int
    select: str

    def check(self) -> None:
        """Names must be those of the data, years in order, the maximum small."""
        super().check()
        for name, value, valid in (
            ("measure", self.measure, trends.MEASURES),
            ("drug", self.drug, names.drugs()),
            ("select", self.select, ("wbic", "bic", "bic3", "permutation")),
        ):
            if value not in valid:
                raise ParameterError(f"parameter {name!r}: {unknown(name, value, valid)}")
        for code in self.codes:
            try:
                names.require_jurisdiction(code)
            except DataError as error:
                raise ParameterError(f"parameter 'jurisdictions': {error}") from None
        if not 1999 <= self.first_year < self.last_year <= 2100:
            raise ParameterError(f"years {self.first_year} to {self.last_year} are not in order, from 1999 on")
        if not 0 <= self.max_joinpoints <= 5:
            raise ParameterError(f"parameter 'max_joinpoints' must be 0 to 5, got {self.max_joinpoints}")

    @property
    def codes(self) -> list[str]:
        """The jurisdictions, `all` meaning the US and every state that has rates."""
        if self.jurisdictions.strip() == "all":
            return [code for code in names.jurisdictions() if code not in ("PR", "YC")]
        return [code.strip() for code in self.jurisdictions.split(",") if code.strip()] or [""]


@dataclass(frozen=True)
class Jurisdiction(AsOf):
    """jurisdiction.ipynb."""

    jurisdiction: str

    def check(self) -> None:
        """A code of the data that finals hold: no PR or YC."""
        super().check()
        try:
            names.require_jurisdiction(self.jurisdiction)
        except DataError as error:
            raise ParameterError(f"parameter 'jurisdiction': {error}") from None
        if self.jurisdiction in ("PR", "YC"):
            raise ParameterError(
                f"parameter 'jurisdiction': no final counts are held for {self.jurisdiction}; take a state, DC or US"
            )


def take(kind: type[P], namespace: Mapping[str, Any]) -> P:
    """Build the dataclass from a notebook's variables, refusing names that it does not have; in a kernel, begin the record
    of what the notebook rests on (`record.begin`).

    Parameters
    ----------
    kind : type
        The dataclass of the notebook.
    namespace : mapping
        `globals()` of the notebook.

    Raises
    ------
    ParameterError
        If a name is missing or not known, or a value is wrong; the message lists what is valid.

    Examples
    --------
    >>> take(Offices, {"as_of": "2024-09-17"}).day
    '2024-09-17'
    >>> take(Offices, {"as_off": "2024-09-17", "as_of": ""})
    Traceback (most recent call last):
        ...
    fentanyl_stats.errors.ParameterError: unknown parameter 'as_off'; did you mean 'as_of'? Valid: as_of
    """
    valid = [field.name for field in fields(kind)]
    for name in _set_by_the_user(namespace, valid):
        if name not in valid:
            raise ParameterError(unknown("parameter", name, valid))
    for name in valid:
        if name not in namespace:
            raise ParameterError(
                f"parameter {name!r} is not set; run the parameters cell first. Valid: {', '.join(valid)}"
            )
    taken = kind(**{name: namespace[name] for name in valid})
    cache.begin(asdict(taken))
    return taken


def _set_by_the_user(namespace: Mapping[str, Any], valid: Sequence[str]) -> Iterable[str]:
    """The names assigned in the cells of plain assignments that ran just before this one.

    Later cells may define variables of their own; running the check again must not take those for parameters. Nor do
    the cells before one that sets every parameter count: that is the parameters cell, run again after a correction.
    """
    history = namespace.get("In")
    if not isinstance(history, list):
        return [name for name in namespace if not name.startswith("_")]
    names: list[str] = []
    for source in reversed(history[:-1]):
        assigned = _assigned(source)
        if assigned is None:
            break
        names = assigned + names
        if set(valid) <= set(assigned):
            break
    return dict.fromkeys(names)


def _assigned(source: str) -> list[str] | None:
    """The names a cell assigns, None if it does anything else."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return None
    found = []
    for statement in body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found.append(statement.target.id)
        elif isinstance(statement, ast.Assign) and all(isinstance(target, ast.Name) for target in statement.targets):
            found += [target.id for target in statement.targets if isinstance(target, ast.Name)]
        else:
            return None
    return found
