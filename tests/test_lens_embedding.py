"""The tab Embedding: what the plane shows, what a lasso takes, scenes that are alike, and what each layer tells."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.lens.reading import Lens, open_lens
from data.lens.writing import write_lens
from data.store import Store
from modules.choices import State
from modules.lensing.embedded import embedded, lakes, usable
from modules.lensing.looking import LensSelection
from modules.lensing.runs import Lenses
from modules.lensing.state import COLOURS, Lensing
from modules.pages.lens_embedding import embedding_tab_server
from modules.views.lens_alike import nearest_tags
from modules.views.lens_embedding import AXES, embedding_figure, scenes_in
from modules.views.lens_probes import probes_figure, probes_words, readings
from modules.views.lens_selected import columns, shared, shared_tags
from tests.datasets import small_dataset
from tests.lens_cases import contents, manifest
from tests.sessions import ViewSession
from tests.waiting import until

SCENES = 120


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("lens-embedding")))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lens whose first thirty scenes lie apart in the bottleneck, are cloudy and fail; one of the others fails alone."""
    folder, told = tmp_path_factory.mktemp("lens-runs"), manifest()
    files = contents(SCENES, told=told)
    rng = np.random.default_rng(0)
    table, features = files["scenes.parquet"], files["features.npz"]
    apart = np.arange(SCENES) < 30
    table["iou"] = np.where(apart, 0.1, 0.9) + rng.uniform(-0.05, 0.05, SCENES)
    table["reason"] = np.where(apart, "cloud", "ok")
    table.loc[50, "iou"] = 0.05
    table["umap_x"], table["umap_y"] = rng.normal(size=SCENES) + 9 * apart, rng.normal(size=SCENES)
    features["down.1"] = (rng.normal(size=(SCENES, 8)) + 9 * apart[:, None]).astype(np.float16)
    table["size_km2"] = 10.0 ** features["down.1"][:, 0].astype(float)
    write_lens(folder / told.name / "lens", files, told)
    return folder


@pytest.fixture(scope="module")
def lens(runs: Path) -> Lens:
    return open_lens(runs / "unet-7" / "lens")


def unpacked(packed: dict[str, str]) -> np.ndarray:
    values = np.frombuffer(base64.b64decode(packed["bdata"]), dtype="<f4")
    return values.reshape([int(size) for size in packed["shape"].split(", ")]) if "shape" in packed else values


def test_the_ground_is_the_smoothed_error_faded_where_nobody_is(lens: Lens) -> None:
    at = embedded(lens, "down.1", "pca")
    field = at.field(0.2)
    error, veil, *_ = embedding_figure(at, field)["data"]
    np.testing.assert_array_equal(unpacked(error["z"]), field.error.astype(np.float32))
    np.testing.assert_allclose(unpacked(veil["z"]), field.certainty, atol=1e-6)
    assert error["colorscale"][1][1] == "var(--m-wrong)"
    assert [shade for _, shade in veil["colorscale"]] == ["var(--m-panel)@1", "var(--m-panel)@0"]
    row, column = np.unravel_index(np.where(field.certainty > 0.5, field.error, 0).argmax(), field.error.shape)
    cloudy = at.places[:30].mean(axis=0)
    assert np.hypot(field.x[column] - cloudy[0], field.y[row] - cloudy[1]) < 6
    assert at.axes()[0].startswith("component 1 (")


@pytest.mark.parametrize("column", COLOURS)
def test_every_scene_has_a_mark_and_its_place(lens: Lens, column: str) -> None:
    at = embedded(lens, "down.1", "umap")
    figure = embedding_figure(at, at.field(0.2), column, (101, 103), pictures=True)
    json.dumps(figure)
    marks = figure["data"][2:]
    found = {key: (x, y) for trace in marks for key, x, y in zip(trace["customdata"], trace["x"], trace["y"], strict=True)}
    assert sorted(found) == sorted(at.scenes["scene_key"])
    assert found[107] == pytest.approx(tuple(at.places[7]), rel=1e-4)
    rows = {key: row for trace in marks for key, row in zip(trace["customdata"], trace["meta"]["rows"], strict=True)}
    assert all(row == key - 100 for key, row in rows.items())
    bright = {key for trace in marks for key, shown in zip(trace["customdata"], trace["marker"]["opacity"], strict=True) if shown > 0.2}
    assert bright == {101, 103}
    assert figure["layout"]["meta"]["pictures"]["columns"] == 5


def test_what_a_lasso_takes(lens: Lens) -> None:
    at = embedded(lens, "down.1", "umap")
    low, high = at.places.min(axis=0) - 1, at.places.max(axis=0) + 1
    box = [[5, low[1]], [high[0], low[1]], [high[0], high[1]], [5, high[1]]]
    taken = scenes_in(at, {"axes": list(AXES), "polygon": box})
    assert taken == at.scenes["scene_key"][at.places[:, 0] > 5].tolist()
    assert 25 < len(taken or []) < 35
    for strange in (None, [], {}, {"axes": ["rate", "p"], "polygon": box}, {"axes": list(AXES), "polygon": [[0, "x"]]},
                    {"axes": list(AXES), "polygon": 3}):  # fmt: skip
        assert scenes_in(at, strange) is None


def test_umap_is_of_the_bottleneck_alone(lens: Lens) -> None:
    assert usable(lens, "down.1", "umap") == "umap"
    assert usable(lens, "down.0", "umap") == "pca"
    assert usable(lens, "down.1", "pca") == "pca"


def test_names_are_text(lens: Lens) -> None:
    lens.scenes.loc[104, "name"] = '<img src=x onerror="alert(1)">'
    try:
        assert "<img" not in json.dumps(embedded(lens, "down.0", "pca").said)
        assert "<img" not in str(nearest_tags(lens, "down.1", 104))
    finally:
        lens.scenes.loc[104, "name"] = "Lake 52"


def test_what_a_selection_shares(lens: Lens) -> None:
    cloudy = tuple(range(100, 130))
    found = shared(lens, cloudy)
    named = {trait.name: trait for trait in found}
    assert set(named) == set(columns(lens.scenes))
    assert named["reason: cloud"].inside == 1.0
    assert named["IoU"].apart
    assert not named["split: test"].apart
    text = str(shared_tags(lens, cloudy, found))
    assert "30 scenes of 15 lakes" in text
    assert "reason: cloud" in text
    assert "too few lakes" in str(shared_tags(lens, (101, 102), shared(lens, (101, 102))))


def test_concepts_over_depth(lens: Lens) -> None:
    found = readings(lens)
    target, read = found["size"]
    scores = [reading.score for reading in read if reading]
    assert not target.binary
    assert len(scores) == 3
    assert scores[1] > 0.9 > max(scores[0], scores[2])
    figure = probes_figure(lens, found)
    json.dumps(figure)
    assert figure["layout"]["xaxis"]["categoryarray"] == ["down.0", "down.1", "up.0"]
    assert "size (log10 of km²): best R²" in probes_words(found)
    assert "turbidity" not in found  # nobody knows it here


class Looked(ViewSession):
    """The tab in a session."""

    def __init__(self, store: Store, runs: Path, **lensing: Any) -> None:
        def serve(id: str, store: Store, selection: Any) -> None:
            self.looking = LensSelection(selection, Lenses([runs]))
            embedding_tab_server(id, store, selection, looking=self.looking)

        super().__init__(store, serve, State(store.settings(), page="lens", lensing=Lensing(tab="embedding", **lensing)))

    def says(self, name: str, part: str) -> None:
        """Wait for an output to say something; what threads make comes in only while the session's loop runs."""

        def said() -> bool:
            self.session._run(asyncio.sleep(0.02))
            self.set()
            return part in str(self.output(name))

        until(said)


def test_the_tab_follows_what_is_looked_at(store: Store, runs: Path) -> None:
    with Looked(store, runs) as page:
        page.says("plane-told", "as wide as")
        page.says("chosen-summary", "Draw round scenes")
        page.says("alike-near", "nearest to")
        page.says("alike-opposite", 'data-lens-scene="150"')
        page.looking.set_selected(range(100, 130))
        page.says("chosen-summary", "30 scenes of 15 lakes")
        page.set(**{"controls-bandwidth": 0.5, "controls-layer": "down.0", "controls-colour": "reason"})
        assert page.read("lensing").bandwidth == 0.5
        assert (page.read("lensing").layer, page.read("lensing").colour) == ("down.0", "reason")
        page.says("plane-told", "chosen by hand")
        page.says("plane-told", "this is PCA")
        page.set(**{"controls-auto": 1, "controls-layer": "nowhere", "controls-colour": "red", "chosen-clear": 1})
        held = page.read("lensing")
        assert (held.bandwidth, held.layer, held.colour, held.selected) == (None, "down.0", "reason", ())


def test_a_damaged_file_is_named_and_the_rest_lives(store: Store, runs: Path, tmp_path: Path) -> None:
    told = manifest(name="hurt")
    write_lens(tmp_path / "hurt" / "lens", contents(SCENES, told=told), told)
    (tmp_path / "hurt" / "lens" / "features.npz").write_bytes(b"PK")
    with Looked(store, tmp_path) as page:
        page.says("plane-fault", "features.npz")
        page.says("alike-opposite", "features.npz")
        page.says("probes-told", "features.npz")
        page.looking.set_selected([100, 101])
        page.says("chosen-summary", "2 scenes of 1 lakes")


def test_lakes_are_what_scenes_are_of(lens: Lens) -> None:
    assert lakes(lens.scenes)[:4].tolist() == [50, 50, 51, 51]
