"""Where the basins lie: along the world's mountains and ice; their names are invented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.simulate.worldwide.plan import WorldwidePlan

RANGES = (
    (85.0, 28.5, 8.0, 1.2, 5200, 12), (76.0, 35.5, 3.0, 1.2, 4900, 6), (72.5, 38.5, 2.5, 1.2, 4300, 4),
    (79.0, 42.3, 6.0, 0.9, 3700, 6), (88.0, 49.5, 4.0, 1.2, 2600, 3), (95.0, 30.0, 4.0, 1.6, 4700, 6),
    (97.0, 38.0, 5.0, 1.0, 4200, 3), (43.5, 42.8, 2.5, 0.5, 3000, 2), (9.5, 46.4, 3.0, 0.5, 2500, 3), (15.0, 67.0, 4.0, 3.0, 900, 3),
    (-18.5, 64.6, 2.0, 0.5, 700, 2), (-50.0, 66.5, 1.6, 4.5, 500, 7), (-23.0, 70.5, 2.0, 4.0, 500, 4),
    (-72.0, 69.0, 5.0, 3.0, 500, 5), (-80.0, 78.5, 5.0, 1.8, 400, 4), (-147.0, 61.8, 6.0, 1.5, 700, 7),
    (-135.0, 58.8, 4.0, 2.0, 800, 6), (-123.0, 52.0, 2.5, 2.0, 1500, 5), (-116.5, 51.3, 1.8, 1.4, 2100, 3),
    (-113.5, 46.5, 2.5, 2.5, 2600, 3), (-77.0, -9.5, 1.0, 1.5, 4500, 6), (-71.0, -13.8, 1.8, 1.2, 4700, 5),
    (-68.0, -16.5, 1.0, 1.0, 4700, 3), (-70.2, -33.0, 0.5, 1.6, 3600, 2), (-73.0, -47.5, 0.8, 2.6, 700, 7),
    (170.0, -43.8, 1.2, 0.7, 1100, 2), (160.0, 55.5, 1.8, 2.0, 900, 2), (57.0, 74.5, 2.0, 1.5, 200, 2),
    (18.0, 78.5, 2.5, 0.9, 150, 2), (141.0, 66.5, 5.0, 2.0, 1300, 2),
)  # fmt: skip
"""lon, lat, their spread (°), elevation (m), basins."""
HEADS = (
    "Ambri", "Besso", "Corva", "Delu", "Eska", "Firo", "Galme", "Hespe", "Iska", "Jorri", "Kesta", "Lume", "Merri", "Nalvo", "Orri",
    "Pela", "Quorve", "Rimma", "Sulva", "Tarno", "Umbra", "Vessi", "Wyrre", "Xante", "Yllen", "Zarro",
)  # fmt: skip
ENDS = ("nel", "way", "nth", "mere", "row", "nde", "vask", "mar", "della", "quin")
SIDES = ("Upper", "Lower", "West", "East", "North", "South", "Great", "Little", "Far", "Old")
SUB_KM, LAKE_KM, KM = 90.0, 22.0, 111.2
"""How far sub-basins lie from the middle of their basin and lakes from that of their sub-basin (standard deviations), and a degree."""


@dataclass(frozen=True)
class Basins:
    """The sub-basins, S of them, each of whose lakes have keys beside each other.

    Args:
        frame: basin, sub_basin, lon, lat, elevation_m of each.
        ends: (S,) the key behind the last lake of each.
        best: (S, T) days from 1 September to the best image of each autumn.
    """

    frame: pd.DataFrame
    ends: NDArray[np.int64]
    best: NDArray[np.int64]

    def of(self, lake_keys: NDArray[np.int32]) -> NDArray[np.intp]:
        """(L,) the sub-basin of each lake."""
        return np.searchsorted(self.ends, lake_keys, side="right")


def make_basins(plan: WorldwidePlan) -> Basins:
    """All basins of a plan; every block makes them anew, in a few milliseconds."""
    rng = plan.random("basins")
    ranges = np.repeat(np.arange(len(RANGES)), [each[5] for each in RANGES])
    about = np.array(RANGES, dtype=float)[ranges]
    count = len(ranges)
    lon, lat = (about[:, each] + about[:, each + 2] * rng.uniform(-1, 1, count) for each in (0, 1))
    names = np.array([head + end for end in ENDS for head in HEADS])[:count]
    subs = len(SIDES)
    of = np.repeat(np.arange(count), subs)
    north, east = (rng.normal(0, SUB_KM / KM, count * subs) for _ in range(2))
    latitude = np.clip(lat[of] + north, -89, 89)
    frame = pd.DataFrame({
        "basin": names[of], "sub_basin": [f"{side} {name}" for name in names for side in SIDES],
        "lon": lon[of] + east / np.cos(np.radians(latitude)), "lat": latitude,
        "elevation_m": np.maximum(about[of, 4] + rng.normal(0, 250, count * subs), 5),
    })  # fmt: skip
    share = np.exp(rng.normal(0, 0.8, count * subs))
    best = rng.integers(20, 70, (count * subs, plan.years))
    return Basins(frame, np.cumsum(rng.multinomial(plan.lakes, share / share.sum())), best)
