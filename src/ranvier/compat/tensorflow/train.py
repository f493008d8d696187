"""`tf.train`: the newest checkpoint of a folder."""

from __future__ import annotations

from ranvier.compat.old_paths import latest_checkpoint

__all__ = ["latest_checkpoint"]
