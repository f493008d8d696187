"""VGG with 16 layers."""

from __future__ import annotations

from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.applications.vgg import vgg

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]

VGG16 = vgg(16, (2, 2, 3, 3, 3), ("64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc"))
preprocess_input = preprocessing("caffe")
