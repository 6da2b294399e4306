"""A compact U-Net (Ronneberger et al. 2015, MICCAI), read top to bottom: reflectances, and an old outline if it is guided, to water."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

BAND = 2**15
"""px of an image that are worked on at a time: all of 1024² at once took 0.8 GB, in bands 0.25, and 15 % longer; 256² takes no longer."""
HALO = 2
"""px round about a pixel that the two convolutions of a block look at."""


@dataclass(frozen=True)
class Shape:
    """What a U-Net is made of; `widths` makes it larger or smaller.

    Args:
        bands: Of the image, in channel order.
        guided: Whether one more channel holds the old outline, eroded.
        widths: Channels at each depth; each depth halves the resolution.
    """

    bands: tuple[str, ...]
    guided: bool = False
    widths: tuple[int, ...] = (16, 32, 64, 128)

    @property
    def multiple(self) -> int:
        """px that height and width must be a multiple of."""
        return 2 ** (len(self.widths) - 1)

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Shape:
        """Invert `to_json`. Raises ValueError, KeyError or TypeError where it is not one."""
        raw = cast(dict[str, Any], json.loads(text))
        widths = tuple(int(width) for width in raw["widths"])
        if not 1 <= len(widths) <= 8 or not all(1 <= width <= 4096 for width in widths):
            raise ValueError("widths")
        return cls(tuple(str(band) for band in raw["bands"]), bool(raw["guided"]), widths)


class UNet(nn.Module):
    """Encoder and decoder with connections at each depth. Its input is reflectance: it normalises by itself.

    Args:
        shape: What it is made of.
    """

    mean: Tensor
    sd: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        first = len(shape.bands)
        self.register_buffer("mean", torch.zeros(1, first, 1, 1))
        self.register_buffer("sd", torch.ones(1, first, 1, 1))
        inputs = first + shape.guided
        self.down = nn.ModuleList(_twice(a, b) for a, b in zip((inputs, *shape.widths), shape.widths, strict=False))
        deeper, here = shape.widths[:0:-1], shape.widths[-2::-1]
        self.up = nn.ModuleList(_twice(a + b, b) for a, b in zip(deeper, here, strict=True))
        self.head = nn.Conv2d(shape.widths[0], 1, 1)

    def forward(self, image: Tensor, guide: Tensor | None = None) -> Tensor:
        """Logits of water.

        Args:
            image: (N, B, H, W) reflectance without NaN; H and W multiples of `shape.multiple`.
            guide: (N, 1, H, W) 0 or 1, for a guided one.

        Returns:
            (N, 1, H, W).
        """

        def entering(rows: slice) -> Tensor:
            x = (image[..., rows, :].contiguous(memory_format=torch.channels_last).clamp(-0.2, 1.5) - self.mean) / self.sd
            if self.shape.guided:
                assert guide is not None
                x = torch.cat([x, guide[..., rows, :]], 1)
            return x  # (N, B or B + 1, rows, W)

        height, width = image.shape[-2:]
        # At every level the same: below, a row is half as wide and of twice as many channels. In training a batch is normalised as a whole.
        rows = height if self.training else max(BAND // width // 2 * 2, 2)
        levels = [_by_bands(self.down[0], height, rows, entering)]  # (N, widths[depth], H / 2^depth, W / 2^depth) each
        for depth, block in enumerate(self.down[1:], 1):
            levels.append(_by_bands(block, height >> depth, rows, functools.partial(_halved, levels[-1])))
        x = levels.pop()
        for block in self.up:
            level = levels.pop()
            ends = block if levels else nn.Sequential(block, self.head)
            x = _by_bands(ends, level.shape[-2], rows, functools.partial(_joined, x, level))  # (N, channels of the level, its size)
        return x if len(self.up) else self.head(x)  # (N, 1, H, W)


def _by_bands(block: nn.Module, height: int, rows: int, inputs: Callable[[slice], Tensor]) -> Tensor:
    """(N, C, H, W) what a block makes of its inputs, which are made for so many rows at a time and are gone when the next are made.

    Each band has HALO rows more on either side, so that every pixel is the sum of what it would be the sum of in one piece.
    """
    if rows >= height:
        return block(inputs(slice(0, height)))
    made: Tensor | None = None
    for first in range(0, height, rows):
        last = min(first + rows, height)
        low, high = max(first - HALO, 0), min(last + HALO, height)
        band = block(inputs(slice(low, high)))[..., first - low : last - low, :]
        if made is None:
            whole = (*band.shape[:2], height, band.shape[-1])
            made = torch.empty(whole, dtype=band.dtype, device=band.device, memory_format=torch.channels_last)
        made[..., first:last, :] = band
    assert made is not None
    return made


def _halved(level: Tensor, rows: slice) -> Tensor:
    """These rows of what lies below a level: the larger of each two by two of its pixels."""
    return functional.max_pool2d(level[..., 2 * rows.start : 2 * rows.stop, :], 2)


def _joined(below: Tensor, level: Tensor, rows: slice) -> Tensor:
    """These rows of a level, an even first one and as many as even, after those of what lies below it, doubled."""
    doubled = functional.interpolate(below[..., rows.start // 2 : rows.stop // 2, :], scale_factor=2.0, mode="nearest")
    return torch.cat([doubled, level[..., rows, :]], 1)


def _twice(inputs: int, outputs: int) -> nn.Sequential:
    """Two 3 × 3 convolutions, each normalised over the batch and rectified: (N, inputs, H, W) → (N, outputs, H, W)."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def logits_of(net: UNet, image: Tensor, guide: Tensor | None) -> Tensor:
    """(N, 1, H, W) logits, whatever H and W are: the edge is continued to a multiple of what the network takes.

    Args:
        net: In evaluation mode.
        image: (N, B, H, W) reflectance without NaN.
        guide: (N, 1, H, W) 0 or 1, for a guided one.
    """
    height, width = image.shape[-2:]
    right, below = (-side % net.shape.multiple for side in (width, height))

    def fitting(values: Tensor) -> Tensor:
        padded = functional.pad(values, (0, right, 0, below), mode="replicate") if right or below else values
        return padded.to(net.mean.device)

    with torch.inference_mode():
        return net(fitting(image), None if guide is None else fitting(guide))[..., :height, :width]


def parameters(net: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(each.numel() for each in net.parameters())


def fused(net: UNet) -> UNet:
    """The same function for inference, in place: batch normalisation folded into the convolutions, channels last.

    Measured on one thread of 2 cores, 128² chips of 6 bands: see `make bench ONLY=segment`.
    """
    net.eval()
    for block in [*net.down, *net.up]:
        layers = list(cast(nn.Sequential, block))
        for place in (0, 3):
            conv, norm = cast(nn.Conv2d, layers[place]), cast(nn.BatchNorm2d, layers[place + 1])
            layers[place], layers[place + 1] = torch.nn.utils.fusion.fuse_conv_bn_eval(conv, norm), nn.Identity()
        for place, layer in enumerate(layers):
            cast(nn.Sequential, block)[place] = layer
    return net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
