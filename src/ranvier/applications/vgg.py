"""The two networks of plain 3 x 3 convolutions, and what makes them.

Source: K. Simonyan, A. Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, 2015.
"""

from __future__ import annotations

from typing import Any

from ranvier import layers
from ranvier.applications.frame import STORAGE, Application, Published, Request, application
from ranvier.models import Functional

__all__ = ["vgg"]

_FILTERS = (64, 128, 256, 512, 512)


def vgg(depth: int, repeats: tuple[int, ...], digests: tuple[str, str]) -> Application:
    """Return the function that builds a VGG network.

    Args:
        depth: number of layers with weights, part of the name.
        repeats: number of convolutions in each of the five blocks.
        digests: md5 of the published weights with and without the classifier.
    """
    key = f"vgg{depth}"
    stem = f"{key}_weights_tf_dim_ordering_tf_kernels"
    published = Published(f"{STORAGE}{key}/", (f"{stem}.h5", f"{stem}_notop.h5"), digests)

    def build(request: Request) -> Functional:
        def top(x: Any) -> Any:
            x = layers.Flatten(name="flatten")(x)
            for name in ("fc1", "fc2"):
                x = layers.Dense(4096, activation="relu", name=name)(x)
            return request.classify(x)

        entry = x = request.entry(request.shape(224))
        for block, (count, filters) in enumerate(zip(repeats, _FILTERS, strict=True), 1):
            for number in range(1, count + 1):
                name = f"block{block}_conv{number}"
                x = layers.Conv2D(filters, 3, activation="relu", padding="same", name=name)(x)
            x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
        return request.model(entry, request.end(x, top), published)

    summary = f"Return VGG with {depth} layers (Simonyan and Zisserman 2015), for images of 224 x 224 pixels."
    return application(f"VGG{depth}", key, summary, build)
