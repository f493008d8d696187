"""Where the time of a compiled program goes: a profile of it, its operations counted to the layers that they came from.

JAX gives every operation the name scopes in which it was traced: `jvp(dense)` is the forward pass of the layer
`dense` where a gradient is wanted, `transpose(jvp(dense))` its backward pass. The compiler keeps them in the text of
the program, and the profiler says how long each operation of that text took.
"""

from __future__ import annotations

import collections
import pathlib
import re
import tempfile
from collections.abc import Callable, Iterable
from typing import Any

import jax

__all__ = ["PARTS", "shares", "spent"]

PARTS = ("loss", "optimizer", "metrics")
"""Name scopes of a step beside those of the layers."""

_HEAD = re.compile(r"^(?:ENTRY )?%?([\w.\-]+) .*\{$")
_LINE = re.compile(r"^\s+(?:ROOT )?%?([\w.\-]+) = .*?[\]})] ([\w\-]+)\(")
_NAMED = re.compile(r'op_name="([^"]*)"')
_CALLS = re.compile(r"(?:calls|to_apply)=%?([\w.\-]+)")
_WRAPPED = re.compile(r"\w+\(([^()]*)\)")
_AROUND = {"while", "conditional", "call"}
"""Operations whose time is that of the operations in them."""


def shares(program: Any, run: Callable[[], Any], layers: Iterable[str]) -> dict[tuple[str, str], float]:
    """Return what share of the busy time each layer's forward and backward pass took in a profiled run.

    Args:
        program: the compiled program, of which `as_text()` is read.
        run: runs it once, long enough to be measured.
        layers: structural paths of the layers to tell apart; what is inside of one counts to it.

    Returns:
        Shares by `(path, "forward" or "backward")`; `(part, "")` for `PARTS`, and `("rest", "")`.
    """
    names, module = _names(program.as_text())
    known = sorted(layers, key=len, reverse=True)
    totals: dict[tuple[str, str], float] = collections.defaultdict(float)
    for operation, seconds in spent(run, module).items():
        if operation in names:
            totals[_place(names[operation], known)] += seconds
    whole = sum(totals.values())
    return {place: seconds / whole for place, seconds in totals.items()} if whole else {}


def spent(run: Callable[[], Any], module: str) -> dict[str, float]:
    """Return the seconds of all threads together that each operation of a compiled module took while `run` ran."""
    options = jax.profiler.ProfileOptions()
    options.python_tracer_level = 0
    totals: dict[str, float] = collections.defaultdict(float)
    with tempfile.TemporaryDirectory() as folder:
        jax.profiler.start_trace(folder, profiler_options=options)
        try:
            jax.block_until_ready(run())
        finally:
            jax.profiler.stop_trace()
        for file in pathlib.Path(folder).rglob("*.xplane.pb"):
            for plane in jax.profiler.ProfileData.from_file(str(file)).planes:
                for line in plane.lines:
                    for event in line.events:
                        facts = dict(event.stats)
                        if facts.get("hlo_module") == module and "hlo_op" in facts:
                            totals[str(facts["hlo_op"])] += event.duration_ns / 1e9
    return totals


def _names(text: str) -> tuple[dict[str, str], str]:
    """Return the name scopes of each operation that takes time of its own, and the module's name, from its text."""
    module = re.match(r"HloModule ([\w.\-]+)", text)
    names: dict[str, str] = {}
    inside: dict[str, list[str]] = collections.defaultdict(list)
    calling: dict[str, str] = {}
    computation = ""
    for line in text.splitlines():
        if head := _HEAD.match(line):
            computation = head[1]
        elif found := _LINE.match(line):
            if found[2] in _AROUND:
                continue
            scopes = _NAMED.search(line)
            names[found[1]] = scopes[1] if scopes else ""
            if scopes:
                inside[computation].append(scopes[1])
            elif called := _CALLS.search(line):
                calling[found[1]] = called[1]
    for operation, called_one in calling.items():
        if inside[called_one]:  # a fusion without a name has that of most of its parts
            names[operation] = collections.Counter(inside[called_one]).most_common(1)[0][0]
    return names, module[1] if module else ""


def _place(scopes: str, layers: list[str]) -> tuple[str, str]:
    """Return the layer and the direction of an operation, by its name scopes."""
    plain, before = scopes, ""
    while plain != before:
        plain, before = _WRAPPED.sub(r"\1", plain), plain
    within = f"/{plain}/"
    for path in layers:
        if f"/{path}/" in within:
            return path, "backward" if "transpose(" in scopes else "forward"
    return next(((part, "") for part in PARTS if f"/{part}/" in within), ("rest", ""))
