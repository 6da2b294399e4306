"""How much water there may be."""

from __future__ import annotations

import numpy as np

from data.watchlist.component import Component, Values
from data.watchlist.given import Given
from data.watchlist.volumes import RELATIONS, volume_range


def median_volume(given: Given) -> Values:
    """(L,) million m³: the median of the published relations at the newest clear area."""
    return volume_range(given.last_clear["area_km2"].to_numpy(dtype=np.float64))[1]


COMPONENTS = (
    Component(
        "volume", "Volume", "10⁶ m³",
        f"The median of {len(RELATIONS)} published relations between area and volume, at the newest area; the range of all is shown "
        "beside it. Says little that the area does not say already.",
        median_volume, needs="a clear observation", group="Water",
    ),
)  # fmt: skip
