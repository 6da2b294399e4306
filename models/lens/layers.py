"""The layers of any network, named in the order in which a forward pass comes by, and what each gives, by hooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm as BatchNorm  # pyright: ignore[reportPrivateUsage]  the root of the three

Take = Callable[[str, Tensor], None]
NORMS = (BatchNorm, nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm2d, nn.LocalResponseNorm)
SILENT = (nn.Dropout, nn.Dropout2d, nn.Identity)
RECTIFIERS = (
    nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Sigmoid, nn.Tanh,
)  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """One layer.

    Args:
        name: Of the module that it begins with; `name#2` where a forward pass comes by that module a second time.
        module, call: Where its value is taken: the module's name, and after which of its calls, from 1.
        channels, height, width: Of what it gives; height and width are 1 where it gives no map.
    """

    name: str
    module: str
    call: int
    channels: int
    height: int
    width: int

    @property
    def block(self) -> str:
        """The part of the network that it belongs to: the name of what holds its module, or its own at the top."""
        return block_of(self.name.partition("#")[0])


def block_of(module: str) -> str:
    """`down.3` of `down.3.0`; `head` of `head`."""
    return module.rpartition(".")[0] or module


def layers_of(net: nn.Module, inputs: Sequence[Tensor]) -> tuple[Layer, ...]:
    """The layers that a forward pass comes by, in order.

    A layer begins with a module that has weights and no children (a convolution, a linear map) and goes on through the normalisation,
    rectification and dropout that take its very output; a rectification of anything else (a residual sum) is a layer of its own. What is
    neither (N, C, H, W) nor (N, C) is none.

    Args:
        net: Any; it is left as it was.
        inputs: What its `forward` takes, of one example or more.
    """
    found: list[tuple[str, str, int, torch.Size]] = []
    last: list[Any] = []

    def see(name: str, call: int, module: nn.Module, given: Any, gave: Any) -> None:
        if not isinstance(gave, Tensor) or gave.ndim not in (2, 4):
            last.clear()
            return
        follows = bool(last) and bool(given) and given[0] is last[0]
        if follows and isinstance(module, (*NORMS, *SILENT, *RECTIFIERS)):
            found[-1] = (found[-1][0], name, call, gave.shape)
        elif isinstance(module, RECTIFIERS) or (any(True for _ in module.parameters()) and not isinstance(module, NORMS)):
            found.append((name if call == 1 else f"{name}#{call}", name, call, gave.shape))
        else:
            last.clear()
            return
        last[:] = [gave]

    with _hooked(net, {name: module for name, module in net.named_modules() if not any(module.children())}, see), torch.no_grad():
        _evaluated(net, inputs)
    return tuple(_layer(*each) for each in found)


def _layer(name: str, module: str, call: int, shape: torch.Size) -> Layer:
    height, width = shape[2:] if len(shape) == 4 else (1, 1)
    return Layer(name, module, call, shape[1], height, width)


def bottleneck_of(layers: Sequence[Layer]) -> str:
    """The last of the layers with the fewest pixels, but more than one: what comes behind a pool over the whole image is the head's."""
    among = [layer for layer in layers if layer.height * layer.width > 1] or list(layers)
    least = min(layer.height * layer.width for layer in among)
    return [layer.name for layer in among if layer.height * layer.width == least][-1]


def mean_of(value: Tensor) -> NDArray[np.float32]:
    """(N, C) mean over the pixels of a layer's value, (N, C, H, W) or (N, C)."""
    return value.flatten(2).mean(2).numpy() if value.ndim == 4 else value.numpy().copy()


@contextmanager
def watching(net: nn.Module, layers: Sequence[Layer], take: Take) -> Generator[None]:
    """While it lasts, each forward pass hands each layer's value to `take`, in order; a value is good only until `take` returns.

    Args:
        net: What `layers` were found in.
        layers: Some or all of them.
        take: Is given the layer's name and its (N, C, H, W) or (N, C).
    """
    wanted = {(layer.module, layer.call): layer.name for layer in layers}
    names = {layer.module for layer in layers}

    def see(name: str, call: int, module: nn.Module, given: Any, gave: Any) -> None:
        if (name, call) in wanted:
            take(wanted[name, call], gave)

    with _hooked(net, {name: module for name, module in net.named_modules() if name in names}, see):
        yield


@contextmanager
def _hooked(net: nn.Module, modules: dict[str, nn.Module], see: Callable[[str, int, nn.Module, Any, Any], None]) -> Generator[None]:
    calls: Counter[str] = Counter()

    def after(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, given: Any, gave: Any) -> None:
            calls[name] += 1
            see(name, calls[name], module, given, gave)

        return hook

    held = [net.register_forward_pre_hook(lambda *_: calls.clear())]
    held += [module.register_forward_hook(after(name)) for name, module in modules.items()]
    try:
        yield
    finally:
        for each in held:
            each.remove()


def _evaluated(net: nn.Module, inputs: Sequence[Tensor]) -> None:
    was = net.training
    net.eval()
    try:
        net(*inputs)
    finally:
        net.train(was)
