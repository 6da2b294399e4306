"""The lakes to fetch scenes of: their newest outlines, or a circle about their point."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import shapely

from data.cache import read_table, write_table
from data.stac.lakes import POINT, lakes
from data.store import Store
from tests.stac_server import World, dataset


def change(folder: Path, table: str, **columns: list[object]) -> None:
    held = read_table(folder / f"{table}.parquet")
    for name, values in columns.items():
        place = held.schema.get_field_index(name)
        held = held.set_column(place, held.schema.field(name), pa.array(values, held.schema.field(name).type))
    write_table(folder / f"{table}.parquet", held)


def test_outlines_of_the_lakes_asked_for(tmp_path: Path) -> None:
    world = World(4, (2020,))
    folder = dataset(world, tmp_path / "d")
    found, nowhere = lakes(Store(folder), [0, 2, 99])
    assert [(lake.key, lake.label, lake.about) for lake in found] == [(0, "L0", ""), (2, "L2", "")]
    assert nowhere == []
    for lake in found:
        assert lake.outline.equals(world.outline(lake.key))
    assert found[0].drawn != found[1].drawn
    assert found[0].drawn == lakes(Store(folder), [0])[0][0].drawn


def test_an_outline_that_crosses_itself_is_mended(tmp_path: Path) -> None:
    folder = dataset(World(1, (2020,)), tmp_path / "d")
    bow = shapely.to_wkb(shapely.Polygon([(87, 28), (87.01, 28.01), (87.01, 28), (87, 28.01)]))
    change(folder, "outlines", geometry=[bow])
    change(folder, "lakes", geometry=[bow])
    [lake], _ = lakes(Store(folder), [0])
    assert lake.outline.is_valid
    assert lake.outline.area > 0


def test_a_lake_without_an_outline_is_judged_about_its_point_and_one_without_both_is_told(tmp_path: Path) -> None:
    folder = dataset(World(3, (2020,)), tmp_path / "d")
    (folder / "outlines.parquet").unlink()
    held = read_table(folder / "lakes.parquet").to_pandas()
    change(folder, "lakes", geometry=[held["geometry"][0], None, None], lon=[float(held["lon"][0]), float(held["lon"][1]), None])
    found, nowhere = lakes(Store(folder), [0, 1, 2])
    assert nowhere == [2]
    assert [lake.about for lake in found] == ["", "no outline: judged in a circle about its point"]
    circle = found[1].outline
    assert circle.centroid.distance(shapely.Point(held["lon"][1], held["lat"][1])) < 1e-9
    assert circle.bounds[2] - circle.bounds[0] == 2 * POINT or abs(circle.bounds[2] - circle.bounds[0] - 2 * POINT) < 1e-9
    assert isinstance(held, pd.DataFrame)
