"""How every plot is linked: its highlight follows the focus, its clicks and brushes set the selection."""

from __future__ import annotations

from typing import Any

from shiny import reactive

from data.errors import InputError
from data.store import Store
from modules.choices import AXES
from modules.controls import key_of
from modules.links.packing import rounded_polygon
from modules.selection import Selection
from modules.widgets.plot import PlotWidget


def link_widget(widget: PlotWidget, store: Store, selection: Selection) -> None:
    """Tie a plot to the selection. What comes from the browser is checked before it is believed."""

    @reactive.effect
    def _ring() -> None:
        focus = selection.focus()
        row = store.row_of(focus) if focus is not None else None
        widget.focus = -1 if row is None else row

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
