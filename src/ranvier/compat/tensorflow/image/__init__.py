"""`tf.image`: pictures [height, width, channel], or batches of them, resized, recoloured, mirrored and compared."""

from __future__ import annotations

from ranvier.compat.tensorflow.image import chance, colours, measures, placing, resizing
from ranvier.compat.tensorflow.image.chance import *  # noqa: F403
from ranvier.compat.tensorflow.image.colours import *  # noqa: F403
from ranvier.compat.tensorflow.image.measures import *  # noqa: F403
from ranvier.compat.tensorflow.image.placing import *  # noqa: F403
from ranvier.compat.tensorflow.image.resizing import *  # noqa: F403
from ranvier.compat.tensorflow.image.types import convert_image_dtype
from ranvier.compat.tensorflow.io import (
    decode_bmp,
    decode_image,
    decode_jpeg,
    decode_png,
    encode_jpeg,
    encode_png,
)

__all__ = ["convert_image_dtype", "decode_bmp", "decode_image", "decode_jpeg", "decode_png"]
__all__ += ["encode_jpeg", "encode_png"]
__all__ += [*chance.__all__, *colours.__all__, *measures.__all__, *placing.__all__, *resizing.__all__]
