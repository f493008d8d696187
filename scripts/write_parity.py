"""Writes docs/reference/keras_parity.md: every public name of Keras 3 beside Ranvier's, from both packages.

Run with Ranvier's own Python: `python scripts/write_parity.py`. Keras's side is tests/oracle/keras_names.json (recorded
by scripts/record_oracles/names.py), the reasons are src/ranvier/_absent.py for what is left out, else
scripts/parity_reasons.toml. A name that is missing or differs without a reason ends the run with status 1, so that the
page cannot be written without one.
"""

import fnmatch
import inspect
import json
import pathlib
import sys
import tomllib
from collections import Counter
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "src"))

import ranvier
from ranvier._absent import ABSENT
from ranvier._lookup import signature_arguments, snake_case

ROOT = pathlib.Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "keras_parity.md"
SAMPLES: dict[str, Any] = {
    "keras.Layer": ranvier.Layer,
    "keras.Metric": ranvier.Metric,
    "keras.Model": lambda: ranvier.Sequential([ranvier.layers.Dense(1, input_shape=(1,))]),
    "keras.Variable": lambda: ranvier.Variable(0.0),
}
"""Makers of objects whose attributes are set when they are made."""
UNREAD = "name only: a signature cannot be read"
_ABSENT = object()
_VARIADIC = ("VAR_POSITIONAL", "VAR_KEYWORD")


def ours(path: str) -> Any:
    """Return what Ranvier has under a name of Keras, `_ABSENT` where there is nothing."""
    found: Any = ranvier
    for part in path.split(".")[1:]:
        if inspect.isclass(found):
            of_class = inspect.getattr_static(found, part, _ABSENT)
            sample = SAMPLES.get(path.rpartition(".")[0])
            found = getattr(sample(), part, _ABSENT) if of_class is _ABSENT and sample is not None else of_class
        else:
            found = getattr(found, part, _ABSENT)
        if found is _ABSENT:
            return _ABSENT
    return found


def of_objects(path: str) -> bool:
    """Return whether a name is there on objects only, not on their class."""
    owner, _, name = path.rpartition(".")
    return owner in SAMPLES and inspect.getattr_static(ours(owner), name, _ABSENT) is _ABSENT is not ours(path)


def parameters(path: str, value: Any) -> dict[str, Any] | None:
    """Return a callable's parameters by name, without the object of a method; None where it has no signature."""
    of_class = inspect.isclass(ours(path.rpartition(".")[0]))
    bound = of_class and (inspect.isfunction(value) or isinstance(value, classmethod))
    try:
        found = list(inspect.signature(getattr(value, "__func__", value)).parameters.items())
    except (TypeError, ValueError):
        return None
    return dict(found[1:] if bound else found)


def is_read(path: str, entry: dict[str, Any], value: Any) -> bool:
    """Return whether both signatures can be read; True where neither thing is called."""
    called = callable(value) or isinstance(value, (staticmethod, classmethod))
    if not called and entry["kind"] not in ("class", "function", "method"):
        return True
    return "parameters" in entry and called and parameters(path, value) is not None


def differences(path: str, entry: dict[str, Any], value: Any) -> list[str]:
    """Return how the parameters of Ranvier's thing differ from Keras's: missing ones, places, defaults."""
    mine = parameters(path, value) if callable(value) or isinstance(value, (staticmethod, classmethod)) else None
    if "parameters" not in entry or mine is None:
        return []
    handed_on = signature_arguments(value) if inspect.isclass(value) else []
    order = [name for name, p in mine.items() if p.kind.name not in _VARIADIC]
    found = []
    position = 0
    for name, kind, default in entry["parameters"]:
        if kind in _VARIADIC or name == "cls":
            continue
        if name not in mine:
            if name not in handed_on:
                found.append(f"no `{name}`")
            continue
        if kind == "POSITIONAL_OR_KEYWORD" and (position >= len(order) or order[position] != name):
            found.append(f"`{name}` stands elsewhere")
        position += 1
        # What Keras requires may have a default here.
        if default is not None and (text := _shown(mine[name])) != default and not _same(path, name, default, text):
            found.append(f"`{name}={text}`, not `{default}`")
    return found


def further(path: str, entry: dict[str, Any]) -> list[str]:
    """Return the optional parameters that Ranvier's thing takes beyond Keras's."""
    value = ours(path)
    mine = parameters(path, value) if callable(value) or isinstance(value, (staticmethod, classmethod)) else None
    if "parameters" not in entry or mine is None:
        return []
    given = {name for name, _, _ in entry["parameters"]}
    if any(kind == "VAR_KEYWORD" for _, kind, _ in entry["parameters"]):
        return []  # Keras takes them without naming them
    return [name for name, p in mine.items() if p.kind.name not in _VARIADIC and name not in given]


def _shown(parameter: inspect.Parameter) -> str | None:
    default = parameter.default
    if default is inspect.Parameter.empty:
        return None
    return default.__name__ if inspect.isclass(default) or inspect.isfunction(default) else repr(default)


def _same(path: str, name: str, default: str | None, mine: str | None) -> bool:
    """Whether two defaults mean the same: equal numbers, and a name that is made from the class's."""
    if name == "name" and mine == "None":
        return default in (repr(snake_case(path.split(".")[-1])), "None")
    try:
        return float(default or "x") == float(mine or "x")
    except ValueError:
        return False


def known_reasons() -> dict[str, dict[str, str]]:
    """Return the reasons by status, `later` and `different`, each by its pattern."""
    reasons = tomllib.loads((ROOT / "scripts" / "parity_reasons.toml").read_text(encoding="utf-8"))
    reasons["different"] |= {pattern: f"{why.reason}. Example: {why.example}" for pattern, why in ABSENT.items()}
    return reasons


def reason_for(path: str, reasons: dict[str, str]) -> str | None:
    """Return the first reason whose pattern fits a name."""
    return next((text for pattern, text in reasons.items() if fnmatch.fnmatchcase(path, pattern)), None)


def row(path: str, entry: dict[str, Any], reasons: dict[str, dict[str, str]]) -> tuple[str, str]:
    """Return `(status, note)` of one name; status `?` where a reason is wanting."""
    value = ours(path)
    if value is _ABSENT:
        if (later := reason_for(path, reasons["later"])) is not None:
            return "not yet", later
        absent = reason_for(path, reasons["different"])
        return ("different", absent) if absent is not None else ("?", "missing")
    unlike = differences(path, entry, value)
    if (known := reason_for(path, reasons["different"])) is not None:
        return "different", known
    if unlike:
        return "?", "; ".join(unlike)
    return "same", "" if is_read(path, entry, value) else UNREAD


def page(document: dict[str, Any], rows: dict[str, tuple[str, str]]) -> str:
    """Return the page as text."""
    count = Counter(status for status, _ in rows.values())
    same = {path: entry for path, entry in document["names"].items() if rows[path][0] == "same"}
    more = [f"`{path}` (`{'`, `'.join(names)}`)" for path, entry in same.items() if (names := further(path, entry))]
    share = 100 * count["different"] / len(rows)
    lines = [
        "# Parity with Keras 3, name by name",
        "",
        f"Written by `scripts/write_parity.py` from Keras {document['keras']} and Ranvier: names, parameters, their "
        "order and defaults. Numbers are another matter: the tests replay what Keras computed (`tests/oracle/`).",
        "",
        f"{len(rows)} names: **{count['same']} same**, **{count['different']} different** ({share:.1f} %; "
        f"{100 * count['different'] / (len(rows) - count['not yet']):.1f} % of what is here), "
        f'**{count["not yet"]} not yet**. "Same" is said of names, parameters and defaults; of '
        f"{sum(note == UNREAD for _, note in rows.values())} names of the name alone, because Python cannot read a "
        f'signature of one of the two. "Same" allows further optional arguments of ours, which {len(more)} names have: '
        f"{', '.join(more)}. It is also said of attributes that an object has and its class has not: "
        f"{', '.join(f'`{path}`' for path in rows if of_objects(path))}.",
        "",
    ]
    by_module: dict[str, list[str]] = {}
    for path in rows:
        by_module.setdefault(path.rpartition(".")[0], []).append(path)
    for module, paths in by_module.items():
        lines += [f"## {module}", ""]
        for word, note in (("same", ""), ("same name", UNREAD)):
            names = [path.rpartition(".")[2] for path in paths if rows[path] == ("same", note)]
            if names:
                lines += [f"{word}: " + ", ".join(f"`{name}`" for name in names), ""]
        other = [path for path in paths if rows[path][0] != "same"]
        if other:
            lines += ["| name | | reason |", "|---|---|---|"]
            lines += [f"| `{path.rpartition('.')[2]}` | {rows[path][0]} | {rows[path][1]} |" for path in other] + [""]
    return "\n".join(lines)


def main() -> int:
    """Write the page, or name what has no reason."""
    document = json.loads((ROOT / "tests" / "oracle" / "keras_names.json").read_text(encoding="utf-8"))
    reasons = known_reasons()
    rows = {path: row(path, entry, reasons) for path, entry in document["names"].items()}
    unexplained = {path: note for path, (status, note) in rows.items() if status == "?"}
    for path, note in unexplained.items():
        print(f"{path}: {note}", file=sys.stderr)
    if unexplained:
        print(f"{len(unexplained)} names are missing or differ without a reason", file=sys.stderr)
        return 1
    PAGE.write_text(page(document, rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
