"""What is asked of an intake of scenes, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from data.errors import InputError
from data.lake_choice import Chosen
from data.problems import Problem
from data.reflectance import stated_baseline

Progress = Callable[[Iterable[Any], int | None, str], Iterator[Any]]
HARMONISED = "harmonised"
"""`--baseline` of Sentinel-2 whose offset was taken off already."""


@dataclass(frozen=True)
class Options:
    """What the user says of the files.

    Args:
        bands: Their names, in the order of the files; None where the files or the sensor tell.
        sensor: Of all scenes; empty where tables or files tell.
        baseline: Sentinel-2's processing baseline, 4.0 for 04.00; 0 where the offset was taken off; None where the files tell.
        scale, offset: reflectance = number × scale + offset; None where files or sensor tell.
        dems: Elevation models.
    """

    bands: tuple[str, ...] | None = None
    sensor: str = ""
    baseline: float | None = None
    scale: float | None = None
    offset: float | None = None
    dems: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Given:
    """One scene as it was handed in: a file of several bands, or several files of one.

    Args:
        name: What reports call it: the file's place in the folder.
        stem: The file's name without its suffix.
        paths: Its files.
        bands: (files,) the band that each file holds, None where a file names its own.
        lake_id: The label of the lake, empty where there is none.
        lake_key: The lake, where the table tells the key.
        day: None where nothing tells it.
        sensor, split: Empty where nothing tells them.
        dem: An elevation model of this scene.
        valid_share, reason: As the table tells them.
    """

    name: str
    stem: str
    paths: tuple[Path, ...]
    bands: tuple[str, ...] | None = None
    lake_id: str = ""
    lake_key: int | None = None
    day: date | None = None
    sensor: str = ""
    split: str = ""
    dem: Path | None = None
    valid_share: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Args:
        folder: Where the scenes lie, or None.
        table: A CSV of paths, or None; one of the two is given.
        options: What the user says of the files.
        chosen: Which lakes and days.
    """

    folder: Path | None = None
    table: Path | None = None
    options: Options = field(default_factory=Options)
    chosen: Chosen = field(default_factory=Chosen)


@dataclass
class Outcome:
    """What a run did, and what it could not do.

    Args:
        fresh: Scenes taken in, with what is to be said of each (empty: nothing).
        held: Scenes that were there already, likewise.
        assumed: What was assumed of bands and numbers → names of the scenes.
        problems: What was not taken.
        left: Rasters that are no scenes, by their names.
        skipped: Scenes of other lakes and days than asked for.
    """

    fresh: dict[str, str] = field(default_factory=dict[str, str])
    held: dict[str, str] = field(default_factory=dict[str, str])
    assumed: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    problems: list[Problem] = field(default_factory=list[Problem])
    left: list[str] = field(default_factory=list[str])
    skipped: int = 0


def options(
    *, bands: str | None, sensor: str | None, baseline: str | None, scale: float | None, offset: float | None, dems: Iterable[Path]
) -> Options:
    """Read what the command line says.

    Raises:
        InputError: An option makes no sense.
    """
    names = None if bands is None else tuple(name.strip().lower() for name in bands.split(","))
    if names is not None and (not all(names) or len(set(names)) < len(names)):
        raise InputError(f"--bands {bands!r} holds an empty or a repeated name", "name each band once, e.g. blue,green,red,nir")
    told: float | None = None
    if baseline is not None:
        harmonised = baseline.strip().lower() in {HARMONISED, "harmonized"}
        told = 0.0 if harmonised else stated_baseline(baseline)
        if told is None:
            raise InputError(
                f"--baseline {baseline!r} is none", f"write it as 04.00 or 5.10, or {HARMONISED} where the offset was taken off"
            )
    if scale is not None and not 0 < scale < 1e6:
        raise InputError(f"--scale {scale:g} makes no sense", "give a number above 0: reflectance = number × scale + offset")
    models = tuple(dems)
    missing = [path for path in models if not path.is_file()]
    if missing:
        raise InputError(f"--dem {missing[0]} does not exist", "check the spelling")
    return Options(names, (sensor or "").strip(), told, scale, offset, models)
