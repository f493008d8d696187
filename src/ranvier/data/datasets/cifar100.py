"""32x32 colour pictures of a hundred kinds of things, in twenty groups."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ranvier._errors import InvalidArgument
from ranvier.data.datasets.cifar import read_binary
from ranvier.data.datasets.info import DatasetInfo, Source, Split
from ranvier.data.datasets.lookup import obtain

__all__ = ["COARSE_NAMES", "INFO", "load_data", "read"]

_FINE_NAMES = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can "
    "castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin "
    "elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster "
    "man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck "
    "pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk "
    "skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger "
    "tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm"
)
COARSE_NAMES = (
    "aquatic_mammals",
    "fish",
    "flowers",
    "food_containers",
    "fruit_and_vegetables",
    "household_electrical_devices",
    "household_furniture",
    "insects",
    "large_carnivores",
    "large_man-made_outdoor_things",
    "large_natural_outdoor_scenes",
    "large_omnivores_and_herbivores",
    "medium_mammals",
    "non-insect_invertebrates",
    "people",
    "reptiles",
    "small_mammals",
    "trees",
    "vehicles_1",
    "vehicles_2",
)
"""Names of the twenty groups, in the order of the coarse labels."""

INFO = DatasetInfo(
    name="cifar100",
    task="image-classification",
    rows=(50_000, 10_000),
    shape=(32, 32, 3),
    target="what the picture shows",
    licence="none stated; published for research with citation",
    citation="A. Krizhevsky, Learning multiple layers of features from tiny images, University of Toronto, 2009",
    split="the official one",
    sources=(
        Source(
            filename="cifar-100-binary.tar.gz",
            url="https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
            digest="md5:03b5dce01913d631647c71ecec9e9cb8",
            size=168_513_733,
        ),
    ),
    class_names=tuple(_FINE_NAMES.split()),
    value_range=(0, 255),
)


def load_data(label_mode: str = "fine") -> Split:
    """Load CIFAR-100: 60,000 colour pictures of 32 by 32 points.

    Read from the binary archive, which unlike the Python one holds no pickled code; the rows are the same.

    Args:
        label_mode: `"fine"` for 100 classes, `"coarse"` for 20 groups of five.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: pictures uint8 `[row, height, width, channel]`, labels uint8
        `[row, 1]`; 50,000 training and 10,000 test rows.

    Raises:
        InvalidArgument: `label_mode` is neither of the two.
        FileRefused: the archive is damaged, or not what its name says.
        DownloadError: there was no archive on this machine, and it could not be downloaded.

    Source: A. Krizhevsky, Learning multiple layers of features from tiny images (2009).
    """
    if label_mode not in ("fine", "coarse"):
        raise InvalidArgument(
            "CIFAR-100 has no such labels.",
            code="data-label-mode",
            place="label_mode",
            expected="'fine' or 'coarse'",
            received=repr(label_mode),
        )
    return read(obtain(INFO.name, INFO.sources).files, "fine" if label_mode == "fine" else "coarse")


def read(files: tuple[Path, ...], label_mode: Literal["fine", "coarse"] = "fine") -> Split:
    """Read the binary archive; in a row the coarse label comes before the fine one."""
    label, classes = (1, 100) if label_mode == "fine" else (0, 20)
    train, test = "cifar-100-binary/train.bin", "cifar-100-binary/test.bin"
    return read_binary(files[0], [train], test, labels=2, label=label, classes=classes)
