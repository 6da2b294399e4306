"""When the rows of a layer were observed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from data.errors import InputError
from data.importing import dates
from data.importing.columns import listed
from data.importing.faults import Faults
from data.importing.frames import objects
from data.importing.sensing import Since, sensor_in
from data.readers.layer import Layer
from data.records import Season


@dataclass(frozen=True)
class Dating:
    """How rows get their dates.

    Args:
        season: Whose middle stands for a bare year.
        given: From `--date`; None to look at the columns and the file's name.
        use_images: Whether the day of a scene id becomes the date.
        sensors: Whose outlines those of which years are, where no scene id tells.
    """

    season: Season | None
    given: date | int | None
    use_images: bool
    sensors: tuple[Since, ...] = ()


def add_dates(rows: pd.DataFrame, faults: Faults, roles: dict[str, str], how: Dating) -> None:
    """Add epoch, date, date_nominal, date_image, sensor and pixel_m.

    The epoch is the day that the file states; where it states only a year, the middle of the season, or of the days of a composite, if the
    file tells its first and last. It tells the epochs of an inventory apart, so it stays the same whichever date is used.

    Args:
        rows: (N) the observations so far.
        faults: Takes the rows whose date cannot be read; knows the layer.
        roles: Columns by role.
        how: What stands for a bare year, and which date is used.

    Raises:
        InputError: Neither a column nor the file's name tells the date.
    """
    layer = faults.layer
    stated, column = _stated(layer, roles, how.given)
    faults.add(
        np.array([d is None for d in stated], dtype=bool), column, "the date is missing or cannot be read (write YYYY-MM-DD or a year)"
    )
    middles = _window_middles(layer, roles)
    epochs = [m or dates.season_middle(d, how.season) if isinstance(d, int) else d for d, m in zip(stated, middles, strict=True)]
    scenes = [dates.scene(cell) for cell in objects(layer.frame, roles["scene_id"])] if "scene_id" in roles else [None] * len(rows)
    images = [s.day if s else None for s in scenes]
    replaced = [how.use_images and image is not None for image in images]
    rows["epoch"] = np.array(epochs, dtype=object)
    rows["date"] = np.array([i if r else e for e, i, r in zip(epochs, images, replaced, strict=True)], dtype=object)
    rows["date_nominal"] = [isinstance(d, int) and not r for d, r in zip(stated, replaced, strict=True)]
    rows["date_image"] = np.array(images, dtype=object)
    rows["sensor"] = np.array(
        [s.sensor if s else sensor_in(epoch, how.sensors) for s, epoch in zip(scenes, epochs, strict=True)], dtype=object
    )
    rows["pixel_m"] = np.array([s.pixel_m if s and s.pixel_m else np.nan for s in scenes], dtype=float)


def _stated(layer: Layer, roles: dict[str, str], given: date | int | None) -> tuple[list[date | int | None], str]:
    """What tells each row's date, and in which column: --date, a column of dates, a column of years, the file's name; in this order."""
    if given is not None:
        return [given] * len(layer.frame), ""
    for role in ("date", "year"):
        if role in roles:
            return [dates.day_or_year(cell) for cell in objects(layer.frame, roles[role])], roles[role]
    try:
        named = dates.named_date(layer.stem)
    except ValueError as error:
        raise InputError(
            f"{layer.file}: its name holds several dates ({error})", "say which with --date YEAR or --date YYYY-MM-DD"
        ) from error
    if named is None:
        raise InputError(
            f"{layer.file}: no date, neither in a column (columns: {listed(layer.frame)}) nor in the file's name",
            "give --date YEAR or --date YYYY-MM-DD, or name the column with --date-column",
        )
    return [named] * len(layer.frame), ""


def _window_middles(layer: Layer, roles: dict[str, str]) -> list[date | None]:
    """The middle of the days that a composite was made from, for rows that tell its first and last day."""
    if "window_first" not in roles or "window_last" not in roles:
        return [None] * len(layer.frame)
    first, last = ([dates.day_or_year(cell) for cell in objects(layer.frame, roles[role])] for role in ("window_first", "window_last"))
    return [_middle(a, b) for a, b in zip(first, last, strict=True)]


def _middle(first: date | int | None, last: date | int | None) -> date | None:
    if isinstance(first, date) and isinstance(last, date) and first <= last:
        return first + timedelta(days=(last - first).days // 2)
    return None
