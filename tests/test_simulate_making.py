"""The images of the simulated basin: the same bytes however they are made, and agreeing with every table to the pixel."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from data.errors import DatasetError
from data.rasters.own import own_water
from data.rasters.probability import UNKNOWN, water
from data.rasters.reading import header, read
from data.rasters.vectors import water_shape
from data.records import Scene
from data.scene_table import LABEL
from data.shoreline import shoreline_clock
from data.simulate import SOURCE, Plan
from data.simulate.chips import BANDS, KINDS
from data.simulate.making import clear_leftovers, make_scenes, scenes_missing
from data.simulate.painting import paint, paint_each
from data.spreading.hands import Alone
from data.store import Store
from tests.basin import FULL, SMALL, digests, frame, full, small_basin, some_lakes

UNSEEN = ("cloud", "shadow", "snow_or_ice", "partial")
SHORE = 0.5
"""px of area for each px of shore: what rasterising an outline may cost."""


def stored(path: Path) -> np.ndarray:
    with rasterio.open(path) as opened:
        return opened.read(1)


def lake_of(store: Store, scene: Scene) -> shapely.Geometry:
    """The inventory outline in pixels of the scene."""
    assert scene.lake_key is not None
    row = store.row_of(scene.lake_key)
    assert row is not None
    return header(scene.path).grid.to_pixels(shapely.from_wkb(store.newest_outlines[row]))


@pytest.fixture(scope="module")
def basin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("basin") / "one"
    assert small_basin(folder) == [SMALL.years] * SMALL.scenes
    return folder


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the default basin: lakes with a falsified year, and lakes that something else than cloud hid; not the largest, for speed."""
    world, _ = full()
    shots, small = world.shots, [int(row) for row in world.rows if world.truth.area[row].max() < 1]
    falsified = [row for row in small if (shots.planted[row] != "none").any()]
    why = {reason: [row for row in small if ((shots.reason[row] == reason) & shots.mapped[row]).any()] for reason in UNSEEN}
    rows = [*falsified[:6], *(row for some in why.values() for row in some[:2])]
    folder = tmp_path_factory.mktemp("basin") / "odd"
    some_lakes(folder, list(dict.fromkeys(rows)))
    return folder


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_workers(basin: Path, tmp_path: Path) -> None:
    made = small_basin(tmp_path / "two", workers=2)
    assert sum(made) == SMALL.years * SMALL.scenes
    first, second = digests(basin), digests(tmp_path / "two")
    assert first == second
    assert sum(name.startswith("scenes/") for name in first) == SMALL.years * SMALL.scenes
    assert scenes_missing(basin) == (0, SMALL.years * SMALL.scenes)


def test_fewer_scenes_are_some_of_the_same(basin: Path, tmp_path: Path) -> None:
    small_basin(tmp_path / "few", plan=Plan(**{**vars(SMALL), "scenes": 2}))
    images = {name: digest for name, digest in digests(tmp_path / "few").items() if "/" in name}
    assert images.items() <= digests(basin).items()
    assert sum(name.startswith("scenes/") for name in images) == 2 * SMALL.years


def test_only_what_is_missing_is_made_and_leftovers_are_cleared(basin: Path, tmp_path: Path) -> None:
    before = digests(basin)
    masks = sorted(name for name in before if name.startswith("masks/"))
    gone = [next(name for name in before if name.startswith("scenes/")), masks[-1]]
    for name in gone:
        (basin / name).unlink()
    times = {path: path.stat().st_mtime_ns for path in basin.rglob("*.tif")}
    left = basin / "scenes" / ".half.tif.x.partial"
    left.write_text("half")
    clear_leftovers(basin)
    made: list[int] = []
    make_scenes(basin, Alone(), made.append)
    assert not left.exists()
    assert sum(made) == 1
    assert digests(basin) == before
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_images_leave_the_datasets_digest_alone(basin: Path, tmp_path: Path) -> None:
    from data.simulate import write_simulated

    write_simulated(tmp_path / "tables", SMALL)
    assert Store(tmp_path / "tables").digest == Store(basin).digest


def test_another_simulator_is_refused(tmp_path: Path) -> None:
    small_basin(tmp_path / "d", plan=Plan(**{**vars(SMALL), "scenes": 1}))
    about = tmp_path / "d" / "simulation.json"
    about.write_text(about.read_text().replace('"simulator": "', '"simulator": "0'))
    with pytest.raises(DatasetError, match="another version"):
        make_scenes(tmp_path / "d", Alone(), print)
    about.unlink()
    with pytest.raises(DatasetError, match="missing or damaged"):
        make_scenes(tmp_path / "d", Alone(), print)


def test_rasters_are_as_they_should_be(basin: Path) -> None:
    store = Store(basin)
    for scene in store.scenes.of_lake(int(store.scenes.lakes[0])):
        with rasterio.open(scene.path) as opened:
            assert opened.dtypes == ("uint16",) * 6
            assert opened.descriptions == BANDS == scene.bands
            assert opened.block_shapes == [(128, 128)] * 6
            assert opened.overviews(1) == [2]
            assert set(opened.scales) == {0.001}
            assert opened.compression.value == "DEFLATE"
            assert min(opened.shape) >= 256
            grid = (opened.crs, opened.transform, opened.shape)
        for path in (*scene.masks.values(), scene.dem):
            assert path is not None
            with rasterio.open(path) as opened:
                assert (opened.crs, opened.transform, opened.shape) == grid
        dem = read(scene.dem).values[0] if scene.dem else None
        assert dem is not None
        assert np.ptp(dem) > 100


def check_areas(folder: Path) -> dict[str, float]:
    """Every stored mask against its rows; returns the worst deviation by source, px of area for each px of shore."""
    store, rows = Store(folder), frame(folder, "areas").dropna(subset="scene_key")
    truth = frame(folder, "truth_scenes").set_index("scene_key")
    worst = {LABEL: 0.0, SOURCE: 0.0}
    for row in rows.itertuples():
        scene = store.scenes.scene(int(row.scene_key))
        assert scene is not None
        if not scene.path.exists():
            continue
        mask, grid = stored(scene.masks[row.source]), header(scene.path).grid
        own = own_water(water(mask), lake_of(store, scene))
        shore = water_shape(own).length if own.any() else 4.0
        worst[row.source] = max(worst[row.source], abs(own.sum() - row.area_km2 / grid.pixel_km2) / shore)
        assert (row.lake_key, row.sensor) == (scene.lake_key, scene.sensor)
        assert row.date.date() == scene.date
        if row.source == LABEL:
            assert set(np.unique(mask)) <= {0, 200}
            assert row.area_km2 == truth.loc[scene.scene_key, "true_km2"]
        else:
            assert row.area_km2 == truth.loc[scene.scene_key, "mapper_km2"]
            assert row.reason in {scene.reason, "empty"}
            assert row.valid_share == pytest.approx(scene.valid_share)
    return worst


def test_areas_are_those_of_the_stored_masks(basin: Path, odd: Path) -> None:
    for folder in (basin, odd):
        assert max(check_areas(folder).values()) <= SHORE


def test_what_hides_the_lake_hides_the_share_that_the_tables_say(odd: Path) -> None:
    store = Store(odd)
    seen: dict[str, int] = {}
    for told in frame(odd, "truth_scenes").itertuples():
        scene = store.scenes.scene(told.scene_key)
        assert scene is not None
        assert scene.valid_share == pytest.approx(1 - told.hidden_share, abs=1e-9)
        if not scene.path.exists() or told.reason in {"ok", "empty"} or SOURCE not in scene.masks:
            continue
        seen[told.reason] = seen.get(told.reason, 0) + 1
        lake = own_water(water(stored(scene.masks[LABEL])), lake_of(store, scene))
        unknown = stored(scene.masks[SOURCE]) == UNKNOWN
        assert abs(unknown[lake].sum() - told.hidden_share * lake.sum()) <= 1 + 0.01 * lake.sum()
        image = read(scene.path).values
        if told.reason == "partial":
            assert "Landsat-7" in scene.sensor
            assert (np.isnan(image[0])[lake] == unknown[lake]).all()
    assert seen.keys() == set(UNSEEN)


def test_a_year_without_a_row_has_an_image_that_says_why(basin: Path, odd: Path) -> None:
    for folder in (basin, odd):
        told = frame(folder, "truth_scenes")
        lost = told[told["mapper_km2"].isna()]
        assert len(lost)
        assert (lost["reason"] == "cloud").all()
        assert (lost["hidden_share"] > 0.9).all()
        assert not set(lost["scene_key"]) & set(frame(folder, "areas").query("source == @SOURCE")["scene_key"].dropna())
        assert not set(lost["scene_key"]) & set(frame(folder, "masks").query("source == @SOURCE")["scene_key"])


def test_a_falsified_year_shows_why(odd: Path) -> None:
    """Where the mapper took shadow for water the ground is dark; where it missed water that is ice."""
    store, planted = Store(odd), frame(odd, "truth_scenes").query("planted != 'none'")
    found: set[str] = set()
    for told in planted.itertuples():
        scene = store.scenes.scene(told.scene_key)
        assert scene is not None
        if not scene.path.exists():
            continue
        found.add(told.planted)
        lake = lake_of(store, scene)
        true, drawn = (own_water(water(stored(scene.masks[source])), lake) for source in (LABEL, SOURCE))
        assert abs(np.log(drawn.sum() / true.sum())) > 0.3
        job = full()[1].job(told.lake_key)
        step = [sight.scene_key for sight in job.sights].index(told.scene_key)
        first = (job.sights[step], *job.sights[:step], *job.sights[step + 1 :])
        kind = next(paint_each(job.place, first)[1]).kind
        veil = [KINDS.index("cloud"), KINDS.index("cloud_shadow"), KINDS.index("shadow")]
        if told.planted == "shadow_as_water":
            assert drawn.sum() > true.sum()
            assert np.isin(kind[drawn & ~true], veil).mean() > 0.5
        else:
            assert drawn.sum() < true.sum()
            assert np.isin(kind[true & ~drawn], [KINDS.index("lake_ice"), *veil]).mean() > 0.8
    assert found == {"shadow_as_water", "ice_missed"}


def test_one_sided_growth_of_known_azimuth_is_recovered_from_the_masks(tmp_path: Path) -> None:
    """From the first and last stored truth mask of every lake whose growth is four times its mapping error; prints the worst."""
    world, _ = full()
    truth = world.truth.frame
    sided = [int(row) for row in world.rows if truth["one_sided"][row] and truth["kind"][row] in {"growing", "outlier", "gappy"}]
    some_lakes(tmp_path / "d", sided[::4], dates=slice(None, None, FULL.years - 1))
    store, planted = Store(tmp_path / "d"), frame(tmp_path / "d", "truth").set_index("lake_key")["growth_azimuth"]
    off: list[float] = []
    for row in sided[::4]:
        scenes = store.scenes.of_lake(row)
        first, last = (
            header(scene.path).grid.to_lonlat(water_shape(own_water(water(stored(scene.masks[LABEL])), lake_of(store, scene))))
            for scene in (scenes[0], scenes[-1])
        )
        clock = shoreline_clock(first, last, 10.0)
        if clock.net_km2 > 4 * np.hypot.reduce(clock.sd_km2):
            off.append(abs((clock.direction - planted[row] + 180) % 360 - 180))
    print(f"one-sided growth: {len(off)} of {len(sided[::4])} lakes, worst {max(off):.1f} degrees, median {np.median(off):.1f}")
    assert len(off) >= 0.8 * len(sided[::4]) >= 8
    assert max(off) < 10


def test_light_and_registration_are_those_of_the_truth_table(odd: Path) -> None:
    told = frame(odd, "truth_scenes").set_index("scene_key")
    job = full()[1].job(int(full()[0].rows[0]))
    for sight, chip in zip(job.sights[:3], paint(job.place, job.sights).chips[:3], strict=True):
        row = told.loc[sight.scene_key]
        assert (row["sun_elevation"], row["sun_azimuth"]) == pytest.approx((chip.sun_elevation, chip.sun_azimuth), abs=0.03)
        assert (row["shift_x_px"], row["shift_y_px"]) == sight.shift_px
        assert row["haze"] == sight.haze
    assert told["sun_elevation"].between(20, 60).all()
    assert isinstance(pd.Timestamp(told["date"].iloc[0]).date(), date)
