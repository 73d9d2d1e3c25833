"""Notebooks through papermill: one, or a batch on this machine or a cluster."""

from __future__ import annotations

import logging
import os
import re
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from ..data import paths
from ..errors import ReportError
from . import cache
from .cache import Job, Outcome
from .kernel import server, unsafe

ENGINE = "fentanyl"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def execute(job: Job) -> Outcome:
    """Run a job and return its outcome; never raises for what happens inside the notebook."""
    if not unsafe():
        server.begin()  # which imports while this process does
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines

    from .engine import ForkedEngine

    papermill_engines.register(ENGINE, ForkedEngine)  # also where the package is on the path without being installed
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        with _claims_at_hand(job) as parameters:
            done = papermill.execute_notebook(
                str(job.path),
                None,
                parameters=parameters,
                engine_name=ENGINE,
                progress_bar=False,
                execution_timeout=job.limit,
                extra_arguments=["--log-level=50"],
            )
    except papermill.PapermillExecutionError as error:
        line = " ".join(_ANSI.sub("", f"{error.ename}: {error.evalue}").split())
        cell = error.cell_index + 1 - bool(job.parameters)  # as in the file: papermill put a cell of its own before it
        return Outcome(job, error=f"{job.name}, cell {cell}: {line[:400]}")
    except CellTimeoutError:
        return Outcome(job, error=f"{job.name}: a cell took longer than {job.limit} seconds and was stopped")
    except Exception as error:  # a kernel that dies or never starts must not take the batch with it
        line = traceback.format_exception_only(error)[-1].strip().splitlines()[0]
        return Outcome(job, error=f"{job.name}: {line[:400]}", died=isinstance(error, DeadKernelError))
    return Outcome(job, notebook=_lasting(done))


def stop() -> None:
    """End every notebook that a fork of this process runs, and the process that forks them."""
    server.stop()


@contextmanager
def _claims_at_hand(job: Job) -> Iterator[dict[str, Any]]:
    """The parameters, with the claims file where this worker can read it."""
    given = dict(job.parameters)
    file = given.get("claims_file")
    if not job.claims or not file or Path(file).is_file():
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "claims.toml"
        copy.write_text(job.claims, "utf-8")
        yield {**given, "claims_file": str(copy)}


def _lasting(notebook: Any) -> Any:
    """The executed notebook without the times, paths and random names of this run: the same inputs give the same bytes."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.id = "injected-parameters"
    return notebook


_SCHEMES = ("tcp", "tls", "ws", "wss", "ucx")


@contextmanager
def executor(address: str) -> Iterator[Executor]:
    """The executor of a Dask cluster, whose workers need this package and its data, and nothing else.

    Parameters
    ----------
    address : str
        Of the scheduler, such as `tcp://10.0.0.5:8786`.

    Raises
    ------
    ReportError
        If Dask is not installed, the scheduler does not answer, it has no worker, or a worker holds another version of
        the package, of its libraries or of the data.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ReportError(
            "a scheduler needs Dask, which is not installed; install the extra: fentanyl-stats[cluster]"
        ) from None
    _require_address(address)
    try:
        client = cast(Any, Client)(address, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ReportError(f"no scheduler answers at {address}: {error}") from None
    with client:
        if not (theirs := client.run(fingerprint)):
            raise ReportError(f"the scheduler at {address} has no worker; start some with `dask worker {address}`")
        ours = fingerprint()
        for worker, found in sorted(theirs.items()):
            if odd := sorted(name for name in ours if found.get(name) != ours[name]):
                raise ReportError(
                    f"worker {worker} differs from this machine in {', '.join(odd)}; install the same there"
                )
        yield client.get_executor(pure=False)


def _require_address(address: str) -> None:
    """Refuse what is no address at once: Dask would take 20 seconds, and complain on stderr when it is collected."""
    try:
        where = urlsplit(address if "://" in address else f"tcp://{address}")
        sound = where.scheme in _SCHEMES and where.hostname and where.port
    except ValueError:  # a port beyond 65535, or an IPv6 address that is none
        sound = None
    if not sound:
        raise ReportError(f"no scheduler answers at {address}: write its address as tcp://host:port")


def fingerprint() -> dict[str, str]:
    """What must be the same on every machine: code, libraries, data."""
    return {**cache.software(), "data": cache.digest((paths.raw() / "SOURCES.toml").read_bytes())}


def run(
    jobs: Iterable[Job],
    executor: Executor | None = None,
    workers: int | None = None,
    done: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Run jobs and return their outcomes in the order given, whatever the order in which they end.

    Parameters
    ----------
    jobs : iterable of Job
    executor : concurrent.futures.Executor, optional
        Where to run: a pool of processes, the executor of a Dask client, or by default a pool of threads, each of which
        waits for a process of its own. The workers need nothing but this package.
    workers : int, optional
        Size of that pool; one a processor by default.
    done : callable, optional
        Called with each outcome as it comes, to report progress.

    Raises
    ------
    ReportError
        If one of the jobs is no Job; what happens inside a notebook is told by its outcome.

    Examples
    --------
    >>> from fentanyl_stats.reports import Job, run
    >>> [outcome] = run([Job("offices.ipynb", "offices.html", "Offices", {"as_of": "2024-09-17"})], workers=1)
    >>> outcome.ok
    True
    """
    outcomes: dict[int, Outcome] = {}
    for i, outcome in stream(jobs, executor, workers):
        outcomes[i] = outcome
        if done:
            done(outcome)
    return [outcomes[i] for i in sorted(outcomes)]


def stream(
    jobs: Iterable[Job], executor: Executor | None = None, workers: int | None = None
) -> Iterator[tuple[int, Outcome]]:
    """The outcomes of `run` as they come, each with the place of its job, so that none needs to be kept.

    A notebook whose process died is tried once more. An interrupt cancels what waits and ends what runs.
    """
    jobs = list(jobs)
    if odd := [job for job in jobs if not isinstance(job, Job)]:
        raise ReportError(f"{len(odd)} of {len(jobs)} jobs are no reports.Job, first {odd[0]!r:.60}")
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())  # here, not in the threads: they share one list of filters
        warnings.simplefilter("ignore")  # of papermill and its kernel client, on this side of the socket
        pool = executor or stack.enter_context(ThreadPoolExecutor(workers or os.cpu_count() or 1))
        waiting = {_submit(pool, job): i for i, job in enumerate(jobs)}
        again: set[int] = set()
        try:
            while waiting:
                ended, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in sorted(ended, key=waiting.__getitem__):
                    i = waiting.pop(future)
                    outcome = _outcome(jobs[i], future)
                    if outcome.died and i not in again:
                        again.add(i)
                        waiting[_submit(pool, jobs[i])] = i
                    else:
                        yield i, outcome
        except BaseException:
            for future in waiting:
                future.cancel()
            if executor is None:
                stop()
            raise


def _submit(pool: Executor, job: Job) -> Future[Outcome]:
    try:
        return pool.submit(execute, job)
    except RuntimeError as error:  # a pool that broke takes no more work
        broken: Future[Outcome] = Future()
        broken.set_exception(error)
        return broken


def _outcome(job: Job, future: Future[Outcome]) -> Outcome:
    try:
        return replace(future.result(), job=job)
    except Exception as error:  # the worker itself died
        return Outcome(job, error=f"{job.notebook}: {type(error).__name__}: {error}", died=True)
