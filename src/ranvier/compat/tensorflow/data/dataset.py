"""`tf.data.Dataset`: where elements come from, and how they are looked at."""

from __future__ import annotations

import glob
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from jax import tree_util

from ranvier._errors import DataError
from ranvier.compat.arrays import HostTensor
from ranvier.compat.missing import missing_name
from ranvier.compat.tensorflow.data import elements
from ranvier.compat.tensorflow.data.experimental import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from ranvier.compat.tensorflow.data.stages import Stages
from ranvier.state.rng import fresh_seed

__all__ = ["Dataset", "Options"]


class Options:
    """Settings of TensorFlow's pipelines: anything can be set, nothing has an effect."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.__dict__[name] = Options()
        return self.__dict__[name]


class _Elements:
    """An iterator over elements, which scripts also ask by name: `iterator.next()`, `iterator.get_next()`."""

    def __init__(self, elements: Iterator[Any]) -> None:
        self._elements = elements

    def __iter__(self) -> _Elements:
        return self

    def __next__(self) -> Any:
        return next(self._elements)

    next = get_next = __next__


class _Named(type):
    """Names what a script asks of the class itself and is not there."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        raise missing_name("tensorflow.data.Dataset", name, [n for n in dir(cls) if not n.startswith("_")])


class Dataset(Stages, metaclass=_Named):
    """Elements that can be gone through again and again; `fit`, `evaluate` and `predict` take batches of them.

    Args:
        start: gives a fresh iterator over the elements, nests of NumPy arrays.
        size: their number, INFINITE_CARDINALITY or UNKNOWN_CARDINALITY.

    Example:
        >>> data = Dataset.from_tensor_slices([1, 2, 3]).map(lambda x: 2 * x).batch(2)
        >>> [batch.tolist() for batch in data.as_numpy_iterator()]
        [[2, 4], [6]]
    """

    def __init__(self, start: Callable[[], Iterator[Any]], size: int) -> None:
        self._start, self._size = start, size

    # --- sources -----------------------------------------------------------------------------------------------------

    @classmethod
    def from_tensor_slices(cls, tensors: Any, name: str | None = None) -> Dataset:
        """Return the rows of arrays, one element for each."""
        data = elements.nest_of_arrays(tensors)
        return cls(lambda: elements.unstacked(data), elements.rows(data))

    @classmethod
    def from_tensors(cls, tensors: Any, name: str | None = None) -> Dataset:
        """Return one element."""
        data = elements.nest_of_arrays(tensors)
        return cls(lambda: iter([data]), 1)

    @classmethod
    def from_generator(
        cls,
        generator: Callable[..., Iterable[Any]],
        output_types: Any = None,
        output_shapes: Any = None,
        args: Any = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """Return what a generator function yields, called anew for every pass."""
        signature = output_types if output_signature is None else output_signature
        arguments = () if args is None else tuple(args)
        return cls(lambda: (elements.cast_to(item, signature) for item in generator(*arguments)), UNKNOWN_CARDINALITY)

    @classmethod
    def range(cls, *args: Any, output_type: Any = None, name: str | None = None) -> Dataset:
        """Return whole numbers as Python's `range` counts them."""
        numbers = range(*(int(argument) for argument in args))
        kind = np.dtype(str(output_type or "int64"))
        return cls(lambda: (np.asarray(number, kind) for number in numbers), len(numbers))

    @classmethod
    def zip(cls, *args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Return tuples of one element of each data set, as many as the shortest has."""
        given = args[0] if len(args) == 1 and not isinstance(args[0], Dataset) else args or datasets
        parts, structure = tree_util.tree_flatten(given, is_leaf=lambda node: isinstance(node, Dataset))
        sizes = [part._size for part in parts]
        finite = [size for size in sizes if size != INFINITE_CARDINALITY]
        size = min(finite) if finite else INFINITE_CARDINALITY

        def start() -> Iterator[Any]:
            for items in zip(*(part._start() for part in parts), strict=False):
                yield tree_util.tree_unflatten(structure, items)

        return cls(start, UNKNOWN_CARDINALITY if UNKNOWN_CARDINALITY in sizes else size)

    @classmethod
    def list_files(
        cls, file_pattern: Any, shuffle: bool | None = None, seed: int | None = None, name: str | None = None
    ) -> Dataset:
        """Return the paths that fit a pattern, or several: in a new random order in each pass unless `shuffle=False`.

        Raises:
            DataError: no file fits.
        """
        patterns = [os.fspath(pattern) for pattern in np.atleast_1d(np.asarray(file_pattern, dtype=object))]
        found = sorted({path for pattern in patterns for path in glob.glob(pattern)})
        if not found:
            raise DataError(
                "No file fits the pattern.",
                code="list-files",
                place="tf.data.Dataset.list_files",
                received=", ".join(patterns),
                fix="correct the pattern; it starts from the folder in which the script runs",
            )
        paths = cls.from_tensor_slices(found)
        return paths if shuffle is False else paths.shuffle(len(found), seed)

    @classmethod
    def choose_from_datasets(
        cls, datasets: Sequence[Dataset], choice_dataset: Dataset, stop_on_empty_dataset: bool = True
    ) -> Dataset:
        """Return elements, each the next one of the data set whose number `choice_dataset` gives."""

        def start() -> Iterator[Any]:
            sources = [data._start() for data in datasets]
            return _chosen(sources, (int(number) for number in choice_dataset._start()), stop_on_empty_dataset)

        return cls(start, UNKNOWN_CARDINALITY)

    @classmethod
    def sample_from_datasets(
        cls,
        datasets: Sequence[Dataset],
        weights: Sequence[float] | None = None,
        seed: int | None = None,
        stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Dataset:
        """Return elements, each of a data set drawn with these weights (equal ones when None)."""
        base, passes = fresh_seed() if seed is None else int(seed), itertools.count()
        shares = None if weights is None else np.asarray(weights, float) / np.sum(np.asarray(weights, float))

        def start() -> Iterator[Any]:
            random = np.random.default_rng([base, next(passes) if rerandomize_each_iteration else 0])
            numbers = (int(random.choice(len(datasets), p=shares)) for _ in itertools.count())
            return _chosen([data._start() for data in datasets], numbers, stop_on_empty_dataset)

        return cls(start, UNKNOWN_CARDINALITY)

    # --- looks -------------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Any]:
        return _Elements(map(elements.tensors, self._start()))

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Return an iterator over the elements as NumPy arrays."""
        return _Elements(map(_plain, self._start()))

    @property
    def element_spec(self) -> Any:
        """The shapes and types of an element, those of the first."""
        return elements.spec_of(next(self._start()))

    def cardinality(self, name: str | None = None) -> Any:
        """Return the number of elements, or the constant for infinite or unknown."""
        return np.array(self._size).view(HostTensor)

    def __len__(self) -> int:
        if self._size < 0:
            kind = "infinite" if self._size == INFINITE_CARDINALITY else "unknown"
            raise TypeError(f"The length of this data set is {kind}.")
        return self._size

    def __bool__(self) -> bool:
        return True

    def get_single_element(self, name: str | None = None) -> Any:
        """Return the only element."""
        (element,) = itertools.islice(self, 2)
        return element

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(type(self), name)  # raises the error that names it

    def __repr__(self) -> str:
        return f"<Dataset of {'?' if self._size < 0 else self._size} elements>"


def _chosen(sources: list[Iterator[Any]], numbers: Iterator[int], stop: bool) -> Iterator[Any]:
    """Yield the next element of the source of each number; an empty one ends everything, or is passed over."""
    nothing, left = object(), set(range(len(sources)))
    for number in numbers:
        element = next(sources[number], nothing)
        if element is not nothing:
            yield element
            continue
        left.discard(number)
        if stop or not left:
            return


def _plain(element: Any) -> Any:
    """Return an element with NumPy's numbers in the place of arrays without axes."""
    return tree_util.tree_map(lambda leaf: leaf[()] if isinstance(leaf, np.ndarray) else leaf, element)
