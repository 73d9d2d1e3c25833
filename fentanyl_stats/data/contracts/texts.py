"""Contracts of the tables typed from texts: office counts, published figures, events."""

from __future__ import annotations

import pandas as pd

from ...model import ModelError, last_day
from ..relations import Relation, blank_iff, flagged, known_flags, met
from .base import DATE, DAY, MONTH, SOURCE, Contract

_HEDGES = ("bare", "about", "nearly", "over", "under", "at-least", "at-most", "estimated", "reportedly")
_PRECISIONS = ("day", "week", "month", "year", "fiscal_year", "on_or_before", "on_or_after")
_LEVELS = (
    *("primary", "primary-copy", "secondary", "secondary-copy", "tertiary"),
    *("abstract", "opinion", "weak-copy"),
)
_STATED = {
    "offices": "offices_not_stated",
    "countries": "countries_not_stated",
    "staff": "staff_not_stated",
    "budget_usd": "budget_not_stated",
}
_FLAGS = (
    *("qualitative", "range", "misprint", "unresolved"),
    *("no_period", "open_period", "no_url", "no_date", "no_quote"),
)
_DATE_SHAPES = {"day": DAY, "week": DAY, "month": MONTH, "year": r"\d{4}", "fiscal_year": r"\d{4}"}


def _date_shape(date: str) -> Relation:
    def holds(frame: pd.DataFrame) -> pd.Series:
        result = pd.Series(True, index=frame.index)
        for precision, shape in _DATE_SHAPES.items():
            fits = frame[date].str.fullmatch(shape).fillna(False).astype(bool)
            result &= fits | (frame["precision"] != precision)
        return result

    return Relation(date, f"{date} must be as long as its precision says", holds)


def _on_calendar(date: str) -> Relation:
    def exists(text: str) -> bool:
        try:
            last_day(text)
        except ModelError:
            return False
        return True

    def holds(frame: pd.DataFrame) -> pd.Series:
        real = {text: exists(text) for text in frame[date].dropna().unique()}
        return met(frame[date].map(real))

    return Relation(date, f"{date} must be a day, month or year of the calendar", holds)


def _blanks_match(first: str, second: str) -> Relation:
    def holds(frame: pd.DataFrame) -> pd.Series:
        return frame[first].isna() == frame[second].isna()

    return Relation(first, f"{first} and {second} must be blank together", holds)


def _blank_ends(frame: pd.DataFrame) -> pd.Series:
    return frame["period_start"].isna().astype(int) + frame["period_end"].isna().astype(int)


CONTRACTS: dict[str, Contract] = {
    "dea-offices": Contract(
        key=("as_of", "scope", "source_id"),
        given=("precision",),
        words={"precision": _PRECISIONS, "scope": ["foreign", "domestic"]},
        patterns={"as_of": DATE, "source_id": SOURCE},
        ranges=dict.fromkeys(_STATED, (1, None)),
        relations=[
            known_flags(*_STATED.values()),
            *(blank_iff(column, flag) for column, flag in _STATED.items()),
            Relation(
                "offices",
                f"at least one of {', '.join(_STATED)} must be given",
                lambda f: f[list(_STATED)].notna().any(axis=1),
            ),
            _date_shape("as_of"),
            _on_calendar("as_of"),
        ],
    ),
    "published-figures": Contract(
        key=("id",),
        given=("topic", "quantity", "place", "publisher", "title", "level"),
        words={"qualifier": _HEDGES, "level": _LEVELS},
        patterns={
            "id": r"F\d{3}[a-z]?",
            "period_start": DAY,
            "period_end": DAY,
            "date_published": DATE,
            "url": r"https?://\S+",
        },
        ranges={"value": (0, None)},
        relations=[
            known_flags(*_FLAGS),
            blank_iff("value", "qualitative"),
            _blanks_match("unit", "value"),
            Relation(
                "qualifier",
                "a value needs a qualifier, bare if it has no hedge",
                lambda f: f["qualifier"].notna() | f["value"].isna(),
            ),
            Relation(
                "period_start",
                "no_period must stand where both ends of the period are blank, and only there",
                lambda f: (_blank_ends(f) == 2) == flagged(f, ["no_period"]),
            ),
            Relation(
                "period_start",
                "open_period must stand where one end of the period is blank, and only there",
                lambda f: (_blank_ends(f) == 1) == flagged(f, ["open_period"]),
            ),
            Relation(
                "period_end",
                "period_end must not be before period_start",
                lambda f: (_blank_ends(f) > 0) | (f["period_end"] >= f["period_start"]),
            ),
            *map(_on_calendar, ("period_start", "period_end", "date_published")),
            blank_iff("date_published", "no_date"),
            blank_iff("url", "no_url"),
            blank_iff("quote", "no_quote"),
        ],
    ),
    "events": Contract(
        key=("id",),
        given=("date", "precision", "kind", "actor", "event", "source_id", "confidence"),
        words={"precision": _PRECISIONS, "confidence": ["low", "medium", "high"]},
        patterns={"date": DATE, "id": r"[a-z0-9]+(?:-[a-z0-9]+)*", "source_id": rf"{SOURCE}(?:;{SOURCE})*"},
        relations=[_date_shape("date"), _on_calendar("date")],
    ),
}
