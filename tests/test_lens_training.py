"""The tabs Training and Function space: what their figures and pictures hold, what a brush takes, and what a press does."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from shiny import reactive

from data.lens.hard import FORGOTTEN, STAYED
from data.lens.reading import Lens
from data.store import Store
from modules.choices import State
from modules.images.colours import rgb
from modules.lensing.courses import by_epoch, course_tile, each_epoch, frames, panels
from modules.lensing.hardness import hardness
from modules.lensing.line_brush import drawn_polygon, lines_in
from modules.lensing.line_colours import by_reason, by_size
from modules.lensing.looking import LensSelection
from modules.lensing.pictures.courses import AGREED, FALSE, KINDS, LAND, MISSED, ROWS, UNKNOWN, outcomes, side_by_side
from modules.lensing.runs import Lenses
from modules.lensing.state import Lensing
from modules.pages.lens import lens_server
from modules.views import lens_course, lens_curves, lens_gallery, lens_hard, lens_losses, lens_strip
from modules.views.lens_curves import curves_figure
from modules.views.lens_functions import comparable, functions_figure, laid_out
from modules.views.lens_gallery import followed_order, gallery_words
from modules.views.lens_losses import losses_figure
from tests.datasets import small_dataset
from tests.followed_lens import Followed, followed_lens
from tests.sessions import ViewSession
from tests.waiting import until

MADE = Followed(scenes=30, epochs=16, side=32)
NEVER, LOST = 1003, 1005


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("followed")
    followed_lens(folder, MADE)
    followed_lens(folder, Followed(scenes=30, epochs=12, side=32, seed=1), "unet-1")
    return folder


@pytest.fixture(scope="module")
def lenses(runs: Path) -> dict[str, Lens]:
    return Lenses([runs]).look()[0]


@pytest.fixture(scope="module")
def lens(lenses: dict[str, Lens]) -> Lens:
    return lenses["unet-0"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("lens-training")))


class Page(ViewSession):
    """The whole page in a session, and what it looks at."""

    def __init__(self, store: Store, runs: Path, lensing: Lensing) -> None:
        def serve(id: str, **given: Any) -> None:
            lens_server(id, **given, lenses=Lenses([runs]))
            self.looking = LensSelection(given["selection"], Lenses([runs]))

        super().__init__(store, serve, State(store.settings(), page="lens", lensing=lensing))

    def __enter__(self) -> Page:
        super().__enter__()
        self.set(**{"tab": self.read("lensing").tab, "training-losses-colour": "reason", "training-losses-log": False})
        self.set()
        return self

    def seen(self, name: str) -> Any:
        with reactive.isolate():
            return getattr(self.looking, name)()


@pytest.fixture
def page(store: Store, runs: Path) -> Iterator[Page]:
    with Page(store, runs, Lensing(run="unet-0", scene=NEVER)) as opened:
        yield opened


def picture(body: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(body)).convert("RGBA"))


# ---- pictures ------------------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**6))
@settings(max_examples=20)
def test_outcomes_are_those_of_a_plain_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    probability, label = rng.integers(120, 136, (3, 4, 5), dtype=np.uint8), rng.choice(np.array([0, 1, 255], dtype=np.uint8), (4, 5))
    found = outcomes(probability, label)
    for (epoch, row, column), value in np.ndenumerate(probability):
        truth, wet = label[row, column], value / 255 > 0.5
        expected = UNKNOWN if truth == 255 else (AGREED if wet else MISSED) if truth == 1 else (FALSE if wet else LAND)
        assert found[epoch, row, column] == expected


def test_each_epoch_stands_where_the_browser_looks_for_it(lens: Lens) -> None:
    side, place = MADE.side, 7
    belief, _ = KINDS["course-belief"](lens, ["1007"])
    wide = picture(belief)
    assert wide.shape == (side, side * MADE.epochs, 4)
    for epoch in (0, 5, MADE.epochs - 1):
        shown = wide[:, epoch * side : (epoch + 1) * side, :3].astype(int)
        p = lens.predictions()[epoch, place] / 255
        assert np.abs(shown - (np.array([16, 20, 24]) * (1 - p[..., None]) + np.array(rgb("water")) * p[..., None])).max() <= 1
    many, _ = KINDS["courses-outcomes"](lens, ["1"])
    rest = MADE.scenes - ROWS
    cell = picture(many).reshape(rest, side, MADE.epochs, side, 4)[2, :, 9]
    classes = outcomes(lens.predictions()[9, ROWS + 2], lens.probe().label[ROWS + 2])
    for code, meaning in ((AGREED, "agreed"), (FALSE, "false"), (MISSED, "missed")):
        assert (cell[classes == code, :3] == rgb(meaning)).all()
    assert (cell[classes == LAND, 3] == 0).all()
    assert {picture(KINDS[kind](lens, [part])[0]).shape[:2] for kind, part in (("course-image", "1007"), ("course-label", "1007"))} == {
        (side, side)
    }
    assert picture(KINDS["courses-image"](lens, ["0"])[0]).shape[:2] == (ROWS * side, side)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_followed_has_no_picture(lens: Lens, kind: str) -> None:
    for parts in (["7"], ["-1"], ["x"], [], ["0", "0"], ["99999999999999999999"]):
        if kind.startswith("courses") and parts == ["0"]:
            continue
        with pytest.raises((ValueError, LookupError, OverflowError)):
            KINDS[kind](lens, parts)


def test_epochs_lie_side_by_side() -> None:
    values = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    laid = side_by_side(values)
    for epoch, scene, row, column in np.ndindex(*values.shape):
        assert laid[scene * 4 + row, epoch * 5 + column] == values[epoch, scene, row, column]


# ---- elements of the page ------------------------------------------------------------------------------------------------------------


def test_tiles_carry_what_follows_the_epoch(lens: Lens) -> None:
    iou = by_epoch(lens, "iou")
    found = course_tile(lens, NEVER, iou)
    assert found.attrs["data-lens-scene"] == str(NEVER)
    texts = json.loads(str(found.children[1].attrs["data-lens-values"]))
    rows = lens.training().query("scene_key == @NEVER").sort_values("epoch")
    assert texts == [f"{value:.2f}" for value in rows["iou"]]
    assert "--m-rows:25" in found.children[0].attrs["style"]
    assert "--m-rows:5" in course_tile(lens, 1027, iou).children[0].attrs["style"]
    strip = frames(lens, NEVER, iou)
    assert [child.attrs["data-lens-go"] for child in strip.children] == [str(at) for at in range(MADE.epochs)]
    assert strip.children[4].attrs["aria-label"] == f"Epoch 5, IoU {texts[4]}"
    assert str(panels(lens, NEVER)).count("m-follow") == 2, "label and image stay, prediction and errors follow"
    assert each_epoch(iou, 7) == []
    assert each_epoch(None, NEVER) == []


def test_planted_scenes_are_picked_out(lens: Lens) -> None:
    kinds = hardness(lens).set_index("scene_key")["kind"]
    assert kinds[NEVER] == STAYED
    assert kinds[LOST] == FORGOTTEN
    assert followed_order(lens)[:2] == hardness(lens)["scene_key"].head(2).tolist()
    assert sorted(followed_order(lens)) == sorted(lens.probe().scene_key.tolist())
    assert gallery_words(lens, (), 30).startswith("all 30 followed scenes")
    assert gallery_words(lens, (NEVER, 5), 1) == (
        "1 of 30 followed scenes, the hardest first; 1 more chosen was not followed through training"
    )


# ---- figures -------------------------------------------------------------------------------------------------------------------------


def test_every_scene_has_one_line_in_its_colour(lens: Lens) -> None:
    losses, found = by_epoch(lens, "loss"), hardness(lens).set_index("scene_key")["kind"]
    groups = by_reason(lens.scenes)
    figure = losses_figure(losses, groups, found, lens.scenes["name"])
    drawn: dict[int, list[float]] = {}
    for trace in figure["data"]:
        group = next(group for group in groups if trace["line"]["color"].startswith(f"var(--m-{group.meaning})"))
        assert len(trace["x"]) == len(trace["y"]) == len(trace["customdata"]) == len(trace["text"])
        for key, value, said in zip(trace["customdata"], trace["y"], trace["text"], strict=True):
            assert (key is None) == (value is None)
            if key is not None:
                assert key in group.scene_keys
                assert said == lens.scenes.at[key, "name"]
                drawn.setdefault(key, []).append(value)
    assert sorted(drawn) == sorted(losses.index)
    for key, values in drawn.items():
        np.testing.assert_allclose(values, losses.loc[key], rtol=1e-3)
    bold = {key for trace in figure["data"] if trace["line"]["width"] > 2 for key in trace["customdata"] if key is not None}
    assert bold == set(found[found != ""].index)
    assert [trace["line"]["dash"] for trace in figure["data"] if LOST in trace["customdata"]] == ["dash"]
    zero = losses.copy()
    zero.iloc[0, 3] = 0.0
    logged = losses_figure(zero, groups, found, lens.scenes["name"], log=True)
    assert min(value for trace in logged["data"] for value in trace["y"] if value is not None) > 0
    assert logged["layout"]["yaxis"]["type"] == "log"


def test_sizes_share_the_scenes_evenly() -> None:
    sizes = pd.DataFrame({"size_km2": [0.4, 0.1, np.nan, 0.3, 0.2, 0.5, 0.6, 0.7, 0.8]}, index=range(10, 19))
    unknown, *groups = by_size(sizes)
    assert unknown.scene_keys == (12,)
    assert [group.scene_keys for group in groups] == [(11, 14), (13, 10), (15, 16), (17, 18)]
    assert groups[0].words == "0.1 to 0.2 km²"
    strengths = [group.opacity for group in groups]
    assert strengths == sorted(strengths)
    assert strengths[-1] == 1


def test_curves_are_those_of_the_file(lens: Lens) -> None:
    figure = curves_figure(lens.epochs(), "U-Net")
    rows = lens.epochs()
    found = {trace["hovertemplate"].split("<br>")[1].split(" %")[0]: trace for trace in figure["data"]}
    for name, column in {"train loss": "loss", "validation loss": "validation_loss", "validation IoU": "validation_iou"}.items():
        np.testing.assert_allclose(found[name]["y"], rows[column], rtol=1e-4)
    assert figure["layout"]["meta"]["epochs"] is True
    gap = rows.assign(train_iou=np.nan)
    assert [len(trace["x"]) for trace in curves_figure(gap, "U-Net")["data"]] == [16, 16, 0, 16]
    assert len(curves_figure(gap, "U-Net")["layout"]["annotations"]) == 3


def test_paths_are_keyed_by_run_and_epoch(lenses: dict[str, Lens]) -> None:
    chosen, faults = comparable(lenses, "unet-1")
    assert (list(chosen), faults) == (["unet-0", "unet-1"], [])
    space = laid_out(chosen, "probabilities")
    figure = functions_figure(space, chosen, "unet-1", "probabilities")
    assert [trace["meta"]["own"] for trace in figure["data"]] == [False, True]
    for trace in figure["data"]:
        for key, epoch, said, x in zip(trace["customdata"], trace["meta"]["epochs"], trace["text"], trace["x"], strict=True):
            row = space.points.loc[key]
            assert row["epoch"] == epoch
            assert lenses[row["run"]].manifest.title in said
            assert x == pytest.approx(row["x"], abs=1e-4)
    assert "% explained" in figure["layout"]["xaxis"]["title"]["text"]
    titles = [note["text"] for note in figure["layout"]["annotations"]]
    assert {"U-Net, seed 0", "U-Net, seed 1", "1"} <= set(titles)


def test_runs_of_other_scenes_are_named_and_left_out(lenses: dict[str, Lens], tmp_path: Path) -> None:
    other = followed_lens(tmp_path, Followed(scenes=4, epochs=3, side=32, never=(), lost=(), first=9000), "far")
    chosen, faults = comparable({**lenses, "far": other}, "unet-0")
    assert list(chosen) == ["unet-0", "unet-1"]
    assert faults == ["U-Net, seed 0 was made on other scenes, so it has no place here."]
    alone, faults = comparable({**lenses, "far": other}, "far")
    assert list(alone) == ["far"]
    assert len(faults) == 2


# ---- brush ---------------------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_a_box_takes_the_lines_that_pass_through_it(seed: int) -> None:
    """Against a line looked at in a thousand places."""
    rng = np.random.default_rng(seed)
    values = pd.DataFrame(rng.uniform(0, 1, (12, 8)), index=range(50, 62), columns=range(1, 9))
    left, low = rng.uniform(1, 7), rng.uniform(0, 0.9)
    right, high = left + rng.uniform(0.3, 1), low + rng.uniform(0.05, 0.1)
    at = np.linspace(left, right, 4001)
    seen = {key: np.interp(at, range(1, 9), row) for key, row in zip(values.index, values.to_numpy(), strict=True)}
    taken = {key for key, y in seen.items() if ((y >= low) & (y <= high)).any()}
    close = {key for key, y in seen.items() if (np.minimum(np.abs(y - low), np.abs(y - high)) < 1e-3).any()}
    found = set(lines_in(values, ((left, low), (right, low), (right, high), (left, high))))
    assert found ^ taken <= close


def test_gaps_and_logarithms() -> None:
    values = pd.DataFrame([[1.0, np.nan, 1.0], [np.nan, 100.0, np.nan], [np.nan] * 3], index=[1, 2, 3], columns=[1, 2, 3])
    across = ((1.5, 0.5), (2.5, 0.5), (2.5, 1.5), (1.5, 1.5))
    assert lines_in(values, across) == (), "there is nothing in a gap"
    assert lines_in(values, ((1.5, 1.9), (2.5, 1.9), (2.5, 2.1), (1.5, 2.1)), log=True) == (2,)
    sent = {"axes": ["epoch", "loss"], "polygon": [[1, 10], [2, 10], [2, 1000]], "log": True, "seq": 1}
    polygon, log = drawn_polygon(sent, ("epoch", "loss")) or ((), False)
    assert log
    np.testing.assert_allclose(sorted({y for _, y in polygon}), [1, 3], atol=1e-3)


@pytest.mark.parametrize(
    "sent",
    [None, [], {}, {"axes": ["lon", "lat"], "polygon": [[0, 0], [1, 0], [1, 1]]}, {"axes": ["epoch", "loss"], "polygon": [[0, 0]]},
     {"axes": ["epoch", "loss"], "polygon": [[0, "x"], [1, 0], [1, 1]]}, {"axes": 3}, {"axes": ["epoch", "loss"], "polygon": None},
     {"axes": ["epoch", "loss"], "polygon": [[0, -1], [1, 1], [1, 2]], "log": True},
     {"axes": ["epoch", "loss"], "polygon": [[0, math.inf]] * 3}],
)  # fmt: skip
def test_what_no_plot_draws_brushes_nothing(sent: object) -> None:
    assert drawn_polygon(sent, ("epoch", "loss")) is None


# ---- sessions ------------------------------------------------------------------------------------------------------------------------


def test_the_tab_shows_the_scene_in_focus_and_what_is_hard(page: Page) -> None:
    assert "course-belief/1003" in page.output("training-course-course")["html"]
    assert page.output("training-strip-strip")["html"].count("data-lens-go") == MADE.epochs
    hard = page.output("training-hard-hard")["html"]
    assert "Became hard: good once, worse later (1)" in hard
    assert f'data-lens-scene="{LOST}"' in hard.split("Became hard")[1]
    assert page.output("training-gallery-tiles")["html"].count("data-lens-scene") == MADE.scenes
    assert "clear (18)" in page.output("training-losses-key")["html"]
    page.looking.set_scene(1009)
    page.looking.set_selected([1001, NEVER])
    page.set()
    assert "course-belief/1009" in page.output("training-course-course")["html"]
    assert page.output("training-gallery-tiles")["html"].count("data-lens-scene") == 2
    page.set(**{"training-gallery-clear": 1})
    assert page.seen("selected") == ()


def test_an_epoch_draws_nothing_anew_on_the_server(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    for view, name in ((lens_gallery, "gallery_tags"), (lens_course, "course_tags"), (lens_hard, "hard_tags"), (lens_strip, "frames"),
                       (lens_losses, "losses_figure"), (lens_curves, "curves_figure")):  # fmt: skip
        made = getattr(view, name)
        monkeypatch.setattr(view, name, lambda *a, made=made, name=name, **k: (drawn.append(name), made(*a, **k))[1])
    page.set(epoch=4)
    assert page.seen("epoch") == 4
    assert drawn == []
    page.looking.set_scene(1011)
    page.set()
    assert sorted(drawn) == ["course_tags", "frames"], "another scene draws what is of one scene"


def test_function_space_lays_out_the_runs(store: Store, runs: Path) -> None:
    with Page(store, runs, Lensing(tab="functions", run="unet-0")) as page:
        page.set(**{"functions-paths-how": "disagreement"})

        def there() -> bool:
            import asyncio

            page.session._run(asyncio.sleep(0.02))
            page.set()
            return page.output("functions-paths-said").startswith("2 runs on 30 scenes")

        until(there)


def test_a_file_that_is_missing_is_named_and_the_rest_lives(store: Store, tmp_path: Path) -> None:
    place = followed_lens(tmp_path, Followed(scenes=6, epochs=4, side=32, never=(), lost=()), "broken").folder
    (place / "predictions.npz").write_bytes(b"no longer what it was")
    (place / "epochs.parquet").unlink()
    with Page(store, tmp_path, Lensing(run="broken")) as page:
        for name in ("course-course", "strip-strip", "hard-hard", "gallery-tiles"):
            assert "predictions.npz is not what lens.json names" in page.output(f"training-{name}")["html"]
        assert "epochs.parquet is missing" in page.output("training-curves-fault")["html"]
        assert "clear" in page.output("training-losses-key")["html"]
        (place / "training.parquet").unlink()
    with Page(store, tmp_path, Lensing(run="broken")) as page:
        assert "training.parquet is missing" in page.output("training-losses-key")["html"]
