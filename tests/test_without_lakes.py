"""Explore of a dataset that has images but no lakes: it opens, says why it is empty, and shows what there is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from data.cache import write_table
from data.geo_tables import geo_table
from data.meta import write_meta
from data.records import DatasetMeta
from data.scenes.chips import ChipWish, take_in_chips
from data.schema import empty
from data.store import Store
from modules.images.routes import Images
from modules.pages.explore import explore_server
from modules.serve import page
from modules.serving.config import Config
from modules.serving.datasets import Datasets
from modules.without_lakes import SAMPLES, holdings, sampled, why
from tests.asgi import get
from tests.scene_files import small_grid, write_tiff
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chip_dataset(tmp_path_factory.mktemp("chips"))


def chip_dataset(root: Path) -> Path:
    """30 chips of two regions in two splits, one without a mask, made into a dataset in `root`."""
    grid, rng = small_grid(2, 32), np.random.default_rng(1)
    for n in range(30):
        split, name = ("train", "val")[n % 2], f"{('SA', 'ACS')[n % 3 == 0]}_{n:02}"
        write_tiff(root / f"in/img_dir/{split}/{name}.tif", rng.random((11, 32, 32)).astype(np.float32), grid)
        if n:
            water = np.zeros((1, 32, 32), np.uint8)
            water[0, 5:20, 5 : 10 + n % 10] = 1
            write_tiff(root / f"in/ann_dir/{split}/{name}.tif", water, grid)
    take_in_chips(root / "chips", ChipWish(root / "in", "glacial-lake-bench"), lambda items, *_: iter(items), lambda _: None)
    return root / "chips"


def test_it_says_why_and_what_there_is(folder: Path) -> None:
    store = Store(folder)
    assert "29 images without lakes" in why(store)
    told = dict(holdings(store))
    assert told["Images"] == "29"
    assert told["Splits"] == "14 train · 15 validation"
    assert told["Regions"] == "20 SA · 9 ACS"
    assert told["Masks of “label”"] == "29"
    assert told["Bands of Glacial-Lake-Bench chip"].startswith("blue, green, red, nir")


def test_samples_are_spread_over_all_and_their_pictures_are_served(folder: Path) -> None:
    datasets = Datasets([folder], None)
    store = datasets.store("chips")
    assert store is not None
    found = sampled(store)
    assert len(found) == SAMPLES
    assert {scene.split for scene, _ in found} == {"train", "validation"}
    assert all(name == scene.path.stem for scene, name in found)
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    html = str(page(datasets, Config([], None), Request(scope)))
    assert "29 images without lakes" in html
    assert "m-volcano" not in html
    addresses = [part.split('"')[0] for part in html.split('src="images/')[1:]]
    assert len(addresses) == SAMPLES
    app = Starlette(routes=[Route("/images/{name:str}/{digest:str}/{rest:path}", Images(datasets).answer)])
    assert [get(app, f"/images/{address}")[0] for address in addresses] == [200] * SAMPLES


def test_an_empty_dataset_says_what_to_do(tmp_path: Path) -> None:
    write_meta(tmp_path, DatasetMeta("none", "Nothing"))
    write_table(tmp_path / "lakes.parquet", geo_table(empty("lakes")))
    write_table(tmp_path / "areas.parquet", empty("areas"))
    assert "neither lakes nor images" in why(Store(tmp_path))
    assert sampled(Store(tmp_path)) == []


def test_a_visit_ends_in_no_error(folder: Path) -> None:
    with ViewSession(Store(folder), explore_server) as view:
        view.change("notices", ("A sentence.",))
        assert "A sentence." in str(view.output("notices"))
