"""The probabilities that the default dataset comes with: of which segmenters, and whether they are there."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from models.zoo import zoo

SOURCES = ("water_index", "unet", "guided_unet")
"""In the order in which they are made: the quickest first."""
STAMP = ".predicted"
"""File in the dataset that says by which versions its masks were made; written last."""


def runnable() -> list[str]:
    """Those of SOURCES that can run here: networks need torch."""
    known, torch = zoo(), find_spec("torch") is not None
    return [name for name in SOURCES if torch or not known[name].CARD.parameters]


def versions() -> str:
    """A digest of cards and versions of those that can run here: another one, and the masks are made anew."""
    known = zoo()
    told = [f"{name} {known[name].VERSION} {known[name].CARD.to_json()}" for name in runnable()]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def wanting(folder: Path) -> bool:
    """Whether a dataset lacks some of them."""
    try:
        return (folder / STAMP).read_text(encoding="utf-8") != versions()
    except OSError:
        return True
