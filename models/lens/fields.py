"""How far on the input a unit of a layer sees (its receptive field), of any network: by the gradient of a unit in the middle."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from models.lens.layers import Layer, layers_of, watching

LARGEST = 512
"""px: the largest input that is tried; a field that goes beyond the input is cut there."""


def fields_of(net: nn.Module, inputs: Sequence[Tensor]) -> dict[str, tuple[int, int]]:
    """Layer → (stride, field), px of the input.

    The field is the side of the smallest square of inputs that the unit in the middle hangs on. It is measured on a copy of the network
    whose weights are all positive, so that nothing cancels out and no rectifier closes.

    Args:
        net: Any network of (N, C, H, W).
        inputs: What its `forward` takes; all maps of one size. A field larger than half of it is measured on a larger one.
    """
    even = _positive(copy.deepcopy(net))
    layers = {layer.name: layer for layer in layers_of(net, inputs)}
    found: dict[str, tuple[int, int]] = {}
    side = max(inputs[0].shape[-2:])
    while len(found) < len(layers):
        missing = [layer for name, layer in layers.items() if name not in found]
        for name, (stride, field) in _measured(even, missing, inputs, side).items():
            if field <= side // 2 or side >= LARGEST:
                found[name] = (stride, field)
        side = min(2 * side, LARGEST)
    return {name: found[name] for name in layers}


class _Means(TorchFunctionMode):
    """While it lasts, a maximum over a window is a mean: a maximum hands its gradient to one pixel of the window only."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = kwargs or {}
        if func not in (nn.functional.max_pool2d, torch.max_pool2d) or given.get("dilation", 1) not in (1, (1, 1), [1, 1]):
            return func(*args, **given)
        return _mean_of_windows(*args, **given)


def _mean_of_windows(
    value: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, *_: Any, ceil_mode: bool = False, **__: Any
) -> Tensor:
    return nn.functional.avg_pool2d(value, kernel_size, stride or kernel_size, padding, ceil_mode)


def _measured(net: nn.Module, layers: Sequence[Layer], inputs: Sequence[Tensor], side: int) -> dict[str, tuple[int, int]]:
    generator = torch.Generator().manual_seed(0)
    drawn = [torch.rand(1, each.shape[1], side, side, generator=generator).requires_grad_() for each in inputs]
    middles: dict[str, Tensor] = {}
    strides: dict[str, int] = {}

    def take(name: str, value: Tensor) -> None:
        mapped = value if value.ndim == 4 else value[..., None, None]
        strides[name] = max(round(side / mapped.shape[-1]), 1)
        middles[name] = mapped[0, :, mapped.shape[2] // 2, mapped.shape[3] // 2].sum()

    with watching(net, layers, take), _Means():
        net(*drawn)
    seen = {name: _seen(middle, drawn) for name, middle in middles.items()}
    return {name: (strides[name], max(_extent(each.any(0)), _extent(each.any(1)))) for name, each in seen.items()}


def _seen(middle: Tensor, inputs: Sequence[Tensor]) -> Tensor:
    """(H, W) the pixels of any input that a number hangs on."""
    given = torch.autograd.grad(middle, inputs, retain_graph=True, allow_unused=True, materialize_grads=True)
    return torch.stack([each[0].abs().amax(0) > 0 for each in given]).any(0)


def _extent(line: Tensor) -> int:
    places = line.nonzero()
    return int(places.max() - places.min()) + 1 if len(places) else 0


def _positive(net: nn.Module) -> nn.Module:
    """The same architecture with positive weights of sum 1, no offsets, and normalisation that changes nothing."""
    with torch.no_grad():
        for name, value in net.named_parameters():
            value.fill_(1 / max(value[0].numel(), 1) if value.ndim > 1 else float(name.endswith("weight")))
        for name, value in net.named_buffers():
            if value.is_floating_point():
                value.fill_(float(name.endswith(("running_var", "sd"))))
    return net.eval()
