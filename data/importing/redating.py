"""A dataset whose season changes: its bare years move with it, so that one year keeps one date in all of its rows."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data.importing.dates import season_middle
from data.importing.frames import objects
from data.records import Season


def redated(held: dict[str, pd.DataFrame], old: Season | None, new: Season | None) -> tuple[dict[str, pd.DataFrame], int]:
    """The tables with every bare year at the middle of another season, and how many observations moved.

    Without this the same file, imported again with another season, would be a second observation of each lake and year.

    Args:
        held: The dataset's tables.
        old: The season whose middle stands for a bare year so far.
        new: The one whose middle shall.
    """
    areas = held["areas"]
    if season_middle(2000, old) == season_middle(2000, new) or not len(areas):
        return held, 0
    days, nominal, keys, sources = (objects(areas, name) for name in ("date", "date_nominal", "lake_key", "source"))
    epochs = objects(areas, "epoch") if "epoch" in areas.columns else days
    moved: dict[tuple[Any, ...], date] = {}
    count = 0
    for row, epoch in enumerate(epochs):
        middle = _moved(epoch, old, new) if nominal[row] or epoch != days[row] else None
        if middle is None:
            continue
        count += 1
        epochs[row] = middle
        if nominal[row]:
            moved[keys[row], days[row], sources[row]] = middle
            days[row] = middle
    outlines = held["outlines"]
    named = zip(*(objects(outlines, name) for name in ("lake_key", "date", "source")), strict=True)
    drawn = np.array([moved.get(name, name[1]) for name in named], dtype=object)
    return held | {"areas": areas.assign(date=days, epoch=epochs), "outlines": outlines.assign(date=drawn)}, count


def _moved(epoch: date | None, old: Season | None, new: Season | None) -> date | None:
    """The middle of the new season in the year whose middle of the old one this is; None where it is none."""
    years = [] if epoch is None else [year for year in (epoch.year, epoch.year - 1) if season_middle(year, old) == epoch]
    return season_middle(years[0], new) if years else None
