"""Layers that choose among many augmentations by themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, final

import jax
import jax.numpy as jnp
from jax import tree_util

from ranvier import ops, random
from ranvier._typing import Array
from ranvier.layers.configured import positive_integer
from ranvier.layers.preprocessing.colour import RandomColorDegeneration
from ranvier.layers.preprocessing.contrast import AutoContrast, RandomBrightness, RandomContrast
from ranvier.layers.preprocessing.histograms import Equalization
from ranvier.layers.preprocessing.image_augmentation import BaseImagePreprocessingLayer
from ranvier.layers.preprocessing.mixing import refuse_classes
from ranvier.layers.preprocessing.recolouring import Recolouring, positive_number
from ranvier.layers.preprocessing.sharpness import RandomSharpness
from ranvier.layers.preprocessing.tilting import RandomShear
from ranvier.layers.preprocessing.tones import RandomPosterization, Solarization
from ranvier.layers.preprocessing.warping import RandomRotation, RandomTranslation

__all__ = ["AugMix", "RandAugment"]

_MOVES: Final = ("random_shear", "random_translation", "random_rotation")
_TONES: Final = ("random_posterization", "solarization", "auto_contrast", "equalization")
_COLOURS: Final = ("random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness")


class _Policy(Recolouring):
    """What both share: the layers they choose from, as attributes."""

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)
    _names: tuple[str, ...]

    def _set_parts(self, names: tuple[str, ...], interpolation: str) -> None:
        """Make the layers of some names, as strong as `factor` says."""
        self._names, self.interpolation, factor = names, interpolation, self.factor
        common: dict[str, Any] = {
            "data_format": self.data_format,
            "bounding_box_format": self.bounding_box_format,
            "dtype": self.dtype_policy,
        }
        moving, colouring = {"interpolation": interpolation, **common}, {"value_range": self.value_range, **common}
        bits = max(1, int(8 * factor[1]))
        makers: dict[str, Callable[[], BaseImagePreprocessingLayer]] = {
            "random_shear": lambda: RandomShear(factor, factor, **moving),
            "random_translation": lambda: RandomTranslation(factor, factor, **moving),
            "random_rotation": lambda: RandomRotation(factor, **moving),
            "random_posterization": lambda: RandomPosterization(bits, **colouring),
            "solarization": lambda: Solarization(factor, factor, **colouring),
            "auto_contrast": lambda: AutoContrast(**colouring),
            "equalization": lambda: Equalization(**colouring),
            "random_brightness": lambda: RandomBrightness(factor, **colouring),
            "random_color_degeneration": lambda: RandomColorDegeneration(factor, **colouring),
            "random_contrast": lambda: RandomContrast(factor, **colouring),
            "random_sharpness": lambda: RandomSharpness(factor, **colouring),
        }
        for name in names:
            setattr(self, name, makers[name]())

    def _drawn(self, data: Any, seed: Any) -> dict[str, Any]:
        """Return the transformations of all layers by name."""
        return {name: getattr(self, name).get_random_transformation(data, seed=seed) for name in self._names}

    def _chosen_part(self, index: Array, drawn: Mapping[str, Any], kind: str, values: Any) -> Any:
        """Return values after the method `transform_{kind}` of the layer of an index; after the last one, as they are.

        Only the chosen layer runs, unless the program is batched over its draws.
        """

        def branch(name: str) -> Callable[[Any], Any]:
            def run(given: Any) -> Any:
                found = getattr(getattr(self, name), f"transform_{kind}")(given, drawn[name])
                return tree_util.tree_map(lambda new, old: new.astype(old.dtype), found, given)

            return run

        return ops.switch(index, [*map(branch, self._names), lambda given: given], values)


@final
class RandAugment(_Policy):
    """Apply some of eleven augmentations, chosen at random, one after the other while training.

        for i in layer_idxes: images = layer i of images      layer_idxes: num_ops draws of eleven, for the whole batch

    Shear, translation, rotation, brightness, color degeneration, contrast, sharpness, posterization, solarization,
    AutoContrast and Equalization; each draws for every picture how far it goes.

    Shapes: `[batch, row, column, 3]` or one picture without `batch`; outputs have the shape of the images.

    Numerics: boxes and masks go the same way as the pictures, in the same order; Keras's boxes go through the chosen
    layers in the order of their list.

    Args:
        value_range: lowest and highest value of a pixel.
        num_ops: how many are applied.
        factor: how strong they are, a pair in [0, 1], or a number f for (0, f).
        interpolation: `"nearest"` or `"bilinear"`, where pixels move.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor or a range of values that is none, no operation, or pictures without colours.

    Example:
        >>> RandAugment(seed=1).compute_output_shape((None, 4, 4, 3))
        (None, 4, 4, 3)

    Source: Cubuk et al., "RandAugment: practical automated data augmentation with a reduced search space", 2019.
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_value_range(value_range)
        self.num_ops = positive_integer(self, "num_ops", num_ops)
        self._set_factor(factor)
        self._set_seed(seed)
        self._set_parts((*_MOVES, *_COLOURS, *_TONES), interpolation)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `layer_idxes`, which layers are applied, and `transforms`, what each of them does."""
        if not training:
            return None
        source = self._seed(seed)
        chosen = random.randint((self.num_ops,), 0, len(self._names), seed=source)
        return {"layer_idxes": chosen, "transforms": self._drawn(data, source)}

    def _passed(self, kind: str, values: Any, transformation: Any) -> Any:
        def step(carried: Any, index: Array) -> tuple[Any, None]:
            return self._chosen_part(index, transformation["transforms"], kind, carried), None

        return ops.scan(step, values, transformation["layer_idxes"])[0]

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        passed: Array = self._passed("images", images, transformation)
        return passed

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Return the boxes after the chosen layers."""
        return self._passed("bounding_boxes", bounding_boxes, transformation) if training else bounding_boxes

    def transform_segmentation_masks(
        self, segmentation_masks: Array, transformation: Any, training: bool = True
    ) -> Array:
        """Return the segmentation masks after the chosen layers, in their own type."""
        return (
            self._passed("segmentation_masks", segmentation_masks, transformation) if training else segmentation_masks
        )


@final
class AugMix(_Policy):
    """Mix each picture with versions of itself that went through short random chains of augmentations, while training.

        chained = sum over chains of chain_mixing_weights[chain] * (images after chain_depth layers or nothing)
        outputs = clip(weight_sample * images + (1 - weight_sample) * chained, low, high)
        chain_mixing_weights ~ Dirichlet(alpha, ...), weight_sample ~ Beta(alpha, alpha)

    Chains and weights are the same for the whole batch; each layer draws for every picture how far it goes.

    Shapes: `[batch, row, column, 3]` or one picture without `batch`; outputs have the shape of the images.

    Numerics: chains are drawn anew for each batch inside the compiled program; bounding boxes stay, as in Keras.

    Args:
        value_range: lowest and highest value of a pixel, (low, high).
        num_chains: number of chains.
        chain_depth: longest length of a chain; a step may be empty.
        factor: how strong the layers are, a pair in [0, 1], or a number f for (0, f).
        alpha: parameter of both distributions.
        all_ops: also brightness, color degeneration, contrast and sharpness.
        interpolation: `"nearest"` or `"bilinear"`, where pixels move.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor or a range of values that is none, no chain, pictures without colours, or
            segmentation masks that are numbers of classes.

    Example:
        >>> AugMix(seed=1).compute_output_shape((None, 4, 4, 3))
        (None, 4, 4, 3)

    Source: Hendrycks et al., "AugMix: a simple data processing method to improve robustness and uncertainty", 2019.
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_value_range(value_range)
        self.num_chains = positive_integer(self, "num_chains", num_chains)
        self.chain_depth = positive_integer(self, "chain_depth", chain_depth)
        self._set_factor(factor)
        self.alpha, self.all_ops = positive_number(self, "alpha", alpha), all_ops
        self._set_seed(seed)
        self._set_parts((*_MOVES, *_TONES, *(_COLOURS if all_ops else ())), interpolation)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw the weights, `chain_ops` `[chain, step]` (which layers), and `chain_transforms` (what each does)."""
        if not training:
            return None
        images, source = self._images_of(data), self._seed(seed)
        steps = (self.num_chains, self.chain_depth)
        weights = random.gamma((self.num_chains,), self.alpha, seed=source)
        # All steps draw at once, as for a batch of all their pictures.
        many = jax.ShapeDtypeStruct((steps[0] * steps[1] * self._sizes(images)[0], *images.shape[-3:]), images.dtype)
        drawn = self._drawn(many, source)
        return {
            "chain_mixing_weights": weights / jnp.sum(weights),
            "weight_sample": random.beta((), self.alpha, self.alpha, seed=source),
            "chain_ops": random.randint(steps, 0, len(self._names) + 1, seed=source),
            "chain_transforms": tree_util.tree_map(
                lambda leaf: jnp.reshape(leaf, (*steps, -1, *leaf.shape[1:])) if isinstance(leaf, jax.Array) else leaf,
                drawn,
            ),
        }

    def _mixed(self, kind: str, values: Array, transformation: Any) -> Array:
        leaves, structure = tree_util.tree_flatten(transformation["chain_transforms"])
        arrays = {i: leaf for i, leaf in enumerate(leaves) if isinstance(leaf, jax.Array)}

        def step(carried: Array, drawn: Any) -> tuple[Array, None]:
            index, own = drawn
            transforms = tree_util.tree_unflatten(structure, [own.get(i, leaf) for i, leaf in enumerate(leaves)])
            return self._chosen_part(index, transforms, kind, carried), None

        def chain(total: Array, drawn: Any) -> tuple[Array, None]:
            weight, *steps = drawn
            return total + weight.astype(total.dtype) * ops.scan(step, values, steps)[0], None

        chains = [transformation["chain_mixing_weights"], transformation["chain_ops"], arrays]
        total: Array = ops.scan(chain, jnp.zeros_like(values), chains)[0]
        share = transformation["weight_sample"].astype(values.dtype)
        mixed: Array = share * values + (1 - share) * total
        return mixed

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        return jnp.clip(self._mixed("images", images, transformation), *self.value_range)

    def transform_segmentation_masks(
        self, segmentation_masks: Array, transformation: Any, training: bool = True
    ) -> Array:
        """Return the segmentation masks, mixed with their versions after the same chains."""
        if not training:
            return segmentation_masks
        refuse_classes(self, segmentation_masks)
        return self._mixed("segmentation_masks", segmentation_masks, transformation)
