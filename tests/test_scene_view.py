"""The scene view's server side: what the browser may change of the look, and the controls that a dataset gets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from data.store import Store
from modules.choices import Look, State, is_look
from modules.views.scene import look_changes, picture_colours, scene_server, scene_tools_ui, scene_ui
from tests.datasets import SOURCE, small_dataset
from tests.scene_dataset import BANDS, scene_dataset
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(scene_dataset(tmp_path_factory.mktemp("scene")))


@pytest.mark.parametrize(
    "sent",
    [
        {"bands": "ndwi"},
        {"bands": "swir2.nir.green"},
        {"fill": False, "relief": True},
        {"opacity": 0.8},
        {"outlines": "nested"},
        {"layers": ("label", SOURCE)},
        {"layers": ()},
    ],
)
def test_what_is_known_is_taken(store: Store, sent: dict[str, Any]) -> None:
    assert look_changes(sent, store) == sent


@pytest.mark.parametrize(
    "sent",
    [
        None, 3, "true", [], ["bands"],
        {"bands": "magenta"}, {"bands": "nir.red"}, {"bands": "nir.red.green.blue"}, {"bands": "../../x.y"}, {"bands": ["true"]},
        {"bands": None},
        {"fill": "yes"}, {"fill": 1}, {"relief": None},
        {"opacity": 1.01}, {"opacity": -0.1}, {"opacity": float("nan")}, {"opacity": "1"}, {"opacity": True},
        {"outlines": "some"}, {"outlines": ["newest"]}, {"outlines": {}},
        {"layers": ["nobody"]}, {"layers": [["label"]]}, {"layers": "label"}, {"layers": ["label", SOURCE, "label"]},
        {"__class__": "x", "dataset": "y"},
    ],
)  # fmt: skip
def test_anything_else_is_left_out(store: Store, sent: object) -> None:
    assert look_changes(sent, store) == {}


def test_a_look_is_changed_in_part_and_a_forged_one_not_at_all(store: Store) -> None:
    with ViewSession(store, scene_server, State(store.settings(), focus=2, look=Look(bands="false"))) as view:
        view.set(look={"opacity": 0.6, "layers": ["label"], "bands": "magenta"})
        assert view.read("look") == Look(bands="false", opacity=0.6, layers=("label",))
        view.set(look={"bands": "nir.swir1.red"})
        assert view.read("look").bands == "nir.swir1.red"
        assert view.read("layers") == ("label",)
        view.set(look="nonsense")
        assert view.read("look") == Look(bands="nir.swir1.red", opacity=0.6, layers=("label",))


def test_bands_of_a_look_are_three_known_ones() -> None:
    assert is_look("mndwi", ())
    assert is_look("nir.red.red", BANDS)
    assert not is_look("nir.red", BANDS)
    assert not is_look("nir.red.thermal", BANDS)


def test_a_dataset_offers_its_own_bands_and_sources(store: Store, tmp_path: Path) -> None:
    html = str(scene_tools_ui("x", store))
    assert store.meta.bands == list(BANDS)
    assert all(f'value="{source}"' in html for source in (*BANDS, *store.scenes.sources))
    bare = str(scene_tools_ui("x", Store(small_dataset(tmp_path / "bare"))))
    assert "This dataset has no masks." in bare
    assert "Three bands" not in bare


def test_colours_of_pictures_are_those_of_the_images() -> None:
    told = json.loads(picture_colours())
    assert told["water"] == "#4fd0e6"
    assert told["label"] == "#f2cf4a"
    assert told["index"].count("rgb(") == 18


def test_the_page_is_told_where_looks_go(store: Store) -> None:
    assert 'data-input="x-look"' in str(scene_ui("x", store))


def test_every_control_that_the_script_asks_for_is_there_without_masks(tmp_path: Path) -> None:
    """A dataset may have images before it has masks: its script would stop at the first control that is missing."""
    script = (Path(__file__).parent.parent / "modules/www/scene_tools.js").read_text(encoding="utf-8")
    asked = set(re.findall(r'this\.one\("([a-z-]+)"\)', script))
    page = str(scene_tools_ui("scene", Store(small_dataset(tmp_path))))
    assert {name for name in asked if f'data-scene="{name}"' not in page} == set()
    assert "This dataset has no masks." in page
