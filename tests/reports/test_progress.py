"""A long cell says how far it has come; afterwards nothing is left of it, in the notebook or on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from fentanyl_stats.data import paths
from fentanyl_stats.reports import batch, cache, pages
from fentanyl_stats.reports.batch import execute
from fentanyl_stats.reports.cache import Job

from .books import LINKS, book


def test_outside_a_kernel_items_pass_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(batch.over([1, 2, 3], "numbers")) == [1, 2, 3]
    assert capsys.readouterr().out == ""


@pytest.mark.slow
@pytest.mark.parametrize("broken", [False, True], ids=["whole", "broken off"])
def test_nothing_is_left_of_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bool) -> None:
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    loop = (
        "import fentanyl_stats as fs\nfrom fentanyl_stats.reports import batch\n"
        "shown = []\n"
        "from IPython.core.display_functions import DisplayHandle\n"
        "before = DisplayHandle.update\n"
        "DisplayHandle.update = lambda self, obj, **how: (shown.append(getattr(obj, 'data', obj)), before(self, obj, **how))\n"
        "for item in batch.over(['a', 'b'], 'things <b>'):\n"
        f"    if item == 'b' and {broken}: break\n"
        "fs.show('done')"
    )
    book(tmp_path, "made", "x: int = 0", loop, "import json; print(json.dumps(shown))")
    outcome = execute(Job("made.ipynb", "made.html", "made"))
    assert outcome.ok, outcome.error
    line, words = outcome.notebook.cells[1].outputs
    assert line.data == {}
    assert "text/markdown" in words.data
    printed = outcome.notebook.cells[2].outputs[0].text
    assert "1 of 2 things &lt;b&gt;" in printed
    assert ("2 of 2" in printed) is not broken
    assert len(cache.shown(outcome.notebook).cells[1].outputs) == 1
    page = pages.page(outcome, tmp_path / "out", LINKS)[0].read_text("utf-8")
    assert "<progress" not in page and "done" in page
