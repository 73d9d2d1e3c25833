"""Which published figure is this? Every figure held, looked up by its digits."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DataError
from ..model import Period
from ..model import number as shown
from ..show import Card
from . import archive, catalog, names, store
from .columns import has_flag

_COLUMNS = ["quantity", "jurisdiction", "period", "measure", "value", "vintages", "first_known", "source"]
_ONE = ["quantity", "jurisdiction", "period", "measure"]
_DATASETS = (
    "published-figures", "nvss-by-drug", "nvss-t404-month", "nvss-t404-age", "wonder-overdose", "finals-release",
    "county", "nflis", "dea-offices", "cbp-seizures", "cbp-archive",
)  # fmt: skip
_THINGS = {
    "seizures": "pounds of {} seized by CBP",
    "seizure-events": "seizures of {} by CBP",
    "reports": "laboratory reports of {}",
    "offices": "DEA offices ({})",
    "countries": "countries with DEA offices ({})",
    "staff": "DEA staff ({})",
    "budget": "the DEA's budget in dollars ({})",
}
_COUNTS = {"count": "number", "reports": "number", "as printed": "figure", "sum of rows": "sum"}
_OFFICES = {"offices": "offices", "countries": "countries", "staff": "staff", "budget_usd": "budget"}


@dataclass(frozen=True, slots=True)
class Matches:
    """The published figures that have the digits asked for.

    Attributes
    ----------
    asked
        The number, as it was understood.
    frame
        One row a quantity, place, period and measure: quantity, jurisdiction, period (`2023`, `2024-04` for the 12 months ending there,
        `FY2023`, `2022-07..2022-07` for a month), measure, value, vintages (those that print it, joined by `, `), first_known (date; from when it was
        surely public), source (dataset, or the id of a published figure). The first known stands first.
    unique
        Whether it is one quantity, place, period and measure, and no other.
    why_none
        In words, why no single figure is named; "" where `unique`.
    """

    asked: float
    frame: pd.DataFrame
    unique: bool
    why_none: str

    @property
    def sentence(self) -> str:
        """What the number is, in words: the one figure, or why there is none."""
        if not self.unique:
            return self.why_none
        row = self.frame.iloc[0]
        first, day = row["vintages"].split(", ")[0], f"{row['first_known']:%Y-%m-%d}"
        where = f"the release of {first}" if row["source"] == "vsrr" else first
        seen = f"; first seen in {where}, public by {day}" if first != day else f"; public by {day}"
        return f"{shown(self.asked)} is {_words(row)}{seen}."

    def __str__(self) -> str:
        return self.sentence

    def _card_(self) -> Card:
        rows = tuple((f"{_words(row)}", f"{row['vintages']}") for row in self.frame.head(12).to_dict("records"))
        return Card(f"Published figures that read {shown(self.asked)}", rows, sections=(self.sentence,))


def identify(
    number: float | str,
    jurisdiction: str | None = None,
    *,
    rounded: bool = False,
    quantities: str | Collection[str] | None = None,
) -> Matches:
    """Every published figure held, in any dataset and vintage, with exactly these digits.

    Parameters
    ----------
    number
        A number, or its text with commas (`107,543`).
    jurisdiction
        Only this place (a code of `names.jurisdictions`).
    rounded
        Also figures that round to the number at its last digit that is not 0 (`101,000`: from 100,500 to 101,500).
    quantities
        Only this one or these, such as `deaths/all`.

    Raises
    ------
    DataError
        If it is not a positive number, or the place is unknown.

    Examples
    --------
    >>> found = identify("107,543")
    >>> found.unique, found.frame[["quantity", "period", "measure"]].values.tolist()
    (True, [['deaths/all', '2023', 'predicted']])
    >>> identify(100_000).why_none
    'No published figure that is held reads 100,000.'
    """
    digits = _digits(number)
    if jurisdiction is not None:
        names.require_jurisdiction(jurisdiction)
    half = Decimal(0) if not rounded else _unit(digits) / 2
    ends = float(digits - half), float(digits + half)
    other = _figures(store.stamp(*_DATASETS))
    found = pd.concat([_releases(*ends), other[other["value"].between(*ends)]], ignore_index=True)
    if jurisdiction is not None:
        found = found[found["jurisdiction"] == jurisdiction]
    if quantities is not None:
        found = found[found["quantity"].isin([quantities] if isinstance(quantities, str) else quantities)]
    frame = _grouped(found.sort_values(["first_known", "source", "vintage"], kind="stable"))
    unique = len(frame) == 1
    what = " of the quantities asked for" if quantities is not None else ""
    return Matches(float(digits), frame, unique, "" if unique else _why(float(digits), frame, jurisdiction, what))


def _grouped(found: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for key, group in found.groupby([*_ONE, "value"], sort=False, observed=True, dropna=False):
        vintages = ", ".join(dict.fromkeys(v for text in group["vintage"] for v in str(text).split(", ")))
        sources = ", ".join(dict.fromkeys(group["source"].astype(str)))
        rows.append((*map(_text, key[:-1]), key[-1], vintages, group["first_known"].iloc[0], sources))
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.astype({"first_known": "datetime64[ns]", "value": "float64"})


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)


def _words(row: Any) -> str:
    return f"{_thing(row)}, {_period(row)}"


def _thing(row: Any) -> str:
    kind, _, what = row["quantity"].partition("/")
    place = row["jurisdiction"]
    thing = names.deaths_label(what) if kind == "deaths" else _THINGS.get(kind, row["quantity"]).format(what)
    where = {"US": ""}.get(place, f" in {names.jurisdiction_name(place) if place in names.jurisdictions() else place}")
    return f"the {_COUNTS.get(row['measure'], row['measure'] + ' count')} of {thing}{where}"


def _period(row: Any) -> str:
    period = str(row["period"])
    if row["measure"] == "count":
        return period
    if re.fullmatch(r"\d{4}-\d\d", period):
        return f"12 months to {pd.Timestamp(period):%B %Y}"
    return str(Period.parse(period)) if re.fullmatch(r"(FY)?\d{4}", period) else period


def _why(asked: float, frame: pd.DataFrame, jurisdiction: str | None, what: str) -> str:
    where = "" if jurisdiction in (None, "US") else f" of {names.jurisdiction_name(jurisdiction or '')}"
    if frame.empty:
        return f"No published figure{what}{where} that is held reads {shown(asked)}."
    rows = frame.to_dict("records")
    same = len({(row["quantity"], row["jurisdiction"], row["measure"]) for row in rows}) == 1
    listed = [(_period if same else _words)(row) for row in rows[:3]]
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    if same:
        return f"{shown(asked)} is {_thing(rows[0])} in more than one period: {'; '.join(listed)}{more}."
    return f"{shown(asked)} is more than one published figure{where}: {'; '.join(listed)}{more}."


def _digits(number: float | str) -> Decimal:
    text = str(number).strip().replace("\u00a0", " ")
    plain = text.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text) else text
    try:
        digits = Decimal(plain)
    except InvalidOperation:
        digits = Decimal("nan")
    if isinstance(number, bool) or not digits.is_finite() or not 0 < digits < 10**15:
        raise DataError(f"{text[:40]!r} is not a positive number; write it in digits, such as 107,543")
    return digits


def _unit(digits: Decimal) -> Decimal:
    """The worth of the last digit that is not 0."""
    exponent = digits.normalize().as_tuple().exponent
    return Decimal(10) ** int(exponent)


@lru_cache(maxsize=2)
def _figures(stamp: object) -> pd.DataFrame:
    """Every published figure outside the archive of releases."""
    parts = [_finals(), _first_prints(), _offices(), _seized(), *_tables(), *_texts()]
    dated = [
        part.astype({"value": "float64"}).assign(first_known=pd.to_datetime(part["first_known"])) for part in parts
    ]
    return pd.concat(dated, ignore_index=True).query("value > 0").reset_index(drop=True)


def _rows(frame: pd.DataFrame, **columns: object) -> pd.DataFrame:
    return frame.assign(**columns)[
        ["quantity", "jurisdiction", "period", "measure", "value", "vintage", "first_known", "source"]
    ]


def _window(month: pd.Series) -> pd.Series:
    """A 12-month window by its last month; the calendar year where that is December."""
    return month.where(month.str[5:] != "12", month.str[:4])


def _releases(low: float, high: float) -> pd.DataFrame:
    """The values of the archive that lie between the ends, each with the releases that hold it."""
    made = store.history("vsrr")
    value = made.lives["value"].to_numpy("float64", na_value=np.nan)
    lives = made.lives[(value >= low) & (value <= high)]
    holds = {
        number: (lives["since"] <= number) & (lives["until"] > number) & made.covered(lives, number)
        for number in range(len(made.vintages))
    }
    labels = made.vintages["vintage"].tolist()
    vintage = [
        ", ".join(label for label, held in zip(labels, row, strict=True) if held)
        for row in zip(*holds.values(), strict=True)
    ]
    known = pd.to_datetime(made.vintages["known_to"]).to_numpy()[lives["since"]]
    return _rows(
        lives.astype({"value": "float64"}), quantity="deaths/" + lives["drug"].astype("str"), period=_window(lives["month_ending"].astype("str")),
        jurisdiction=lives["jurisdiction"].astype("str"), measure=lives["measure"].astype("str"), vintage=vintage, first_known=known,
        source="vsrr",
    )  # fmt: skip


def _finals() -> pd.DataFrame:
    frame = store.load("nvss-by-drug")
    known = catalog.known_days("nvss-by-drug", frame)
    frame = frame.assign(known=known)[frame["sex"] == "all"]
    return _rows(
        frame, quantity="deaths/" + frame["drug"], jurisdiction="US", period=frame["year"].astype(str), measure="final", value=frame["deaths"],
        vintage=frame["known"].dt.strftime("%Y-%m-%d"), first_known=frame["known"], source="nvss-by-drug",
    )  # fmt: skip


def _first_prints() -> pd.DataFrame:
    frame = store.load("finals-release")
    days = catalog.known_days("finals-release", frame)
    return _rows(
        frame, quantity="deaths/" + frame["drug"], jurisdiction="US", period=frame["year"].astype(str), measure="final", value=frame["deaths"],
        vintage=frame["publication"].str.replace(", ", " ", regex=False), first_known=days, source="finals-release",
    )  # fmt: skip


def _tables() -> list[pd.DataFrame]:
    """The figures of tables of one vintage, whose rows all became known with it."""
    year, deaths = (lambda f: f["year"].astype(str)), (lambda f: f["deaths"])
    t404 = {"quantity": "deaths/synthetic-opioids", "jurisdiction": "US", "measure": "final", "value": deaths}
    county = {"quantity": "deaths/all", "jurisdiction": lambda f: f["fips"], "measure": "provisional"}
    columns: list[tuple[str, dict[str, Any]]] = [
        ("wonder-overdose", {"quantity": "deaths/all", "period": year, "measure": lambda f: f["status"], "value": deaths}),
        ("nvss-t404-month", t404 | {"period": lambda f: f["month"] + ".." + f["month"]}),
        ("nvss-t404-age", t404 | {"period": lambda f: f["year"].astype(str) + ", ages " + f["age_group"]}),
        ("county", county | {"period": "2025", "value": deaths}),
        ("county", county | {"period": "2024", "value": lambda f: f["deaths_prior"]}),
        ("nflis", {"quantity": lambda f: "reports/" + f["substance"].str.lower(), "jurisdiction": lambda f: f["state"], "measure": "reports",
                   "period": lambda f: f["year"].astype(str) + ", half " + f["half"].astype(str), "value": lambda f: f["reports"]}),
    ]  # fmt: skip
    made = []
    for dataset, wanted in columns:
        frame = store.load(dataset)
        source = frame.attrs["source"]
        made.append(_rows(frame, vintage=source.vintage, first_known=source.known, source=dataset, **wanted))
    return made


def _offices() -> pd.DataFrame:
    frame = store.load("dea-offices")
    known = catalog.known_days("dea-offices", frame)
    parts = [
        _rows(
            frame, quantity=f"{word}/" + frame["scope"], jurisdiction="US", period=frame["as_of"], measure="count", value=frame[column],
            vintage=frame["as_of"], first_known=known, source=frame["source_id"],
        )
        for column, word in _OFFICES.items()
    ]  # fmt: skip
    return pd.concat(parts)


def _seized() -> pd.DataFrame:
    """Fentanyl seized in each fiscal year, as the files of CBP add up: pounds to the pound, and events."""
    parts = []
    for table in catalog.frames("cbp-seizures"):
        frame = store.read(table)
        years = frame.groupby("fiscal_year", as_index=False)[["pounds", "events"]].sum()
        for column, slug in (("pounds", "seizures/fentanyl"), ("events", "seizure-events/fentanyl")):
            parts.append(
                _rows(
                    years, quantity=slug, jurisdiction="US", period="FY" + years["fiscal_year"].astype(str), measure="sum of rows",
                    value=years[column].astype("float64").round(), vintage=table.vintage, first_known=table.known, source="cbp-seizures",
                )
            )  # fmt: skip
    return pd.concat(parts)


def _texts() -> list[pd.DataFrame]:
    """Figures printed in releases and the press: those of deaths under their quantity, the others under their own words."""
    deaths = archive.published_deaths()
    counted = _rows(
        deaths, quantity="deaths/" + deaths["drug"], jurisdiction="US", period=_window(deaths["month_ending"]),
        vintage=deaths["known"].astype(str), first_known=pd.to_datetime(deaths["known"]), source=deaths["id"],
    )  # fmt: skip
    frame = store.load("published-figures")
    other = frame[~frame["id"].isin(deaths["id"]) & ~has_flag(frame["flag"], "misprint")]
    known = catalog.known_days("published-figures", frame)[other.index]
    period = (other["period_start"].fillna("") + ".." + other["period_end"].fillna("")).where(
        other["period_end"].notna(), "no period given"
    )
    printed = _rows(
        other, quantity=other["quantity"] + ", " + other["unit"].fillna(""), jurisdiction=other["place"].str.upper(), period=period,
        measure="as printed", vintage=known.dt.strftime("%Y-%m-%d"), first_known=known, source=other["id"],
    )  # fmt: skip
    return [counted, printed]
