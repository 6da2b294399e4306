"""Masks that models made of a dataset's scenes, kept under the state folder: asked for again, they need no model and no turn."""

from __future__ import annotations

import hashlib
import importlib.metadata
import zlib
from typing import TYPE_CHECKING

import numpy as np

from data.cache import fingerprint
from data.kept_bytes import KeptBytes
from models.card import ModelCard
from modules.segmenting.subject import Outcome, Subject, packed

if TYPE_CHECKING:
    from models.chips import Chip

MADE = 1
"""Which way of segmenting: one more whenever a model whose card stays the same comes to say something else."""


def key_of(subject: Subject, card: ModelCard, chip: Chip, *, augmented: bool) -> str:
    """The digest of all that an answer rests on: pixels, bands, guide, the model's card with its weights' digest, PyTorch's version.

    Empty for what a visitor handed in: that is never kept.
    """
    if subject.scene is None:
        return ""
    guide = "none" if chip.outline is None else hashlib.sha256(chip.outline.tobytes()).digest()
    pixels = hashlib.sha256(np.ascontiguousarray(chip.reflectance).data).digest()
    words = (repr((chip.reflectance.shape, chip.bands, chip.pixel_m, augmented)), card.to_json(), _torch(), str(MADE))
    return fingerprint("mask", pixels, guide, *words)


def _torch() -> str:
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return "none"


def found(kept: KeptBytes, key: str, subject: Subject, model: str, title: str) -> Outcome | None:
    """What is kept under a key, as an answer about this subject; None where nothing is."""
    held = kept.get(key) if key else None
    if held is None:
        return None
    shape = subject.grid.height, subject.grid.width
    layers = np.frombuffer(zlib.decompress(held), dtype=np.uint8).reshape(-1, *shape)
    several = len(layers) > 1
    return Outcome(subject.key, model, title, layers[0], packed(layers[0]), layers[1:] if several else None)


def keep(kept: KeptBytes, key: str, outcome: Outcome) -> None:
    """Keep an answer: its mask, and the passes that it is the mean of."""
    if key:
        layers = [outcome.stored[None], *([] if outcome.passes is None else [outcome.passes])]
        kept.put(key, zlib.compress(np.concatenate(layers).tobytes(), 1))
