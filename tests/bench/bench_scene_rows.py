"""One lake's scenes, and one scene by its key, out of many scenes and masks in parts: milliseconds with nothing in memory, bytes, memory.

`MORAINE_MILLION` names a dataset that has scenes and masks in parts; else 100,000 lakes of 20 scenes are made, rows without images, their
keys in no order. Before each look the pages of all files are dropped from the system's cache, and what a store keeps is made anew.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from data.dataset_files import signature
from data.meta import read_meta
from data.parts.index import is_parted
from data.parts.keys import keys_digest
from data.parts.partition import write_parts
from data.parts.scenes import PartedScenes, opened_scenes
from data.parts.writing import SCENE_LAKE
from data.schema import TABLES, empty
from data.settings import text
from tests.bench.bench_rows import counted, forget
from tests.bench.bench_trends import Figures
from tests.datasets import small_dataset
from tests.memory import memory_mb

LAKES, EACH, LOOKS, OTHERS = 100_000, 20, 21, 1_000
BLOCK = 5_000


def written(folder: Path, lakes: int = LAKES, each: int = EACH) -> Path:
    """Scenes and masks of so many lakes, in parts, in a dataset whose other tables are small."""
    small_dataset(folder)
    keys = np.random.default_rng(1).permutation(lakes * each).astype(np.int32).reshape(lakes, each)
    blocks = [np.arange(first, min(first + BLOCK, lakes)) for first in range(0, lakes, BLOCK)]
    write_parts(folder / "scenes.parquet", "scenes", (scenes(block, keys[block]) for block in blocks))
    digest = keys_digest(folder / "scenes.parquet")
    write_parts(folder / "masks.parquet", "masks", (masks(block, np.sort(keys[block])) for block in blocks), scenes=digest)
    return folder


def scenes(lakes: np.ndarray, keys: np.ndarray) -> pa.Table:
    """Their rows; `keys` (lakes, scenes of each)."""
    lake, key = np.repeat(lakes, keys.shape[1]), keys.ravel()
    days = np.tile(np.datetime64("1985-06-01") + 200 * np.arange(keys.shape[1]), len(lakes))
    valid = np.random.default_rng(int(lakes[0])).random(len(key)).round(3)
    paths = [f"scenes/{a}/{b}.tif" for a, b in zip(lake.tolist(), key.tolist(), strict=True)]
    return filled("scenes", scene_key=key, lake_key=lake, date=days, sensor=["Landsat"] * len(key), path=paths, valid_share=valid)


def masks(lakes: np.ndarray, keys: np.ndarray) -> pa.Table:
    """One of each scene."""
    lake, key = np.repeat(lakes, keys.shape[1]), keys.ravel()
    paths = [f"masks/net/{a}/{b}.tif" for a, b in zip(lake.tolist(), key.tolist(), strict=True)]
    table = filled("masks", scene_key=key, source=["net"] * len(key), path=paths, kind=["probability"] * len(key))
    return table.append_column(SCENE_LAKE, pa.array(lake, pa.int32()))


def filled(name: str, **columns: Any) -> pa.Table:
    """A table of that name; columns that are not given are empty."""
    count = len(columns["scene_key"])
    types = {column: told.type for column, told in TABLES[name].columns.items()}
    return pa.table(
        {column: pa.array(columns[column], kind) if column in columns else pa.nulls(count, kind) for column, kind in types.items()}
    )


@contextmanager
def dataset() -> Iterator[Path]:
    """One with many scenes."""
    if text("MILLION") and is_parted(Path(text("MILLION")) / "scenes.parquet"):
        yield Path(text("MILLION"))
        return
    with tempfile.TemporaryDirectory() as folder:
        yield written(Path(folder) / "many")


def opened(folder: Path) -> PartedScenes:
    """The scenes, with nothing of them in memory."""
    held = opened_scenes(folder, read_meta(folder).sensors, empty, signature(folder))
    assert isinstance(held, PartedScenes)
    return held


def cold(folder: Path, look: Callable[[PartedScenes], object]) -> tuple[float, int]:
    """Milliseconds and bytes of one look, the index being read."""
    held = opened(folder)
    for name in ("scenes", "masks"):
        forget(folder / f"{name}.parquet")
    before, began = counted(), time.perf_counter()
    assert look(held)
    return 1000 * (time.perf_counter() - began), counted()[0] - before[0]


@cache
def measured() -> Figures:
    """All figures, of one dataset."""
    random = np.random.default_rng(5)
    with dataset() as folder:
        began = time.perf_counter()
        held = opened(folder)
        lakes = held.lakes
        opening = 1000 * (time.perf_counter() - began)
        held.of_lake(int(lakes[0]))  # libraries are loaded
        at = [cold(folder, lambda each, key=int(key): each.of_lake(key)) for key in random.choice(lakes, LOOKS)]
        by_key = [cold(folder, lambda each, key=int(key): each.scene(key)) for key in random.integers(0, len(held), LOOKS)]
        before = memory_mb("VmRSS")
        for key in random.integers(0, len(held), OTHERS):
            held.scene(int(key))
        grew = memory_mb("VmRSS") - before
        return {
            "rows": len(held), "opened_ms": opening, "grew": grew,
            "lake_ms": statistics.median(ms for ms, _ in at), "lake_bytes": max(read for _, read in at),
            "key_ms": statistics.median(ms for ms, _ in by_key), "key_bytes": max(read for _, read in by_key),
        }  # fmt: skip


def of(name: str, unit: str, scale: float = 1.0) -> Callable[[], Figures]:
    """One figure of `measured`."""
    return lambda: {"value": measured()[name] * scale, "unit": unit}


BENCHMARKS: dict[str, Callable[[], Figures]] = {
    "rows.scenes.of_table": of("rows", "rows"),
    "rows.scenes.open": of("opened_ms", "ms"),
    "rows.scenes.lake.cold": of("lake_ms", "ms"),
    "rows.scenes.lake.read": of("lake_bytes", "MB", 1e-6),
    "rows.scenes.key.cold": of("key_ms", "ms"),
    "rows.scenes.key.read": of("key_bytes", "MB", 1e-6),
    "rows.scenes.grew": of("grew", "MB"),
}
