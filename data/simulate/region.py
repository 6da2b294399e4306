"""The invented mountain range: where its lakes lie, how large, how high, and what dams them.

It stands in the open North Pacific, where no land is, so that a basemap exposes it as invented.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.simulate.plan import Plan
from data.simulate.words import BASINS, LAKE_NAMES

WEST, CREST = 160.5, 39.5
KM_PER_DEGREE = 111.2
KM_PER_DEGREE_LON = KM_PER_DEGREE * float(np.cos(np.radians(CREST)))
DAM_TYPES = ("M(e)", "M(o)", "M(l)", "I(s)", "I(v)", "E(c)", "E(o)")
"""Codes of the ICIMOD inventories: moraine (end, other, lateral), ice (supraglacial, valley), bedrock (cirque, other)."""
NEAR_ICE = np.array([0.40, 0.08, 0.10, 0.20, 0.03, 0.11, 0.08])
FAR_FROM_ICE = np.array([0.20, 0.22, 0.08, 0.02, 0.01, 0.22, 0.25])


@dataclass(frozen=True)
class Region:
    """The lakes' places.

    Args:
        frame: One row a lake: the columns of the `lakes` table but its key and geometry, and three that the schema does not know:
            country, glacier_distance_m, people_downstream.
        size_km2: (L,) area in the middle year.
        up_valley: (L,) direction of the glacier, radians anticlockwise from east.
    """

    frame: pd.DataFrame
    size_km2: NDArray[np.float64]
    up_valley: NDArray[np.float64]


def make_region(plan: Plan) -> Region:
    """Lakes in clusters along valleys: most near the crest, smaller and ice-dammed ones among them; no two touch."""
    rng = plan.random("region")
    size = np.clip(np.exp(rng.normal(np.log(0.045), 1.15, plan.lakes)), 0.0035, 3.5)
    valleys = _valleys(rng, scale=max(1.0, np.sqrt(plan.lakes / 1200)))
    valley, along, across = _places(rng, valleys, size)
    east, north = _kilometres(valleys, valley, along, across)
    lon, lat = np.round(WEST + east / KM_PER_DEGREE_LON, 6), np.round(CREST + north / KM_PER_DEGREE, 6)
    distance = np.exp(rng.normal(np.log(120 + 90 * along), 0.8))
    dam = _dam_types(rng, along / valleys["length"].to_numpy()[valley])
    distance[np.char.startswith(dam, "I(s")] = 0.0
    elevation = 5300 - 38 * along + 70 * np.abs(across) + rng.normal(0, 110, plan.lakes)
    frame = pd.DataFrame({
        "lake_id": _ids(lon, lat), "name": _names(size), "basin": valleys["basin"].to_numpy()[valley],
        "sub_basin": valleys["sub_basin"].to_numpy()[valley], "lon": lon, "lat": lat,
        "elevation_m": np.round(np.clip(elevation, 2600, 6100)), "dam_type": dam,
        "country": valleys["country"].to_numpy()[valley], "glacier_distance_m": np.round(distance),
        "people_downstream": np.round(np.exp(rng.normal(6.5, 1.4, plan.lakes)) * np.exp(-along / 60)).astype(np.int64),
    })  # fmt: skip
    return Region(frame, size, valleys["up"].to_numpy()[valley])


def _valleys(rng: np.random.Generator, scale: float) -> pd.DataFrame:
    """One row a sub-basin: its head on the crest (km), direction up-valley (radians) and length (km)."""
    rows: list[dict[str, object]] = []
    south = sum(len(subs) for _, _, side, subs in BASINS if side < 0)
    placed = {1.0: 0, -1.0: 0}
    for basin, country, side, subs in BASINS:
        count = south if side < 0 else len(subs)
        for sub in subs:
            x = (placed[side] + 0.5 + rng.uniform(-0.2, 0.2)) / count * 230 * scale
            placed[side] += 1
            tilt = rng.uniform(-0.3, 0.3)
            rows.append({
                "basin": basin, "sub_basin": sub, "country": country, "x": x, "y": 12 * np.sin(x / (45 * scale)) + 6 * side,
                "up": -side * np.pi / 2 + tilt, "length": rng.uniform(38, 62) * scale, "meander": rng.uniform(1.5, 4), "width": 2.0 * scale,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _places(
    rng: np.random.Generator, valleys: pd.DataFrame, size: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Valley, km down from its head and km off its axis of each lake; a lake too near another one moves until it is not."""
    count = len(size)
    weight = rng.dirichlet(np.full(len(valleys), 6.0))
    reach = 1.5 * np.sqrt(size) + 0.12  # km: half the long axis of a grown lake, and a margin that keeps the ids distinct
    valley, along, across = np.zeros(count, dtype=np.intp), np.zeros(count), np.zeros(count)
    place = np.argsort(np.argsort(-size, kind="stable"))  # the smaller lake gives way
    moving = np.arange(count)
    while len(moving):
        valley[moving] = rng.choice(len(valleys), len(moving), p=weight)
        along[moving] = valleys["length"].to_numpy()[valley[moving]] * rng.beta(1.15, 2.3, len(moving))
        across[moving] = rng.normal(0, 1, len(moving)) * valleys["width"].to_numpy()[valley[moving]]
        east, north = _kilometres(valleys, valley, along, across)
        box = shapely.box(east - reach, north - reach, east + reach, north + reach)
        one, other = shapely.STRtree(box).query(box[moving])
        one, settled = moving[one], ~np.isin(other, moving)
        moving = np.unique(one[(one != other) & (settled | (place[one] > place[other]))])
    return valley, along, across


def _kilometres(
    valleys: pd.DataFrame, valley: NDArray[np.intp], along: NDArray[np.float64], across: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Kilometres east and north of the range's western end, for places given in their valley's own terms."""
    of = {name: valleys[name].to_numpy()[valley] for name in ("x", "y", "up", "meander")}
    aside = across + of["meander"] * np.sin(along / 9)
    east = of["x"] - along * np.cos(of["up"]) + aside * np.sin(of["up"])
    north = of["y"] - along * np.sin(of["up"]) - aside * np.cos(of["up"])
    return east, north


def _dam_types(rng: np.random.Generator, share: NDArray[np.float64]) -> NDArray[np.str_]:
    """Dam types, from those near the ice (share 0 of the valley) to those far from it (share 1)."""
    chance = (1 - share)[:, None] * NEAR_ICE + share[:, None] * FAR_FROM_ICE
    drawn = (rng.uniform(size=len(share))[:, None] > np.cumsum(chance, axis=1)).sum(axis=1)
    return np.array(DAM_TYPES)[np.minimum(drawn, len(DAM_TYPES) - 1)]


def _ids(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[str]:
    """Labels in the style of GLIMS ids: `SIM`, longitude and latitude in thousandths of a degree."""
    return [f"SIM{x:06d}E{y:05d}N" for x, y in zip(np.rint(lon * 1000).astype(int), np.rint(lat * 1000).astype(int), strict=True)]


def _names(size: NDArray[np.float64]) -> list[str | None]:
    names: list[str | None] = [None] * len(size)
    for row, name in zip(np.argsort(-size, kind="stable"), LAKE_NAMES, strict=False):
        names[row] = name
    return names
