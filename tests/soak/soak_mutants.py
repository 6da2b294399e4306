"""Mutants: 1,500 changed files of each format, each read by a child of its own.

As a visitor hands them in, each is read or refused by a named error with a remedy, within time and memory; as files of a dataset, whose
digests Moraine keeps, each is refused or reads as it was written.
"""

from __future__ import annotations

import functools
import io
import random
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from data.cache import write_table
from data.confined.keeper import Keeper
from data.confined.outcomes import Order
from data.errors import InputError
from data.rasters.grid import Grid
from data.rasters.writing import write_floats, write_scene
from models.card import SHIPPED
from models.weights import weights_path
from tests import inventories
from tests.harness import Figures
from tests.memory import memory_mb
from tests.mutants import mutated
from tests.scene_dataset import BANDS

MUTANTS, FEWEST = 1500, 4
MOST_MB, MOST_S = 256, 2.0
TORCH_MB = 256
"""What a process that has imported torch holds beyond one that has not: the limit, not the bar, is higher by it."""
WAITED_S = 20.0
"""By the clock, which a busy machine stretches; the bar is for processor time."""
Specimens = Callable[[Path], tuple[list[Path], list[Path]]]
"""Makes good files of a format in a folder: as handed in, and of a dataset."""


def _inventory(write: Callable[[gpd.GeoDataFrame, Path], None], suffix: str, folder: Path) -> tuple[list[Path], list[Path]]:
    path = folder / f"lakes_2000.{suffix}"
    write(gpd.read_file(inventories.himalaya(folder / "shp", [2000])[0]).to_crs(4326), path)
    return [path], []


def _zip(folder: Path) -> tuple[list[Path], list[Path]]:
    inventories.himalaya(folder / "shp", [2000])
    return [Path(shutil.make_archive(str(folder / "lakes_2000"), "zip", folder / "shp"))], []


def _csv(folder: Path) -> tuple[list[Path], list[Path]]:
    rows = [f"L{n % 9},{85 + n % 9 / 10},28.{n % 9},{2000 + n // 9}-10-0{n % 9 + 1},{1 + n / 50}\n" for n in range(60)]
    text = "lake_id,lon,lat,date,area\n" + "".join(rows)
    return [inventories.table(folder, text, "long.csv"), inventories.table(folder, inventories.OBSERVATORY, "one.csv")], []


def _parquet(folder: Path) -> tuple[list[Path], list[Path]]:
    handed, _ = _inventory(lambda frame, path: frame.to_parquet(path), "parquet", folder)
    chance = np.random.default_rng(1)
    table = pd.DataFrame({"lake_key": range(400), "source": ["a", "b"] * 200, "area_km2": chance.random(400)})
    write_table(folder / "areas.parquet", pa.Table.from_pandas(table, preserve_index=False))
    return handed, [folder / "areas.parquet"]


def _geotiff(folder: Path) -> tuple[list[Path], list[Path]]:
    chance, grid = np.random.default_rng(2), Grid("EPSG:32645", (10, 0, 500000, 0, -10, 3100000), 96, 96)
    values = chance.uniform(0.01, 0.4, (len(BANDS), 96, 96)).astype(np.float32)
    write_scene(folder / "scene_2020-10-01.tif", values, BANDS, grid)
    write_floats(folder / "floats_2020-10-01.tif", values[:2, :40, :40], BANDS[:2], Grid(grid.crs, grid.transform, 40, 40))
    return [folder / "floats_2020-10-01.tif", folder / "scene_2020-10-01.tif"], [folder / "scene_2020-10-01.tif"]


def _safetensors(folder: Path) -> tuple[list[Path], list[Path]]:
    path = Path(shutil.copy(weights_path(SHIPPED, "unet"), folder))
    return [path], [path]


def _changed(raw: bytes, suffix: str, chance: random.Random) -> bytes:
    """A mutant; of a zip every other time its members, so that the changes come past its checksums."""
    if suffix != ".zip" or chance.random() < 0.5:
        return mutated(raw, chance)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as held, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        victim = chance.choice(held.namelist())
        for name in held.namelist():
            archive.writestr(name, mutated(held.read(name), chance) if name == victim else held.read(name))
    return made.getvalue()


@functools.cache
def _keeper(task: str) -> Keeper:
    """One for all formats that a task reads: what takes time is to import what it needs."""
    return Keeper(most_mb=MOST_MB + (TORCH_MB if task == "mutant_weights" else 0), tasks="tests.confined_tasks")


def mutants(task: str, specimens: Specimens, seed: int, scale: float) -> Figures:
    """The suite of one format."""
    chance, outcomes = random.Random(seed), Counter[str]()
    keeper, peak, longest = _keeper(task), 0.0, 0.0
    with tempfile.TemporaryDirectory() as name:
        home = Path(name).resolve()
        (home / "good").mkdir()
        (home / "bad").mkdir()
        handed, managed = specimens(home / "good")
        good = {path: _read(keeper, task, path, True, home)[0] for path in managed}
        for turn in range(MUTANTS if scale == 1.0 else max(FEWEST, round(MUTANTS * scale / 10))):
            kept = bool(managed) and turn % 2 == 1
            path = chance.choice(managed if kept else handed)
            victim = home / "bad" / path.name
            victim.write_bytes(_changed(path.read_bytes(), path.suffix, chance))
            outcome, seconds, mb = _read(keeper, task, victim, kept, home)
            assert seconds <= MOST_S, f"seed {seed}, turn {turn}: {path.name} took {seconds:.1f} s"
            assert mb <= MOST_MB, f"seed {seed}, turn {turn}: {path.name} took {mb:.0f} MB"
            assert not outcome.startswith("failed"), f"seed {seed}, turn {turn}: {path.name}: {outcome}"
            assert not kept or not outcome.startswith("held") or outcome == good[path], (
                f"seed {seed}, turn {turn}: {path.name} reads as other data"
            )
            outcomes[f"kept, {outcome.split()[0]}" if kept else outcome.split()[0]] += 1
            peak, longest = max(peak, mb), max(longest, seconds)
    own = memory_mb("VmHWM")
    return {"mutants": outcomes.total(), **outcomes, "peak MB": round(peak), "most s": round(longest, 2), "app peak MB": round(own)}


def _read(keeper: Keeper, task: str, path: Path, managed: bool, home: Path) -> tuple[str, float, float]:
    """How it ended, seconds of processor time and MB; a child that was ended counts as what ended it."""
    order = Order(task, {"path": str(path), "managed": managed}, home, seconds=WAITED_S, called=path.name)
    try:
        answer = keeper.call(order)
    except InputError as error:
        words = {"took longer": "time", "more memory": "memory", "sudden end": "crash"}
        return next((said for word, said in words.items() if word in error.what), f"failed: {error.what}"), 0.0, 0.0
    said = answer.value
    if "refused" in said:
        assert said["remedy"], said
        return "refused", answer.seconds, answer.peak_mb
    return f"failed: {said['failed']}" if "failed" in said else f"held {said['held']}", answer.seconds, answer.peak_mb


FORMATS: dict[str, tuple[str, Specimens]] = {
    "geotiff": ("mutant_rasters", _geotiff),
    "gpkg": ("mutant_tables", functools.partial(_inventory, lambda frame, path: frame.to_file(path, driver="GPKG"), "gpkg")),
    "geojson": ("mutant_tables", functools.partial(_inventory, lambda frame, path: frame.to_file(path, driver="GeoJSON"), "geojson")),
    "csv": ("mutant_tables", _csv),
    "parquet": ("mutant_tables", _parquet),
    "zip": ("mutant_tables", _zip),
    "safetensors": ("mutant_weights", _safetensors),
}
SUITES = {f"mutants.{name}": functools.partial(mutants, task, specimens) for name, (task, specimens) in FORMATS.items()}
