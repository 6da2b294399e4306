"""The Predictions page: three sources, two of them imported, on chips of a benchmark; what is lacking; exports; opening a scene."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from data.simulate.progress import Progress, write_progress
from data.store import Store
from models.__main__ import main
from modules.choices import State
from modules.judging.comparison import comparison_frame, error_sums
from modules.judging.export import csv_bytes, scores_csv
from modules.judging.frame import judged
from modules.judging.inspection import Inspection, Seen, seen, worst_first
from modules.judging.metrics import METRICS
from modules.judging.seen import SeenScores
from modules.judging.triples import Sight
from modules.links.link import link, state_from
from modules.pages.predictions import lacking, predictions_server, predictions_ui
from modules.selection import Selection
from modules.views.comparison import comparison_tags
from modules.views.continuum import SHARES, continuum_tags
from modules.views.error_split import error_tags
from modules.views.inspection_controls import seen_words
from modules.views.reliability import reliability_tags
from modules.views.score_scatter import scatter_figure
from modules.views.score_sizes import size_tags
from modules.views.worst_first import PAGE, worst_tags
from tests.datasets import small_dataset
from tests.judged_chips import COUNT, SOURCES, judged_chips
from tests.scene_dataset import scene_dataset, scene_key
from tests.sessions import ViewSession

SIGHT = Sight("true", "scene")


@pytest.fixture(scope="module")
def chips(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(judged_chips(Path(tmp_path_factory.mktemp("page")) / "bench"))


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = scene_dataset(Path(tmp_path_factory.mktemp("page")) / "scenes")
    assert main(["evaluate", str(folder)]) == 0
    return Store(folder)


@pytest.fixture(scope="module")
def found(chips: Store) -> Seen:
    return seen(judged(chips), Inspection())


def session(store: Store, inspection: Inspection | None = None) -> ViewSession:
    def serve(id: str, store: Store, selection: Selection) -> None:
        predictions_server(id, store, selection, given=SeenScores(store, selection, judged(store)))

    return ViewSession(store, serve, State(store.settings(), page="predictions", inspection=inspection or Inspection()))


def told(view: ViewSession, name: str) -> str:
    """An output once all that follows from the last input has been worked out."""
    view.set()
    return str(view.output(name))


def test_all_three_sources_are_shown_everywhere(chips: Store, found: Seen) -> None:
    pair = found.pair(("", ""))
    shown = {
        "controls": seen_words(found, {}, simulated=False), "continuum": str(continuum_tags(chips, found, "iou", SIGHT)),
        "comparison": str(comparison_tags(comparison_frame(found, SOURCES[0]), "iou", SOURCES[0], found.unit)),
        "errors": str(error_tags(error_sums(found))), "sizes": str(size_tags(found, "iou")),
    }  # fmt: skip
    assert {(name, source) for name, text in shown.items() for source in SOURCES if source not in text} == set()
    assert pair == SOURCES[:2]
    assert all(source in str(reliability_tags(found)) for source in SOURCES[1:])
    assert shown["continuum"].count("m-tile-words") == len(SOURCES) * len(SHARES)
    assert "data-judged-scene" not in shown["continuum"], "Explore cannot show a chip without a lake: its image opens instead"
    assert "regions (3)" in shown["comparison"]
    assert "hint" in shown["comparison"], "three clusters are few, and that is said"


def test_the_page_serves_them(chips: Store) -> None:
    with session(chips) as view:
        view.set(**{"controls-metric": "iou", "controls-scope": "", "controls-sources": [], "worst-sort": "disagreement"})
        assert all(source in told(view, "controls-said") for source in SOURCES)
        assert all(source in told(view, "continuum-figure") for source in SOURCES)
        worst = told(view, "worst-entries")
        assert all(source in worst for source in SOURCES)
        assert (
            told(view, "worst-said")
            == f"1 to {PAGE} of {COUNT} scenes, by disagreement between the sources (IoU: largest less smallest), the worst first"
        )
        view.set(**{"worst-on": 1})
        assert told(view, "worst-said").startswith(f"{PAGE + 1} to {2 * PAGE} of {COUNT}")
        view.set(**{"controls-splits": ["test"]})
        assert told(view, "worst-said").startswith(f"1 to {PAGE} of {COUNT // 3} scenes")
        assert told(view, "controls-said").startswith(f"{COUNT // 3} of {COUNT} scenes")
        assert view.read("inspection").splits == ("test",)
        view.set(**{"controls-metric": "no such", "controls-sources": [SOURCES[2]], "worst-sort": "ece"})
        assert view.read("inspection").metric == "iou"
        assert SOURCES[0] not in told(view, "continuum-figure")


def test_the_worst_are_those_of_the_source_that_is_asked(chips: Store, found: Seen) -> None:
    inspection = Inspection(metric="recall", worst_of=SOURCES[0])
    order = worst_first(found, inspection).iloc[:4]
    html = str(worst_tags(chips, found, inspection, order, SIGHT))
    places = [html.index(f"/chip/{key}/") for key in order["scene_key"]]
    assert places == sorted(places)
    assert html.count('class="m-triple"') == 4
    number = chips.scenes.sources.index(SOURCES[0])
    for key in order["scene_key"]:
        assert f"/belief/{key}/{number}/scene.png" in html
        assert f"/errors/{key}/{number}/{chips.scenes.sources.index('label')}/scene.png" in html
    assert "Recall 0.000" in html


def test_errors_are_drawn_against_the_label_of_their_scores(chips: Store, found: Seen) -> None:
    """Sources may have been scored against two labels: each shows its own."""
    rows = found.rows.assign(label=np.where(found.rows["source"] == SOURCES[0], SOURCES[2], "label"))
    mixed = replace(found, rows=rows)
    html = str(worst_tags(chips, mixed, Inspection(sort="disagreement"), worst_first(mixed, Inspection()).iloc[:1], SIGHT))
    numbers = {name: chips.scenes.sources.index(name) for name in ("label", *SOURCES)}
    drawn = set(re.findall(r"/errors/[0-9]+/([0-9]+)/([0-9]+)/scene", html))
    assert drawn == {
        (str(numbers[source]), str(numbers[label]))
        for source, label in ((SOURCES[0], SOURCES[2]), (SOURCES[1], "label"), (SOURCES[2], "label"))
    }
    assert f"against “label, {SOURCES[2]}”" in seen_words(mixed, {}, simulated=False)


def test_a_point_of_the_scatter_is_a_scene_with_both_scores(found: Seen) -> None:
    figure = scatter_figure(found, "recall", (SOURCES[0], SOURCES[2]), picked=5)
    points, ring = figure["data"]
    first, second = (found.of(source)["recall"] for source in (SOURCES[0], SOURCES[2]))
    assert points["customdata"] == first.index.tolist()
    assert points["x"] == pytest.approx(first.tolist(), abs=1e-4)
    assert points["y"] == pytest.approx(second.tolist(), abs=1e-4)
    assert (ring["x"], ring["y"]) == (pytest.approx([first[5]], abs=1e-4), pytest.approx([second[5]], abs=1e-4))
    assert figure["layout"]["meta"]["points"] == [SOURCES[0], SOURCES[2]]
    assert points["text"] == [
        f"{name} · {split}" for name, split in zip(*(found.of(SOURCES[0])[part] for part in ("name", "split")), strict=True)
    ]
    assert scatter_figure(found, "iou", None)["data"] == []


def test_a_scene_of_a_lake_opens_on_explore(lakes: Store) -> None:
    with session(lakes) as view:
        worst = re.search(r'data-judged-scene="([0-9]+)"', told(view, "worst-entries"))
        assert worst is not None
        assert lakes.scenes.scene(int(worst[1])) is not None
        view.set(pressed=scene_key(8, 2019))
        assert (view.read("page"), view.read("focus"), view.read("scene_key")) == ("explore", 8, scene_key(8, 2019))
        for strange in (10**6, "8", None, True):
            view.change("page", "predictions")
            view.set(pressed=strange)
            assert view.read("page") == "predictions"


@pytest.mark.parametrize(
    "inspection", [Inspection(sources=("nobody",)), Inspection(places=("nowhere",)), Inspection(metric="ece", sources=SOURCES[:1])]
)
def test_where_nothing_is_left_every_part_says_what_to_do(chips: Store, inspection: Inspection) -> None:
    with session(chips, inspection) as view:
        assert "loosen the filters" in told(view, "continuum-figure")
        assert "loosen the filters" in told(view, "worst-entries")
        assert told(view, "worst-said") == "0 of 0 scenes"
        if inspection.metric == "iou":
            assert f"0 of {COUNT} scenes" in told(view, "controls-said")
            for part in ("comparison-tables", "split-table", "sizes-table"):
                assert "loosen the filters" in told(view, part)
        assert "None of these sources says how sure it is" in told(view, "reliability-figures")
        view.set(**{"worst-on": 1, "worst-sort": "disagreement"})
        assert "loosen the filters" in told(view, "worst-entries")


def test_the_pair_and_the_source_of_the_worst_are_taken_from_what_there_is(chips: Store) -> None:
    with session(chips) as view:
        view.set(**{"comparison-base": SOURCES[2]})
        assert view.read("inspection").pair == (SOURCES[2], SOURCES[1])
        view.set(**{"scatter-second": SOURCES[2]})
        assert view.read("inspection").pair == (SOURCES[1], SOURCES[2]), "the two change places"
        view.set(**{"scatter-first": "nobody"})
        assert SOURCES[1] in told(view, "continuum-figure")
        view.set(**{"worst-sort": "", "worst-worst_of": SOURCES[1]})
        assert view.read("inspection").worst_of == SOURCES[1]
        assert f"by IoU of {SOURCES[1]}" in told(view, "worst-said")


def test_exports_hold_every_row_that_is_listed_and_where_it_comes_from(lakes: Store) -> None:
    held = seen(judged(lakes), Inspection(reasons=("ok",)))
    order = worst_first(held, Inspection(sort="area_error"))
    rows = list(csv.DictReader(io.StringIO(scores_csv(lakes, held, order).decode())))
    assert [int(row["scene_key"]) for row in rows] == order["scene_key"].tolist()
    assert [int(row["rank"]) for row in rows] == list(range(1, len(order) + 1))
    assert {(row["simulated"], row["scope"], row["label"], row["reason"]) for row in rows} == {("True", "lake", "label", "ok")}
    assert {row["dataset_digest"] for row in rows} == {lakes.digest}
    table = list(csv.DictReader(io.StringIO(csv_bytes(lakes, comparison_frame(held, "")).decode())))
    assert {row["metric"] for row in table} == set(METRICS)
    assert {row["resampled"] for row in table} == {"sub-basins"}


def test_simulated_scope_threshold_label_and_n_are_said(lakes: Store) -> None:
    held = seen(judged(lakes), Inspection(reasons=("cloud",)))
    said = seen_words(held, {}, simulated=True)
    assert said.startswith("1 of 47 scenes · the scene's lake · against “label”")
    assert said.endswith(" · simulated")
    assert "a mask without probabilities" in said


def test_thresholds_are_said(found: Seen) -> None:
    assert "water_index: 24 scenes, water above 0.35" in seen_words(found, {"water_index": 0.35}, simulated=False)


def test_the_page_and_its_choices_are_in_the_link(lakes: Store) -> None:
    state = State(lakes.settings(), page="predictions", inspection=Inspection("recall", "scene", sort="too_small", places=("Koshi",)))
    again, notices = state_from(link(state, lakes).query, lakes)
    assert (again, notices) == (state, [])
    odd, notices = state_from("page=elsewhere&p.metric=beauty", lakes)
    assert (odd.page, odd.inspection) == ("explore", Inspection())
    assert len(notices) == 2


def test_what_is_lacking_is_said_with_the_command_that_brings_it(tmp_path: Path) -> None:
    bare = Store(small_dataset(tmp_path / "small"))
    assert "no images" in lacking(bare)[0]
    page = partial(predictions_ui, "page")
    html = str(page(bare, State(bare.settings())))
    assert "python -m models predict" in html
    assert "python -m models evaluate DIR" in html
    scenes = Store(scene_dataset(tmp_path / "scenes"))
    assert lacking(scenes)[1] == ["python -m models evaluate DIR"]
    assert str(tmp_path) not in html
    write_progress(scenes.path, Progress(0, 3, None, "", "scores"))
    assert lacking(scenes) == (
        "Moraine is still making this simulated dataset: its masks and scores come after its images. Load the page again then.",
        [],
    )
    with session_without_scores(scenes) as view:
        view.set(pressed=scene_key(8, 2019))
        assert view.read("page") == "predictions"


def session_without_scores(store: Store) -> ViewSession:
    return ViewSession(store, predictions_server, State(store.settings(), page="predictions"))
