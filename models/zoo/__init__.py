"""The segmenters, one file each: a new file here is a new segmenter.

A file exports CARD (a `ModelCard`), VERSION (raised when the same scene and weights come to give another answer) and `load() -> Segment`,
where a Segment takes a `Chip` and gives (H, W) float32 probabilities of water, NaN where the chip has no data in a band that the card
names. All are imported to be listed, so what is slow to import is imported in `load`.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from data.errors import InputError
from models.card import ModelCard, read_card
from models.chips import Segment


class Segmenter(Protocol):
    """What each file here exports."""

    @property
    def CARD(self) -> ModelCard: ...  # noqa: N802  a file's constant

    @property
    def VERSION(self) -> str: ...  # noqa: N802

    def load(self) -> Segment:
        """Make it ready. Raises InputError where its weights are not those that the card names."""
        ...


PARTS = ("CARD", "VERSION", "load")


def zoo() -> dict[str, Segmenter]:
    """The segmenters by name, sorted.

    Raises:
        TypeError: A file lacks a part, or its card has another name than the file.
    """
    found: dict[str, Segmenter] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        lacking = [part for part in PARTS if not hasattr(module, part)]
        if lacking:
            raise TypeError(f"{module.__name__} is no segmenter: it lacks {', '.join(lacking)}")
        if module.CARD.name != info.name:
            raise TypeError(f"the card of {module.__name__} calls it {module.CARD.name}")
        found[info.name] = cast(Segmenter, module)
    return dict(sorted(found.items()))


def segmenter(name: str) -> Segmenter:
    """The segmenter of that name, or the one that a training run left in that folder.

    Raises:
        InputError: There is none.
    """
    known = zoo()
    if name in known:
        return known[name]
    folder = Path(name)
    if not folder.is_dir():
        raise InputError(f"there is no segmenter {name!r}", f"use one of {', '.join(known)}, or the folder of a training run")
    return Run.found(folder)


@dataclass(frozen=True)
class Run:
    """What a training run left: a segmenter like those of the zoo.

    Args:
        folder: Of the run.
        CARD: Its card.
    """

    folder: Path
    CARD: ModelCard
    VERSION: str = "1"

    @classmethod
    def found(cls, folder: Path) -> Run:
        """The one card with weights in a folder. Raises InputError where there is none, or more."""
        names = [path.stem for path in sorted(folder.glob("*.safetensors")) if path.with_suffix(".json").exists()]
        if len(names) != 1:
            raise InputError(
                f"{folder} holds {len(names) or 'no'} trained models", "let `python -m models train` end, or name the folder of one"
            )
        return cls(folder, read_card(folder, names[0]))

    def load(self) -> Segment:
        """Make it ready. Raises InputError where its weights are not those that the card names."""
        from models.trained import load_trained  # noqa: PLC0415  slow

        return load_trained(self.folder, self.CARD)
