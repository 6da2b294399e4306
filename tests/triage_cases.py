"""Forty hand-made lakes of a segmenter and a mapper, one of each thing that triage must tell apart; all others keep still."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from data.cache import read_table, write_table
from data.meta import read_meta, write_meta
from tests.datasets import LAKES, small_dataset

MODEL, MAPPER = "model", "mapper"
YEARS = np.arange(2012, 2024)
SWITCH = 2018
THRESHOLDS = np.round(np.arange(20) * 0.05, 2)
OWN = 0.3
GROWING = range(6)
SHRINKING, STEP, SOFT, ALONE, ONE_DATE, SLIGHT, DRAINED, TWO_DATES, CONSTANT, NOISY, PLAIN = range(6, 17)
"""Lake keys of the cases."""


def cases_dataset(folder: Path) -> Path:
    """Write the dataset and return it; the same bytes each time."""
    small_dataset(folder)
    schema = read_table(folder / "areas.parquet").schema
    rows = pd.concat([_rows(key) for key in range(LAKES)], ignore_index=True)
    rows = rows.assign(scene_key=pd.array([None] * len(rows), dtype="Int32"), date_image=None, date_nominal=False)
    write_table(folder / "areas.parquet", pa.Table.from_pandas(rows[schema.names], schema=schema, preserve_index=False))
    write_meta(folder, replace(read_meta(folder), default_source=MODEL, thresholds={MODEL: OWN}))
    return folder


def _rows(key: int) -> pd.DataFrame:
    random = np.random.default_rng([key, 7])
    log_area, noise = _log_area(key), random.normal(0, 0.004, len(YEARS))
    held = np.isin(
        YEARS, {TWO_DATES: (2013, 2020), ONE_DATE: (2013, 2016, 2019, 2023), NOISY: (2012, 2015, 2016, 2019, 2022)}.get(key, YEARS)
    )
    if key == NOISY:
        noise = np.array([0.4, -0.3, 0.2, -0.4, 0.3, 0.1, -0.3, 0.4, -0.2, 0.3, -0.4, 0.2])
    if key == CONSTANT:
        noise = noise * 0
    parts = [_source(key, MODEL, level, log_area + noise + _edge(key, float(level)), held) for level in THRESHOLDS]
    if key in {*GROWING, ALONE}:
        true = log_area if key in GROWING else np.zeros(len(YEARS))
        parts.append(_source(key, MAPPER, np.nan, true + random.normal(0, 0.004, len(YEARS)), held))
    return pd.concat(parts)


def _log_area(key: int) -> np.ndarray:
    since = YEARS - YEARS[0]
    slopes = dict.fromkeys(GROWING, 0.05) | {SHRINKING: -0.05, ALONE: 0.04, SLIGHT: 0.012}
    steps = {STEP: 0.3 * (YEARS >= SWITCH), DRAINED: -1.2 * (YEARS >= 2017), ONE_DATE: 0.7 * (YEARS == 2023)}
    return slopes.get(key, 0.0) * since + steps.get(key, 0.0)


def _edge(key: int, threshold: float) -> np.ndarray:
    """What a threshold makes of log area: the lake whose edges soften grows below .5 and shrinks above."""
    away = np.log((1 - max(threshold, 0.02)) / max(threshold, 0.02))
    return away * (0.01 + (0.004 * (YEARS - YEARS[0]) if key == SOFT else 0.0))


def _source(key: int, source: str, threshold: float, log_area: np.ndarray, held: np.ndarray) -> pd.DataFrame:
    area = 0.1 * np.exp(log_area)
    share = {SLIGHT: 0.15, PLAIN: np.nan}.get(key, 0.03)
    return pd.DataFrame({
        "lake_key": key, "date": [pd.Timestamp(year, 10, 15).date() for year in YEARS], "source": source, "threshold": threshold,
        "area_km2": area, "area_sd_km2": share * area, "valid_share": 1.0, "reason": "ok", "sensor": np.where(YEARS < SWITCH, "L8", "S2"),
    })[held]  # fmt: skip
