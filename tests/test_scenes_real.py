"""Real images by the commands a user has: three labelled chips of reflectance, and Jökulsárlón 1991 with its outlines and its relief."""

from __future__ import annotations

import gzip
import io
import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from PIL import Image
from rasterio.features import rasterize

from data.__main__ import main
from data.checks import dataset_faults
from data.rasters.grid import Grid
from data.records import Scene
from modules.image_urls import ground_url, mask_url, pair_url, scene_url, thumb_url
from modules.images.colours import NO_DATA
from tests.image_cases import Served
from tests.scene_files import SIX, physical, write_tiff
from tests.test_images_real import index_of, picture
from tests.test_import_real import NAME_POINT, main_lagoon

CHIPS = ("landsat5", "landsat7", "sentinel2")
WATER, SNOW, CLOUD = 1, 2, 4
"""Classes of the chips' masks."""
INDICES = ("ndwi", "ndsi", "ndvi", "brightness")
DAY = date(1991, 8, 15)
NEAREST = "1990"
"""The main lagoon has no outline of 1991."""


def chip_files(real_data: Path, root: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The chips as GeoTIFFs in `images/` and `masks/`; (6, H, W) reflectance and (H, W) classes by name."""
    held: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name in CHIPS:
        with np.load(real_data / "ukis-csmask-chips" / f"{name}.npz") as chip:
            image, classes = np.moveaxis(chip["img"], 2, 0).astype(np.float32), chip["msk"][..., 0].astype(np.uint8)
        grid = Grid("", (1, 0, 0, 0, 1, 0), image.shape[2], image.shape[1])
        write_tiff(root / f"images/{name}.tif", image, grid, SIX)
        write_tiff(root / f"masks/{name}.tif", classes[None], grid)
        held[name] = (image, classes)
    return held


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_labelled_chips_come_in_by_the_command_and_look_right(real_data: Path, tmp_path: Path) -> None:
    held = chip_files(real_data, tmp_path / "chips")
    command = ["scenes", "--layout", "pairs", "--root", str(tmp_path / "chips"), "--into", str(tmp_path / "made"), "--water", "1"]
    assert main(command) == 0
    assert dataset_faults(tmp_path / "made") == []
    served = Served(tmp_path / "made")
    scenes = {scene.path.stem: scene for key in range(3) if (scene := served.store.scenes.scene(key)) is not None}
    assert set(scenes) == set(CHIPS)
    for name, scene in scenes.items():
        image, classes = held[name]
        assert scene.bands == SIX
        np.testing.assert_array_equal(physical(scene.path), image)
        true = picture(served, scene_url(served.store, scene, "true"))
        assert true.shape == (*classes.shape, 3)
        grey = true.mean(axis=-1)
        for bright in (SNOW, CLOUD):
            if (classes == bright).sum() > 500:
                assert np.median(grey[classes == bright]) > np.median(grey[classes == WATER]) + 30
        mask = np.asarray(Image.open(io.BytesIO(served.get(mask_url(served.store, scene, "label"))[2])).convert("RGBA"))[..., 3] == 255
        np.testing.assert_array_equal(mask, classes == WATER)
        ndwi = index_of(picture(served, scene_url(served.store, scene, "ndwi")))
        green, nir = image[1].astype(float), image[3].astype(float)
        assert np.median(np.abs(ndwi - np.clip((green - nir) / (green + nir), -1, 1))) < 0.05


@pytest.fixture(scope="module")
def lagoon(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Served, Scene]:
    """Jökulsárlón: all outlines imported, the four index rasters of 1991 taken in as one scene of the lagoon, over ArcticDEM."""
    folder, root = tmp_path_factory.mktemp("lagoon") / "made", real_data / "jokulsarlon-vdc"
    return Served(lagoon_dataset(folder, root)), lagoon_scene(folder)


def lagoon_dataset(folder: Path, root: Path) -> Path:
    """Make it by the commands alone."""
    outlines = sorted(map(str, (root / "outlines").glob("*.gpkg")))
    assert main(["import", *outlines, "--into", str(folder), "--season", "none"]) == 0
    key = main_lagoon(folder, root.parent)
    rows = [f"{root}/landsat1991/{name}_1991.tif,{name},{key},{DAY},Landsat 5" for name in INDICES]
    table = folder.parent / "scenes.csv"
    table.write_text("\n".join(["path,band,lake_key,date,sensor", *rows]))
    assert main(["scenes", str(folder), "--table", str(table), "--dem", str(root / "arcticdem_v4_30m.tif")]) == 0
    return folder


def lagoon_scene(folder: Path) -> Scene:
    scene = Served(folder).store.scenes.scene(0)
    assert scene is not None
    return scene


def test_index_rasters_become_one_scene_of_the_lagoon(lagoon: tuple[Served, Scene], real_data: Path) -> None:
    served, scene = lagoon
    assert dataset_faults(served.store.path) == []
    assert (scene.bands, scene.sensor, scene.date, scene.reason) == (INDICES, "Landsat 5", DAY, "ok")
    held = physical(scene.path)
    for place, name in enumerate(INDICES):
        with rasterio.open(real_data / f"jokulsarlon-vdc/landsat1991/{name}_1991.tif") as source:
            expected = np.where(source.read_masks(1) > 0, source.read(1).astype(np.float64), np.nan)
        np.testing.assert_array_equal(held[place], expected)
    assert served.store.scenes.of_lake(scene.lake_key) == [scene]


def test_its_index_relief_and_outlines_come_from_the_routes(lagoon: tuple[Served, Scene], real_data: Path) -> None:
    served, scene = lagoon
    stored = physical(scene.path)[0]
    drawn = np.isfinite(stored)
    ndwi = index_of(picture(served, scene_url(served.store, scene, "ndwi")))
    assert np.median(np.abs(ndwi - np.clip(stored, -1, 1))[drawn]) < 0.04
    told = json.loads(gzip.decompress(served.get(ground_url(served.store, scene))[2]))
    assert told["pixel_m"] == pytest.approx(30, abs=0.1)
    assert len(told["outlines"]) > 30
    mine = [outline for outline in told["outlines"] if outline["date"].startswith(NEAREST)]
    assert len(mine) == 1
    frame = gpd.read_file(real_data / f"jokulsarlon-vdc/outlines/glacial_lakes_{NEAREST}.gpkg")
    points = gpd.read_file(real_data / "jokulsarlon-vdc/representative_points.gpkg").to_crs(frame.crs)
    lagoon_then = frame.geometry[frame.contains(points.loc[points["lake_id"] == NAME_POINT].geometry.iloc[0])].iloc[0]
    with rasterio.open(scene.path) as source:
        transform = source.transform
        lagoon_then = gpd.GeoSeries([lagoon_then], crs=frame.crs).to_crs(source.crs).iloc[0]
    inside = np.asarray(rasterize([lagoon_then], out_shape=stored.shape, transform=transform)) > 0
    shape = shapely.union_all([shapely.make_valid(shapely.Polygon(ring)) for ring in mine[0]["rings"]])
    outline = np.asarray(rasterize([shape], out_shape=stored.shape)) > 0
    assert (outline ^ inside).sum() < 0.03 * inside.sum(), "the outline lies where its file has it"
    assert np.median(ndwi[inside & drawn]) > np.median(ndwi[~inside & drawn]) + 0.15, "and over the water of 1991"
    assert scene.dem is not None
    relief = picture(served, scene_url(served.store, scene, "relief"))
    grey, hatched = relief.mean(axis=-1), np.abs(relief - np.array(NO_DATA)).max(axis=-1) < 25
    assert (~hatched).mean() > 0.5
    assert np.std(grey[inside & ~hatched]) < 0.6 * np.std(grey[~inside & ~hatched]), "a lake is level, its surroundings are not"
    for address in (thumb_url(served.store, scene, "ndwi", None), pair_url(served.store, scene, scene, "ndwi", None)):
        assert served.get(address)[0] == 200
