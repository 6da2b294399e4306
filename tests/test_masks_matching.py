"""Which lake and which scene a mask belongs to: by id, by name of the scene, by overlap; else listed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from data.cache import read_table, write_table
from data.masks.finding import Given
from data.masks.matching import Matcher, Target
from data.problems import Problem
from data.rasters.grid import Grid
from data.store import Store
from tests.image_cases import Case
from tests.mask_folders import chip_case, chip_dataset, chip_day, chip_grid, shifted

DAY = chip_day(2018)


def given(stem: str, lake_id: str, day: date | None = DAY) -> Given:
    return Given(f"{stem}_prob.tif", stem, lake_id, day, Path("/nowhere.tif"), kind="prob")


def wet(grid: Grid, *places: tuple[float, float]):
    """Water in the pixels of these longitudes and latitudes only."""

    def water() -> np.ndarray:
        out = np.zeros(grid.shape, dtype=bool)
        for place in places:
            x, y = shapely.get_coordinates(grid.to_pixels(shapely.Point(place)))[0]
            out[int(y), int(x)] = True
        return out

    return water


def never() -> np.ndarray:
    raise AssertionError("nobody needs the water to decide this")


def twins(dataset: Path) -> Path:
    """Lakes 0 and 1, 5 km apart, with one id."""
    lakes = read_table(dataset / "lakes.parquet")
    ids = lakes.column("lake_id").to_pylist()
    ids[1] = ids[0]
    place = lakes.column_names.index("lake_id")
    write_table(dataset / "lakes.parquet", lakes.set_column(place, "lake_id", pa.array(ids, pa.string())))
    return dataset


def key_of(found: Target | Problem) -> tuple[int | None, int | None]:
    assert isinstance(found, Target), found
    return found.lake_key, found.scene.scene_key if found.scene else None


def problem_of(found: Target | Problem) -> Problem:
    assert isinstance(found, Problem), found
    return found


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(chip_dataset(tmp_path / "dataset"))


def test_an_id_and_a_day_name_a_scene(store: Store) -> None:
    found = Matcher(store).target(given("x", store.ids[0]), chip_grid(0), never)
    assert key_of(found) == (0, 18)
    assert key_of(Matcher(store).target(given("x", store.ids[0].lower()), chip_grid(0), never)) == (0, 18)


def test_a_day_without_scene_is_a_lake_without_scene(store: Store) -> None:
    found = Matcher(store).target(given("x", store.ids[0], date(1999, 1, 1)), chip_grid(0), never)
    assert key_of(found) == (0, None)


def test_the_name_of_a_scene_names_it(store: Store) -> None:
    assert key_of(Matcher(store).target(given("5_2020", "5_2020", None), chip_grid(5), never)) == (5, 520)


def test_the_name_that_a_scene_had_when_it_was_handed_in_names_it(store: Store) -> None:
    rows = read_table(store.path / "scenes.parquet")
    names = pa.array([f"S2A_{key}" for key in rows.column("scene_key").to_pylist()])
    write_table(store.path / "scenes.parquet", rows.append_column("name", names))
    assert key_of(Matcher(Store(store.path)).target(given("S2A_521", "S2A_521", None), chip_grid(5), never)) == (5, 521)


def test_a_name_without_day_or_scene_is_unmatched(store: Store) -> None:
    found = problem_of(Matcher(store).target(given(store.ids[0], store.ids[0], None), chip_grid(0), never))
    assert (found.kind, "holds no day" in found.what) == ("unmatched", True)


def test_a_mask_of_another_place_is_unmatched(store: Store) -> None:
    found = problem_of(Matcher(store).target(given("x", store.ids[0]), chip_grid(30), never))
    assert (found.kind, "does not cover the outline of lake 0" in found.what) == ("unmatched", True)


def test_twins_are_told_apart_by_what_the_mask_covers(tmp_path: Path) -> None:
    store = Store(twins(chip_dataset(tmp_path / "dataset")))
    for lake in (0, 1):
        assert key_of(Matcher(store).target(given("x", store.ids[0]), chip_grid(lake), never))[0] == lake


def wide(lake: int = 0) -> Grid:
    """40 m pixels over lakes 0 and 1."""
    return replace(shifted(chip_grid(lake), -500, -500, scale=4), width=420, height=300)


def test_twins_on_one_mask_are_told_apart_by_its_water(tmp_path: Path) -> None:
    store = Store(twins(chip_dataset(tmp_path / "dataset")))
    matcher, grid, mask = Matcher(store), wide(), given("x", store.ids[0], date(1999, 1, 1))
    here, there = (86.0, 27.5), (86.05, 27.5)
    assert key_of(matcher.target(mask, grid, wet(grid, here)))[0] == 0
    assert key_of(matcher.target(mask, grid, wet(grid, there)))[0] == 1
    for water in (wet(grid, here, there), wet(grid), wet(grid, (86.02, 27.5))):
        found = problem_of(matcher.target(mask, grid, water))
        assert found.kind == "ambiguous"
        assert f"the id {store.ids[0]} belongs to lakes 0, 1" in found.what


def test_twins_on_one_mask_are_told_apart_by_the_grid_of_their_scene(tmp_path: Path) -> None:
    dataset = twins(chip_dataset(tmp_path / "dataset"))
    store = Store(dataset)
    matcher = Matcher(store)
    scene = store.scenes.of_lake(0)[0]
    matcher._grids[scene.path] = wide()
    assert key_of(matcher.target(given("x", store.ids[0]), wide(), never)) == (0, 18)


def test_two_scenes_of_a_day_are_told_apart_by_grid_or_listed(tmp_path: Path) -> None:
    second = Case(999, "scenes/0_second.tif", 0, DAY, "other")
    store = Store(chip_dataset(tmp_path / "dataset", [chip_case(0, 2018), second]))
    matcher = Matcher(store)
    found = problem_of(matcher.target(given("x", store.ids[0]), chip_grid(0), never))
    assert (found.kind, "2 scenes of that time" in found.what) == ("ambiguous", True)
    matcher._grids[store.path / second.path] = shifted(chip_grid(0), 3, 3)
    assert key_of(matcher.target(given("x", store.ids[0]), shifted(chip_grid(0), 3, 3), never)) == (0, 999)
    assert key_of(matcher.target(given("0_second", "0_second", None), shifted(chip_grid(0), 1, 1), never)) == (0, 999)


def test_chips_without_lakes_go_by_name(tmp_path: Path) -> None:
    cases = [Case(1, "a/SA_1.tif", None), Case(2, "a/SA_2.tif", None), Case(3, "b/SA_2.tif", None)]
    matcher = Matcher(Store(chip_dataset(tmp_path / "dataset", cases)))
    assert key_of(matcher.target(given("SA_1", "SA_1", None), None, never)) == (None, 1)
    assert problem_of(matcher.target(given("SA_2", "SA_2", None), None, never)).what.startswith("2 scenes are called SA_2")
    assert problem_of(matcher.target(given("SA_3", "SA_3", None), None, never)).kind == "unmatched"


def test_a_scene_that_cannot_be_read_has_no_grid_and_a_fault(store: Store) -> None:
    scene = store.scenes.of_lake(0)[0]
    scene.path.write_bytes(b"nothing")
    matcher = Matcher(store)
    assert matcher.grid(scene) is None
    assert "cannot be read" in matcher.fault(scene)
    assert (matcher.grid(None), matcher.fault(None)) == (None, "")
