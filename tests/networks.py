"""A tiny network, and labelled scenes that it can learn in seconds."""

from __future__ import annotations

import numpy as np
import torch

from data.records import LabelledScene
from models.card import ModelCard
from models.unet import Shape, UNet

BANDS = ("green", "nir")


def tiny_net(guided: bool = False, seed: int = 0) -> UNet:
    """Two depths, random weights, running statistics that are not those of a fresh network."""
    torch.manual_seed(seed)
    net = UNet(Shape(BANDS, guided, (4, 8)))
    net.train()
    for _ in range(3):
        net(torch.rand(2, 2, 16, 16), torch.ones(2, 1, 16, 16) if guided else None)
    return net.eval()


def tiny_card(name: str = "tiny", guided: bool = False) -> ModelCard:
    return ModelCard(name, "Tiny", BANDS, "band_mean_sd", ("water",), 10.0, "made for tests", guided=guided)


def labelled_scene(key: int, side: int = 48, region: str = "", split: str = "") -> LabelledScene:
    """A round lake with a smaller one beside it, water dark in nir, its place and size by the key; the old outline is a smaller circle."""
    rng = np.random.default_rng(key)
    y, x = np.mgrid[:side, :side]
    middle, radius = rng.uniform(18, side - 18, 2), rng.uniform(6, 11)
    far = np.hypot(y - middle[0], x - middle[1])
    own = far < radius
    water = own | (np.hypot(y - 4, x - 4) < 3)
    noise = rng.normal(0, 0.01, (2, side, side))
    values = np.stack([np.where(water, 0.09, 0.11), np.where(water, 0.03, 0.25)]) + noise
    return LabelledScene(
        key, values.astype(np.float16), water.astype(np.uint8), own.astype(np.uint8), (far < 0.8 * radius,), region, "ok", split, 10.0
    )
