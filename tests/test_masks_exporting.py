"""Masks taken away: read by others' libraries, in their place on the ground, with what made them; the mask intake takes them."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from rasterio.io import MemoryFile

from data.errors import RasterError
from data.masks.exporting import mask_geojson, mask_geotiff
from data.masks.values import meaning, probabilities
from data.rasters.grid import Grid
from data.rasters.probability import UNKNOWN
from tests.scene_dataset import lake_grid

GRID = Grid("EPSG:32645", lake_grid(3).transform, 40, 30)
TURNED = Grid("EPSG:32645", (8.0, 3.0, 500000.0, 3.0, -8.0, 3100000.0), 40, 30)


def lake() -> np.ndarray:
    water = np.zeros((30, 40), dtype=bool)
    water[5:20, 10:30] = True
    water[9:12, 15:20] = False  # an island
    return water


@pytest.mark.parametrize("grid", [GRID, TURNED], ids=["north up", "turned"])
def test_the_geotiff_has_its_place_its_values_and_its_tags(grid: Grid) -> None:
    mask = lake().astype(np.uint8) * 200
    mask[0, :] = UNKNOWN
    with MemoryFile(mask_geotiff(mask, grid, {"model": "unet", "simulated": "yes"})) as file, file.open() as read:
        values = read.read(1)
        assert read.crs.to_epsg() == 32645
        assert tuple(read.transform)[:6] == grid.transform
        assert (read.tags()["MODEL"], read.tags()["SIMULATED"]) == ("unet", "yes")
        assert (read.nodata, read.descriptions) == (255, ("water",))
    assert set(np.unique(values).tolist()) == {0, 1, 255}
    np.testing.assert_array_equal(values == 1, lake())
    np.testing.assert_array_equal(values == 255, mask == UNKNOWN)


def test_the_mask_intake_takes_it_as_binary(tmp_path: Path) -> None:
    path = tmp_path / "GL1_2020-10-15_pred.tif"
    path.write_bytes(mask_geotiff(lake().astype(np.uint8) * 200, GRID, {}))
    means = meaning([path])
    assert means.binary
    np.testing.assert_array_equal(probabilities(path, means) == 1, lake())


@pytest.mark.parametrize("grid", [GRID, TURNED], ids=["north up", "turned"])
def test_the_geojson_has_the_area_of_the_pixels_and_its_holes(grid: Grid) -> None:
    pond = np.zeros((30, 40), dtype=bool)
    pond[25:27, 2:5] = True
    told = {"model": "unet", "threshold": 0.5, "edited_by_hand": False, "simulated": True}
    made = json.loads(mask_geojson({"lake": lake(), "other water": pond, "nothing": pond & ~pond}, grid, told))
    frame = gpd.GeoDataFrame.from_features(made["features"], crs=4326)
    assert frame["part"].tolist() == ["lake", "other water"]
    assert (frame["model"].unique().tolist(), frame["simulated"].all()) == (["unet"], True)
    pixel = abs(grid.transform[0] * grid.transform[4] - grid.transform[1] * grid.transform[3])
    area = frame.to_crs(32645).area
    np.testing.assert_allclose(area, [lake().sum() * pixel, pond.sum() * pixel], rtol=1e-3)
    polygon = shapely.get_parts(frame.geometry.iloc[0])[0]
    assert len(polygon.interiors) == 1
    assert polygon.exterior.is_ccw, "RFC 7946: exteriors run against the clock"


def test_without_a_place_there_is_no_geojson() -> None:
    with pytest.raises(RasterError, match="no coordinate reference system"):
        mask_geojson({"lake": lake()}, Grid("", GRID.transform, 40, 30), {})
    with MemoryFile(mask_geotiff(lake().astype(np.uint8), Grid("", GRID.transform, 40, 30), {})) as file, file.open() as read:
        assert read.crs is None
