"""Scenes become the colours that their numbers say."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from PIL import Image

from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.writing import write_floats, write_scene
from modules.image_urls import detail_url, scene_url, thumb_url
from modules.images.colours import HATCH, NO_DATA, diverging
from modules.images.pixels import Pixels
from modules.images.rendering import GAMMA, Painter, ratio
from modules.images.stretch import PERCENTILES, Stretches
from tests.image_cases import LAKE, YEARS, Served, plain_chip, plain_dataset, write_cases
from tests.image_cases import Case as Row
from tests.scene_dataset import BANDS, ROCK, SENSOR, WATER, lake_grid, lake_water


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(plain_dataset(tmp_path_factory.mktemp("rendering") / "plain"))


def opened(answer: tuple[int, dict[str, str], bytes]) -> np.ndarray:
    status, headers, body = answer
    assert (status, headers["content-type"]) == (200, "image/jpeg"), body
    return np.asarray(Image.open(io.BytesIO(body)).convert("RGB")).astype(int)


def expected_limits(places: tuple[int, ...]) -> np.ndarray:
    """The oracle: percentiles of every pixel of every date, in float64."""
    chips = [np.rint(plain_chip(lake_water(LAKE, year), 1.5 if n == 1 else 1.0) / 0.001) * 0.001 for n, year in enumerate(YEARS)]
    return np.array([np.percentile(np.concatenate([chip[place].ravel() for chip in chips]), PERCENTILES) for place in places])


@pytest.mark.parametrize(("look", "places"), [("true", (2, 1, 0)), ("false", (3, 2, 1)), ("swir2.nir.blue", (5, 3, 0))])
def test_colours_are_the_stretched_numbers(served: Served, look: str, places: tuple[int, ...]) -> None:
    limits = expected_limits(places)
    for key, year in enumerate(YEARS):
        shown = opened(served.get(scene_url(served.store, served.scene(key), look)))
        chip = plain_chip(lake_water(LAKE, year), 1.5 if key == 1 else 1.0)[list(places)]
        grey = np.clip((chip - limits[:, :1, None]) / (limits[:, 1:, None] - limits[:, :1, None]), 0, 1) ** (1 / GAMMA) * 255
        difference = np.abs(shown - grey.transpose(1, 2, 0))
        assert np.percentile(difference, 90) <= 6, "JPEG at quality 85"
        assert difference.mean() <= 3


def test_a_lake_is_drawn_alike_on_all_its_dates(served: Served) -> None:
    """The middle date is half as bright again: that must show, and the water, the same on all three, must look the same."""
    shown = [opened(served.get(scene_url(served.store, served.scene(key), "true"))) for key in range(3)]
    rock = [picture[300:, 60:160].mean() for picture in shown]
    water = [picture[245:260, 245:260].mean() for picture in shown]
    assert rock[1] > rock[0] + 40
    assert abs(rock[2] - rock[0]) < 2
    assert max(water) - min(water) < 2


def test_limits_leave_out_cloudy_missing_and_damaged_dates(served: Served, tmp_path: Path) -> None:
    grid, rows = lake_grid(LAKE), []
    for n, (reason, brightness) in enumerate([("ok", 1.0), ("cloud", 9.0), ("ok", 1.0), ("ok", 1.0)]):
        path = tmp_path / f"scenes/{n}.tif"
        rows.append(Row(n, f"scenes/{n}.tif", LAKE, date(2016 + n, 10, 15), SENSOR, reason))
        if n != 2:
            write_scene(path, plain_chip(lake_water(LAKE, 2016), brightness), BANDS, grid, scale=0.001)
    (tmp_path / "scenes/3.tif").write_bytes((tmp_path / "scenes/3.tif").read_bytes()[:2000])
    other = Served(write_cases(tmp_path, rows, {SENSOR: list(BANDS)}))
    found = Stretches(Pixels()).limits(other.store, other.scene(1), ["red"])
    chip = plain_chip(lake_water(LAKE, 2016))[2]
    np.testing.assert_allclose(found[0], np.percentile(chip, PERCENTILES), atol=0.003)


def test_pictures_and_thumbnails_of_small_scenes_are_made_of_one_reading(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modules.images.stretch.SIDE", 512)
    opened_files: Counter[str] = Counter()
    really = rasterio.open

    def spy(path: Path, *args: Any, **more: Any) -> Any:
        opened_files[Path(path).parent.name] += 1
        return really(path, *args, **more)

    monkeypatch.setattr(rasterio, "open", spy)
    fresh, store = Served(served.store.path), served.store
    for key in range(3):
        assert fresh.get(scene_url(store, served.scene(key), "true"))[0] == 200
    before = opened_files["scenes"]
    assert before <= 4, "three dates, and the header of the first"
    for key in range(3):
        assert fresh.get(thumb_url(store, served.scene(key), "true", None))[0] == 200
    assert opened_files["scenes"] == before


@pytest.mark.parametrize(("look", "place"), [("ndwi", 3), ("mndwi", 4)])
def test_an_index_has_the_colour_of_its_value(served: Served, look: str, place: int) -> None:
    shown = opened(served.get(scene_url(served.store, served.scene(0), look)))
    for colour, (row, column) in ((WATER, (256, 256)), (ROCK, (400, 100))):
        value = (colour[1] - colour[place]) / (colour[1] + colour[place])
        wanted = diverging()[round((value + 1) * 127.5)].astype(int)
        assert np.abs(shown[row - 4 : row + 4, column - 4 : column + 4] - wanted).max() <= 8


def test_a_ratio_without_a_sum_is_no_number() -> None:
    found = ratio(np.float32([[0, 1, -1, np.nan, 0.5]]), np.float32([[0, 0, 0.5, 1, -0.4]]))
    np.testing.assert_array_equal(found, np.float32([[np.nan, 1, np.nan, np.nan, 1]]))


def test_a_detail_is_that_part_of_the_scene(served: Served) -> None:
    whole = Painter(Pixels()).whole(served.store, served.scene(0), "true")
    cold = Painter(Pixels()).part(served.store, served.scene(0), "true", (200, 210, 300, 290))
    np.testing.assert_array_equal(cold, whole[210:290, 200:300])
    address = detail_url(served.store, served.scene(0), "true")
    assert opened(served.get(address.replace("WINDOW", "200_210_300_290"))).shape == (80, 100, 3)
    assert opened(served.get(address.replace("WINDOW", "-50_-50_30_20"))).shape == (20, 30, 3)
    for empty in ("10_10_10_40", "10_10_5_40", "600_600_700_700", "-9_-9_-1_-1"):
        status, headers, body = served.get(address.replace("WINDOW", empty))
        assert (status, headers["cache-control"]) == (422, "no-store")
        assert b"no pixel" in body


def test_a_large_scene_is_shown_small_and_its_parts_at_full_size(tmp_path: Path) -> None:
    grid = Grid("EPSG:32645", (10, 0, 400_000, 0, -10, 3_050_000), 2600, 1300)
    values = np.zeros((1, 1300, 2600), np.float32) + np.linspace(0, 1, 2600, dtype=np.float32)
    write_floats(tmp_path / "scenes/large.tif", values, ["brightness"], grid)
    large = Served(write_cases(tmp_path, [Row(0, "scenes/large.tif", None)]))
    whole = opened(large.get(scene_url(large.store, large.scene(0), "true")))
    assert whole.shape == (512, 1024, 3)
    assert np.all(np.diff(whole[200, 40:-40, 0]) > -3)
    part = detail_url(large.store, large.scene(0), "true").replace("WINDOW", "1000_100_1300_400")
    assert opened(large.get(part)).shape == (300, 300, 3)
    assert opened(large.get(part.replace("1000_100_1300_400", "0_0_2600_1300"))).shape == (1024, 2048, 3)


def test_gaps_are_hatched(tmp_path: Path) -> None:
    values = plain_chip(lake_water(LAKE, 2016))
    values[:, 100:200, 100:200] = np.nan
    write_scene(tmp_path / "scenes/a.tif", values, BANDS, lake_grid(LAKE))
    gaps = Served(write_cases(tmp_path, [Row(0, "scenes/a.tif", LAKE, date(2016, 10, 15), SENSOR)], {SENSOR: list(BANDS)}))
    for look in ("true", "ndwi"):
        found = Painter(Pixels()).whole(gaps.store, gaps.scene(0), look)
        assert {tuple(colour) for colour in found[100:200, 100:200].reshape(-1, 3).tolist()} == {NO_DATA, HATCH}
        assert not (found[300:] == NO_DATA).all(axis=-1).any()


def test_bands_are_taken_by_name_in_whatever_order_the_file_has_them(served: Served, tmp_path: Path) -> None:
    turned = tuple(reversed(BANDS))
    write_scene(tmp_path / "t.tif", plain_chip(lake_water(LAKE, 2016))[::-1], turned, lake_grid(LAKE), scale=0.001)
    scene = replace(served.scene(0), path=tmp_path / "t.tif")
    painter = Painter(Pixels())
    np.testing.assert_array_equal(painter.whole(served.store, scene, "true"), painter.whole(served.store, served.scene(0), "true"))


def test_eight_bit_colours_are_shown_as_they_are(tmp_path: Path) -> None:
    import rasterio

    colours = np.zeros((3, 64, 64), np.uint8)
    colours[0, :, :32], colours[1, 32:], colours[2] = 200, 90, 40
    with rasterio.open(
        tmp_path / "rgb.tif",
        "w",
        driver="GTiff",
        width=64,
        height=64,
        count=3,
        dtype="uint8",
        crs="EPSG:32645",
        transform=(10, 0, 400_000, 0, -10, 3_000_000),
    ) as dataset:
        dataset.write(colours)
    chip = Served(write_cases(tmp_path, [Row(0, "rgb.tif", None)]))
    found = Painter(Pixels()).whole(chip.store, chip.scene(0), "true").astype(int)
    assert np.abs(found - colours.transpose(1, 2, 0)).max() <= 1
    with pytest.raises(RasterError, match="no band green, nir"):
        Painter(Pixels()).whole(chip.store, chip.scene(0), "ndwi")
