"""Which lake a scene shows: by its id and by what it covers, never guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from rasterio.features import rasterize

from data.problems import Problem
from data.rasters.grid import Grid
from data.scenes.matching import Match, Matcher, inside, seen
from data.scenes.wish import Given
from data.store import Store
from tests.datasets import TWINS, small_dataset
from tests.scene_files import small_grid

DAY = date(2020, 10, 5)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("matching") / "small"))


def given(lake_id: str = "", lake_key: int | None = None, day: date | None = DAY) -> Given:
    return Given("a.tif", "a", (Path("a.tif"),), lake_id=lake_id, lake_key=lake_key, day=day)


def key_of(found: Match | Problem) -> int | str | None:
    return found.kind if isinstance(found, Problem) else found.lake_key


def test_ids_of_several_lakes(store: Store) -> None:
    matcher, (one, other) = Matcher(store), TWINS
    ident = store.ids[one]
    cases: list[tuple[Grid, int | str]] = [
        (small_grid(one, 100), one),
        (small_grid(other, 100), other),
        (small_grid(one, 980), one),  # whole, and the other at its edge
        (small_grid(one, 1400), "ambiguous"),
        (small_grid(5, 100), "unmatched"),
    ]
    for grid, expected in cases:
        assert key_of(matcher.match(given(ident), grid)) == expected
        assert key_of(matcher.match(given(ident.lower()), grid)) == expected
    beside = matcher.outline(other)
    assert beside is not None
    assert 0 < inside(beside, small_grid(one, 980)) < 0.99, "or the third case shows nothing"
    assert key_of(matcher.match(given(lake_key=other), small_grid(one, 1400))) == other
    assert key_of(matcher.match(given(lake_key=other), small_grid(one, 100))) == "unmatched"


def test_what_names_no_lake(store: Store) -> None:
    matcher, grid = Matcher(store), small_grid(2, 32)
    assert key_of(matcher.match(given(), grid)) is None
    assert key_of(matcher.match(given("GL999999E99999N"), grid)) == "unmatched"
    assert key_of(matcher.match(given(lake_key=4711), grid)) == "unmatched"
    assert key_of(matcher.match(given(store.ids[2]), Grid("", grid.transform, 32, 32))) == "refused"
    assert key_of(matcher.match(Given("x.tif", store.ids[2], (Path("x.tif"),), lake_id=store.ids[2]), grid)) == "unmatched"


def test_the_share_that_is_seen_counts_what_lies_beyond_the_edge(store: Store) -> None:
    outline = Matcher(store).outline(4)
    assert outline is not None
    whole = small_grid(4, 200)
    lake = np.asarray(rasterize([whole.to_pixels(outline)], out_shape=whole.shape, all_touched=True)) > 0
    rng = np.random.default_rng(0)
    valid = rng.random(whole.shape) < 0.7
    assert seen(valid, outline, whole) == pytest.approx(valid[lake].mean(), abs=1e-12)
    assert seen(np.ones(whole.shape, bool), outline, whole) == 1
    half = Grid(whole.crs, whole.transform, 100, 200)
    assert seen(np.ones(half.shape, bool), outline, half) == pytest.approx(0.5, abs=0.02)
    assert seen(np.ones((8, 8), bool), outline, Grid(whole.crs, whole.transform, 8, 8)) == 0
