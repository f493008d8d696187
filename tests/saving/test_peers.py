"""Files that we write, read by the real Keras 3, and what it writes then, read by us.

Needs Keras: in this Python, or in the one that $RANVIER_PEERS_PYTHON names.
"""

from __future__ import annotations

import importlib.util
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from ranvier.models import load_model, save_model
from tests.saving import models

PYTHON = os.environ.get("RANVIER_PEERS_PYTHON") or (sys.executable if importlib.util.find_spec("keras") else None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.peers,
    pytest.mark.skipif(PYTHON is None, reason="Keras is not here; name a Python that has it in $RANVIER_PEERS_PYTHON"),
]
SCRIPT = pathlib.Path(__file__).with_name("keras_reads.py")


# Keras 3.15 cannot write again what it read from .h5 with ELU or Identity, not even its own file; nor read with masks.
@pytest.mark.parametrize(
    ("kind", "ending"),
    [(kind, ending) for kind in ("compiled", "branched", "pictures") for ending in ("keras", "h5")]
    + [("simple", "keras"), ("recurrent", "keras"), ("attention", "keras")],
)
def test_keras_reads_and_writes_again(tmp_path, kind, ending):
    model = getattr(models, kind)()
    draw = np.random.default_rng(0)
    for variable in model.variables:
        variable.assign(draw.random(variable.shape))
    makers = {
        "attention": models.attention_inputs,
        "branched": models.branched_inputs,
        "pictures": models.pictures_inputs,
        "recurrent": models.recurrent_inputs,
        "simple": models.simple_inputs,
    }
    inputs = makers[kind]() if kind in makers else [draw.normal(size=(5, 3)).astype("float32")]
    file, again = tmp_path / f"m.{ending}", tmp_path / f"again.{ending}"
    save_model(model, file)
    np.savez(tmp_path / "in.npz", **{f"x{index}": value for index, value in enumerate(inputs)})
    subprocess.run(
        [PYTHON, str(SCRIPT), str(file), str(tmp_path / "in.npz"), str(tmp_path / "out.npz"), str(again)],
        check=True,
        env={**os.environ, "KERAS_BACKEND": "jax"},
        timeout=300,
    )
    keras = dict(np.load(tmp_path / "out.npz"))
    given = inputs if len(inputs) > 1 else inputs[0]
    for name, value in models.outputs_of(model, given).items():
        np.testing.assert_allclose(keras[f"out/{name}"], value, rtol=2e-6, atol=1e-6)
    if kind == "compiled" and ending == "keras":
        state = [keras[f"optimizer/{index}"] for index in range(len(model.optimizer.variables))]
        models.assert_same(state, models.values(model.optimizer.variables))
    reread = load_model(again)
    models.assert_same(models.values(reread.variables), models.values(model.variables))
