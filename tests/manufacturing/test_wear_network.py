"""The network of the life model: batches equal singles, what is stored is what runs, a sensor that is lost is survived, and it learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dsapp.core.bundle import Part
from dsapp.core.errors import BundleFormatError
from dsapp.core.nn.registry import create
from dsapp.manufacturing.life_bins import BIN, CAP, NUM_BINS, capped_moments, centres, quantiles, temper
from dsapp.manufacturing.network import WearDistribution, save
from dsapp.manufacturing.train.wear import WearSettings, fit_wear, member_shares, soft_bins

torch.set_num_threads(1)
NAMES = ("a|last|5", "a|mean|20", "a|slope|0", "b|slope|20", "clock|age|0")


def network(members: int = 3) -> WearDistribution:
    torch.manual_seed(0)
    return WearDistribution([0, 1, 2, 3, 4], 4, [2], members, 16, 2, NUM_BINS).eval()


def rows(count: int = 7) -> np.ndarray:
    x = np.random.default_rng(0).normal(size=(count, 5)).astype(np.float32)
    x[:, 4] = np.arange(count) * 30
    return x


def shares(model: torch.nn.Module, x: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return model(torch.from_numpy(x))[0].numpy()


def test_a_batch_gives_what_single_rows_give():
    model, x = network(), rows()
    together = shares(model, x)
    alone = np.concatenate([shares(model, x[place : place + 1]) for place in range(len(x))])
    assert together.shape == (7, NUM_BINS)
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)


def test_what_was_stored_runs_the_same(tmp_path):
    model, x = network(), rows()
    config = save(model, tmp_path)
    opened = create(Part("network", "torch", "wear_distribution", tmp_path, config))
    np.testing.assert_allclose(shares(opened, x), shares(model, x), atol=2e-3)


def test_weights_that_do_not_fit_are_refused(tmp_path):
    config = save(network(), tmp_path)
    with pytest.raises(BundleFormatError, match="does not load"):
        create(Part("network", "torch", "wear_distribution", tmp_path, {**config, "width": 24}))
    with pytest.raises(BundleFormatError, match="does not load"):
        create(Part("network", "torch", "wear_distribution", tmp_path, {"columns": [0]}))


def test_unknown_and_wild_values_leave_numbers():
    x = rows()
    x[0, 1], x[1], x[2, 3] = np.nan, np.nan, 1e30
    found = shares(network(), x)
    assert np.isfinite(found).all()
    mild = rows()
    mild[2, 3] = 1e6
    np.testing.assert_allclose(found[2], shares(network(), mild)[2], atol=1e-6)


def test_members_are_averaged():
    model, x = network(), rows()
    each = [member_shares(model, x, [member]) for member in range(3)]
    assert np.abs(each[0] - each[1]).max() > 1e-4
    np.testing.assert_allclose(np.mean(each, axis=0), shares(model, x), atol=1e-6)


def test_it_learns_a_life_from_a_sensor_on_the_rows_of_its_pool():
    generator = np.random.default_rng(1)
    life = generator.uniform(0, 140, 3000)
    x = np.stack([(70 - life) / 30, (70 - life) / 30, *np.zeros((2, 3000)), np.full(3000, 80.0)], axis=1)
    x = (x + 0.05 * generator.normal(size=x.shape)).astype(np.float32)
    settings = WearSettings(
        width=16, layers=1, steps=150, rows=256, rate=0.01, average=0.9, drop=0.0, blank=0.0, noise=0.0, squared=1.0
    )
    pools = [np.arange(2000)] * 2
    model = fit_wear(x, life, np.ones(3000), pools, names=NAMES, columns=[0, 1, 2, 3, 4], settings=settings)
    mean, spread = capped_moments(member_shares(model, x[2000:], [0, 1]))
    error = mean - np.minimum(life[2000:], CAP)
    assert np.sqrt(np.mean(error**2)) < 8 and (spread > 0).all()


def test_soft_bins_sum_to_one_and_lie_about_the_life():
    life = torch.tensor([0.0, 50.0, 124.0, 500.0])
    found = soft_bins(life, torch.full((4,), 5.0)).numpy()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert found.argmax(axis=1).tolist() == [0, int(50 // BIN), int(124 // BIN), NUM_BINS - 1]


def test_temperature_and_quantiles_keep_a_distribution():
    found = temper(shares(network(), rows()), 1.7)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    lives = quantiles(found, np.array([0.05, 0.5, 0.95, 0.9999]), tail=40.0)
    assert (np.diff(lives, axis=1) > 0).all() and (lives > 0).all()
    # all in one bin: quantiles are straight within it
    one = np.zeros((1, NUM_BINS))
    one[0, 10] = 1
    np.testing.assert_allclose(quantiles(one, np.array([0.5]), 40.0), [[10.5 * BIN]])
    assert capped_moments(one)[0][0] == centres()[10]
