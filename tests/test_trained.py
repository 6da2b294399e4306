"""A trained network as a segmenter: odd sizes, gaps, bands by name, the guide."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from data.errors import InputError
from models.chips import Chip
from models.guide import eroded
from models.trained import Trained, load_trained
from models.weights import write_model
from tests.networks import tiny_card, tiny_net


def chip(height: int, width: int, bands: tuple[str, ...] = ("nir", "blue", "green"), outline: bool = False) -> Chip:
    values = np.random.default_rng(0).uniform(0, 0.4, (len(bands), height, width)).astype(np.float32)
    square = np.zeros((height, width), dtype=bool)
    square[height // 4 : -height // 4, width // 4 : -width // 4] = True
    return Chip(values, bands, 10.0, square if outline else None)


@pytest.mark.parametrize("guided", [False, True])
def test_it_gives_what_the_network_gives(guided: bool) -> None:
    net = tiny_net(guided)
    given = chip(24, 32, outline=guided)
    image = torch.from_numpy(given.reflectance[[2, 0]][None])
    guide = torch.from_numpy(eroded(given.outline).astype(np.float32))[None, None] if given.outline is not None else None
    with torch.no_grad():
        expected = torch.sigmoid(net(image, guide))[0, 0].numpy()
    np.testing.assert_allclose(Trained(copy.deepcopy(net))(given), expected, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 9), (31, 33), (50, 2)])
def test_any_size_is_taken_and_the_pixels_inside_do_not_know_of_it(height: int, width: int) -> None:
    found = Trained(tiny_net())(chip(height, width))
    assert found.shape == (height, width)
    assert np.isfinite(found).all()


def test_padding_changes_nothing_but_near_the_edge() -> None:
    whole = chip(40, 40)
    part = Chip(whole.reflectance[:, :37, :39], whole.bands, 10.0)
    segment = Trained(tiny_net())
    np.testing.assert_allclose(segment(part)[:24, :24], segment(whole)[:24, :24], atol=1e-6)


def test_gaps_are_unknown_and_reach_no_further_than_the_network_sees() -> None:
    whole, gappy = chip(48, 48), chip(48, 48)
    gappy.reflectance[0, 2:5, 2:5] = np.nan
    segment = Trained(tiny_net())
    found = segment(gappy)
    assert np.isnan(found[2:5, 2:5]).all()
    assert np.isnan(found).sum() == 9
    np.testing.assert_allclose(found[30:, 30:], segment(whole)[30:, 30:], atol=1e-6)


def test_a_guided_one_without_an_outline_says_so() -> None:
    with pytest.raises(InputError, match="no outline says where the lake was"):
        Trained(tiny_net(guided=True))(chip(16, 16))


def test_a_lacking_band_is_named() -> None:
    with pytest.raises(InputError, match="no band green"):
        Trained(tiny_net())(chip(16, 16, ("nir", "blue")))


def test_it_is_loaded_from_its_folder(tmp_path: Path) -> None:
    card = write_model(tmp_path, tiny_net(), tiny_card())
    given = chip(20, 20)
    np.testing.assert_array_equal(load_trained(tmp_path, card)(given), Trained(tiny_net())(given))
