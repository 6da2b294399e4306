"""What is asked of an intake of masks, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from data.errors import InputError
from data.masks.matching import Problem
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
        values: One of `data.masks.choices.VALUES`.
        crs: Coordinate reference system of polygons that state none.
        lakes: Only these; None for all.
        since: Only from this day on.
    """

    folder: Path
    source: str
    labels: bool = False
    threshold: float | None = None
    values: str = "auto"
    crs: str | None = None
    lakes: Collection[int] | None = None
    since: date | None = None


@dataclass
class Outcome:
    """What a run did, and what it could not do.

    Args:
        source: The name of the source.
        folder: Its masks', from the dataset's folder.
        fresh: Masks taken in, with their notes.
        held: Masks that were there already, and their notes where they have any.
        scenes_missing: Names of masks whose area was taken on their own grid, since there is no scene.
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
    scenes_missing: list[str] = field(default_factory=list[str])
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
    if wish.threshold is not None and min(abs(wish.threshold - step) for step in THRESHOLDS) > 1e-9:
        raise InputError(f"--threshold {wish.threshold:g} is no twentieth", "choose among 0, 0.05, 0.1 … 0.95: areas are kept at these")
    if not wish.source.strip() or not wish.source.isprintable() or len(wish.source) > 80 or "~" in wish.source:
        raise InputError(f"--source {wish.source!r} is no name", "give up to 80 printable characters without ~")
    nearest = None if wish.threshold is None else min(THRESHOLDS, key=lambda step: abs(step - (wish.threshold or 0)))
    return replace(wish, threshold=nearest)
