"""The words of the package as frozen values: Interval, Estimate, Source, Period."""

from __future__ import annotations

import calendar
import math
import re
from dataclasses import dataclass, field
from datetime import date
from numbers import Real
from typing import Any, Literal

from .errors import FentanylStatsError
from .show import Card, Shown

__version__ = "0.1.0"

Closed = Literal["both", "left", "right", "neither"]


class ModelError(FentanylStatsError, ValueError):
    """A value that cannot be: an interval upside down, a month that does not exist."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A set of numbers between `low` and `high`; `closed` says which ends belong to it.

    Raises
    ------
    ModelError
        If an end is NaN, if low > high, or if `closed` is not one of the four words.

    Examples
    --------
    >>> nearly = Interval(90_000, 100_000, "left")
    >>> 90_000 in nearly, 100_000 in nearly
    (True, False)
    >>> print(nearly)
    [90,000, 100,000)
    """

    low: float
    high: float
    closed: Closed = "both"

    def __post_init__(self) -> None:
        if not all(isinstance(end, Real) and end == end for end in (self.low, self.high)):
            raise ModelError(f"an interval needs two numbers, got ({self.low!r:.40}, {self.high!r:.40})")
        if self.low > self.high:
            raise ModelError(f"interval upside down: low {self.low:g} is above high {self.high:g}")
        if self.closed not in ("both", "left", "right", "neither"):
            raise ModelError(f"closed is 'both', 'left', 'right' or 'neither', not {self.closed!r}")

    @property
    def closed_left(self) -> bool:
        """Whether `low` itself belongs to the interval."""
        return self.closed in ("both", "left")

    @property
    def closed_right(self) -> bool:
        """Whether `high` itself belongs to the interval."""
        return self.closed in ("both", "right")

    def __contains__(self, other: float | Interval) -> bool:
        """Whether a number lies in the interval, or a whole interval does, open and closed ends respected."""
        inner = other if isinstance(other, Interval) else Interval(other, other)
        left = self.low < inner.low or (self.low == inner.low and self.closed_left >= inner.closed_left)
        right = self.high > inner.high or (self.high == inner.high and self.closed_right >= inner.closed_right)
        return left and right

    def overlaps(self, other: Interval) -> bool:
        """Whether the two intervals share a number."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return low < high or (low == high and low in self and low in other)

    def hull(self, other: Interval) -> Interval:
        """The smallest interval that holds both."""
        low, high = min(self.low, other.low), max(self.high, other.high)
        left = any(i.closed_left for i in (self, other) if i.low == low)
        right = any(i.closed_right for i in (self, other) if i.high == high)
        return Interval(low, high, closed_word(left, right))

    def clipped(self, low: float = -math.inf, high: float = math.inf) -> Interval:
        """The part of the interval within [low, high]; a cut end is closed."""
        left = self.closed_left or self.low < low
        right = self.closed_right or self.high > high
        return Interval(min(max(self.low, low), high), max(min(self.high, high), low), closed_word(left, right))

    def to_dict(self) -> dict[str, Any]:
        """For JSON: infinite ends are None."""
        return {"low": finite(self.low), "high": finite(self.high), "closed": self.closed}

    def __str__(self) -> str:
        left = "(" if not self.closed_left or self.low == -math.inf else "["
        right = ")" if not self.closed_right or self.high == math.inf else "]"
        return f"{left}{number(self.low)}, {number(self.high)}{right}"


def closed_word(left: bool, right: bool) -> Closed:
    """The word for a pair of ends.

    >>> closed_word(True, False)
    'left'
    """
    if left and right:
        return "both"
    return "left" if left else "right" if right else "neither"


def finite(x: float | None) -> float | None:
    """None for a missing or infinite number, the number itself otherwise."""
    return None if x is None or not math.isfinite(x) else x


def number(x: float | None, digits: int = 2) -> str:
    """A number as a reader expects it: thousands separated, integers without decimals, small shares with two.

    >>> number(99701.0), number(1.128748), number(math.inf), number(None)
    ('99,701', '1.13', '∞', '–')
    """
    if x is None or math.isnan(x):
        return "–"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    if float(x).is_integer():
        return f"{x:,.0f}"
    return f"{x:,.{digits}f}" if abs(x) < 1000 else f"{x:,.0f}"


def amount(x: float | None, unit: str) -> str:
    """A number with its unit.

    >>> amount(1.128, "percent"), amount(1, "offices"), amount(99701, "deaths")
    ('1.13%', '1 office', '99,701 deaths')
    >>> amount(5, "rank"), amount(1, "record"), amount(1, "deaths a day")
    ('number 5', 'a record', '1 death a day')
    """
    if unit == "percent":
        return f"{number(x)}%"
    if unit == "rank":
        return f"number {number(x)}"
    if unit == "record":
        return "a record" if x else "no record"
    if unit == "run":
        return f"a run of {number(x)}"
    counted, _, rest = unit.partition(" ")
    singular = {"countries": "country", "per": "per"}.get(counted, counted.removesuffix("s"))
    return f"{number(x)} {singular if x == 1 else counted} {rest}".strip()


@dataclass(frozen=True, slots=True)
class Source(Shown):
    """Where a number comes from.

    `id` is a source id of the ledger (S.., V.., F..) or the dataset; `vintage` the release of the dataset;
    `known` the day on which it could be known; `sha256` that of the figure table.
    """

    id: str
    title: str = ""
    publisher: str = ""
    url: str = ""
    vintage: str = ""
    known: date | None = None
    citation: str = ""
    licence: str = ""
    path: str = ""
    sha256: str = ""

    def __deepcopy__(self, memo: object) -> Source:
        # Frames carry a Source in attrs, which pandas deep-copies at every step; a frozen value can be shared.
        return self

    def __str__(self) -> str:
        name = f"{self.id} {self.vintage}".strip()
        return f"{name} ({self.publisher})" if self.publisher else name

    def to_dict(self) -> dict[str, Any]:
        """For JSON: only what a reader needs to find the source again."""
        names = ("id", "title", "publisher", "url", "vintage", "known", "sha256")
        return {name: str(value) for name in names if (value := getattr(self, name))}

    def _card_(self) -> Card:
        rows = [
            ("id", f"{self.id} {self.vintage}".strip()),
            ("publisher", self.publisher),
            ("known", self.known),
            ("licence", self.licence),
            ("cite as", self.citation),
            ("file", f"{self.path}, SHA-256 {self.sha256[:16]}…" if self.sha256 else self.path),
        ]
        return Card(self.title or self.id, rows, url=self.url)


@dataclass(frozen=True, slots=True)
class Estimate(Shown):
    """A number that carries its interval, unit, method and sources; `value` is None when only bounds are known.

    `level` is the confidence level of (low, high), None for identification bounds or a complete count.
    """

    value: float | None
    low: float
    high: float
    level: float | None
    unit: str
    method: str
    sources: tuple[Source, ...] = ()
    note: str = ""

    @property
    def interval(self) -> Interval:
        """(low, high) as a closed Interval."""
        return Interval(self.low, self.high)

    def __str__(self) -> str:
        level = f" ({self.level:.0%} interval)" if self.level else ""
        return f"{number(self.value)} [{number(self.low)}, {number(self.high)}] {self.unit}{level}".strip()

    def _card_(self) -> Card:
        level = f"{self.level:.0%} interval" if self.level else "bounds, no sampling error"
        title = "known within bounds alone" if self.value is None else amount(self.value, self.unit)
        rows = [
            (level, f"{number(self.low)} to {amount(self.high, self.unit)}"),
            ("method", self.method),
            ("note", self.note),
            ("sources", "; ".join(map(str, self.sources))),
        ]
        return Card(title, rows)


PeriodKind = Literal["year", "fiscal-year", "twelve-months", "month", "day", "span"]


@dataclass(frozen=True, slots=True)
class Period:
    """A window of time. Two periods are the same when they cover the same days, however they are written.

    >>> Period.parse("2022") == Period.parse("2022-12")
    True
    >>> print(Period.parse("2024-04"), "|", Period.parse("FY2023"))
    12 months to April 2024 | fiscal year 2023 (October 2022 to September 2023)
    >>> print(Period.parse("2019..2023"), "|", Period.parse("2021-01..2022-03"), "|", Period.parse("2022-07..2022-07"))
    2019 to 2023 | January 2021 to March 2022 | July 2022
    """

    start: date
    end: date
    instant: bool = field(default=False, compare=False)

    @classmethod
    def parse(cls, text: str, *, instant: bool = False) -> Period:
        """Read `2023`, `FY2023`, `2024-04` (the 12 months ending there), or a span of years, fiscal years or months.

        A span names its first and its last part: `2019..2023`, `FY2021..FY2023`, `2021-01..2022-03`; a single month is
        `2022-07..2022-07`. `instant` reads a date as a moment, however vague.

        Raises
        ------
        ModelError
            If the text is none of these, or names a month or day that does not exist.
        """
        if not isinstance(text, str):
            raise ModelError(f"a period is written as text, such as '2023', not as {type(text).__name__} {text!r:.40}")
        text = text.strip()
        if re.fullmatch(r"(FY\s?)?000[01].*", text, re.IGNORECASE):
            raise ModelError(f"period {text[:40]!r} lies before the calendar that dates can hold")
        if match := re.fullmatch(r"([^.\s]+)\s?\.\.\s?([^.\s]+)", text):
            first, last = (
                cls.parse(end, instant=re.fullmatch(r"\d{4}-\d{2}", end) is not None) for end in match.groups()
            )
            if first.start > last.start:
                raise ModelError(f"period {text[:40]!r} ends before it begins; write the earlier end first")
            return cls(first.start, last.end)
        if match := re.fullmatch(r"FY\s?(\d{4})", text, re.IGNORECASE | re.ASCII):
            year = int(match[1])
            return cls(date(year - 1, 10, 1), date(year, 9, 30))
        if instant:
            day = last_day(text)
            begin = {4: day.replace(month=1, day=1), 7: day.replace(day=1)}.get(len(text), day)
            return cls(begin, day, instant=True)
        if re.fullmatch(r"\d{4}", text, re.ASCII):
            return cls(date(int(text), 1, 1), date(int(text), 12, 31))
        if re.fullmatch(r"\d{4}-\d{2}", text, re.ASCII):
            end = last_day(text)
            year, month = (end.year - 1, end.month + 1) if end.month < 12 else (end.year, 1)
            return cls(date(year, month, 1), end)
        raise ModelError(
            f"period {text[:40]!r} is not understood; write a year (2023), a month for the 12 months "
            "ending there (2024-04), a fiscal year (FY2023), or a span (2019..2023, 2022-07..2022-07)"
        )

    @property
    def kind(self) -> PeriodKind:
        """What sort of window it is."""
        if self.start == self.end:
            return "day"
        months = 12 * (self.end.year - self.start.year) + self.end.month - self.start.month + 1
        if months != 12:
            return "month" if months == 1 else "span"
        if (self.start.month, self.end.month) == (10, 9):
            return "fiscal-year"
        return "year" if self.start.month == 1 else "twelve-months"

    @property
    def month_ending(self) -> str:
        """The last month, `YYYY-MM`."""
        return f"{self.end:%Y-%m}"

    @property
    def year(self) -> int:
        """The year of the last day: the calendar year, or the fiscal year."""
        return self.end.year

    @property
    def code(self) -> str:
        """The shortest text that `parse` reads back."""
        match self.kind:
            case "year":
                return f"{self.year}"
            case "fiscal-year":
                return f"FY{self.year}"
            case "day":
                return self.end.isoformat()
            case "span" if self._whole == (1, 12):
                return f"{self.start.year}..{self.end.year}"
            case "span" if self._whole == (10, 9):
                return f"FY{self.start.year + 1}..FY{self.end.year}"
            case "twelve-months":
                return self.month_ending
            case _:
                return self.month_ending if self.instant else f"{self.start:%Y-%m}..{self.month_ending}"

    @property
    def _whole(self) -> tuple[int, int]:
        """The first and the last month: (1, 12) are calendar years, (10, 9) fiscal ones."""
        return self.start.month, self.end.month

    @property
    def days(self) -> int:
        """How many days it lasts.

        >>> Period.parse("2024").days
        366
        """
        return (self.end - self.start).days + 1

    @property
    def months(self) -> tuple[str, ...]:
        """Its months in order, each `YYYY-MM`.

        >>> Period.parse("2023-11..2024-01").months
        ('2023-11', '2023-12', '2024-01')
        """
        first, last = (12 * day.year + day.month - 1 for day in (self.start, self.end))
        return tuple(f"{number // 12}-{number % 12 + 1:02}" for number in range(first, last + 1))

    @property
    def twelves(self) -> tuple[Period, ...]:
        """The windows of twelve months that it is made of, in order; none if it is not a whole number of them.

        >>> [part.code for part in Period.parse("2020..2021").twelves], Period.parse("2022-07..2022-07").twelves
        (['2020', '2021'], ())
        """
        ends = self.months[11::12]
        return tuple(map(Period.parse, ends)) if len(self.months) % 12 == 0 else ()

    def shifted(self, months: int) -> Period:
        """The same window so many months later.

        >>> Period.parse("2024-04").shifted(-12).code, Period.parse("2022-07..2022-07").shifted(1).code
        ('2023-04', '2022-08..2022-08')
        """
        first, last = (12 * day.year + day.month - 1 + months for day in (self.start, self.end))
        end = last_day(f"{last // 12}-{last % 12 + 1:02}")
        return Period(date(first // 12, first % 12 + 1, 1), end)

    @property
    def short(self) -> str:
        """A few characters for a table or a chart.

        >>> Period.parse("2024-04").short, Period.parse("FY2023").short
        ('12 months to 2024-04', 'FY2023')
        """
        texts = {"twelve-months": f"12 months to {self.month_ending}", "month": self.month_ending}
        return texts.get(self.kind, self.code)

    def __str__(self) -> str:
        if self.kind == "fiscal-year":
            return f"fiscal year {self.year} (October {self.year - 1} to September {self.year})"
        if self.kind == "span":
            if self._whole == (1, 12):
                return f"{self.start.year} to {self.end.year}"
            if self._whole == (10, 9):
                return f"fiscal years {self.start.year + 1} to {self.end.year}"
            return f"{self.start:%B %Y} to {self.end:%B %Y}"
        texts = {"year": f"calendar year {self.year}", "day": f"{self.end.day} {self.end:%B %Y}"}
        month = f"{self.end:%B %Y}"
        return texts.get(self.kind, f"12 months to {month}" if self.kind == "twelve-months" else month)


def last_day(text: str) -> date:
    """The last day that a short ISO date can mean: `2024` is 2024-12-31, `2024-09` is 2024-09-30.

    >>> last_day("2024-02")
    datetime.date(2024, 2, 29)

    Raises
    ------
    ModelError
        If the text is not YYYY, YYYY-MM or YYYY-MM-DD, or no such day exists.
    """
    match = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text.strip(), re.ASCII)
    if match:
        year, month = int(match[1]), int(match[2] or 12)
        try:
            day = int(match[3]) if match[3] else calendar.monthrange(year, month)[1]
            return date(year, month, day)
        except ValueError:
            pass
    raise ModelError(f"{text[:40]!r} is not a date; write YYYY, YYYY-MM or YYYY-MM-DD")
