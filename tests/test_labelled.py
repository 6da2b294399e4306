"""Labelled scenes as arrays: the lake's own water apart from its neighbours', outlines in order of age, regions by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from data.cache import read_table, write_table
from data.errors import RasterError
from data.labelled import Labelled
from data.regions import scene_regions
from data.store import Store
from tests.scene_dataset import BANDS, BROKEN, LAKES, MISSING, SIZE, YEARS, lake_grid, lake_water, scene_dataset, scene_key


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(scene_dataset(tmp_path_factory.mktemp("labelled") / "d"))


def test_those_with_a_label_and_a_file(store: Store) -> None:
    keys = {scene.scene_key for scene in Labelled(store, "label", BANDS).scenes()}
    assert keys == {scene_key(lake, year) for lake in LAKES for year in YEARS} - {scene_key(*MISSING)}
    assert not list(Labelled(store, "nobody", BANDS).scenes())


def test_bands_come_in_the_order_asked_for_and_the_pond_is_not_the_lake(store: Store) -> None:
    lake, year = LAKES[1], 2022
    scene = store.scenes.scene(scene_key(lake, year))
    assert scene is not None
    found = Labelled(store, "label", ("nir", "green")).read(scene)
    other = Labelled(store, "label", BANDS).read(scene)
    np.testing.assert_array_equal(found.reflectance, other.reflectance[[3, 1]])
    truth = lake_water(lake, year)
    np.testing.assert_array_equal(found.water == 1, truth)
    own = truth.copy()
    own[20:40, 20:40] = False
    np.testing.assert_array_equal(found.own == 1, own)
    assert np.isnan(found.reflectance[:, :8, :8]).all()
    assert found.pixel_m == 10
    row = store.row_of(lake)
    assert row is not None
    assert found.region in {store.lakes["sub_basin"][row], store.lakes["basin"][row]}


def test_outlines_are_oldest_first_and_where_there_is_no_lake_the_label_stands_for_them(tmp_path: Path) -> None:
    folder = scene_dataset(tmp_path / "d")
    lake = LAKES[0]
    table = read_table(folder / "outlines.parquet")
    grid, middle = lake_grid(lake), SIZE // 2
    drawn = [grid.to_lonlat(shapely.box(middle - r, middle - r, middle + r, middle + r)) for r in (9, 5)]
    first = table.slice(0, 1).to_pylist()[0]
    rows = [
        first | {"outline_key": 90_000 + n, "lake_key": lake, "date": day, "geometry": shapely.to_wkb(shape)}
        for n, (shape, day) in enumerate(zip(drawn, (first["date"].replace(year=2010), first["date"].replace(year=1990)), strict=True))
    ]
    kept = table.filter([key != lake for key in table.column("lake_key").to_pylist()])
    write_table(folder / "outlines.parquet", type(table).from_pylist([*kept.to_pylist(), *rows], schema=table.schema))
    store = Store(folder)
    scene = store.scenes.scene(scene_key(lake, 2018))
    assert scene is not None
    found = Labelled(store, "label", BANDS).read(scene)
    assert [int(outline.sum()) for outline in found.outlines] == [100, 324], "that of 1990 first"
    nobody = type(scene)(**{**vars(scene), "lake_key": None})
    chip = Labelled(store, "label", BANDS).read(nobody)
    np.testing.assert_array_equal(chip.own, chip.water)
    assert len(chip.outlines) == 1
    np.testing.assert_array_equal(chip.outlines[0], chip.water == 1)


def test_what_cannot_be_read_is_named(store: Store) -> None:
    broken = store.scenes.scene(scene_key(*BROKEN))
    assert broken is not None
    with pytest.raises(RasterError, match=broken.path.name):
        Labelled(store, "label", BANDS).read(broken)
    good = store.scenes.scene(scene_key(LAKES[0], 2018))
    assert good is not None
    with pytest.raises(RasterError, match="no band vv"):
        Labelled(store, "label", ("nir", "vv")).read(good)


def test_regions_are_sub_basins_then_basins_then_what_chips_are_called(store: Store) -> None:
    found = scene_regions(store)
    assert found.keys() == {int(key) for key in store.scenes.rows["scene_key"]}
    for scene in store.scenes:
        assert scene.lake_key is not None
        row = store.row_of(scene.lake_key)
        named = [store.lakes[name][row] for name in ("sub_basin", "basin")]
        assert found[scene.scene_key] == next((name for name in named if isinstance(name, str) and name), "")
