"""How every plot is linked: its highlight follows the focus, its clicks and brushes set the selection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shiny import reactive

from data.errors import InputError
from data.records import TrendTable
from data.store import Store
from modules.choices import AXES
from modules.controls import key_of
from modules.crowd.facts import Knowing
from modules.crowd.showing import Showing
from modules.links.packing import rounded_polygon
from modules.selection import Selection
from modules.widgets.plot import PlotWidget


def link_widget(widget: PlotWidget, store: Store, selection: Selection) -> None:
    """Tie a plot to the selection. What comes from the browser is checked before it is believed."""

    @reactive.effect
    def _ring() -> None:
        row = _focus_row(store, selection)
        widget.focus = -1 if row is None else row

    _listen(widget, selection)


def link_crowd(widget: PlotWidget, showing: Showing, store: Store, selection: Selection, compared: Callable[[], TrendTable | None]) -> None:
    """Likewise a plot whose browser does not hold the lakes: it is told of the one in focus, and says where it was pressed.

    Args:
        widget, showing: The plot.
        store: The dataset.
        selection: What it is tied to.
        compared: The trends to which its lines lead.
    """

    @reactive.effect
    def _ring() -> None:
        row, knowing = _focus_row(store, selection), knowing_of(store, selection, compared())
        widget.show(focus=-1 if row is None else row, told={} if row is None else knowing.of([row]))

    def press(change: dict[str, Any]) -> None:
        row = showing.pressed(change["new"])
        if row is not None:
            widget.tell_first(focus=row, told=showing.told(row))
            selection.set_focus(int(store.lake_keys[row]))

    widget.observe(press, names="pressed")
    _listen(widget, selection)


def knowing_of(store: Store, selection: Selection, other: TrendTable | None = None) -> Knowing:
    """What is known of the lakes on screen."""
    return Knowing(store, selection.fitted(), selection.ranks(), other)


def _focus_row(store: Store, selection: Selection) -> int | None:
    focus = selection.focus()
    return store.row_of(focus) if focus is not None else None


def _listen(widget: PlotWidget, selection: Selection) -> None:
    def pick(change: dict[str, Any]) -> None:
        lake_key = key_of(change["new"][0]) if change["new"] else None
        if lake_key is not None:
            selection.clear() if lake_key < 0 else selection.set_focus(lake_key)

    def brush(change: dict[str, Any]) -> None:
        try:
            axes = tuple(change["new"].get("axes", ()))
            if axes not in AXES:
                return
            polygon = rounded_polygon(change["new"].get("polygon", ()))
        except (InputError, TypeError, ValueError, OverflowError):
            return  # not something our own script sends
        selection.brush_region((axes[0], axes[1]), polygon)

    widget.observe(pick, names="picked")
    widget.observe(brush, names="drawn")
