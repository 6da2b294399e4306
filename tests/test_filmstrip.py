"""The filmstrip's server: it hears of nothing but the nested outlines; its frame offers every control, with a name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from htmltools import Tag

from data.store import Store
from modules.choices import Look, State
from modules.image_urls import pair_address
from modules.serving.assets import SCRIPTS, WWW
from modules.views.filmstrip import SPEED, SPEEDS, filmstrip_server, filmstrip_ui
from tests.datasets import small_dataset
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("film")))


@pytest.fixture
def html() -> str:
    made = filmstrip_ui("film")
    assert isinstance(made, Tag)
    return str(made)


@pytest.mark.parametrize("before", ["none", "newest", "nested"])
def test_nested_outlines_are_put_on_and_taken_off(store: Store, before: str) -> None:
    with ViewSession(store, filmstrip_server, State(store.settings(), look=Look("ndwi", outlines=before))) as view:
        view.set(nested=[True, 1])
        assert view.read("look") == Look("ndwi", outlines="nested")
        view.set(nested=[False, 2])
        assert view.read("look") == Look("ndwi", outlines="newest")
        view.selection.change_look(outlines="nested")
        view.set(nested=[False, 3])
        assert view.read("look").outlines == "newest", "the same wish after another view's change is heard"


@pytest.mark.parametrize("strange", [None, True, "nested", [], [1, 2], ["true", 1], [True], {"on": True}])
def test_a_strange_wish_changes_nothing(store: Store, strange: object) -> None:
    with ViewSession(store, filmstrip_server, State(store.settings(), look=Look(outlines="none"))) as view:
        view.set(nested=strange)
        assert view.read("look") == Look(outlines="none")


def test_every_control_has_a_name_and_waits_for_images(html: str) -> None:
    buttons = re.findall(r"<button[^>]*data-film=\"(\w+)\"[^>]*>", html)
    assert set(buttons) == {"step", "play", "loop", "skip", "before", "nested", "gif", "pair", "edge"}
    for found in re.findall(r"<button[^>]*>", html):
        if 'data-film="edge"' in found:
            assert " hidden" in found
        else:
            assert "aria-label=" in found
            assert " disabled" in found
    assert re.search(r'role="listbox"[^>]*aria-label="|aria-label="[^"]*"[^>]*role="listbox"', html)
    assert [float(value) for value in re.findall(r'<option value="([\d.]+)"', html)] == sorted(SPEEDS)
    assert f'value="{SPEED:g}" selected' in html


def test_the_script_knows_every_control_and_fills_in_a_pair(store: Store, html: str) -> None:
    names = [name for name in SCRIPTS if name.startswith("film")]
    script = "".join((Path(WWW) / name).read_text(encoding="utf-8") for name in names)
    for does in set(re.findall(r"data-film=\"(\w+)\"", html)):
        assert f'"{does}"' in script or f"data-film={does}" in script
    place = re.search(r'replace\("(/pair/[^"]+)"', script)
    assert place is not None
    assert place[1] in pair_address(store, "true", None)
