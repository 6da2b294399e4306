"""Feature maps: the sheet that is served, their order, what the browser is told of them, and what is said where none are stored."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from data.lens.reactions import reactions, targets_of
from data.lens.reading import Lens, open_lens
from data.lens.receptive import unit_fields
from data.lens.writing import write_lens
from data.store import Store
from modules.choices import State
from modules.lensing.looking import LensSelection
from modules.lensing.maps import SORTS, field_px, layer_words, mean_words, nearest_epoch, scene_maps, told_maps
from modules.lensing.pictures import picture_kinds
from modules.lensing.pictures.maps import sheet_columns
from modules.lensing.runs import Lenses
from modules.lensing.state import Lensing
from modules.lensing.tiles import scene_words
from modules.views.lens_maps import ends_tags, lens_maps_server
from tests.datasets import small_dataset
from tests.lens_cases import contents, lens, manifest
from tests.sessions import ViewSession

SCENE, EPOCH = 101, 3


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("lens-maps")))


@pytest.fixture
def made(tmp_path: Path) -> Lens:
    return lens(tmp_path)


def test_a_sheet_holds_every_map_where_the_browser_looks_for_it(made: Lens) -> None:
    held = made.activations()
    for place, layer in enumerate(made.manifest.layers):
        body, media = picture_kinds()["maps"](made, [str(place), str(EPOCH), str(SCENE)])
        assert media == "image/png"
        pixels = np.asarray(Image.open(io.BytesIO(body)))
        columns, (height, width) = sheet_columns(layer.channels), held[layer.name].shape[-2:]
        for channel in range(layer.channels):
            x, y = (channel % columns) * width, (channel // columns) * height
            assert (pixels[y : y + height, x : x + width] == held[layer.name][1, 1, channel]).all()
    for strange in (["3", "3", "101"], ["-1", "3", "101"], ["0", "2", "101"], ["0", "3", "105"], ["0", "3"], ["x", "3", "101"]):
        with pytest.raises((ValueError, LookupError)):
            picture_kinds()["maps"](made, strange)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 16, 17, 128])
def test_a_sheet_is_about_square(channels: int) -> None:
    columns = sheet_columns(channels)
    assert (columns - 1) ** 2 < channels <= columns**2


def test_maps_are_sorted_by_what_they_vary_or_react_to(made: Lens) -> None:
    held, probe = made.activations(), made.probe()
    targets = targets_of(probe.image[1], probe.label[1], made.predictions()[2, 1])
    layers = scene_maps(made, SCENE, EPOCH)
    assert [maps.layer.name for maps in layers] == [layer.name for layer in made.manifest.layers]
    for maps in layers:
        values = held[maps.layer.name][1, 1]
        spans = held[f"{maps.layer.name}|high"][1, 1] - held[f"{maps.layer.name}|low"][1, 1]
        deviations = [float(each.std()) * span for each, span in zip(values, spans, strict=True)]
        assert sorted(range(len(values)), key=lambda at: -deviations[at]) == maps.order("spread").tolist()
        for name, wanted in reactions(values, targets).items():
            assert sorted(range(len(values)), key=lambda at: -abs(wanted[at])) == maps.order(name).tolist()
        assert set(maps.order("nothing").tolist()) == set(range(len(values)))


def test_the_browser_is_told_what_each_cell_sees_and_how_its_value_is_read(made: Lens) -> None:
    layers = scene_maps(made, SCENE, EPOCH)
    for by in SORTS:
        told = told_maps(made, SCENE, EPOCH, layers, by)
        assert told["side"] == [32, 32]
        for maps, each in zip(layers, told["layers"], strict=True):
            assert each["order"] == maps.order(by).tolist()
            assert len(each["said"]) == len(each["low"]) == maps.layer.channels
            assert each["low"] == pytest.approx(made.activations()[f"{maps.layer.name}|low"][1, 1], rel=1e-4)
            assert each["rows"] == unit_fields(maps.layer.height, maps.layer.stride, maps.layer.field, 32).tolist()
    (made.folder / "fields.npz").write_bytes(b"")
    assert scene_maps(lens(made.folder.parent.parent, name="unet-7"), SCENE, EPOCH)[0].rows.shape == (32, 2)


def test_without_a_probe_or_predictions_maps_are_shown_but_react_to_nothing_known(made: Lens) -> None:
    (made.folder / "predictions.npz").unlink()
    assert set(scene_maps(made, SCENE, EPOCH)[0].reaction) == {"water", "bright", "index", "edges"}
    fresh = lens(made.folder.parent.parent / "more")
    (fresh.folder / "probe.npz").unlink()
    maps = scene_maps(fresh, SCENE, EPOCH)
    assert maps[0].reaction == {}
    told = told_maps(fresh, SCENE, EPOCH, maps, "water")
    assert told["image"] is None
    assert told["layers"][0]["said"] == ["–"] * 4
    assert told["side"] == [32, 32]


def test_the_nearest_stored_epoch_is_shown(made: Lens) -> None:
    assert [nearest_epoch(made, epoch) for epoch in (1, 2, 3)] == [1, 3, 3]


def test_words_tell_sizes_in_pixels_and_metres(made: Lens) -> None:
    layer = made.manifest.layers[1]
    assert layer_words(layer, (8, 8), 14, 100.0) == "8 maps of 16 × 16, shown at 8 × 8; a unit sees 14 px (1.4 km)"
    assert layer_words(layer, (16, 16), 14, None) == "8 maps of 16 × 16; a unit sees 14 px"
    assert layer_words(made.manifest.layers[0], (32, 32), 5, 10.0) == "4 maps of 32 × 32; a unit sees 5 px (50 m)"
    widest = [int(np.ptp(made.fields()[f"{each.name}|rows"], axis=1).max()) for each in made.manifest.layers]
    assert [field_px(made, each) for each in made.manifest.layers] == widest
    (made.folder / "fields.npz").unlink()
    assert [field_px(open_lens(made.folder), each) for each in made.manifest.layers] == [5, 14, 22]
    assert [mean_words(layer, size) for size in ((16, 16), (8, 8), (16, 5))] == ["", "mean of 2 × 2 units", "mean of 4 × 1 units"]


class Looked(ViewSession):
    """The view, with what it sends to the browser kept."""

    def __init__(self, store: Store, runs: Path, **fields: Any) -> None:
        self.sent: list[tuple[str, Any]] = []

        def serve(id: str, **given: Any) -> None:
            from shiny.session import require_active_session

            async def keep(kind: str, message: Any) -> None:
                self.sent.append((kind, message))

            require_active_session(None).send_custom_message = keep
            lens_maps_server(id, **given, looking=LensSelection(given["selection"], Lenses([runs])))

        super().__init__(store, serve, State(store.settings(), page="lens", lensing=Lensing(tab="layers", **fields)))

    def settled(self, has: str) -> str:
        """What it says of where the maps are from, once the words are in it."""
        for _ in range(400):
            self.session.flush()
            if (said := self.output("where")) and has in said["html"]:
                return said["html"]
            time.sleep(0.02)
        raise AssertionError(self.output("where"))

    def maps(self) -> dict[str, Any]:
        return [message for kind, message in self.sent if kind == "moraine-lens-maps"][-1]


def test_the_maps_of_the_scene_in_focus_come_at_the_stored_epoch_which_is_named(store: Store, made: Lens) -> None:
    with Looked(store, made.folder.parent.parent, scene=SCENE, epoch=2) as view:
        view.set(sort="water")
        said = view.settled("at epoch")
        assert "maps at epoch 3, the nearest to epoch 2 whose maps are stored" in said
        assert view.maps()["by"] == "water"
        assert view.maps()["key"].endswith(f"{SCENE} 3")
        view.change("lensing", Lensing(tab="layers", scene=SCENE, epoch=1))
        view.settled("maps at epoch 1.")
        assert view.maps()["key"].endswith(f"{SCENE} 1")
        view.set(sort="of that kind there is none")
        assert view.maps()["by"] == "spread"


def test_a_scene_without_maps_offers_those_that_have_some_shows_the_hardest_and_says_how_to_make_more(store: Store, made: Lens) -> None:
    with Looked(store, made.folder.parent.parent, scene=105) as view:
        view.set(sort="spread")
        said = view.settled("No maps of the scene in focus")
        assert [f'data-lens-scene="{key}"' in said for key in (100, 101, 105)] == [True, True, False]
        assert "python -m models lens RUN --maps N" in said
        hardest = int(made.scenes.loc[[100, 101], "iou"].idxmin())
        assert view.maps()["key"].endswith(f" {hardest} 3")
        assert f"{scene_words(made, hardest)}: maps at epoch 3." in said


def test_a_lens_without_maps_says_how_to_make_some(store: Store, tmp_path: Path) -> None:
    made = {name: values[:, :0] if values.ndim > 1 else values for name, values in contents()["activations.npz"].items()}
    write_lens(tmp_path / "unet-7" / "lens", {**contents(), "activations.npz": made | {"scene_key": np.zeros(0, np.int64)}}, manifest())
    with Looked(store, tmp_path, scene=105) as view:
        view.set(sort="spread")
        assert "python -m models lens RUN --maps N" in view.settled("This run has no feature maps")
        assert view.maps()["layers"] == []


def test_a_run_without_the_file_of_maps_names_those_that_have_it(store: Store, made: Lens, tmp_path: Path) -> None:
    told = manifest(name="unet-8", title="U-Net, seed 8")
    files = {name: content for name, content in contents(told=told).items() if name != "activations.npz"}
    write_lens(made.folder.parent.parent / "unet-8" / "lens", files, told)
    with Looked(store, made.folder.parent.parent, run="unet-8") as view:
        view.set(sort="spread")
        assert "U-Net, seed 7 has some" in view.settled("This run has no feature maps")


def test_a_damaged_file_of_maps_is_named(store: Store, made: Lens) -> None:
    (made.folder / "activations.npz").write_bytes(b"PK")
    with Looked(store, made.folder.parent.parent, scene=SCENE) as view:
        view.set(sort="spread")
        assert "activations.npz" in view.settled("activations.npz")


def test_a_map_that_is_pressed_leads_to_the_scenes_on_which_it_is_highest(store: Store, made: Lens) -> None:
    means = made.features()["down.1"][:, 5]
    highest, lowest = (int(made.scenes["scene_key"].iloc[int(at)]) for at in (means.argmax(), means.argmin()))
    html = str(ends_tags(made, "down.1", 5))
    assert html.index(f'data-lens-scene="{highest}"') < html.index(f'data-lens-scene="{lowest}"')
    with Looked(store, made.folder.parent.parent, scene=SCENE) as view:
        for strange in (None, {}, {"layer": "down.1", "channel": 8}, {"layer": "no", "channel": 0}, {"layer": "down.1", "channel": True}):
            view.set(pressed=strange)
        assert not view.output("ends")
        view.set(pressed={"layer": "down.1", "channel": 5})
        assert f'data-lens-scene="{highest}"' in view.output("ends")["html"]
        assert view.read("lensing").layer == "down.1"
