"""Kernels: the few operations that the library computes by machine code of its own where that wins.

One file per kernel holds its contract, `reference` in `jax.numpy`, the call of the native code, when it is taken, and
the public function. `kernel.py` gives each its derivatives, `native.py` loads the library, `choose.py` decides.
"""
