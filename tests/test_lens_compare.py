"""The tab Compare: its grid, pictures, lines and lists for small lenses, what a browser may ask, what is said where there is nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shiny import reactive

from data.lens.alike import Alike, untold
from data.lens.drift import drift
from data.lens.pairing import Side, paired
from data.lens.reading import Lens, open_lens
from data.lens.similarity import MEASURES, compared, similarity
from data.lens.similarity_interval import Span
from data.lens.writing import write_lens
from data.store import Store
from modules.choices import State
from modules.lensing.comparing import Comparing, Sides, compare, place
from modules.lensing.heat import caution, cell_words, heat_tags, pairing_words, value_words
from modules.lensing.looking import LensSelection
from modules.lensing.runs import Lenses
from modules.lensing.state import Lensing
from modules.views.lens_arranged import arranged_figure, fit_words
from modules.views.lens_compare import cell_of, epoch_choices, lens_compare_server
from modules.views.lens_differ import differ_tags
from modules.views.lens_drift import drift_figure, drift_words
from tests import lens_cases
from tests.datasets import small_dataset
from tests.sessions import ViewSession
from tests.waiting import until

SCENES, PROBE = 120, 24
LAYERS = ["down.0", "down.1", "up.0"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs whose first layers are alike, and a third of other scenes; down.0 of the first is frozen."""
    folder = tmp_path_factory.mktemp("compare-runs")
    shared = np.random.default_rng(5).normal(size=(SCENES, 4))
    for seed, name, digest in ((1, "unet-1", "d"), (2, "unet-2", "d"), (3, "unet-3", "e")):
        told = lens_cases.manifest(name=name, title=f"U-Net, seed {seed}", scenes_digest=digest * 64)
        held = lens_cases.contents(SCENES, PROBE, seed, told)
        held["features.npz"]["down.0"] = (shared + 0.3 * held["features.npz"]["down.0"]).astype(np.float16)
        held["probe_features.npz"]["down.0"][:] = held["features.npz"]["down.0"][:PROBE]
        frozen = held["gradients.parquet"]["block"] == "down.0"
        held["gradients.parquet"].loc[frozen, ["mean_abs", "moved"]] = 0.0
        write_lens(folder / name / "lens", held, told)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("compare-data")))


def opened(runs: Path, seed: int) -> Lens:
    return open_lens(runs / f"unet-{seed}" / "lens")


def sides(runs: Path, measure: str = "cka", first: int | None = None, second: int | None = None) -> Sides:
    return Sides(Side(opened(runs, 1), first), Side(opened(runs, 2), second), measure)


def silent(done: int, of: int) -> None:
    """Nobody asks how far it is."""


class Compared(ViewSession):
    """The grid and its controls in a session."""

    def __init__(self, store: Store, runs: Path, lensing: Lensing | None = None) -> None:
        def serve(id: str, **given: Any) -> None:
            self.looking = LensSelection(given["selection"], Lenses([runs]))
            self.comparing = Comparing(self.looking)
            lens_compare_server(id, **given, looking=self.looking, comparing=self.comparing)

        super().__init__(store, serve, State(store.settings(), page="lens", lensing=lensing or Lensing(tab="compare", run="unet-1")))

    def seen(self, name: str) -> Any:
        with reactive.isolate():
            return getattr(self.comparing, name)()

    def wait(self, ready: Any) -> None:
        def settled() -> bool:
            self.set()
            with reactive.isolate():
                return bool(ready())

        until(settled)


def test_the_grid_has_a_button_a_pair_that_says_its_value(runs: Path) -> None:
    found = compare(sides(runs), silent)
    html = str(heat_tags(found.grid, ("One", "Two"), ("down.1", "up.0")))
    assert len(re.findall(r"<button[^>]*m-alike-cell", html)) == 9
    value = similarity(found.paired.first["down.0"], found.paired.second["down.0"], "cka").value
    assert f"down.0 of One with down.0 of Two: CKA {value:.2f}" in html
    pressed = re.findall(r'<button[^>]*aria-pressed="true"[^>]*>', html)
    assert len(pressed) == 1
    assert 'data-first="down.1"' in pressed[0]
    assert 'tabindex="0"' in pressed[0]
    assert html.count('tabindex="-1"') == 8
    assert pairing_words(found.paired, found.grid) == "Compared on the 120 scenes that both have."


def test_numbers_leave_the_squares_where_there_is_no_room() -> None:
    rng = np.random.default_rng(1)
    layers = {f"layer <{at}>": rng.normal(size=(30, 2)) for at in range(21)}
    html = str(heat_tags(compared(layers, layers, "cka"), ("A", "<script>"), ("layer <0>", "layer <0>")))
    assert not re.search(r">[01]?\.\d\d", html)
    assert "layer &lt;0&gt;" in html
    assert "<script>" not in html


def test_values_are_1_only_where_they_are_1() -> None:
    said = {1.0: "1.00", 0.99996: "0.9999", 0.997: "0.997", 0.834: "0.83", 0.001: "0.00", -0.12: "−0.12"}
    assert {value: value_words(Alike(value)) for value in said} == said
    assert value_words(untold("why")) == "none"


def test_a_pair_is_told_of_with_its_interval_and_what_to_mind() -> None:
    pair = ("down.0", "up.0")
    assert cell_words(pair, Alike(0.5), None, "svcca") == ["down.0 and up.0: SVCCA 0.50, its interval is being worked out …"]
    sure = cell_words(pair, Alike(0.5, warning="64 scenes are few"), Span(0.41, 0.58, 120), "cka")
    assert sure == ["down.0 and up.0: CKA 0.50, 95 % interval 0.41 to 0.58 (120 lakes drawn whole).", "64 scenes are few."]
    assert "leaves out the value itself" in cell_words(pair, Alike(0.5), Span(0.1, 0.3, 120), "cka")[1]
    assert cell_words(pair, untold("it is flat"), None, "cka") == ["down.0 and up.0: no CKA. It is flat."]
    assert "without an interval: 9 lakes" in cell_words(pair, Alike(0.5), Span(np.nan, np.nan, 9, "9 lakes are too few"), "cka")[0]


def test_few_scenes_are_warned_of(runs: Path) -> None:
    found = compare(sides(runs, "cka", 1, 3), silent)
    assert "9 of 9 squares are underlined" in caution(found.grid)
    assert "24 scenes that were followed" in pairing_words(found.paired, found.grid)


def test_both_pictures_show_the_same_scenes_at_the_same_scale(runs: Path) -> None:
    placed = place((compare(sides(runs), silent), ("down.0", "down.0")), silent)
    pictures = [arranged_figure(placed, second, selected=(103,)) for second in (False, True)]
    one, two = (picture["data"][0] for picture in pictures)
    assert one["customdata"] == two["customdata"] == list(range(100, 220))
    assert pictures[0]["layout"]["xaxis"]["range"] == pictures[1]["layout"]["xaxis"]["range"]
    drawn, laid = np.array([[each["x"], each["y"]] for each in (one, two)]), np.array([placed.arranged.first.T, placed.arranged.second.T])
    assert np.abs(drawn).max() == pytest.approx(1, abs=1e-3)
    scale = np.ptp(laid[0, 0]) / np.ptp(drawn[0, 0])
    assert np.allclose(scale * (drawn - drawn[0, :, :1]), laid - laid[0, :, :1], atol=1e-2), "moved and scaled alike"
    assert one["marker"]["symbol"].count("diamond") == 12
    assert [key for key, mark in zip(one["customdata"], one["marker"]["color"], strict=True) if "brushed" in mark] == [103]
    assert all(picture["layout"]["meta"]["linked"] for picture in pictures)
    near = np.corrcoef(one["x"], two["x"])[0, 1]
    assert near > 0.7, "alike layers look alike, whatever the signs of their components"
    assert "12 scenes whose neighbours differ most" in fit_words(placed)


def test_scenes_that_disagree_are_listed_and_lead_to_themselves(runs: Path) -> None:
    placed = place((compare(sides(runs), silent), ("down.0", "up.0")), silent)
    html = str(differ_tags(placed, opened(runs, 1), 105))
    keys = [int(key) for key in re.findall(r'data-lens-scene="(\d+)"', html)]
    assert keys == [100 + at for at in placed.differ.order()[:12].tolist()]
    assert f"{placed.differ.kept.mean():.1f} of a scene's 10 nearest" in html


def test_a_frozen_first_block_is_a_flat_line(runs: Path) -> None:
    found = drift(opened(runs, 1), "cka_unbiased", "last")
    figure = drift_figure(found, "up.0")
    lines = dict(zip(LAYERS, figure["data"], strict=True))
    assert lines["down.0"]["y"] == pytest.approx([1, 1, 1])
    assert lines["down.0"]["line"]["dash"] == "dash"
    assert min(lines["up.0"]["y"]) < 0.5
    assert lines["up.0"]["line"]["width"] > lines["down.1"]["line"]["width"]
    assert "down.0 never learns" in drift_words(found)
    heights = [note["y"] for note in figure["layout"]["annotations"]]
    assert heights == sorted(heights, reverse=True)
    many = replace(found, layers={f"layer {at}": found.layers["up.0"] for at in range(40)} | {"down.0": found.layers["down.0"]})
    named = [note["text"].split()[0] for note in drift_figure(many, "layer 7")["layout"]["annotations"]]
    assert named == ["down.0", "<b>layer"]
    assert figure["data"][0]["y"][0] is not None
    assert drift_figure(drift(opened(runs, 1), "svcca", "before"), "")["data"][0]["y"][0] is None


def test_the_tab_compares_chooses_and_tells(store: Store, runs: Path) -> None:
    with Compared(store, runs) as page:
        page.wait(page.comparing.grid.found)
        assert page.seen("cell") == ("down.1", "down.1"), "it opens on the bottlenecks"
        assert page.seen("sides").second.lens.name == "unet-2", "another seed of the same model"
        page.wait(lambda: page.comparing.span(page.comparing.cell()))
        assert "95 % interval" in str(page.output("cell"))
        page.set(chosen=["up.0", "down.0"])
        assert (page.read("lensing").layer, page.read("lensing").other_layer) == ("up.0", "down.0")
        page.wait(lambda: page.comparing.placed.found() and page.comparing.placed.found().cell == ("up.0", "down.0"))
        page.set(pointed=["down.0", "down.0"])
        assert "down.0 and down.0: CKA" in str(page.output("cell"))
        page.set(pointed=[])
        assert "up.0 and down.0: CKA" in str(page.output("cell"))
        for strange in (["up.9", "down.0"], "up.0", [1, 2], None, ["up.0"], {"a": 1}):
            page.set(chosen=strange, pointed=strange)
        assert page.seen("cell") == page.seen("told") == ("up.0", "down.0")
        page.set(measure="svcca", epoch="1", other_epoch="2")
        page.wait(lambda: page.comparing.grid.found().sides.measure == "svcca" and not page.comparing.grid.busy())
        found = page.comparing.grid.found
        with reactive.isolate():
            assert [side.epoch for side in (found().sides.first, found().sides.second)] == [1, 2]
            assert not found().paired.all_scenes
        for strange in ("x", "²", None, 3, "-1", "99999999999"):
            page.set(measure=strange, epoch=strange, other_epoch=strange)
        assert page.read("lensing").measure == "svcca"


def test_runs_of_other_scenes_are_refused_in_words(store: Store, runs: Path) -> None:
    with Compared(store, runs, Lensing(tab="compare", run="unet-1", other="unet-3")) as page:
        page.wait(page.comparing.grid.trouble)
        said = str(page.output("about"))
        assert "different scenes" in said
        assert "hoose two runs of the same dataset" in said
        page.set(other="unet-2")
        page.wait(lambda: "120 scenes that both have" in str(page.output("about")))


def test_a_pair_that_is_no_longer_there_is_not_told_of(store: Store, runs: Path) -> None:
    """Another run may have other layers while the pointer still rests on one of those before."""
    with Compared(store, runs) as page:
        page.wait(page.comparing.grid.found)
        with reactive.isolate():
            page.comparing.pointed.set(("gone", "gone"))
        page.set()
        assert page.seen("told") == ("down.1", "down.1")
        assert "down.1 and down.1: CKA" in str(page.output("cell"))


def test_a_damaged_file_is_named_without_its_folder(store: Store, tmp_path: Path) -> None:
    lens_cases.lens(tmp_path, 30)
    (tmp_path / "unet-7" / "lens" / "features.npz").write_bytes(b"")
    with Compared(store, tmp_path, Lensing(tab="compare")) as page:
        page.wait(page.comparing.grid.trouble)
        said = str(page.output("about"))
        assert "The file unet-7/features.npz is not what lens.json names" in said
        assert str(tmp_path) not in said


def test_of_very_many_scenes_evenly_many_are_placed(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = compare(sides(runs), silent)
    monkeypatch.setattr("modules.lensing.comparing.MOST", 40)
    placed = place((found, ("up.0", "up.0")), silent)
    assert len(placed.scene_key) == len(placed.words) == len(placed.differ.kept) == len(placed.arranged.first) == 40
    assert np.ptp(placed.scene_key) == 119
    assert "Of the 120 scenes, evenly many are drawn: 40." in fit_words(placed)


def test_nothing_is_worked_out_while_another_tab_is_shown(store: Store, runs: Path) -> None:
    with Compared(store, runs, Lensing(tab="layers", run="unet-1")) as page:
        page.set()
        with reactive.isolate():
            assert not page.comparing.grid.busy()
            assert page.comparing.grid.found() is None
        page.looking.change(tab="compare")
        page.wait(page.comparing.grid.found)


def test_epochs_are_offered_from_the_last(runs: Path) -> None:
    assert epoch_choices(opened(runs, 1)) == {"last": "3, the last", "2": "2", "1": "1"}
    assert cell_of(("a", "b")) == ("a", "b")
    assert {each.name for each in MEASURES.values()} == set(MEASURES)
    assert paired(Side(opened(runs, 1)), Side(opened(runs, 1))).of == (SCENES, SCENES)
