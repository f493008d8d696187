"""The script for a GPU, on a processor: it runs, it compares, and a peer that fails is named."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from benchmarks import gpu, gpu_networks
from benchmarks.gpu import Effort, Ready


def found(ms: float, **facts: Any) -> dict[str, Any]:
    return {"ms_per_step": {"median": ms, "min": ms, "max": ms, "samples": [ms]}, **facts}


def test_what_is_measured() -> None:
    names = {name for name, _ in gpu.cases("", False)}
    assert {"mlp", "gan", "resnet50", "transformer_512x8", "lstm_1024"} <= names
    assert gpu.cases("resnet50", False) == [("resnet50", 32), ("resnet50", 128)]
    assert gpu.cases("mlp,lstm_1024", True) == [("mlp", 4), ("lstm_1024", 4)]
    with pytest.raises(SystemExit, match="unknown: huge"):
        gpu.cases("mlp,huge", False)


def test_a_case_is_compared_with_ranvier() -> None:
    result: dict[str, Any] = {"peers": {}, "cases": {}}
    for peer, one in {
        "ranvier": found(2.0, mean_loss=1.0), "pytorch": found(3.0, mean_loss=1.01),
        "torch_graphs": found(1.0, mean_loss=1.5), "keras_jax": {"error": "ValueError: no"},
    }.items():  # fmt: skip
        gpu.add(result, {"workload": "mlp", "batch": 32, "peer": peer, "found": one})
    gpu.add(result, {"peer": "ranvier", "versions": {"jax": "1"}, "device": "a GPU"})
    case = result["cases"]["mlp/32"]
    assert case["ratios"] == {"pytorch": 1.5, "torch_graphs": 0.5} and case["disagrees"] == ["torch_graphs"]
    assert result["peers"]["ranvier"] == {"versions": {"jax": "1"}, "device": "a GPU"}
    assert "| mlp, 32 | 2.000 | 1.50 | 0.50 | - |" in gpu.table(result)


def test_networks_of_own_weights_are_compared_by_their_number() -> None:
    assert gpu.agrees({"parameters": 1000}, {"parameters": 1010})
    assert not gpu.agrees({"parameters": 1000}, {"parameters": 900})


def test_starting_a_fit_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(gpu.time, "perf_counter", lambda: clock[0])

    def fit(epochs: int) -> float:
        clock[0] += 5.0 + epochs * 10 * 0.002
        return 0.5

    timed = gpu.measured(Ready(fit, 10, {"parameters": 3}), Effort(rounds=2, seconds=20.0))
    assert timed["ms_per_step"]["median"] == pytest.approx(2.0) and timed["parameters"] == 3
    with pytest.raises(ValueError, match="not finite"):
        gpu.measured(Ready(lambda epochs: math.nan, 10, {}), Effort())


@pytest.mark.parametrize("name", list(gpu_networks.LARGE))
def test_tiny_forms_have_the_shapes_of_the_large_ones(name: str) -> None:
    work = gpu_networks.LARGE[name].tiny()
    x, y = gpu_networks.data(work, 3)
    assert x.ndim == {"resnet": 4, "transformer": 2, "lstm": 3}[work.kind]
    assert y.max() < (work.vocabulary if work.kind == "transformer" else work.classes)


@pytest.mark.slow
def test_the_size_of_resnet50() -> None:
    keras: Any = pytest.importorskip("ranvier")
    model = gpu_networks.keras_resnet(keras, gpu_networks.LARGE["resnet50"])
    # He et al. count 25.6 million; the convolutions have no biases here.
    assert sum(math.prod(w.shape) for w in model.trainable_weights) == 25_557_032


def test_a_tiny_run_of_ranvier() -> None:
    ready = gpu.ready("ranvier", "lstm_1024", 4, tiny=True)
    assert ready.steps == 2 and math.isfinite(ready.fit(1))


@pytest.mark.slow
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--device", "cpu", "--tiny", "--rounds", "1", "--seconds", "0.01", "--peers", "ranvier"]
    gpu.main([*options, "--only", "mlp,resnet50,transformer_512x8", "--out", str(tmp_path / "gpu.json")])
    result = json.loads((tmp_path / "gpu.json").read_text())
    assert result["tiny"] and result["peers"]["ranvier"]["device"] == "cpu"
    assert set(result["cases"]) == {"mlp/4", "resnet50/4", "transformer_512x8/4"}
    assert all("ms_per_step" in case["peers"]["ranvier"] for case in result["cases"].values())
    assert "| mlp, 4 |" in capsys.readouterr().out
