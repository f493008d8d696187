"""Tables and the chart from a result file: `python -m benchmarks.report RESULT.json [--readme FILE] [--svg FILE]`."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import training
from benchmarks.catalog import PEERS
from benchmarks.feeding import LABELS as FED

BEGIN, END = "<!-- benchmarks:begin -->", "<!-- benchmarks:end -->"
NOTHING = "-"
BUSY = 0.03
PARTS = {
    "importing and building": ("import_s", "build_s"),
    "the first epoch, compiling included": ("first_epoch_s",),
}


def markdown(result: dict[str, Any]) -> str:
    """All tables of one result, with the machine and the versions they belong to."""
    first = [training.table(result, title), training.sweep_table(result, title)] if result.get("format", 1) > 1 else []
    tables = [table(result, rows) for rows in sections(result) if rows]
    return "\n\n".join(part for part in [heading(result), *first, *tables, footnotes(result)] if part)


def heading(result: dict[str, Any]) -> str:
    """Where and when, and how to read the cells."""
    machine = result["machine"]
    kind = "virtual machine, " if machine["virtual"] else ""
    lines = [
        f"{result['date']}, {kind}{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, CPU only.",
        f"Medians of {result['effort']['rounds']} interleaved rounds (cold start: {result['effort']['cold_rounds']}).",
    ]
    if baseline := result.get("baseline"):
        lines.append(
            f"In brackets: the median over rounds of the peer's time divided by that of {title(result, baseline)}."
        )
    if (foreign := result.get("foreign_cpu_share") or 0.0) > BUSY:
        lines.append(f"**Other programs took {foreign:.0%} of the processor meanwhile: not a figure to quote.**")
    if result["quick"]:
        lines.append("**A quick run: a smoke test, not a figure.**")
    return " ".join(lines)


def title(result: dict[str, Any], peer: str) -> str:
    """Display name of a peer."""
    return str(result["peers"].get(peer, {}).get("title") or PEERS[peer].title)


Row = tuple[str, dict[str, str]]


def sections(result: dict[str, Any]) -> list[list[Row]]:
    """Rows (label, cell per peer) of the tables, training steps of the older format inside."""
    steps = [
        (f"{case['workload']}, batch {case['batch']}: ms per step", cells(case["peers"], "ms_per_step", milliseconds))
        for case in result["cases"]
        if result.get("format", 1) == 1
    ]
    steps += [
        (
            f"{case['workload']}, batch {case['batch']}: first call, once, s",
            plain(case["peers"], "first_call_s", "{:.2f}"),
        )
        for case in result["cases"]
        if not result.get("caches_kept")
    ]
    steps += [
        (f"mlp, batch 32, {label}: ms per step", {peer: extra_cell(row, key) for peer, row in found.items()})
        for found in [result.get("extras") or {}]
        for label, key in (("plain", "plain_ms"), ("with metrics, class weights and validation", "extras_ms"))
    ]
    asked = {"predict": "`predict`", "call": "`model(x)`", "evaluate": "`evaluate`"}
    answers = [
        (
            f"{asked[entry['how']]}, {entry['rows']:,} row{'s' if entry['rows'] > 1 else ''}: µs",
            cells(entry["peers"], "us", microseconds),
        )
        for entry in result["predict"]
    ]
    answers += [
        (
            f"{entry['workload']}, answers to {entry['rows']} row{'s' if entry['rows'] > 1 else ''}: µs",
            cells(entry["peers"], "us", microseconds),
        )
        for entry in result.get("inference", [])
    ]
    feeding = [
        (f"fit from {FED[entry['kind']]}: rows per second", cells(entry["peers"], "rows_per_s", microseconds))
        for entry in result.get("feeding", [])
    ]
    models = result.get("models", {})
    feeding.append(("growth per model built and fitted: MiB", plain(models, "mib_per_model", "{:.3f}")))
    runs = [
        (f"cold start, {run['run']} run: s", cells(run["peers"], "total_s", "{:.2f}".format))
        for run in result.get("cold_start", [])
    ]
    for run in result.get("cold_start", [])[:1]:
        runs += [(f"of that run, {label}: s", parts_of(run["peers"], names)) for label, names in PARTS.items()]
        runs.append(("peak memory of that run: MiB", plain(run["peers"], "peak_mib", "{:,.0f}")))
    runs.append(("installed size: MiB", plain(result["peers"], "installed_mib", "{:,.0f}")))
    return [[(label, row) for label, row in group if row] for group in (steps, answers, feeding, runs)]


def milliseconds(value: float) -> str:
    """Two significant digits below one, two decimals above."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def microseconds(value: float) -> str:
    """Whole microseconds, or rows."""
    return f"{value:,.0f}"


def cells(peers: dict[str, Any], key: str, form: Callable[[float], str]) -> dict[str, str]:
    """`median (ratio)` per peer."""
    written = {}
    for peer, found in peers.items():
        ratio = found["ratio"]
        behind = f" ({ratio['median']:.3g}x)" if ratio else ""
        written[peer] = form(found[key]["median"]) + behind
    return written


def parts_of(peers: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """Seconds of some parts of a cold start together: Ranvier imports what it needs while it builds."""
    return {peer: f"{sum(found['parts'][name] for name in names):.2f}" for peer, found in peers.items()}


def extra_cell(found: dict[str, Any], key: str) -> str:
    """A time of the extras; behind the one with everything, the peer's own cost over its plain fit."""
    behind = f" ({found['ratio']['median']:.2f}x its plain fit)" if key == "extras_ms" else ""
    return milliseconds(found[key]["median"]) + behind


def plain(peers: dict[str, Any], key: str, form: str) -> dict[str, str]:
    """The number alone, for those who have it."""
    return {peer: form.format(found[key]) for peer, found in peers.items() if found.get(key) is not None}


def table(result: dict[str, Any], rows: list[Row]) -> str:
    """A Markdown table: one column per peer that has a cell, the baseline first."""
    present = {peer for _, row in rows for peer in row}
    columns = [peer for peer in PEERS if peer in present]
    columns.sort(key=lambda peer: peer != result.get("baseline"))
    lines = ["| | " + " | ".join(title(result, peer) for peer in columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for label, row in rows:
        lines.append(f"| {label} | " + " | ".join(row.get(peer, NOTHING) for peer in columns) + " |")
    return "\n".join(lines)


def footnotes(result: dict[str, Any]) -> str:
    """What a reader must know about single peers, the versions, and who failed at what."""
    lines = []
    for found in result["peers"].values():
        packages = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
        lines.append(f"- {found['title']}: {'; '.join([packages, *found['notes']])}.")
    for failure in result["failures"]:
        lines.append(f"- Failed: {title(result, failure['peer'])}, {failure['where']}: {failure['error']}")
    return "\n".join(lines)


def insert(page: str, tables: str) -> str:
    """`page` with what stands between the two marks replaced."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs the two lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{tables}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Print the tables, or write them into a page; draw the chart where it is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("result", type=Path)
    parser.add_argument("--readme", type=Path, help=f"page to update between {BEGIN} and {END}")
    parser.add_argument("--svg", type=Path, help="chart to write (needs matplotlib)")
    parser.add_argument("--sweep", type=Path, help="chart of a width sweep to write (needs matplotlib)")
    options = parser.parse_args(arguments)
    result = json.loads(options.result.read_text(encoding="utf-8"))
    if options.readme:
        page = insert(options.readme.read_text(encoding="utf-8"), markdown(result))
        options.readme.write_text(page, encoding="utf-8")
    else:
        print(markdown(result))
    if options.svg:
        from benchmarks import chart  # matplotlib is only needed for pictures

        chart.draw(result, options.svg)
    if options.sweep:
        from benchmarks import chart

        chart.draw_sweep(result, options.sweep)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
