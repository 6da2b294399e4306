"""What a browser can be made to send never ends a visit: every input of every view, with values of the wrong type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import traitlets

from data.store import Store
from modules.choices import State
from modules.column_filters import column_filters_server
from modules.views.export import export_server
from modules.views.focus_line import focus_line_server
from modules.views.lake_map import lake_map_server
from modules.views.lake_table import lake_table_server
from modules.views.linking import link_widget
from modules.views.show_filters import show_filters_server
from modules.views.test_settings import test_settings_server as settings_server
from tests.datasets import small_dataset
from tests.sessions import ViewSession

WRONG: tuple[Any, ...] = (
    None, True, -1, 1.5, 1e308, float("nan"), 10**30, "x", "", "\0", "12", (), ("a", ("b",)), (None,), (1, "a"), (10**400, 2), {},
    {"key": 1e30, "on": True}, {"key": True}, {"key": 10**30, "on": True}, {"a": {"b": [1]}},
)  # fmt: skip
VIEWS: dict[Callable[..., Any], str] = {
    show_filters_server: "basins sub_basins dam_types area elevation observations ids reset_basins reset_all",
    settings_server: "first last source method response use alpha effect x colour labels zone worth reset_season",
    lake_table_server: "words only_brushed further size sorted picked ticked first on end to_focus brush_all",
    lake_map_server: "basemap",
    export_server: "only_brushed",
    focus_line_server: "next previous clear",
    column_filters_server: "add value_0 remove_0",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("hostile")))


@pytest.mark.parametrize(("serve", "name"), [(serve, name) for serve, names in VIEWS.items() for name in names.split()])
def test_no_input_ends_the_visit(store: Store, serve: Callable[..., Any], name: str) -> None:
    with ViewSession(store, serve, State(store.settings(), focus=3)) as view:
        for value in WRONG:
            view.set(**{name: value})
        if name != "clear":
            view.change("focus", 5)  # and what follows the focus still runs
            assert view.read("focus") == 5


class BareWidget(traitlets.HasTraits):
    """The traits that a plot sends, without a browser to send them."""

    focus = traitlets.Int(-1)
    picked = traitlets.List()
    drawn = traitlets.Dict()


def test_no_click_or_brush_of_a_widget_does(store: Store) -> None:
    widget = BareWidget()
    polygons = (5, None, [[1]], [["a", "b"], [1, 2], [3, 4]], [[None, None]] * 3, {"a": 1}, [[10**400, 0], [1, 2], [3, 4]])
    serve = lambda _, store, selection: link_widget(widget, store, selection)  # noqa: E731
    with ViewSession(store, serve, State(store.settings(), focus=3)) as view:
        for value in (value for value in WRONG if value != -1):
            widget.picked = [value, 1]
            view.set()
            assert view.read("focus") == 3
        widget.picked = [-1, 2]
        view.set()
        assert view.read("focus") is None
        for axes in (["slope", "q"], 5, None, "slope", [["a"], {}]):
            for polygon in polygons:
                widget.drawn = {"axes": axes, "polygon": polygon}
                view.set()
        assert view.read("brush") is None
