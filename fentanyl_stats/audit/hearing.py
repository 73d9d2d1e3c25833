"""What was said on the day of the hearing, beside what public figures hold of the same objects."""

from __future__ import annotations

import pandas as pd

from . import hedges
from .assess import Assessment

DAY = "2024-04-16"
_ORDER = ("Said of precursors", "Held of precursors", "Said of fentanyl", "Held of fentanyl")
_WEIGHT = {"pure": "pure weight", "none": "gross weight"}


def said_and_found(assessment: Assessment) -> pd.DataFrame:
    """The statements of the day and the readings that bear on their object, precursors and fentanyl apart.

    Of the measured readings, those of the natural reading's window and those of the mail stand here.

    Returns
    -------
    DataFrame
        Columns group, label, low, high, value (per cent; value missing where there are bounds alone), kind (`said`,
        `measured`, `not measured`), shown (in words).

    Examples
    --------
    >>> from fentanyl_stats import assess
    >>> rows = said_and_found(assess("origin-share"))
    >>> rows.loc[rows["kind"] == "said", "shown"].tolist()
    ['more than 97%', 'nearly 100%', 'more than 90%', 'nearly 100%', 'about 97%']
    """
    rows: list[tuple[object, ...]] = []
    for step in assessment.ladder:
        if step.date != DAY or step.value is None:
            continue
        spoken = hedges.phrase(step.hedge, step.value, "percent")
        span = spoken.truth(assessment.delta).clipped(0, 100)
        label = f"{step.who}: {step.object}"
        rows.append((f"Said of {_object(step.object)}", label, span.low, span.high, step.value, "said", str(spoken)))
    window = assessment.natural.window if assessment.natural else None
    for reading in assessment.readings:
        measured = "not measured" not in reading.flags
        if measured and reading.window != window and "mail" not in reading.quantity:
            continue
        weight = _WEIGHT.get(reading.correction, "") if reading.measure == "weight" else ""
        label = ", ".join(filter(None, (reading.label.removeprefix("share of "), reading.window.short, weight)))
        kind = "measured" if measured else "not measured"
        group = f"Held of {_object(reading.quantity)}"
        rows.append((group, label, reading.low, reading.high, reading.value, kind, reading.shown))
    frame = pd.DataFrame(rows, columns=["group", "label", "low", "high", "value", "kind", "shown"])
    return frame.sort_values("group", key=lambda g: g.map(_ORDER.index), kind="stable", ignore_index=True)


def _object(words: str) -> str:
    return "precursors" if "precursor" in words else "fentanyl"
