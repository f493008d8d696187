"""A public package's `__all__` is exactly what it shows; ruff (RUF022) keeps its order."""

import importlib
import inspect
from types import ModuleType

import pytest

import ranvier
from tests.project.source_tree import ROOT, modules, project

PACKAGES = sorted(
    "ranvier" + "".join(f".{part}" for part in path.split("/")[:-1])
    for path in modules()
    if path.endswith("__init__.py") and not any(part.startswith("_") for part in path.split("/")[:-1])
)
# What our own packages use of each other and no user should: not in `__all__`, so no lookup by string finds it.
INTERNAL = {
    "ranvier.losses": {"as_loss", "broadcasts", "resolve"},
    "ranvier.metrics": {"resolve"},
    "ranvier.optimizers": {"is_optax"},
}


def own_public_names(module: ModuleType) -> set[str]:
    """Public classes and functions that `module` holds and its package defines; an alias counts as what it names."""
    return {
        vars(value).get("public_name", value.__name__)
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and f"{value.__module__}.".startswith(f"{module.__name__}.")
    }


@pytest.mark.parametrize("name", PACKAGES)
def test_all_is_what_the_package_defines(name: str) -> None:
    module = importlib.import_module(name)
    listed = list(getattr(module, "__all__", []))
    assert len(listed) == len(set(listed))
    assert not [entry for entry in listed if not hasattr(module, entry)]
    assert own_public_names(module) - set(listed) == INTERNAL.get(name, set())


def test_versions_agree() -> None:
    assert ranvier.__version__ == project()["project"]["version"]
    assert f"[{ranvier.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
