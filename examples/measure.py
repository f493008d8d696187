"""Run all examples one after the other and write their results: `python -m examples.measure [NAME ...]`.

The results go to `examples/results.json`, and from there into the table of `examples/README.md`. Examples that are not
named keep the results that they have.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from examples.comparison import beside, verdict

__all__ = ["BEGIN", "END", "FOLDER", "programs", "table"]

FOLDER = Path(__file__).parent
BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"


def programs() -> list[str]:
    """Return the names of the examples: the files that run by themselves."""
    files = sorted(FOLDER.glob("*.py"))
    return [f.stem for f in files if f.stem != "measure" and '\nif __name__ == "__main__":' in f.read_text("utf-8")]


def measured(name: str, seeds: int) -> list[dict[str, Any]]:
    """Run an example in a process of its own and return its comparisons."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results"
        command = [sys.executable, "-m", f"examples.{name}", "--seeds", str(seeds), "--results", str(results)]
        subprocess.run(command, cwd=FOLDER.parent, check=True)
        return [{"example": name, **json.loads(line)} for line in results.read_text("utf-8").splitlines()]


def table(results: list[dict[str, Any]]) -> str:
    """Return the results as a table in Markdown, one row per comparison."""
    rows = [
        "| example | measured | Ranvier | classic | | seconds |",
        "|---|---|---|---|---|---:|",
    ]
    for one in results:
        ours, theirs = (_methods(one, ours) for ours in (True, False))
        name = f"[{one['name']}]({one['example']}.py)"
        cells = (name, one["score"], ours, theirs, verdict(one), str(one["seconds"]))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _methods(result: dict[str, Any], ours: bool) -> str:
    chosen = {method: values for method, values in result["runs"].items() if (method in result["networks"]) == ours}
    return "<br>".join(f"{method}: {beside(values)}" for method, values in chosen.items())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.measure", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which examples (default: all)")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="how often to train (default 3)")
    options = parser.parse_args()
    if unknown := set(options.names) - set(programs()):
        parser.error(f"no example {', '.join(sorted(unknown))}; there are {', '.join(programs())}")
    file, page = FOLDER / "results.json", FOLDER / "README.md"
    kept: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["results"] if file.is_file() else []
    for name in options.names or programs():
        new = measured(name, options.seeds)
        kept = [one for one in kept if one["example"] != name] + new
        kept.sort(key=lambda one: one["example"])
        # Written after every example: a run that is broken off loses one of them.
        where = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        file.write_text(json.dumps({"machine": where, "results": kept}, indent=1) + "\n", "utf-8")
        before, _, rest = page.read_text("utf-8").partition(BEGIN)
        page.write_text(f"{before}{BEGIN}\n{table(kept)}\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
