"""What all ready networks share: the arguments and their checks, the input, the end, the pretrained weights."""

from __future__ import annotations

import math
import os
import pathlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ranvier import activations, layers
from ranvier._config import image_data_format
from ranvier._errors import InvalidArgument, WrongType
from ranvier.applications.files import located
from ranvier.applications.imagenet_utils import CLASSES
from ranvier.data.datasets.info import Source
from ranvier.models import Functional
from ranvier.state.symbolic import KerasTensor

__all__ = ["Application", "Published", "Request", "application"]

STORAGE = "https://storage.googleapis.com/tensorflow/keras-applications/"
"""Where Keras publishes pretrained weights."""
_POOLING = {"avg": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}
_ARGUMENTS = """
    Args:
        include_top: whether the network ends in its classifier.
        weights: None for random ones, `"imagenet"` for pretrained ones, or the path of a file with weights.
        input_tensor: a symbolic tensor to start from, instead of an Input of its own.
        input_shape: shape of one image; what it may be without a classifier.
        pooling: without a classifier: `"avg"` or `"max"` over all pixels, or None for the feature maps.
        classes: number of classes of the classifier.
        classifier_activation: the classifier's activation; None for logits.
        name: name of the model.

    Raises:
        InvalidArgument: arguments that do not go together, or images too small.
        DownloadError: pretrained weights are not on this machine and could not be downloaded.
        FileRefused: a file with weights does not fit the network.
"""


@dataclass(frozen=True)
class Published:
    """The two files with a network's pretrained weights: with its classifier, and without.

    Args:
        folder: the address up to the names.
        names: names of the files.
        digests: their md5 or sha256 in hexadecimal digits, as published; empty where none is.
        saved_as: their names on this machine, where these are others.
    """

    folder: str
    names: tuple[str, str]
    digests: tuple[str, str] = ("", "")
    saved_as: tuple[str, str] | None = None

    def source(self, include_top: bool, size: int) -> Source:
        """Return one of the files; `size` is about how large it is [bytes]."""
        number = 0 if include_top else 1
        digest = self.digests[number]
        kind = {32: "md5:", 64: "sha256:"}.get(len(digest), "")
        name = (self.saved_as or self.names)[number]
        return Source(name, self.folder + self.names[number], kind + digest, size)


@dataclass(frozen=True)
class Request:
    """What a call of an application asks for: Keras's arguments, checked as it checks them."""

    include_top: bool
    weights: Any
    input_tensor: Any
    input_shape: Any
    pooling: str | None
    classes: int
    classifier_activation: Any
    name: str | None

    def __post_init__(self) -> None:
        known = self.weights is None or self.imagenet or pathlib.Path(os.fspath(self.weights)).exists()
        if not known:
            raise _wrong("weights", "None, 'imagenet', or the path of a file that exists", repr(self.weights))
        if self.imagenet and self.include_top and self.classes != CLASSES:
            fix = "leave classes out, or take include_top=False and add a Dense of your own"
            raise _wrong("classes", f"{CLASSES}, the classes of ImageNet", repr(self.classes), fix)
        if not self.include_top and self.pooling not in (None, *_POOLING):
            raise _wrong("pooling", "None, 'avg' or 'max'", repr(self.pooling))
        if self.weights is not None and self.include_top:
            pretrained = (activations.get("softmax"), activations.get(None))
            if activations.get(self.classifier_activation) not in pretrained:
                expected = "'softmax' or None, with pretrained weights"
                raise _wrong("classifier_activation", expected, repr(self.classifier_activation))
        if self.input_tensor is not None and not isinstance(self.input_tensor, KerasTensor):
            raise WrongType(
                "A network is built on symbolic tensors.",
                code="application-input-tensor",
                place=f"{self.name}(input_tensor=...)",
                expected="keras.Input(...), or what layers make of it",
                received=type(self.input_tensor).__name__,
            )

    @property
    def imagenet(self) -> bool:
        """Whether pretrained weights are wanted."""
        return isinstance(self.weights, str) and self.weights == "imagenet"

    def named(self, name: str) -> Request:
        """Return the request with a name where it has none."""
        return self if self.name is not None else replace(self, name=name)

    def entry(self, shape: tuple[int | None, ...]) -> Any:
        """Return the symbolic tensor that the network starts from."""
        return layers.Input(shape=shape) if self.input_tensor is None else self.input_tensor

    def end(self, x: Any, top: Callable[[Any], Any], pooled: tuple[str | None, str | None] = (None, None)) -> Any:
        """Return the network's output for its last feature maps.

        Args:
            x: feature maps `[batch, row, column, channel]`.
            top: makes the classifier's output of them.
            pooled: names of the layers that pool over all pixels.
        """
        if self.include_top:
            return top(x)
        if self.pooling is None:
            return x
        return _POOLING[self.pooling](name=dict(zip(_POOLING, pooled, strict=True))[self.pooling])(x)

    def classify(self, x: Any, **options: Any) -> Any:
        """Return the probabilities `[batch, class]` that the layer `predictions` gives for features."""
        return layers.Dense(self.classes, activation=self.classifier_activation, name="predictions", **options)(x)

    def model(self, entry: Any, outputs: Any, published: Published) -> Functional:
        """Return the finished model, its weights loaded where that is asked for."""
        inputs = entry if self.input_tensor is None else _sources(entry)
        model = Functional(inputs, outputs, name=self.name)
        if self.imagenet:
            size = sum(math.prod(variable.shape) * 4 for variable in model.weights)
            model.load_weights(located(published.source(self.include_top, size + 2**22)))
        elif self.weights is not None:
            model.load_weights(self.weights)
        return model

    def shape(self, default_size: int, min_size: int = 32) -> tuple[int | None, ...]:
        """Return the shape of one image, checked as Keras checks it.

        Args:
            default_size: rows and columns of an image where nothing else is said.
            min_size: the fewest rows and columns.

        Raises:
            InvalidArgument: not three sizes, too small, unknown where the classifier needs them, or not what the
                pretrained weights are for.
        """
        given = None if self.input_shape is None else tuple(self.input_shape)
        first = image_data_format() == "channels_first"
        channels = (given[0] if first else given[-1]) if given and len(given) == 3 and not self.imagenet else 3
        default = (channels, default_size, default_size) if first else (default_size, default_size, channels)
        if given and channels not in (1, 3):
            warnings.warn(f"Images have 1 or 3 channels, this input has {channels}.", stacklevel=4)
        if self.imagenet and self.include_top:
            if given is not None and given != default:
                raise _wrong("input_shape", f"{default}, with pretrained weights and their classifier", repr(given))
            return default
        if not given:
            return default if self.include_top else (3, None, None) if first else (None, None, 3)
        if len(given) != 3:
            raise _wrong("input_shape", "three sizes", repr(given))
        if self.imagenet and (given[0] if first else given[-1]) != 3:
            raise _wrong("input_shape", "3 channels, with pretrained weights", repr(given))
        if any(size is not None and size < min_size for size in (given[1:] if first else given[:2])):
            raise _wrong("input_shape", f"at least {min_size} x {min_size} pixels", repr(given))
        if self.include_top and None in given:
            fix = "give all three sizes, or take include_top=False"
            raise _wrong("input_shape", "known sizes, with the classifier", repr(given), fix)
        return given


def _wrong(argument: str, expected: str, received: str, fix: str = "") -> InvalidArgument:
    return InvalidArgument(
        f"A ready network cannot be built with this {argument}.",
        code=f"application-{argument.replace('_', '-')}",
        place=f"{argument}=...",
        expected=expected,
        received=received,
        fix=fix,
    )


def _sources(tensor: KerasTensor) -> list[KerasTensor]:
    """Return the inputs that a symbolic tensor is computed from."""
    found: dict[int, KerasTensor] = {}
    waiting, seen = [tensor], set[int]()
    while waiting:
        current = waiting.pop()
        node = None if current.history is None else current.history.node
        if node is None or node.is_input:
            found[id(current)] = current
        elif id(node) not in seen:
            seen.add(id(node))
            waiting += reversed(node.inputs)
    return list(found.values())


class Application(Protocol):
    """A function that builds a network, with the arguments that most of them have."""

    def __call__(
        self,
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        input_shape: Any = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        name: str = ...,
    ) -> Functional:
        """Build the network."""


def application(
    function_name: str, model_name: str, summary: str, build: Callable[[Request], Functional]
) -> Application:
    """Return the public function of one network of a family.

    Args:
        function_name: its name.
        model_name: default name of the model.
        summary: first sentence of its docstring.
        build: makes the model.
    """

    def make(
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        input_shape: Any = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        name: str = model_name,
    ) -> Functional:
        return build(
            Request(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name)
        )

    made: Application = documented(make, function_name, summary)
    return made


def documented(make: Any, function_name: str, summary: str) -> Any:
    """Return a function under its public name, with a docstring."""
    make.__name__ = make.__qualname__ = function_name
    make.__doc__ = f"{summary}\n{_ARGUMENTS}"
    return make
