"""A claim next to the public data: its readings, the verdict on the natural one, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from ..data import catalog, names, store
from ..data.catalog import as_date
from ..errors import LedgerError
from ..model import Interval, Period, last_day, number
from ..show import Card, Shown
from . import forms, hedges, ledger, quantities
from .card import card
from .figures import figures_published
from .hedges import DELTA, Phrase, require_share
from .ledger import Appearance, Article, Claim, Ledger, Quantity, Test
from .readings import COLUMNS, Grid, Hole, Reading, grid
from .verdicts import DELTAS, Catalogued, Evidence, Verdict, judge_evidence, wrong_quantity


@dataclass(frozen=True, slots=True)
class Assessment(Shown):
    """What a claim is worth.

    `readings` hold every declared reading, `holes` the cells that were never published, `natural` the reading that an
    ordinary reader would take; `verdict` is that of the natural reading, None for a claim without a computable number.
    `delta_curve` is the verdict over delta; `tipping` the delta at which it would change; `by_cell` the reading of each
    declared cell that has a figure; `article` where the claim stands, None for a phrase of `check`.
    """

    claim: Claim
    readings: tuple[Reading, ...]
    holes: tuple[Hole, ...]
    natural: Reading | None
    verdict: Verdict | None
    flags: tuple[str, ...]
    wrong_quantity: tuple[Catalogued, ...]
    delta_curve: tuple[tuple[float, Verdict], ...]
    tipping: Mapping[str, float | None]
    phrase: Phrase | None
    delta: float
    as_of: date | None
    article_date: date
    by_cell: Mapping[str, Reading] = field(default_factory=dict)
    article: Article | None = None

    @property
    def ladder(self) -> tuple[Appearance, ...]:
        """The appearances of the claim, in order."""
        return self.claim.ladder

    @property
    def claim_interval(self) -> Interval | None:
        """C: what the words commit the speaker to."""
        return self.phrase.truth(self.delta) if self.phrase else None

    @property
    def widened_interval(self) -> Interval | None:
        """C+: the words read generously."""
        return self.phrase.widened(self.delta) if self.phrase else None

    @property
    def spoken(self) -> str:
        """The phrase with the unit it is compared in."""
        if self.phrase is None or self.natural is None:
            return self.claim.quote
        return f"{self.phrase}" if self.natural.unit == "percent" else f"{self.phrase} {self.natural.unit}"

    def to_dict(self) -> dict[str, Any]:
        """The claim's entry in results.json."""
        claim = self.claim
        return {
            "id": claim.id,
            "quote": claim.quote,
            "kind": claim.kind,
            "as_of": claim.as_of,
            "verdict": self.verdict.label if self.verdict else None,
            "direction": self.verdict.direction if self.verdict else None,
            "flags": list(self.flags),
            "wrong_quantity": [other.to_dict() for other in self.wrong_quantity],
            "claim_interval": self.claim_interval.to_dict() if self.claim_interval else None,
            "widened_interval": self.widened_interval.to_dict() if self.widened_interval else None,
            "natural": self.natural.to_dict() if self.natural else None,
            "readings": [reading.to_dict() for reading in self.readings],
            "holes": [hole.to_dict() for hole in self.holes],
            "delta": self.delta,
            "delta_curve": [
                {"delta": delta, "verdict": verdict.label, "direction": verdict.direction}
                for delta, verdict in self.delta_curve
            ],
            "tipping_delta": dict(self.tipping),
            "editorial": {
                "fidelity": claim.fidelity,
                "evidence": claim.evidence,
                "confidence": claim.confidence,
                "headline": claim.headline,
            },
            "sources": [source.to_dict() for source in claim.cited],
        }

    def frame(self) -> pd.DataFrame:
        """The readings, one row each, columns as in results.json.

        `value`, `low` and `high` are in `unit`; `known` is the day from which a figure could be known, and `hindsight` tells
        whether that was after the claim was made; `natural` marks the ordinary reading. `flags` are divided by semicolons as in
        the figure tables, `sources` are ids; `tipping_low` and `tipping_high` the ends of `Reading.tipping_ratio` (times).
        """
        rows = [reading.to_dict() for reading in self.readings]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        ratio = frame.pop("tipping_ratio").map(lambda ratio: ratio or {})
        for end in ("low", "high"):
            frame[f"tipping_{end}"] = ratio.map(lambda held, end=end: held.get(end)).astype(float)
        frame["flags"], frame["sources"] = frame["flags"].map(";".join), frame["sources"].map(", ".join)
        frame = frame.astype({"value": float, "low": float, "high": float, "natural": bool, "hindsight": bool})
        frame.attrs["empty"] = "This claim holds no number that public data could test, so there is no reading."
        return frame

    def holes_frame(self) -> pd.DataFrame:
        """The cells of the grid without a figure, one row each: quantity, period, vintage, measure, correction, reason."""
        columns = ["quantity", "period", "vintage", "measure", "correction", "reason"]
        frame = pd.DataFrame([hole.to_dict() for hole in self.holes], columns=columns)
        frame.attrs["empty"] = "Every reading that was asked for has a figure."
        return frame

    def delta_frame(self) -> pd.DataFrame:
        """The verdict over delta, one row each: delta (share of the number), verdict, direction."""
        rows = [(delta, verdict.label, verdict.direction) for delta, verdict in self.delta_curve]
        frame = pd.DataFrame(rows, columns=["delta", "verdict", "direction"])
        frame.attrs["empty"] = "This claim has no computed verdict, so nothing hangs on delta."
        return frame

    def _card_(self) -> Card:
        return card(self)

    def __str__(self) -> str:
        made = card(self)
        lines = [f"“{self.claim.quote}”", *([made.title] if self.verdict else [])]
        for name, said in made.rows:
            if name in ("said", "found", "why") and said:
                lines.append(f"  {name + ':':6} {said}")
            elif name in ("flag", "editorial rating"):
                lines.append(f"  {said}" if name == "flag" else f"  {name}: {said}")
        return "\n".join(lines)


def assess(
    claim: str | Claim,
    as_of: str | date | None = None,
    delta: float = DELTA,
    claims: str | Path | Ledger | None = None,
) -> Assessment:
    """Judge a claim of the built-in article, or of a claims file.

    Parameters
    ----------
    claim : str or Claim
        The id of a claim, or one that `claims()` gave.
    as_of : str or date, optional
        Use only what was known on that day. Without it everything held is shown, and the natural reading is taken
        at the article's own date.
    delta : float
        How far "nearly" and "about" reach, as a share of the number: at least 0 and less than 1.
    claims : path or Ledger, optional
        A claims file of your own.

    Raises
    ------
    LedgerError
        If the claim is not in the ledger (close ids are suggested) or the claims file is malformed.
    DataError
        If `as_of` is not a date.
    PhraseError
        If `delta` is not a share.

    Examples
    --------
    >>> found = assess("deaths-per-year")
    >>> print(found.verdict, "|", found.natural.label)
    CONTRADICTED (overstates) | deaths involving synthetic opioids other than methadone (T40.4)
    """
    book = claims if isinstance(claims, Ledger) else ledger.read(claims)
    judged = claim if isinstance(claim, Claim) else book.claim(claim)
    book.using(f"claim:{judged.id}")
    ledger.require_comparable(judged)
    day = as_date(as_of) if as_of is not None else None
    return _judged(judged, judged.test, book, last_day(book.article.date), day, require_share(delta), _stamp())


class _Stated(Claim):
    """A claim that no file holds: its phrase is the one that was heard."""

    spoken: Phrase

    @property
    def phrase(self) -> Phrase:
        """What was said, as it is compared."""
        return self.spoken


def check(
    phrase: str,
    quantity: str,
    period: str,
    jurisdiction: str = "US",
    as_of: str | date | None = None,
    delta: float = DELTA,
    *,
    per: str = "",
    standard: str = "",
    of: str = "",
    since: str = "",
    change_as: str = "",
    versus: str | float | Sequence[str | float] = (),
    versus_jurisdiction: str = "",
    among: str = "",
    by: str = "",
    extreme: str = "",
    ages: str = "",
    dose_mg: float | None = None,
    purity: tuple[float, float] | None = None,
) -> Assessment:
    """Judge a phrase that no file holds.

    Final counts are preferred, then reported, then predicted ones; the natural reading names which it is. Words and keys say
    how the number is made of counts; where they disagree, the error says so.

    Parameters
    ----------
    phrase : str
        Such as "more than 70,000", "fell 27%", "about 200 a day", "the leading cause"; one number with its hedge.
    quantity : str
        A slug such as "deaths/synthetic-opioids" or "seizures/fentanyl/southwest-border"; `quantities()` lists all.
    period : str
        `2023`, `2024-04` (the 12 months ending there), `FY2023`, or a span: `2019..2023`, `2022-07..2022-07` (one month).
    jurisdiction : str
        A code of the data, US by default.
    as_of, delta
        As in `assess`.
    per : str
        Of a pace: minute, hour, day, week, month or year. A change can have it too.
    standard : str
        Of a rate for each 100,000 people: crude or age-adjusted.
    of : str
        Of a share: the quantity that is the whole.
    since, change_as : str
        Of a change: the earlier period, and percent, difference or times. A record since a year leaves that year out.
    versus : str, float, or several
        Of a ratio: quantities and numbers that are added up, or "population".
    versus_jurisdiction : str
        Of a ratio: another place.
    among : str
        Of a rank: states, causes or drugs; 1 is the highest.
    by : str
        Of a rank, a ratio or a change: level (by default) or rate.
    extreme : str
        Of a record: high, low; fall or rise for the first of its kind, or a run.
    ages : str
        An age group that a table holds, such as 18-45.
    dose_mg, purity : float, (float, float)
        Of doses: the milligrams of one, and the least and the greatest part of the weight that is pure.

    Raises
    ------
    PhraseError, LedgerError, DataError, ModelError
        If phrase, quantity, jurisdiction, period, a key or delta is not understood.

    Examples
    --------
    >>> print(check("more than 70,000", "deaths/synthetic-opioids", period="2023").verdict)
    SUPPORTED
    >>> print(check("fell 27%", "deaths/all", period="2024", since="2023").natural.value.__round__(1))
    24.4
    """
    found = quantities.quantity(quantity)
    names.require_jurisdiction(jurisdiction)
    if jurisdiction not in quantities.places(quantity):
        raise LedgerError(f"{quantity} is not counted by jurisdiction; leave out {jurisdiction!r}")
    Period.parse(period, instant=found.instant)
    asked = forms.keys(
        per=per, standard=standard, of=of, since=since, change_as=change_as, versus=versus,
        versus_jurisdiction=versus_jurisdiction, among=among, by=by, extreme=extreme, ages=ages, dose_mg=dose_mg, purity=purity,
    )  # fmt: skip
    said = hedges.parse(phrase)
    keys = forms.completed(said, asked)
    form = forms.form_of(said, keys)
    forms.require_sensible(keys, found, jurisdiction, "" if asked.form else phrase)
    place = names.jurisdiction_name(jurisdiction).partition(" (")[0].partition(" without")[0]
    beside = forms.words_beside(keys, period, found.unit)
    hedges.require_comparable(replace(said, form=form if said.form else ""), found.slug, found.unit, place, form, beside)
    spoken = forms.heard(said, keys, found.unit)
    book = ledger.read()
    day = as_date(as_of) if as_of is not None else None
    today = day or date.max
    stated = _Stated.model_construct(
        id="check",
        quote=phrase,
        kind="share" if spoken.kind == "percent" else "count",
        quantity=Quantity(value=spoken.value, unit=forms.unit_of(spoken, keys, found.unit), hedge=spoken.hedge),
        as_of=today.isoformat(),
        sources=(),
        spoken=spoken,
    )

    def tests(*measures: str, natural: bool) -> list[Test]:
        block = Test(
            quantity=quantity,
            periods=(period,),
            measures=measures,
            jurisdiction=jurisdiction,
            natural=natural,
            **keys.given,
        )
        return [block.model_copy(update={"bounded_by": _wider(quantity) if natural else ""})] if measures else []

    def held(measure: str) -> bool:
        return bool(grid(tests(measure, natural=False), spoken, book.sources, today, day).readings)

    natural = next(filter(held, found.measures), found.measures[-1])
    others = (measure for measure in found.measures if measure != natural)
    declared = (*tests(natural, natural=True), *tests(*others, natural=False))
    return _judged(stated, declared, book, today, day, require_share(delta), _stamp())


def _stamp() -> store.Stamp:
    """The state of the data: a verdict is kept as long as no file that is held is touched."""
    return store.touched(catalog.entries())


@lru_cache(maxsize=256)
def _judged(
    claim: Claim,
    tests: tuple[Test, ...],
    book: Ledger,
    article_date: date,
    day: date | None,
    delta: float,
    stamp: store.Stamp,
) -> Assessment:
    phrase = claim.phrase
    answered = grid(tests, phrase, book.sources, article_date, day, delta) if phrase else Grid((), (), {})
    readings = answered.readings
    natural = next((reading for reading in readings if reading.natural), None)
    others = _wrong_quantity(natural, phrase, delta) if natural and phrase else ()
    return Assessment(
        claim=claim,
        readings=readings,
        holes=answered.holes,
        natural=natural,
        verdict=natural.verdict if natural else None,
        flags=tuple(map(_flag, others)),
        wrong_quantity=others,
        delta_curve=_curve(natural, phrase) if natural and phrase else (),
        tipping=phrase.tipping(natural.low, natural.high) if natural and phrase else {},
        phrase=phrase,
        delta=delta,
        as_of=day,
        article_date=article_date,
        by_cell=answered.by_cell,
        article=book.article if claim.id in book.claims else None,
    )


def _curve(natural: Reading, phrase: Phrase) -> tuple[tuple[float, Verdict], ...]:
    evidence = Evidence.within(natural.low, natural.high, natural.unit)
    return tuple((d, judge_evidence(phrase.truth(d), phrase.widened(d), evidence)) for d in DELTAS)


def _wrong_quantity(natural: Reading, phrase: Phrase, delta: float) -> tuple[Catalogued, ...]:
    tested = Catalogued(
        natural.quantity, natural.unit, natural.window, natural.jurisdiction, natural.measure, natural.vintage,
        natural.value if natural.value is not None else natural.high,
    )  # fmt: skip
    held = (
        entry
        for quantity in quantities.catalogue().values()
        if quantity.unit == natural.unit
        for entry in figures_published(quantity.slug, natural.window, natural.jurisdiction)
    )
    return tuple(dict.fromkeys(wrong_quantity(natural.verdict, phrase.truth(delta), tested, held)))


def _flag(other: Catalogued) -> str:
    label = quantities.quantity(other.quantity).label
    return (
        f"WRONG QUANTITY: {other.quantity} was {number(other.value)} {other.unit} "
        f"({label}, {other.measure}, {other.period}, vintage {other.vintage})"
    )


def _wider(quantity: str) -> str:
    family, _, drug = quantity.partition("/")
    if family != "deaths" or drug == "all":
        return ""
    opioids = ("synthetic-opioids", "heroin", "natural-opioids", "methadone", "prescription-opioids")
    return "deaths/opioids" if drug in opioids else "deaths/all"
