"""Installed size of a package with everything it requires, as its own metadata say."""

import importlib.util
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from benchmarks.catalog import ROOT


def measure(roots: tuple[str, ...]) -> dict[str, Any]:
    """Sum over the closure of `roots` under "requires", without extras [MiB]; `a|b` is whichever is installed.

    Every file that the installer recorded counts once, compiled `.pyc` files not at all: they come and go.
    """
    files: dict[str, int] = {}
    seen: set[str] = set()
    waiting = [first_installed(root) for root in roots]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found, required = contents(name)
        files |= found
        waiting += required
    return {"installed_mib": sum(files.values()) / 2**20, "packages": len(seen)}


def first_installed(choices: str) -> str:
    """The first of `a|b` that is installed, else the first."""
    names = choices.split("|")
    return next((name for name in names if find(name)), names[0])


def find(name: str) -> Distribution | None:
    """The installed distribution, or `None`."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def contents(name: str) -> tuple[dict[str, int], list[str]]:
    """Sizes of a distribution's files by path, and the distributions that it requires here."""
    found = find(name)
    if found is None:
        return source_tree(name)
    files = sizes(Path(str(path.locate())) for path in found.files or [])
    if name == "ranvier":  # an editable installation records no modules of its own
        files |= source_tree(name)[0]
    return files, required_here(found.requires or [])


def source_tree(name: str) -> tuple[dict[str, int], list[str]]:
    """The same for a package that is imported from a source tree: its folder, and the project file's dependencies."""
    spec = importlib.util.find_spec(name)
    project = ROOT / "pyproject.toml"
    if spec is None or not spec.submodule_search_locations or not project.exists():
        raise ModuleNotFoundError(f"{name} is required but not installed")
    dependencies = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    return sizes(Path(spec.submodule_search_locations[0]).rglob("*")), required_here(dependencies)


def sizes(paths: Any) -> dict[str, int]:
    """Sizes of those paths that are files [bytes], by real path."""
    real = {path.resolve() for path in paths if path.suffix != ".pyc"}
    return {str(path): path.stat().st_size for path in real if path.is_file()}


def required_here(requirements: list[str]) -> list[str]:
    """Names of the requirements whose markers hold in this environment with no extra asked for."""
    from packaging.requirements import Requirement  # needed by every framework here, but not part of Python

    parsed = [Requirement(text) for text in requirements]
    return [entry.name.lower() for entry in parsed if entry.marker is None or entry.marker.evaluate({"extra": ""})]
