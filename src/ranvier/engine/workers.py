"""Workers that prepare the batches of a sequence ahead, in order: threads, or processes of their own."""

from __future__ import annotations

import itertools
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from ranvier._errors import DataError

__all__ = ["Fetcher"]

_held: list[Any] = []
"""In a worker process: the data that it serves."""


class Fetcher:
    """Gets items of a sequence by number, ahead of their use where the data asks for workers.

    Args:
        data: has `[i]`; a PyDataset also says `workers`, `use_multiprocessing` and `max_queue_size`.
    """

    def __init__(self, data: Any) -> None:
        self.data = data
        self.workers = int(getattr(data, "workers", 1) or 0)
        self.processes = bool(getattr(data, "use_multiprocessing", False)) and self.workers > 0
        self.ahead = max(1, int(getattr(data, "max_queue_size", 10) or 1))
        self._pool: Executor | None = None

    def renew(self) -> None:
        """Forget the workers' copies of the data, which may have changed."""
        if self.processes and self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def items(self, numbers: Iterator[int]) -> Iterator[Any]:
        """Yield the items in the order of their numbers."""
        if not (self.processes or self.workers > 1):
            for number in numbers:
                yield self.data[number]
            return
        submit = self._submitter()
        waiting: deque[Future[Any]] = deque(map(submit, itertools.islice(numbers, self.ahead)))
        try:
            while waiting:
                item = _result(waiting.popleft())
                waiting.extend(map(submit, itertools.islice(numbers, 1)))
                yield item
        finally:
            for future in waiting:
                future.cancel()

    def _submitter(self) -> Callable[[int], Future[Any]]:
        if self._pool is None:
            self._pool = self._new_pool()
        pool = self._pool
        if self.processes:
            return lambda number: _submitted(pool, number)
        return lambda number: pool.submit(self.data.__getitem__, number)

    def _new_pool(self) -> Executor:
        if not self.processes:
            return ThreadPoolExecutor(self.workers, thread_name_prefix="ranvier-data")
        # A fork would copy the locks of JAX's threads in whatever state they are.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.workers, context, _hold, (self.data,))


def _submitted(pool: Executor, number: int) -> Future[Any]:
    try:
        return pool.submit(_fetch, number)
    except Exception as error:  # whatever it is that cannot be sent to a new process
        raise _ended(error) from error


def _result(future: Future[Any]) -> Any:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise _ended(error) from error


def _ended(error: Exception) -> DataError:
    return DataError(
        "A worker process of the data ended before it gave a batch.",
        code="data-worker-ended",
        place="PyDataset(use_multiprocessing=True)",
        expected="a dataset of a class at the top of a module, in a script whose work stands under "
        "if __name__ == '__main__'",
        received=f"{type(error).__name__}: {error}",
        fix="move class and work there, or pass use_multiprocessing=False",
    )


def _hold(data: Any) -> None:
    _held[:] = [data]


def _fetch(number: int) -> Any:
    return _held[0][number]
