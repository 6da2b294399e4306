"""Fetched scenes in the tables of a dataset."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from data.cache import read_table, write_table
from data.checks import dataset_faults
from data.commit import transaction
from data.errors import DatasetError
from data.meta import read_meta, write_meta
from data.rasters.writing import write_scene
from data.schema import TABLES
from data.stac.assets import BANDS
from data.stac.tables import add_scenes
from data.store import Store
from tests.scene_dataset import lake_grid
from tests.stac_server import World, dataset


def row(lake: int, day: str, sensor: str = "Sentinel-2 L2A", **more: Any) -> dict[str, Any]:
    return {
        "lake_key": lake, "date": day, "sensor": sensor, "path": f"scenes/stac/{lake}_{day}_x.tif", "pixel_m": 10.0, "valid_share": 0.9,
        "reason": "ok", "item": "S2A", "catalogue": "c", "collection": "l2a", "cloud_share": 0.1, "snow_share": 0.0, "note": None, **more,
    }  # fmt: skip


def write_file(folder: Path, made: dict[str, Any]) -> None:
    write_scene(folder / made["path"], np.full((6, 512, 512), 0.1, np.float32), BANDS, lake_grid(made["lake_key"]))


def test_rows_are_added_once_with_keys_of_their_own(tmp_path: Path) -> None:
    folder = dataset(World(3, (2020,)), tmp_path / "d")
    rows = [row(2, "2020-10-16"), row(0, "2020-10-17")]
    for each in rows:
        write_file(folder, each)
    assert add_scenes(folder, rows) == 2
    before = (folder / "scenes.parquet").read_bytes()
    assert add_scenes(folder, rows) == 0
    assert (folder / "scenes.parquet").read_bytes() == before
    third = row(1, "2020-10-16", note="doubt")
    write_file(folder, third)
    assert add_scenes(folder, [*rows, third]) == 1
    held = Store(folder).table("scenes").to_pylist()
    assert [(each["scene_key"], each["lake_key"], str(each["date"]), each["note"]) for each in held] == [
        (0, 0, "2020-10-17", None), (1, 2, "2020-10-16", None), (2, 1, "2020-10-16", "doubt"),
    ]  # fmt: skip
    assert not dataset_faults(folder)
    assert read_meta(folder).sensors == {"Sentinel-2 L2A": list(BANDS)}
    [scene] = Store(folder).scenes.of_lake(1)
    assert (scene.bands, scene.valid_share, scene.path) == (BANDS, 0.9, (folder / third["path"]).absolute())


def test_scenes_that_were_there_stay_as_they_are(tmp_path: Path) -> None:
    folder = dataset(World(2, (2020,)), tmp_path / "d")
    types = {name: column.type for name, column in TABLES["scenes"].columns.items()}
    mine = {"scene_key": 7, "lake_key": 1, "date": date(2019, 10, 1), "sensor": "Camera", "path": "scenes/mine.tif", "reason": "ok"}
    held = pa.table({**{name: pa.array([mine.get(name)], kind) for name, kind in types.items()}, "mine": pa.array([1.5])})
    write_table(folder / "scenes.parquet", held)
    write_meta(folder, replace(read_meta(folder), sensors={"Camera": ["red"]}))
    add_scenes(folder, [row(0, "2030-10-16")])
    old, new = read_table(folder / "scenes.parquet").to_pylist()
    assert {name: old[name] for name in held.column_names} == held.to_pylist()[0]
    assert (new["scene_key"], new["mine"], old["item"]) == (8, None, None)
    assert read_meta(folder).sensors == {"Camera": ["red"], "Sentinel-2 L2A": list(BANDS)}


def test_a_sensor_that_stands_for_other_bands_gets_another_name(tmp_path: Path) -> None:
    folder = dataset(World(1, (2020,)), tmp_path / "d")
    write_meta(folder, replace(read_meta(folder), sensors={"Sentinel-2 L2A": ["blue", "green"]}))
    add_scenes(folder, [row(0, "2020-10-16")])
    assert read_meta(folder).sensors == {"Sentinel-2 L2A": ["blue", "green"], "Sentinel-2 L2A (STAC)": list(BANDS)}
    assert Store(folder).table("scenes").to_pylist()[0]["sensor"] == "Sentinel-2 L2A (STAC)"


def test_while_another_writes_nothing_is_added(tmp_path: Path) -> None:
    folder = dataset(World(1, (2020,)), tmp_path / "d")
    with transaction(folder), pytest.raises(DatasetError):
        add_scenes(folder, [row(0, "2020-10-16")])
    assert add_scenes(folder, [row(0, "2020-10-16")]) == 1
