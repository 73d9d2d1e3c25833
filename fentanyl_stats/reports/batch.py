"""Many notebooks at once, on anything with the interface of concurrent.futures."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack

from .execute import Job, Outcome, execute


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
        Where to run; by default a pool of threads, each of which waits for a kernel process of its own.
    workers : int, optional
        Size of that pool; one a processor by default.
    done : callable, optional
        Called with each outcome as it comes, to report progress.
    """
    jobs = list(jobs)
    outcomes: dict[int, Outcome] = {}
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())  # here, not in the threads: they share one list of filters
        warnings.simplefilter("ignore")  # of papermill and its kernel client, on this side of the socket
        pool = executor or stack.enter_context(ThreadPoolExecutor(workers or os.cpu_count() or 1))
        futures: dict[Future[Outcome], int] = {pool.submit(execute, job): i for i, job in enumerate(jobs)}
        for future in as_completed(futures):
            i = futures[future]
            try:
                outcomes[i] = future.result()
            except Exception as error:  # the worker itself died
                outcomes[i] = Outcome(jobs[i], error=f"{jobs[i].notebook}: {type(error).__name__}: {error}")
            if done:
                done(outcomes[i])
    return [outcomes[i] for i in range(len(jobs))]
