"""The threshold tried on the lake in focus: what follows it, what does not, and what it says of the trend against plain fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from shiny import reactive
from starlette.applications import Starlette
from starlette.routing import Route

from data.records import TrendSettings
from data.store import Store
from modules.choices import Display, Look, State
from modules.columns import packed, series_columns
from modules.evidence import Drawn, evidence_of
from modules.image_urls import flipbook_url, rings_url, thumb_url
from modules.links.link import link, state_from
from modules.numerals import figure_text
from modules.serving.datasets import Datasets
from modules.serving.guard.rules import Rules
from modules.serving.routes import BLOCK, Answers, series_url
from modules.trial import code_alone, slopes_by_threshold, threshold_of
from modules.views.area_series import focus_of
from modules.views.focus_line import focus_line_server
from modules.views.threshold import threshold_server
from tests.asgi import get
from tests.datasets import SOURCE
from tests.probable_dataset import SEGMENTER, probable_dataset
from tests.sessions import ViewSession

LAKE = 5


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(probable_dataset(tmp_path_factory.mktemp("trial") / "data"))


def opening(store: Store, **more: Any) -> State:
    return State(TrendSettings(source=SEGMENTER), focus=LAKE, **more)


@pytest.mark.parametrize("response", ["log", "area"])
def test_the_trend_at_every_threshold_is_that_of_the_whole_table(store: Store, response: str) -> None:
    settings, row = TrendSettings(source=SEGMENTER, response=response), store.row_of(LAKE)
    found = slopes_by_threshold(store, LAKE, settings)
    assert found.shape == (20, 3)
    for place, threshold in enumerate(store.thresholds[SEGMENTER]):
        whole = store.trends(store.at_threshold(settings, threshold)).frame.iloc[row]
        plain = [float(whole[name]) for name in ("slope", "ci_low", "ci_high")]
        plain = [100 * np.expm1(value) for value in plain] if response == "log" else plain
        np.testing.assert_allclose(found[place], plain, rtol=1e-12, atol=1e-14)


def test_a_lake_fitted_alone_has_the_statistics_of_the_whole_table(store: Store) -> None:
    settings = store.at_threshold(TrendSettings(source=SEGMENTER), 0.6)
    alone, whole = store.lake_trends(LAKE, settings).frame.iloc[0], store.trends(settings).frame.iloc[store.row_of(LAKE)]
    same = [name for name in whole.index if name not in {"q", "q_ols", "log_q", "log_q_ols"}]
    for name in same:
        assert alone[name] == whole[name] or (alone[name] != alone[name] and whole[name] != whole[name]), name
    assert alone["log_q"] == whole["log_p"]
    assert store.lake_trends(7, settings).frame["status"].tolist() == ["insufficient"], "a lake that the source does not know"


def test_the_slider_scores_one_lake_and_the_button_all(store: Store) -> None:
    with ViewSession(store, threshold_server, opening(store)) as view:
        whole, trial = view.read("table"), view.selection.trial

        def now() -> tuple[float | None, float | None, float | None]:
            with reactive.isolate():
                return trial.live().threshold, trial.rest().threshold, view.selection.settings().threshold

        def shown() -> Any:
            with reactive.isolate():
                return trial.table()

        view.set(sent={"value": 0.6, "moving": True})
        assert now() == (0.6, None, None), "what is costly waits until the slider rests"
        assert len(shown().frame) == 1
        view.set(sent={"value": 0.65, "moving": False})
        assert now() == (0.65, 0.65, None)
        assert view.read("table") is whole, "the volcano shows what it says"
        expected = store.trends(replace(whole.settings, threshold=0.65)).frame["slope"].iloc[store.row_of(LAKE)]
        assert shown().frame["slope"].tolist() == [expected]
        for strange in ({"value": 0.33}, {"value": "x"}, {"value": True}, {"value": 7}, {"value": float("nan")}, "x", None, [0.2], {}):
            view.set(sent=strange)
        assert now() == (0.65, 0.65, None)
        view.set(take=1)
        assert now() == (0.65, 0.65, 0.65)
        assert trial_threshold(view) is None
        view.set(sent={"value": 0.3, "moving": False})
        view.set(back=1)
        assert now() == (0.65, 0.65, 0.65), "first back to all lakes"
        view.set(back=2)
        assert now() == (None, None, None), "then all lakes back to the dataset's own"
        assert shown().settings == view.read("table").settings


def trial_threshold(view: ViewSession) -> float | None:
    with reactive.isolate():
        return view.selection.trial.threshold()


def test_another_source_has_its_own_threshold(store: Store) -> None:
    with ViewSession(store, threshold_server, opening(store, trial=0.6)) as view:
        view.set(source="nobody")
        assert view.read("settings").source == SEGMENTER
        view.selection.change_source(SOURCE)
        view.set()
        assert (view.read("settings"), trial_threshold(view)) == (replace(view.read("settings"), source=SOURCE, threshold=None), None)
        view.set(sent={"value": 0.6, "moving": False})
        assert trial_threshold(view) is None, "the inventory has none"
        view.set(source=SEGMENTER)
        assert view.read("settings").source == SEGMENTER


def test_brushed_dates_are_those_that_are_drawn(store: Store) -> None:
    with ViewSession(store, threshold_server, opening(store, trial=0.6)) as view:
        view.selection.brush_dates()
        view.set()
        points = view.read("points")
        assert points.settings.threshold == 0.6
        by_hand = store.areas(LAKE, points.settings)
        assert sorted(view.read("observations")["area_km2"]) == sorted(by_hand[by_hand["source"] == SEGMENTER]["area_km2"])


def test_the_focus_line_says_both(store: Store) -> None:
    with ViewSession(store, focus_line_server, opening(store, trial=0.55)) as view:
        html = view.output("sentence")["html"]
        assert "at probability &gt; 0.55: p = " in html
        assert "all at &gt; 0.5: +" in html
        assert "q =" not in html
        view.selection.trial.set(None)
        view.set()
        assert "probability" not in view.output("sentence")["html"]


def test_the_series_shows_the_areas_at_the_threshold(store: Store) -> None:
    table = store.trends(TrendSettings(source=SEGMENTER))
    alone = store.lake_trends(LAKE, replace(table.settings, threshold=0.6))
    focus = focus_of(store, alone, LAKE, np.zeros(1, dtype=np.int8), before=table)
    assert focus is not None
    rows = store.areas_by_threshold(LAKE, SEGMENTER)
    assert focus.areas["area_km2"].tolist() == rows[rows["threshold"] == 0.6]["area_km2"].tolist()
    assert focus.before is not None
    assert focus.before["slope"] == table.frame["slope"].iloc[focus.row]


def test_one_lake_has_a_class_by_p_only(store: Store) -> None:
    alone = store.lake_trends(LAKE, TrendSettings(source=SEGMENTER))
    assert float(alone.frame["slope"].iloc[0]) > 0
    p = float(alone.frame["p"].iloc[0])
    assert code_alone(alone, Display(use="q", alpha=min(2 * p, 0.99))) == 0
    assert code_alone(alone, Display(use="p", alpha=min(2 * p, 0.99))) == 2
    assert code_alone(alone, Display(use="p", alpha=p / 2)) == 1


def test_what_the_browser_sends_is_looked_up(store: Store) -> None:
    assert threshold_of(0.35000000001, store, SEGMENTER) == 0.35
    assert [threshold_of(strange, store, SEGMENTER) for strange in (0.36, "0.35", True, None, float("nan"))] == [None] * 5
    assert threshold_of(0.35, store, SOURCE) is None


@pytest.mark.parametrize(("all_lakes", "trial", "compare"), [(None, 0.35, ""), (0.35, None, SOURCE), (0.35, 0.5, SOURCE), (0.0, 0.95, "")])
def test_a_link_brings_thresholds_and_the_source_compared_with_back(
    store: Store, all_lakes: float | None, trial: float | None, compare: str
) -> None:
    settings = replace(store.settings(), source=SEGMENTER, threshold=all_lakes)
    state = State(settings, focus=LAKE, trial=trial, display=Display(compare=compare))
    assert state_from(link(state, store).query, store) == (state, [])


@pytest.mark.parametrize(
    ("query", "word"),
    [(f"source={SEGMENTER}&above=0.33", "0.33"), ("above=0.35", "no probabilities"),
     (f"source={SEGMENTER}&tried=x", "threshold of the lake"),
     ("tried=0.35", "no probabilities"), (f"source={SEGMENTER}&above=nan", "settings"), ("compare=nobody", "nobody"),
     (f"source={SEGMENTER}&compare={SEGMENTER}", "compared")],
)  # fmt: skip
def test_a_link_that_cannot_be_followed_says_so(store: Store, query: str, word: str) -> None:
    restored, notices = state_from(f"{query}&lake={LAKE}", store)
    assert len(notices) == 1
    assert word in notices[0]
    assert (restored.focus, restored.trial, restored.settings.threshold) == (LAKE, None, None)


def test_masks_follow_at_once_and_thumbnails_at_rest(store: Store) -> None:
    scenes = store.scenes.of_lake(LAKE)
    live, rest = (store.at_threshold(TrendSettings(source=SEGMENTER), threshold) for threshold in (0.2, 0.8))
    told = evidence_of(store, scenes, Look(), (SEGMENTER,), "five", drawn=Drawn(live, rest))
    assert told["passing"]
    assert told["flipbook"] == flipbook_url(store, LAKE, "true", SEGMENTER, 0.8)
    rows = store.areas(LAKE, live).set_index("scene_key")
    for scene, shown in zip(scenes, told["scenes"], strict=True):
        assert shown["masks"][SEGMENTER]["rings"] == rings_url(store, scene, SEGMENTER, 0.2)
        assert shown["thumb"] == thumb_url(store, scene, "true", SEGMENTER, 0.8)
        assert shown["areas"][SEGMENTER].startswith(figure_text(rows["area_km2"].loc[scene.scene_key]))
    assert not evidence_of(store, scenes, Look(), (SEGMENTER,), "five", drawn=Drawn(rest, rest))["passing"]


def test_brushed_lakes_are_sent_at_the_threshold(store: Store) -> None:
    settings = store.at_threshold(TrendSettings(source=SEGMENTER), 0.2)
    route = Route("/columns/{name:str}/{digest:str}/{rest:path}", Answers(Datasets([store.path], None), Rules()).columns)
    status, _, body = get(Starlette(routes=[route]), f"/{series_url(store, settings).replace('BLOCK', '0')}")
    assert status == 200
    assert body == packed(series_columns(store, settings, 0, BLOCK))
    areas = store.areas_by_threshold(LAKE, SEGMENTER)
    mine = series_columns(store, settings, 0, BLOCK)
    lake = mine["area"][mine["row"] == store.row_of(LAKE)]
    assert lake == pytest.approx(areas[areas["threshold"] == 0.2]["area_km2"].to_numpy(), rel=1e-6)
