"""Which pixels units see: sent NaN against gradients of a real U-Net, and networks in which everything sees everything."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from data.lens.receptive import unit_fields
from models.lens.layers import Layer, layers_of, watching
from models.lens.supports import supports_of
from models.unet import Shape, UNet

SIDE = 48


def open_net(guided: bool) -> UNet:
    """A U-Net of three depths in which no rectifier closes: positive weights, normalisation that changes nothing."""
    torch.set_num_threads(1)
    net = UNet(Shape(("green", "nir"), guided, (3, 4, 5))).eval()
    with torch.no_grad():
        for value in net.parameters():
            value.uniform_(0.05, 0.1)
    return net


def inputs_of(net: UNet) -> list[torch.Tensor]:
    return [torch.rand(1, 2, SIDE, SIDE), *([torch.rand(1, 1, SIDE, SIDE)] if net.shape.guided else [])]


def seen_by_gradient(net: UNet, layer: Layer, row: int, column: int) -> list[list[int]]:
    """First and last + 1 row and column of the image on which one unit's value hangs."""
    inputs = [each.requires_grad_() for each in inputs_of(net)]
    held: list[torch.Tensor] = []
    with watching(net, [layer], lambda _, value: held.append(value[0, :, row, column].sum())):
        net(*inputs)
    touched = torch.autograd.grad(held[0], inputs[0])[0][0].abs().sum(0) > 0
    return [[int(places.min()), int(places.max()) + 1] for places in (touched.any(1).nonzero(), touched.any(0).nonzero())]


@pytest.mark.parametrize("guided", [False, True])
def test_every_layer_of_a_unet_sees_what_gradients_say(guided: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    net = open_net(guided)
    found = supports_of(net, inputs_of(net))
    # A maximum hands its gradient to one of four pixels, a mean to all that the maximum could be.
    monkeypatch.setattr(functional, "max_pool2d", functional.avg_pool2d)
    rng = np.random.default_rng(0)
    for layer in layers_of(net, inputs_of(net)):
        places = {(0, 0), (layer.height - 1, layer.width - 1), tuple(rng.integers(0, layer.height, 2).tolist()), (layer.height // 2, 1)}
        for row, column in places:
            wanted = [found[f"{layer.name}|{name}"][at].tolist() for name, at in (("rows", row), ("columns", column))]
            assert seen_by_gradient(net, layer, row, column) == wanted, (layer.name, row, column)


def test_on_the_way_down_it_is_the_arithmetic_of_stride_and_field_and_behind_an_upsampling_it_is_not() -> None:
    net = open_net(guided=False)
    found = supports_of(net, inputs_of(net))
    field, stride = 1, 1
    for depth in range(3):
        for place in (0, 3):
            field += 2 * stride
            assert (found[f"down.{depth}.{place}|rows"] == unit_fields(SIDE // stride, stride, field, SIDE)).all()
        field, stride = field + stride, 2 * stride
    rows = found["up.1.3|rows"]
    middle = rows[SIDE // 2]
    assert sum(middle) / 2 != SIDE // 2 + 0.5


def test_what_normalises_over_the_image_sees_all_of_it_and_a_net_is_left_as_it_was() -> None:
    layers = [nn.Conv2d(1, 4, 3, padding=1), nn.GroupNorm(2, 4), nn.ReLU(), nn.Conv2d(4, 2, 3, stride=2)]
    net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(2 * 5 * 7, 3))
    net.train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    found = supports_of(net, [torch.rand(2, 1, 12, 16)])
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert found["0|rows"].shape == (12, 2)
    assert (found["0|rows"] == [0, 12]).all()
    assert (found["0|columns"] == [0, 16]).all()
    assert {name: each.shape for name, each in found.items() if name.startswith(("3", "5"))} == {
        "3|rows": (5, 2), "3|columns": (7, 2), "5|rows": (1, 2), "5|columns": (1, 2),
    }  # fmt: skip
