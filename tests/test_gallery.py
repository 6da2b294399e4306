"""The gallery: exactly the brushed observations, the right image behind each, what is missing said, pages that part no lake needlessly."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.scene_table import SceneTable
from data.store import Store
from modules.choices import Picked, Points, State
from modules.gallery_page import PAGE, Drawing, area_words, gallery_page, gallery_words, in_order, likely_addresses, page_starts
from modules.image_urls import images_base
from modules.observations import brushed_observations
from modules.selection import Selection
from modules.views.gallery import csv_of, gallery_server, gallery_tools_ui, gallery_ui
from tests.datasets import FORMULA, LAKES, SOURCE, small_dataset
from tests.scene_dataset import CLOUDY, MISSING, scene_dataset, scene_key
from tests.sessions import ViewSession

EVERYTHING = ((2000.0, 0.0), (2050.0, 0.0), (2050.0, 99.0), (2000.0, 99.0))
DRAWING = Drawing("true", (SOURCE,))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(scene_dataset(tmp_path_factory.mktemp("gallery")))


def _points(store: Store, *lakes: int) -> Points:
    return Points(EVERYTHING, lakes, store.settings())


def _page(store: Store, *lakes: int, at: int = 0, drawing: Drawing = DRAWING) -> dict:
    found = in_order(brushed_observations(store, _points(store, *lakes)), store, np.arange(LAKES)[::-1])
    return gallery_page(store, found, np.zeros(LAKES, dtype=int), drawing, at)


def _shots(page: dict) -> list[tuple[int, int, dict]]:
    years = page["years"]
    return [(lake["key"], year, shot) for lake in page["lakes"] for year, shots in zip(years, lake["years"], strict=True) for shot in shots]


def test_every_brushed_observation_has_its_own_image_in_its_lake_and_year(store: Store) -> None:
    page = _page(store, 3, 0, 8)
    assert [lake["key"] for lake in page["lakes"]] == [8, 3, 0], "by evidence: here the last row ranks first"
    shots = _shots(page)
    assert [(lake, year) for lake, year, _ in shots] == [(lake, year) for lake in (8, 3, 0) for year in range(2016, 2024)]
    for lake, year, shot in shots:
        assert shot["scene"] == scene_key(lake, year)
        assert shot["day"].startswith(str(year))
        expected = f"{images_base(store)}/thumb/{scene_key(lake, year)}/true/{store.scenes.sources.index(SOURCE)}.jpg"
        assert shot["url"] in {expected, None}
        assert (shot["url"] is None) == bool(shot["missing"])
    assert page["said"] == "24 of 24 images, 3 lakes · simulated"
    assert str(store.path) not in json.dumps(page)


def test_area_and_error_are_those_of_the_observation(store: Store) -> None:
    rows = {(row["lake_key"], row["date"].year): row for row in store.area_rows.to_dict("records")}
    for lake, year, shot in _shots(_page(store, 3, 8)):
        row = rows[lake, year]
        area, sd = shot["area"].removesuffix(" km²").split(" ± ")
        assert float(area) == pytest.approx(row["area_km2"], rel=5e-3)
        assert float(sd) == pytest.approx(row["area_sd_km2"], rel=0.5)
        assert shot["area"] in shot["alt"]


def test_what_is_missing_or_bad_says_so(store: Store) -> None:
    by_year = {year: shot for lake, year, shot in _shots(_page(store, 2))}
    assert by_year[CLOUDY[1]]["reason"] == "cloud"
    assert by_year[MISSING[1]]["missing"] == f"the scene of {MISSING[1]} is not there yet"
    assert by_year[MISSING[1]]["url"] is None
    assert _page(store, 2)["said"] == "8 of 8 observations, 1 lake; 1 has no image · simulated"
    bare = _page(store, 5)
    assert [shot["missing"] for _, _, shot in _shots(bare)] == [f"no scene of {year}" for year in range(2016, 2024)]
    assert bare["said"] == "8 of 8 observations, 1 lake; 8 have no image · simulated"
    assert all(shot["missing"] in shot["alt"] for _, _, shot in _shots(bare))


def test_looks_and_layers_are_those_in_use(store: Store) -> None:
    label = _shots(_page(store, 8, drawing=Drawing("ndwi", ("nobody", "label"))))[0][2]["url"]
    assert label.endswith(f"/ndwi/{store.scenes.sources.index('label')}.jpg")
    assert _shots(_page(store, 8, drawing=Drawing("true", ())))[0][2]["url"].endswith("/true/none.jpg")


def test_several_dates_of_a_year_share_a_cell(store: Store) -> None:
    found = brushed_observations(store, _points(store, 8))
    twice = pd.concat([found, found.assign(date=found["date"] + pd.Timedelta(days=20), scene_key=pd.NA)])
    page = gallery_page(store, in_order(twice, store, np.arange(LAKES)), np.zeros(LAKES, dtype=int), DRAWING, 0)
    assert page["years"] == list(range(2016, 2024))
    assert [len(shots) for shots in page["lakes"][0]["years"]] == [2] * 8
    assert page["lakes"][0]["years"][0][1]["missing"] == "no scene of 2016"


def test_pages_hold_every_observation_once_and_part_no_lake_needlessly(store: Store) -> None:
    lakes = tuple(key for key in range(LAKES) if key not in {13, 14})
    first = _page(store, *lakes)
    assert first["pages"] == -(-len(lakes) // (PAGE // 8))
    pages = [_page(store, *lakes, at=at) for at in range(first["pages"])]
    seen = [(lake, year) for page in pages for lake, year, _ in _shots(page)]
    assert len(seen) == len(set(seen)) == 8 * len(lakes)
    assert pages[1]["said"].startswith(f"49 to 96 of {len(seen)} ")
    assert _page(store, *lakes, at=10**6)["at"] == first["pages"] - 1


@given(counts=st.lists(st.integers(1, 130), max_size=30))
def test_pages_begin_with_a_lake_unless_it_fills_one_alone(counts: list[int]) -> None:
    lakes = [lake for lake, count in enumerate(counts) for _ in range(count)]
    starts = page_starts(lakes)
    ends = [*starts[1:], len(lakes)]
    assert starts[0] == 0
    assert all(0 < end - start <= PAGE for start, end in zip(starts, ends, strict=True)) or not lakes
    for start in starts[1:]:
        parted = lakes[start] == lakes[start - 1]
        assert not parted or counts[lakes[start]] > PAGE
    # No page could have taken the whole of the next lake as well.
    for start, end in zip(starts[:-1], ends[:-1], strict=True):
        if lakes[end] != lakes[end - 1]:
            assert end - start + min(counts[lakes[end]], PAGE + 1) > PAGE


def test_what_a_drag_may_ask_for_is_foreseen_within_bounds(store: Store) -> None:
    urls = likely_addresses(store, (3, 0, 8), store.settings(), DRAWING)
    assert sorted(urls) == sorted(shot["url"] for _, _, shot in _shots(_page(store, 3, 0, 8)) if shot["url"])
    assert likely_addresses(store, (), store.settings(), DRAWING) == []
    assert len(likely_addresses(store, (2,), store.settings(), DRAWING)) == 7, "what is not there is not asked for"
    scenes = store.scenes.rows
    crowd = Store(store.path)
    many = pd.concat([scenes.assign(lake_key=key) for key in range(16, 30)], ignore_index=True)
    crowd.scenes = SceneTable(crowd.path, many, store.scenes.mask_rows, crowd.meta.sensors)
    assert likely_addresses(crowd, tuple(range(16, 30)), store.settings(), DRAWING) == []


def test_words() -> None:
    assert gallery_words((0, 1, 1), 1, 0) == "1 of 1 images, 1 lake"
    assert gallery_words((48, 40, 312), 40, 2) == "49 to 88 of 312 observations, 40 lakes; 2 have no image"
    assert "draw round the points" in gallery_words((0, 0, 0), 0, 0)
    assert area_words(0.12345, float("nan")) == "0.123 km²"
    assert area_words(0.12345, 0.00449) == "0.123 ± 0.004 km²"


def _csv(store: Store, *lakes: int) -> list[dict[str, str]]:
    points = _points(store, *lakes)
    found = in_order(brushed_observations(store, points), store, np.arange(LAKES))
    return list(csv.DictReader(io.StringIO(csv_of(store, found, points).decode())))


def test_brushed_observations_are_saved_with_lake_image_and_provenance(store: Store) -> None:
    rows = _csv(store, 8, 5)
    assert [(int(row["lake_key"]), row["date"][:4]) for row in rows] == [(lake, str(year)) for lake in (5, 8) for year in range(2016, 2024)]
    by_scene = {row["scene_key"]: row for row in rows if row["lake_key"] == "8"}
    assert set(by_scene) == {str(scene_key(8, year)) for year in range(2016, 2024)}
    assert all(row["scene_key"] == "" for row in rows if row["lake_key"] == "5")
    row = by_scene[str(scene_key(8, 2020))]
    area = store.areas(8).set_index(store.areas(8)["date"].dt.year).loc[2020]
    assert float(row["area_km2"]) == area["area_km2"]
    assert (row["source"], row["dataset_digest"], row["simulated"]) == (SOURCE, store.digest, "True")
    assert row["lake_id"] == store.ids[8]


def test_a_saved_name_is_no_formula(tmp_path_factory: pytest.TempPathFactory) -> None:
    bare = Store(small_dataset(tmp_path_factory.mktemp("formula")))
    bare.lakes = bare.lakes.assign(name=[FORMULA if key == 3 else None for key in range(LAKES)])
    assert {row["name"] for row in _csv(bare, 3)} == {f"'{FORMULA}"}


def test_a_press_brings_its_lake_and_date_into_focus_and_nonsense_nothing(store: Store) -> None:
    with ViewSession(store, gallery_server, State(store.settings(), focus=0)) as view:
        view.set(pressed={"lake": 8, "scene": scene_key(8, 2019)})
        assert (view.read("focus"), view.read("scene").scene_key) == (8, scene_key(8, 2019))
        view.set(pressed={"lake": 5, "scene": None})
        assert (view.read("focus"), view.read("scene")) == (5, None)
        for strange in (7, {"lake": "8"}, {"scene": 10**6}, {"lake": 10**6, "scene": None}, {"lake": True}):
            view.set(pressed=strange)
            assert view.read("focus") == 5


def test_dates_are_brushed_without_a_pointer_and_let_go(store: Store) -> None:
    with ViewSession(store, gallery_server, State(store.settings(), focus=8, brush=Picked((0, 3)))) as view:
        view.set(this_lake=1)
        assert len(view.read("observations")) == 8
        view.set(every_lake=1)
        assert set(view.read("observations")["lake_key"]) == {0, 3, 8}
        view.set(clear=1)
        assert view.read("points") is None
        view.change("focus", None)
        view.set(this_lake=2)
        assert view.read("points") is None, "no lake in focus: nothing to brush"


def test_the_server_sends_each_page_once_and_begins_again_with_a_new_brush(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict] = []

    def serve(id: str, store: Store, selection: Selection) -> None:
        from shiny.session import require_active_session

        session = require_active_session(None)

        async def keep(type: str, message: dict) -> None:
            if type == "moraine-gallery":
                sent.append(message)

        monkeypatch.setattr(session, "send_custom_message", keep)
        gallery_server(id, store=store, selection=selection)

    lakes = tuple(key for key in range(20) if key not in {2, 13, 14})
    with ViewSession(store, serve, State(store.settings(), points=_points(store, *lakes))) as view:
        view.set()
        assert (sent[-1]["at"], sent[-1]["pages"]) == (0, 3)
        view.set(on=1)
        view.set(on=2)
        assert sent[-1]["at"] == 2
        view.set(back=1)
        assert sent[-1]["at"] == 1
        count = len(sent)
        view.change("focus", 8)
        assert len(sent) == count, "a new focus changes no page"
        view.change("points", replace(_points(store, *lakes[::-1]), log=False))
        assert (sent[-1]["at"], sent[-1]["any"]) == (0, True)
        view.change("points", None)
        assert sent[-1]["any"] is False
        assert sent[-1]["lakes"] == []


def test_the_frame_says_how_to_brush() -> None:
    html = str(gallery_ui("gallery"))
    assert "Lasso or Box" in html
    assert "This lake" in str(gallery_tools_ui("gallery"))
