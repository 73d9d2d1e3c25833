"""The things public data measure, each under a slug: its unit, its words, and the measures it comes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..data import archive, catalog, names, store
from ..data.names import VOCABULARY
from ..errors import LedgerError, unknown

if TYPE_CHECKING:
    from .hedges import Phrase

MISSING_AT_RANDOM, UPPER_BOUND, REVISION = "missing-at-random", "upper-bound", "revision"
PURE = "pure"
"""The correction that turns gross weight into pure weight, as far as published purities go."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured thing: its unit, its words, the measures it comes in (the preferred first), the corrections there are.

    `instant` counts are of a day, `worded` ones stand in texts alone, so that a test has to name the figures or the
    count; `dated` ones are known for named periods and have no "latest"; `statements` are the rows of a table of statements
    that print it.
    """

    slug: str
    unit: str
    label: str
    measures: tuple[str, ...]
    corrections: tuple[str, ...] = ("none",)
    instant: bool = False
    worded: bool = False
    dated: bool = False
    statements: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """What stands before the first stroke of the slug."""
        return self.slug.partition("/")[0]


def _deaths(drug: str) -> Quantity:
    corrections = ("none", REVISION) if drug == "all" else ("none", MISSING_AT_RANDOM, UPPER_BOUND, REVISION)
    return Quantity(
        f"deaths/{drug}", "deaths", names.deaths_label(drug), ("final", "reported", "predicted"), corrections
    )


def _listed(entry: dict[str, Any]) -> Quantity:
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    return Quantity(**{**entry, **lists})


def _causes() -> Iterator[Quantity]:
    for cause in names.causes():
        label = f"deaths from {names.cause_name(cause)}"
        crashes = ("final", "annual-report", "estimate")  # of police reports
        measures = crashes if cause == "motor-vehicle-traffic" else ("final", "provisional")
        yield Quantity(f"causes/{cause}", "deaths", label, measures, dated=True)


def _seizures() -> Iterator[Quantity]:
    """Every region and component, and all of both: `seizures/fentanyl/ofo` is a component over all regions."""
    for region, component in product(["all", *names.regions()], ["all", *names.components()]):
        where = "/".join(part for part in ("fentanyl", region, component) if part != "all")
        scope = f"{names.region_name(region)}, {names.component_name(component)}"
        yield Quantity(f"seizures/{where}", "pounds", f"fentanyl seized by CBP: {scope}", ("weight",), dated=True)
        label = f"seizures of fentanyl by CBP: {scope}"
        yield Quantity(f"seizure-events/{where}", "seizures", label, ("events",), dated=True)


def _reports() -> Iterator[Quantity]:
    for slug, name in {"all": "fentanyl and all its analogues", **names.SUBSTANCES}.items():
        yield Quantity(f"reports/{slug}", "reports", f"laboratory reports of {name}", ("reports",), dated=True)


_ALL = {
    found.slug: found
    for found in (
        *map(_deaths, names.drugs()), *_causes(), *_seizures(), *_reports(), *map(_listed, VOCABULARY["quantities"]),
    )
}  # fmt: skip


def catalogue() -> dict[str, Quantity]:
    """Every quantity by slug."""
    return dict(_ALL)


def quantities(word: str | None = None) -> pd.DataFrame:
    """What public data measure, and `check` and claims files can name.

    Parameters
    ----------
    word : str, optional
        Only quantities that have this word in their slug or label.

    Returns
    -------
    DataFrame
        Columns quantity (the slug), unit, label, places, periods, measures, all in words.

    Raises
    ------
    LedgerError
        If no quantity has the word.

    Examples
    --------
    >>> found = quantities("northern-border").set_index("quantity")
    >>> found.loc["seizures/fentanyl/northern-border", ["unit", "periods"]].tolist()
    ['pounds', 'months 2018-10 to 2026-04, and fiscal years and spans of them']
    """
    table = _described(store.touched(catalog.entries()))
    if word is None:
        return table.copy()
    wanted = str(word).strip().lower()
    kept = table["quantity"].str.contains(wanted, regex=False) | table["label"].str.lower().str.contains(
        wanted, regex=False
    )
    if not kept.any():
        words = {part for text in table["quantity"] for part in text.split("/")}
        raise LedgerError(unknown("word of a quantity", word, words))
    return table[kept].reset_index(drop=True)


def quantity(slug: str) -> Quantity:
    """The quantity of that slug.

    Raises
    ------
    LedgerError
        If there is none; close slugs are suggested.

    Examples
    --------
    >>> quantity("deaths/synthetic-opioids").unit
    'deaths'
    """
    if slug not in tuple(_ALL):  # which asks for no hash
        close = unknown("quantity", slug, _ALL, limit=0).partition(" Valid:")[0].partition("; valid:")[0]
        raise LedgerError(
            f"{close}; quantities() lists all {len(_ALL)}: {', '.join(sorted({q.family for q in _ALL.values()}))}"
        )
    return _ALL[slug]


def places(slug: str) -> Iterable[str]:
    """The jurisdictions that a quantity is held for: deaths by drug and laboratory reports are counted by place."""
    if slug.startswith("reports/"):
        return [place for place in names.jurisdictions() if place != "YC"]
    return names.jurisdictions() if slug.startswith("deaths/") else ("US",)


def weight_of(word: str) -> str:
    """The unit of weight that a word means, "" for none.

    >>> weight_of("lbs"), weight_of("metric tons"), weight_of("deaths")
    ('pounds', 'tonnes', '')
    """
    listed: dict[str, list[str]] = VOCABULARY["weights"]["words"]
    return next((unit for unit, words in listed.items() if word.lower() in words), "")


def in_pounds(phrase: Phrase, word: str) -> Phrase:
    """A phrase whose number is a weight in another unit, in pounds.

    >>> from fentanyl_stats.audit.hedges import parse
    >>> round(in_pounds(parse("2 tons"), "tons").value), round(in_pounds(parse("100 kilos"), "kilos").value, 1)
    (4000, 220.5)
    """
    factor: float = VOCABULARY["weights"][weight_of(word)]
    return replace(phrase, value=phrase.value * factor, granularity=phrase.granularity * factor, unit="pounds")


@lru_cache(maxsize=2)
def _described(stamp: store.Stamp) -> pd.DataFrame:
    columns = ["quantity", "unit", "label", "places", "periods", "measures"]
    rows = [
        (q.slug, q.unit, q.label, _places(q.slug), _PERIODS.get(q.family, _stated)(q), ", ".join(q.measures))
        for q in _ALL.values()
    ]
    return pd.DataFrame(rows, columns=columns)


def _places(slug: str) -> str:
    held = list(places(slug))
    return "US" if len(held) == 1 else f"US, states, {', '.join(code for code in ('DC', 'PR', 'YC') if code in held)}"


def year_runs(years: Iterable[int]) -> str:
    """Years in words, as runs.

    >>> year_runs([2010, 1999, 2000])
    '1999 to 2000, 2010'
    """
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and runs[-1][1] == year - 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(f"{first}" if first == last else f"{first} to {last}" for first, last in runs)


def _of_deaths(q: Quantity) -> str:
    found = archive.windows(q.slug.partition("/")[2])
    years, months = found["final"].str[:4].astype(int), found["provisional"]
    ages = store.load("overdose-age")
    ages = ages[(ages["drug"] == q.slug.partition("/")[2]) & ages["deaths"].notna() & (ages["age"] != "all")]
    parts = [f"final {year_runs(years)}"] if len(years) else []
    parts += [f"12 months ending {months.iloc[0]} to {months.iloc[-1]}"] if len(months) else []
    return "; ".join(parts + ([f"ages in {year_runs(ages['year'])}"] if len(ages) else []))


def _of_cause(q: Quantity) -> str:
    table = store.load("cause-deaths")
    rows = table[table["cause"] == q.slug.partition("/")[2]]
    all_ages, others = rows[rows["age"] == "all"], rows.loc[rows["age"] != "all", "age"].unique()
    groups = f"ages {', '.join(sorted(others))}" if len(others) else ""
    return "; ".join(filter(None, (year_runs(all_ages["year"]), groups)))


def _of_seizures(q: Quantity) -> str:
    months = store.load("cbp-seizures")["month"]
    return f"months {months.min()} to {months.max()}, and fiscal years and spans of them"


def _of_reports(q: Quantity) -> str:
    table = store.load("nflis")
    return f"half-years {table['year'].min()} to {table['year'].max()}, and years and spans of them"


def _stated(q: Quantity) -> str:
    if q.statements:
        rows = store.load("people").set_index("id").loc[list(q.statements)]
        return ", ".join(sorted({f"{a} to {b}" for a, b in zip(rows["period_start"], rows["period_end"], strict=True)}))
    if "not measured" in q.measures:
        return "none"
    return "days" if q.instant else "fiscal or calendar years"


_PERIODS = {
    "deaths": _of_deaths,
    "causes": _of_cause,
    "seizures": _of_seizures,
    "seizure-events": _of_seizures,
    "reports": _of_reports,
}
"""How the periods of a family are told."""
