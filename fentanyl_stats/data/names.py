"""The names of drugs and jurisdictions."""

from __future__ import annotations

from ..errors import DataError, unknown

_DRUGS: dict[str, str] = {
    "all": "all drug overdose deaths",
    "opioids": "opioids (T40.0-T40.4, T40.6)",
    "synthetic-opioids": "synthetic opioids other than methadone (T40.4: fentanyl, analogues, tramadol)",
    "heroin": "heroin (T40.1)",
    "natural-opioids": "natural and semi-synthetic opioids (T40.2)",
    "methadone": "methadone (T40.3)",
    "cocaine": "cocaine (T40.5)",
    "psychostimulants": "psychostimulants with abuse potential (T43.6)",
    "prescription-opioids": "prescription opioids (T40.2-T40.3)",
    "stimulants": "cocaine or psychostimulants (T40.5, T43.6)",
    "benzodiazepines": "benzodiazepines (T42.4)",
    "antidepressants": "antidepressants (T43.0-T43.2)",
}

_JURISDICTIONS: dict[str, str] = {
    "US": "United States",
    "AK": "Alaska",
    "AL": "Alabama",
    "AR": "Arkansas",
    "AZ": "Arizona",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DC": "District of Columbia",
    "DE": "Delaware",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "IA": "Iowa",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "MA": "Massachusetts",
    "MD": "Maryland",
    "ME": "Maine",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MO": "Missouri",
    "MS": "Mississippi",
    "MT": "Montana",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "NE": "Nebraska",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NV": "Nevada",
    "NY": "New York",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "PR": "Puerto Rico",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VA": "Virginia",
    "VT": "Vermont",
    "WA": "Washington",
    "WI": "Wisconsin",
    "WV": "West Virginia",
    "WY": "Wyoming",
    "YC": "New York City",
}

_FLAGS = {
    "suppressed": "Suppressed: 1 to 9 deaths.",
    "low_quality": "Withheld: too few certificates name drugs.",
    "underreported": "The window is still filling.",
    "not_transcribed": "Completeness of this file not seen.",
    "unreliable": "Unreliable: fewer than twenty deaths.",
    "population_2022": "Rate on the population of 2022.",
}


def flag_words(flags: str) -> str:
    """The flags of a cell (with semicolons between) as sentences.

    >>> flag_words("suppressed;underreported")
    'Suppressed: 1 to 9 deaths. The window is still filling.'
    """
    return " ".join(_FLAGS.get(flag, flag) for flag in flags.split(";"))


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
    return _DRUGS[require_drug(drug)]


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
    if name not in drugs():
        raise DataError(unknown("drug", name, _DRUGS))
    return name


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
