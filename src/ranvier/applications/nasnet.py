"""NASNet: two kinds of cells found by search, stacked.

Source: B. Zoph, V. Vasudevan, J. Shlens, Q. V. Le, Learning Transferable Architectures for Scalable Image Recognition,
2018.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ranvier import layers
from ranvier.applications.blocks import Style, activation, even_padding
from ranvier.applications.densenet import channels_last_only
from ranvier.applications.frame import STORAGE, Published, Request, documented
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.models import Functional

__all__ = ["NASNetLarge", "NASNetMobile", "decode_predictions", "preprocess_input"]

_STYLE = Style(activation("relu"), momentum=0.9997, kernel="he_normal")


@dataclass(frozen=True)
class Cell:
    """One cell: what it makes of its input and of the cell before.

    Args:
        filters: number of filters of each of its branches.
        key: last part of its layers' names.
    """

    filters: int
    key: str

    def normal(self, x: Any, before: Any) -> Any:
        """Return feature maps with as many rows and columns as the input."""
        p = self._fitted(before, x)
        h = self._projected(x, "normal")
        sums = [
            self._sum("normal_add_1", self._separable(h, 5, "normal_left1"), self._separable(p, 3, "normal_right1")),
            self._sum("normal_add_2", self._separable(p, 5, "normal_left2"), self._separable(p, 3, "normal_right2")),
            self._sum("normal_add_3", self._mean(h, "normal_left3"), p),
            self._sum("normal_add_4", self._mean(p, "normal_left4"), self._mean(p, "normal_right4")),
            self._sum("normal_add_5", self._separable(h, 3, "normal_left5"), h),
        ]
        return layers.Concatenate(name=f"normal_concat_{self.key}")([p, *sums])

    def reduced(self, x: Any, before: Any) -> Any:
        """Return feature maps with half the rows and columns."""
        p = self._fitted(before, x)
        h = self._projected(x, "reduction")
        padded = layers.ZeroPadding2D(even_padding(h, 3), name=f"reduction_pad_1_{self.key}")(h)
        left, right = self._halved(h, 5, "reduction_left1"), self._halved(p, 7, "reduction_right1")
        first = self._sum("reduction_add_1", left, right)
        most = layers.MaxPooling2D(3, strides=2, name=f"reduction_left2_{self.key}")(padded)
        second = self._sum("reduction_add_2", most, self._halved(p, 7, "reduction_right2"))
        mean = layers.AveragePooling2D(3, strides=2, name=f"reduction_left3_{self.key}")(padded)
        third = self._sum("reduction_add3", mean, self._halved(p, 5, "reduction_right3"))
        fourth = layers.Add()([second, self._mean(first, "reduction_left4")])
        fifth = self._separable(first, 3, "reduction_left4")
        most = layers.MaxPooling2D(3, strides=2, name=f"reduction_right5_{self.key}")(padded)
        fifth = self._sum("reduction_add4", fifth, most)
        return layers.Concatenate(name=f"reduction_concat_{self.key}")([second, third, fourth, fifth])

    def _sum(self, name: str, *terms: Any) -> Any:
        return layers.Add(name=f"{name}_{self.key}")(list(terms))

    def _mean(self, x: Any, name: str) -> Any:
        return layers.AveragePooling2D(3, strides=1, padding="same", name=f"{name}_{self.key}")(x)

    def _projected(self, x: Any, kind: str) -> Any:
        x = _STYLE.conv(_STYLE.act(x), self.filters, 1, f"{kind}_conv_1_{self.key}")
        return _STYLE.norm(x, f"{kind}_bn_1_{self.key}")

    def _halved(self, x: Any, size: int, name: str) -> Any:
        return self._separable(x, size, name, strides=2)

    def _separable(self, x: Any, size: int, name: str, strides: int = 1) -> Any:
        """Activate, convolve and normalize twice."""
        name, padding = f"{name}_{self.key}", "same"
        x = _STYLE.act(x)
        if strides == 2:
            x, padding = layers.ZeroPadding2D(even_padding(x, size), name=f"separable_conv_1_pad_{name}")(x), "valid"
        x = _STYLE.separable(x, self.filters, size, f"separable_conv_1_{name}", strides=strides, padding=padding)
        x = _STYLE.act(_STYLE.norm(x, f"separable_conv_1_bn_{name}"))
        x = _STYLE.separable(x, self.filters, size, f"separable_conv_2_{name}")
        return _STYLE.norm(x, f"separable_conv_2_bn_{name}")

    def _fitted(self, before: Any, x: Any) -> Any:
        """Return the maps of the cell before with the rows, columns and channels of this one."""
        if before is None:
            return x
        if before.shape[-2] != x.shape[-2]:
            return self._shrunk(before)
        if before.shape[-1] == self.filters:
            return before
        before = _STYLE.conv(_STYLE.act(before), self.filters, 1, f"adjust_conv_projection_{self.key}")
        return _STYLE.norm(before, f"adjust_bn_{self.key}")

    def _shrunk(self, before: Any) -> Any:
        """Take every second pixel twice, the second time one further."""
        before = _STYLE.act(before, f"adjust_relu_1_{self.key}")
        halves = []
        for number, source in ((1, before), (2, None)):
            if source is None:
                source = layers.Cropping2D(((1, 0), (1, 0)))(layers.ZeroPadding2D(((0, 1), (0, 1)))(before))
            source = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_{number}_{self.key}")(source)
            halves.append(_STYLE.conv(source, self.filters // 2, 1, f"adjust_conv_{number}_{self.key}"))
        return _STYLE.norm(layers.Concatenate()(halves), f"adjust_bn_{self.key}")


def _body(x: Any, filters: int, stem: int, blocks: int, skip: bool) -> Any:
    x = _STYLE.conv(x, stem, 3, "stem_conv1", strides=2, padding="valid")
    x = _STYLE.norm(x, "stem_bn1")
    before = None
    for number, less in ((1, 4), (2, 2)):
        x, before = Cell(filters // less, f"stem_{number}").reduced(x, before), x
    for stage, more in enumerate((1, 2, 4)):
        if stage:
            reduced = Cell(filters * more, f"reduce_{stage * blocks}").reduced(x, before)
            x, before = reduced, before if skip else x
        for number in range(blocks):
            key = f"{stage * blocks + number + (1 if stage else 0)}"
            x, before = Cell(filters * more, key).normal(x, before), x
    return _STYLE.act(x)


def _network(kind: str, size: int, filters: int, stem: int, blocks: int, skip: bool, digests: tuple[str, str]) -> Any:
    """Return the public function of one of the two networks."""
    lower = kind.lower()
    names = (f"NASNet-{lower}.h5", f"NASNet-{lower}-no-top.h5")
    saved = (f"nasnet_{lower}.h5", f"nasnet_{lower}_no_top.h5")
    published = Published(f"{STORAGE}nasnet/", names, digests, saved)

    def make(
        input_shape: Any = None,
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        name: str = f"nasnet_{lower}",
    ) -> Functional:
        channels_last_only("NASNet")
        if lower == "mobile" and not include_top and input_shape is None:
            input_shape = (size, size, 3)
        request = Request(
            include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
        )
        entry = request.entry(request.shape(size))

        def top(x: Any) -> Any:
            return request.classify(layers.GlobalAveragePooling2D()(x))

        x = _body(entry, filters // 24, stem, blocks, skip)
        return request.model(entry, request.end(x, top), published)

    summary = f"Return NASNet, the {lower} one (Zoph et al. 2018), for images of {size} x {size} pixels."
    return documented(make, f"NASNet{kind}", summary)


NASNetMobile = _network(
    "Mobile", 224, 1056, 32, 4, False, ("020fb642bf7360b370c678b08e0adf61", "1ed92395b5b598bdda52abe5c0dbfd63")
)
NASNetLarge = _network(
    "Large", 331, 4032, 96, 6, True, ("11577c9a518f0070763c2b964a382f17", "d81d89dc07e6e56530c4e77faddd61b5")
)
preprocess_input = preprocessing("tf")
