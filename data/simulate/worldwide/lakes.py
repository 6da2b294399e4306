"""The lakes of a block: where they are, how large, and what they really do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from data import schema
from data.simulate.worldwide.basins import ENDS, HEADS, KM, LAKE_KM, Basins
from data.simulate.worldwide.plan import WorldwidePlan

SHARES = {
    "stable": 0.52, "growing": 0.24, "shrinking": 0.07, "noisy": 0.06, "gappy": 0.05, "few": 0.02, "step": 0.02, "draining": 0.01,
    "constant": 0.01,
}  # fmt: skip
"""What lakes do. `step`: its areas jump where the sensor changes; `gappy` and `few`: most dates are lost."""
DAM_TYPES, DAM_SHARES = ("moraine", "ice", "bedrock", "unknown"), (0.45, 0.1, 0.35, 0.1)
CORNERS = 10
NAMED = 40
"""One lake in so many has a name."""
LAKE_COLUMNS = ("lake_key", "lake_id", "name", "basin", "sub_basin", "lon", "lat", "elevation_m", "dam_type", "geometry")


def make_lakes(plan: WorldwidePlan, block: int, basins: Basins) -> pd.DataFrame:
    """The lakes of a block: columns of `lakes` but its geometry, and what is true of them: size_km2, kind, rate_pct_per_year."""
    rng, key = plan.random("lakes", block), plan.lakes_of(block)
    count, sub = len(key), basins.of(key)
    about = basins.frame.iloc[sub]
    lat = np.clip(about["lat"].to_numpy() + rng.normal(0, LAKE_KM / KM, count), -89.5, 89.5)
    lon = about["lon"].to_numpy() + rng.normal(0, LAKE_KM / KM, count) / np.cos(np.radians(lat))
    lon, lat = np.round((lon + 180) % 360 - 180, 5), np.round(lat, 5)
    kind = rng.choice(list(SHARES), count, p=np.array(list(SHARES.values())))
    size = np.clip(np.exp(rng.normal(np.log(0.045), 1.2, count)), 0.003, 60.0)
    pace = np.clip(np.exp(rng.normal(np.log(1.1), 0.6, count)), 0.2, 5.0)
    sign = np.select([kind == "growing", kind == "shrinking", np.isin(kind, ["gappy", "few"])], [1, -1, rng.choice([1, 0, -1], count)], 0)
    named = np.char.add(np.array(HEADS)[rng.integers(0, len(HEADS), count)], np.array(ENDS)[rng.integers(0, len(ENDS), count)])
    return pd.DataFrame({
        "lake_key": key, "lake_id": [f"SIM{each:08d}" for each in key.tolist()],
        "name": pd.Series(named, dtype="str").where(rng.integers(0, NAMED, count) == 0),
        "basin": about["basin"].to_numpy(), "sub_basin": about["sub_basin"].to_numpy(), "lon": lon, "lat": lat,
        "elevation_m": np.round(np.clip(about["elevation_m"].to_numpy() + rng.normal(0, 180, count), 0, 8000)),
        "dam_type": rng.choice(DAM_TYPES, count, p=DAM_SHARES), "size_km2": size, "kind": kind, "rate_pct_per_year": sign * pace,
    })  # fmt: skip


def lakes_table(plan: WorldwidePlan, block: int, frame: pd.DataFrame, newest_km2: NDArray[np.float64]) -> pa.Table:
    """Rows of `lakes`, each with an outline of its newest area.

    Args:
        plan, block: Which.
        frame: Of `make_lakes`.
        newest_km2: (n,) the area of each outline.
    """
    rng = plan.random("outlines", block)
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    radius = np.exp(rng.normal(0, 0.12, (len(frame), CORNERS)))
    x, y = radius * np.cos(angle) * rng.uniform(1.0, 1.7, (len(frame), 1)), radius * np.sin(angle)
    unit = 0.5 * np.abs(np.sum(x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1), axis=1))
    km = np.sqrt(newest_km2 / unit)[:, None]
    lon, lat = (frame[name].to_numpy()[:, None] for name in ("lon", "lat"))
    edge = np.stack([np.clip(lon + x * km / (KM * np.cos(np.radians(lat))), -180, 180), lat + y * km / KM], axis=-1)
    drawn = shapely.polygons(np.concatenate([edge, edge[:, :1]], axis=1))
    types = {name: schema.TABLES["lakes"].columns[name].type for name in LAKE_COLUMNS}
    held = {**{name: frame[name] for name in LAKE_COLUMNS[:-1]}, "geometry": shapely.to_wkb(drawn)}
    return pa.table({name: pa.array(held[name], types[name], from_pandas=True) for name in LAKE_COLUMNS})
