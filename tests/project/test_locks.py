"""The committed locks pin what `pyproject.toml` asks for, one per supported Python, and nothing but versions."""

import re
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.project.source_tree import LOCKS, project

PYTHONS = ["3.11", "3.12", "3.13"]
PLAIN_EXTRAS = ("test", "check", "bench")
PEERS = {"keras", "tensorflow", "tensorflow-cpu", "torch"}


def lock(python: str, kind: str = "") -> Path:
    """Path of a lock."""
    return LOCKS / f"py{python.replace('.', '')}{kind}.txt"


def pins(path: Path) -> dict[str, Version]:
    """Name and version of every line of a lock."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {name: Version(version) for name, version in (line.split("==") for line in lines)}


def wanted(python: str, extras: tuple[str, ...]) -> list[Requirement]:
    """What the project asks for on `python`: at run time and for `extras`."""
    table = project()
    lines = list(table["project"]["dependencies"])
    lines += [line for extra in extras for line in table["project"]["optional-dependencies"][extra]]
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    return [r for r in map(Requirement, lines) if r.marker is None or r.marker.evaluate(environment)]


def unmet(path: Path, requirements: list[Requirement]) -> list[str]:
    """Requirements that the lock does not pin, or pins to a version out of their range."""
    pinned = pins(path)
    return [
        str(requirement)
        for requirement in requirements
        if (name := canonicalize_name(requirement.name)) not in pinned
        or not requirement.specifier.contains(pinned[name], prereleases=True)
    ]


def test_there_is_a_lock_for_every_supported_python_and_no_other() -> None:
    supported = SpecifierSet(project()["project"]["requires-python"])
    assert [f"3.{minor}" for minor in range(30) if f"3.{minor}.5" in supported] == PYTHONS
    assert {path.name for path in LOCKS.glob("*.txt")} == {"build.txt"} | {
        lock(python, kind).name for python in PYTHONS for kind in ("", "-peers")
    }


def test_the_build_has_a_lock_and_takes_the_oldest_supported_jaxlib() -> None:
    table = project()
    needed = list(map(Requirement, table["build-system"]["requires"]))
    assert not unmet(LOCKS / "build.txt", needed)
    (jax,) = (r for r in map(Requirement, table["project"]["dependencies"]) if r.name == "jax")
    oldest = min(Version(part.version) for part in jax.specifier if part.operator == ">=")
    assert pins(LOCKS / "build.txt")["jaxlib"] == oldest


@pytest.mark.parametrize("python", PYTHONS)
def test_a_lock_meets_the_project(python: str) -> None:
    assert not unmet(lock(python), wanted(python, PLAIN_EXTRAS))
    assert not unmet(lock(python, "-peers"), wanted(python, ("peers",)))


@pytest.mark.parametrize("python", PYTHONS)
def test_a_plain_lock_holds_no_peer(python: str) -> None:
    assert not PEERS & set(pins(lock(python)))


@pytest.mark.parametrize("path", sorted(LOCKS.glob("*.txt")), ids=lambda path: path.stem)
def test_a_lock_holds_sorted_versions_and_nothing_else(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert not [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)]
    assert list(pins(path)) == sorted(pins(path))
    assert len(pins(path)) == len(lines)


def test_the_lock_of_this_python_is_complete() -> None:
    """Whatever an installed requirement needs in turn is pinned too, so that nothing floats."""
    python = "{}.{}".format(*sys.version_info[:2])
    pinned = pins(lock(python))
    waiting = [(canonicalize_name(r.name), tuple(r.extras)) for r in wanted(python, PLAIN_EXTRAS)]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while waiting:
        name, extras = node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        assert name in pinned, f"{name} is needed and not pinned"
        waiting += required_by(name, extras)
    assert len(seen) > 20


def required_by(name: str, extras: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """What the installed distribution `name` requires here; nothing if it is not installed."""
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return []
    found = [
        requirement
        for requirement in map(Requirement, lines)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in ("", *extras))
    ]
    return [(canonicalize_name(requirement.name), tuple(requirement.extras)) for requirement in found]


def test_a_source_distribution_holds_what_builds_it():
    sent = project()["tool"]["scikit-build"]["sdist"]["include"]
    assert {"/pyproject.toml", "/native", "/src"} <= set(sent)
