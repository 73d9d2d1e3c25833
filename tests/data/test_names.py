from __future__ import annotations

import pytest

from fentanyl_stats.data import names
from fentanyl_stats.errors import DataError


def test_names_are_unique_and_accepted() -> None:
    assert len(set(names.drugs())) == 12
    assert len(set(names.jurisdictions())) == 54  # US, 50 states, DC, PR, YC
    assert [names.require_drug(drug) for drug in names.drugs()] == names.drugs()
    assert [names.require_jurisdiction(code) for code in names.jurisdictions()] == names.jurisdictions()
    assert len({names.jurisdiction_name(code) for code in names.jurisdictions()}) == 54
    assert "T40.4" in names.drug_name("synthetic-opioids")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("synthetic_opioids", "did you mean 'synthetic-opioids'"),
        ("Heroin", "did you mean 'heroin'"),
        ("T40.4", "unknown drug 'T40.4'; valid: all"),
        ("", "unknown drug ''"),
        (None, "unknown drug 'None'"),
        (["all"], "unknown drug"),
    ],
)
def test_unknown_drugs(given: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        names.require_drug(given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("West Virginia", r"did you mean 'WV' \(West Virginia\)\?"),
        ("west virginia", r"did you mean 'WV' \(West Virginia\)\?"),
        ("wv", r"did you mean 'WV' \(West Virginia\)\?"),
        ("New York City", r"did you mean 'YC' \(New York City\)\?"),
        ("west virgina", r"did you mean 'WV \(West Virginia\)'"),
        ("USA", "unknown jurisdiction 'USA'"),
        ("", "unknown jurisdiction ''"),
        (1, "unknown jurisdiction '1'"),
    ],
)
def test_unknown_jurisdictions(given: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        names.require_jurisdiction(given)  # type: ignore[arg-type]
