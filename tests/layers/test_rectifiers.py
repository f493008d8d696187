"""ReLU, LeakyReLU, PReLU, ELU: what they refuse, and what files of other versions say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ranvier import layers


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (layers.ReLU, {"max_value": -1.0}),
        (layers.ReLU, {"negative_slope": -0.1}),
        (layers.ReLU, {"negative_slope": None}),
        (layers.ReLU, {"threshold": -2}),
        (layers.ReLU, {"threshold": None}),
        (layers.LeakyReLU, {"negative_slope": -1}),
        (layers.LeakyReLU, {"negative_slope": None}),
    ],
)
def test_slopes_and_limits_are_not_negative(kind: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"(?s){next(iter(arguments))} of .*negative.*expected"):
        kind(**arguments)


def test_leaky_relu_knows_its_old_argument() -> None:
    with pytest.warns(UserWarning, match="negative_slope") as told:
        layer = layers.LeakyReLU(alpha=0.5)
    assert layer.negative_slope == 0.5 and told[0].filename == __file__
    assert layers.LeakyReLU.from_config({"name": "l", "alpha": 0.25}).negative_slope == 0.25


def test_prelu_shares_slopes_along_axes() -> None:
    layer = layers.PReLU(shared_axes=1)
    layer.build((None, None, 4))
    assert layer.shared_axes == [1] and layer.alpha.shape == (1, 4) and layer.alpha.name == "alpha"
    np.testing.assert_array_equal(layer(np.full((2, 5, 4), -1.0)), np.zeros((2, 5, 4)))
    with pytest.raises(ValueError, match="size 4 at axis 2"):
        layer(np.ones((2, 5, 3)))
    with pytest.raises(ValueError, match="3 axes"):
        layer(np.ones((2, 4)))


@pytest.mark.parametrize(("axes", "shape"), [([0], (2, 3)), ([2], (2, 3)), ([-1], (2, 3)), (None, (2, None, 3))])
def test_prelu_names_axes_that_cannot_be(axes: Any, shape: Any) -> None:
    with pytest.raises(ValueError, match="prelu-axes"):
        layers.PReLU(shared_axes=axes).build(shape)
