"""Two saved watch-lists: every entry, exit and move is explained by its true cause.

The oracle ranks all eight worlds between the two by way of datasets on disk, and averages over the six orders in which one date, one
weight and one review can come; the product ranks them from the two files alone.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from data.errors import InputError
from data.records import Season
from data.watchlist.compare import Comparison, compare
from data.watchlist.saved import Saved
from data.watchlist.shares import shares
from data.watchlist.wish import Wish, weighed
from tests.datasets import LAKES
from tests.watch_worlds import DATED, NOW, REVIEWED, THEN, listed, order, world

CAUSES = ("observation", "weight", "review")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[frozenset[str], np.ndarray]:
    """World → (40,) places; 41 for a lake that is not ranked."""
    folder, found = tmp_path_factory.mktemp("worlds"), {}
    for number, (dated, reviewed) in enumerate(itertools.product((False, True), repeat=2)):
        store = world(folder / str(number), dated=dated, reviewed=reviewed)
        for later, wish in ((False, THEN), (True, NOW)):
            rank = order(store, wish).rank
            key = frozenset(name for name, held in zip(CAUSES, (dated, later, reviewed), strict=True) if held)
            found[key] = np.where(rank == 0, len(rank[rank > 0]) + 1, rank).astype(float)
    return found


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> tuple[Saved, Saved]:
    folder = tmp_path_factory.mktemp("lists")
    then = listed(world(folder / "then", dated=False, reviewed=False), THEN)
    now = listed(world(folder / "now", dated=True, reviewed=False), NOW, review=True)
    return then, now


@pytest.fixture(scope="module")
def found(lists: tuple[Saved, Saved]) -> Comparison:
    return compare(*lists)


def averaged(value: dict[frozenset[str], np.ndarray]) -> dict[str, np.ndarray]:
    """What each cause changes when it comes, averaged over all orders."""
    total = {cause: np.zeros(LAKES) for cause in CAUSES}
    orders = list(itertools.permutations(CAUSES))
    for each in orders:
        for at, cause in enumerate(each):
            total[cause] += value[frozenset(each[: at + 1])] - value[frozenset(each[:at])]
    return {cause: values / len(orders) for cause, values in total.items()}


def test_every_entry_exit_and_move_has_its_true_causes(found: Comparison, places: dict[frozenset[str], np.ndarray]) -> None:
    first, last = places[frozenset()], places[frozenset(CAUSES)]
    on_list = {key: (value <= THEN.top).astype(float) for key, value in places.items()}
    entering, moving = averaged(on_list), averaged({key: -value for key, value in places.items()})
    assert found.between.causes == CAUSES
    assert found.cautions == ()
    assert {change.lake_key for change in found.changes} == set(np.flatnonzero((first <= 8) | (last <= 8)).tolist())
    for change in found.changes:
        row = change.lake_key
        assert (change.then, change.now) == (first[row], last[row])
        was, is_ = first[row] <= 8, last[row] <= 8
        assert change.kind == ("entered" if not was else "left" if not is_ else "moved" if first[row] != last[row] else "stayed")
        if change.kind == "stayed":
            assert change.causes == ()
            continue
        truth = moving if change.kind == "moved" else entering
        told = {cause.kind: cause.share for cause in change.causes}
        for cause in CAUSES:
            assert told.get(cause, 0.0) == pytest.approx(truth[cause][row], abs=1e-12), (row, cause)
        assert sum(told.values()) == pytest.approx({"entered": 1, "left": -1}.get(change.kind, first[row] - last[row]))


def test_causes_are_told_in_words_of_the_lake_itself(found: Comparison) -> None:
    by_lake = {change.lake_key: change for change in found.changes}
    dated, reviewed = by_lake[DATED], by_lake[REVIEWED]
    assert (dated.kind, dated.then, dated.now) == ("entered", 12, 1)
    assert [(cause.kind, cause.own, cause.words) for cause in dated.causes] == [
        ("observation", True, "new observation of 2024-10-15 (2.4 km²)")
    ]
    assert (reviewed.kind, reviewed.causes[0].kind) == ("left", "review")
    assert reviewed.causes[0].words == "review: 2023-10-15 was reviewed bad by Ann and left out"
    heavier = by_lake[38]
    assert (heavier.kind, heavier.causes[0].kind, heavier.causes[0].words) == ("entered", "weight", "weight: newest area 1 → 1.25")
    passed = by_lake[39]
    assert (passed.kind, passed.then, passed.now) == ("moved", 1, 2)
    assert [(cause.kind, cause.own) for cause in passed.causes] == [("observation", False)]
    assert passed.causes[0].words == "new observations of other lakes: GL086150E27700N changed sides with it"


def test_a_list_against_itself_has_nothing_to_say(lists: tuple[Saved, Saved]) -> None:
    same = compare(lists[1], lists[1])
    assert (same.between.causes, same.cautions) == ((), ())
    assert {change.kind for change in same.changes} == {"stayed"}


def test_turned_round_every_share_is_the_opposite(lists: tuple[Saved, Saved], found: Comparison) -> None:
    """What entered leaves; a review that came is one that goes, a new observation one that the dataset no longer has."""
    back = {change.lake_key: change for change in compare(lists[1], lists[0]).changes}
    names = {"observation": "dataset"}
    for change in found.changes:
        forth = {names.get(cause.kind, cause.kind): cause.share for cause in change.causes}
        assert {cause.kind: cause.share for cause in back[change.lake_key].causes} == pytest.approx({k: -v for k, v in forth.items()})


def test_settings_mappings_and_the_dataset_are_causes_too(lists: tuple[Saved, Saved]) -> None:
    then = lists[0]
    settings = replace(then.settings, method="ols", season=Season(9, 11))
    wish = Wish(weighed({"growth": 1.0, "sign_glacier_distance": 1.0}), top=8, columns=(("glacier_distance", ""),))
    lakes = then.lakes.assign(**{"role:glacier_distance": np.nan, "elevation_m": then.lakes["elevation_m"] + 1})
    rows = then.rows.loc[then.rows["lake_key"] != 3]
    later = replace(then, settings=settings, wish=wish, columns={}, lakes=lakes, rows=rows)
    between = compare(then, later).between
    assert between.causes == ("dataset", "setting", "weight")
    assert between.revised[3] == "the inventory describes it otherwise"
    assert between.remapped == {"glacier_distance"}


def test_another_source_brings_its_observations_along(lists: tuple[Saved, Saved]) -> None:
    then, now = lists
    other = replace(now, settings=replace(now.settings, source="another"), dataset=replace(now.dataset, digest="x"))
    told = compare(then, other)
    assert told.between.causes == ("setting", "weight", "review")
    assert any("new observations are counted under the setting" in caution for caution in told.cautions)


def test_a_threshold_that_the_dataset_chose_anew_is_a_setting_and_no_new_observations(lists: tuple[Saved, Saved]) -> None:
    then = replace(lists[0], rows=lists[0].rows.assign(threshold=0.5))
    now = replace(then, rows=then.rows.assign(threshold=0.4, area_km2=then.rows["area_km2"].to_numpy()[::-1]))
    told = compare(then, now)
    assert told.between.causes == ("setting",)
    assert {cause.words for change in told.changes for cause in change.causes} == {"setting: threshold 0.5 → 0.4"}
    chosen = replace(then, settings=replace(then.settings, threshold=0.5))
    assert compare(then, chosen).between.causes == (), "the dataset's own threshold by its name is the same one"


def test_lakes_that_come_and_go(lists: tuple[Saved, Saved]) -> None:
    then, gone = lists[0], 39
    lakes, rows = (frame.loc[frame["lake_key"] != gone].reset_index(drop=True) for frame in (then.lakes, then.rows))
    later = replace(then, lakes=lakes, rows=rows, ranks={})
    change = next(change for change in compare(then, later).changes if change.lake_key == gone)
    assert (change.kind, change.then, change.now) == ("left", 1, None)
    assert change.causes[0].words == "dataset: it is not in the dataset any more"


def test_lists_of_two_datasets_are_not_compared(lists: tuple[Saved, Saved]) -> None:
    other = replace(lists[1], dataset=replace(lists[1].dataset, name="another"))
    with pytest.raises(InputError, match="another"):
        compare(lists[0], other)


def test_a_file_that_ranks_otherwise_here_says_so(lists: tuple[Saved, Saved]) -> None:
    assert "another version" in compare(replace(lists[0], ranks={1: 1}), lists[1]).cautions[0]


def test_work_can_be_stopped(lists: tuple[Saved, Saved]) -> None:
    def stop(done: int, of: int) -> None:
        assert of == 8
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(*lists, stop)


VALUES = st.lists(st.floats(-100, 100), min_size=8, max_size=8)


@examples(values=VALUES)
def test_shares_sum_to_the_whole_and_an_idle_cause_has_none(values: list[float]) -> None:
    names = ("a", "b", "c")
    sets = [frozenset(part) for size in range(4) for part in itertools.combinations(names, size)]
    value = {each: np.array([v, 2 * v]) for each, v in zip(sets, values, strict=True)}
    part = shares(names, value)
    whole = value[frozenset(names)] - value[frozenset()]
    np.testing.assert_allclose(sum(part.values()), whole, atol=1e-9)
    idle = {each: value[each - {"c"}] for each in sets}
    np.testing.assert_allclose(shares(names, idle)["c"], 0, atol=1e-12)
    assert shares((), {frozenset(): np.zeros(2)}) == {}


def test_frames_are_left_as_they_were(lists: tuple[Saved, Saved]) -> None:
    before = [frame.copy() for saved in lists for frame in (saved.lakes, saved.rows, saved.reviews)]
    compare(*lists)
    for frame, held in zip([frame for saved in lists for frame in (saved.lakes, saved.rows, saved.reviews)], before, strict=True):
        pd.testing.assert_frame_equal(frame, held)
