"""Which other lakes were mapped when: what tells a lake that was missed from a year that was."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.flags.seen import Around, Columns

NEAREST = 10
"""Lakes that count as neighbours."""
REACH_KM = 50.0
"""Beyond this a lake is no neighbour."""
EARTH_KM = 6371.0


def around_of(columns: Columns, lakes: pd.DataFrame) -> Around:
    """Years, and who was mapped in them, of all lakes.

    Args:
        columns: The rows of a source.
        lakes: (A rows) lon and lat in degrees, in row order of `columns.lake`; a lake without a place has no neighbours.
    """
    years, which = np.unique(columns.epoch, return_inverse=True)
    mapped = np.zeros((len(lakes), len(years)), dtype=bool)
    mapped[columns.lake, which] = True
    day = np.full(len(years), np.datetime64("9999-12-31", "D"))
    np.minimum.at(day, which, columns.stated)
    return Around(years, day, mapped, _nearest(lakes["lon"].to_numpy(dtype=float), lakes["lat"].to_numpy(dtype=float)))


def _nearest(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int32]:
    """(A, NEAREST) rows of the nearest lakes within REACH_KM, nearest first; -1 where there are fewer."""
    from scipy.spatial import KDTree  # noqa: PLC0415  100 ms that only flags need

    out = np.full((len(lon), NEAREST), -1, dtype=np.int32)
    placed = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if len(placed) < 2:
        return out
    x, y = np.radians(lon[placed]), np.radians(lat[placed])
    points = np.stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)], axis=1)
    reach = 2 * np.sin(0.5 * REACH_KM / EARTH_KM)
    distance, near = KDTree(points).query(points, k=min(NEAREST + 1, len(placed)), distance_upper_bound=reach)
    near = np.asarray(near)
    own = near == np.arange(len(placed))[:, None]
    own[~own.any(axis=1), -1] = True  # hidden behind others at the very same place
    rest = near[~own].reshape(len(placed), -1)
    known = np.isfinite(distance[~own].reshape(rest.shape))
    out[placed, : rest.shape[1]] = np.where(known, placed[np.where(known, rest, 0)], -1)
    return out


def gone_into_others(around: Around, columns: Columns, events: pd.DataFrame, lake_keys: NDArray[np.int32]) -> NDArray[np.bool_]:
    """(A, Y) years from a recorded merge until the lake has a row of its own again.

    Args:
        around: The years.
        columns: The rows of the source.
        events: The rows of `events`: lake_key, date, kind.
        lake_keys: (A,) ascending.
    """
    merged = np.zeros(around.mapped.shape, dtype=bool)
    rows = events.loc[((events["kind"] == "merge") & events["date"].notna()).to_numpy(dtype=bool)]
    held = np.searchsorted(lake_keys, rows["lake_key"].to_numpy(dtype=np.int32))
    year = rows["date"].to_numpy(dtype="datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970.0
    at = np.searchsorted(around.years, year)
    inside = (at < len(around.years)) & (held < len(lake_keys))
    merged[held[inside], at[inside]] = True
    gone = np.zeros_like(merged)
    for column in range(len(around.years)):  # years, not lakes
        before = gone[:, column - 1] if column else False
        gone[:, column] = ~around.mapped[:, column] & (merged[:, column] | before)
    return gone
