"""Many notebooks at once, on anything with the interface of concurrent.futures."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace

from ..errors import ReportError
from .execute import Job, Outcome, execute, stop


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
    jobs = list(jobs)
    outcomes: dict[int, Outcome] = {}
    for i, outcome in stream(jobs, executor, workers):
        outcomes[i] = outcome
        if done:
            done(outcome)
    return [outcomes[i] for i in range(len(jobs))]


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
