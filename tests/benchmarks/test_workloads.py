"""Every workload is one description: weights, data and operation counts follow from its parts."""

import numpy as np
import pytest

import ranvier
from benchmarks import flops
from benchmarks.datasets import fingerprint, length, load, take
from benchmarks.networks import keras_text
from benchmarks.workloads import SWEEP, WORKLOADS, Part, by_part, count, draw, find, initial_weights

HEAVY = ("resnet20", "mobilenet")
NAMES = [pytest.param(name, marks=[pytest.mark.slow] if name in HEAVY else []) for name in WORKLOADS if name != "gan"]


@pytest.mark.parametrize("name", NAMES)
def test_the_keras_text_has_exactly_the_weights_of_the_parts(name):
    work, weights = WORKLOADS[name], initial_weights(WORKLOADS[name])
    model = keras_text.BUILDERS[work.family](ranvier, work, False)
    keras_text.load(model, work, weights)
    assert sum(array.size for array in weights) == model.count_params()
    assert sorted(array.shape for array in model.get_weights()) == sorted(array.shape for array in weights)


def test_dense_operations_by_hand():
    # 784-128-10: forward 2 (784 128 + 128 10); slopes of both weights as much; of inputs only 2 (128 10).
    assert flops.training(WORKLOADS["mlp"]) == 2 * (2 * (784 * 128 + 128 * 10)) + 2 * 128 * 10


def test_convolution_counts_its_places_and_recurrence_its_steps():
    assert flops.forward((Part("conv", "c", (3, 16, 3), 100),)) == 2 * 100 * 27 * 16
    first = Part("lstm", "r", (28, 64), 28, first=True)
    assert flops.forward((first,)) == 2 * 28 * 4 * 64 * (28 + 64)
    # Slopes of both matrices and of the state, not of the data.
    assert flops.backward((first,), inputs=False) == 2 * 28 * 4 * 64 * (28 + 64 + 64)


def test_attention_counts_what_a_causal_mask_leaves():
    # Four projections of 64 x 64 per step; of 2 x 64 products per pair of steps, (64 + 1) / 2 pairs.
    assert flops.forward((Part("attention", "a", (64, 4, 64), 64),)) == 2 * 64 * (4 * 64 * 64 + 64 * 65)


def test_two_adversaries_by_hand():
    made, judged, last = 64 * 256 + 256 * 784, 784 * 256 + 256, 256
    discriminator = 2 * made + 2 * (2 * judged + 2 * judged + 2 * last)
    generator = 2 * made + 2 * judged + 2 * judged + 2 * made + 2 * 256 * 784
    assert flops.training(WORKLOADS["gan"]) == discriminator + generator
    assert flops.predicting(WORKLOADS["gan"]) == 2 * made


@pytest.mark.parametrize("work", [*WORKLOADS.values(), SWEEP["conv/8"]], ids=lambda work: work.name)
def test_data_have_their_rows_and_are_the_same_every_time(work):
    x, y = load(work, 6)
    assert length(x) == len(y) == 6
    assert length(take(x, slice(2, 5))) == 3
    assert fingerprint((x, y), []) == fingerprint(load(work, 6), [])
    assert fingerprint((x, y), []) != fingerprint(load(work, 5), [])


def test_padding_is_behind_the_words():
    x, _ = load(WORKLOADS["bilstm_text"], 20)
    lengths = (x != 0).sum(axis=1)
    assert lengths.min() >= 50
    assert all((row[:length] > 0).all() for row, length in zip(x, lengths, strict=True))


def test_each_part_gets_its_own_arrays():
    work = WORKLOADS["gru"]
    arrays = by_part(work, initial_weights(work))
    assert [array.shape for array in arrays["gru"]] == [(28, 192), (64, 192), (2, 192)]
    assert arrays["head"][0].shape == (64, 10)


def test_the_number_of_arrays_is_what_is_drawn():
    for work in (*WORKLOADS.values(), find("transformer/128")):
        for part in work.parts:
            assert len(draw(part, np.random.RandomState(0))) == count(part)


def test_an_unknown_part_is_refused():
    with pytest.raises(ValueError, match="no weights are known"):
        draw(Part("magic", "m", (1,)), np.random.RandomState(0))


def test_the_sweep_reaches_both_ends():
    assert {"dense/32", "dense/2048", "conv/8", "conv/256", "lstm/16", "lstm/512", "transformer/512"} <= SWEEP.keys()
    assert find("lstm/512").parts[0].sizes == (28, 512)
