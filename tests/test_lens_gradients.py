"""The gradient view: it names and frames a layer that never learns, and a cell that is pressed goes to its epoch and layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.lens.reading import Lens, open_lens
from data.lens.writing import write_lens
from data.store import Store
from modules.choices import State
from modules.lensing.learned import fate_of, learned
from modules.lensing.looking import LensSelection
from modules.lensing.maps import field_px
from modules.lensing.runs import Lenses
from modules.lensing.state import Lensing
from modules.views.lens_depth import depth_table, fates_by_layer, lens_depth_server
from modules.views.lens_gradients import gradients_figure, lens_gradients_server, visit_cell
from tests.datasets import small_dataset
from tests.lens_cases import contents, lens, manifest
from tests.sessions import ViewSession

STILL = "down.1"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("lens-gradients")))


def planted(folder: Path, **changes: Any) -> Lens:
    """A lens in which one block gets no gradient and stands still, its rows not in the order of the layers."""
    made = contents()
    rows = made["gradients.parquet"].sort_values("layer", ascending=False, kind="stable")
    still = rows["block"] == STILL
    made["gradients.parquet"] = rows.assign(mean_abs=np.where(still, 0.0, rows["mean_abs"]), moved=np.where(still, 0.0, rows["moved"]))
    write_lens(folder / "unet-7" / "lens", {**made, **changes}, manifest())
    return open_lens(folder / "unet-7" / "lens")


class Looked(ViewSession):
    """One view of the tab, on the lenses of a folder."""

    def __init__(self, store: Store, runs: Path, serve: Any) -> None:
        def both(id: str, **given: Any) -> None:
            self.looking = LensSelection(given["selection"], Lenses([runs]))
            serve(id, **given, looking=self.looking)

        super().__init__(store, both, State(store.settings(), page="lens", lensing=Lensing(tab="layers")))


def test_the_figure_frames_the_rows_that_do_not_learn_and_no_other(tmp_path: Path) -> None:
    run, found = learned(planted(tmp_path))
    assert [fate.name for fate in found] == [STILL]
    assert run.blocks == ("down.0", "down.1", "up.0")  # forward, whatever the order of the table
    figure = gradients_figure(run, found, "gradient", "U-Net")
    cells = figure["data"][0]
    assert [all(value is None for value in row) for row in cells["z"]] == [False, True, False]
    for row, values in enumerate(cells["z"]):
        if row != 1:
            assert values == pytest.approx(np.log10(run.gradient[row]), rel=1e-3)
    (frame,) = figure["layout"]["shapes"]
    assert (frame["y0"], frame["y1"]) == (0.5, 1.5)
    assert figure["layout"]["annotations"][0]["text"] == "never learns"
    assert gradients_figure(*learned(lens(tmp_path / "other")), "moved", "U-Net")["layout"]["shapes"] == []


def test_nothing_known_is_a_figure_too(tmp_path: Path) -> None:
    bare = planted(tmp_path, **{"gradients.parquet": contents()["gradients.parquet"].iloc[:0]})
    run, found = learned(bare)
    assert gradients_figure(run, found, "gradient", "U-Net")["data"][0]["z"] == []
    assert found == ()


def test_the_view_says_it_in_words_above_the_plot(store: Store, tmp_path: Path) -> None:
    planted(tmp_path)
    with Looked(store, tmp_path, lens_gradients_server) as view:
        view.set(measure="gradient")
        html = view.output("said")["html"]
        assert f"{STILL} never learns: its gradient is 0 in all 3 epochs, and its weights stand still." in html
        view.change("lensing", Lensing(tab="training"))
        assert not view.output("said")


def test_a_cell_that_is_pressed_goes_to_its_epoch_and_layer_and_strange_ones_are_ignored(store: Store, tmp_path: Path) -> None:
    planted(tmp_path)
    run, found = learned(open_lens(tmp_path / "unet-7" / "lens"))
    points = gradients_figure(run, found, "gradient", "U-Net")["data"][1]
    place = next(i for i, (x, y) in enumerate(zip(points["x"], points["y"], strict=True)) if (x, y) == (2, 1))
    with Looked(store, tmp_path, lens_gradients_server) as view:
        for strange in (-1, 9_999, None, "1", True, [], 10**400):
            visit_cell(view.looking, run, strange)
        assert view.read("lensing") == Lensing(tab="layers")
        visit_cell(view.looking, run, points["customdata"][place])
        assert view.read("lensing") == Lensing(tab="layers", epoch=2, layer="down.1")


def test_a_lens_without_gradients_says_what_to_do(store: Store, tmp_path: Path) -> None:
    made = planted(tmp_path)
    (made.folder / "gradients.parquet").unlink()
    with Looked(store, tmp_path, lens_gradients_server) as view:
        view.set(measure="moved")
        html = view.output("said")["html"]
        assert "gradients.parquet" in html
        assert "Make the lens again" in html
        assert str(tmp_path) not in html


def test_the_table_of_layers_tells_depth_in_metres_and_which_does_not_learn(store: Store, tmp_path: Path) -> None:
    made = planted(tmp_path)
    fates = fates_by_layer(made)
    assert list(fates) == [STILL]
    assert fate_of(made.manifest.layers[0], learned(made)[1]) is None
    html = str(depth_table(made.manifest, {each.name: field_px(made, each) for each in made.manifest.layers}, fates, "up.0"))
    rows = html.split("<tr")[2:]
    assert [row.count("never learns") > 0 for row in rows] == [False, True, False]
    assert ["14 px" in row and "140 m" in row for row in rows] == [False, True, False]
    assert 'aria-pressed="true"' in rows[2]
    assert "bottleneck" in rows[1]
    with Looked(store, tmp_path, lens_depth_server) as view:
        for strange in ("nothing", 3, None, "<b>"):
            view.set(layer=strange)
        assert view.read("lensing").layer == ""
        view.set(layer="up.0")
        assert view.read("lensing").layer == "up.0"
