"""A claim next to the public data: its readings, the verdict on the natural one, and what would change it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..data import catalog, names, store
from ..data.catalog import as_date
from ..errors import LedgerError
from ..model import Interval, Period, last_day, number
from ..show import Card, Shown
from . import evidence, forms, ledger, quantities, sentences
from .card import card
from .figures import Cell, Part, figures_published, held_periods
from .hedges import DELTA, Phrase, require_share
from .ledger import Appearance, Article, Claim, Ledger, Quantity, Test
from .readings import COLUMNS, Grid, Hole, Reading, grid
from .verdicts import DELTAS, Catalogued, Evidence, Verdict, judge_evidence, wrong_quantity


@dataclass(frozen=True, slots=True)
class Sense:
    """One ordinary meaning of the words: its natural reading and verdict as known on the claim's day, and all its readings.

    `cell` says how the natural reading was asked for, `now` is the same by all that is held today, `settling` the range in which a provisional figure may settle
    (None where it does not move).
    """

    name: str
    natural: Reading
    readings: tuple[Reading, ...]
    now: Reading
    settling: Reading | None = None
    cell: Cell | None = None

    @property
    def verdict(self) -> Verdict:
        """That of the natural reading."""
        return self.natural.verdict

    @property
    def agreement(self) -> dict[str, int]:
        """How many readings come to each verdict, with its direction; readings are no votes."""
        return dict(Counter(str(reading.verdict) for reading in self.readings))

    def to_dict(self) -> dict[str, Any]:
        """For results.json."""
        return {
            "name": self.name,
            "verdict": self.verdict.label,
            "direction": self.verdict.direction,
            "verdict_now": self.now.verdict.label,
            "direction_now": self.now.verdict.direction,
            "natural": self.natural.to_dict(),
            "agreement": self.agreement,
            "settling": self.settling.to_dict() if self.settling else None,
            "readings": [reading.id for reading in self.readings],
        }


@dataclass(frozen=True, slots=True)
class Published:
    """A published figure that the printed number equals to its last digit, and the verdict by it."""

    figure: Catalogued
    verdict: Verdict

    def to_dict(self) -> dict[str, Any]:
        """For results.json."""
        return self.figure.to_dict() | {"verdict": self.verdict.label, "direction": self.verdict.direction}


@dataclass(frozen=True, slots=True)
class Assessment(Shown):
    """What a claim is worth.

    `readings` hold every declared reading, `holes` the cells that were never published. Each of `senses` is an ordinary
    meaning of the words with a natural reading and a verdict of its own; `natural` is that of the first. `verdict` is that
    of all senses where they agree, else DEPENDS, by what was known on the claim's own day; None for a claim without a
    computable number. `verdict_now` is the same by all that is held today. `wrong_quantity` are other quantities that the
    number fits, by figures known on that day, `hindsight` by later ones; `as_published` the figures that it equals.
    `delta_curve` is the verdict over delta, empty where the words do not depend on it; `tipping` the delta at which it would
    change; `by_cell` the reading of each declared cell that has a figure; `article` where the claim stands, None for a
    phrase of `check`.
    """

    claim: Claim
    readings: tuple[Reading, ...]
    holes: tuple[Hole, ...]
    senses: tuple[Sense, ...]
    flags: tuple[str, ...]
    wrong_quantity: tuple[Catalogued, ...]
    hindsight: tuple[Catalogued, ...]
    as_published: tuple[Published, ...]
    delta_curve: tuple[tuple[float, Verdict], ...]
    tipping: Mapping[str, float | None]
    phrase: Phrase | None
    delta: float
    as_of: date | None
    article_date: date
    by_cell: Mapping[str, Reading] = field(default_factory=dict)
    article: Article | None = None

    @property
    def natural(self) -> Reading | None:
        """What an ordinary reader would take the words to mean, in the first sense declared."""
        return self.senses[0].natural if self.senses else None

    @property
    def form(self) -> str:
        """How the number is made of counts: level, pace, rate, share, change, ratio, rank, record or doses; "" without one."""
        return (self.natural.form or "level") if self.natural else ""

    @property
    def verdict(self) -> Verdict | None:
        """The verdict by what was known on the claim's own day."""
        return _of_all([sense.verdict for sense in self.senses])

    @property
    def verdict_now(self) -> Verdict | None:
        """The verdict by all that is held today."""
        return _of_all([sense.now.verdict for sense in self.senses])

    @property
    def caveat(self) -> str:
        """What has to be said beside the verdict, in at most 25 words; "" for nothing."""
        return self.claim.caveat

    @property
    def answer(self) -> str:
        """What was said, what is so, why they differ and how sure that is, in at most 60 words."""
        return sentences.answer(self)

    @property
    def agreement(self) -> dict[str, int]:
        """How many readings of the first sense come to each verdict, with its direction; readings are no votes."""
        return self.senses[0].agreement if self.senses else {}

    @property
    def deciding(self) -> pd.DataFrame:
        """How much of the spread of the readings each choice explains: choice, share (adds up to 1); see `spread`."""
        return spread(self.readings)

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
        unit = self.natural.unit
        counted = unit.partition(" ")[0].removesuffix("s").removesuffix("ie")
        named = self.natural.form not in ("", "doses") or self.phrase.unit or counted in f"{self.phrase}".lower()
        return f"{self.phrase}" if unit == "percent" or named else f"{self.phrase} {unit}"

    def to_dict(self) -> dict[str, Any]:
        """The claim's entry in results.json."""
        claim = self.claim
        return {
            "id": claim.id,
            "quote": claim.quote,
            "kind": claim.kind,
            "form": self.form or None,
            "as_of": claim.as_of,
            "verdict": self.verdict.label if self.verdict else None,
            "direction": self.verdict.direction if self.verdict else None,
            "flags": list(self.flags),
            "verdict_now": self.verdict_now.label if self.verdict_now else None,
            "direction_now": self.verdict_now.direction if self.verdict_now else None,
            "caveat": self.caveat,
            "answer": self.answer,
            "senses": [sense.to_dict() for sense in self.senses],
            "wrong_quantity": [other.to_dict() for other in self.wrong_quantity],
            "wrong_quantity_in_hindsight": [other.to_dict() for other in self.hindsight],
            "as_published": [found.to_dict() for found in self.as_published],
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

    def parts(self) -> pd.DataFrame:
        """The figures that the number is made of or compared with, one row each, for `charts.parts`.

        Columns label, value, low, high (in the unit of the quantity, `attrs["unit"]`), judged (the figure that the claim is
        about). Of a change the two ends, of a share the part and the whole, of a ratio both sides, of a rank all that are
        ranked, of a record the series. Empty for a plain count. `attrs["form"]` is the form, `attrs["sources"]` the sources.
        """
        n = self.natural
        frame = pd.DataFrame([] if n is None else list(n.parts), columns=list(Part._fields))
        frame = frame.astype({"value": float, "low": float, "high": float, "judged": bool})
        frame.attrs["empty"] = "The number stands by itself; it is not made of others."
        if n is not None:
            rated = "per 100,000" if n.form == "rank" and "per 100,000" in n.reason else ""
            unit = rated or quantities.quantity(n.quantity).unit
            frame.attrs |= {"form": self.form, "unit": unit, "title": sentences.finding(self), "sources": n.sources}
        return frame

    def windows(self) -> pd.DataFrame:
        """The change over every window as long as the printed one: start, end, percent, printed; see `evidence.windows`."""
        sense = self.senses[0] if self.senses else None
        day = min(self.article_date, self.as_of) if self.as_of else self.article_date
        made = evidence.windows(sense.cell, day) if sense and sense.cell else pd.DataFrame({"percent": []})
        made.attrs["empty"] = "The claim is no change of a count of deaths, so no other window is compared."
        return made

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
        """The verdict over delta, one row each: delta (share of the number), verdict, direction; empty where all are alike."""
        rows = [(delta, verdict.label, verdict.direction) for delta, verdict in self.delta_curve]
        alike = len({row[1:] for row in rows}) <= 1
        frame = pd.DataFrame([] if alike else rows, columns=["delta", "verdict", "direction"])
        frame.attrs["empty"] = (
            f"The verdict is {self.verdict} at every width from {min(DELTAS):.0%} to {max(DELTAS):.0%}."
            if rows
            else "The words mean the same at every width, so nothing hangs on delta."
        )
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
    said = last_day(judged.said or book.article.date)
    return _judged(judged, judged.test, book, said, day, require_share(delta), _stamp())


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
    spoken, keys = forms.understood(phrase, asked, found, jurisdiction, period)
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
    answered = grid(tests, phrase, book.sources, article_date, day, delta) if phrase else Grid((), (), {}, {}, {}, {})
    naturals = {reading.sense: reading for reading in reversed(answered.readings) if reading.natural}
    senses = tuple(
        Sense(
            name,
            naturals[name],
            tuple(reading for reading in answered.readings if reading.sense == name),
            now,
            answered.settling.get(name),
            answered.cells[name],
        )
        for name, now in answered.now.items()
    )
    for sense in senses:
        _require_held(claim, sense)
    by_day = min(article_date, day) if day else article_date
    known, later, equal = _figures(senses[0].natural, phrase, delta, by_day) if senses and phrase else ((), (), ())
    return Assessment(
        claim=claim,
        readings=answered.readings,
        holes=answered.holes,
        senses=senses,
        flags=(*map(_as_published, equal), *map(_wrong, known)),
        wrong_quantity=known,
        hindsight=later,
        as_published=equal,
        delta_curve=_curve(senses, phrase) if phrase else (),
        tipping=phrase.tipping(senses[0].natural.low, senses[0].natural.high) if senses and phrase else {},
        phrase=phrase,
        delta=delta,
        as_of=day,
        article_date=article_date,
        by_cell=answered.by_cell,
        article=book.article if claim.id in book.claims else None,
    )


def _require_held(claim: Claim, sense: Sense) -> None:
    """Refuse a period of which nothing is held by any day; what the publisher withholds is an answer."""
    now = sense.now
    if "not published" in now.flags and "withheld" not in now.flags:
        held = held_periods(now.quantity, now.jurisdiction)
        where = f"claim {claim.id!r}: " if claim.sources else ""
        raise LedgerError(f"{where}{now.quantity} in {now.period}, {now.place}: {now.reason}{held and f'; {held}'}")


def _of_all(verdicts: Sequence[Verdict]) -> Verdict | None:
    if len({str(verdict) for verdict in verdicts}) > 1:
        return Verdict("DEPENDS")
    return verdicts[0] if verdicts else None


def _curve(senses: tuple[Sense, ...], phrase: Phrase) -> tuple[tuple[float, Verdict], ...]:
    """The verdict over delta; nothing for words that mean the same at every delta."""
    if len({(phrase.truth(d), phrase.widened(d)) for d in DELTAS}) == 1:
        return ()
    made = [(d, _of_all([sense.natural.by(phrase, d) for sense in senses])) for d in DELTAS]
    return tuple((d, verdict) for d, verdict in made if verdict is not None)


Named = tuple[Catalogued, ...]


def _figures(natural: Reading, phrase: Phrase, delta: float, day: date) -> tuple[Named, Named, tuple[Published, ...]]:
    """Other quantities that the number fits, known by that day and later ones, and the figures that it equals."""
    if {"not published", "not measured"} & set(natural.flags) or natural.form:
        return (), (), ()
    tested = Catalogued(
        natural.quantity, natural.unit, natural.window, natural.jurisdiction, natural.measure, natural.vintage,
        natural.value if natural.value is not None else natural.high, natural.known,
    )  # fmt: skip
    wanted = natural.verdict.label not in ("SUPPORTED", "CLOSE")
    held = [
        entry
        for quantity in quantities.catalogue().values()
        if quantity.unit == natural.unit and (wanted or quantity.slug == natural.quantity)
        for entry in figures_published(quantity.slug, natural.window, natural.jurisdiction)
    ]
    c, wide = phrase.truth(delta), phrase.widened(delta)
    known = wrong_quantity(natural.verdict, c, tested, (e for e in held if e.known <= day), wide, phrase.value)
    later = wrong_quantity(natural.verdict, c, tested, (e for e in held if e.known > day), wide, phrase.value)
    named = {entry.quantity for entry in known}
    own = (e for e in held if e.quantity == tested.quantity and e.place == tested.place and e.known <= day)
    equal: dict[str, Catalogued] = {}
    for entry in own:  # in order of publication: the first print of each measure is named
        if entry.value == phrase.value:
            equal.setdefault(entry.measure, entry)
    exact = phrase.hedge in ("bare", "exactly", "about")
    return (
        known,
        tuple(entry for entry in later if entry.quantity not in named),
        tuple(Published(e, judge_evidence(c, wide, Evidence(e.value, e.value))) for e in equal.values() if exact),
    )


def _wrong(other: Catalogued) -> str:
    label = quantities.quantity(other.quantity).label
    return (
        f"WRONG QUANTITY: {other.quantity} was {number(other.value)} {other.unit} "
        f"({label}, {other.measure}, {other.period}, vintage {other.vintage})"
    )


def _as_published(found: Published) -> str:
    return f"AS PUBLISHED: {sentences.equals(found).rstrip('.')}"


CHOICES = ("quantity", "period", "measure", "vintage", "correction")
"""What a reading is a choice of."""


def spread(readings: Iterable[Reading]) -> pd.DataFrame:
    """How much of the spread of the readings each choice explains.

    The values are explained by the choices as categories, added up (ordinary least squares); the share of a choice is its
    Shapley value of R² (Shapley 1953), the mean of what it adds to every order of the others, divided by the sum. Bounds
    enter as both ends; cells that were never measured or published, and infinite ends, are left out.

    Returns
    -------
    DataFrame
        Columns choice, share (adds up to 1), the largest first; empty where the readings do not differ.

    Examples
    --------
    >>> from fentanyl_stats import assess
    >>> assess("deaths-per-year").deciding["choice"].tolist()[0]
    'period'
    """
    kept = [r for r in readings if not {"not measured", "not published"} & set(r.flags)]
    rows = [
        (*(getattr(r, choice) for choice in CHOICES), end)
        for r in kept
        for end in ((r.low, r.high) if r.value is None else (r.value, r.value))
        if math.isfinite(end)
    ]
    frame = pd.DataFrame(rows, columns=[*CHOICES, "end"])
    made = pd.DataFrame({"choice": list(CHOICES), "share": 0.0})
    value = frame["end"].to_numpy(dtype=float)
    if len(frame) < 2 or np.ptp(value) == 0:
        made = made.head(0)
    else:
        design = {c: pd.get_dummies(frame[c], drop_first=True).to_numpy(dtype=float) for c in CHOICES}
        centred = value - value.mean()

        def fits(chosen: tuple[str, ...]) -> float:
            columns = np.hstack([np.ones((len(value), 1)), *(design[c] for c in chosen)])
            residual = centred - columns @ np.linalg.lstsq(columns, centred, rcond=None)[0]
            return 1 - float(residual @ residual) / float(centred @ centred)

        r2 = {chosen: fits(chosen) for n in range(len(CHOICES) + 1) for chosen in combinations(CHOICES, n)}
        n = len(CHOICES)
        for row, choice in enumerate(CHOICES):
            for chosen, found in r2.items():
                if choice not in chosen:
                    joined = tuple(c for c in CHOICES if c in chosen or c == choice)
                    weight = math.factorial(len(chosen)) * math.factorial(n - len(chosen) - 1) / math.factorial(n)
                    made.loc[row, "share"] += weight * (r2[joined] - found)
        if made["share"].sum() > 0:
            made["share"] /= made["share"].sum()
    made = made.sort_values("share", ascending=False, kind="stable", ignore_index=True)
    made.attrs |= {"empty": "The readings do not differ, so no choice decides.", "source": "the readings of this claim"}
    return made


def _wider(quantity: str) -> str:
    family, _, drug = quantity.partition("/")
    if family != "deaths" or drug == "all":
        return ""
    opioids = ("synthetic-opioids", "heroin", "natural-opioids", "methadone", "prescription-opioids")
    return "deaths/opioids" if drug in opioids else "deaths/all"
