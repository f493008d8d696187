"""Pictures of input rows as data inside the page."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.image import imsave

__all__ = ["data_url"]


def data_url(row: npt.NDArray[Any], low: float, high: float) -> str:
    """Return a picture of one row as a `data:` address, one pixel per point.

    Args:
        row: `[height, width]` or `[height, width, channel]` with one or three channels.
        low: the value that is drawn black.
        high: the value that is drawn white.
    """
    shade = np.clip((row.astype(np.float64) - low) / ((high - low) or 1), 0, 1)
    if shade.ndim == 2:
        shade = shade[:, :, None]
    if shade.shape[2] == 1:
        shade = np.repeat(shade, 3, axis=2)
    buffer = io.BytesIO()
    imsave(buffer, np.round(255 * shade).astype(np.uint8), format="png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
