"""Adding to a dataset: lakes keep their keys, what is there already changes no byte, what contradicts it needs --replace."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from data.cache import read_table, write_table
from data.errors import DatasetError, InputError
from data.importing.inventory import import_inventories
from data.importing.options import ImportOptions
from data.meta import read_meta
from data.records import Season
from tests import inventories
from tests.inventories import imported
from tests.inventories import table_of as table

TABLES = ("lakes", "outlines", "areas", "events")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def himalaya(tmp_path: Path) -> tuple[list[Path], Path]:
    return inventories.himalaya(tmp_path / "in"), tmp_path / "out"


def test_the_same_again_changes_no_byte(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths, folder)
    before = contents(folder)
    for part in (paths, paths[1:2], list(reversed(paths))):
        done = imported(part, folder)
        assert not done.written
        assert contents(folder) == before


@pytest.mark.parametrize("parts", [((0, 1), (2,)), ((0,), (1,), (2,)), ((0, 1), (1, 2))])
def test_adding_later_epochs_gives_what_all_at_once_gives(parts: tuple[tuple[int, ...], ...], himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths, folder)
    other = folder.with_name("steps")
    for part in parts:
        imported([paths[n] for n in part], other)
    for name in TABLES:
        assert read_table(folder / f"{name}.parquet").equals(read_table(other / f"{name}.parquet")), name


def test_adding_an_earlier_epoch_gives_the_same_series(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths, folder)
    other = folder.with_name("backwards")
    for n in (2, 0, 1):
        imported([paths[n]], other)

    def series(folder: Path) -> list[tuple[str, tuple[float, ...]]]:
        names = table(folder, "lakes").set_index("lake_key")["lake_id"]
        areas = table(folder, "areas").sort_values("date").groupby("lake_key")["area_km2"].agg(tuple)
        return sorted(zip(names.loc[areas.index], areas, strict=True))

    assert series(other) == series(folder)
    lakes = table(other, "lakes")
    assert set(lakes.loc[lakes["lake_id"] == inventories.CONSTANT, "Region"]) == {"East_2020"}


def test_rows_that_differ_need_replace(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths, folder)
    before = contents(folder)
    changed = gpd.read_file(paths[1])
    row = changed.index[changed["GLIMS_ID"] == inventories.GROWING][0]
    changed.loc[row, "geometry"] = changed.geometry[row].buffer(20)
    changed.to_file(paths[1])
    done = imported([paths[1]], folder)
    assert (done.written, done.differing) == (False, 1)
    assert "--replace takes them" in done.report.text
    assert contents(folder) == before
    with pytest.raises(InputError, match="2 rows cannot"):
        import_inventories([paths[1]], folder, ImportOptions(strict=True))
    assert imported([paths[1]], folder, ImportOptions(replace=True)).written
    fresh = folder.with_name("fresh")
    imported(paths, fresh)
    for name in ("areas", "lakes", "events"):
        assert read_table(folder / f"{name}.parquet").equals(read_table(fresh / f"{name}.parquet")), name
    keep = ["lake_key", "date", "area_km2", "geometry"]
    pd.testing.assert_frame_equal(
        *(table(at, "outlines")[keep].sort_values(["lake_key", "date"], ignore_index=True) for at in (folder, fresh))
    )


def test_columns_that_a_user_joined_survive(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths[:2], folder)
    held = read_table(folder / "lakes.parquet")
    write_table(folder / "lakes.parquet", held.append_column("country", [["Nepal"] * len(held)]))
    imported(paths[2:], folder)
    lakes = table(folder, "lakes")
    assert lakes.set_index("lake_id")["country"].to_dict()[inventories.GROWING] == "Nepal"
    assert lakes.loc[lakes["lake_id"] == inventories.NEW, "country"].isna().all()


def test_events_of_others_survive(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths[:2], folder)
    held = read_table(folder / "events.parquet").to_pylist()
    flood = {"lake_key": 0, "date": date(2023, 10, 3), "kind": "flood", "evidence": "a database", "source": "HMAGLOFDB", "origin": None}
    schema = read_table(folder / "events.parquet").schema
    write_table(folder / "events.parquet", schema.empty_table().from_pylist([*held, flood], schema=schema))
    imported(paths[2:], folder)
    assert table(folder, "events")["kind"].tolist().count("flood") == 1


def test_season_moves_nominal_dates_and_stays(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths[:1], folder, ImportOptions(season=Season(5, 7), season_given=True))
    imported(paths[1:], folder)
    assert set(table(folder, "areas")["date"]) == {date(year, 6, 15) for year in inventories.EPOCHS}
    assert read_meta(folder).season == Season(5, 7)


def test_pixel_and_factor_are_kept(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths[:1], folder, ImportOptions(pixel_m=10.0, factor=1.0))
    imported(paths[1:], folder)
    outlines = table(folder, "outlines").merge(table(folder, "areas"), on=["lake_key", "date", "source"])
    np.testing.assert_allclose(outlines["area_sd_km2"], outlines["perimeter_km"] * 0.01)
    assert (read_meta(folder).pixel_m, read_meta(folder).area_sd_factor) == (10.0, 1.0)


def test_one_layer_twice_is_taken_once(himalaya: tuple[list[Path], Path], tmp_path: Path) -> None:
    paths, folder = himalaya
    copy = tmp_path / "in" / "MINI_2000.gpkg"
    gpd.read_file(paths[0]).to_file(copy, driver="GPKG")
    done = imported([*paths, copy], folder)
    assert done.refused == 1
    assert any("26 rows stand alike" in note for note in done.report.facts["notes"])


def test_formats_and_folders_make_no_difference(himalaya: tuple[list[Path], Path], tmp_path: Path) -> None:
    paths, folder = himalaya
    imported(paths, folder)
    for path in paths:
        gpd.read_file(path).to_parquet(tmp_path / f"{path.stem}.parquet")
    done = imported(sorted(tmp_path.glob("*.parquet")), folder)
    assert (done.written, done.differing) == (True, 0)
    assert len(table(folder, "areas")) == 78


def test_a_damaged_dataset_is_not_added_to(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths[:1], folder)
    raw = (folder / "areas.parquet").read_bytes()
    (folder / "areas.parquet").write_bytes(raw[: len(raw) // 2])
    before = contents(folder)
    with pytest.raises(DatasetError):
        import_inventories(paths[1:], folder, ImportOptions())
    assert contents(folder) == before


def test_another_season_moves_the_bare_years_and_adds_nothing(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths, folder)
    before = table(folder, "areas")
    done = imported(paths, folder, ImportOptions(season=Season(6, 8), season_given=True))
    after = table(folder, "areas")
    assert (len(after), done.differing) == (len(before), 0)
    assert set(after["date"]) == set(after["epoch"]) == {date(year, 7, 15) for year in inventories.EPOCHS}
    assert set(table(folder, "outlines")["date"]) == set(after["date"])
    assert "78 observations with a bare year moved" in done.report.text
    imported(paths, folder, ImportOptions(season=Season(9, 11), season_given=True))
    assert table(folder, "areas").equals(before)


def test_another_season_moves_no_day_that_is_known(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths, folder, ImportOptions(dates="image"))
    before = table(folder, "areas")
    imported(paths, folder, ImportOptions(dates="image", season=Season(12, 2), season_given=True))
    after = table(folder, "areas")
    real = ~before["date_nominal"]
    assert real.any()
    assert before.loc[real, "date"].equals(after.loc[real, "date"])
    assert set(after["epoch"]) == {date(year + 1, 1, 15) for year in inventories.EPOCHS}


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "lakes.parquet"
    shapes = inventories.geographic([inventories.lake(500, 3000, 1)], inventories.UTM_45)
    inventories.frame([{"lake_id": "A", "geometry": shapes[0]}], "EPSG:4326").to_parquet(own)
    before = contents(tmp_path)
    with pytest.raises(InputError, match=r"holds lakes\.parquet, which an import would overwrite"):
        import_inventories([own], tmp_path, ImportOptions(date=("2020",)))
    assert contents(tmp_path) == before


@pytest.mark.parametrize("change", [{"factor": 1.0}, {"pixel_m": 10.0}, {"pixel_m": 15.0, "factor": 0.34}])
def test_another_pixel_or_factor_holds_for_every_row(change: dict[str, float], himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    options = ImportOptions(**change)
    imported(paths, folder)
    other = folder.with_name("steps")
    imported(paths, other)
    done = imported(paths[2:], other, options)
    assert done.differing == 0
    assert "mapping errors of the dataset were worked out anew" in done.report.text
    assert read_meta(other).area_sd_factor == change.get("factor", 0.5)
    ratio = change.get("factor", 0.5) / 0.5 * change.get("pixel_m", 30.0) / 30.0
    np.testing.assert_allclose(table(other, "areas")["area_sd_km2"], table(folder, "areas")["area_sd_km2"] * ratio, rtol=1e-12)
    before = contents(other)
    imported(paths, other, options)
    assert contents(other) == before


def test_errors_that_the_input_states_are_nobodys_to_change(tmp_path: Path) -> None:
    shapes = inventories.geographic([inventories.lake(500, 3000, 1), inventories.lake(510, 3000, 1)], inventories.UTM_45)
    rows = [
        {"lake_id": f"L{n}", "area_sd": said, "Area": 1.0, "geometry": s}
        for n, (s, said) in enumerate(zip(shapes, (0.123, None), strict=True))
    ]
    path = tmp_path / "a_2020.geojson"
    path.write_text(inventories.frame(rows, "EPSG:4326").to_json())
    imported([path], tmp_path / "out")
    imported([path], tmp_path / "out", ImportOptions(pixel_m=10.0))
    stated, known = table(tmp_path / "out", "areas")["area_sd_km2"]
    assert stated == 0.123
    assert known == pytest.approx(4 * 0.01 * 0.5, rel=1e-2)
