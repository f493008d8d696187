"""The compilation cache on disk: a second run of the same script starts without compiling.

`RANVIER_COMPILATION_CACHE` is the switch: unset means the user's cache folder, a path means that folder, `off` means
none. A cache that the program itself configured through JAX is left as it is.
"""

from __future__ import annotations

import functools
import os
import pathlib

import jax

from ranvier._config import cache_folder

__all__ = ["enable", "folder"]

_OFF = ("0", "off", "no", "false", "none")


def folder() -> pathlib.Path | None:
    """Return where compiled programs are kept, or None when that is switched off."""
    chosen = os.environ.get("RANVIER_COMPILATION_CACHE", "")
    if chosen.lower() in _OFF and chosen:
        return None
    return pathlib.Path(chosen).expanduser() if chosen else cache_folder() / "compiled"


@functools.cache
def enable() -> None:
    """Turn the cache on, once per process; a folder that cannot be written leaves it off."""
    if getattr(jax.config, "jax_compilation_cache_dir", None) is not None:
        return
    path = folder()
    if path is None:
        return
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if not os.access(path, os.W_OK):
        return
    jax.config.update("jax_compilation_cache_dir", str(path))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
