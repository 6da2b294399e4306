"""What is asked of an intake of masks, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from data.errors import InputError
from data.lake_choice import Chosen
from data.problems import Problem
from data.rasters.probability import THRESHOLDS

Progress = Callable[[Iterable[Any], int | None, str], Iterator[Any]]


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Args:
        folder: Where the masks lie.
        source: The name that they get.
        labels: Whether they are references, rather than predictions.
        threshold: A twentieth; None: what the dataset has for the source, else 0.5.
        values: `auto`, or a key of `data.masks.values.FORCED`.
        crs: Coordinate reference system of polygons that state none.
        limits: Which lakes and days are wanted.
    """

    folder: Path
    source: str
    labels: bool = False
    threshold: float | None = None
    values: str = "auto"
    crs: str | None = None
    limits: Chosen = field(default_factory=Chosen)


@dataclass
class Outcome:
    """What a run did, and what it could not do.

    Args:
        source: The name of the source.
        folder: Its masks', from the dataset's folder.
        fresh: Masks taken in, with their notes.
        held: Masks that were there already, and their notes where they have any.
        areas_only: Names of masks that have no scene to be shown on; their area was taken by themselves.
        assumed: What was assumed of the values, by end of name.
        problems: What was not taken.
        left: Rasters that are left alone.
        threshold: In use where the source has probabilities, else None.
        written: Whether the dataset changed.
    """

    source: str
    folder: str
    fresh: dict[str, str] = field(default_factory=dict[str, str])
    held: dict[str, str] = field(default_factory=dict[str, str])
    areas_only: list[str] = field(default_factory=list[str])
    assumed: dict[str, str] = field(default_factory=dict[str, str])
    problems: list[Problem] = field(default_factory=list[Problem])
    left: list[str] = field(default_factory=list[str])
    threshold: float | None = None
    written: bool = False


def checked(wish: Wish) -> Wish:
    """The wish, with the threshold that is meant.

    Raises:
        InputError: The threshold is no twentieth, or the source is no name.
    """
    if wish.threshold is not None and not min(abs(wish.threshold - step) for step in THRESHOLDS) <= 1e-9:  # NaN, too
        raise InputError(f"--threshold {wish.threshold:g} is no twentieth", "choose among 0, 0.05, 0.1 … 0.95: areas are kept at these")
    if not wish.source.strip() or not wish.source.isprintable() or len(wish.source) > 80 or "~" in wish.source:
        raise InputError(f"--source {wish.source!r} is no name", "give up to 80 printable characters without ~")
    nearest = None if wish.threshold is None else min(THRESHOLDS, key=lambda step: abs(step - (wish.threshold or 0)))
    return replace(wish, threshold=nearest)
