"""Scripts that were written for TensorFlow and Keras run on Ranvier: `ranvier run script.py`, or `install()`.

    from ranvier.compat import install
    install()
    import tensorflow as tf      # Ranvier, under the names that the script knows

Nothing else of Ranvier imports this package: without it no foreign name leads here.
"""

from __future__ import annotations

from ranvier.compat.installation import Installation, install
from ranvier.compat.script import run_script

__all__ = ["Installation", "install", "run_script"]
