"""The probabilities that the default dataset comes with: of which segmenters, and whether they are there."""

from __future__ import annotations

import hashlib
from pathlib import Path

from models.zoo import zoo

SOURCES = ("water_index", "unet", "guided_unet")
"""In the order in which they are made: the quickest first."""
STAMP = ".predicted"
"""File in the dataset that says by which versions its masks were made; written last."""


def versions() -> str:
    """A digest of cards and versions: another one, and the masks are made anew."""
    known = zoo()
    told = [f"{name} {known[name].VERSION} {known[name].CARD.to_json()}" for name in SOURCES]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def wanting(folder: Path) -> bool:
    """Whether a dataset lacks some of them."""
    try:
        return (folder / STAMP).read_text(encoding="utf-8") != versions()
    except OSError:
        return True
