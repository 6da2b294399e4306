"""Series for the trend tests: random ones with gaps, repeated years and uneven dates, and the same as area rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.records import SeriesBatch


def gapped(seed: int, lakes: int, width: int, noise: float = 0.1) -> SeriesBatch:
    """Random lakes: trends of either sign, a quarter missing, uneven dates, and some nominal years seen twice."""
    random = np.random.default_rng(seed)
    nominal = np.sort(random.integers(1985, 1985 + width, width)).astype(float)
    year = np.sort(nominal + random.uniform(0, 1, (lakes, width)), axis=1)
    level, slope = random.normal(-1, 2, (lakes, 1)), random.normal(0, 0.02, (lakes, 1))
    area = np.exp(level + slope * (year - 2000) + noise * random.standard_t(4, (lakes, width)))
    missing = random.random((lakes, width)) < 0.25
    year[missing] = area[missing] = np.nan
    return SeriesBatch(np.arange(lakes, dtype=np.int32), nominal, year, area)


def one_lake(area: list[float] | np.ndarray, year: list[float] | np.ndarray, nominal_year: list[float] | None = None) -> SeriesBatch:
    """A single lake; its nominal years are its years unless given."""
    years = np.asarray(year, dtype=float)
    nominal = np.floor(years) if nominal_year is None else np.array(nominal_year)
    return SeriesBatch(np.zeros(1, np.int32), nominal, years[None], np.asarray(area, dtype=float)[None])


def observed(batch: SeriesBatch, lake: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Decimal years, nominal years and areas of one lake, gaps removed."""
    held = ~np.isnan(batch.area[lake])
    return batch.year[lake][held], batch.nominal_year[held], batch.area[lake][held]


def yearly(areas: dict[int, list[float]], first: int = 2000, step: int = 1, source: str = "inventory") -> pd.DataFrame:
    """Area rows by lake_key: one nominal date every `step` years, NaN for a year without a row."""
    rows = [
        {"lake_key": key, "date": f"{first + step * place}-10-15", "area_km2": area}
        for key, values in areas.items()
        for place, area in enumerate(values)
        if not np.isnan(area)
    ]
    return area_rows(rows, source=source)


def area_rows(rows: list[dict[str, object]], **defaults: object) -> pd.DataFrame:
    """Area rows in the dataset's schema; what a row does not say is the default of a good nominal observation."""
    usual: dict[str, object] = {
        "lake_key": 0, "date": "2000-10-15", "source": "inventory", "threshold": np.nan, "area_km2": 1.0, "area_sd_km2": np.nan,
        "valid_share": np.nan, "reason": "ok", "sensor": None, "scene_key": None, "date_nominal": True, "date_image": None,
    }  # fmt: skip
    frame = pd.DataFrame([{**usual, **defaults, **row} for row in rows], columns=list(usual))
    return frame.assign(date=pd.to_datetime(frame["date"]), date_image=pd.to_datetime(frame["date_image"]))


def lake_frame(*lake_keys: int) -> pd.DataFrame:
    """The two columns of `lakes` that a trend table needs."""
    return pd.DataFrame({"lake_key": np.array(lake_keys, dtype=np.int32), "lake_id": [f"SIM{key}" for key in lake_keys]})
