"""What a model said of a scene is said again without it; of what a visitor handed in nothing is kept."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from data.kept_bytes import KeptBytes
from data.rasters.reading import header
from data.store import Store
from models.card import ModelCard
from modules.segmenting.choice import Choice, models
from modules.segmenting.keeping import found, keep, key_of
from modules.segmenting.reading import chip_of
from modules.segmenting.running import Running
from modules.segmenting.subject import Outcome, Subject, packed
from modules.serving.inference import Inference
from tests.asgi import finished
from tests.scene_dataset import scene_dataset

LAKE, YEAR = 8, 2020


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(scene_dataset(tmp_path_factory.mktemp("keeping"), (LAKE,), (YEAR,)))


@pytest.fixture(scope="module")
def subject(store: Store) -> Subject:
    (scene,) = store.scenes.of_lake(LAKE)
    told = header(scene.path)
    return Subject("scene", "it", told.grid, told.bands, scene)


@pytest.fixture(scope="module")
def choices() -> dict[str, Choice]:
    return {choice.value: choice for choice in models()}


def card(choice: Choice) -> ModelCard:
    assert choice.card is not None
    return choice.card


def segmented(store: Store, subject: Subject, choice: Choice, state: Path) -> tuple[Outcome, bool]:
    """What a fresh start of the app says, and whether it had a model run."""
    inference = Inference(state_dir=state)
    running = object.__new__(Running)  # without the page: its task alone
    work: Any = SimpleNamespace(store=store, inference=inference, visit="one")
    running._work = work
    try:
        _, _, outcome = finished(running._segment(subject, "", choice, augmented=False))
        return outcome, inference.pid is not None
    finally:
        inference.close()


def test_another_start_needs_no_model_for_a_scene(store: Store, subject: Subject, choices: dict[str, Choice], tmp_path: Path) -> None:
    first, ran = segmented(store, subject, choices["water_index"], tmp_path)
    again, ran_again = segmented(store, subject, choices["water_index"], tmp_path)
    assert (ran, ran_again) == (True, False)
    np.testing.assert_array_equal(first.stored, again.stored)
    assert (first.subject, first.model, first.title, first.packed) == (again.subject, again.model, again.title, again.packed)
    (kept,) = [path for path in (tmp_path / "masks").rglob("*") if path.is_file()]
    kept.write_bytes(kept.read_bytes()[:-3])
    assert segmented(store, subject, choices["water_index"], tmp_path)[1], "damaged: made anew"


def test_the_key_is_of_pixels_model_guide_and_wish(store: Store, subject: Subject, choices: dict[str, Choice]) -> None:
    chip = chip_of(store, subject)
    brighter = type(chip)(chip.reflectance + np.float32(0.001), chip.bands, chip.pixel_m, None)
    guided = type(chip)(chip.reflectance, chip.bands, chip.pixel_m, np.ones(chip.shape, dtype=bool))
    keys = {
        key_of(subject, card(choices[name]), each, augmented=augmented)
        for name in ("water_index", "unet")
        for each in (chip, brighter, guided)
        for augmented in (False, True)
    }
    assert len(keys) == 12
    handed_in = Subject("upload", "it", subject.grid, subject.bands)
    assert key_of(handed_in, card(choices["unet"]), chip, augmented=False) == "", "of what was handed in nothing is kept"


def test_the_passes_of_augmentation_come_back(subject: Subject, tmp_path: Path) -> None:
    kept, rng = KeptBytes(tmp_path, "masks"), np.random.default_rng(1)
    layers = rng.integers(0, 256, (9, *subject.grid.shape), dtype=np.uint8)
    keep(kept, "0" * 64, Outcome("scene", "m", "M", layers[0], packed(layers[0]), layers[1:]))
    again = found(kept, "0" * 64, subject, "m", "M")
    assert again is not None
    assert again.passes is not None
    np.testing.assert_array_equal(np.concatenate([again.stored[None], again.passes]), layers)
    assert found(kept, "1" * 64, subject, "m", "M") is None
