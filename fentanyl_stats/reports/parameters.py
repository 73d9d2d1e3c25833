"""The parameters of each notebook as a typed class, checked in the notebook itself.

A notebook's own check is the one that always runs: papermill only warns of a name that it does not know, and a person
types into the cell without asking anybody.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

import pandas as pd
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from ..analysis import events, origin, seizures, trends
from ..audit import hedges, ledger
from ..audit.forms import Keys, keys
from ..data import archive, names
from ..data.catalog import as_date
from ..errors import (
    DataError,
    FentanylStatsError,
    LedgerError,
    NotPublished,
    ParameterError,
    PhraseError,
    StatsError,
    unknown,
)
from ..model import __version__
from ..show import Card, Shown
from ..stats.interrupted import month
from ..stats.joinpoint import Rule
from . import cache

_KINDS = {"string_type": "a text", "float_type": "a number", "int_type": "a whole number"}
NO_FINALS = ("PR", "YC")
"""Jurisdictions of which no final counts are held."""


def _day(text: str | None) -> str | None:
    if not text:
        return None
    try:
        as_date(text)
    except DataError:
        raise ParameterError(
            f"parameter 'as_of': {text[:40]!r} is not a date; write YYYY-MM-DD, or \"\" for everything held"
        ) from None
    return text


def _valid(require: Callable[[Any], object]) -> AfterValidator:
    """A check by a function that raises an error of this package; the message then names the parameter."""

    def check(value: Any, info: ValidationInfo) -> Any:
        try:
            require(value)
        except FentanylStatsError as error:
            name = str(info.field_name)
            told = str(error).removeprefix(name) if isinstance(error, PhraseError) else f": {error}"
            raise ParameterError(f"parameter {name!r}{told}") from None
        return value

    return AfterValidator(check)


def _must(fit: Callable[[Any], bool], words: str) -> AfterValidator:
    """A check whose message says in words what the value must be."""

    def check(value: Any, info: ValidationInfo) -> Any:
        if not fit(value):
            raise ParameterError(f"parameter {info.field_name!r} must {words}, got {value!r}")
        return value

    return AfterValidator(check)


def _one_of(what: str, options: Iterable[str]) -> AfterValidator:
    def require(value: str) -> None:
        if value not in options:
            raise ParameterError(unknown(what, value, options))

    return _valid(require)


def _has_finals(code: str) -> None:
    if code in NO_FINALS:
        raise ParameterError(f"no final counts are held for {code}; take a state, DC or US")


def _codes(text: str) -> list[str]:
    if text.strip() == "all":
        return [code for code in names.jurisdictions() if code not in NO_FINALS]
    return [code.strip() for code in text.split(",") if code.strip()] or [""]


Place = Annotated[str, _valid(names.require_jurisdiction)]
Drug = Annotated[str, _valid(names.require_drug)]
Delta = Annotated[float, _valid(hedges.require_share)]
Fraction = Annotated[float, _must(lambda x: 0 < x <= 1, "lie above 0 and at most at 1 (write 90% as 0.9)")]
Year = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]
"""papermill reads `-p fiscal_years 2023` as a number."""


class Parameters(Shown, BaseModel):
    """What every notebook takes; shown at its end, with every figure table that the notebook read.

    `as_of` is the day whose knowledge counts, None ("" in the cell) for everything held.

    Raises
    ------
    ParameterError
        If a name is missing or not known, or a value is not valid; the message lists what is.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    as_of: Annotated[str | None, AfterValidator(_day)]

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ParameterError(_message(error.errors()[0], type(self).model_fields)) from None
        except FentanylStatsError as error:
            raise ParameterError(str(error)) from None

    @property
    def day(self) -> str | None:
        """The as-of date, None for everything held."""
        return self.as_of

    def _card_(self) -> Card:
        values = {name: getattr(self, name) for name in type(self).model_fields}
        if values.get("claims_file"):
            values["claims_file"] = Path(values["claims_file"]).name  # where it lies is nobody's business
        shown = pd.DataFrame(
            [(name, "not set" if value in ("", None) else str(value)) for name, value in values.items()],
            columns=["parameter", "value"],
        )
        rows = [(t.dataset, t.vintage, t.publisher, t.title, t.sha256[:16]) for t in cache.tables_read()]
        read = pd.DataFrame(rows, columns=["dataset", "vintage", "publisher", "title", "SHA-256 (first 16 digits)"])
        read.attrs["empty"] = "No figure table was read."
        note = f"fentanyl_stats {__version__}. Each file is checked against its hash whenever it is read; whole hashes are in results.json."
        return Card("Parameters, and the figure tables read", sections=(shown, read, note))


class Check(Parameters):
    """check.ipynb; `fs.check` itself says what is wrong with phrase, quantity or period."""

    phrase: str
    quantity: str
    period: Year
    jurisdiction: Place
    keys: str
    delta: Delta

    @property
    def given(self) -> dict[str, Any]:
        """The keys of the form, as `fs.check` takes them.

        Raises
        ------
        ParameterError
            If a part is not written as name=value, or the name is none of the keys.
        """
        made: dict[str, Any] = {}
        for part in filter(None, map(str.strip, self.keys.split(","))):
            name, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals or name not in Keys.model_fields:
                raise ParameterError(f"parameter 'keys': {unknown('key', name, Keys.model_fields)}; write since=2023")
            versus = float(value) if value.replace(".", "", 1).isdigit() else value
            made[name] = (*made.get(name, ()), versus) if name == "versus" else value
        try:
            return keys(**made).given
        except LedgerError as error:
            raise ParameterError(f"parameter 'keys': {error}") from None


class Claims(Parameters):
    """claims.ipynb: a claims file, "" for the built-in article."""

    claims_file: str

    @model_validator(mode="after")
    def _read(self) -> Claims:
        book = ledger.read(self.path)
        if not isinstance(self, Claim):
            book.using("claims")
        elif self.claim not in book.claims:
            raise ParameterError(f"parameter 'claim': {unknown('claim', self.claim, book.claims, limit=30)}")
        return self

    @property
    def path(self) -> Path | None:
        """The claims file, None for the built-in article."""
        return Path(self.claims_file) if self.claims_file else None


class Claim(Claims):
    """claim.ipynb."""

    claim: str
    delta: Delta


class Deaths(Parameters):
    """deaths.ipynb."""

    jurisdiction: Place
    drug: Drug


class Revisions(Deaths):
    """revisions.ipynb."""


class Provisional(Deaths):
    """provisional.ipynb."""

    month_ending: Annotated[str, _valid(archive.require_month)]


class Offices(Parameters):
    """offices.ipynb."""


class Jurisdiction(Parameters):
    """jurisdiction.ipynb: a code of the data that finals hold, so neither PR nor YC."""

    jurisdiction: Annotated[Place, _valid(_has_finals)]


class Supply(Parameters):
    """supply.ipynb."""

    fiscal_years: Annotated[Year, _valid(seizures.parse_years)]
    region: Annotated[str, _one_of("region", seizures.REGIONS)]
    component: Annotated[str, _one_of("component", seizures.COMPONENTS)]

    @model_validator(mode="after")
    def _held(self) -> Supply:
        try:
            seizures.seizures(self.fiscal_years, as_of=self.day)
        except NotPublished:
            pass  # nothing was known by that day: the page says so
        except DataError as error:
            raise ParameterError(f"parameter 'fiscal_years': {error}") from None
        return self


class Events(Parameters):
    """events.ipynb."""

    series: Annotated[str, _valid(events.find)]
    date: str
    window: Annotated[
        int,
        _must(
            lambda months: events.SHORTEST <= months <= events.LONGEST,
            f"be {events.SHORTEST} to {events.LONGEST} months on each side",
        ),
    ]

    @model_validator(mode="after")
    def _fits(self) -> Events:
        try:
            month(self.date)
            events.require(events.find(self.series).load(self.day), self.date, self.window)
        except NotPublished:
            pass  # nothing was known by that day: the page says so
        except StatsError as error:
            raise ParameterError(f"parameters 'date' and 'window': {error}") from None
        return self


GROUPS = ("rated", "official", "printed")


class Factcheck(Parameters):
    """factcheck.ipynb."""

    group: Annotated[str, _one_of("group", ("all", *GROUPS))]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of statements asked for."""
        return GROUPS if self.group == "all" else (self.group,)


class Origin(Parameters):
    """origin.ipynb: every assumption between seizures and a flow."""

    direct: Annotated[str, _valid(origin.routes)]
    purity_direct_low: Fraction
    purity_direct_high: Fraction
    purity_other_low: Fraction
    purity_other_high: Fraction
    interception_direct_low: Fraction
    interception_direct_high: Fraction
    interception_other_low: Fraction
    interception_other_high: Fraction
    consumption_tonnes: Annotated[
        float, _must(lambda x: 0 < x < float("inf"), "be above 0, in tonnes of pure fentanyl a year")
    ]
    seed: Annotated[int, _must(lambda n: n >= 0, "be a whole number from 0 on")]

    @model_validator(mode="after")
    def _in_order(self) -> Origin:
        for what in ("purity_direct", "purity_other", "interception_direct", "interception_other"):
            low, high = getattr(self, f"{what}_low"), getattr(self, f"{what}_high")
            if low > high:
                raise ParameterError(f"parameter '{what}_low' is {low!r}, above '{what}_high', {high!r}")
        return self


class Trends(Parameters):
    """trends.ipynb; `last_year` 0 means the newest year held."""

    measure: Annotated[str, _one_of("measure", trends.MEASURES)]
    drug: Drug
    jurisdictions: Annotated[str, _valid(lambda text: [names.require_jurisdiction(code) for code in _codes(text)])]
    first_year: int
    last_year: int
    max_joinpoints: Annotated[int, _must(lambda n: 0 <= n <= 5, "be 0 to 5")]
    select: Annotated[str, _one_of("select", get_args(Rule))]

    @model_validator(mode="after")
    def _in_order(self) -> Trends:
        if not 1999 <= self.first_year < (self.last_year or 2100) <= 2100:
            raise ParameterError(f"years {self.first_year} to {self.last_year} are not in order, from 1999 on")
        return self

    @property
    def codes(self) -> list[str]:
        """The jurisdictions, `all` meaning the US and every state that has rates."""
        return _codes(self.jurisdictions)


NOTEBOOKS: dict[str, type[Parameters]] = {
    kind.__name__.lower(): kind
    for kind in (
        Check,
        Claim,
        Claims,
        Deaths,
        Events,
        Factcheck,
        Jurisdiction,
        Offices,
        Origin,
        Provisional,
        Revisions,
        Supply,
        Trends,
    )
}
"""Notebook -> the class of its parameters."""


def parameters(notebook: str, /, **values: Any) -> Any:
    """The parameters of a notebook, checked; in a kernel, what the notebook reads from here on is noted.

    Parameters
    ----------
    notebook : str
        Its name, such as "deaths".
    **values : object
        The names of its parameters cell, each with its value.

    Returns
    -------
    Parameters
        Its fields are the names of the cell; `as_of` is None where the cell has "". `fs.show` lists them with every figure
        table that was read.

    Raises
    ------
    ParameterError
        If a name is missing or not known, or a value is not valid; the message lists what is. Parameters of an earlier
        run are forgotten first, so that no cell goes on with them.

    Examples
    --------
    >>> parameters("offices", as_of="2024-09-17").as_of
    '2024-09-17'
    >>> parameters("offices", as_off="2024-09-17", as_of="")
    Traceback (most recent call last):
        ...
    fentanyl_stats.errors.ParameterError: unknown parameter 'as_off'; did you mean 'as_of'? Valid: as_of
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    space: dict[str, Any] = shell.user_ns if shell else {}
    for name in [name for name, value in space.items() if isinstance(value, Parameters)]:
        del space[name]
    if notebook not in NOTEBOOKS:
        raise ParameterError(unknown("notebook", notebook, NOTEBOOKS))
    kind = NOTEBOOKS[notebook]
    valid = list(kind.model_fields)
    for name in _set_by_the_user(space.get("In", []), valid):
        if name not in valid:
            raise ParameterError(unknown("parameter", name, valid))
    taken = kind(**values)
    cache.begin(values)
    return taken


def _message(error: Mapping[str, Any], fields: Mapping[str, object]) -> str:
    """What pydantic found, in the words of this package."""
    name, kind = error["loc"][0] if error["loc"] else "", error["type"]
    if kind == "missing":
        return f"parameter {name!r} is not set; run the parameters cell first. Valid: {', '.join(fields)}"
    if kind == "extra_forbidden":
        return unknown("parameter", name, fields)
    if kind in _KINDS:
        return f"parameter {name!r} must be {_KINDS[kind]}, got {error['input']!r}"
    return str(error.get("ctx", {}).get("error", error["msg"]))


def _set_by_the_user(history: Sequence[str], valid: Sequence[str]) -> Iterable[str]:
    """The names assigned in the cells of plain assignments that ran just before this one.

    Later cells may define variables of their own; running the check again must not take those for parameters. Nor do
    the cells before one that sets every parameter count: that is the parameters cell, run again after a correction.
    """
    names: list[str] = []
    for source in reversed(history[:-1]):
        assigned = assignments(source)
        if assigned is None:
            break
        names = [*assigned, *names]
        if set(valid) <= set(assigned):
            break
    return dict.fromkeys(names)


def assignments(source: str) -> dict[str, ast.expr] | None:
    """What a cell assigns to which names, None if it does anything else.

    >>> list(assignments('jurisdiction: str = "US"  # where' + chr(10) + "window = 12"))
    ['jurisdiction', 'window']
    >>> assignments("print(window)")
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return None
    found: dict[str, ast.expr] = {}
    for statement in body:
        match statement:
            case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                found[name] = value
            case _:
                return None
    return found
