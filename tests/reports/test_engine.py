"""The papermill engine on forked kernels: what Jupyter would have recorded, and nothing shared between notebooks."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from fentanyl_stats.data import paths
from fentanyl_stats.reports import report
from fentanyl_stats.reports.kernel import client

from .books import ends
from .pages import digests
from .test_claimreview import PLAIN

pytestmark = pytest.mark.slow

CELLS = (
    "import os, sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')",
    "os.system('echo from the shell'); None",
    "!echo from a magic",
    "from IPython.display import *\nh = display('one', display_id='x')",
    "update_display('two', display_id='x')",
    "print('gone')\nclear_output()\nprint('kept')",
    "import pandas as pd\npd.DataFrame({f'c{i}': range(3) for i in range(30)})",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "fig, ax = plt.subplots()\nax.plot([3, 1]);",
    "_, __, In[1][:5]",
    "%config InlineBackend.figure_formats = ['svg']\nos.environ['MPLBACKEND'], __name__",
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "class A:\n    def _repr_html_(self):\n        return '<b>x</b>'\n    def __repr__(self):\n        return 'x'\nA()",
    "Markdown('*text*')",
    "%%javascript\n1",
    "warnings = __import__('warnings')\nwarnings.warn('told')",
    "1 / 0",
    "print('never')",
)


def book(folder: Path, cells: Sequence[str], kernel: str = "python3") -> Path:
    """A notebook with these cells."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c, id=str(i)) for i, c in enumerate(cells)])
    made.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    nbformat.write(made, folder / "in.ipynb")
    return folder / "in.ipynb"


def run(file: Path, name: str | None = "fentanyl", **more: Any) -> Any:
    """The executed notebook, also where a cell failed."""
    out = file.parent / f"out-{name}.ipynb"
    try:
        return papermill.execute_notebook(
            str(file), str(out), engine_name=name, progress_bar=False, extra_arguments=["--log-level=50"], **more,
        )  # fmt: skip
    except papermill.PapermillExecutionError:
        return nbformat.read(str(out), 4)


def recorded(book: Any) -> list[Any]:
    """Outputs and execution counts, without what differs between two runs of one kernel too."""
    text = json.dumps(
        [
            (c.get("execution_count"), c.get("outputs"), c.metadata.get("papermill", {}).get("status"))
            for c in book.cells
        ]
    )
    text = re.sub(r"ipykernel_\d+/\d+", "ipykernel", text)
    return list(json.loads(re.sub(r"0x[0-9a-f]{8,}", "0x", text)))


def test_a_notebook_of_every_kind_of_output_is_recorded_as_jupyter_does(tmp_path: Path) -> None:
    file = book(tmp_path, CELLS)
    ours, theirs = run(file), run(file, None)
    assert recorded(ours) == recorded(theirs)
    assert ours.metadata.language_info == theirs.metadata.language_info
    assert any("image/png" in output.get("data", {}) for cell in ours.cells for output in cell.get("outputs", ()))


@pytest.mark.parametrize("name", sorted(path.stem for path in paths.notebooks().glob("*.ipynb")))
def test_every_notebook_gives_the_same_outputs_on_both_kernels(name: str, report_folder: Path, tmp_path: Path) -> None:
    given = {"claim": {"claim": "deaths-per-year"}, "jurisdiction": {"jurisdiction": "US"}}.get(name, {})
    page = {"claim": "claims/deaths-per-year", "jurisdiction": "jurisdictions/US"}.get(name, f"themes/{name}")
    file = tmp_path / f"{name}.ipynb"
    file.write_bytes((paths.notebooks() / file.name).read_bytes())
    made = report_folder / f"{page}.ipynb"
    ours = nbformat.read(made, 4) if made.exists() else run(file, parameters=given)
    theirs = run(file, None, parameters=given)
    assert [cell[:2] for cell in recorded(ours)] == [cell[:2] for cell in recorded(theirs)]
    assert "image/svg+xml" in json.dumps(ours)


SHOWN = (
    "import pandas as pd\nimport matplotlib.pyplot as plt\nimport seaborn as sns\nimport fentanyl_stats as fs\n"
    "rows = pd.DataFrame({'x': [1, 2, 3], 'y': [3, 1, 2], 'place': ['WV', 'WV', 'OH']})",
    "fig, ax = plt.subplots()\nax.plot([3, 1])\nax.set_title('Two')\nfs.show(ax)",
    "grid = sns.relplot(rows, x='x', y='y', col='place')\nfs.show(grid)",
    "fs.show(sns.heatmap(rows[['x', 'y']], annot=True))",
    "plt.get_fignums()",
)


def test_a_picture_that_is_shown_stands_there_once_the_same_each_time(tmp_path: Path) -> None:
    file = book(tmp_path, SHOWN)
    ours, theirs = run(file), run(file, None)
    shown = [[output for output in cell.outputs if output.output_type == "display_data"] for cell in ours.cells]
    assert [len(outputs) for outputs in shown] == [0, 1, 1, 1, 0]
    assert all({"image/svg+xml", "image/png", "text/plain"} <= set(outputs[0].data) for outputs in shown[1:4])
    assert ours.cells[-1].outputs[0].data["text/plain"] == "[]"
    assert recorded(ours) == recorded(theirs) == recorded(run(file))


def test_notebooks_share_no_state(tmp_path: Path) -> None:
    first = book(tmp_path, ["import pandas as pd, os\nmine = pd.mine = 1\nos.environ['MINE'] = 'x'\nos.chdir('/')"])
    run(first)
    second = run(
        book(tmp_path, ["import pandas as pd, os\n'mine' in globals(), hasattr(pd, 'mine'), 'MINE' in os.environ"])
    )
    assert second.cells[0].outputs[0].data["text/plain"] == "(False, False, False)"


@pytest.mark.parametrize("code", ["import os; os._exit(3)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_notebook_that_ends_its_interpreter_harms_no_other(code: str, tmp_path: Path) -> None:
    with pytest.raises(DeadKernelError):
        run(book(tmp_path, [code]))
    assert run(book(tmp_path, ["1 + 1"])).cells[0].outputs[0].data["text/plain"] == "2"


def test_a_notebook_that_exhausts_its_memory_fails_alone(tmp_path: Path) -> None:
    limit = (
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))\nx = [bytes(2**30) for _ in range(8)]"
    )
    failed = run(book(tmp_path, [limit]))
    assert [o.ename for o in failed.cells[-1].outputs if o.output_type == "error"] == ["MemoryError"]
    assert run(book(tmp_path, ["1 + 1"])).cells[0].outputs[0].data["text/plain"] == "2"


def test_a_cell_that_never_ends_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"import subprocess\nchild = subprocess.Popen(['sleep', '600'])\nopen({str(mark)!r}, 'w').write(str(child.pid))\nwhile True: pass"
    with pytest.raises(CellTimeoutError):
        run(book(tmp_path, [code]), execution_timeout=2)
    assert ends(int(mark.read_text()))


def test_what_still_runs_ends_with_the_process_that_asked_for_it(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    file = book(tmp_path, [f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"])
    code = (
        f"import papermill; papermill.execute_notebook({str(file)!r}, None, engine_name='fentanyl', progress_bar=False)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as process:
        while not (mark.exists() and mark.read_text()):
            assert process.poll() is None
        process.kill()
    pid = int(mark.read_text())
    assert ends(pid)


def test_where_a_fork_is_not_safe_an_ordinary_kernel_runs_and_the_log_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    client._say_once.cache_clear()
    file = book(tmp_path, ["type(get_ipython()).__name__"])
    with caplog.at_level(logging.WARNING, "fentanyl_stats"):
        shells = [run(file).cells[0].outputs[0].data["text/plain"] for _ in range(2)]
    assert shells == ["'ZMQInteractiveShell'"] * 2
    assert [r.message for r in caplog.records if "engine fentanyl" in r.message] == [
        "engine fentanyl: processes cannot be forked safely on darwin; running in an ordinary kernel"
    ]


def test_a_kernel_of_another_interpreter_is_left_to_papermill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "kernels" / "other"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        json.dumps(
            {"argv": ["/nowhere/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "o"}
        )
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert client._unfit("other") == "the kernel 'other' is not this Python's own"
    assert "no kernel is named 'absent'" in client._unfit("absent")
    assert client._unfit("python3") == ""


def test_the_command_line_of_papermill_knows_the_engine(tmp_path: Path) -> None:
    file = book(tmp_path, ["type(get_ipython()).__name__"])
    command = [sys.executable, "-m", "papermill", "--engine", "fentanyl", str(file), str(tmp_path / "out.ipynb")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    shown = nbformat.read(str(tmp_path / "out.ipynb"), 4).cells[0].outputs[0].data["text/plain"]
    assert shown == "'InProcessInteractiveShell'"


@pytest.mark.parametrize(
    "code",
    [
        "from fentanyl_stats.reports.engine import ForkedEngine",
        "import fentanyl_stats.reports.kernel.client",
        "from fentanyl_stats.reports.batch import stop; stop()",
        "import papermill; from fentanyl_stats.reports.engine import ForkedEngine",
    ],
)
def test_whoever_is_imported_first_the_engine_is_found(code: str) -> None:
    found = "from papermill.engines import papermill_engines; print(papermill_engines.get_engine('fentanyl').__name__)"
    done = subprocess.run([sys.executable, "-c", f"{code}; {found}"], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("ForkedEngine\n", 0), done.stderr


SPLIT = """
import sys, threading, psutil
from fentanyl_stats.data import paths
from fentanyl_stats.reports import Job, run
from fentanyl_stats.reports.kernel import server
paths.notebooks = lambda: __import__("pathlib").Path(sys.argv[1])
{before}
server.split()
[outcome] = run([Job("in.ipynb", "x.html", "x")], workers=1)
here = psutil.Process()
[forking] = here.children()
print(outcome.notebook.cells[0].outputs[0].text.strip() == str(forking.pid), forking.cmdline() == here.cmdline())
server.stop()
print(here.children())
"""


@pytest.mark.parametrize(
    ("before", "forked"), [("", "True"), ("threading.Thread(target=lambda: __import__('time').sleep(60), daemon=True).start()", "False")]
)  # fmt: skip
def test_a_process_of_the_command_line_s_own_is_forked_unless_it_has_threads(
    before: str, forked: str, tmp_path: Path
) -> None:
    book(tmp_path, ["import os; print(os.getppid())"])
    code = SPLIT.format(before=before)
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.stdout == f"True {forked}\n[]\n", done.stderr


def test_the_command_line_writes_the_bytes_that_python_writes(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(PLAIN, "utf-8")
    command = [sys.executable, "-m", "fentanyl_stats", "report", "--only", "said", "--claims", str(mine)]
    subprocess.run([*command, "--out", str(tmp_path / "a")], check=True, capture_output=True, timeout=300)
    ledger = report.read(str(mine))
    jobs = report.plan(ledger, "said", claims_file=str(mine))
    assert not report.make(tmp_path / "b", jobs, ledger).failed
    assert (tmp_path / "a" / "claims" / "said.html").is_file()
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
