"""Batches on pools of every kind: what dies is tried again once, what never ends is stopped, the rest finishes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from fentanyl_stats import cli
from fentanyl_stats.data import paths
from fentanyl_stats.errors import ReportError
from fentanyl_stats.reports import batch, cache, report
from fentanyl_stats.reports.batch import run
from fentanyl_stats.reports.cache import Job, Manifest, Outcome

from .books import book, ends
from .pages import digests

pytestmark = pytest.mark.slow


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of notebooks that the package takes for its own."""
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT interrupts, also where the tests run in the background of a shell, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def job(name: str, limit: int = 600, **parameters: object) -> Job:
    """A job for one of the made notebooks."""
    return Job(f"{name}.ipynb", f"{name}.html", name, parameters, limit)


def dated(folder: Path, *days: str) -> list[Job]:
    """Jobs for a notebook that reads a table as of a day; its path is absolute, so that other processes find it."""
    book(folder, "dated", 'as_of: str = ""', 'import fentanyl_stats as fs\np = fs.parameters("offices", as_of=as_of)',
         "fs.show(fs.load('dea-offices', as_of=p.as_of).tail(2))")  # fmt: skip
    return [Job(str(folder / "dated.ipynb"), f"{day}.html", "x", {"as_of": day}) for day in days]


def test_what_dies_is_tried_once_more(books: Path) -> None:
    book(books, "shaky", "x: int = 0", f"import os\nmark = {str(books / 'mark')!r}",
         "if not os.path.exists(mark):\n    open(mark, 'w').close()\n    os._exit(1)\nprint('second try')")  # fmt: skip
    book(books, "dead", "x: int = 0", f"open({str(books / 'tries')!r}, 'a').write('.')\nimport os; os._exit(1)")
    shaky, dead = run([job("shaky"), job("dead")], workers=1)
    assert shaky.ok and shaky.notebook.cells[-1].outputs[0].text == "second try\n"
    assert dead.error == "dead.ipynb: nbclient.exceptions.DeadKernelError: Kernel died"
    assert (books / "tries").read_text() == ".."


def test_crash_hunger_and_endless_loop_leave_the_others_alone(books: Path) -> None:
    book(books, "good", "x: int = 0", "print(2 * x)")
    book(books, "crash", "x: int = 0", "import ctypes; ctypes.string_at(0)")
    book(books, "hunger", "x: int = 0",
         "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))\nx = [bytes(2**30) for _ in range(9)]")  # fmt: skip
    book(books, "endless", "x: int = 0", "while True: pass")
    jobs = [job("crash"), job("endless", limit=2), job("hunger"), job("good", x=21), job("good", x=4)]
    outcomes = run(jobs, workers=2)
    assert [outcome.ok for outcome in outcomes] == [False, False, False, True, True]
    assert outcomes[0].error == "crash.ipynb: nbclient.exceptions.DeadKernelError: Kernel died"
    assert outcomes[1].error == "endless.ipynb: a cell took longer than 2 seconds and was stopped"
    assert outcomes[2].error.startswith("hunger.ipynb, cell 2: MemoryError")


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_what_runs_and_keeps_what_is_done(books: Path) -> None:
    book(books, "good", "x: int = 0", "print(2 * x)")
    book(books, "slow", "x: int = 0", f"import os, time\nopen({str(books / 'pid')!r}, 'w').write(str(os.getpid()))",
         "time.sleep(600)")  # fmt: skip

    def interrupt() -> None:
        while not ((books / "pid").exists() and (books / "pid").read_text()):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    got: list[Outcome] = []
    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        run([job("good"), job("slow"), job("good"), job("slow")], workers=1, done=got.append)
    assert [outcome.job.notebook for outcome in got] == ["good.ipynb"]
    assert ends(int((books / "pid").read_text()))
    assert run([job("good", x=1)])[0].ok


def test_a_pool_of_processes_will_do(tmp_path: Path) -> None:
    jobs = dated(tmp_path, "2024-09-17", "2026-01-01")
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        there = run(jobs, executor=pool)
    here = run(jobs, workers=1)
    assert [outcome.error for outcome in there] == [""] * 2
    assert [outcome.job.page for outcome in there] == ["2024-09-17.html", "2026-01-01.html"]
    assert [outcome.notebook for outcome in there] == [outcome.notebook for outcome in here]
    assert there[0].notebook != there[1].notebook


def test_a_pool_that_breaks_is_reported_for_each_of_its_jobs() -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        with pytest.raises(Exception, match="terminated abruptly"):
            pool.submit(os._exit, 1).result()
        outcomes = run([Job("offices.ipynb", "a.html", "a"), Job("offices.ipynb", "b.html", "b")], executor=pool)
    assert all("BrokenProcessPool" in outcome.error for outcome in outcomes)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Dask scheduler with two worker processes in folders of their own."""
    from distributed import Client

    folder = tmp_path_factory.mktemp("cluster")
    quiet = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
               "--no-dashboard", "--no-show", "--scheduler-file", str(folder / "scheduler.json")]  # fmt: skip
    with subprocess.Popen(command, cwd=folder, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as main:
        workers = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            start = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(folder / "scheduler.json"),
                     "--nthreads", "1", "--name", name, "--no-dashboard", "--local-directory", str(folder / name)]  # fmt: skip
            workers.append(
                subprocess.Popen(
                    start, cwd=folder / name, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            )
        while not (folder / "scheduler.json").exists():
            time.sleep(0.05)
        address = json.loads((folder / "scheduler.json").read_text())["address"]
        with warnings.catch_warnings(), Client(address, timeout=60) as client:  # type: ignore[no-untyped-call]
            warnings.simplefilter("ignore")
            client.wait_for_workers(2, timeout=60)
        yield address
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()
        main.terminate()


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_of_two_processes_gives_the_same_notebooks(scheduler: str, tmp_path: Path) -> None:
    from distributed import Client

    jobs = dated(tmp_path, *("2024-09-17", "2026-01-01") * 2)
    with Client(scheduler, timeout=60) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(2, timeout=60)
        there = run(jobs, executor=client.get_executor(pure=False))
    assert [outcome.error for outcome in there] == [""] * 4
    assert [outcome.notebook for outcome in there] == [outcome.notebook for outcome in run(jobs, workers=2)]


SAMPLE = {"themes/offices.html", "claims/foreign-offices.html", "jurisdictions/WV.html"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("plain_index")
def test_one_worker_two_workers_and_a_cluster_write_the_same_bytes(scheduler: str, tmp_path: Path) -> None:
    ledger = report.read()
    jobs = [job for each in (None, "jurisdiction") for job in report.plan(ledger, each=each) if job.page in SAMPLE]
    assert not report.make(tmp_path / "one", jobs, ledger, workers=1).failed
    assert not report.make(tmp_path / "two", jobs[::-1], ledger, workers=2).failed
    with batch.executor(scheduler) as executor:
        assert not report.make(tmp_path / "cluster", jobs, ledger, executor=executor).failed
    assert set(digests(tmp_path / "one")) > SAMPLE
    assert digests(tmp_path / "one") == digests(tmp_path / "two") == digests(tmp_path / "cluster")


@pytest.mark.filterwarnings("ignore")
def test_a_claims_file_travels_to_the_workers(scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (Path(__file__).parents[1] / "small-article.toml").read_text("utf-8")
    sent = Job("claims.ipynb", "x.html", "x", {"claims_file": str(tmp_path / "gone.toml")}, claims=text)
    with batch.executor(scheduler) as executor:
        [outcome] = run([sent], executor=executor)
    assert outcome.ok, outcome.error
    assert str(tmp_path) not in str(cache.record(outcome.notebook))


@pytest.mark.filterwarnings("ignore")
def test_a_worker_with_other_data_is_refused(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {**batch.fingerprint(), "data": "other", "pandas": "0.1"}
    monkeypatch.setattr(batch, "fingerprint", Telling(ours))
    with pytest.raises(ReportError, match="differs from this machine in data, pandas"), batch.executor(scheduler):
        pass


class Telling:
    """A fingerprint that says one thing here and, sent to a worker, the truth there."""

    def __init__(self, ours: dict[str, str]) -> None:
        self.ours = ours

    def __call__(self) -> dict[str, str]:
        return self.ours

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (import_module("fentanyl_stats.reports.batch"), "fingerprint")


def test_a_scheduler_that_does_not_answer_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["report", "--only", "offices", "--scheduler", "nonsense://x", "--out", str(tmp_path)])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("fentanyl-stats: no scheduler answers at nonsense://x") and said.count("\n") == 1


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_report_keeps_its_pages_and_goes_on_from_there(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "fentanyl_stats",
        "report",
        "--each",
        "claim",
        "--workers",
        "1",
        "--out",
        str(tmp_path),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        while not list(tmp_path.glob("claims/*.html")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
    assert process.returncode == 130
    assert said == "fentanyl-stats: stopped; the pages written so far stay\n"
    kept = Manifest(tmp_path).pages
    assert kept and all(set(files["files"]) <= set(digests(tmp_path)) for files in kept.values())
