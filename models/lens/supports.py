"""Which rows and columns of the input each unit of each layer hangs on, exactly, of any network: by sending NaN through it.

A row of NaN goes into the network; the units that come out as NaN are those that see it. Unlike a gradient it passes a maximum whole and
cannot cancel out, and it tells of all layers in one pass. What normalises over the image as it runs sees the whole image, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.lens.layers import Layer, layers_of, watching

BATCH = 32
NARROW = 16
"""px: what lies along the rows is the same however long they are, so they are made short where the network takes such an image."""


def supports_of(net: nn.Module, inputs: Sequence[Tensor]) -> dict[str, NDArray[np.int32]]:
    """`<layer>|rows` (h, 2) and `<layer>|columns` (w, 2): the first row (column) of the input that each of the layer's sees, and the one
    past the last; both 0 where it sees none.

    Args:
        net: Any network of (N, C, H, W); it is left as it was.
        inputs: What its `forward` takes: maps of one size, of one example or more. What they hold does not matter.
    """
    layers = layers_of(net, inputs)
    was = net.training
    net.eval()
    try:
        seen = {axis: _seen(net, layers, [each[:1].detach() for each in inputs], axis) for axis in (2, 3)}
    finally:
        net.train(was)
    named = {2: "rows", 3: "columns"}
    return {f"{layer.name}|{named[axis]}": _ends(seen[axis][layer.name]) for layer in layers for axis in (2, 3)}


def _seen(net: nn.Module, layers: Sequence[Layer], inputs: Sequence[Tensor], axis: int) -> dict[str, NDArray[np.bool_]]:
    """Layer → (units, px) along one axis of (N, C, H, W), whether a unit sees a pixel."""
    short = [each.narrow(5 - axis, 0, min(NARROW, each.shape[5 - axis])) for each in inputs]
    try:
        found = _sent(net, layers, short, axis)
    except RuntimeError:  # too small for this network
        return _sent(net, layers, inputs, axis)
    units = {layer.name: (layer.height, layer.width)[axis - 2] for layer in layers}
    same = all(len(found.get(name, ())) == number for name, number in units.items())
    return found if same else _sent(net, layers, inputs, axis)


def _sent(net: nn.Module, layers: Sequence[Layer], inputs: Sequence[Tensor], axis: int) -> dict[str, NDArray[np.bool_]]:
    side = inputs[0].shape[axis]
    parts: dict[str, list[Tensor]] = {layer.name: [] for layer in layers}

    def take(name: str, value: Tensor) -> None:
        mapped = value if value.ndim == 4 else value[..., None, None]
        parts[name].append(mapped.isnan().any(1).any(4 - axis))  # (N, units)

    for start in range(0, side, BATCH):
        places = torch.arange(start, min(start + BATCH, side))
        struck = [_struck(each, places, axis) for each in inputs]
        with watching(net, layers, take), torch.inference_mode():
            net(*struck)
    return {name: torch.cat(held).T.numpy() for name, held in parts.items()}


def _struck(whole: Tensor, places: Tensor, axis: int) -> Tensor:
    """(N, C, H, W): one copy a place, NaN there along the axis."""
    made = torch.zeros(len(places), *whole.shape[1:])
    line = torch.arange(whole.shape[axis]) == places[:, None]
    made.masked_fill_(line[:, None, :, None] if axis == 2 else line[:, None, None, :], float("nan"))
    return made


def _ends(seen: NDArray[np.bool_]) -> NDArray[np.int32]:
    first, past = seen.argmax(axis=1), seen.shape[1] - seen[:, ::-1].argmax(axis=1)
    ends = np.stack([first, past], axis=1).astype(np.int32)
    ends[~seen.any(axis=1)] = 0
    return ends
