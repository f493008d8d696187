"""The package as text: what every house rule looks at. Nothing here imports Ranvier."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "ranvier"
LOCKS = ROOT / "requirements"
# Distributions whose import name is another one.
IMPORT_NAMES = {"scikit-learn": "sklearn"}


@cache
def project() -> dict[str, Any]:
    """`pyproject.toml`."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def modules() -> dict[str, ast.Module]:
    """Syntax tree of every module, by its path below `src/ranvier`."""
    return {
        path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8"), str(path))
        for path in sorted(SOURCE.rglob("*.py"))
    }


def runtime_imports() -> set[str]:
    """Top-level names that a plain installation has, beside the standard library's."""
    names = {re.split(r"[<>=!~;\[ ]", line)[0] for line in project()["project"]["dependencies"]}
    return {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in names}


def is_optional(module: str) -> bool:
    """Whether `module` belongs to a package that a plain installation may lack."""
    top = module.partition(".")[0]
    return top not in sys.stdlib_module_names and top != "ranvier" and top not in runtime_imports()


def imported(node: ast.AST) -> list[str]:
    """Full dotted names that one import statement asks for; none if `node` is not one."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module or ''}.{alias.name}" for alias in node.names]
    return []


def local_imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of every import inside a function."""
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in ast.walk(function):
                for name in imported(node):
                    yield getattr(node, "lineno", 0), name


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function and method with its dotted name."""
    for node in ast.iter_child_nodes(tree):
        name = f"{prefix}{getattr(node, 'name', '')}"
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield name, node
        named = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        yield from functions(node, f"{name}." if named else prefix)


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function from `def` to its end, its docstring not counted."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total
