"""What an augmentation layer costs inside a fit: processor time of an epoch with it, and without.

    python -m benchmarks.augmentation [--layers RandomHue,MixUp] [--rounds 10]

A small convolutional network trains on 512 pictures of 32 x 32 pixels in batches of 64. The first epoch compiles and
does not count; of the others the fastest does. Prints a table for docs/explain/augmentation.md.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np

import ranvier
from benchmarks.machine import describe
from ranvier import layers

PICTURES, BATCH = 512, 64
ROWS: dict[str, dict[str, Any]] = {
    "RandomBrightness": {"factor": 0.3},
    "RandomContrast": {"factor": 0.3},
    "AutoContrast": {},
    "RandomInvert": {},
    "RandomPosterization": {"factor": 5},
    "Solarization": {"threshold_factor": 0.5},
    "RandomGrayscale": {},
    "RandomColorDegeneration": {"factor": 0.5},
    "RandomSaturation": {"factor": 0.5},
    "RandomHue": {"factor": 0.3},
    "RandomColorJitter": {
        "brightness_factor": 0.2,
        "contrast_factor": 0.2,
        "saturation_factor": 0.5,
        "hue_factor": 0.1,
    },
    "RandomSharpness": {"factor": 0.5},
    "RandomGaussianBlur": {},
    "RandomErasing": {},
    "Equalization": {},
    "ContrastLimitedAdaptiveHistogramEqualization": {},
    "MixUp": {},
    "CutMix": {},
    "RandAugment": {},
    "AugMix": {},
}


def epoch_seconds(name: str | None, rounds: int) -> float:
    """Return the processor time of one epoch with a layer in front of the network; None for no layer."""
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (PICTURES, 32, 32, 3)).astype("float32")
    y = random.integers(0, 10, PICTURES)
    ranvier.utils.set_random_seed(0)
    augmenting = [] if name is None else [getattr(layers, name)(**ROWS[name])]
    network = [layers.Rescaling(1 / 255), layers.Conv2D(16, 3, strides=2, activation="relu"), layers.Flatten()]
    model = ranvier.Sequential([ranvier.Input((32, 32, 3)), *augmenting, *network, layers.Dense(10)])
    model.compile("adam", ranvier.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, y, batch_size=BATCH, verbose=0)
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        model.fit(x, y, batch_size=BATCH, verbose=0)
        seconds.append(time.process_time() - start)
    return min(seconds)


def main() -> None:
    """Measure the rows and print them as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", default=",".join(ROWS))
    parser.add_argument("--rounds", type=int, default=10)
    wanted = parser.parse_args()
    print(describe())
    print("\n| layer | processor time of an epoch, ms |\n|---|---|")
    for name in [None, *wanted.layers.split(",")]:
        print(f"| {name or 'none'} | {1000 * epoch_seconds(name, wanted.rounds):.0f} |", flush=True)


if __name__ == "__main__":
    main()
