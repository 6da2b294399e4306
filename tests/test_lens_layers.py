"""Layers by hooks, and receptive fields against the formula and against the gradient of the network itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from models.lens.fields import fields_of
from models.lens.layers import bottleneck_of, layers_of, watching
from models.unet import Shape, UNet
from tests.networks import tiny_net


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


class Residual(nn.Module):
    """As torchvision writes a basic block: one rectifier used twice, a sum in between."""

    def __init__(self, channels: int, in_place: bool) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels)
        self.relu, self.in_place = nn.ReLU(inplace=in_place), in_place

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        if self.in_place:
            out += x
        else:
            out = out + x
        return self.relu(out)


def test_the_layers_of_a_unet_are_its_convolutions_in_forward_order_as_they_leave_the_rectifier() -> None:
    net = tiny_net()
    layers = layers_of(net, (torch.rand(1, 2, 32, 32),))
    assert [layer.name for layer in layers] == ["down.0.0", "down.0.3", "down.1.0", "down.1.3", "up.0.0", "up.0.3", "head"]
    assert [layer.block for layer in layers] == ["down.0", "down.0", "down.1", "down.1", "up.0", "up.0", "head"]
    assert [(layer.channels, layer.height) for layer in layers] == [(4, 32), (4, 32), (8, 16), (8, 16), (4, 32), (4, 32), (1, 32)]
    assert bottleneck_of(layers) == "down.1.3"
    held: dict[str, Tensor] = {}
    image = torch.rand(2, 2, 32, 32)
    with watching(net, layers, lambda name, value: held.__setitem__(name, value.clone())), torch.inference_mode():
        logits = net(image)
        first = net.down[0]((image - net.mean) / net.sd)
    assert torch.equal(held["head"], logits)
    assert torch.equal(held["down.0.3"], first)
    assert float(held["up.0.3"].min()) >= 0


@pytest.mark.parametrize("in_place", [True, False])
def test_a_residual_block_whose_rectifier_is_used_twice(in_place: bool) -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), Residual(4, in_place), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    net.eval()
    image = torch.rand(2, 3, 8, 8)
    layers = layers_of(net, (image,))
    tail = [] if in_place else ["2.relu#2"]
    assert [layer.name for layer in layers] == ["0", "2.conv1", "2.conv2", *tail, "5"]
    assert bottleneck_of(layers) == (tail or ["2.conv2"])[-1], "the logits are no map"
    held: dict[str, Tensor] = {}
    with watching(net, layers, lambda name, value: held.__setitem__(name, value.clone())), torch.inference_mode():
        net(image)
    assert torch.equal(held[bottleneck_of(layers)], net[:3](image))
    assert held["5"].shape == (2, 2)


def test_hooks_are_taken_off_again_also_after_an_error() -> None:
    net = tiny_net()
    layers = layers_of(net, (torch.rand(1, 2, 16, 16),))
    with pytest.raises(RuntimeError), watching(net, layers, lambda name, value: None):
        net(torch.rand(1, 5, 16, 16))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())


STEPS = st.lists(st.tuples(st.sampled_from("ccm"), st.integers(1, 4), st.integers(1, 3), st.integers(1, 2)), min_size=1, max_size=4)


def union(fields: np.ndarray) -> tuple[int, int]:
    """From the first to the last of those that see anything; (0, 0) where none does."""
    some = fields[fields[:, 0] < fields[:, 1]]
    return (int(some[:, 0].min()), int(some[:, 1].max())) if len(some) else (0, 0)


@settings(max_examples=20, deadline=None)
@given(STEPS, st.booleans(), st.integers(17, 40))
def test_what_each_unit_of_any_stack_sees_equals_interval_arithmetic(
    steps: list[tuple[str, int, int, int]], biased: bool, side: int
) -> None:
    """A unit i of a window of k pixels, stride s, dilation d and padding p sees i·s − p to i·s − p + (k − 1)·d of the layer before."""
    modules: list[nn.Module] = []
    seen, wanted = np.stack([np.arange(side), np.arange(side) + 1], axis=1), []
    for kind, kernel, stride, dilation in steps:
        apart = dilation if kind == "c" else 1
        padding = apart * (kernel - 1) // 2 if kind == "c" else 0
        step = nn.Conv2d(1, 1, kernel, stride, padding, apart, bias=biased) if kind == "c" else nn.MaxPool2d(kernel, stride)
        units = (len(seen) + 2 * padding - apart * (kernel - 1) - 1) // stride + 1
        if units < 1:
            break
        modules += [step, nn.ReLU()] if kind == "c" else [step]
        taps = (np.arange(units) * stride - padding)[:, None] + np.arange(kernel) * apart
        seen = np.array([union(seen[row[(row >= 0) & (row < len(seen))]]) for row in taps])
        wanted += [seen] if kind == "c" else []
    told = fields_of(nn.Sequential(*modules, nn.Conv2d(1, 1, 1)), (torch.rand(1, 1, side, side),))
    for found, rows in zip(told.values(), [*wanted, seen], strict=True):
        assert found.rows.tolist() == found.columns.tolist() == rows.tolist()
        assert found.field == max((rows[:, 1] - rows[:, 0]).max(), 1)


def test_what_a_unet_sees_is_the_reach_of_its_gradient() -> None:
    """A unit's gradient in the network itself, over images enough that each maximum has fallen on each of its pixels."""
    torch.manual_seed(3)
    net = UNet(Shape(("a", "b"), widths=(6, 8, 8))).eval()
    told = fields_of(net, (torch.zeros(1, 2, 64, 64),))
    assert (told["down.0.3"].stride, told["down.0.3"].field) == (1, 5)
    assert (told["down.2.3"].stride, told["down.2.3"].field) == (4, 32)
    for row in (3, 32, 45):
        rows = torch.zeros(64, dtype=torch.bool)
        for seed in range(12):
            image = torch.rand(1, 2, 64, 64, generator=torch.Generator().manual_seed(seed)).requires_grad_()
            (reached,) = torch.autograd.grad(net(image)[0, 0, row].sum(), image)
            rows |= (reached[0].abs().amax((0, 2)) > 0).cpu()
        places = rows.nonzero()[:, 0]
        assert told["head"].rows[row].tolist() == [int(places.min()), int(places.max()) + 1]


def test_a_global_pool_sees_the_whole_input_and_the_network_stays_as_it_was() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Conv2d(2, 2, 1))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    told = fields_of(net, (torch.rand(1, 1, 40, 24),))["2"]
    assert (told.rows.tolist(), told.columns.tolist(), told.stride, told.field) == ([[0, 40]], [[0, 24]], 40, 40)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert net.training


def test_a_network_of_one_size_of_image_and_one_that_normalises_over_channels() -> None:
    flat = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.Flatten(), nn.Linear(2 * 36 * 36, 3))
    assert fields_of(flat, (torch.rand(1, 1, 36, 36),))["2"].rows.tolist() == [[0, 36]]

    class Channels(nn.LayerNorm):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x.movedim(1, -1)).movedim(-1, 1)

    net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), Channels(8), nn.GELU(), nn.Conv2d(8, 2, 3, padding=1))
    assert fields_of(net, (torch.rand(1, 1, 16, 16),))["3"].field == 5
