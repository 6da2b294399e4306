"""What the page Segment makes and measures of a scene is what `python -m models predict` makes and measures of it, to the last bit."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from data.rasters.reading import read_bytes
from data.store import Store
from models.__main__ import main
from models.tiling import segment_whole
from models.zoo import segmenter
from modules.choices import STORED
from modules.segmenting.measuring import measured
from modules.segmenting.reading import chip_of, outcome_of, scene_subject, stored_outcome
from modules.segmenting.subject import Subject
from tests.scene_dataset import LAKES, scene_dataset, scene_key

LAKE, YEAR = LAKES[4], 2019
MODELS = ("guided_unet", "level_set", "water_index")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = scene_dataset(tmp_path_factory.mktemp("measured") / "d")
    for model in MODELS:
        assert main(["predict", str(folder), "--model", model, "--lakes", f"#{LAKE}", "--workers", "1"]) == 0
    return Store(folder)


@pytest.fixture(scope="module")
def subject(store: Store) -> Subject:
    scene = store.scenes.scene(scene_key(LAKE, YEAR))
    assert scene is not None
    return scene_subject(store, scene)


def said(store: Store, model: str, threshold: float) -> tuple[float, float]:
    rows = store.areas_by_threshold(LAKE, model)
    row = rows[(rows["scene_key"] == scene_key(LAKE, YEAR)) & (rows["threshold"] == threshold)].iloc[0]
    return row["area_km2"], row["area_sd_km2"]


@pytest.mark.parametrize("model", MODELS)
def test_a_model_asked_here_answers_as_predict_did(store: Store, subject: Subject, model: str) -> None:
    passes = segment_whole(segmenter(model).load(), chip_of(store, subject))[None]
    outcome = outcome_of(subject, model, model, passes, 0.0)
    assert subject.scene is not None
    np.testing.assert_array_equal(outcome.stored, read_bytes(subject.scene.masks[model])[0])
    for threshold in (0.3, 0.5, 0.85):
        found = measured(store, subject, outcome, threshold, None)
        assert (found.area_km2, found.area_sd_km2) == pytest.approx(said(store, model, threshold), rel=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_a_stored_mask_keeps_the_error_of_its_row(store: Store, subject: Subject, model: str) -> None:
    outcome = stored_outcome(store, subject, f"{STORED}{model}")
    for threshold in (0.3, 0.5):
        found = measured(store, subject, outcome, threshold, None)
        assert (found.area_km2, found.area_sd_km2) == pytest.approx(said(store, model, threshold), rel=1e-12)


def test_a_mask_by_hand_is_measured_by_the_convention(store: Store, subject: Subject) -> None:
    outcome = stored_outcome(store, subject, f"{STORED}water_index")
    edits = np.zeros(subject.grid.shape, dtype=np.uint8)
    edits[:4, :4] = 1
    found = measured(store, subject, outcome, 0.5, edits)
    assert found.by_hand == 16
    assert math.isfinite(found.area_sd_km2)
    assert found.area_sd_km2 != pytest.approx(said(store, "water_index", 0.5)[1])


def test_what_guides_is_the_oldest_outline(store: Store, subject: Subject, tmp_path: Path) -> None:
    from data.known_lakes import KnownLakes

    known = KnownLakes(store)
    assert subject.old is not None
    assert subject.old.equals(known.outlines(LAKE)[0])
    assert subject.lake is not None
    assert subject.lake.equals(known.outline(LAKE))
