"""A trained network as a segmenter: bands by name, gaps filled and given back as unknown, odd sizes padded, large scenes in tiles."""

from __future__ import annotations

import contextlib
import ctypes
import functools
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.card import ModelCard
from models.chips import Chip, Segment
from models.unet import UNet, fused, logits_of
from models.weights import read_net

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Names of glibc's settings (malloc.h)."""


def load_trained(folder: Path, card: ModelCard) -> Segment:
    """The network of a card, ready; on a graphics card where there is one.

    Raises:
        InputError: Its weights are not those that the card names.
    """
    return Trained(read_net(folder, card))


@functools.cache
def keep_memory() -> None:
    """Let this process keep the memory of a layer for the next one.

    glibc gives what is larger than 32 MB back to the system at once and gets it anew, page by page: with four chips of 128² or more that
    cost a fifth of the whole (58 against 67 chips/s). Elsewhere nothing changes.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, 2**30)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


class Trained:
    """A segmenter.

    Args:
        net: In evaluation mode; it is changed in place (see `fused`).
    """

    def __init__(self, net: UNet) -> None:
        keep_memory()
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.net = fused(net).to(self.device)

    def __call__(self, chip: Chip) -> NDArray[np.float32]:
        """(H, W) probabilities of water; NaN where a band that it takes has no data.

        Raises:
            InputError: A band is lacking, or it is guided and the chip has no outline.
        """
        shape = self.net.shape
        values = chip.band(*shape.bands)
        known = np.isfinite(values).all(axis=0)
        np.copyto(values, self.net.mean.cpu().numpy()[0], where=~known)
        guide = torch.from_numpy(chip.guide()[None, None].astype(np.float32)) if shape.guided else None
        logits = logits_of(self.net, torch.from_numpy(values[None]), guide)
        return np.where(known, torch.sigmoid(logits)[0, 0].cpu().numpy(), np.nan).astype(np.float32)
