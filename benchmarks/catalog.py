"""Who is measured: every peer, what it needs, and the interpreter that has it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.workloads import Workload

ROOT = Path(__file__).resolve().parent.parent
BASELINE = "ranvier"
REFERENCE = "numpy"
# What a user may have set to limit or tune one framework; everybody runs with the defaults on all cores.
TUNING = (
    "OMP_NUM_THREADS", "OMP_WAIT_POLICY", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "XLA_FLAGS", "TF_XLA_FLAGS",
    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "JAX_COMPILATION_CACHE_DIR", "KERAS_BACKEND",
    "RANVIER_NATIVE", "RANVIER_THREADS", "TORCHINDUCTOR_CACHE_DIR",
)  # fmt: skip


@dataclass(frozen=True)
class PeerSpec:
    """A row of the table of peers: `make(*arguments)` of `module` builds it, a user installs `distributions`.

    `families` are the networks that it can train, all where there are none; who `answers_only` is not trained; who
    `compiles` not runs its operations one by one.
    """

    name: str
    title: str
    module: str
    imports: tuple[str, ...]
    distributions: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    is_product: bool = False
    cold_start_only: bool = False
    answers_only: bool = False
    compiles: bool = True
    families: tuple[str, ...] = ()
    only_first_loss: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


KERAS_ON_JAX = {"KERAS_BACKEND": "jax"}
# `{cache}` becomes a folder that is empty at the first cold start and filled at the second.
JAX_CACHE = {
    "JAX_COMPILATION_CACHE_DIR": "{cache}/jax",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}
# What keeps compiled programs of everybody, where a run is told to (`--caches`).
KEPT = JAX_CACHE | {"TORCHINDUCTOR_CACHE_DIR": "{cache}/inductor"}
DENSE = ("dense",)

PEERS = {
    spec.name: spec
    for spec in (
        PeerSpec(
            "ranvier", "Ranvier", "benchmarks.peers.keras_like", ("ranvier", "jax", "jaxlib"), ("ranvier",),
            arguments=("ranvier",), is_product=True,
        ),
        PeerSpec(
            "ranvier_reference", "Ranvier without native kernels", "benchmarks.peers.keras_like",
            ("ranvier", "jax", "jaxlib"), ("ranvier",), arguments=("ranvier",), environment={"RANVIER_NATIVE": "off"},
            is_product=True,
        ),
        PeerSpec(
            "keras_jax", "Keras on JAX", "benchmarks.peers.keras_like", ("keras", "jax", "jaxlib"), ("keras", "jax"),
            arguments=("keras",), environment=KERAS_ON_JAX,
        ),
        PeerSpec(
            "keras_jax_cached", "Keras on JAX, JAX's cache switched on by hand", "benchmarks.peers.keras_like",
            ("keras", "jax", "jaxlib"), ("keras", "jax"), arguments=("keras",), environment=KERAS_ON_JAX | JAX_CACHE,
            cold_start_only=True,
        ),
        PeerSpec(
            "keras_tf", "Keras on TensorFlow", "benchmarks.peers.keras_like", ("keras", "tensorflow"),
            ("keras", "tensorflow-cpu|tensorflow"), arguments=("keras",), environment={"KERAS_BACKEND": "tensorflow"},
        ),
        PeerSpec(
            "keras_torch", "Keras on PyTorch", "benchmarks.peers.keras_like", ("keras", "torch"), ("keras", "torch"),
            arguments=("keras",), environment={"KERAS_BACKEND": "torch"}, compiles=False,
        ),
        PeerSpec(
            "pytorch", "PyTorch eager", "benchmarks.peers.pytorch", ("torch",), ("torch",), compiles=False,
        ),
        PeerSpec(
            "torch_compile", "PyTorch compiled", "benchmarks.peers.pytorch", ("torch",), ("torch",),
            arguments=("compile",), notes=("`torch.compile` with its defaults; needs a C++ compiler",),
        ),
        PeerSpec(
            "sklearn", "scikit-learn MLP", "benchmarks.peers.sklearn_mlp", ("sklearn",), ("scikit-learn",),
            only_first_loss=("tiny",), families=DENSE, compiles=False,
            notes=(
                "no dropout and no running accuracy: less work per step than the others",
                "two classes are one logistic unit: on tiny only the first loss can agree exactly",
            ),
        ),
        PeerSpec(
            "optax", "JAX + Optax, one jitted step", "benchmarks.peers.optax_loop", ("jax", "jaxlib", "optax"),
            ("jax", "optax"), families=DENSE,
        ),
        PeerSpec(
            "equinox", "Equinox + Optax, one jitted step", "benchmarks.peers.equinox_loop",
            ("jax", "jaxlib", "optax", "equinox"), ("equinox", "optax"),
        ),
        PeerSpec(
            "onnxruntime", "ONNX Runtime", "benchmarks.peers.onnx_runtime", ("onnxruntime", "onnx", "torch"),
            ("onnxruntime",), answers_only=True,
            notes=("runs the PyTorch network as PyTorch exports it; its size is the runtime's alone",),
        ),
        PeerSpec(
            REFERENCE, "NumPy reference (not timed)", "benchmarks.peers.numpy_reference", ("numpy",), ("numpy",),
            families=DENSE, compiles=False,
        ),
    )
}  # fmt: skip
TIMED = tuple(
    name for name, spec in PEERS.items() if name != REFERENCE and not spec.cold_start_only and not spec.answers_only
)
ANSWERING = tuple(name for name, spec in PEERS.items() if spec.answers_only)
# Against whom a goal is measured: what other programs offer, not what a user could write on JAX, nor Ranvier itself.
RIVALS = ("pytorch", "torch_compile", "keras_jax", "keras_tf", "keras_torch", "sklearn")


def interpreters(spec: PeerSpec) -> list[str]:
    """Interpreters to try, in order: the product runs in this one, peers in their own where there is one."""
    own = [sys.executable]
    if spec.is_product or spec.name == REFERENCE:
        return own
    chosen = os.environ.get("RANVIER_PEERS_PYTHON")
    usual = ROOT / ".venv-peers" / "bin" / "python"
    return [chosen] if chosen else ([str(usual)] if usual.exists() else []) + own


def find_interpreter(spec: PeerSpec) -> str | None:
    """The first interpreter that has everything `spec` imports; nothing is imported to find out."""
    probe = (
        "import importlib.util, json, sys;"
        "print(json.dumps(all(importlib.util.find_spec(name) is not None for name in sys.argv[1:])))"
    )
    for python in interpreters(spec):
        command = [python, "-c", probe, *spec.imports, "numpy"]
        try:
            answer = subprocess.run(command, capture_output=True, env=environment(spec), timeout=60, check=True)
        except (OSError, subprocess.SubprocessError):
            continue
        if json.loads(answer.stdout):
            return python
    return None


def able(peer: str, work: Workload) -> bool:
    """Whether a peer can train this network."""
    families = PEERS[peer].families
    return (not families or work.family in families) and (work.loss == "softmax" or peer != "optax")


def environment(spec: PeerSpec, cache: str = "", kept: bool = False) -> dict[str, str]:
    """Environment of a worker: framework defaults, the processor only, caches of its own under `cache`.

    With `kept`, everybody's compiled programs are kept there too, also of those who would not do so by default.
    """
    values = {name: value for name, value in os.environ.items() if name not in TUNING}
    values |= {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    values |= {"PYTHONUNBUFFERED": "1"}
    wanted = (KEPT if kept and not spec.is_product else {}) | spec.environment
    values |= {name: value.format(cache=cache) for name, value in wanted.items()}
    if cache:
        values |= {"RANVIER_CACHE": cache, "XDG_CACHE_HOME": cache, "KERAS_HOME": f"{cache}/keras"}
    paths = [str(ROOT), *([str(ROOT / "src")] if spec.is_product else []), os.environ.get("PYTHONPATH", "")]
    return values | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}
