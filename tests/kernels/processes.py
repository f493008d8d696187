"""Python programs that tests run in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

from tests.project.source_tree import ROOT

START = """
import jax, jax.numpy as jnp, numpy as np
from ranvier.kernels import native
from ranvier.kernels.layer_norm import layer_norm

def numbers(*shape):
    return np.cos(np.arange(np.prod(shape), dtype=np.float32)).reshape(shape)
"""


def run(program: str, **settings: str) -> str:
    """Run `program` behind START with these environment variables and return what it printed; it must end well."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RANVIER_")}
    environment = {**inherited, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "JAX_PLATFORMS": "cpu", **settings}
    command = [sys.executable, "-c", START + textwrap.dedent(program)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"exit status {done.returncode}:\n{done.stderr[-3000:]}"
    return done.stdout
