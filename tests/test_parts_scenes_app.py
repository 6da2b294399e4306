"""With scenes and masks in parts a visit reads those of the lakes that it looks at: open, click, scene, mask, flipbook, brush, segment."""

from __future__ import annotations

import csv
import functools
import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from htmltools import TagList

from data.parts.index import is_parted
from data.parts.partition import partition
from data.parts.reading import Parts
from data.parts.scenes import PartedScenes
from data.store import Store
from modules import image_urls as urls
from modules.choices import Look, Points, State
from modules.observations import brushed_observations
from modules.pages.explore import explore_server, explore_ui
from modules.pages.segment import segment_server
from modules.serving.inference import Inference
from modules.views.gallery import csv_of
from tests.datasets import SOURCE
from tests.image_cases import Served
from tests.scene_dataset import LAKES, scene_dataset, scene_key
from tests.sessions import ViewSession

LAKE = 8
EVERYTHING = ((2000.0, 0.0), (2050.0, 0.0), (2050.0, 99.0), (2000.0, 99.0))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene_dataset(tmp_path_factory.mktemp("app") / "data")


@pytest.fixture(scope="module")
def parted(whole: Path) -> Path:
    copy = Path(shutil.copytree(whole, whole.parent / "other" / whole.name))
    for name in ("scenes", "masks"):
        partition(copy, name, 9)
    return copy


@pytest.fixture
def lakewise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for all rows of scenes or masks fails the test."""

    def refuse(*_: object) -> Any:
        pytest.fail("all rows are read")

    for name in ("rows", "mask_rows", "left_out"):
        monkeypatch.setattr(PartedScenes, name, property(refuse))
    monkeypatch.setattr(PartedScenes, "__iter__", refuse)
    monkeypatch.setattr(Parts, "all_rows", refuse)
    table = Store.table
    monkeypatch.setattr(Store, "table", lambda self, name: refuse() if is_parted(self.path / f"{name}.parquet") else table(self, name))


def every_picture(served: Served) -> list[bytes]:
    store = served.store
    scene, later = (store.scenes.scene(scene_key(LAKE, year)) for year in (2017, 2020))
    assert scene is not None
    assert later is not None
    of_one = [urls.scene_url(store, scene, "true"), urls.mask_url(store, scene, SOURCE), urls.rings_url(store, scene, SOURCE)]
    of_several = [urls.flipbook_url(store, LAKE, "true", SOURCE), urls.pair_url(store, scene, later, "true", SOURCE)]
    addresses = [*of_one, urls.thumb_url(store, scene, "true", SOURCE), *of_several]
    answers = [served.get(address) for address in addresses]
    assert [answer[0] for answer in answers] == [200] * len(addresses)
    return [answer[2] for answer in answers]


def test_images_are_those_of_single_files(whole: Path, parted: Path, lakewise: None) -> None:
    assert every_picture(Served(parted)) == every_picture(Served(whole))


def test_a_visit_to_explore_asks_for_lakes_alone(parted: Path, lakewise: None) -> None:
    store = Store(parted)
    assert isinstance(store.scenes, PartedScenes)
    assert f"Only lakes with images ({len(LAKES)})" in TagList(explore_ui("view", store, State(store.settings()))).render()["html"]
    with ViewSession(store, explore_server, State(store.settings(), look=Look(layers=(SOURCE,)))) as view:
        view.selection.set_focus(LAKE)
        view.set()
        assert len(view.read("scenes")) == 8
        assert view.read("scene").scene_key == scene_key(LAKE, 2023)
        view.selection.set_scene(scene_key(LAKE, 2018))
        view.set()
        assert view.read("scene").scene_key == scene_key(LAKE, 2018)
        view.selection.step(1, images=True)
        view.set()
        assert view.read("focus") in set(LAKES) - {LAKE}
        view.selection.brush_dates()
        view.set()
        assert view.read("observations")["scene_key"].notna().sum() == 8


def test_brushed_observations_leave_with_the_sensors_of_their_images(whole: Path, parted: Path, lakewise: None) -> None:
    told: list[list[dict[str, str]]] = []
    for store in (Store(parted), Store(whole)):
        points = Points(EVERYTHING, (LAKE, 5, 0), store.settings())
        found = brushed_observations(store, points).assign(row=0, rank=0)
        found.loc[0, "scene_key"] = scene_key(3, 2019)  # of another lake
        told.append(list(csv.DictReader(io.StringIO(csv_of(store, found, points).decode()))))
    without = [[{key: value for key, value in row.items() if key != "dataset_digest"} for row in rows] for rows in told]
    assert without[0] == without[1]
    assert {row["sensor"] for row in without[0]} > {""}


def test_the_page_segment_opens_a_scene(parted: Path, lakewise: None) -> None:
    store, inference = Store(parted), Inference()
    serve = functools.partial(segment_server, inference=inference, upload_mb=64, a_minute=100)
    try:
        with ViewSession(store, serve, State(store.settings(), LAKE, scene=scene_key(LAKE, 2020), page="segment")) as view:
            view.set()
            assert view.read("scene").scene_key == scene_key(LAKE, 2020)
    finally:
        inference.close()
