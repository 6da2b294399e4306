"""The simulated basin as a segmenter saw it, with planted artefacts: what triage is held against. All of it is simulated.

The basin is the one of `python -m data simulate`. A segmenter, at twenty thresholds and on every autumn's image, sees its true areas with
small errors of its own (most of a mapping error is common to all years); the mapper drew four epochs of 70 % of the lakes. On lakes whose
true area stays, some of what segmenters get wrong is planted: edges that soften over the years, a shadow that is believed more and more, a
step where the sensor changes, a drift, one bad date among four. Nothing here looks at a rule of `data/triage`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.special import nctdtr, stdtrit

from data.cache import read_table, write_table
from data.meta import read_meta, write_meta
from data.rasters.probability import THRESHOLDS
from data.simulate import Plan, write_simulated
from data.simulate.world import make_world

SEGMENTER = "segmenter (simulated)"
SENSORS = ("Landsat-8 (simulated)", "Sentinel-2 (simulated)")
OWN = 0.35
"""The threshold that the dataset chose for the segmenter."""
INDEPENDENT = 0.17
"""Share of the mapping error drawn anew each year. With what HAZE adds it is .2; the real HKH inventory shows .19, √(.016/.455)."""
SOFT_PX, HAZE = 0.3, 0.3
"""Width of a shore in the segmenter's probabilities, and the sd of its logarithm from image to image."""
SEAM = 0.15
"""Sd of the step that the change of sensor leaves on every lake, in mapping errors."""
EPOCHS, MAPPED = 3, 0.7
"""The mapper drew every third year, and so many of the lakes."""
CHOSEN = {"softening": 22, "shadow": 22, "sensor": 22, "drift": 22, "one date": 22, "slight": 50, "seldom": 36, "blurred": 24}
"""Scenarios and their lakes among 800: the first five are artefacts on lakes that stay, the others happen to lakes that grow."""
ARTEFACTS = ("softening", "shadow", "sensor", "drift", "one date")
SIZES = (2.5, 6.0)
"""What an artefact makes of log area from first to last, in mapping errors: it would pass for growth."""
CLASSES = ("grew", "model artefact", "mapping error", "drained", "unobservable")
FAR = 1.96
"""Standard errors, as mapping errors on a lake's dates give them, that a planted trend must exceed to be more than mapping error."""
MATTERS = np.log1p(0.02)
"""Growth below this a year is too little to call a lake unobservable for it."""
SMALLEST = 1e-5


@dataclass(frozen=True)
class Planted:
    """What is true of L lakes over T autumns.

    Args:
        kind: (L,) of the simulated basin.
        scenario: (L,) of CHOSEN, else empty.
        log_rate: (L,) true growth of log area a year.
        error: (L,) relative mapping error of half a pixel.
        noise: (L,) sd of log area anew each year; memory: (L,) its lag-1 correlation.
        switch: (L,) autumn of the first image of the later sensor.
        date: (L, T) days; true: (L, T) km²; seen: (L, T) whether the segmenter had a usable image.
    """

    kind: np.ndarray
    scenario: np.ndarray
    log_rate: np.ndarray
    error: np.ndarray
    noise: np.ndarray
    memory: np.ndarray
    switch: np.ndarray
    date: np.ndarray
    true: np.ndarray
    seen: np.ndarray


def basin(folder: Path, seed: int, lakes: int = 800) -> pd.DataFrame:
    """Write the dataset of a seed into `folder`, which must not exist yet; returns `labels` of what was planted."""
    write_simulated(folder, Plan(lakes=lakes, seed=seed))
    rows = read_table(folder / "areas.parquet").to_pandas(date_as_object=False)
    random = np.random.default_rng([seed, 20261126])
    planted, factor = _planted(random, Plan(lakes=lakes, seed=seed), rows)
    areas = _segmented(random, planted)
    _write(folder, [_drawn(random, rows, factor), *_rows(planted, areas)])
    return labels(planted)


def labels(planted: Planted) -> pd.DataFrame:
    """One row a lake: scenario, label, log_rate, power, n. The label is one of CLASSES, `shrank`, `nothing`, or empty where none fits.

    Drained: it drained. Model artefact: an artefact was planted and the lake stays. Else, where a trend was planted: unobservable where a t
    test at .05 would, by the true noise of its dates, find it less than half the time (and it matters); mapping error where it is below
    FAR standard errors of a slope as mapping errors on its dates make it; else grew or shrank.
    """
    year = 1970 + planted.date.astype(np.int64) / 365.2425
    n = planted.seen.sum(axis=1)
    mean = np.where(planted.seen, year, 0).sum(axis=1) / np.maximum(n, 1)
    sxx = np.where(planted.seen, np.square(year - mean[:, None]), 0).sum(axis=1)
    noise = np.hypot(planted.noise, 2 * planted.error * SOFT_PX * HAZE * _log_odds(OWN))
    noise = noise * np.sqrt((1 + planted.memory) / (1 - planted.memory))
    size = np.abs(planted.log_rate) * np.sqrt(sxx)
    df = np.maximum(n - 2.0, 1.0)
    power = np.where(n > 2, 1 - nctdtr(df, np.minimum(size / np.maximum(noise, 1e-12), 30.0), stdtrit(df, 0.975)), 0.0)
    cases = {
        "drained": planted.kind == "draining",
        "model artefact": np.isin(planted.scenario, ARTEFACTS),
        "nothing": planted.log_rate == 0,
        "unobservable": (power < 0.5) & (np.abs(planted.log_rate) >= MATTERS),
        "": power < 0.5,
        "mapping error": size / planted.error < FAR,
        "grew": planted.log_rate > 0,
    }
    label = np.select(list(cases.values()), list(cases), "shrank")
    return pd.DataFrame({"scenario": planted.scenario, "label": label, "log_rate": planted.log_rate, "power": power, "n": n})


def _planted(random: np.random.Generator, plan: Plan, rows: pd.DataFrame) -> tuple[Planted, np.ndarray]:
    """And (L, T) by what true areas differ from those of the simulated basin."""
    world = make_world(plan)
    frame, date = world.truth.frame, world.truth.date
    relative = (rows["area_sd_km2"] / rows["area_km2"])[rows["reason"] == "ok"]
    error = relative.groupby(rows["lake_key"]).median().reindex(range(plan.lakes)).to_numpy()
    kind, memory = frame["kind"].to_numpy(), frame["ar1"].to_numpy()
    scenario = _scenarios(random, kind, error, plan.lakes / 800)
    year = 1970 + date.astype(np.int64) / 365.2425
    log_rate, slight = np.log1p(frame["rate_pct_per_year"].to_numpy() / 100), scenario == "slight"
    wanted = np.where(slight, random.uniform(0.6, FAR, plan.lakes) * error / 9.0, log_rate)
    factor = np.exp((wanted - log_rate)[:, None] * (year - year.mean(axis=1, keepdims=True)))
    seen = world.seen.seen & (world.seen.reason == "ok")
    seen &= ~_hidden(random, scenario, seen)
    noise = INDEPENDENT * error * np.exp(random.normal(0, 0.25, plan.lakes)) * np.where(kind == "noisy", 2.6, 1.0)
    noise = np.where(scenario == "blurred", np.abs(wanted) * random.uniform(4.5, 9.0, plan.lakes), noise)
    switch = random.integers(3, 7, plan.lakes)[pd.factorize(world.region.frame["sub_basin"])[0]]
    return Planted(kind, scenario, wanted, error, noise, memory, switch, date, world.truth.area * factor, seen), factor


def _scenarios(random: np.random.Generator, kind: np.ndarray, error: np.ndarray, scale: float) -> np.ndarray:
    scenario = np.full(len(kind), "", dtype=object)
    for name, count in CHOSEN.items():
        host = "stable" if name in ARTEFACTS else "growing"
        free = np.flatnonzero((kind == host) & (scenario == "") & (error < 0.15))
        scenario[random.choice(free, min(max(round(count * scale), 1), len(free)), replace=False)] = name
    return scenario


def _hidden(random: np.random.Generator, scenario: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(L, T) autumns without a usable image: all but two to four where a lake was seldom seen, all but four where one date is bad."""
    place = random.permuted(np.tile(np.arange(seen.shape[1]), (len(seen), 1)), axis=1)
    keep = np.select([scenario == "seldom", scenario == "one date"], [random.integers(2, 5, len(seen)), 4], seen.shape[1])
    return np.where(seen, place, 99).argsort(axis=1).argsort(axis=1) >= keep[:, None]


def _segmented(random: np.random.Generator, planted: Planted) -> np.ndarray:
    """(20, L, T) km² at each threshold. A shore that moves by d px changes log area by 2 × error × d, error being that of half a pixel."""
    lakes, years = planted.true.shape
    error, time, scenario = planted.error[:, None], np.linspace(0.0, 1.0, years), planted.scenario[:, None]
    noise = random.normal(size=(lakes, years))
    for step in range(1, years):
        noise[:, step] = planted.memory * noise[:, step - 1] + np.sqrt(1 - planted.memory**2) * noise[:, step]
    size = random.uniform(*SIZES, (lakes, 1)) * error
    bad = size * np.where(random.uniform(size=(lakes, 1)) < 0.7, 1.4, -0.84) * _first_or_last(random, planted.seen)
    seam = np.where(scenario == "sensor", size, SEAM * error * random.normal(size=(lakes, 1)))
    log_area = np.log(np.maximum(planted.true, SMALLEST)) + noise * planted.noise[:, None]
    log_area += np.where(scenario == "one date", bad, 0.0) + np.where(scenario == "drift", size, 0.0) * time
    log_area += seam * (np.arange(years) >= planted.switch[:, None])
    width = SOFT_PX + np.where(scenario == "softening", size / (2 * error * _log_odds(OWN)), 0.0) * time
    width = width * np.exp(HAZE * random.normal(size=log_area.shape))
    believed = 0.1 + 0.6 * time + random.normal(0, 0.04, log_area.shape)
    level = np.array(THRESHOLDS)[:, None, None]
    shadow = np.where(scenario == "shadow", size, 0.0) / (1 + np.exp(-(believed - level) / 0.1))
    return np.exp(log_area + 2 * error * width * _log_odds(level) + shadow)


def _log_odds(threshold: np.ndarray | float) -> np.ndarray:
    """By how many widths the shore at a threshold lies outward of that at .5."""
    level = np.maximum(threshold, 0.02)
    return np.log1p(-level) - np.log(level)


def _first_or_last(random: np.random.Generator, seen: np.ndarray) -> np.ndarray:
    """(L, T) the first date that was seen, or the last."""
    place = np.arange(seen.shape[1])
    ends = np.array([np.where(seen, place, 99).min(axis=1), np.where(seen, place, -1).max(axis=1)])
    return place == ends[random.integers(0, 2, len(seen)), np.arange(len(seen))][:, None]


def _drawn(random: np.random.Generator, rows: pd.DataFrame, factor: np.ndarray) -> pd.DataFrame:
    """The mapper's rows: every third year of some lakes."""
    step, lake = (rows["date"].dt.year - rows["date"].dt.year.min()).to_numpy(), rows["lake_key"].to_numpy()
    kept = (step % EPOCHS == 0) & (random.uniform(size=len(factor)) < MAPPED)[lake]
    return rows.assign(area_km2=rows["area_km2"] * factor[lake, step])[kept]


def _rows(planted: Planted, areas: np.ndarray) -> list[pd.DataFrame]:
    lake, step = np.nonzero(planted.seen)
    sensor = np.where(step < planted.switch[lake], *SENSORS)
    return [
        pd.DataFrame({
            "lake_key": lake, "date": planted.date[lake, step], "source": SEGMENTER, "threshold": threshold, "area_km2": at[lake, step],
            "area_sd_km2": at[lake, step] * planted.error[lake], "valid_share": 1.0, "reason": "ok", "sensor": sensor,
            "date_nominal": False,
        })
        for threshold, at in zip(THRESHOLDS, areas, strict=True)
    ]  # fmt: skip


def _write(folder: Path, parts: list[pd.DataFrame]) -> None:
    path = folder / "areas.parquet"
    schema = read_table(path).schema
    rows = pd.concat(parts, ignore_index=True)
    write_table(path, pa.Table.from_pandas(rows[schema.names], schema=schema, preserve_index=False))
    write_meta(folder, replace(read_meta(folder), thresholds={SEGMENTER: OWN}, default_source=SEGMENTER))
