"""What a model said of a scene is said again without it; of what a visitor handed in nothing is kept."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from data.kept_bytes import KeptBytes
from data.rasters.reading import header
from data.store import Store
from modules.segmenting.choice import models
from modules.segmenting.keeping import found, keep, key_of
from modules.segmenting.reading import chip_of
from modules.segmenting.subject import Outcome, Subject, packed
from modules.serving.inference import Inference
from tests.scene_dataset import scene_dataset
from tests.test_segment_page import LAKE, YEAR, Page


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(scene_dataset(tmp_path_factory.mktemp("keeping"), (LAKE,), (YEAR,)))


def test_another_start_needs_no_model_for_a_scene(store: Store, tmp_path: Path) -> None:
    importlib.import_module("modules.segmenting.measuring")  # here, since within a flush it would count against its five seconds
    said: list[str] = []
    for start in range(2):
        inference = Inference(state_dir=tmp_path)
        with Page(store, inference, model="water_index") as page:
            page.set(**{"run-go": 1})
            said.append(page.shows("result-measured", "Own water"))
            assert (inference.pid is None) == (start == 1)
        inference.close()
    assert said[0] == said[1]


def test_the_key_is_of_pixels_model_guide_and_wish_and_passes_come_back(store: Store, tmp_path: Path) -> None:
    (scene,) = store.scenes.of_lake(LAKE)
    cards = {choice.value: choice.card for choice in models()}
    told = header(scene.path)
    subject = Subject("scene", "it", told.grid, told.bands, scene)
    chip = chip_of(store, subject)
    index, unet = cards["water_index"], cards["unet"]
    assert index is not None
    assert unet is not None
    brighter = type(chip)(chip.reflectance + np.float32(0.001), chip.bands, chip.pixel_m, None)
    guided = type(chip)(chip.reflectance, chip.bands, chip.pixel_m, np.ones(chip.shape, dtype=bool))
    keys = [
        key_of(subject, card, each, augmented=augmented)
        for card in (index, unet)
        for each in (chip, brighter, guided)
        for augmented in (False, True)
    ]
    assert len(set(keys)) == 12
    assert key_of(Subject("upload", "it", told.grid, told.bands), index, chip, augmented=False) == "", (
        "of what was handed in nothing is kept"
    )
    kept, rng = KeptBytes(tmp_path, "masks"), np.random.default_rng(1)
    layers = rng.integers(0, 256, (9, *told.grid.shape), dtype=np.uint8)
    keep(kept, keys[0], Outcome("scene", "m", "M", layers[0], packed(layers[0]), layers[1:]))
    again = found(kept, keys[0], subject, "m", "M")
    assert again is not None
    assert again.passes is not None
    np.testing.assert_array_equal(np.concatenate([again.stored[None], again.passes]), layers)
    assert found(kept, keys[1], subject, "m", "M") is None
