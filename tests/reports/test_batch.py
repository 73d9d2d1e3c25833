"""Batches on pools of every kind: what dies is tried again once, what never ends is stopped, the rest finishes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from fentanyl_stats.data import paths
from fentanyl_stats.reports import Job, Outcome, run

from .books import book, ends

pytestmark = pytest.mark.slow


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of notebooks that the package takes for its own."""
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    return tmp_path


def job(name: str, limit: int = 600, **parameters: object) -> Job:
    """A job for one of the made notebooks."""
    return Job(f"{name}.ipynb", f"{name}.html", name, parameters, limit)


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


def test_a_pool_of_processes_will_do() -> None:
    jobs = [Job("offices.ipynb", f"{day}.html", "x", {"as_of": day}) for day in ("2024-09-17", "2026-01-01")]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        there = run(jobs, executor=pool)
    here = run(jobs, workers=1)
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
        yield json.loads((folder / "scheduler.json").read_text())["address"]
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()
        main.terminate()


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_of_two_processes_gives_the_same_notebooks(scheduler: str) -> None:
    from distributed import Client

    jobs = [
        Job("offices.ipynb", f"{i}.html", "x", {"as_of": day}) for i, day in enumerate(("2024-09-17", "2026-01-01") * 2)
    ]
    with Client(scheduler, timeout=60) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(2, timeout=60)
        there = run(jobs, executor=client.get_executor(pure=False))
    assert [outcome.error for outcome in there] == [""] * 4
    assert [outcome.notebook for outcome in there] == [outcome.notebook for outcome in run(jobs, workers=2)]
