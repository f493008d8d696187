"""Measure Ranvier and its peers side by side: `python -m benchmarks.run` (options: `--help`)."""

import argparse
import dataclasses
import datetime
import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import cold_start, extras, machine, prediction, report, steady_state
from benchmarks.catalog import BASELINE, PEERS, REFERENCE, ROOT, TIMED, find_interpreter
from benchmarks.remote import RemoteWorker
from benchmarks.session import Asked, Session
from benchmarks.steady_state import FULL, QUICK, Effort
from benchmarks.workloads import BATCHES, WORKLOADS

RESULTS = ROOT / "benchmarks" / "results"
MEASURES = ("steps", "predict", "extras", "cold")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)

    def names(allowed: tuple[str, ...]) -> Any:
        def split(text: str) -> tuple[str, ...]:
            chosen = tuple(text.split(","))
            if wrong := set(chosen) - set(allowed):
                raise argparse.ArgumentTypeError(f"{', '.join(sorted(wrong))}: choose from {', '.join(allowed)}")
            return chosen

        return split

    def several(option: str, allowed: tuple[str, ...], what: str) -> None:
        parser.add_argument(
            option, type=names(allowed), default=allowed, metavar="A,B", help=f"{what}, of {', '.join(allowed)}"
        )

    several("--peers", TIMED, "who takes part; whoever is not installed is left out and named")
    several("--workloads", tuple(WORKLOADS), "networks")
    several("--batches", tuple(map(str, BATCHES)), "rows per step")
    several("--measures", MEASURES, "what to measure")
    parser.add_argument("--rounds", type=int, help=f"timed rounds (default {FULL.rounds}, quick {QUICK.rounds})")
    parser.add_argument("--baseline", choices=TIMED, default=BASELINE, help="ratios are peer over this one")
    parser.add_argument("--quick", action="store_true", help="a short run on less data: a smoke test, not a figure")
    parser.add_argument("--out", type=Path, help="result file (default: benchmarks/results/DATE-PROCESSOR.json)")
    return parser.parse_args(arguments)


def effort_of(options: argparse.Namespace) -> Effort:
    """How long to measure; `--rounds` never raises the few and slow cold starts above their usual number."""
    effort = QUICK if options.quick else FULL
    if options.rounds is None:
        return effort
    return dataclasses.replace(effort, rounds=options.rounds, cold_rounds=min(effort.cold_rounds, options.rounds))


def installed(peers: tuple[str, ...]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Interpreter of every peer that is installed somewhere, and a note for each that is not."""
    found = {peer: find_interpreter(PEERS[peer]) for peer in peers}
    missing = [
        {"peer": peer, "where": "start", "error": f"not installed: needs {', '.join(PEERS[peer].imports)}"}
        for peer, python in found.items()
        if python is None
    ]
    return {peer: python for peer, python in found.items() if python is not None}, missing


def say(text: str) -> None:
    """Progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def measure_warm(
    pythons: dict[str, str], options: argparse.Namespace, effort: Effort, cache: str
) -> tuple[dict[str, Any], Session]:
    """Steps, predictions, sizes and memory, all with the same long-lived workers."""
    started = {peer: RemoteWorker(PEERS[peer], python, f"{cache}/{peer}") for peer, python in pythons.items()}
    workers: dict[str, Asked] = dict(started)
    session = Session(workers)
    try:
        greetings = session.each(list(pythons), "start", lambda worker: worker.ask("hello"))
        peers = [peer for peer in greetings if peer != REFERENCE]
        baseline = options.baseline if options.baseline in peers else next(iter(peers), None)
        result: dict[str, Any] = {"baseline": baseline, "cases": [], "predict": []}
        if "steps" in options.measures:
            for workload in options.workloads:
                for batch in map(int, options.batches):
                    say(f"{workload}, batch {batch}: {', '.join(peers)}")
                    result["cases"].append(steady_state.measure(session, peers, baseline, workload, batch, effort))
        if "predict" in options.measures:
            say("predict")
            result["predict"] = prediction.measure(session, peers, baseline, effort)
        if "extras" in options.measures:
            say("extras")
            result["extras"] = extras.measure(session, peers, effort)
        result["foreign_cpu_share"] = session.foreign_share()
        memory = session.each(peers, "memory", lambda worker: worker.ask("memory"))
        sizes = session.each(peers, "installed size", lambda worker: worker.ask("size"))
        result["peers"] = {
            peer: {
                "title": PEERS[peer].title, "notes": list(PEERS[peer].notes), **greetings[peer],
                "worker_peak_mib": memory.get(peer, {}).get("peak_mib"),
                "idle_cpu_share": session.idle_share(peer), **sizes.get(peer, {}),
            }
            for peer in peers
        }  # fmt: skip
        return result, session
    finally:
        for worker in started.values():
            worker.close()


def main(arguments: list[str]) -> int:
    """Measure, write the result file, print the tables."""
    options = parse(arguments)
    effort = effort_of(options)
    result: dict[str, Any] = {
        "format": 1, "date": datetime.date.today().isoformat(), "quick": effort.quick,
        "effort": dataclasses.asdict(effort), "machine": machine.describe(),
        "commit": machine.commit(ROOT),
    }  # fmt: skip
    pythons, failures = installed(options.peers)
    reference, _ = installed((REFERENCE,))
    with tempfile.TemporaryDirectory(prefix="ranvier-bench-") as cache:
        warm, session = measure_warm(reference | pythons, options, effort, cache)
    result |= warm
    failures += session.failures
    if "cold" in options.measures:
        extra = tuple(name for name, spec in PEERS.items() if spec.cold_start_only and "keras_jax" in pythons)
        cold_pythons = {peer: python for peer, python in pythons.items() if peer in warm["peers"]}
        cold_pythons |= installed(extra)[0]
        say(f"cold start: {', '.join(cold_pythons)}")
        result["cold_start"], cold_session = cold_start.measure(cold_pythons, warm["baseline"], effort)
        failures += cold_session.failures
    result["failures"] = failures
    name = f"{result['date']}-{machine.slug()}{'-quick' if effort.quick else ''}.json"
    path: Path = options.out or RESULTS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(report.markdown(result))
    say(f"written: {path}")
    return 0 if warm["peers"] else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that workers and temporary folders go too
    sys.exit(main(sys.argv[1:]))
