"""From a lake to its images: which scene is in focus, what a brush of points names, and what the browser is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.scene_table import SceneTable
from data.store import Store
from modules.choices import Filters, Look, Picked, Points, State
from modules.evidence import evidence_of, evidence_server
from modules.image_urls import flipbook_url, ground_url, images_base, pair_url, rings_url, scene_url, source_number
from modules.links.link import link, state_from
from modules.links.packing import rounded_polygon
from modules.numerals import figure_text
from modules.observations import brushed_observations, clear, decimal_year, drawn_observations, opening
from modules.views.show_filters import show_filters_server, show_filters_ui, shown_words
from tests.datasets import SOURCE, small_dataset
from tests.scene_dataset import CLOUDY, LAKES, MISSING, scene_dataset, scene_key
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(scene_dataset(tmp_path_factory.mktemp("evidence")))


def box(first: float, last: float, low: float, high: float) -> tuple[tuple[float, float], ...]:
    return rounded_polygon([(first, low), (last, low), (last, high), (first, high)])


def test_scenes_come_in_date_order_with_their_masks(store: Store) -> None:
    scenes = store.scenes.of_lake(2)
    assert [scene.date.year for scene in scenes if scene.date] == list(range(2016, 2024))
    assert set(scenes[0].masks) == {"label", SOURCE}
    assert all(path.is_absolute() and path.is_relative_to(store.path.absolute()) for scene in scenes for path in scene.masks.values())
    assert store.scenes.lakes.tolist() == list(LAKES)
    assert store.scenes.scene(10**6) is None
    assert store.scenes.of_lake(4) == store.scenes.of_lake(None) == []


def test_scenes_without_lake_or_date_have_a_place(tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = pd.DataFrame({
        "scene_key": [5, 6], "lake_key": pd.array([None, None], dtype="Int32"), "date": pd.to_datetime([None, "2020-01-02"]),
        "sensor": [None, "X"], "path": ["a.tif", "b.tif"], "pixel_m": [np.nan, 10.0], "valid_share": [np.nan, 1.0], "reason": [None, "ok"],
        "split": ["train", None], "dem": [None, None],
    })  # fmt: skip
    table = SceneTable(tmp_path_factory.mktemp("x"), rows, pd.DataFrame({"scene_key": [], "source": [], "path": []}), {"X": ["Red"]})
    chip = table.scene(5)
    assert chip is not None
    assert (chip.lake_key, chip.date, chip.sensor, chip.bands, chip.split) == (None, None, "", (), "train")
    assert np.isnan(decimal_year(chip))
    other = table.scene(6)
    assert other is not None
    assert (other.bands, other.date) == (("red",), date(2020, 1, 2))


def test_a_lake_opens_on_its_newest_clear_scene(store: Store) -> None:
    scenes = store.scenes.of_lake(CLOUDY[0])
    assert CLOUDY[1] not in {scene.date.year for scene in clear(scenes) if scene.date}
    newest, oldest = opening(scenes, None, last=True), opening(scenes, None, last=False)
    assert newest is not None
    assert oldest is not None
    assert (newest.scene_key, oldest.scene_key) == (scene_key(2, 2023), scene_key(2, 2016))
    chosen = opening(scenes, scene_key(*CLOUDY), last=True)
    assert chosen is not None
    assert chosen.scene_key == scene_key(*CLOUDY)
    assert opening([], None, last=True) is None


def test_brushed_points_are_those_of_a_plain_loop(store: Store) -> None:
    points = Points(box(2017.0, 2021.5, 0.0, 0.03), (3, 0, 8), store.settings())
    found = brushed_observations(store, points)
    expected = []
    for lake in points.lake_keys:
        for row in store.areas(lake).itertuples():
            when = row.date.year + (row.date.day_of_year - 1) / (366 if row.date.is_leap_year else 365)
            if 2017.0 <= when <= 2021.5 and row.area_km2 <= 0.03 and not row.date_nominal:
                expected.append((lake, row.date))
    assert list(zip(found["lake_key"], found["date"], strict=True)) == expected
    assert {lake for lake, _ in expected} == {0, 3}
    assert found["scene_key"].tolist() == [scene_key(lake, day.year) for lake, day in expected]


def test_on_a_log_axis_edges_are_straight_in_the_logarithm(store: Store) -> None:
    line = ((2015.0, -2.0), (2030.0, -1.0), (2030.0, -2.0))
    found = brushed_observations(store, Points(line, (3, 8), store.settings(), log=True))
    rows = drawn_observations(store, (3, 8), store.settings())
    below = np.log10(rows["area_km2"]) <= -2 + (rows["year"] - 2015) / 15
    assert 0 < len(found) < len(rows)
    assert sorted(zip(found["lake_key"], found["date"], strict=True)) == sorted(
        zip(rows["lake_key"][below], rows["date"][below], strict=True)
    )


def test_points_without_an_image_say_so_and_no_points_are_no_rows(store: Store) -> None:
    found = brushed_observations(store, Points(box(2015, 2030, 0, 10), (4,), store.settings()))
    assert len(found) == 8
    assert found["scene_key"].isna().all()
    assert brushed_observations(store, None).empty


def test_the_browser_is_told_of_keys_and_addresses_only(store: Store) -> None:
    scenes = store.scenes.of_lake(2)
    told = evidence_of(store, scenes, Look(bands="false"), (SOURCE,), "Lake two")
    text = json.dumps(told)
    assert str(store.path) not in text
    assert ".tif" not in text
    by_year = {scene["date"][:4]: scene for scene in told["scenes"]}
    assert by_year["2019"]["clear"] is False
    assert by_year[str(MISSING[1])]["ready"] is False
    assert by_year["2018"]["image"] == f"{images_base(store)}/scene/{scene_key(2, 2018)}/false.jpg"
    assert set(by_year["2018"]["masks"]) == {SOURCE}
    row = next(row for row in store.areas(2).itertuples() if row.source == SOURCE and row.date.year == 2018)
    assert by_year["2018"]["areas"] == {SOURCE: f"{figure_text(row.area_km2)} ± {figure_text(row.area_sd_km2, 2)} km²"}
    assert {tuple(scene["areas"]) for scene in evidence_of(store, scenes, Look(), ("label",), "x")["scenes"]} == {()}
    assert told["simulated"] is True
    assert told["flipbook"] == flipbook_url(store, 2, "false", SOURCE)
    keys = {"BEFORE": str(scene_key(2, 2016)), "AFTER": str(scene_key(2, 2018))}
    pair = told["pair"].replace("BEFORE", keys["BEFORE"]).replace("AFTER", keys["AFTER"])
    assert pair == pair_url(store, scenes[0], scenes[2], "false", SOURCE)
    assert source_number(store, "label") == 1
    with pytest.raises(ValueError, match="not in tuple"):
        source_number(store, "nobody")


def test_there_is_no_flipbook_without_a_clear_image(store: Store) -> None:
    scenes = store.scenes.of_lake(2)
    unseen = [scene for scene in scenes if scene.scene_key in {scene_key(*CLOUDY), scene_key(*MISSING)}]
    assert evidence_of(store, unseen, Look(), (SOURCE,), "x")["flipbook"] is None
    assert evidence_of(store, [], Look(), (), "")["flipbook"] is None
    assert evidence_of(store, scenes, Look(), (), "x")["flipbook"] == flipbook_url(store, 2, "true", None)


def test_the_focus_takes_its_scene_along_and_lets_it_go(store: Store) -> None:
    with ViewSession(store, evidence_server, State(store.settings(), focus=2)) as view:
        assert view.read("scene").scene_key == scene_key(2, 2023)
        view.set(at=scene_key(2, 2017), before=scene_key(2, 2018))
        assert view.read("scene_key") == scene_key(2, 2017)
        assert view.read("before").scene_key == scene_key(2, 2018)
        view.set(before=scene_key(3, 2018))
        assert view.read("before").scene_key == scene_key(2, 2018), "a scene of another lake is not held against this one"
        view.set(at=[scene_key(2, 2018), 1])
        assert view.read("scene_key") == scene_key(2, 2018)
        view.selection.set_scene(scene_key(2, 2021))
        view.set(at=[scene_key(2, 2018), 2], before=[scene_key(2, 2018), 3])
        assert view.read("scene_key") == scene_key(2, 2018), "the same choice made again is heard"
        view.set(at=scene_key(2, 2017))
        view.set(at=10**7)
        assert view.read("scene_key") == scene_key(2, 2017)
        view.set(at=scene_key(8, 2020))
        assert (view.read("focus"), view.read("scene_key")) == (2, scene_key(2, 2017)), "said late, of a lake that was left"
        view.selection.set_scene(scene_key(8, 2020))
        view.set()
        assert (view.read("focus"), view.read("scene").scene_key, view.read("before_key")) == (8, scene_key(8, 2020), None)
        view.selection.set_focus(0)
        view.set()
        assert view.read("scene").scene_key == scene_key(0, 2023)
        for strange in ("x", 1.5, [1], ["x", 2], [None, 1], None, True):
            view.set(at=strange)
        assert view.read("focus") == 0


def test_the_next_lake_with_images_is_found_in_order_of_significance(store: Store) -> None:
    with ViewSession(store, evidence_server, State(store.settings(), focus=4)) as view:
        order = store.lake_keys[view.read("order")].tolist()
        coming = [key for key in order[order.index(4) :] + order[: order.index(4)] if key in LAKES]
        for turn, key in enumerate([*coming, coming[0]], start=1):
            view.set(seek=turn)
            assert view.read("focus") == key


def test_where_none_is_lit_any_lake_with_images_is_next(store: Store) -> None:
    state = State(store.settings(), focus=4, brush=Picked((4, 5)))
    with ViewSession(store, evidence_server, state) as view:
        view.set(seek=1)
        ranks = dict(zip(store.lake_keys.tolist(), view.read("ranks").tolist(), strict=True))
        assert view.read("focus") in LAKES
        later = [key for key in LAKES if ranks[key] > ranks[4]]
        assert view.read("focus") == min(later or LAKES, key=ranks.__getitem__)


def test_only_lakes_with_images_are_shown_where_that_is_asked_for(store: Store, tmp_path: Path) -> None:
    with ViewSession(store, show_filters_server, State(store.settings())) as view:
        view.set(images=True)
        assert store.lake_keys[view.read("shown")].tolist() == list(LAKES)
        assert shown_words(len(LAKES), 40, view.read("filters")) == "6 of 40 lakes shown (by images)"
        view.set(reset_all=1)
        assert view.read("shown").all()
    switch = str(show_filters_ui("view", store, Filters(images=True)))
    assert f"Only lakes with images ({len(LAKES)})" in switch
    without = Store(small_dataset(tmp_path / "plain"))
    assert "Only lakes" not in str(show_filters_ui("view", without, Filters()))
    assert "reset_images" in str(show_filters_ui("view", without, Filters(images=True))), "what a link asks for can be taken back"


def test_files_that_are_there_are_counted(store: Store) -> None:
    with ViewSession(store, evidence_server, State(store.settings(), focus=8)) as view:
        assert view.read("arrived") == 8 * 3
        view.selection.set_focus(None)
        view.set()
        assert view.read("arrived") == 0


def test_a_brush_of_points_takes_the_focus_lake_first_then_the_brushed(store: Store) -> None:
    with ViewSession(store, evidence_server, State(store.settings(), focus=8, brush=Picked((0, 3, 8)))) as view:
        view.selection.brush_points(box(2017, 2024, 0, 10))
        view.set()
        assert view.read("points").lake_keys == (8, 0, 3)
        assert len(view.read("observations")) == 3 * 7
        view.selection.brush_dates()
        view.set()
        assert view.read("points").lake_keys == (8,)
        assert len(view.read("observations")) == 8
        view.selection.brush_dates(brushed=True)
        view.set()
        assert view.read("observations")["lake_key"].value_counts().to_dict() == {8: 8, 0: 8, 3: 8}
        view.selection.clear()
        view.set()
        assert view.read("points") is None


def test_images_of_the_scene_in_focus_are_made_ahead_once(store: Store) -> None:
    asked: list[list[str]] = []

    async def ahead(addresses: Sequence[str]) -> None:
        asked.append(list(addresses))

    def serve(name: str, **more: Any) -> None:
        evidence_server(name, **more, ahead=ahead)

    with ViewSession(store, serve, State(store.settings(), focus=2, look=Look(relief=False))) as view:
        scene = store.scenes.scene(scene_key(2, 2023))
        assert scene is not None
        drawn = [scene_url(store, scene, "true"), ground_url(store, scene), rings_url(store, scene, SOURCE)]
        assert asked == [drawn]
        view.selection.change_look(opacity=0.2)
        view.set()
        assert asked == [drawn], "another opacity needs no image"
        view.selection.change_look(relief=True)
        view.set()
        assert asked[1:] == [[*drawn, scene_url(store, scene, "relief")]]
        view.selection.set_focus(4)
        view.set()
        assert asked[2:] == [[]], "a lake without images"
        view.selection.set_scene(scene_key(*MISSING))
        view.set()
        assert asked[3:] == [], "an image that is not there"


def test_layers_follow_the_source_under_test_until_chosen(store: Store) -> None:
    with ViewSession(store, evidence_server, State(store.settings())) as view:
        assert view.read("layers") == (SOURCE,)
        view.selection.change_look(layers=("label", "nobody"))
        view.set()
        assert view.read("layers") == ("label",)
        view.selection.change_look(layers=())
        view.set()
        assert view.read("layers") == ()


@pytest.mark.parametrize(
    "state",
    [
        State(Store.settings, focus=2, scene=scene_key(2, 2018), before=scene_key(2, 2017)),  # type: ignore[arg-type]
        State(Store.settings, focus=8, points=Points(box(2016.2, 2021.9, 0.0123, 0.456), (8, 0, 3), None)),  # type: ignore[arg-type]
        State(Store.settings, look=Look("ndwi", ("label", SOURCE), False, 0.8, "nested", True)),  # type: ignore[arg-type]
        State(Store.settings, look=Look("swir1.nir.red", (), True, 0.35, "none", False)),  # type: ignore[arg-type]
    ],
)
def test_images_points_and_looks_survive_a_link(store: Store, state: State) -> None:
    settings = store.settings()
    points = replace(state.points, settings=settings) if state.points else None
    state = replace(state, settings=settings, points=points)
    restored, notices = state_from(link(state, store).query, store)
    assert restored == state
    assert notices == []


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("scene=1", "image"), ("lake=2&scene=x", "image"), (f"lake=2&scene={scene_key(3, 2018)}", "image"), ("bands=magenta", "magenta"),
        ("bands=red.green", "red.green"), ("layer=nobody", "nobody"), ("opacity=2", "opacity"), ("points=zz&of=zz", "observations"),
        ("outlines=some", "outlines"),
    ],
)  # fmt: skip
def test_what_a_link_gets_wrong_is_named_and_the_rest_kept(store: Store, query: str, says: str) -> None:
    restored, notices = state_from(f"{query}&alpha=0.01", store)
    assert len(notices) == 1
    assert says in notices[0]
    assert restored.display.alpha == 0.01
    assert (restored.scene, restored.points, restored.look) == (None, None, Look())
