"""Everything that long-lived workers measure, part by part, so that a run that is stopped has what came before."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import extras, feeding, goals, many_models, prediction, steady_state
from benchmarks.budget import Budget
from benchmarks.catalog import PEERS, REFERENCE, find_interpreter
from benchmarks.peak import Peak
from benchmarks.remote import PeerError, RemoteWorker
from benchmarks.session import Asked, Session
from benchmarks.steady_state import Effort

FED_ROWS, FED_ROWS_QUICK = 7_680, 1_280
LOADER_PEER = "pytorch"


class Warm:
    """The workers of a run from their start to their end."""

    def __init__(
        self,
        pythons: dict[str, str],
        effort: Effort,
        cache: str,
        kept: bool,
        baseline: str,
        say: Callable[[str], None],
    ) -> None:
        self.effort, self.cache, self.say = effort, cache, say
        for peer in pythons:
            Path(cache, peer).mkdir(parents=True, exist_ok=True)
        self.started = {
            peer: RemoteWorker(PEERS[peer], python, f"{cache}/{peer}", kept=kept) for peer, python in pythons.items()
        }
        workers: dict[str, Asked] = dict(self.started)
        self.session = Session(workers)
        self.greetings = self.session.each(list(pythons), "start", lambda worker: worker.ask("hello"), 2)
        self.peers = [peer for peer in self.greetings if peer != REFERENCE]
        self.trained = [peer for peer in self.peers if not PEERS[peer].answers_only]
        self.baseline = baseline if baseline in self.trained else next(iter(self.trained), None)
        self.peak = Peak(self.session)

    def close(self) -> None:
        """End all workers."""
        for worker in self.started.values():
            worker.close()

    def parts(
        self, measures: tuple[str, ...], cases: list[tuple[str, int]], minutes: float | None, workloads: tuple[str, ...]
    ) -> Iterator[dict[str, Any]]:
        """Parts of the result in the order in which they are known; a later one replaces its namesake."""
        yield {"baseline": self.baseline, "cases": [], "predict": [], "peers": self.described({}, {})}
        if "steps" in measures:
            yield from self.steps(cases, minutes)
        if "predict" in measures:
            self.say("predict")
            yield {"predict": prediction.measure(self.session, self.trained, self.baseline, self.effort)}
        if "inference" in measures:
            self.say("inference")
            found = prediction.inference(self.session, self.peers, self.baseline, self.effort, workloads)
            yield {"inference": found}
        if "extras" in measures:
            self.say("extras")
            yield {"extras": extras.measure(self.session, self.trained, self.effort)}
        if "feeding" in measures:
            self.say("feeding")
            yield {"feeding": self.fed()}
        if "models" in measures:
            self.say("many models")
            yield {"models": many_models.measure(self.session, self.trained, self.effort.quick)}
        memory = self.session.each(self.peers, "memory", lambda worker: worker.ask("memory"))
        sizes = self.session.each(self.peers, "installed size", lambda worker: worker.ask("size"))
        yield {"foreign_cpu_share": self.session.foreign_share(), "peers": self.described(memory, sizes)}

    def steps(self, cases: list[tuple[str, int]], minutes: float | None) -> Iterator[dict[str, Any]]:
        """The cases one by one, each with its verdict by the peak that is known so far."""
        budget, found, seen = Budget(minutes, list(cases)), [], set()
        for place, (workload, batch) in enumerate(cases):
            self.say(f"{time.strftime('%H:%M:%S')} {place + 1}/{len(cases)} {workload}, batch {batch}")
            if place % 4 == 0:
                self.peak.ask()
            again = self.effort.lean and workload in seen
            seen.add(workload)
            compared = steady_state.AGAIN_STEPS if again else steady_state.AGREEMENT_STEPS
            case = steady_state.measure(
                self.session, self.trained, self.baseline, workload, batch, self.effort, budget.until(), compared
            )
            found.append(case)
            if place + 1 == len(cases):
                self.peak.ask()
            peak = self.peak.result()
            for known in found:
                known["verdict"] = goals.verdict(known, str(self.baseline), peak["gflops"])
            yield {"cases": list(found), "peak": peak, "foreign_cpu_share": self.session.foreign_share()}

    def fed(self) -> list[dict[str, Any]]:
        """Fits fed from outside. Ranvier runs where PyTorch is installed, or it could not be fed by its DataLoader."""
        python = find_interpreter(PEERS[LOADER_PEER])
        beside: dict[str, RemoteWorker] = {}
        workers: dict[str, Asked] = {peer: self.started[peer] for peer in self.trained}
        able = [peer for peer in self.trained if PEERS[peer].module.endswith(("keras_like", "pytorch"))]
        for peer in able:
            if PEERS[peer].is_product and python:
                beside[peer] = RemoteWorker(PEERS[peer], python, f"{self.cache}/{peer}-beside")
        session = Session(workers | beside)
        rows = FED_ROWS_QUICK if self.effort.quick else FED_ROWS
        try:
            return feeding.measure(session, able, self.baseline, min(5, self.effort.rounds), rows)
        except PeerError as error:
            session.fail(str(self.baseline), "feeding", str(error))
            return []
        finally:
            self.session.failures += session.failures
            for worker in beside.values():
                worker.close()

    def described(self, memory: dict[str, Any], sizes: dict[str, Any]) -> dict[str, Any]:
        """Who took part, with what versions, and what it costs to have it."""
        return {
            peer: {
                "title": PEERS[peer].title, "notes": list(PEERS[peer].notes), **self.greetings[peer],
                "worker_peak_mib": memory.get(peer, {}).get("peak_mib"),
                "idle_cpu_share": self.session.idle_share(peer), **sizes.get(peer, {}),
            }
            for peer in self.peers
        }  # fmt: skip
