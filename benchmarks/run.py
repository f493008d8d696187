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

from benchmarks import cold_start, machine, report
from benchmarks.catalog import ANSWERING, BASELINE, PEERS, REFERENCE, ROOT, TIMED, find_interpreter
from benchmarks.steady_state import FULL, LEAN, QUICK, Effort
from benchmarks.warm import Warm
from benchmarks.workloads import BATCHES, SWEEP, WORKLOADS

RESULTS = ROOT / "benchmarks" / "results"
MEASURES = ("steps", "predict", "inference", "extras", "feeding", "models", "cold")
# A budget is for the table of training steps; whoever wants more of it names the measures.
BUDGETED = ("steps",)


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

    several("--peers", (*TIMED, *ANSWERING), "who takes part; whoever is not installed is left out and named")
    several("--workloads", tuple(WORKLOADS), "networks")
    several("--batches", tuple(map(str, BATCHES)), "rows per step")
    several("--measures", MEASURES, "what to measure")
    parser.set_defaults(measures=None)
    parser.add_argument("--sweep", action="store_true", help="the width sweep at batch 32 in place of the table")
    parser.add_argument("--points", type=names(tuple(SWEEP)), metavar="A,B", help="of the sweep, only these points")
    parser.add_argument(
        "--budget",
        type=float,
        metavar="MINUTES",
        help="compile side by side, take short trips, choose the rounds so that it takes about that",
    )
    parser.add_argument(
        "--caches",
        type=Path,
        metavar="FOLDER",
        help="keep everybody's compiled programs there, for runs that compile little and say nothing of first calls",
    )
    parser.add_argument("--rounds", type=int, help=f"timed rounds (default {FULL.rounds}, quick {QUICK.rounds})")
    parser.add_argument("--baseline", choices=TIMED, default=BASELINE, help="ratios are peer over this one")
    parser.add_argument("--quick", action="store_true", help="a short run on less data: a smoke test, not a figure")
    parser.add_argument("--out", type=Path, help="result file (default: benchmarks/results/DATE-PROCESSOR.json)")
    options = parser.parse_args(arguments)
    lean = options.budget is not None or options.sweep
    options.measures = BUDGETED if options.sweep else options.measures or (BUDGETED if lean else MEASURES)
    return options


def effort_of(options: argparse.Namespace) -> Effort:
    """How long to measure; `--rounds` never raises the few and slow cold starts above their usual number."""
    effort = QUICK if options.quick else LEAN if options.budget is not None or options.sweep else FULL
    if options.caches or options.sweep or options.budget is not None:
        effort = dataclasses.replace(effort, lean=True)
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


def cases_of(options: argparse.Namespace) -> list[tuple[str, int]]:
    """Workloads with their batches: the table's, or the points of the sweep."""
    if options.sweep:
        return [(point, BATCHES[0]) for point in options.points or SWEEP]
    chosen = set(map(int, options.batches))
    return [(name, batch) for name in options.workloads for batch in WORKLOADS[name].batches if batch in chosen]


def write(result: dict[str, Any], path: Path) -> None:
    """The file as far as it is known; it is whole at any time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def main(arguments: list[str]) -> int:
    """Measure, write the result file after every case, print the tables."""
    options = parse(arguments)
    effort = effort_of(options)
    result: dict[str, Any] = {
        "format": 2, "date": datetime.date.today().isoformat(), "quick": effort.quick,
        "effort": dataclasses.asdict(effort), "budget_min": options.budget, "caches_kept": bool(options.caches),
        "machine": machine.describe(), "commit": machine.commit(ROOT),
    }  # fmt: skip
    kind = ("-sweep" if options.sweep else "") + ("-quick" if effort.quick else "")
    path: Path = options.out or RESULTS / f"{result['date']}-{machine.slug()}{kind}.json"
    useless = () if "inference" in options.measures else ANSWERING
    pythons, failures = installed(tuple(peer for peer in options.peers if peer not in useless))
    reference, _ = installed((REFERENCE,))
    with tempfile.TemporaryDirectory(prefix="ranvier-bench-") as own:
        cache = str(options.caches.resolve()) if options.caches else own
        warm = Warm(reference | pythons, effort, cache, bool(options.caches), options.baseline, say)
        try:
            for part in warm.parts(options.measures, cases_of(options), options.budget, options.workloads):
                result |= part
                write(result | {"failures": failures + warm.session.failures}, path)
        finally:
            warm.close()
    failures += warm.session.failures
    if "cold" in options.measures:
        extra = tuple(name for name, spec in PEERS.items() if spec.cold_start_only and "keras_jax" in pythons)
        cold_pythons = {peer: python for peer, python in pythons.items() if peer in warm.peers}
        cold_pythons |= installed(extra)[0]
        say(f"cold start: {', '.join(cold_pythons)}")
        result["cold_start"], cold_session = cold_start.measure(cold_pythons, warm.baseline, effort)
        failures += cold_session.failures
    result["failures"] = failures
    write(result, path)
    print(report.markdown(result))
    say(f"written: {path}")
    return 0 if warm.peers else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that workers and temporary folders go too
    sys.exit(main(sys.argv[1:]))
