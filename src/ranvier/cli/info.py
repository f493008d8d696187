"""`ranvier info`: versions, devices and why there is no GPU, native kernels, the compilation cache."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from ranvier.cli.terminal import Terminal, json_option

__all__ = ["info", "why_no_gpu"]


@click.command()
@json_option
def info(as_json: bool) -> None:
    """Say which versions, devices, kernels and caches are used, and why no GPU or kernels where there are none."""
    import jax

    from ranvier.engine import persistent_cache
    from ranvier.recipes.environment import environment

    terminal = Terminal(as_json)
    versions = environment()
    devices = [f"{device.platform}:{device.id} {device.device_kind}" for device in jax.devices()]
    on_processor = jax.default_backend() == "cpu"
    cache = persistent_cache.folder()
    files, size = _size(cache) if cache else (0, 0)
    facts: dict[str, Any] = {
        "versions": versions,
        "devices": devices,
        "why_no_gpu": why_no_gpu() if on_processor else None,
        "kernels": _kernels(),
        "compilation_cache": {"folder": str(cache) if cache else None, "files": files, "bytes": size},
        "data_folder": os.environ.get("RANVIER_DATA"),
        "cores": {"usable": _usable_cores(), "present": os.cpu_count()},
    }
    terminal.table(["what", "value"], _rows(facts))
    terminal.result(facts)


def _rows(facts: dict[str, Any]) -> list[list[str]]:
    """Return the facts for people."""
    cache = facts["compilation_cache"]
    kept = f"{cache['folder']} ({cache['files']} files, {cache['bytes'] / 1e6:.1f} MB)" if cache["folder"] else "off"
    rows = [[name, version] for name, version in facts["versions"].items() if name != "device"]
    rows += [["devices", ", ".join(facts["devices"])]]
    rows += [["no GPU because", facts["why_no_gpu"]]] if facts["why_no_gpu"] else []
    rows += [["cores", f"{facts['cores']['usable']} usable of {facts['cores']['present']}"]]
    rows += _kernel_rows(facts["kernels"])
    return [*rows, ["compilation cache", kept], ["RANVIER_DATA", facts["data_folder"] or "not set"]]


def _kernels() -> dict[str, Any]:
    """Return the native library in use, and what each kernel does; or why all go by the reference."""
    from ranvier.kernels import catalog, choose, native

    found = native.library()
    library = {"path": str(found.path), "instructions": found.instructions, "threads": found.threads} if found else None
    about = {name: entry.about for name, entry in catalog.entries().items()}
    return {"library": library, "why_not": choose.why_none() or None, "kernels": about}


def _kernel_rows(facts: dict[str, Any]) -> list[list[str]]:
    library, why_not = facts["library"], facts["why_not"]
    used = f"{library['instructions']}, {library['threads']} threads, {library['path']}" if library else ""
    rows = [["native kernels", f"not used: {why_not}" if why_not else used]]
    way = "by the reference" if why_not else "native where it fits"
    return rows + [[f"kernel {name}", f"{way}: {about}"] for name, about in facts["kernels"].items()]


def why_no_gpu() -> str:
    """Return the likeliest reason why JAX computes on the processor only."""
    from importlib.metadata import distributions

    chosen = os.environ.get("JAX_PLATFORMS", "")
    if chosen:
        return f"JAX_PLATFORMS={chosen} asks for these devices only"
    if sys.platform == "darwin":
        return "JAX has no GPU support of its own on macOS"
    driver = Path("/proc/driver/nvidia/version").exists() or Path("/dev/kfd").exists()
    names = (str(found.metadata["Name"]).lower() for found in distributions())
    plugins = sorted(name for name in names if name.startswith(("jax-cuda", "jax-rocm")) and "plugin" in name)
    if not driver:
        return "this machine shows no driver of an NVIDIA or AMD GPU"
    if not plugins:
        return 'there is a GPU driver, but JAX\'s plugin is missing: pip install "jax[cuda13]" (NVIDIA)'
    return f"{plugins[0]} and a driver are there, but JAX could not start it; JAX's own warnings say more"


def _usable_cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(folder: Path) -> tuple[int, int]:
    """Return number and bytes of the files below a folder."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    return len(sizes), sum(sizes)
