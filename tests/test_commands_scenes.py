"""`python -m data scenes`: files into a dataset, against plain reading of the same files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.features import rasterize

from data.__main__ import main
from data.checks import dataset_faults
from data.meta import read_meta
from data.rasters.reading import read_bytes
from data.records import Scene
from data.scenes import intake
from data.scenes.headers import Told
from data.scenes.meaning import Meaning
from data.store import Store
from tests.datasets import NAMELESS, TWINS, small_dataset
from tests.scene_files import SIX, numbers, physical, small_grid, write_tiff

STEP = 0.5e-4 + 1e-9
"""Half a step of stored reflectance."""


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return small_dataset(tmp_path / "small")


def lake_id(dataset: Path, key: int) -> str:
    return Store(dataset).ids[key]


def scenes(dataset: Path) -> dict[tuple[int | None, date | None], Scene]:
    store = Store(dataset)
    held = [store.scenes.scene(int(key)) for key in store.scenes.rows["scene_key"]]
    return {(scene.lake_key, scene.date): scene for scene in held if scene is not None}


def test_a_folder_of_scenes_becomes_scenes_of_lakes(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, grid = tmp_path / "in", small_grid(2)
    stored = numbers(6, grid)
    stored[:, :5, :7] = 0
    name = lake_id(dataset, 2)
    write_tiff(folder / f"{name}_2019-10-05.tif", stored, grid)
    write_tiff(folder / f"deep/{name}-20201005.tif", stored + 3, grid)
    for end in ("prob", "pred", "label", "mask"):
        write_tiff(folder / f"{name}_2019-10-05_{end}.tif", stored[:1], grid)
    assert main(["scenes", str(dataset), "--folder", str(folder), "--sensor", "landsat-8"]) == 0
    said = capsys.readouterr().out
    assert "2 scenes to take in, 0 there already; about" in said
    assert "Landsat 8 C2 L2: DN × 0.0000275 − 0.2, DN 0 is no data" in said
    assert "bands in the usual order of Landsat 8 C2 L2: blue, green, red, nir, swir1, swir2" in said
    assert "Left alone: predictions and labels by their names (python -m data masks, labels): 4" in said
    found = scenes(dataset)
    assert set(found) == {(2, date(2019, 10, 5)), (2, date(2020, 10, 5))}
    scene = found[2, date(2019, 10, 5)]
    assert scene.bands == SIX
    assert scene.sensor == "Landsat 8 C2 L2"
    assert scene.pixel_m == pytest.approx(10, abs=0.05)
    assert (scene.valid_share, scene.reason) == (1.0, "ok")
    assert read_meta(dataset).sensors == {"Landsat 8 C2 L2": list(SIX)}
    with rasterio.open(folder / f"{name}_2019-10-05.tif") as source:
        raw = source.read()
    expected = np.where(raw == 0, np.nan, np.clip(raw * 0.0000275 - 0.2, 1e-4, None))
    np.testing.assert_allclose(physical(scene.path), expected, atol=STEP)
    with rasterio.open(scene.path) as written:
        assert written.descriptions == SIX
        assert "MORAINE_SHA256" in written.tags()
        assert (written.transform, written.crs) == (rasterio.Affine(*grid.transform), rasterio.CRS.from_string(grid.crs))
    assert dataset_faults(dataset) == []


@pytest.mark.parametrize(
    ("baseline", "tags", "offset"),
    [
        (None, {"PROCESSING_BASELINE": "05.09"}, 1000),
        (None, {"PROCESSING_BASELINE": "03.01"}, 0),
        (None, {"PRODUCT_URI": "S2B_MSIL2A_20201005T045829_N0400_R119_T45RVL_20201005T083004.SAFE"}, 1000),
        (None, {"PRODUCT_URI": "S2B_MSIL2A_20251005T045829_N0214_R119_T45RVL_20251005T083004.SAFE"}, 0),
        (None, {"BOA_ADD_OFFSET": "-1000", "PROCESSING_BASELINE": "03.01"}, 1000),
        ("04.00", {}, 1000),
        ("02.14", {"PROCESSING_BASELINE": "05.09"}, 0),
        ("harmonised", {"PROCESSING_BASELINE": "05.09"}, 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("day", ["2018-10-05", "2025-10-05"])
def test_sentinel_goes_by_the_baseline_never_by_the_date(
    *, dataset: Path, tmp_path: Path, baseline: str | None, tags: dict[str, str], offset: int, day: str
) -> None:
    grid = small_grid(2, 32)
    stored = numbers(10, grid)
    stored[3, 0, 0] = 0
    write_tiff(tmp_path / f"in/{lake_id(dataset, 2)}_{day}.tif", stored, grid, tags=tags)
    said = ["--baseline", baseline] if baseline else []
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "in"), "--sensor", "sentinel-2", *said]) == 0
    (scene,) = scenes(dataset).values()
    assert scene.bands == ("blue", "green", "red", "rededge1", "rededge2", "rededge3", "nir", "nir08", "swir1", "swir2")
    expected = np.where(stored == 0, np.nan, (stored.astype(float) - offset) / 10000)
    np.testing.assert_allclose(physical(scene.path), expected, atol=STEP)


@pytest.mark.parametrize(
    ("told", "args", "says"),
    [
        ({}, [], "nobody knows what the whole numbers (uint16)"),
        ({}, ["--sensor", "sentinel-2"], "does not tell its processing baseline"),
        ({"tags": {"SENSOR": "LC08_L1TP_140041_2020"}}, [], "nobody knows what the whole numbers"),
        ({}, ["--sensor", "landsat-8", "--bands", "blue,green"], "has 6 bands where 2 are named"),
    ],
)
def test_what_numbers_mean_is_never_guessed(
    *, dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], told: dict[str, Any], args: list[str], says: str
) -> None:
    grid = small_grid(2, 32)
    write_tiff(tmp_path / f"in/{lake_id(dataset, 2)}_2020-10-05.tif", numbers(6, grid), grid, **told)
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "in"), *args]) == 2
    assert says in capsys.readouterr().out
    assert not scenes(dataset)


def test_floats_own_scales_and_the_users_word(dataset: Path, tmp_path: Path) -> None:
    grid, ident = small_grid(2, 32), lake_id(dataset, 2)
    stored = numbers(6, grid)
    floats = (stored / 10000).astype(np.float32)
    floats[2, 4, 4] = np.nan
    floats[:, 9, 9] = -9999
    write_tiff(tmp_path / f"a/{ident}_2018-10-05.tif", floats, grid, SIX, nodata=-9999)
    write_tiff(tmp_path / f"a/{ident}_2019-10-05.tif", stored, grid, SIX, nodata=0, scales=(0.0002,) * 6, offsets=(-0.1,) * 6)
    write_tiff(tmp_path / f"b/{ident}_2020-10-05.tif", stored, grid, [name.upper() for name in SIX])
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "a")]) == 0
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "b"), "--scale", "0.0001", "--offset", "-0.05"]) == 0
    found = scenes(dataset)
    np.testing.assert_allclose(physical(found[2, date(2018, 10, 5)].path), np.where(floats == -9999, np.nan, floats), atol=STEP)
    np.testing.assert_allclose(physical(found[2, date(2019, 10, 5)].path), np.clip(stored * 0.0002 - 0.1, 1e-4, None), atol=STEP)
    np.testing.assert_allclose(physical(found[2, date(2020, 10, 5)].path), np.clip(stored * 0.0001 - 0.05, 1e-4, None), atol=STEP)
    assert {scene.bands for scene in found.values()} == {SIX}


def test_only_what_is_missing_or_changed_is_done(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid, folder = small_grid(2, 32), tmp_path / "in"
    files = [write_tiff(folder / f"{lake_id(dataset, 2)}_{year}-10-05.tif", numbers(6, grid, year), grid, SIX) for year in (2018, 2019)]
    command = ["scenes", str(dataset), "--folder", str(folder), "--sensor", "landsat-8"]
    assert main(command) == 0
    first = scenes(dataset)
    times = {scene.path: scene.path.stat().st_mtime_ns for scene in first.values()}
    table = (dataset / "scenes.parquet").read_bytes()
    capsys.readouterr()
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "0 scenes to take in, 2 there already" in said
    assert "nothing new, nothing changed" in said
    assert (dataset / "scenes.parquet").read_bytes() == table
    write_tiff(files[1], numbers(6, grid, 7), grid, SIX)
    assert main(command) == 0
    assert "1 scene to take in, 1 there already" in capsys.readouterr().out
    after = scenes(dataset)
    assert {key: scene.scene_key for key, scene in after.items()} == {key: scene.scene_key for key, scene in first.items()}
    changed = [scene.path for scene in after.values() if scene.path.stat().st_mtime_ns != times[scene.path]]
    assert changed == [after[2, date(2019, 10, 5)].path]
    np.testing.assert_allclose(physical(changed[0]), np.clip(numbers(6, grid, 7) * 0.0000275 - 0.2, 1e-4, None), atol=STEP)
    changed[0].unlink()
    assert main(command) == 0
    assert changed[0].exists()


def test_an_id_of_several_lakes_is_resolved_by_overlap_or_listed(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = TWINS
    ident = lake_id(dataset, one)
    assert ident == lake_id(dataset, other)
    apart = small_grid(other, 64)
    both = small_grid(one, 1400, 0)
    write_tiff(tmp_path / f"in/{ident}_2018-10-05.tif", numbers(1, apart), apart, ["nir"])
    write_tiff(tmp_path / f"in/{ident}_2019-10-05.tif", numbers(1, both), both, ["nir"])
    write_tiff(tmp_path / "in/GL000001E00001N_2019-10-05.tif", numbers(1, apart), apart, ["nir"])
    far = small_grid(5, 32)
    write_tiff(tmp_path / f"in/{ident}_2020-10-05.tif", numbers(1, far), far, ["nir"])
    write_tiff(tmp_path / f"in/{lake_id(dataset, 5)}.tif", numbers(1, far), far, ["nir"])
    report = tmp_path / "report.txt"
    args = ["scenes", str(dataset), "--folder", str(tmp_path / "in"), "--sensor", "landsat-8", "--report", str(report)]
    assert main(args) == 0
    assert set(scenes(dataset)) == {(other, date(2018, 10, 5))}
    said = capsys.readouterr().out
    assert f"the id {ident} belongs to lakes {one}, {other}, and it shows several of them" in said
    assert "no lake has the id 'GL000001E00001N'" in said
    assert f"it does not cover the outline of lakes {one}, {other}: it shows another place" in said
    assert "its name holds no day" in said
    assert said.splitlines()[2] in report.read_text()


def test_the_share_of_the_lake_with_data_is_told_against_a_plain_count(dataset: Path, tmp_path: Path) -> None:
    grid = small_grid(4, 128)
    store = Store(dataset)
    outline = shapely.from_wkb(store.newest_outlines[4] or b"")
    assert outline is not None
    lake = np.asarray(rasterize([grid.to_pixels(outline)], out_shape=grid.shape, all_touched=True)) > 0
    stored = numbers(6, grid)
    stored[:, :, : grid.width // 2] = 0
    write_tiff(tmp_path / f"in/{store.ids[4]}_2020-10-05.tif", stored, grid, SIX)
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "in"), "--sensor", "landsat-9"]) == 0
    (scene,) = scenes(dataset).values()
    valid = (stored != 0).all(axis=0)
    assert scene.valid_share == pytest.approx(valid[lake].sum() / lake.sum(), abs=1e-12)
    assert scene.reason == "partial"


def test_a_table_lists_files_bands_and_elevation(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = small_grid(NAMELESS, 64)
    coarse = type(grid)(grid.crs, (20, 0, grid.transform[2], 0, -20, grid.transform[5]), 32, 32)
    index = np.linspace(-1, 1, 64 * 64, dtype=np.float32).reshape(1, 64, 64)
    steps = np.arange(32 * 32, dtype=np.float32).reshape(1, 32, 32) / 1024
    write_tiff(tmp_path / "t/ndwi_1991.tif", index, grid)
    write_tiff(tmp_path / "t/ndsi_1991.tif", steps, coarse)
    wide = small_grid(NAMELESS, 256)
    relief = (4000 + np.mgrid[:256, :256][0])[None].astype(np.float32)
    write_tiff(tmp_path / "t/dem.tif", relief, wide)
    write_tiff(tmp_path / "t/free.tif", numbers(4, grid), grid)
    rows = [
        "path,band,lake_key,date,sensor,split,dem,reason",
        f"ndwi_1991.tif,NDWI,{NAMELESS},1991-08-15,TM by hand,test,dem.tif,cloud",
        f"ndsi_1991.tif,NDSI,{NAMELESS},1991-08-15,TM by hand,test,dem.tif,cloud",
        "free.tif,,,,landsat-8,train,,",
        "gone.tif,,2,2020-10-05,landsat-8,,,",
        "free.tif,,2,5/9/2020,landsat-8,,,",
        ",,2,2020-10-05,landsat-8,,,",
    ]
    (tmp_path / "t/list.csv").write_text("\n".join(rows))
    assert main(["scenes", str(dataset), "--table", str(tmp_path / "t/list.csv")]) == 0
    said = capsys.readouterr().out
    assert "gone.tif does not exist" in said
    assert "'5/9/2020' is no day" in said
    assert "list.csv row 7: it names no path" in said
    assert "ndsi_1991.tif: nearest pixels on the grid of the finest file" in said
    found = scenes(dataset)
    assert set(found) == {(NAMELESS, date(1991, 8, 15)), (None, None)}
    scene = found[NAMELESS, date(1991, 8, 15)]
    assert (scene.bands, scene.sensor, scene.split, scene.reason) == (("ndwi", "ndsi"), "TM by hand", "test", "cloud")
    held = physical(scene.path)
    np.testing.assert_array_equal(held[0], index[0])
    np.testing.assert_array_equal(held[1], np.kron(steps[0], np.ones((2, 2))))
    assert scene.dem is not None
    with rasterio.open(scene.dem) as cut:
        x, y = cut.transform @ (0.5, 0.5)
        column, row = ~rasterio.Affine(*wide.transform) @ (x, y)
        np.testing.assert_array_equal(cut.read(1), relief[0, int(row) : int(row) + cut.height, int(column) : int(column) + cut.width])
        assert cut.bounds.left <= grid.transform[2]
        assert cut.height >= 64
    free = found[None, None]
    assert (free.split, free.bands) == ("train", ("blue", "green", "red", "nir"))
    assert dataset_faults(dataset) == []


def test_lakes_and_days_are_chosen(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for key in (2, 3):
        grid = small_grid(key, 32)
        for year in (2018, 2020):
            write_tiff(tmp_path / f"in/{lake_id(dataset, key)}_{year}-10-05.tif", numbers(1, grid), grid, ["nir"])
    args = ["scenes", str(dataset), "--folder", str(tmp_path / "in"), "--sensor", "landsat-8", "--lakes", "#2", "--since", "2019"]
    assert main(args) == 0
    assert set(scenes(dataset)) == {(2, date(2020, 10, 5))}
    assert "Other lakes or days than asked for: 3" in capsys.readouterr().out


def test_the_same_lake_day_and_sensor_twice_is_listed_and_not_taken(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid, ident = small_grid(2, 32), lake_id(dataset, 2)
    for name in (f"{ident}_2020-10-05", f"{ident}-20201005"):
        write_tiff(tmp_path / f"in/{name}.tif", numbers(1, grid), grid, ["nir"])
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "in"), "--sensor", "landsat-8"]) == 2
    assert capsys.readouterr().out.count("shows the same lake on the same day by the same sensor: keep one of them") == 2


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--folder", "x", "--table", "y"], "name one of --folder, --table and --layout"),
        ([], "name one of --folder, --table and --layout"),
        (["--folder", "x", "--root", "y"], "--root goes with --layout only"),
        (["--layout", "pairs"], "--layout needs --root"),
        (["--layout", "pairs", "--root", "x", "--basin", "Arun"], "--basin means nothing to chips"),
        (["--folder", "nowhere"], "nowhere does not exist"),
        (["--folder", "x", "--baseline", "new"], "--baseline 'new' is none"),
        (["--folder", "x", "--bands", "red,,nir"], "empty or a repeated name"),
        (["--folder", "x", "--scale", "0"], "--scale 0 makes no sense"),
        (["--folder", "x", "--dem", "nowhere.tif"], "--dem nowhere.tif does not exist"),
    ],
)
def test_options_that_make_no_sense_are_errors(dataset: Path, capsys: pytest.CaptureFixture[str], args: list[str], says: str) -> None:
    assert main(["scenes", str(dataset), *args]) == 2
    assert says in capsys.readouterr().err


def test_bad_files_are_listed_and_the_rest_is_taken(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid, ident = small_grid(2, 32), lake_id(dataset, 2)
    write_tiff(tmp_path / f"in/{ident}_2018-10-05.tif", numbers(1, grid), grid, ["nir"])
    whole = write_tiff(tmp_path / f"in/{ident}_2019-10-05.tif", numbers(6, small_grid(2, 128)), small_grid(2, 128), SIX)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (tmp_path / f"in/{ident}_2020-10-05.tif").write_text("no raster")
    write_tiff(tmp_path / f"in/{ident}_2021-10-05.tif", numbers(1, grid), type(grid)("", grid.transform, 32, 32), ["nir"])
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "in"), "--sensor", "landsat-8"]) == 0
    assert set(scenes(dataset)) == {(2, date(2018, 10, 5))}
    said = capsys.readouterr().out
    assert "Refused: 3" in said
    assert "it has no coordinate reference system" in said


def test_one_name_of_a_sensor_stands_for_one_list_of_bands(dataset: Path, tmp_path: Path) -> None:
    grid, ident = small_grid(2, 32), lake_id(dataset, 2)
    write_tiff(tmp_path / f"in/{ident}_2018-10-05.tif", numbers(6, grid), grid)
    write_tiff(tmp_path / f"in/{ident}_2019-10-05.tif", numbers(4, grid), grid)
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "in"), "--sensor", "landsat-8"]) == 0
    assert read_meta(dataset).sensors == {"Landsat 8 C2 L2": list(SIX), "Landsat 8 C2 L2 (4 bands)": list(SIX[:4])}


def test_a_run_that_is_cut_short_goes_on_where_it_was(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    grid, ident = small_grid(2, 32), lake_id(dataset, 2)
    for year in range(2016, 2023):
        write_tiff(tmp_path / f"in/{ident}_{year}-10-05.tif", numbers(6, grid, year), grid)
    monkeypatch.setattr(intake, "BATCH", 2)
    read = intake.pixels

    def killed(told: Told, means: tuple[Meaning, ...]) -> intake.Pixels:
        if "2021" in told.headers[0].path.name:
            raise KeyboardInterrupt
        return read(told, means)

    command = ["scenes", str(dataset), "--folder", str(tmp_path / "in"), "--sensor", "landsat-8"]
    monkeypatch.setattr(intake, "pixels", killed)
    assert main(command) == 130
    assert len(scenes(dataset)) == 5
    monkeypatch.setattr(intake, "pixels", read)
    capsys.readouterr()
    assert main(command) == 0
    assert "2 scenes to take in, 5 there already" in capsys.readouterr().out
    assert len(scenes(dataset)) == 7
    assert dataset_faults(dataset) == []


def test_a_scene_named_anew_keeps_its_key(dataset: Path, tmp_path: Path) -> None:
    """The sensor was not said the first time."""
    grid, ident = small_grid(2, 32), lake_id(dataset, 2)
    write_tiff(tmp_path / f"in/{ident}_2020-10-05.tif", numbers(6, grid).astype(np.float32) / 20000, grid, SIX)
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "in")]) == 0
    (first,) = scenes(dataset).values()
    assert first.sensor == "sensor not stated"
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "in"), "--sensor", "Planet"]) == 0
    (second,) = scenes(dataset).values()
    assert (second.scene_key, second.path, second.sensor) == (first.scene_key, first.path, "Planet")


def test_masks_of_the_same_folder_find_the_scenes_taken_in(dataset: Path, tmp_path: Path) -> None:
    grid, ident = small_grid(2, 64), lake_id(dataset, 2)
    water = np.zeros((1, 64, 64), np.float32)
    water[0, 20:44, 20:44] = 0.9
    write_tiff(tmp_path / f"in/{ident}_2020-10-05.tif", numbers(6, grid), grid)
    write_tiff(tmp_path / f"in/{ident}_2020-10-05_prob.tif", water, grid)
    assert main(["scenes", str(dataset), "--folder", str(tmp_path / "in"), "--sensor", "landsat-8"]) == 0
    assert main(["masks", str(dataset), "--folder", str(tmp_path / "in"), "--source", "elsewhere"]) == 0
    (scene,) = scenes(dataset).values()
    np.testing.assert_array_equal(read_bytes(scene.masks["elsewhere"])[0] > 100, water[0] > 0.5)
    assert dataset_faults(dataset) == []
