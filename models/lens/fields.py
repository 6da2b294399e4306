"""Which part of the input each unit of a layer sees (its receptive field), and how far apart two units lie: of any network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from models.lens.layers import layers_of
from models.lens.supports import supports_of


@dataclass(frozen=True)
class Seen:
    """What the units of a layer see of an input of a certain size; its edges cut fields.

    Args:
        rows: (h, 2) int32: the first row of the input that a row of units sees, and the one past the last; equal where it sees none.
        columns: (w, 2) int32: likewise.
        stride: px from one unit to the next.
        field: px: side of the largest field of a unit.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    stride: int
    field: int


def fields_of(net: nn.Module, inputs: Sequence[Tensor]) -> dict[str, Seen]:
    """Layer → what its units see.

    Args:
        net: Any network of (N, C, H, W); it is left as it was.
        inputs: What its `forward` takes, all of one height and width.
    """
    ends, height = supports_of(net, inputs), inputs[0].shape[2]
    return {layer.name: _seen(ends[f"{layer.name}|rows"], ends[f"{layer.name}|columns"], height) for layer in layers_of(net, inputs)}


def _seen(rows: NDArray[np.int32], columns: NDArray[np.int32], height: int) -> Seen:
    largest = max(int((each[:, 1] - each[:, 0]).max()) for each in (rows, columns))
    return Seen(rows, columns, max(round(height / len(rows)), 1), max(largest, 1))
