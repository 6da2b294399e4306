"""A compact U-Net (Ronneberger et al. 2015, MICCAI), read top to bottom: reflectances, and an old outline if it is guided, to water."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional


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
        x = (image.clamp(-0.2, 1.5) - self.mean) / self.sd  # (N, B, H, W)
        if self.shape.guided:
            assert guide is not None
            x = torch.cat([x, guide], 1)  # (N, B + 1, H, W)
        levels: list[Tensor] = []
        for depth, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2) if depth else x)  # (N, widths[depth], H / 2^depth, W / 2^depth)
            levels.append(x)
        for block, level in zip(self.up, levels[-2::-1], strict=True):
            x = torch.cat([functional.interpolate(x, scale_factor=2.0, mode="nearest"), level], 1)  # the level's size, channels of both
            x = block(x)  # (N, channels of the level, its size)
        return self.head(x)  # (N, 1, H, W)


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
    with torch.inference_mode():
        image = functional.pad(image, (0, right, 0, below), mode="replicate").to(net.mean.device, memory_format=torch.channels_last)
        if guide is not None:
            guide = functional.pad(guide, (0, right, 0, below), mode="replicate").to(net.mean.device)
        return net(image, guide)[..., :height, :width]


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
