"""What a mapper saw of the lakes of a block: one row a lake and autumn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data import schema
from data.simulate.worldwide.basins import Basins
from data.simulate.worldwide.plan import WorldwidePlan

SOURCE = "simulated mapper"
SENSORS = ((1999, "Landsat 5 (simulated)"), (2013, "Landsat 7 (simulated)"), (2016, "Landsat 8 (simulated)"))
"""Before each year; since then LAST."""
LAST, LAST_SINCE = "Sentinel-2 (simulated)", 2016
PIXEL_KM, LAST_PIXEL_KM, FACTOR = 0.03, 0.01, 0.5
INDEPENDENT = 0.45
"""Share of the mapping error that is drawn anew each year."""
WOUND = 1.35
"""The shore of a lake against that of a circle."""
METRE = 6
"""Decimals of an area in km² that a mapper writes down."""


def make_series(plan: WorldwidePlan, block: int, frame: pd.DataFrame, basins: Basins) -> tuple[pa.Table, NDArray[np.datetime64]]:
    """Rows of `areas`, by lake and date, every lake in every autumn; and (n,) the day on which a lake that drains did so, NaT for others.

    Args:
        plan, block: Which.
        frame: Of `data.simulate.worldwide.lakes.make_lakes`.
        basins: All of them.
    """
    rng, years = plan.random("series", block), np.arange(plan.first_year, plan.last_year + 1)
    kind, key = frame["kind"].to_numpy(dtype=str), frame["lake_key"].to_numpy()
    date = _dates(rng, basins.best[basins.of(key)], years)
    true, drained = _true(rng, frame, date, years)
    error = _error(true, years)
    area = true * np.exp(_noise(rng, kind, error))
    reason, share = _seen(rng, kind, area.shape)
    area = np.round(np.where(reason == "ok", area, area * share), METRE)
    area[kind == "constant"] = np.round(true[kind == "constant"], METRE)
    reason = np.where((true == 0) & (reason == "ok"), "empty", reason)
    seen = {"date": date, "area_km2": area, "area_sd_km2": np.round(error * true, METRE), "valid_share": share}
    return _table(key, seen, reason, years), drained


def _dates(rng: np.random.Generator, best: NDArray[np.int64], years: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """(n, T) days in September to November: the sub-basin's best image of that autumn, or one near it."""
    day = best + 5 * rng.choice(np.array([-2, -1, 0, 0, 0, 0, 1, 2]), best.shape)
    return np.array([f"{year}-09-01" for year in years], dtype="datetime64[D]") + day.astype("timedelta64[D]")


def _true(
    rng: np.random.Generator, frame: pd.DataFrame, date: NDArray[np.datetime64], years: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.datetime64]]:
    """(n, T) km² as a perfect mapper would see them, 0 where a lake has gone, and the days on which lakes drained."""
    kind, count = frame["kind"].to_numpy(dtype=str), len(frame)
    away = 1970 + date.astype(np.int64) / 365.2425 - (years.mean() + 0.8)
    away[kind == "constant"] = 0.0
    area = frame["size_km2"].to_numpy()[:, None] * np.exp(np.log1p(frame["rate_pct_per_year"].to_numpy() / 100)[:, None] * away)
    after, left = rng.integers(2, len(years) - 2, count), np.where(rng.random(count) < 0.15, 0.0, rng.uniform(0.08, 0.6, count))
    drains = kind == "draining"
    area = np.where(drains[:, None] & (np.arange(len(years)) >= after[:, None]), left[:, None], 1.0) * area
    jump = np.exp(rng.normal(0.0, 0.02, count) + rng.choice(np.array([-0.15, 0.2]), count))
    area = np.where((kind == "step")[:, None] & (years >= LAST_SINCE), jump[:, None], 1.0) * area
    day = date[np.arange(count), after] - rng.integers(20, 110, count).astype("timedelta64[D]")
    return area, np.where(drains, day, np.datetime64("NaT", "D"))


def _error(true: NDArray[np.float64], years: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, T) the mapping error as a share of the area: half a pixel along the shore; 0 where there is no water."""
    pixel = np.where(years < LAST_SINCE, PIXEL_KM, LAST_PIXEL_KM)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(true > 0, 2 * np.sqrt(np.pi) * WOUND * pixel * FACTOR / np.sqrt(true), 0.0)


def _noise(rng: np.random.Generator, kind: NDArray[np.str_], error: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, T) errors of log area, some of them remembered from year to year."""
    count, years = error.shape
    memory = np.where(rng.random(count) < 0.2, rng.uniform(0.25, 0.6, count), 0.0)
    drawn = rng.standard_normal((count, years))
    for year in range(1, years):
        drawn[:, year] = memory * drawn[:, year - 1] + np.sqrt(1 - memory**2) * drawn[:, year]
    scale = INDEPENDENT * np.exp(rng.normal(0, 0.25, count)) * np.where(kind == "noisy", 2.6, 1.0)
    return np.clip(drawn * scale[:, None] * error, -1.2, 1.2)


def _seen(rng: np.random.Generator, kind: NDArray[np.str_], shape: tuple[int, int]) -> tuple[NDArray[np.str_], NDArray[np.floating]]:
    """(n, T) reasons, and shares of the lake that could be seen."""
    still = (kind == "constant")[:, None]
    lost = rng.random(shape) < np.where(kind == "gappy", 0.5, 0.08)[:, None]
    order = rng.permuted(np.tile(np.arange(shape[1]), (shape[0], 1)), axis=1)
    lost |= (kind == "few")[:, None] & (order >= rng.integers(2, 5, (shape[0], 1)))
    lost &= ~still & (order > 0)  # every lake is seen well at least once
    why = rng.choice(np.array(["cloud", "snow_or_ice", "shadow"]), shape, p=[0.7, 0.2, 0.1])
    share = np.where(lost, rng.uniform(0.2, 0.79, shape), 1 - 0.12 * rng.random(shape) ** 3)
    return np.where(lost, why, "ok"), np.round(share, 2)


def _table(key: NDArray[np.int32], seen: dict[str, NDArray[Any]], reason: NDArray[np.str_], years: NDArray[np.int64]) -> pa.Table:
    """Rows of `areas`. seen: (n, T) each of date, area_km2, area_sd_km2, valid_share."""
    rows = reason.size
    sensor = [next((name for before, name in SENSORS if year < before), LAST) for year in years.tolist()]
    held = {
        "lake_key": np.repeat(key, len(years)), **{name: values.ravel() for name, values in seen.items()},
        "source": _text(np.zeros(rows, np.int8), [SOURCE]),
        "threshold": pa.nulls(rows, pa.float64()),
        "reason": _text(*_codes(reason.ravel())), "sensor": _text(np.tile(np.arange(len(years), dtype=np.int8), len(key)), sensor),
        "scene_key": pa.nulls(rows, pa.int32()), "date_nominal": np.zeros(rows, dtype=bool), "date_image": pa.nulls(rows, pa.date32()),
    }  # fmt: skip
    return pa.table({name: pa.array(held[name]).cast(column.type) for name, column in schema.TABLES["areas"].columns.items()})


def _codes(texts: NDArray[np.str_]) -> tuple[NDArray[np.int8], list[str]]:
    names, code = np.unique(texts, return_inverse=True)
    return code.astype(np.int8), [str(name) for name in names]


def _text(code: NDArray[np.int8], names: list[str]) -> pa.Array:
    """Texts of which there are few, by their numbers."""
    return pa.DictionaryArray.from_arrays(code, pa.array(names)).cast(pa.string())
