"""The strips over the threshold slider, and what it says in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.records import TrendSettings
from data.store import Store
from modules.views.threshold import areas_by_day, curves, trend_words, why_none
from tests.datasets import SOURCE, small_dataset
from tests.probable_dataset import SEGMENTER, probable_dataset

LAKE = 5


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(probable_dataset(tmp_path_factory.mktemp("threshold") / "data"))


def test_what_the_strips_draw(store: Store) -> None:
    scenes = store.scenes.of_lake(LAKE)
    told = curves(store, LAKE, TrendSettings(source=SEGMENTER), scenes)
    assert set(told["scenes"]) == {scene.scene_key for scene in scenes}
    for scene in scenes:
        rows = store.areas_by_threshold(LAKE, SEGMENTER)
        areas = rows[rows["date"].dt.date == scene.date]["area_km2"].tolist()
        assert told["scenes"][scene.scene_key]["areas"] == pytest.approx(areas, rel=1e-4)
    assert len(told["slopes"]) == 20
    assert curves(store, LAKE, TrendSettings(source=SOURCE), scenes)["slopes"] == []
    assert curves(store, None, TrendSettings(source=SEGMENTER), [])["scenes"] == {}
    assert curves(store, 7, TrendSettings(source=SEGMENTER), [])["scenes"] == {}
    half = store.areas_by_threshold(LAKE, SEGMENTER).iloc[1:]
    assert len(areas_by_day(half, 20)) == 4, "a day that lacks a threshold has no curve"


def test_how_far_the_trend_hangs_on_the_threshold_in_words() -> None:
    nothing = np.full((20, 3), np.nan)
    assert trend_words(nothing, "%/yr") == "no trend at any threshold"
    some = nothing.copy()
    some[:4] = [[1, 0.5, 2], [2, -1, 4], [-1, -2, -0.5], [3, 1, 5]]
    assert trend_words(some, "%/yr") == "−1.0 to +3.0 %/yr, interval above 0 at 2 and below 0 at 1 of 20 thresholds"
    assert trend_words(np.array([[1.0, -1, 3]] * 20), "km²/yr") == "+1.0 km²/yr, interval holds 0 at all 20 thresholds"


def test_where_there_is_no_threshold_it_is_said_why(store: Store, tmp_path: Path) -> None:
    assert why_none(store, SEGMENTER, "Imja", measured=True) == ""
    assert "No probabilities of Imja" in why_none(store, SEGMENTER, "Imja", measured=False)
    assert f"areas by {SOURCE}" in why_none(store, SOURCE, "Imja", measured=False)
    plain = Store(small_dataset(tmp_path / "plain"))
    assert "models predict" in why_none(plain, SOURCE, "", measured=False)
    assert plain.thresholds == {}
