"""What was known on a day: also where that is nothing, each page is made and says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fentanyl_stats.reports import Outcome, report

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2024-09-17", {"trends.ipynb": "No vintage of wonder-overdose was published by 2024-09-17"}),
        ("2015-01-01", {"deaths.ipynb": "No 12-month count of deaths is held for US by 2015-01-01"}),
    ],
)
def test_every_theme_has_a_page_as_of_any_day(day: str, said: dict[str, str], ran: Callable[..., Outcome]) -> None:
    jobs = [job for job in report.plan(report.read(), as_of=day) if job.page.startswith("themes/")]
    made = {job.notebook: ran(job.notebook, **job.parameters) for job in jobs}
    assert [outcome.error for outcome in made.values()] == [""] * len(jobs)
    for notebook, words in said.items():
        assert words in str(made[notebook].notebook)
