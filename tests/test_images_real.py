"""Real images: three chips of reflectance with their masks, and the index rasters of Jökulsárlón 1991 over its relief."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from PIL import Image
from rasterio.features import rasterize
from scipy.spatial import cKDTree

from modules.image_urls import ground_url, mask_url, pair_url, rings_url, scene_url, thumb_url
from modules.images.colours import NO_DATA, diverging
from tests.image_cases import Served
from tests.real_scenes import CLASSES, chip_dataset, lagoon_dataset, lagoon_outline, real_chips


def picture(served: Served, address: str) -> np.ndarray:
    status, _, body = served.get(address)
    assert status == 200, body
    return np.asarray(Image.open(io.BytesIO(body)).convert("RGB")).astype(int)


def index_of(shown: np.ndarray) -> np.ndarray:
    """(H, W) the value whose colour is nearest: the map read backwards."""
    _, nearest = cKDTree(diverging().astype(float)).query(shown.reshape(-1, 3))
    return nearest.reshape(shown.shape[:2]) / 127.5 - 1


@pytest.fixture(scope="module")
def chips(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Served, list[dict[str, np.ndarray]]]:
    return Served(chip_dataset(tmp_path_factory.mktemp("real") / "chips", real_data)), real_chips(real_data)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("key", range(3))
def test_real_chips_look_right(chips: tuple[Served, list[dict[str, np.ndarray]]], key: int) -> None:
    served, held = chips
    scene, chip, classes = served.scene(key), held[key]["img"], held[key]["msk"]
    true = picture(served, scene_url(served.store, scene, "true"))
    assert true.shape == (512, 512, 3)
    grey = true.mean(axis=-1)
    for bright in ("snow", "cloud"):
        if (classes == CLASSES[bright]).sum() > 500:
            assert np.median(grey[classes == CLASSES[bright]]) > np.median(grey[classes == CLASSES["water"]]) + 30, bright
    assert 20 < grey.std() < 110, "neither flat nor black and white"
    ndwi = index_of(picture(served, scene_url(served.store, scene, "ndwi")))
    green, nir = chip[1].astype(float), chip[3].astype(float)
    expected = np.clip((green - nir) / (green + nir), -1, 1)
    assert np.median(np.abs(ndwi - expected)) < 0.05
    mask = np.asarray(Image.open(io.BytesIO(served.get(mask_url(served.store, scene, "label"))[2])).convert("RGBA"))[..., 3] == 255
    np.testing.assert_array_equal(mask, classes == CLASSES["water"])
    rings = json.loads(gzip.decompress(served.get(rings_url(served.store, scene, "label"))[2]))
    area = sum(shapely.Polygon(ring).area * (1 if shapely.LinearRing(ring).is_ccw else -1) for ring in rings["own"])
    assert abs(area) == (classes == CLASSES["water"]).sum()
    assert picture(served, thumb_url(served.store, scene, "false", "label")).shape == (128, 128, 3)
    told = json.loads(gzip.decompress(served.get(ground_url(served.store, scene))[2]))
    assert (told["lake"], told["outlines"], told["north"]) == (None, [], None)


@pytest.fixture(scope="module")
def lagoon(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Served, np.ndarray, np.ndarray]:
    """Jökulsárlón as lake LAKE: its dataset, where its outline of 1991 lies on the scene, and the scene's NDWI."""
    folder = lagoon_dataset(tmp_path_factory.mktemp("real") / "lagoon", real_data)
    with rasterio.open(folder / "scenes/1991.tif") as dataset:
        shape, transform, ndwi = dataset.shape, dataset.transform, dataset.read(1)
        outline = lagoon_outline(real_data, 1991).to_crs(dataset.crs)
    return Served(folder), rasterize(outline, out_shape=shape, transform=transform).astype(bool), ndwi


def test_indices_alone_are_shown_in_grey_and_by_their_own_map(lagoon: tuple[Served, np.ndarray, np.ndarray]) -> None:
    served, inside, stored = lagoon
    true = picture(served, scene_url(served.store, served.scene(0), "true"))
    assert true.shape == (902, 713, 3)
    drawn = ~np.isnan(stored)
    assert np.abs(true[drawn] - true[drawn].mean(axis=-1, keepdims=True)).max() <= 12, "brightness, in grey"
    ndwi = index_of(picture(served, scene_url(served.store, served.scene(0), "ndwi")))
    assert np.nanmedian(np.abs(ndwi - np.clip(stored, -1, 1))[drawn]) < 0.04
    assert np.median(ndwi[inside & drawn]) > np.median(ndwi[~inside & drawn]) + 0.15, "the outline of 1991 lies over the water of 1991"
    status, _, body = served.get(scene_url(served.store, served.scene(0), "false"))
    assert status == 422
    assert b"no band nir, red, green" in body


def test_its_outlines_and_relief_lie_on_it(lagoon: tuple[Served, np.ndarray, np.ndarray]) -> None:
    served, inside, _ = lagoon
    told = json.loads(gzip.decompress(served.get(ground_url(served.store, served.scene(0)))[2]))
    assert told["pixel_m"] == pytest.approx(30, abs=0.1)
    assert [outline["date"] for outline in told["outlines"]] == ["1991-08-15", "2010-08-15"]
    polygon = shapely.Polygon(told["outlines"][0]["rings"][0], told["outlines"][0]["rings"][1:])
    drawn = rasterize([polygon], out_shape=inside.shape).astype(bool)
    assert (drawn ^ inside).sum() < 0.02 * inside.sum()
    left, top, right, bottom = told["lake"]
    rows, columns = np.nonzero(inside)
    assert left < columns.min() < columns.max() < right
    assert top < rows.min() < rows.max() < bottom
    relief = picture(served, scene_url(served.store, served.scene(0), "relief"))
    grey = relief.mean(axis=-1)
    hatched = np.abs(relief - np.array(NO_DATA)).max(axis=-1) < 25
    assert np.std(grey[inside & ~hatched]) < 0.6 * np.std(grey[~inside & ~hatched]), "a lake is level, its surroundings are not"
    assert picture(served, thumb_url(served.store, served.scene(0), "ndwi", None)).shape == (128, 128, 3)
    assert served.get(pair_url(served.store, served.scene(0), served.scene(0), "ndwi", None))[0] == 200
