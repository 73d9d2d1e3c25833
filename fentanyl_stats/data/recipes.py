"""How each dataset is renewed from its publisher's file, and how far its numbers may move when it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from ..errors import DataError, unknown
from ..model import last_day
from . import catalog
from .publishers import cbp


@dataclass(frozen=True, slots=True)
class Allowance:
    """A closed number may move by `relative` of itself or by `absolute` units; no relative: by the units alone.

    Where the vintages held moved further, twice as far as they did is allowed (`compare.check`).
    """

    relative: float
    absolute: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is known of a dataset that can be renewed.

    `kind` is its publisher's format, `by_hand` how a reader gets the file, `link` finds the file on the publisher's
    page. `series` columns have a newest vintage each; combinations of `stays` must not vanish, from the `expected`
    rows of the data held given the new ones; sums over `totals` of the `closed` rows move within `allowed`, other sums within `loose`.
    `kept` says which earlier rows a file that covers less leaves as they are, `label` names columns that differ
    from file to file though nothing else does.
    """

    kind: str
    by_hand: str
    title: str
    citation: str
    coverage: Callable[[pd.DataFrame], str]
    newest: Callable[[pd.DataFrame], tuple[date, date]]
    stays: tuple[str, ...]
    totals: tuple[str, ...]
    closed: Callable[[pd.DataFrame], pd.Series]
    allowed: Mapping[str, Allowance]
    loose: Mapping[str, Allowance] = field(default_factory=dict)
    series: tuple[str, ...] = ()
    expected: Callable[[pd.DataFrame, pd.DataFrame], pd.Series] | None = None
    kept: Callable[[pd.DataFrame, pd.DataFrame], pd.Series] | None = None
    link: Callable[[str, str], str] | None = None
    label: tuple[str, ...] = ()


def recipe(dataset: str) -> Recipe:
    """The recipe of a dataset.

    Raises
    ------
    DataError
        If the dataset is unknown, or has no file of a publisher that could be read: the message says what to do.

    Examples
    --------
    >>> recipe("nflis").kind
    'nflis'
    """
    if dataset in RECIPES:
        return RECIPES[dataset]
    if dataset not in {table.dataset for table in catalog.entries()}:
        raise DataError(unknown("dataset", dataset, RECIPES))
    raise DataError(
        f"{dataset} has no publisher's file that this package reads; add a vintage by hand: lay the table out as "
        f"data/raw/README.md says, put it in raw/, describe it in raw/SOURCES.toml with its rows and SHA-256, "
        f"and run data verify. Refreshed are {', '.join(RECIPES)}"
    )


def _month(text: str) -> tuple[date, date]:
    end = last_day(text)
    return end.replace(day=1), end


def _windows(frame: pd.DataFrame) -> tuple[date, date]:
    """The last window counts as its end: all of it must be over when the file appears."""
    end = last_day(str(frame["month_ending"].max()))
    return end, end


def _half(frame: pd.DataFrame) -> tuple[date, date]:
    year, half = max(zip(frame["year"], frame["half"], strict=True))
    return date(int(year), 1 if half == 1 else 7, 1), last_day(f"{year}-{'06' if half == 1 else '12'}")


def _year(frame: pd.DataFrame) -> tuple[date, date]:
    year = int(frame["year"].max())
    return date(year, 1, 1), date(year, 12, 31)


def _settled(rows: pd.DataFrame) -> pd.Series:
    """Windows that had ended two years before: since 2017 no reported count that old moved by more than 0.3 %."""
    known = pd.to_datetime(rows["known"])
    ended = rows["month_ending"].str[:4].astype(int) * 12 + rows["month_ending"].str[5:].astype(int)
    return known.dt.year * 12 + known.dt.month - ended >= 24


def _of_a_whole(old: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """Every series of the newest vintage or of the new file; and a drug counted beyond the country, in every place.

    A file may be of the United States alone, or of one drug. Puerto Rico is in some files and not in others.
    """
    series = ["jurisdiction", "drug"]
    given = pd.MultiIndex.from_frame(old[series]).isin(pd.MultiIndex.from_frame(new[series].drop_duplicates()))
    local = old["drug"].isin(new.loc[new["jurisdiction"] != "US", "drug"])
    return (given | local | (old["known"] == old["known"].max())) & (old["jurisdiction"] != "PR")


def _span(frame: pd.DataFrame, column: str) -> str:
    return f"{frame[column].min()} to {frame[column].max()}"


RECIPES: dict[str, Recipe] = {
    "vsrr": Recipe(
        kind="cdc-vsrr",
        by_hand="export xkb8-kh2a as CSV from data.cdc.gov",
        title="VSRR provisional drug overdose death counts, file of {day}",
        citation="National Center for Health Statistics, Vital Statistics Rapid Release, Provisional Drug Overdose "
        "Death Counts (xkb8-kh2a), file of {day}.",
        coverage=lambda f: f"month-ending {_span(f, 'month_ending')} ({f['month_ending'].nunique()}); "
        f"{f['jurisdiction'].nunique()} jurisdictions; {f['drug'].nunique()} drug indicators",
        newest=_windows,
        series=("jurisdiction", "drug"),
        stays=("jurisdiction", "drug", "month_ending"),
        expected=_of_a_whole,
        totals=("jurisdiction", "drug", "month_ending"),
        closed=_settled,
        allowed={
            "reported": Allowance(0.01, 10),
            "predicted": Allowance(0.10, 15),  # modelled anew in every file
            "percent_complete": Allowance(0, 1),
            "percent_pending": Allowance(0, 1),
        },
        loose={"reported": Allowance(0.5, 50), "predicted": Allowance(0.5, 50)},
    ),
    "cbp-seizures": Recipe(
        kind="cbp",
        by_hand="take the newest nationwide-drugs CSV from cbp.gov, Nationwide Drug Seizures",
        title="CBP fentanyl seizures by month, component and area, file of {day}",
        citation="US Customs and Border Protection, Drug Seizure Statistics, nationwide files, as of {day}.",
        coverage=lambda f: f"FY{f['fiscal_year'].min()} to FY{f['fiscal_year'].max()} (to {f['month'].max()}); Office of "
        f"Field Operations and Border Patrol; {f['area_of_responsibility'].nunique()} areas of responsibility; fentanyl only",
        newest=lambda f: _month(str(f["month"].max())),
        stays=("month", "component"),
        totals=("fiscal_year", "component", "region"),
        closed=lambda rows: rows["status"] == "closed",
        allowed={"events": Allowance(0.05, 5), "pounds": Allowance(0.05, 20)},
        kept=lambda old, new: old["fiscal_year"] < new["fiscal_year"].min(),
        link=cbp.link,
        label=("source_file_vintage",),
    ),
    "nflis": Recipe(
        kind="nflis",
        by_hand="run the NFLIS-Drug Data Query System for all years and states, drug category 33, and export it as CSV",
        title="NFLIS-Drug reports of fentanyl and related substances by state and half-year, query of {day}",
        citation="US Drug Enforcement Administration, NFLIS-Drug Data Query System, run {day}.",
        coverage=lambda f: f"{_span(f, 'year')} by half-year; {f['state'].nunique()} states and territories; "
        f"{f['substance'].nunique()} base substances",
        newest=_half,
        stays=("year", "half", "state"),
        totals=("year", "half", "state"),
        closed=lambda rows: rows["year"] <= pd.to_datetime(rows["known"]).dt.year - 2,
        allowed={"reports": Allowance(0.15, 50)},  # late reports raised old years by up to 9.5 percent
    ),
    "wonder-overdose": Recipe(
        kind="cdc-wonder",
        by_hand="query CDC WONDER, Multiple Cause of Death, for underlying causes X40-X44, X60-X64, X85 and Y10-Y14, once "
        "by year and once by state and year, and export both (--from twice)",
        title="CDC WONDER drug overdose deaths and rates, United States and states, by year, query of {day}",
        citation="Centers for Disease Control and Prevention, National Center for Health Statistics, CDC WONDER, "
        "Multiple Cause of Death, queried {day}.",
        coverage=lambda f: f"{_span(f, 'year')}; {f['jurisdiction'].nunique()} jurisdictions",
        newest=_year,
        stays=("jurisdiction", "year"),
        totals=("jurisdiction", "year"),
        closed=lambda rows: rows["status"] == "final",
        allowed={"deaths": Allowance(0.001, 0), "population": Allowance(0.02, 0)},
        kept=lambda old, new: (
            ~old["jurisdiction"].isin(new["jurisdiction"]) | (old["year"] < new["year"].min())
        ),
    ),
}  # fmt: skip
