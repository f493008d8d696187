"""The import hook: while it is installed, `import tensorflow` and `import keras` give Ranvier."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Self

from ranvier.compat import arrays, names, spelling
from ranvier.compat.facade import Facade
from ranvier.compat.missing import missing_module

__all__ = ["Installation", "install"]


class Installation(MetaPathFinder, Loader):
    """One installed hook; `remove()`, or the end of a `with` block, takes it and its modules out again."""

    def __init__(self) -> None:
        self._facades: dict[str, Facade] = {}
        self._before: dict[str, ModuleType] = {}
        self._rest = ExitStack()

    # --- in and out --------------------------------------------------------------------------------------------------

    def put(self) -> Self:
        """Install: modules that already have the names are set aside until `remove()`."""
        if self not in sys.meta_path:
            self._before = _taken_out()
            sys.meta_path.insert(0, self)
            self._rest.enter_context(arrays.installed())
            self._rest.enter_context(spelling.installed())
        return self

    def remove(self) -> None:
        """Take out the hook and every module that it gave, and put back what was there before."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
            self._rest.close()
            _taken_out()
            sys.modules.update(self._before)
            self._before = {}

    def __enter__(self) -> Self:
        return self.put()

    def __exit__(self, *_: object) -> None:
        self.remove()

    # --- Python's import protocol ------------------------------------------------------------------------------------

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for every name below `tensorflow` and `keras`, and None for all others.

        Raises:
            MissingModule: there is no such module.
        """
        if not _is_ours(fullname):
            return None
        if self._facade(names.canonical(fullname)) is None:
            parent, _, name = fullname.rpartition(".")
            raise missing_module(parent, name, dir(importlib.import_module(parent)))
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the empty module to Python: `exec_module` replaces it."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the facade in the module's place, the same one for all spellings."""
        facade = self._facade(names.canonical(module.__name__))
        assert facade is not None
        sys.modules[module.__name__] = facade

    def _facade(self, name: str) -> Facade | None:
        """Return the one facade of a canonical name."""
        if name not in self._facades:
            made = names.make(name, spelling.MODULES, self._child)
            if made is None:
                return None
            self._facades[name] = made
        return self._facades[name]

    def _child(self, name: str) -> Facade:
        """Return the facade of a name that is known to exist; a script's functions may ask after `remove()` too."""
        facade = self._facade(names.canonical(name))
        assert facade is not None
        return facade


def install() -> Installation:
    """Let `import tensorflow` and `import keras` give Ranvier, until `remove()` or the end of a `with` block.

    Example:
        >>> with install():
        ...     import tensorflow as tf
        ...     layer = tf.keras.layers.Dense(2)
        >>> type(layer).__module__
        'ranvier.layers.dense'
    """
    return Installation().put()


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in names.ROOTS


def _taken_out() -> dict[str, ModuleType]:
    """Remove every module under TensorFlow's and Keras's names; return them."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if _is_ours(name)}
