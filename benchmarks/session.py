"""Who still takes part, in which order, and who failed at what: the round-robin that every measurement uses."""

import math
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from benchmarks import machine
from benchmarks.remote import PeerError

PARENT = "this process"
FAILED = object()


class Asked(Protocol):
    """Anything that answers requests: a worker, or a stand-in in a test."""

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """The answer to one request; raises `PeerError`."""
        ...

    def cpu_seconds(self) -> float | None:
        """Processor time used so far, `None` where unknown."""
        ...


class Session:
    """The workers of one run. A peer that fails leaves the measurement at hand, the run goes on and says so."""

    def __init__(self, workers: dict[str, Asked], seed: int = 0, settle_s: float = 0.1) -> None:
        self.workers = workers
        self.random = random.Random(seed)
        self.settle_s = settle_s
        self.failures: list[dict[str, str]] = []
        self.idle_cpu_s: dict[str, float] = defaultdict(float)
        self.idle_wall_s: dict[str, float] = defaultdict(float)
        self.foreign_cpu_s = 0.0
        self.watched_core_s = 0.0

    def fail(self, peer: str, where: str, error: str) -> None:
        """Note a failure for the result file."""
        self.failures.append({"peer": peer, "where": where, "error": error})

    def each(self, peers: Iterable[str], where: str, do: Callable[[Asked], Any], together: int = 1) -> dict[str, Any]:
        """`do` with every peer once, some of them `together`; the answers of those that did not fail."""
        return self.each_named(peers, where, lambda _, worker: do(worker), together)

    def each_named(
        self, peers: Iterable[str], where: str, do: Callable[[str, Asked], Any], together: int = 1
    ) -> dict[str, Any]:
        """The same where `do` must know whom it asks."""
        order = list(peers)
        if together == 1:
            found = [self._attempt(peer, where, do) for peer in order]
        else:
            with ThreadPoolExecutor(together) as pool:
                found = list(pool.map(lambda peer: self._attempt(peer, where, do), order))
        return {peer: answer for peer, answer in zip(order, found, strict=True) if answer is not FAILED}

    def rounds(
        self,
        peers: Iterable[str],
        count: int,
        where: str,
        do: Callable[[str, Asked], Any],
        until: float = math.inf,
        most: int = 0,
    ) -> dict[str, list[Any]]:
        """`count` rounds, each peer once per round in a random order; only peers that lasted all rounds are kept.

        More rounds follow, `most` in all, while another like those before would end before the clock is `until`.
        """
        samples: dict[str, list[Any]] = {peer: [] for peer in peers}
        began = time.perf_counter()
        for done in range(max(count, most)):
            if done >= count and time.perf_counter() + (time.perf_counter() - began) / done > until:
                break
            order = list(samples)
            self.random.shuffle(order)
            for peer in order:
                try:
                    samples[peer].append(self._alone(peer, do))
                except PeerError as error:
                    self.fail(peer, where, str(error))
                    del samples[peer]
        return samples

    def _attempt(self, peer: str, where: str, do: Callable[[str, Asked], Any]) -> Any:
        try:
            return do(peer, self.workers[peer])
        except PeerError as error:
            self.fail(peer, where, str(error))
            return FAILED

    def idle_share(self, peer: str) -> float | None:
        """Processor time that the peer took while another was measured, as a share of that time."""
        wall = self.idle_wall_s.get(peer, 0.0)
        return self.idle_cpu_s[peer] / wall if wall else None

    def foreign_share(self) -> float | None:
        """Processor time that other programs and the host's other guests took, as a share of the time on all cores."""
        return max(0.0, self.foreign_cpu_s) / self.watched_core_s if self.watched_core_s else None

    def _alone(self, peer: str, do: Callable[[str, Asked], Any]) -> Any:
        time.sleep(self.settle_s)  # thread pools of the one before spin for some milliseconds, then sleep
        before, busy, start = self._cpu_seconds(), machine.busy_seconds(), time.perf_counter()
        answer = do(peer, self.workers[peer])
        wall, busy_after, after = time.perf_counter() - start, machine.busy_seconds(), self._cpu_seconds()
        if before is None or after is None:
            return answer
        spent = {name: after[name] - before[name] for name in before}
        for name in spent.keys() - {peer, PARENT}:
            self.idle_cpu_s[name] += spent[name]
            self.idle_wall_s[name] += wall
        if busy is not None and busy_after is not None:
            self.foreign_cpu_s += busy_after - busy - sum(spent.values())
            self.watched_core_s += wall * machine.cores()
        return answer

    def _cpu_seconds(self) -> dict[str, float] | None:
        """Processor time of each worker and of this process so far; `None` where one cannot be told."""
        spent = {name: worker.cpu_seconds() for name, worker in self.workers.items()}
        known = {name: seconds for name, seconds in spent.items() if seconds is not None}
        return {**known, PARENT: time.process_time()} if len(known) == len(spent) else None
