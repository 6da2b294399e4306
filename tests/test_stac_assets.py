"""Which file of an item holds which band, as the catalogues of today lay their items out."""

from __future__ import annotations

import copy
import random
from datetime import date
from typing import Any

import pytest

from data.stac.assets import files
from data.stac.errors import CatalogueError
from data.stac.scaling import baseline, scaling
from data.stac.search import Candidate
from tests.stac_cases import HOST, KEYS, TIFF, candidate, landsat, sentinel


def hrefs(item: Candidate) -> list[str]:
    held = files(item)
    return [asset.href.removeprefix(f"{HOST}/") for asset in (*held.bands, held.classes)]


def test_planetary_computer() -> None:
    held = files(candidate("T"))
    assert (held.family, held.sensor) == ("sentinel-2", "Sentinel-2 L2A")
    assert hrefs(candidate("T")) == [f"T/{key}.tif" for key in (*KEYS, "SCL")]


def test_earth_search_by_common_names_finest_first_without_the_copies_in_jpeg_2000() -> None:
    names = {"blue": 10, "green": 10, "red": 10, "nir": 10, "nir08": 20, "swir16": 20, "swir22": 20}
    assets: dict[str, Any] = {}
    for name, gsd in names.items():
        bands = [{"name": name, "common_name": name}]
        assets[f"{name}-jp2"] = {"href": f"{HOST}/{name}.jp2", "type": "image/jp2", "eo:bands": bands, "gsd": 1}
        assets[f"{name}-coarse"] = {"href": f"{HOST}/{name}-60.tif", "type": TIFF, "eo:bands": bands, "gsd": 60}
        assets[name] = {"href": f"{HOST}/{name}.tif", "type": TIFF, "eo:bands": bands, "gsd": gsd}
    assets["visual"] = {"href": f"{HOST}/v.tif", "type": TIFF, "eo:bands": [{"common_name": n} for n in ("red", "green", "blue")]}
    assets["scl"] = {"href": f"{HOST}/scl.tif", "type": TIFF}
    found = hrefs(candidate(assets=assets, platform="sentinel-2b"))
    assert found == ["blue.tif", "green.tif", "red.tif", "nir.tif", "swir16.tif", "swir22.tif", "scl.tif"]


def test_stac_1_1_and_keys_with_a_resolution() -> None:
    told = {key: {"href": f"{HOST}/{key}.tif", "type": TIFF} for key in ("B02_10m", "B03_10m", "B04_10m", "B08_10m", "B11_20m", "SCL_20m")}
    told["swir"] = {"href": f"{HOST}/swir.tif", "type": TIFF, "bands": [{"eo:common_name": "swir22"}]}
    assert hrefs(candidate(assets=told))[-2:] == ["swir.tif", "SCL_20m.tif"]


@pytest.mark.parametrize(("platform", "family"), [("landsat-9", "landsat-new"), ("LANDSAT_8", "landsat-new"), ("landsat-5", "landsat-old")])
def test_landsat(platform: str, family: str) -> None:
    held = files(candidate("L", assets=landsat("L"), collection="landsat-c2-l2", platform=platform))
    assert (held.family, held.sensor) == (family, f"Landsat {platform[-1]} C2 L2")
    assert [asset.href.rpartition("/")[2] for asset in held.bands][3] == "nir08.tif"


@pytest.mark.parametrize(("keys", "name"), [((1, 2, 3, 4, 5, 7), "LE07_L2SP_1"), ((2, 3, 4, 5, 6, 7), "LC08_L2SP_1")])
def test_landsat_by_its_own_numbers_and_the_name_of_the_product(keys: tuple[int, ...], name: str) -> None:
    assets = {f"SR_B{n}": {"href": f"{HOST}/SR_B{n}.TIF"} for n in range(1, 8)} | {"QA_PIXEL": {"href": f"{HOST}/QA_PIXEL.TIF"}}
    item = candidate(name, assets=assets, collection="some", platform=None)
    assert hrefs(item) == [*(f"SR_B{n}.TIF" for n in keys), "QA_PIXEL.TIF"]


@pytest.mark.parametrize(
    ("name", "told"), [("LC08_L1TP_139041_20201016_02_T1", {}), ("LC08_X", {"landsat:correction": "L1TP"}), ("LE07_L1GT_1", {})]
)
def test_landsat_that_is_no_surface_reflectance_is_refused(name: str, told: dict[str, str]) -> None:
    with pytest.raises(CatalogueError, match="not surface reflectance"):
        files(candidate(name, assets=landsat(name), collection="landsat-c2l1", platform="landsat-8", **told))


@pytest.mark.parametrize(("gone", "said"), [("B11", "swir1"), ("SCL", "a classification of clouds")])
def test_what_is_missing_is_named(gone: str, said: str) -> None:
    assets = sentinel("T")
    del assets[gone]
    with pytest.raises(CatalogueError, match=f"no GeoTIFF of {said}"):
        files(candidate(assets=assets))


def test_another_sensor_is_refused() -> None:
    with pytest.raises(CatalogueError, match="sensor that is not known"):
        files(candidate("MOD09", platform="terra", collection="modis"))


def test_files_that_only_a_login_reaches_are_refused_unless_there_is_another_address() -> None:
    assets = sentinel("T")
    assets["B02"]["href"] = "s3://bucket/B02.tif"
    with pytest.raises(CatalogueError, match="lie at s3:"):
        files(candidate(assets=assets))
    assets["B02"]["alternate"] = {"https": {"href": f"{HOST}/else.tif"}}
    assert hrefs(candidate(assets=assets))[0] == "else.tif"


def test_addresses_may_be_relative_to_the_item() -> None:
    item = candidate("T")
    item.item["assets"]["B02"]["href"] = "./img/B02.tif"
    item.item["links"] = [{"rel": "self", "href": f"{HOST}/items/T.json"}]
    assert hrefs(item)[0] == "items/img/B02.tif"


def mangled(value: Any, chance: random.Random) -> Any:
    """A copy of an item of which about one part in ten is something else."""
    if chance.random() < 0.1:
        return chance.choice([None, 7, -1.5, "", "x", [], [None], {}, {"href": None}, True, "http://[", float("nan")])
    if isinstance(value, dict):
        return {key: mangled(each, chance) for key, each in value.items()}
    return [mangled(each, chance) for each in value] if isinstance(value, list) else value


def test_an_item_that_makes_no_sense_is_an_error_of_the_catalogue_and_nothing_worse() -> None:
    whole = [candidate("T"), candidate("L", assets=landsat("L"), collection="landsat-c2-l2", platform="landsat-8")]
    for one in whole:
        for number, asset in enumerate(one.item["assets"].values()):
            asset["raster:bands"] = [{"scale": 0.0001, "offset": -0.1, "spatial_resolution": 10}]
            asset.update({"gsd": 10, "bands": [{"name": "x"}]} if number % 2 else {"alternate": {"a": {"href": "s3://x"}}})
    refused = 0
    for seed in range(3000):
        chance = random.Random(seed)
        item = mangled(copy.deepcopy(whole[seed % 2].item), chance)
        if not isinstance(item, dict) or not isinstance(item.get("assets"), dict) or not isinstance(item.get("properties"), dict):
            continue  # the search lets none of these through
        each = Candidate(item, str(item.get("id")), date(2020, 10, 16), None)
        baseline(each)
        try:
            held = files(each)
            for asset in held.bands:
                assert asset.href.startswith("http")
                found = scaling(each, held, asset)
                assert 0 < found.scale <= 1
                assert abs(found.offset) <= 1
        except CatalogueError:
            refused += 1
    assert 300 < refused < 3000
