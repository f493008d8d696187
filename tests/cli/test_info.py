"""`ranvier info`: versions, devices, the reason for no GPU, native kernels, the cache."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import jax
import pytest

import ranvier
from ranvier.cli.info import why_no_gpu
from ranvier.kernels import native
from tests.cli.conftest import Call
from tests.kernels.checks import needs_library


def test_facts_for_programs(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "program").write_bytes(b"12345")
    monkeypatch.setenv("RANVIER_COMPILATION_CACHE", str(tmp_path))
    said = json.loads(call("info", "--json").stdout)
    assert said["versions"]["ranvier"] == ranvier.__version__ and said["versions"]["jax"] == jax.__version__
    assert said["compilation_cache"] == {"folder": str(tmp_path), "files": 1, "bytes": 5}
    assert len(said["devices"]) == len(jax.devices()) and 1 <= said["cores"]["usable"] <= said["cores"]["present"]
    assert (said["why_no_gpu"] is None) == (jax.default_backend() != "cpu")


def test_facts_for_people(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANVIER_COMPILATION_CACHE", "off")
    lines = {line.split()[0]: line for line in call("info").stdout.splitlines() if line.strip()}
    assert jax.__version__ in lines["jax"] and lines["compilation"].rstrip().endswith("off")


@needs_library
def test_the_library_in_use(call: Call) -> None:
    library = native.library()
    assert library is not None
    facts = json.loads(call("info", "--json").stdout)["kernels"]
    assert facts["library"] == {
        "path": str(library.path), "instructions": library.instructions, "threads": library.threads,
    }  # fmt: skip
    assert facts["why_not"] is None and facts["kernels"]["layer_norm"] == "Layer normalization of rows"
    assert "kernel layer_norm" in (said := call("info").stdout) and "native where it fits" in said


def test_why_no_library_is_in_use(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "library", lambda: None)
    monkeypatch.setattr(native, "why_not", lambda: "it was not built")
    facts = json.loads(call("info", "--json").stdout)["kernels"]
    assert facts["library"] is None and facts["why_not"] == "no native library: it was not built"
    said = call("info").stdout
    assert "not used: no native library: it was not built" in said and "by the reference: Layer norm" in said


def test_the_reason_for_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    assert why_no_gpu() == "JAX_PLATFORMS=cpu asks for these devices only"
    monkeypatch.delenv("JAX_PLATFORMS")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "macOS" in why_no_gpu()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert "no driver" in why_no_gpu()
    monkeypatch.setattr(Path, "exists", lambda path: True)
    monkeypatch.setattr("importlib.metadata.distributions", lambda: [])
    assert "plugin is missing" in why_no_gpu()
    assert os.name
