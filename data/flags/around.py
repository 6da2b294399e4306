"""Which other lakes were mapped when: what tells a lake that was missed from a year that was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.flags.seen import NEAREST, Around
from data.records import Season
from data.trends.series import decimal_years

REACH_KM = 50.0
"""Beyond this a lake is no neighbour."""
EARTH_KM = 6371.0
CHUNK = 1_000_000
"""Rows whose years are worked out at a time."""


def around_of(lake: NDArray[np.intp], rows: pd.DataFrame, lakes: pd.DataFrame, season: Season | None) -> Around:
    """Years, and who was mapped in them, of all lakes.

    Args:
        lake: (N,) the place of each row's lake in `lakes`.
        rows: (N rows) of `areas`: date and date_nominal; the date that the dataset uses tells the year, whichever is fitted by.
        lakes: (A rows) lon and lat in degrees; a lake without a place has no neighbours.
        season: The months that trends use.
    """
    held = mapped_in(lake, rows, len(lakes), season)
    return around_by([held], lakes)


@dataclass(frozen=True)
class Mapped:
    """Which lakes of a block were mapped when.

    Args:
        years: (Y,) nominal years, ascending.
        day: (Y,) the earliest day of each.
        mapped: (B, Y).
    """

    years: NDArray[np.int32]
    day: NDArray[np.datetime64]
    mapped: NDArray[np.bool_]


def around_by(blocks: Sequence[Mapped], lakes: pd.DataFrame) -> Around:
    """Years, and who was mapped in them, of all lakes.

    Args:
        blocks: Of neighbouring lakes, in order.
        lakes: (A rows) as `around_of`.
    """
    years = np.unique(np.concatenate([block.years for block in blocks]))
    day = np.full(len(years), np.datetime64("9999-12-31", "D"))
    mapped = np.zeros((len(lakes), len(years)), dtype=bool)
    first = 0
    for block in blocks:
        at = np.searchsorted(years, block.years)
        day[at] = np.minimum(day[at], block.day)
        mapped[first : first + len(block.mapped), at] = block.mapped
        first += len(block.mapped)
    lon, lat = (lakes[name].to_numpy(dtype=float, na_value=np.nan) for name in ("lon", "lat"))
    return Around(years.astype(float), day, mapped, _nearest(lon, lat, mapped.sum(axis=1) >= 2))


def around_some(around: Around, rows: NDArray[np.intp]) -> Around:
    """What lies around some lakes, without all others: these first, then those near them.

    Args:
        around: Of A lakes.
        rows: Of the lakes, ascending.
    """
    near = around.near[rows]
    others = np.setdiff1d(near[near >= 0], rows)
    kept = np.concatenate([rows, others])
    place = np.full(len(around.mapped), -1, dtype=np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    moved = np.full((len(kept), near.shape[1]), -1, dtype=np.int32)
    moved[: len(rows)] = np.where(near >= 0, place[near], -1)
    return Around(around.years, around.day, around.mapped[kept], moved)


def mapped_in(lake: NDArray[np.intp], rows: pd.DataFrame, lakes: int, season: Season | None) -> Mapped:
    """Which lakes were mapped when.

    Args:
        lake, rows, season: As `around_of`.
        lakes: How many.
    """
    stated, nominal = rows["date"].to_numpy(dtype="datetime64[D]"), rows["date_nominal"].to_numpy(dtype=bool)
    year = np.empty(len(rows), dtype=np.int32)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        year[part] = decimal_years(stated[part], nominal[part], season)[1]
    years, which = np.unique(year, return_inverse=True)
    mapped = np.zeros((lakes, len(years)), dtype=bool)
    mapped[lake, which] = True
    day = np.full(len(years), np.datetime64("9999-12-31", "D"))
    np.minimum.at(day, which, stated)
    return Mapped(years, day, mapped)


def _nearest(lon: NDArray[np.float64], lat: NDArray[np.float64], series: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(A, NEAREST) rows of the nearest other lakes within REACH_KM that have a series, nearest first; -1 where there are fewer.

    Lakes seen once are no measure of a year: pieces of a lake that came apart in one bad image would crowd out all others.
    """
    from scipy.spatial import KDTree  # noqa: PLC0415  100 ms that only flags need

    out = np.full((len(lon), NEAREST), -1, dtype=np.int32)
    asking = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    among = asking[series[asking]]
    if len(among) < 2:
        return out
    x, y = np.radians(lon), np.radians(lat)
    points = np.stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)], axis=1)
    reach = 2 * np.sin(0.5 * REACH_KM / EARTH_KM)
    _, near = KDTree(points[among]).query(points[asking], k=min(NEAREST + 1, len(among)), distance_upper_bound=reach)
    found = np.append(among, -1)[np.asarray(near)]  # KDTree names what is out of reach by their number
    found[found == asking[:, None]] = -1
    last = np.argsort(found < 0, axis=1, kind="stable")
    found = np.take_along_axis(found, last, axis=1)[:, :NEAREST]
    out[asking, : found.shape[1]] = found
    return out


def gone_into_others(around: Around, events: pd.DataFrame, lake_keys: NDArray[np.int32]) -> NDArray[np.bool_]:
    """(A, Y) years from a recorded merge until the lake has a row of its own again.

    Args:
        around: The years.
        events: The rows of `events`: lake_key, date, kind.
        lake_keys: (A,) ascending.
    """
    merged = np.zeros(around.mapped.shape, dtype=bool)
    rows = events.loc[((events["kind"] == "merge") & events["date"].notna()).to_numpy(dtype=bool)]
    named = rows["lake_key"].to_numpy(dtype=np.int32)
    held = np.minimum(np.searchsorted(lake_keys, named), max(len(lake_keys) - 1, 0))
    year = rows["date"].to_numpy(dtype="datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970.0
    at = np.searchsorted(around.years, year)
    inside = (at < len(around.years)) & (lake_keys[held] == named if len(lake_keys) else False)
    merged[held[inside], at[inside]] = True
    gone = np.zeros_like(merged)
    for column in range(len(around.years)):  # years, not lakes
        before = gone[:, column - 1] if column else False
        gone[:, column] = ~around.mapped[:, column] & (merged[:, column] | before)
    return gone
