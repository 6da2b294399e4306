"""The network: its sizes, what a guide changes, and that folding it for inference changes nothing."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from models.unet import Shape, UNet, fused, parameters
from tests.networks import tiny_net

SIX = ("blue", "green", "red", "nir", "swir1", "swir2")


@pytest.mark.parametrize("guided", [False, True])
def test_as_shipped_it_is_small(guided: bool) -> None:
    assert parameters(UNet(Shape(SIX, guided))) <= 600_000
    assert parameters(UNet(Shape(SIX, guided, (32, 64, 128, 256)))) > 1_500_000, "larger ones by configuration"


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("widths", [(4, 8), (3, 5, 7), (4, 4, 4, 4, 4)])
def test_its_answer_has_the_size_of_the_image(guided: bool, widths: tuple[int, ...]) -> None:
    shape = Shape(SIX, guided, widths)
    side = shape.multiple * 3
    found = UNet(shape).eval()(torch.rand(2, 6, side, 2 * side), torch.zeros(2, 1, side, 2 * side) if guided else None)
    assert found.shape == (2, 1, side, 2 * side)


def test_a_guide_is_heeded() -> None:
    net, image = tiny_net(guided=True), torch.rand(1, 2, 16, 16)
    with torch.no_grad():
        assert not torch.allclose(net(image, torch.zeros(1, 1, 16, 16)), net(image, torch.ones(1, 1, 16, 16)))


@pytest.mark.parametrize("guided", [False, True])
def test_folded_it_is_the_same_function_without_normalisation_layers(guided: bool) -> None:
    net = tiny_net(guided)
    folded = fused(copy.deepcopy(net))
    image, guide = torch.rand(3, 2, 32, 24), (torch.rand(3, 1, 32, 24) > 0.5).float() if guided else None
    with torch.no_grad():
        torch.testing.assert_close(folded(image, guide), net(image, guide), atol=2e-5, rtol=1e-4)
    assert not any(isinstance(each, nn.BatchNorm2d) for each in folded.modules())


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("widths", [(4,), (3, 5, 7)])
@pytest.mark.parametrize("band", [1, 100, 24 * 24, 24 * 44])
def test_in_bands_each_pixel_is_what_it_is_in_one_piece(
    guided: bool, widths: tuple[int, ...], band: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(3)
    net = fused(UNet(Shape(("a", "b"), guided, widths)))
    image, guide = torch.rand(2, 2, 48, 24), (torch.rand(2, 1, 48, 24) > 0.5).float() if guided else None
    with torch.no_grad():
        monkeypatch.setattr("models.unet.BAND", 48 * 24)
        whole = net(image, guide)
        monkeypatch.setattr("models.unet.BAND", band)
        torch.testing.assert_close(net(image, guide), whole, atol=1e-6, rtol=0.0)
        monkeypatch.setattr("models.unet.HALO", 0)
        assert not torch.allclose(net(image, guide), whole, atol=1e-4), "without the rows round about it would be seen"


def test_in_training_a_batch_is_normalised_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    net, image = tiny_net().train(), torch.rand(2, 2, 32, 32)
    whole = net(image)
    monkeypatch.setattr("models.unet.BAND", 100)
    assert torch.equal(net(image), whole)


def test_it_normalises_by_itself() -> None:
    """Normalised outside and fed to a network that does not, the same comes out."""
    inside = tiny_net()
    outside = copy.deepcopy(inside)
    inside.mean.fill_(0.4)
    inside.sd.fill_(0.5)
    image = 0.3 + torch.rand(1, 2, 16, 16) * 0.8  # outside, it becomes -.2 to 1.4: within what both let through
    with torch.no_grad():
        torch.testing.assert_close(inside(image), outside((image - 0.4) / 0.5))


@pytest.mark.parametrize("text", ["{}", '{"bands": ["a"], "guided": false, "widths": []}', '{"bands": ["a"], "guided": 1, "widths": [0]}'])
def test_a_shape_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Shape.from_json(text)
    shape = Shape(("a", "b"), True, (2, 3))
    assert Shape.from_json(shape.to_json()) == shape
