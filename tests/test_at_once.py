"""A dataset of more lakes than are looked at as a whole: what rests on every observation is not begun, and the page says why."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from data import at_once, schema
from data.cache import read_table, write_table
from data.export import export_frame
from data.parts.partition import partition
from data.parts.scenes import PartedScenes
from data.store import Store
from modules.choices import Filters, State
from modules.judging.seen import has_scores
from modules.measures import shown_mask
from modules.pages.predictions import predictions_ui
from modules.pages.watchlist import watchlist_ui
from modules.table_page import default_columns
from modules.views.show_filters import show_filters_ui
from modules.without_lakes import without_lakes_ui
from tests.datasets import LAKES, small_dataset
from tests.scene_dataset import scene_dataset


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(at_once, "MOST", LAKES - 1)
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "d"))


def test_the_bound_itself_is_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_once, "MOST", LAKES)
    assert at_once.at_once(LAKES)
    assert not at_once.at_once(LAKES + 1)


def test_filters_by_what_is_not_known_let_every_lake_pass(store: Store) -> None:
    table = store.trends(store.settings())
    for filters in (Filters(flags=("few",)), Filters(without_flags=("few",)), Filters(triage=("drained",))):
        assert shown_mask(store, table, filters).all()
    assert store.flags_held(store.settings()) is None
    found = store.flags(store.settings())
    wanted = np.isin(store.lake_keys, found.loc[found["kind"] == "few", "lake_key"])
    assert wanted.any()
    assert np.array_equal(shown_mask(store, table, Filters(flags=("few",))), wanted), "what is kept is used"


def test_pages_say_why_nothing_is_there(store: Store) -> None:
    assert f"more than {LAKES - 1} lakes" in str(watchlist_ui("watchlist", store, State(store.settings())))
    assert "Triage and flags are not worked out here" in str(show_filters_ui("show", store, Filters()))
    assert not {"triage", "flags"} & set(default_columns(store))


def test_an_export_has_what_is_known_alone(store: Store) -> None:
    table = store.trends(store.settings())
    assert not {"triage", "flags", "flag_words"} & set(export_frame(store, table).columns)
    store.flags(store.settings())
    assert "flags" in export_frame(store, table).columns


def test_more_images_than_are_looked_at_as_a_whole_are_counted_and_no_more(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = scene_dataset(tmp_path_factory.mktemp("images"))
    write_table(folder / "scores.parquet", schema.empty("scores"))
    count = len(read_table(folder / "scenes.parquet"))
    page, lakeless = partial(predictions_ui, "predictions"), Store(folder)
    monkeypatch.setattr(at_once, "MOST_IMAGES", count)
    assert "not worked out here" not in str(page(lakeless, State(lakeless.settings())))
    assert f"24 of {count} images" in str(without_lakes_ui(lakeless))
    monkeypatch.setattr(at_once, "MOST_IMAGES", count - 1)
    partition(folder, "scenes")
    partition(folder, "masks")
    crowd = Store(folder)
    monkeypatch.setattr(PartedScenes, "rows", property(lambda _: pytest.fail("all rows are read")))
    monkeypatch.setattr(PartedScenes, "mask_rows", property(lambda _: pytest.fail("all rows are read")))
    said = str(page(crowd, State(crowd.settings())))
    assert f"Scores of predictions are not worked out here: there are more than {count - 1} images" in said
    assert "python -m data query DIR" in said
    told = str(without_lakes_ui(crowd))
    assert f"<dd>{count}</dd>" in told
    assert "a sample are not worked out here" in told
    assert not has_scores(crowd)
