"""By what an image can be segmented: models that are installed here, and masks that the dataset has of it."""

from __future__ import annotations

import importlib.util
import logging
from dataclasses import dataclass

from data.errors import MoraineError
from data.records import Scene
from data.scene_table import LABEL
from models.card import ModelCard
from models.zoo import zoo
from modules.choices import STORED

log = logging.getLogger(__name__)

PREFERRED = ("guided_unet", "unet", "water_index")
"""What the page opens with: the first of these that can run."""


@dataclass(frozen=True)
class Choice:
    """One entry of the menu.

    Args:
        value: As `Segmenting.model` names it.
        title: What people read.
        can_run: False for a network where PyTorch is not installed.
        card: Of a model; None for stored masks.
    """

    value: str
    title: str
    can_run: bool = True
    card: ModelCard | None = None


def has_torch() -> bool:
    """Whether PyTorch is installed; it is not loaded."""
    return importlib.util.find_spec("torch") is not None


def models(torch: bool | None = None) -> list[Choice]:
    """The models, by name; none, and a word in the log, where one of them is damaged."""
    torch = has_torch() if torch is None else torch
    try:
        known = zoo()
    except MoraineError as error:
        log.error("the models cannot be listed: %s", error)
        return []
    made = [Choice(name, found.CARD.title, torch or not found.CARD.parameters, found.CARD) for name, found in known.items()]
    return [choice if choice.can_run else Choice(choice.value, f"{choice.title} (needs PyTorch)", False, choice.card) for choice in made]


def stored(scene: Scene | None) -> list[Choice]:
    """The masks that the dataset has of a scene; a reference is none."""
    sources = [] if scene is None else [source for source in scene.masks if source != LABEL]
    return [Choice(f"{STORED}{source}", f"Stored mask: {source}") for source in sources]


def chosen(name: str, choices: list[Choice]) -> Choice | None:
    """What is meant: the choice of that name, else the first of PREFERRED, else any; None where nothing can run."""
    able = {choice.value: choice for choice in choices if choice.can_run}
    return next((able[value] for value in (name, *PREFERRED, *able) if value in able), None)
