"""First values: Keras's numbers for equal seeds, their statistics, their configurations, derived randomness."""

import math
import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import initializers
from ranvier._errors import InvalidArgument, NotReady
from ranvier._lookup import plain
from ranvier.initializers.random import fans
from ranvier.random import SeedGenerator
from ranvier.state import rng, scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable
from tests.initializers.cases import INITIALIZERS

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "initializers.npz")
CLASSES = sorted(n for n in initializers.__all__ if n[0].isupper() and n != "Initializer")


@pytest.mark.parametrize("index", range(len(INITIALIZERS)), ids=[f"{i}-{c[0]}" for i, c in enumerate(INITIALIZERS)])
def test_an_integer_seed_gives_the_numbers_of_keras(index: int) -> None:
    name, keywords, shape, dtype = INITIALIZERS[index]
    values = getattr(initializers, name)(**keywords)(shape, dtype=dtype)
    assert values.shape == shape and values.dtype == dtype
    np.testing.assert_allclose(values.astype("float32"), RECORDED[f"initializers/{index}"], rtol=1e-5, atol=1e-6)


def test_every_initializer_has_a_recorded_case() -> None:
    assert {name for name, *_ in INITIALIZERS} == set(CLASSES) - {
        "IdentityInitializer",
        "OrthogonalInitializer",
        "STFTInitializer",
    }


@pytest.mark.parametrize("name", CLASSES)
def test_configuration_comes_back(name: str) -> None:
    one = getattr(initializers, name)()
    config = initializers.serialize(one)
    again = initializers.deserialize(config)
    assert type(again) is type(one) and again.get_config() == one.get_config()
    assert config["module"] == "keras.initializers" and config["registered_name"] is None


@pytest.mark.parametrize(
    ("text", "cls"),
    [
        ("normal", "RandomNormal"),
        ("uniform", "RandomUniform"),
        ("zeros", "Zeros"),
        ("zero", "Zeros"),
        ("one", "Ones"),
        ("ones", "Ones"),
        ("glorot_uniform", "GlorotUniform"),
        ("he_normal", "HeNormal"),
        ("lecun_uniform", "LecunUniform"),
        ("LecunNormal", "LecunNormal"),
        ("orthogonal", "Orthogonal"),
        ("OrthogonalInitializer", "Orthogonal"),
        ("identity", "Identity"),
        ("variance_scaling", "VarianceScaling"),
        ("truncated_normal", "TruncatedNormal"),
        ("random_normal", "RandomNormal"),
        ("stft", "STFT"),
        ("STFTInitializer", "STFT"),
    ],
)
def test_names_of_keras(text: str, cls: str) -> None:
    assert type(initializers.get(text)) is getattr(initializers, cls)


def test_get_takes_none_classes_callables_and_arrays() -> None:
    assert initializers.get(None) is None
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    given = initializers.get(np.array([1.0, 2.0]))
    assert given((2,), "float32").tolist() == [1.0, 2.0]
    with pytest.raises(InvalidArgument, match="another shape"):
        given((3,), "float32")
    with pytest.raises(InvalidArgument, match="GlorotUniform"):
        initializers.get("glorott")


def expected_variance(name: str, fan_in: int, fan_out: int) -> float:
    scale, n = {"Glorot": (2, fan_in + fan_out), "He": (2, fan_in), "Lecun": (1, fan_in)}[
        name.removesuffix("Normal").removesuffix("Uniform")
    ]
    return scale / n


@pytest.mark.parametrize(
    "name", ["GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform"]
)
def test_mean_and_variance(name: str) -> None:
    values = np.asarray(getattr(initializers, name)(seed=0)((200, 300)), np.float64)
    variance = expected_variance(name, 200, 300)
    n = values.size
    assert abs(values.mean()) < 5 * math.sqrt(variance / n)
    # The variance of a sample variance is at most 2 v^2 / n for these light tails.
    assert abs(values.var() / variance - 1) < 5 * math.sqrt(2 / n)
    bound = math.sqrt(3 * variance) if name.endswith("Uniform") else 2 * math.sqrt(variance) / 0.8796
    assert abs(values).max() <= bound * 1.0001


def test_a_normal_sample_is_normal() -> None:
    values = np.sort(np.asarray(initializers.RandomNormal(stddev=1.0, seed=3)((200, 250)), np.float64).ravel())
    cdf = np.array([0.5 * (1 + math.erf(v / math.sqrt(2))) for v in values[::50]])
    empirical = (np.arange(values.size)[::50] + 0.5) / values.size
    assert abs(cdf - empirical).max() < 1.95 / math.sqrt(values.size)


@pytest.mark.parametrize("shape", [(6, 6), (3, 8), (8, 3), (2, 4, 3)])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    q = np.asarray(initializers.Orthogonal(seed=1)(shape)).reshape(-1, shape[-1])
    product = q @ q.T if q.shape[0] < q.shape[1] else q.T @ q
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-5)


def test_an_array_as_constant_broadcasts_and_is_saved() -> None:
    one = initializers.Constant(np.array([1.0, 2.0]))
    assert one((3, 2)).tolist() == [[1.0, 2.0]] * 3
    assert initializers.deserialize(initializers.serialize(one))((2,)).tolist() == [1.0, 2.0]
    keras = {"value": {"class_name": "__numpy__", "config": {"value": [3.0], "dtype": "float32"}}}
    assert initializers.Constant.from_config(keras)((1,)).tolist() == [3.0]


def test_without_a_seed_every_draw_is_another_one() -> None:
    one = initializers.get("glorot_uniform")
    assert not np.array_equal(one((3, 3)), one((3, 3)))


def test_a_generator_is_shared_and_saved() -> None:
    one = initializers.RandomNormal(seed=SeedGenerator(4))
    assert not np.array_equal(one((3,)), one((3,)))
    again = initializers.deserialize(initializers.serialize(initializers.RandomNormal(seed=SeedGenerator(4))))
    assert isinstance(again.seed, SeedGenerator) and again.seed.seed == 4


def test_the_global_seed_decides() -> None:
    def draw() -> Any:
        rng.reset_global(5)
        return initializers.get("he_normal")((4, 4)), initializers.get("he_normal")((4, 4))

    first, second = draw(), draw()
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])
    assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("name", ["RandomNormal", "RandomUniform", "TruncatedNormal"])
def test_a_compiled_draw_equals_the_one_on_the_host(name: str) -> None:
    def draw(key: Any) -> Any:
        with scope.entered(Scope(key=key)):
            return getattr(initializers, name)()((33, 7))

    key = jax.random.key(9)
    np.testing.assert_allclose(jax.jit(draw)(key), draw(key), rtol=2e-5, atol=1e-6)


def test_pending_variables_are_drawn_while_a_program_is_traced() -> None:
    weight = Variable(initializers.GlorotUniform(seed=1), shape=(2, 2))
    jax.jit(lambda x: x + weight.stored)(jnp.zeros((2, 2)))
    assert not weight.pending and not isinstance(weight.stored, jax.core.Tracer)


def test_fans() -> None:
    assert fans(()) == (1, 1) and fans((5,)) == (5, 5) and fans((2, 3)) == (2, 3)
    assert fans((3, 3, 8, 16)) == (72, 144)
    assert fans((2, 5, 3), [0, 1], [2]) == (10, 3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: initializers.VarianceScaling(scale=0),
        lambda: initializers.VarianceScaling(mode="fan"),
        lambda: initializers.VarianceScaling(distribution="cauchy"),
        lambda: initializers.Identity()((2, 2, 2)),
        lambda: initializers.Orthogonal()((3,)),
        lambda: initializers.STFT(side="left"),
        lambda: initializers.STFT(scaling="power"),
        lambda: initializers.STFT(window="wall"),
        lambda: initializers.STFT(window=[1.0, 2.0])((3, 1, 2)),
        lambda: initializers.RandomNormal(seed="abc")((3,)),
    ],
)
def test_refusals(make: Any) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    assert "code" in str(caught.value)


def test_the_base_class_wants_a_call() -> None:
    with pytest.raises(NotReady):
        initializers.Initializer()((2,))


def test_a_users_initializer() -> None:
    class Halves(initializers.Initializer):
        def __init__(self, factor: float = 1.0) -> None:
            self.factor = factor

        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return jnp.full(shape, 0.5 * self.factor, dtype)

    one = Halves(3.0)
    assert one.clone()((2,)).tolist() == [1.5, 1.5] and "factor=3.0" in repr(one)
    config = plain(one)
    assert config["registered_name"].endswith("Halves")
    again = initializers.deserialize(config, custom_objects={"Halves": Halves})
    assert again.factor == 3.0
