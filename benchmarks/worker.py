"""The child: holds one peer for a whole run and does one timed thing at a time, when it is asked to.

Run as `python -m benchmarks.worker PEER`; requests and answers are lines of JSON (see `Worker` for the requests).
"""

import functools
import importlib
import json
import sys
import time
from typing import Any

import numpy as np

from benchmarks import installed_size
from benchmarks.catalog import PEERS
from benchmarks.peers.contract import Peer
from benchmarks.protocol import claim_stdout, peak_mib, send, wording
from benchmarks.workloads import QUICK_ROWS, WORKLOADS, Data, data_source, fingerprint, initial_weights, load

CALLS_AT_ONCE = 8


class Worker:
    """Every public method is a request; its keyword arguments and its result travel as JSON."""

    def __init__(self, name: str) -> None:
        self.spec = PEERS[name]
        start = time.perf_counter()
        self.peer: Peer = importlib.import_module(self.spec.module).make(*self.spec.arguments)
        self.import_s = time.perf_counter() - start
        self.data: dict[tuple[str, int], Data] = {}
        self.x: Any = None
        self.y: Any = None
        self.batch = 0
        self.fits: dict[str, Any] = {}

    def hello(self) -> dict[str, Any]:
        """Who is there."""
        return {
            "python": ".".join(map(str, sys.version_info[:3])),
            "versions": {name: self._version(name) for name in (*self.spec.imports, "numpy")},
            "threads": self.peer.threads(),
        }

    def agree(self, workload: str, batch: int, steps: int) -> dict[str, Any]:
        """Losses of the first `steps` unshuffled steps without dropout, one by one and as one fit."""
        work = WORKLOADS[workload]
        x, y = self._load(workload, QUICK_ROWS)
        cuts = [slice(step * batch, (step + 1) * batch) for step in range(steps)]
        self.peer.build(work, initial_weights(work), batch, dropout=False)
        losses = [self.peer.fit(x[cut], y[cut], epochs=1, shuffle=False)[0] for cut in cuts]
        self.peer.build(work, initial_weights(work), batch, dropout=False)
        (mean,) = self.peer.fit(x[: steps * batch], y[: steps * batch], epochs=1, shuffle=False)
        return {"losses": losses, "mean_of_one_fit": mean}

    def prepare(self, workload: str, batch: int, rows: int) -> dict[str, Any]:
        """Build the network with its dropout and run the first epoch: the call that compiles."""
        work = WORKLOADS[workload]
        data = self._load(workload, rows)
        weights = initial_weights(work)
        self.x, self.y = data
        self.batch = batch
        start = time.perf_counter()
        self.peer.build(work, weights, batch, dropout=True)
        built = time.perf_counter()
        loss = self.peer.fit(self.x, self.y, epochs=1, shuffle=True)[0]
        end = time.perf_counter()
        return {
            "build_s": built - start, "first_epoch_s": end - built, "loss": loss,
            "work": fingerprint(data, weights), "data": data_source(work),
        }  # fmt: skip

    def trip(self, epochs: int) -> dict[str, Any]:
        """Time a fit of one epoch and a fit of `epochs`: their difference has no cost of starting in it."""
        times = [time.perf_counter()]
        for count in (1, epochs):
            losses = self.peer.fit(self.x, self.y, epochs=count, shuffle=True)
            times.append(time.perf_counter())
        return {
            "short_s": times[1] - times[0], "long_s": times[2] - times[1], "loss": losses[-1],
            "steps_per_epoch": -(-len(self.x) // self.batch), "extra_epochs": epochs - 1,
        }  # fmt: skip

    def prepare_extras(self, workload: str, batch: int, rows: int) -> dict[str, Any]:
        """Build a plain network, and one that is fitted with three metrics, class weights and validation."""
        self.prepare(workload, batch, rows)
        work, (x, y) = WORKLOADS[workload], self._load(workload, rows)
        held = len(x) // 6
        weights = {label: 1.0 + label / 10 for label in range(work.sizes[-1])}
        more = {"class_weight": weights, "validation_data": (x[:held], y[:held])}
        rich: Any = importlib.import_module(self.spec.module).make(*self.spec.arguments)
        rich.measure_more()
        rich.build(work, initial_weights(work), batch, dropout=True)
        rich.fit(x, y, 1, True, **more)
        self.fits = {"plain": self.peer.fit, "extras": functools.partial(rich.fit, **more)}
        return {}

    def extras(self, epochs: int = 3) -> dict[str, Any]:
        """Milliseconds per step of a plain fit and of one with everything, start and end of a fit taken out."""
        steps = (epochs - 1) * -(-len(self.x) // self.batch)
        found = {}
        for name, fit in self.fits.items():
            times = [time.perf_counter()]
            for count in (1, epochs):
                fit(self.x, self.y, epochs=count, shuffle=True)
                times.append(time.perf_counter())
            found[f"{name}_ms"] = 1e3 * (times[2] - 2 * times[1] + times[0]) / steps
        return found

    def predict(self, rows: int, how: str, seconds: float) -> dict[str, Any]:
        """Repeat `peer.predict` or `peer.call` on `rows` rows, other rows each time, for at least `seconds`."""
        ask = getattr(self.peer, how)
        starts = [step * 13 % (len(self.x) - rows + 1) for step in range(CALLS_AT_ONCE)]
        for first in starts[:2]:  # the first call compiles
            ask(self.x[first : first + rows])
        start, calls = time.perf_counter(), 0
        while (taken := time.perf_counter() - start) < seconds:
            for first in starts:
                answer = ask(self.x[first : first + rows])
            calls += CALLS_AT_ONCE
        if answer.shape != (rows, WORKLOADS["mlp"].sizes[-1]) or not np.allclose(answer.sum(axis=1), 1, atol=1e-4):
            raise ValueError(f"not the class probabilities of {rows} rows: shape {answer.shape}")
        return {"microseconds": 1e6 * taken / calls}

    def size(self) -> dict[str, Any]:
        """Installed size of everything that a user must install for this peer."""
        return installed_size.measure(self.spec.distributions)

    def memory(self) -> dict[str, Any]:
        """Highest resident memory so far."""
        return {"peak_mib": peak_mib()}

    def cold_start(self, workload: str, batch: int, rows: int) -> dict[str, Any]:
        """The first epoch of a fresh process, and where its time went [s]."""
        start = time.perf_counter()
        self._load(workload, rows)
        data_s = time.perf_counter() - start
        parts = self.prepare(workload, batch, rows)
        times = {name: parts[name] for name in ("build_s", "first_epoch_s")}
        return {"import_s": self.import_s, "data_s": data_s, **times, "peak_mib": peak_mib()}

    @staticmethod
    def _version(name: str) -> str:
        return str(getattr(importlib.import_module(name), "__version__", "unknown"))

    def _load(self, workload: str, rows: int) -> Data:
        if (workload, rows) not in self.data:
            self.data = {(workload, rows): load(WORKLOADS[workload], rows)}
        return self.data[workload, rows]


def main(name: str) -> None:
    """Answer requests until the input ends."""
    answers = claim_stdout()
    try:
        worker = Worker(name)
    except Exception as error:
        send(answers, {"error": wording(error)})
        return
    for line in sys.stdin:
        request = json.loads(line)
        try:
            send(answers, {"result": getattr(worker, request["do"])(**request["with"])})
        except Exception as error:  # a peer may fail in any way; the run goes on without it
            send(answers, {"error": wording(error)})


if __name__ == "__main__":
    main(sys.argv[1])
