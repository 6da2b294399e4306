"""The page Segment in an in-memory session: scene, model, threshold, edits, series, uploads; figures against plain counting."""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from scipy import ndimage
from shiny import reactive

from data.errors import InputError
from data.masks.editing import LAND, WATER, runs_of
from data.rasters.writing import write_scene
from data.records import TrendSettings
from data.store import Store
from models.zoo import zoo
from modules.choices import Segmenting, State
from modules.numerals import figure_text
from modules.pages.segment import segment_server
from modules.segmenting.choice import Choice, chosen, models, stored
from modules.segmenting.handed import band_names, day_of
from modules.serving.inference import Inference
from modules.views.segment_run import menu, progress_words, segment_run_ui
from tests.datasets import SOURCE
from tests.scene_dataset import BANDS, BROKEN, CLOUDY, MISSING, SIZE, lake_grid, lake_water, scene_dataset, scene_key
from tests.sessions import ViewSession
from tests.waiting import until

LAKE, YEAR = 8, 2020
PIXEL = lake_grid(LAKE).pixel_km2


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(scene_dataset(tmp_path_factory.mktemp("segment")))


@pytest.fixture(scope="module")
def inference() -> Iterator[Inference]:
    made = Inference()
    yield made
    made.close()


class Page(ViewSession):
    """The page, opened on a scene."""

    def __init__(
        self, store: Store, inference: Inference, lake: int = LAKE, year: int = YEAR, a_minute: int = 100, **segmenting: Any
    ) -> None:
        serve = functools.partial(segment_server, inference=inference, upload_mb=64, a_minute=a_minute)
        scene = scene_key(lake, year)
        state = State(store.settings(), lake, scene=scene, page="segment", segmenting=Segmenting(**segmenting))
        super().__init__(store, serve, state)

    def __enter__(self) -> Page:
        super().__enter__()
        self.selection.table.set(self.selection.store.trends(self.selection.store.settings()))
        said = {"source-bands": "", "source-numbers": "told", "source-of": "", "source-day": ""}
        self.set(**{"source-origin": "scene", "run-threshold": 0.5, "run-model": "water_index", **said})
        return self

    def shows(self, name: str, words: str) -> str:
        """Wait until an output holds these words; returns its HTML."""

        def there() -> bool:
            self.seen = {key: self.html(key)[:200] for key in ("source-said", "run-trouble", "run-told", "result-measured")}
            self.session._run(asyncio.sleep(0.02))  # extended tasks go on only while the session's loop runs
            self.set()
            return words in self.html(name)

        until(there)
        return self.html(name)

    def html(self, name: str) -> str:
        try:
            value = self.output(name)
        except KeyError:
            return ""
        return value["html"] if isinstance(value, dict) else str(value or "")


def own(mask: np.ndarray) -> np.ndarray:
    """The component of the lake in the middle, by itself."""
    labels, _ = ndimage.label(mask)
    return labels == labels[SIZE // 2, SIZE // 2]


def sides(mask: np.ndarray) -> int:
    around = np.pad(mask, 1).astype(int)
    return int(np.abs(np.diff(around, axis=0)).sum() + np.abs(np.diff(around, axis=1)).sum())


def area_text(mask: np.ndarray, model: str = "") -> str:
    """Area ± perimeter × pixel × 0.5, times what the model's card says of lakes above 0.5 km²."""
    lake = own(mask)
    held = zoo()[model].CARD.area_sd["mapping"] if model else {}
    wide = held.get("0.5 km² and more", max(held.values(), default=1.0))
    return f"{figure_text(lake.sum() * PIXEL)} ± {figure_text(sides(lake) * PIXEL * 0.5 * wide, 2)} km²"


def runs(edits: np.ndarray) -> dict[str, Any]:
    return {"key": f"scene-{scene_key(LAKE, YEAR)}", "runs": runs_of(edits.astype(np.uint8))}


def test_a_scene_is_segmented_and_measured(store: Store, inference: Inference) -> None:
    with Page(store, inference, model="water_index") as page:
        page.set(**{"run-go": 1})
        said = page.shows("result-measured", "Own water")
        assert area_text(lake_water(LAKE, YEAR), "water_index") in said
        assert f"{figure_text(400 * PIXEL)} km²" in said, "the pond in the corner is other water"
        assert "IoU of water 1" in said
        assert "water_index at 0.5" in said
        assert page.html("run-told") == "Done."
        assert "It took" in page.html("run-card")


def test_a_model_runs_so_often_a_minute_and_what_needs_none_goes_on(store: Store, inference: Inference) -> None:
    with Page(store, inference, a_minute=2, model="water_index") as page:
        for press in (1, 2):
            page.set(**{"run-go": press})
            page.shows("result-measured", "Own water")
        page.set(**{"run-go": 3})
        refused = page.shows("run-trouble", "2 times for you within the last minute")
        assert re.search(r"press Segment again in \d+ s", refused)
        assert "Own water" in page.html("result-measured")  # what was there stays
        page.set(**{"run-model": f"stored:{SOURCE}"})
        assert "nothing is computed" in page.shows("run-card", "nothing is computed")
        page.shows("result-measured", area_text(lake_water(LAKE, YEAR)))


def test_augmentation_tells_the_spread(store: Store, inference: Inference) -> None:
    with Page(store, inference, model="water_index") as page:
        page.set(**{"run-eight": 1})
        said = page.shows("result-measured", "Spread over the passes")
        assert "1 sd of 8 areas" in said
        assert "water_index at 0.5, 8 passes" in said


def test_a_stored_mask_is_shown_without_a_press(store: Store, inference: Inference) -> None:
    before = inference.pid
    with Page(store, inference, model=f"stored:{SOURCE}") as page:
        assert area_text(lake_water(LAKE, YEAR)) in page.shows("result-measured", "Own water")
        assert "nothing is computed" in page.html("run-card")
    assert inference.pid == before


def test_a_hand_changes_the_area(store: Store, inference: Inference) -> None:
    edits = np.zeros((SIZE, SIZE), dtype=np.uint8)
    edits[SIZE // 2 - 3 : SIZE // 2 + 3, 300:330] = WATER
    edits[SIZE // 2 - 40 : SIZE // 2 - 30, 220:300] = LAND
    water = (lake_water(LAKE, YEAR) | (edits == WATER)) & (edits != LAND)
    with Page(store, inference, model=f"stored:{SOURCE}") as page:
        page.shows("result-measured", "Own water")
        page.set(**{"picture-edits": runs(edits)})
        said = page.shows("result-measured", "px by hand")
        assert area_text(water) in said
        assert f"{int((edits > 0).sum()):,} px by hand" in said
        page.set(**{"picture-edits": {**runs(edits * 0), "key": "scene-0"}})
        assert "px by hand" in page.html("result-measured"), "edits of another image come too late"
        page.set(**{"picture-edits": {"key": f"scene-{scene_key(LAKE, YEAR)}", "runs": [1, 5]}})
        assert "the mask has 262,144" in page.shows("run-trouble", "edit of the mask")
        page.set(**{"picture-edits": runs(edits * 0)})
        assert area_text(lake_water(LAKE, YEAR)) in page.shows("result-measured", area_text(lake_water(LAKE, YEAR)))


@pytest.mark.parametrize("sent", [None, 3, "x", [], {"key": None}, {"runs": [0, 1]}, {"key": [], "runs": {}}])
def test_forged_edits_change_nothing(store: Store, inference: Inference, sent: object) -> None:
    with Page(store, inference, model=f"stored:{SOURCE}") as page:
        before = page.shows("result-measured", "Own water")
        page.set(**{"picture-edits": sent, "run-threshold": sent, "source-date": sent, "run-model": sent, "source-large": sent})
        assert page.shows("result-measured", "Own water") == before


def test_the_area_joins_the_series_for_this_session(store: Store, inference: Inference) -> None:
    digest = store.digest
    with Page(store, inference, model=f"stored:{SOURCE}") as page:
        page.shows("result-measured", "Own water")
        page.set(**{"result-add": 1})
        said = page.html("result-series")
        assert f"{YEAR}-10-15 ({figure_text(own(lake_water(LAKE, YEAR)).sum() * PIXEL)} km²)" in said
        assert "Not written into the dataset" in said
        assert "before" in said
        with reactive.isolate():
            point = page.selection.session.of(LAKE)[0]
        assert point.area_km2 == pytest.approx(own(lake_water(LAKE, YEAR)).sum() * PIXEL, rel=1e-9)
        assert (point.scene_key, point.reason, point.made) == (scene_key(LAKE, YEAR), "ok", f"stored mask of {SOURCE}")
        page.set(**{"result-see": 1})
        assert page.read("page") == "explore"
        page.set(**{"result-back": 1})
        assert page.html("result-series") == ""
    assert Store(store.path).digest == digest


def test_a_cloudy_scene_says_that_the_trend_does_not_use_it(store: Store, inference: Inference) -> None:
    with Page(store, inference, *CLOUDY, model=f"stored:{SOURCE}") as page:
        assert "cloud: not used by the trend" in page.shows("result-measured", "Own water")


@pytest.mark.parametrize(("case", "words"), [(MISSING, "not there yet"), (BROKEN, "cannot be read")], ids=["missing", "broken"])
def test_a_bad_scene_says_so_and_nothing_else(store: Store, inference: Inference, case: tuple[int, int], words: str) -> None:
    with Page(store, inference, *case, model="water_index") as page:
        page.set(**{"run-go": 1})
        said = page.shows("run-trouble", words)
        assert str(store.path) not in said
        page.set(**{"source-date": str(scene_key(case[0], 2018))})
        page.set(**{"run-go": 2})
        assert "Own water" in page.shows("result-measured", "Own water")
        assert page.html("run-trouble") == ""


def test_the_threshold_is_a_twentieth(store: Store, inference: Inference) -> None:
    with Page(store, inference, model="water_index") as page:
        page.set(**{"run-threshold": 0.3})
        assert page.read("segmenting").threshold == 0.3
        page.set(**{"run-threshold": 0.31})
        assert page.read("segmenting").threshold == 0.3
        page.set(**{"run-model": f"stored:{SOURCE}"})
        assert page.read("segmenting").model in {f"stored:{SOURCE}", "water_index"}
        page.set(**{"run-model": "no such model"})
        assert page.read("segmenting").model in {f"stored:{SOURCE}", "water_index"}


def upload(page: Page, values: np.ndarray, bands: tuple[str, ...] = BANDS, name: str = "mine.tif", number: int = 0) -> Path:
    """Put a file where Shiny puts uploads, and tell the page."""
    folder = Path(root(page)._file_upload_manager._basedir) / str(number)
    folder.mkdir()
    path = folder / "0.tif"
    if values.dtype == np.uint8:
        place = {"crs": "EPSG:32645", "transform": rasterio.Affine(*lake_grid(LAKE).transform)}
        size = {"count": len(values), "height": values.shape[1], "width": values.shape[2], "dtype": "uint8"}
        with rasterio.open(path, "w", driver="GTiff", **size, **place) as made:
            made.write(values)
    else:
        write_scene(path, values, bands, lake_grid(LAKE), scale=0.001)
    page.set(**{"source-origin": "file", "source-file": [{"name": name, "size": 1, "type": "", "datapath": str(path)}]})
    return path


def root(page: Page) -> Any:
    return page.session._async_session._session


def scene_values(year: int = YEAR) -> np.ndarray:
    water = lake_water(LAKE, year)
    return np.where(water[None], np.array([0.06, 0.07, 0.05, 0.03, 0.01, 0.01])[:, None, None], 0.25).astype(np.float32)


def test_an_upload_is_segmented_for_the_lake_that_lies_in_it(store: Store, inference: Inference) -> None:
    with Page(store, inference, model="water_index") as page:
        upload(page, scene_values(), name="mine_2031-10-03.tif")
        said = page.shows("source-said", "512 × 512 px")
        assert "blue, green, red, nir, swir1, swir2" in said
        page.set(**{"run-go": 1})
        assert area_text(lake_water(LAKE, YEAR), "water_index") in page.shows("result-measured", "Own water")
        page.set(**{"result-add": 1})
        assert "2031-10-03" in page.html("result-series")
        with reactive.isolate():
            assert page.selection.session.of(LAKE)[0].scene_key is None
        page.set(**{"source-day": "2032-10-03"})
        page.shows("result-measured", "Own water")
        page.set(**{"source-day": "some day"})
        page.shows("run-trouble", "is no day")


def test_what_an_upload_cannot_be_is_said(store: Store, inference: Inference) -> None:
    with Page(store, inference, model="water_index") as page:
        upload(page, (scene_values()[:4] * 255).astype(np.uint8), name="picture.tif")
        assert "picture.tif holds 8-bit numbers" in page.shows("run-trouble", "8-bit")
        page.set(**{"source-numbers": "picture", "source-bands": "blue, green, red, nir"})
        page.shows("source-said", "512 × 512 px")
        page.set(**{"run-go": 1})
        page.shows("result-measured", "Own water")
        page.set(**{"source-bands": "red green blue swir1"})
        page.shows("source-said", "swir1")
        page.set(**{"run-go": 2})
        assert "no band nir" in page.shows("run-trouble", "no band nir")
        page.set(**{"source-large": {"name": "huge.tif", "size": 300e6}})
        assert "huge.tif has 300 MB" in page.shows("run-trouble", "300 MB")


@pytest.mark.parametrize("place", ["{outside}", "../../../../../../etc/passwd", "{folder}/none.tif", "{link}"])
def test_a_path_that_was_not_uploaded_is_not_read(store: Store, inference: Inference, tmp_path: Path, place: str) -> None:
    outside = tmp_path / "secret.tif"
    write_scene(outside, scene_values(), BANDS, lake_grid(LAKE), scale=0.001)
    with Page(store, inference, model="water_index") as page:
        folder = Path(root(page)._file_upload_manager._basedir)
        link = folder / "link.tif"
        link.symlink_to(outside)
        path = place.format(outside=outside, folder=folder, link=link)
        page.set(**{"source-origin": "file", "source-file": [{"name": "x.tif", "size": 1, "type": "", "datapath": path}]})
        assert "was not uploaded in this visit" in page.shows("run-trouble", "not uploaded")
        assert page.html("source-said") == ""


def test_what_can_be_chosen() -> None:
    assert {choice.value for choice in models(torch=True)} == set(zoo())
    without = models(torch=False)
    assert all(choice.can_run == (not choice.card.parameters) for choice in without if choice.card)
    held = chosen("unet", without)
    assert held is not None
    assert held.can_run
    network = Choice("unet", "U-Net", True)
    assert chosen("", [Choice("water_index", "x"), network]) == network
    assert chosen("gone", [Choice("a", "x", can_run=False)]) is None
    assert stored(None) == []
    assert menu([]) == {}


def test_a_damaged_model_takes_nothing_else_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise InputError("the card is damaged", "restore it")

    monkeypatch.setattr("modules.segmenting.choice.zoo", damaged)
    assert models() == []
    html = str(segment_run_ui("run", State(TrendSettings())))
    assert "No model can be used" in html
    assert "the card is damaged" not in html


def test_words() -> None:
    assert band_names("blue, green;red") == ("blue", "green", "red")
    assert band_names("blue green  red") == ("blue", "green", "red")
    assert band_names("Near infrared, red") == ("Near infrared", "red")
    assert band_names("  ") is None
    assert day_of("") is None
    assert progress_words(None, 0) == ("Reading the image …", None)
