"""Peers that live in the product's environment do the reference's work; the others prove it in each run."""

import importlib
import importlib.util

import numpy as np
import pytest

from benchmarks.catalog import PEERS
from benchmarks.datasets import synthetic
from benchmarks.statistics import relative_difference
from benchmarks.steady_state import AGREEMENT_STEPS
from benchmarks.workloads import TOLERANCE, WORKLOADS, initial_weights

BATCH = 32


def losses(name: str, workload: str) -> list[float]:
    work = WORKLOADS[workload]
    spec = PEERS[name]
    peer = importlib.import_module(spec.module).make(*spec.arguments)
    peer.build(work, initial_weights(work), BATCH, dropout=False)
    x, y = synthetic(work.sizes[0], work.sizes[-1], AGREEMENT_STEPS * BATCH)
    cuts = [slice(step * BATCH, (step + 1) * BATCH) for step in range(AGREEMENT_STEPS)]
    return [peer.fit(x[cut], y[cut], epochs=1, shuffle=False)[0] for cut in cuts]


@pytest.mark.parametrize("workload", ["tiny", "mlp"])
@pytest.mark.parametrize("name", ["ranvier", "optax", "sklearn"])
def test_first_losses_agree_with_the_reference(name, workload):
    for package in PEERS[name].imports:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    compared = 1 if workload in PEERS[name].only_first_loss else AGREEMENT_STEPS
    expected = losses("numpy", workload)
    assert expected[-1] != pytest.approx(expected[0], rel=1e-2)  # the comparison is of a network that moves
    assert relative_difference(losses(name, workload)[:compared], expected[:compared]) < TOLERANCE


def test_reference_gradient_is_the_slope_of_its_loss():
    reference = importlib.import_module("benchmarks.peers.numpy_reference").make()
    work = WORKLOADS["tiny"]
    x, y = synthetic(10, 2, BATCH)
    reference.build(work, initial_weights(work), BATCH, dropout=False)
    before = [weight.copy() for weight in reference.weights]
    reference.step(x, y)
    # After one step Adam's mean is (1 - 0.9) g; compare g with a central difference at single entries.
    slopes = [mean / 0.1 for mean in reference.means]
    for index, place in ((0, (3, 5)), (2, (7, 1)), (5, (1,))):
        found = []
        for shift in (1e-5, -1e-5):
            reference.weights = [weight.copy() for weight in before]
            reference.weights[index][place] += shift
            found.append(-np.log(reference.call(x)[np.arange(BATCH), y]).mean())
        assert slopes[index][place] == pytest.approx((found[0] - found[1]) / 2e-5, rel=1e-4, abs=1e-9)
