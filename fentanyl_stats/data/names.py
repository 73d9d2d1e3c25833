"""The vocabularies: drugs, jurisdictions, regions, components and flags of the tables, and the words of analysis and audit."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import DataError, unknown

_HERE = Path(__file__)
_WORDS = tomllib.loads(_HERE.with_name("names.toml").read_text("utf-8"))
VOCABULARY: dict[str, Any] = tomllib.loads(_HERE.with_name("words.toml").read_text("utf-8"))
"""What `words.toml` holds, by topic: which printed figures a computation reads, and what things are called."""

_DRUGS: dict[str, dict[str, str]] = _WORDS["drugs"]
_JURISDICTIONS: dict[str, str] = _WORDS["jurisdictions"]
_REGIONS: dict[str, str] = _WORDS["regions"]
_COMPONENTS: dict[str, dict[str, str]] = _WORDS["components"]
_CAUSES: dict[str, dict[str, Any]] = _WORDS["causes"]
SUBSTANCES: dict[str, str] = _WORDS["substances"]
"""The substances of laboratory reports: slug -> the name in the table."""
_FLAGS: dict[str, str] = _WORDS["flags"]


def drugs() -> list[str]:
    """The drug slugs, widest first.

    >>> drugs()[:3]
    ['all', 'opioids', 'synthetic-opioids']
    """
    return list(_DRUGS)


def drug_name(drug: str) -> str:
    """The words for a drug slug, with its ICD-10 codes.

    >>> drug_name("heroin")
    'heroin (T40.1)'
    """
    return _DRUGS[require_drug(drug)]["name"]


def drug_label(drug: str) -> str:
    """The short words for a drug slug, as charts and lists need them.

    >>> drug_label("synthetic-opioids")
    'synthetic opioids (T40.4)'
    """
    return _DRUGS[require_drug(drug)]["label"]


def deaths_label(drug: str) -> str:
    """What the deaths of a drug slug are called.

    >>> deaths_label("heroin"), deaths_label("all")
    ('deaths involving heroin', 'deaths from all drugs')
    """
    return {
        "all": "deaths from all drugs",
        "synthetic-opioids": "deaths involving synthetic opioids other than methadone (T40.4)",
    }.get(drug) or f"deaths involving {drug_label(drug)}"


def jurisdictions() -> list[str]:
    """The jurisdiction codes: US, states, DC, PR, and YC (New York City; in VSRR, `NY` excludes it).

    >>> jurisdictions()[:2], len(jurisdictions())
    (['US', 'AK'], 54)
    """
    return list(_JURISDICTIONS)


def jurisdiction_name(code: str) -> str:
    """The name of a jurisdiction.

    >>> jurisdiction_name("WV")
    'West Virginia'
    """
    return _JURISDICTIONS[require_jurisdiction(code)]


def regions() -> list[str]:
    """The regions of the seizure table.

    >>> regions()
    ['southwest-border', 'northern-border', 'coastal-interior']
    """
    return [region for region in _REGIONS if region != "all"]


def region_name(region: str) -> str:
    """The words for a region, or for `all` of them.

    >>> region_name("coastal-interior")
    'coasts and interior'
    """
    return _REGIONS[_known("region", region, _REGIONS)]


def components() -> list[str]:
    """The components of Customs and Border Protection in the seizure table.

    >>> components()
    ['ofo', 'usbp']
    """
    return [component for component in _COMPONENTS if component != "all"]


def component_name(component: str) -> str:
    """The words for a component, or for `all` of them: where it seizes, and which it is.

    >>> component_name("ofo")
    'ports of entry (Office of Field Operations)'
    """
    return _COMPONENTS[_known("component", component, _COMPONENTS)]["name"]


def component_label(component: str) -> str:
    """The short words for a component, as charts need them.

    >>> component_label("usbp")
    'Border Patrol'
    """
    return _COMPONENTS[_known("component", component, _COMPONENTS)]["label"]


def causes(mark: str = "") -> list[str]:
    """The causes of death; with a mark, those that NCHS ranks (`ranked`), or of which overdoses are a part (`holds_overdoses`).

    >>> causes("holds_overdoses")
    ['unintentional-injury', 'suicide', 'homicide']
    """
    return [cause for cause, entry in _CAUSES.items() if not mark or entry.get(mark)]


def cause_name(cause: str) -> str:
    """The words for a cause of death.

    >>> cause_name("alzheimer-disease")
    'Alzheimer disease'
    """
    return str(_CAUSES[_known("cause", cause, _CAUSES)]["name"])


def _known(what: str, name: str, options: Iterable[str]) -> str:
    if name not in tuple(options):
        raise DataError(unknown(what, name, options))
    return name


def flag_words(flags: str) -> str:
    """The words for the flags of a cell, "" for none; a flag without words of its own stays as it is.

    >>> flag_words("unreliable;population_2022")
    'Unreliable: fewer than twenty deaths. Rate on the population of 2022.'
    """
    return " ".join(_FLAGS.get(flag, flag) for flag in flags.split(";") if flag)


def require_drug(name: str) -> str:
    """The name itself when it is a drug slug.

    Raises
    ------
    DataError
        Otherwise, with the close slugs.

    Examples
    --------
    >>> require_drug("heroin")
    'heroin'
    """
    return _known("drug", name, _DRUGS)


def require_jurisdiction(code: str) -> str:
    """The code itself when it is one.

    Raises
    ------
    DataError
        Otherwise; a name, or a code in small letters, is answered with its code.

    Examples
    --------
    >>> require_jurisdiction("West Virginia")
    Traceback (most recent call last):
        ...
    fentanyl_stats.errors.DataError: unknown jurisdiction 'West Virginia'; did you mean 'WV' (West Virginia)?
    """
    if code not in jurisdictions():
        wanted = str(code).strip().lower()
        for known, name in _JURISDICTIONS.items():
            if wanted in (known.lower(), name.lower()):
                raise DataError(f"unknown jurisdiction {code!r}; did you mean {known!r} ({name})?")
        named = [f"{known} ({name})" for known, name in _JURISDICTIONS.items()]
        raise DataError(unknown("jurisdiction", code, named))
    return code
