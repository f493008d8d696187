"""What several trainings at once on one machine lose, against the same one after the other.

    python -m benchmarks.oversubscription [--processes 4] [--workloads mlp,cnn,lstm] [--peers ranvier,pytorch]

Each process trains the same network with the threads that its framework takes by default, so that together they want
more processors than there are. `loss` is the time of a step with all at work, over that of one alone times processes:
1 is a machine shared without loss. The promise is that Ranvier loses no more than PyTorch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks.catalog import PEERS, find_interpreter
from benchmarks.machine import describe
from benchmarks.remote import RemoteWorker
from benchmarks.steady_state import Plan, timed_trip

BATCH, STEPS = 32, 40
SHORTEST_S = 1.0  # of a trip of one process alone


def step_ms(worker: RemoteWorker, epochs: int) -> float:
    """Milliseconds per step, without what starting a fit costs."""
    return float(timed_trip(worker, Plan(STEPS, 1 + epochs))["ms"])


def measure(peer: str, workload: str, processes: int, rounds: int) -> dict[str, float]:
    """Median milliseconds per step of one process alone and of all at once, and what is lost."""
    python = find_interpreter(PEERS[peer])
    if python is None:
        raise SystemExit(f"{peer} is not installed here")
    with ExitStack() as stack, ThreadPoolExecutor(processes) as threads:
        workers = []
        for _ in range(processes):
            cache = stack.enter_context(tempfile.TemporaryDirectory())
            workers.append(stack.enter_context(closing(RemoteWorker(PEERS[peer], python, cache))))
            workers[-1].ask("prepare", workload=workload, batch=BATCH, rows=BATCH * STEPS)
        epochs = max(2, round(1e3 * SHORTEST_S / (STEPS * step_ms(workers[0], 2))))
        alone, together = [], []
        for _ in range(rounds):
            alone.append(step_ms(workers[0], epochs))
            together += threads.map(lambda worker: step_ms(worker, epochs), workers)
    one, all_at_once = statistics.median(alone), statistics.median(together)
    return {"alone_ms": one, "together_ms": all_at_once, "loss": all_at_once / (one * processes)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--workloads", default="mlp,cnn,lstm")
    parser.add_argument("--peers", default="ranvier,pytorch")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for workload in chosen.workloads.split(","):
        for peer in chosen.peers.split(","):
            row = measure(peer, workload, chosen.processes, chosen.rounds)
            found.setdefault(workload, {})[peer] = row
            print(
                f"{workload:12} {peer:20} alone {row['alone_ms']:8.3f} ms, {chosen.processes} at once "
                f"{row['together_ms']:8.3f} ms, loss {row['loss']:.2f}",
                flush=True,
            )
    if chosen.json:
        chosen.json.write_text(json.dumps({"machine": describe(), "rows": found}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
