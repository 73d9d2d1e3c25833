"""Draw the README's scoreboard again: `python -m docs` from the project's folder."""

from pathlib import Path

from matplotlib import rc_context

import fentanyl_stats as fs

FOLDER = Path(__file__).parent

ax = fs.charts.scoreboard([fs.assess(claim) for claim in fs.claims()])
with rc_context({"svg.hashsalt": "fentanyl_stats", "svg.fonttype": "path"}):
    ax.get_figure(root=True).savefig(
        FOLDER / "scoreboard.svg", metadata={"Date": None}, bbox_inches="tight", facecolor="white"
    )
(FOLDER / "scoreboard.txt").write_text(fs.charts.alt_text(ax) + "\n", "utf-8")
