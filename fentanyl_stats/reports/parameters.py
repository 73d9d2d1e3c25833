"""The parameters of each notebook as a typed dataclass, checked in the notebook itself.

A notebook's own check is the one that always runs: papermill only warns of a name that it does not know, and a person
types into the cell without asking anybody.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from ..audit import hedges, ledger, origin, routes, yearly
from ..data import archive, names
from ..errors import DataError, ParameterError, PhraseError, unknown
from ..model import Interval
from . import record
from .checked import AsOf as AsOf
from .checked import Parameters as Parameters
from .supply_parameters import Events as Events
from .supply_parameters import Supply as Supply

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
            routes.routes(self.direct)
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
            ("measure", self.measure, yearly.MEASURES),
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
    record.begin(asdict(taken))
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
