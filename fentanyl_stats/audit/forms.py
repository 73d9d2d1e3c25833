"""How a printed number is made of counts: the form that words and keys give it, and the phrase as it is compared.

A level is the count itself. A pace is a count over the length of its period, a rate one for each 100,000 people, a share a part
of a whole; a change sets a later figure against an earlier one, a ratio one thing against another, a rank among others, a record
against all that came before; doses are a weight divided by what may kill. `evidence` makes the figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..data import names
from ..data.names import VOCABULARY
from ..errors import FentanylStatsError, LedgerError, PhraseError, unknown
from ..model import Period
from . import quantities
from .hedges import Phrase, kind_of, mark_of, parse, require_comparable, says
from .quantities import Quantity

FORMS = ("level", "pace", "rate", "share", "change", "ratio", "rank", "record", "doses")
AGES = r"(\d{1,3})(?:-(\d{1,3})|\+)"
"""An age group: 18-45, both ends included, or 65+."""

_GOES_WITH = {
    "level": "ages",
    "pace": "per ages",
    "rate": "standard ages",
    "share": "of ages",
    "change": "since change_as per standard by ages",
    "ratio": "versus versus_jurisdiction standard by ages",
    "rank": "among standard by ages",
    "record": "extreme since ages",
    "doses": "dose_mg purity versus",
}
"""Form -> the keys that may stand with it."""

_NEEDS = {
    "share": 'of what, as in of="deaths/all"',
    "change": 'since when, as in since="2022"',
    "ratio": 'versus what, as in versus="causes/suicide" or versus_jurisdiction="CA"',
    "rank": 'among what, as in among="states"',
    "record": 'of which kind, as in extreme="high"',
}
_CAUSES = ("cause", "killer")


class Keys(BaseModel):
    """The keys that say how a number is made of counts, as `check`, a claims file and the command line take them.

    `standard` "best" is the age-adjusted rate where one was published, else the crude one.

    >>> Keys(since="2022").form, Keys(per="day").form, Keys().form
    ('change', 'pace', '')
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    per: Literal["", "minute", "hour", "day", "week", "month", "year"] = ""
    standard: Literal["", "crude", "age-adjusted", "best"] = ""
    of: str = ""
    since: str = ""
    change_as: Literal["", "percent", "difference", "times"] = ""
    versus: tuple[str | float, ...] = ()
    versus_jurisdiction: str = ""
    among: Literal["", "states", "causes", "drugs"] = ""
    by: Literal["", "level", "rate"] = ""
    extreme: Literal["", "high", "low", "fall", "rise"] = ""
    ages: str = ""
    dose_mg: float | None = Field(None, gt=0)
    purity: tuple[float, float] | None = None

    @model_validator(mode="before")
    @classmethod
    def _aliases(cls, given: Any) -> Any:
        """`as` is another name of change_as; one quantity or number may stand for a list of one."""
        if not isinstance(given, Mapping):
            return given
        made = dict(given)
        if "as" in made:
            if "change_as" in made:
                raise ValueError("as and change_as are one key; leave one out")
            made["change_as"] = made.pop("as")
        if isinstance(made.get("versus"), str | int | float):
            made["versus"] = [made["versus"]]
        return made

    @model_validator(mode="after")
    def _together(self) -> Keys:
        for key in self.given:
            if key not in _GOES_WITH[self.form or "level"].split():
                form = f"a {self.form}" if self.form else "a level"
                alone = "" if self.form else f"; {key} belongs to {_belongs(key)}"
                raise ValueError(f"{key} does not go with {form}{alone}; leave it out")
        if self.ages and not re.fullmatch(AGES, self.ages):
            raise ValueError(f"ages {self.ages[:20]!r} are no age group; write 18-45 or 65+")
        if self.purity and not 0 < self.purity[0] <= self.purity[1] <= 1:
            raise ValueError(
                f"purity {self.purity} is no range of shares; write the lower and the upper, as in 0.05, 0.15"
            )
        if self.versus and self.versus_jurisdiction:
            raise ValueError("versus and versus_jurisdiction are two comparisons; leave one out")
        for number in self.versus:
            if not isinstance(number, str) and number <= 0:
                raise ValueError(f"versus {number:g} is no number to compare with; write one above 0")
        return self

    @property
    def form(self) -> str:
        """The form that the keys force, "" for none."""
        told = {
            "doses": self.dose_mg is not None or self.purity,
            "rank": self.among,
            "record": self.extreme,
            "share": self.of,
            "ratio": self.versus or self.versus_jurisdiction,
            "change": self.since,
            "pace": self.per,
            "rate": self.standard,
        }
        return next((form for form, given in told.items() if given), "")

    @property
    def given(self) -> dict[str, Any]:
        """The keys that say something, by name."""
        return {key: value for key in Keys.model_fields if (value := getattr(self, key))}


def _belongs(key: str) -> str:
    return " or ".join(form for form, keys in _GOES_WITH.items() if key in keys.split())


def keys(**given: Any) -> Keys:
    """The keys of a phrase; what cannot be is refused in one line.

    Raises
    ------
    LedgerError
        Naming the key, and what would be right.

    Examples
    --------
    >>> keys(among="planets")
    Traceback (most recent call last):
        ...
    fentanyl_stats.errors.LedgerError: among: Input should be '', 'states', 'causes' or 'drugs', got 'planets'
    """
    try:
        return Keys.model_validate({key: value for key, value in given.items() if value not in ("", None, ())})
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "value_error":
            raise LedgerError(str(first["ctx"]["error"])) from None
        raise LedgerError(f"{first['loc'][0]}: {first['msg']}, got {str(first['input'])[:40]!r}") from None


def form_of(phrase: Phrase, keys: Keys) -> str:
    """The form of a number: that of the words where they force one, else that of the keys, else a level.

    Raises
    ------
    PhraseError
        If words and keys disagree, or the words need a key that is not there.

    Examples
    --------
    >>> from fentanyl_stats.audit.hedges import parse
    >>> form_of(parse("fell 27%"), Keys(since="2022")), form_of(parse("70%"), Keys(of="deaths/all")), form_of(parse("93"), Keys())
    ('change', 'share', 'level')
    >>> form_of(parse("200 a day"), Keys(of="deaths/all"))
    Traceback (most recent call last):
        ...
    fentanyl_stats.errors.PhraseError: '200 a day' is a pace ('a day'), the key of makes a share; leave one of the two out
    """
    said, keyed, text = phrase.form, keys.form, repr(phrase.text[:80])
    mark = repr(mark_of(phrase)[:40])
    key = next((k for k in keys.given if k in _GOES_WITH.get(keyed, "").split()), "")
    agree = said in ("", keyed) or (said, keyed) in _ALSO or _runs(phrase, keys)
    if keyed and not agree:
        raise PhraseError(f"{text} is a {said} ({mark}), the key {key} makes a {keyed}; leave one of the two out")
    form = keyed or said or "level"
    if not keyed and form in _NEEDS:
        raise PhraseError(f"{text} is a {form} ({mark}); say {_NEEDS[form]}")
    if form == "level" and phrase.direction:
        raise PhraseError(f"{text} compares ({mark}); say {_NEEDS['change']}, or {_NEEDS['ratio']}")
    if form == "change" and not (phrase.direction or phrase.unit == "times"):
        raise PhraseError(f"{text} does not say whether it rose or fell; write it with the verb, as in 'fell 27%'")
    return form


_ALSO = {
    ("ratio", "change"),  # twice as many as in 2019
    ("pace", "change"),  # fell by 50 a day
    ("rate", "change"),
    ("ratio", "doses"),  # enough to kill everybody seven times
    ("change", "ratio"),  # doubled, compared with another thing
}
"""What words say and what keys make of it, where they agree though they bear two names."""


def _runs(phrase: Phrase, keys: Keys) -> bool:
    """Whether "fell" is set against all that came before: the first fall, or the run of falls."""
    return phrase.form == "change" and keys.extreme == phrase.direction != ""


def completed(phrase: Phrase, keys: Keys) -> Keys:
    """The keys with what the words of the phrase say besides: the time base of a pace, the kind of a record, the list of a rank.

    Raises
    ------
    PhraseError
        If a word and a key disagree.

    Examples
    --------
    >>> from fentanyl_stats.audit.hedges import parse
    >>> completed(parse("200 a day"), Keys()).per, completed(parse("an all-time high"), Keys()).extreme
    ('day', 'high')
    >>> completed(parse("the leading cause"), Keys()).among
    'causes'
    """
    said: dict[str, Any] = {}
    alike = keys.form in ("", phrase.form)
    if phrase.per and (keys.per or (phrase.form == "pace" and (alike or keys.form == "change"))):
        said["per"] = phrase.per
    if alike and phrase.form == "record":
        since = phrase.since if re.fullmatch(r"\d{4}(?:-\d{2})?", phrase.since) else ""
        said |= {"extreme": phrase.extreme, "since": keys.since or since}
    if alike and phrase.form == "rank" and says(phrase.text, _CAUSES):
        said["among"] = keys.among or "causes"
    if alike and phrase.form == "doses" and keys.dose_mg is None:
        said["dose_mg"] = 2.0
    if not keys.form and phrase.form == "rate":
        said["standard"] = "best"
    if keys.form == "change" and phrase.change_as:
        said["change_as"] = phrase.change_as
    for key, value in said.items():
        if value and (told := getattr(keys, key)) and told != value:
            raise PhraseError(f"{phrase.text[:80]!r} says {value}, the key {key} says {told}; leave the key out")
    return Keys(**(keys.given | {key: value for key, value in said.items() if value}))


def change_as(phrase: Phrase | None, keys: Keys) -> str:
    """What a change is counted in: `percent`, `times`, or `difference`, in the unit of the quantity."""
    if keys.change_as or phrase is None:
        return keys.change_as or "percent"
    told = {"percent": "percent", "times": "times"}.get(phrase.unit, "difference")
    return phrase.change_as or told


def unit_of(phrase: Phrase | None, keys: Keys, unit: str) -> str:
    """What the evidence is counted in, for a quantity counted in `unit`.

    >>> unit_of(None, Keys(per="day"), "deaths"), unit_of(None, Keys(of="deaths/all"), "deaths"), unit_of(None, Keys(), "deaths")
    ('deaths a day', 'percent', 'deaths')
    """
    match keys.form:
        case "pace":
            return f"{unit} {'an' if keys.per == 'hour' else 'a'} {keys.per}"
        case "rate":
            return "per 100,000"
        case "share":
            return "percent"
        case "change":
            counted = change_as(phrase, keys)
            rated = "per 100,000" if keys.by == "rate" or keys.standard else unit
            paced = f" {'an' if keys.per == 'hour' else 'a'} {keys.per}" if keys.per else ""
            way = "fewer" if phrase is not None and phrase.direction == "fall" else "more"
            return f"{way} {rated}{paced}" if counted == "difference" else counted
        case "ratio":
            return "times"
        case "rank":
            return "rank"
        case "record":
            return "run" if keys.extreme in ("fall", "rise") else "record"
        case "doses":
            return "times" if keys.versus else "doses"
        case _:
            return unit


def heard(phrase: Phrase, keys: Keys, unit: str) -> Phrase:
    """The phrase as it is compared with the evidence: in its unit, and of the kind that the form has.

    A weight is turned into pounds, "41 percent higher" into 1.41 times, "fell" into a fall by more than nothing.

    >>> from fentanyl_stats.audit.hedges import parse
    >>> round(heard(parse("2 kilograms"), Keys(), "pounds").value, 3)
    4.409
    >>> heard(parse("41 percent higher"), Keys(versus_jurisdiction="CA"), "deaths").value
    1.41
    """
    match keys.form:
        case "pace" | "rate" | "doses":
            return replace(phrase, kind="measure")
        case "ratio":
            if phrase.form == "change" and phrase.value == 0:  # more, fewer: than the other side
                hedge = "fewer than" if phrase.direction == "fall" else "more than"
                phrase = replace(
                    phrase, value=1.0, hedge=hedge, granularity=1e-3, form="ratio", unit="times", kind="measure"
                )
            return replace(phrase.as_ratio(), kind="measure")
        case "share":
            return replace(phrase, kind="percent")
        case "rank" | "record":
            if phrase.form == "change" and phrase.value == 0:  # it fell, for the first time since
                phrase = replace(phrase, value=1.0, hedge="bare", granularity=1.0)
            if keys.extreme and not phrase.form:  # the first above so many: that it is, is what is compared
                phrase = replace(phrase, value=1.0, hedge="bare", granularity=1.0, unit="first", upper=None, step=None)
            return replace(phrase, kind="count")
        case "change":
            return _change(phrase, keys)
        case _:
            if unit == "pounds" and (weight := _weight(phrase)):
                phrase = quantities.in_pounds(phrase, weight)
            return replace(phrase, kind=kind_of(unit) or phrase.kind)


def _change(phrase: Phrase, keys: Keys) -> Phrase:
    made = phrase
    if phrase.form == "ratio" and phrase.value == 1 and phrase.hedge in ("more than", "fewer than"):
        way = "rise" if phrase.hedge == "more than" else "fall"
        made = replace(phrase, value=0.0, hedge="more than", granularity=1e-9, form="change", direction=way, unit="")
    counted = change_as(made, keys)
    if (made.unit == "percent") != (counted == "percent") and made.value:
        raise PhraseError(
            f"{phrase.text[:80]!r} is not counted as {counted}; leave the key change_as out, or write the {counted}"
        )
    if made.direction and made.hedge in ("at most", "fewer than") and made.upper is None:
        made = replace(made, value=0.0, upper=made.value, hedge="at least")  # a fall of up to 30% is no rise
    return replace(made, kind="percent" if counted == "percent" else "measure")


def _weight(phrase: Phrase) -> str:
    """The word for a weight that stands in a phrase, "" for none or pounds."""
    listed: dict[str, list[str]] = VOCABULARY["weights"]["words"]
    words = sorted((word for group in listed.values() for word in group), key=len, reverse=True)
    found = next(
        (word for word in words if re.search(rf"\d\s*{re.escape(word)}\b|\b{re.escape(word)}\b", phrase.text, re.I)), ""
    )
    return "" if found and quantities.weight_of(found) == "pounds" else found


def understood(phrase: str, asked: Keys, found: Quantity, jurisdiction: str, period: str) -> tuple[Phrase, Keys]:
    """A phrase as it is compared with a quantity, and the keys with what its words say besides.

    Raises
    ------
    PhraseError, LedgerError
        If words, keys and quantity do not go together, or a word is not understood.

    Examples
    --------
    >>> spoken, keys = understood("about 200 a day", Keys(), quantities.quantity("deaths/all"), "US", "2023")
    >>> spoken.value, keys.form
    (200.0, 'pace')
    """
    said = parse(phrase)
    keys = completed(said, asked)
    form = form_of(said, keys)
    require_sensible(keys, found, jurisdiction, "" if asked.form else phrase)
    place = names.jurisdiction_name(jurisdiction).partition(" (")[0].partition(" without")[0]
    named = (found.slug, keys.of, *(other for other in keys.versus if isinstance(other, str)))
    beside = [*words_beside(keys, period, found.unit), *(word for slug in named for word in called(slug))]
    require_comparable(replace(said, form=form if said.form else ""), found.slug, found.unit, place, form, beside)
    return heard(said, keys, found.unit), keys


def called(slug: str) -> list[str]:
    """What a quantity is called, part by part of its name.

    >>> called("seizures/fentanyl/southwest-border")[-4:]
    ['border with mexico', 'u.s.-mexico border', 'southwest', 'border']
    """
    family, *parts = slug.split("/")
    listed: dict[str, dict[str, list[str]]] = VOCABULARY["phrases"]
    words = list(listed["families"].get(family, []))
    for part in parts if family != "deaths" else ():
        words += [*listed["parts"].get(part, []), *part.split("-")]
    return words


def words_beside(keys: Keys, period: str, unit: str) -> list[str]:
    """The words that may stand beside the number of a phrase, as its keys, its period and its unit name what they mean.

    >>> words_beside(Keys(versus_jurisdiction="CA"), "2021", "deaths")
    ['2021', 'California', "California's"]
    """
    beside = re.findall(r"(?:FY)?\d{4}|\d+", " ".join((period, keys.since, keys.ages)))
    if keys.versus_jurisdiction:
        place = names.jurisdiction_name(keys.versus_jurisdiction)
        beside += [
            place,
            f"{place}'s",
            *(["national", "nation's", "average"] if keys.versus_jurisdiction == "US" else []),
        ]
    if keys.by == "rate" or keys.standard:
        beside += ["rate", "rates", "per capita"]
    if keys.extreme:
        beside += ["first", "time", "for the", "ever", "year", "with"]
    if unit == "pounds":
        beside += [word for group in VOCABULARY["weights"]["words"].values() for word in group]
    listed: dict[str, list[str]] = VOCABULARY["phrases"]["quantities"]
    for slug in (keys.of, *(str(other) for other in keys.versus)):
        beside += [*listed.get(slug, []), *slug.partition("/")[2].split("-")]
    return [word for word in beside if word]


def require_sensible(keys: Keys, found: Quantity, jurisdiction: str, words: str = "") -> None:
    """Refuse keys that a quantity does not have.

    Parameters
    ----------
    words : str
        The phrase, where it is its words that make the form.

    Raises
    ------
    LedgerError
        The message starts with the key.
    PhraseError
        If it is the words that the quantity does not have.

    Examples
    --------
    >>> require_sensible(Keys(of="offices/foreign"), quantities.quantity("deaths/all"), "US")
    Traceback (most recent call last):
        ...
    fentanyl_stats.errors.LedgerError: of: offices/foreign is counted in offices, deaths/all in deaths; a share needs one unit
    """
    deaths = found.unit == "deaths"
    for key, slugs in (
        ("of", [keys.of] if keys.of else []),
        ("versus", [v for v in keys.versus if isinstance(v, str)]),
    ):
        for slug in slugs:
            if slug == "population" and key == "versus":
                continue
            try:
                other = quantities.quantity(slug)
            except LedgerError as error:
                raise LedgerError(f"{key}: {error}") from None
            if other.unit != found.unit:
                form = "share" if key == "of" else "ratio"
                raise LedgerError(
                    f"{key}: {slug} is counted in {other.unit}, {found.slug} in {found.unit}; a {form} needs one unit"
                )
    if keys.form == "doses" and set(keys.versus) - {"population"}:
        raise LedgerError('versus: doses are set against the people of a country; write versus="population"')
    if keys.versus_jurisdiction and keys.versus_jurisdiction not in tuple(quantities.places(found.slug)):
        raise LedgerError(
            f"versus_jurisdiction: {unknown('place', keys.versus_jurisdiction, quantities.places(found.slug))}"
        )
    if keys.since and not (keys.form == "record" and re.fullmatch(r"\d{4}(-\d{2})?", keys.since)):
        try:
            Period.parse(keys.since)
        except FentanylStatsError as error:
            raise LedgerError(f"since: {error}") from None
    for key, given, right in (
        ("standard", keys.standard, deaths),
        ("by", keys.by == "rate", deaths),
        ("dose_mg", keys.dose_mg is not None, found.unit == "pounds"),
        ("among", keys.among == "causes", deaths and jurisdiction == "US"),
        ("among", keys.among == "drugs", found.family == "deaths"),
        ("among", keys.among == "states", "WV" in tuple(quantities.places(found.slug)) and jurisdiction != "US"),
        ("ages", keys.ages, deaths),
    ):
        if given and not right:
            value = keys.among if key == "among" else key
            if words:
                raise PhraseError(
                    f"{words[:80]!r} is a number of {keys.form}, which {found.slug} has not; {_RIGHT[key]}"
                )
            raise LedgerError(
                f"{key}: {found.slug} in {names.jurisdiction_name(jurisdiction)} has no {value}; {_RIGHT[key]}"
            )


_RIGHT = {
    "standard": "rates are of deaths",
    "by": "rates are of deaths",
    "dose_mg": "doses are of a weight seized, such as seizures/fentanyl",
    "among": "states are ranked by deaths or reports of one of them, drugs by deaths, causes in the United States",
    "ages": "counts by age are of deaths",
}
