"""The segmenters, one file each: a new file here is a new segmenter.

A file exports CARD (a `ModelCard`), VERSION (raised when the same scene and weights come to give another answer) and `load() -> Segment`,
where a Segment takes a `Chip` and gives (H, W) float32 probabilities of water, NaN where the chip has no data in a band that the card
names. All are imported to be listed, so what is slow to import is imported in `load`.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Protocol, cast

from data.errors import InputError
from models.card import ModelCard
from models.chips import Segment


class Segmenter(Protocol):
    """What each file here exports."""

    CARD: ModelCard
    VERSION: str

    def load(self) -> Segment:
        """Make it ready. Raises InputError where its weights are not those that the card names."""
        ...


def zoo() -> dict[str, Segmenter]:
    """The segmenters by name, sorted.

    Raises:
        TypeError: A file lacks a part, or its card has another name than the file.
    """
    found: dict[str, Segmenter] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        lacking = [part for part in ("CARD", "VERSION", "load") if not hasattr(module, part)]
        if lacking:
            raise TypeError(f"{module.__name__} is no segmenter: it lacks {', '.join(lacking)}")
        if module.CARD.name != info.name:
            raise TypeError(f"the card of {module.__name__} calls it {module.CARD.name}")
        found[info.name] = cast(Segmenter, module)
    return dict(sorted(found.items()))


def segmenter(name: str) -> Segmenter:
    """The segmenter of that name.

    Raises:
        InputError: There is none.
    """
    known = zoo()
    if name not in known:
        raise InputError(f"there is no segmenter {name!r}", f"use one of {', '.join(known)}")
    return known[name]
