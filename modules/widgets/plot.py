"""The plotly widget: its traits carry only what is small, and client.js draws them with the page's one plotly.js."""

from __future__ import annotations

import json
from typing import Any

import traitlets
from ipywidgets import DOMWidget
from shiny._utils import run_coro_hybrid  # pyright: ignore[reportPrivateUsage]
from shiny.session import get_current_session
from shiny.ui import Tag
from shinywidgets import output_widget


def plot_output(name: str, height: str | None = None) -> Tag:
    """Where a plot is shown, whatever is free filled.

    Of others Shiny's script tells the server colours and fonts, which nobody asks here: to compute those of all plots took 200 ms when
    a page was opened, and again at each resize.
    """
    return output_widget(name, fill=True, height=height).remove_class("shiny-report-theme")


class PlotWidget(DOMWidget):
    """One plot. Rows are rows of `Store.lakes`.

    Traits to the browser: `figure` (plotly JSON, see figure.js), `columns` (URLs of column resources), `bits` (a byte a row,
    see selection.py), `focus` (a row, -1 for none), `marked` (float32 pairs of year and km² to ring, see observed.js); of very many
    lakes, in place of `columns` and `bits`, `crowd` (where views are asked for, see crowd.js) and `told` (facts of the lake in focus).
    From the browser: `picked` ([lake_key or -1, or a point's key (points.js), sequence]), `drawn` ({axes, polygon, log: whether y was,
    seq}) and `pressed` ([x, y, width and height of a pixel there, pixels in reach, sequence]).
    """

    figure = traitlets.Dict().tag(sync=True)
    columns = traitlets.List(traitlets.Unicode()).tag(sync=True)
    bits = traitlets.Bytes(b"").tag(sync=True)
    focus = traitlets.Int(-1).tag(sync=True)
    marked = traitlets.Bytes(b"").tag(sync=True)
    crowd = traitlets.Dict().tag(sync=True)
    told = traitlets.Dict().tag(sync=True)
    picked = traitlets.List().tag(sync=True, echo_update=False)
    pressed = traitlets.List().tag(sync=True, echo_update=False)
    drawn = traitlets.Dict().tag(sync=True, echo_update=False)
    _view_module = traitlets.Unicode("@jupyter-widgets/base")
    """Whose views shinywidgets does not look for on the disk: it would, for every widget of every session."""
    layout = traitlets.Any(None)
    """Not what Jupyter lays out with: each widget would bring a second one along, with a message of its own."""

    def show(self, **traits: Any) -> None:
        """Set several traits in one message."""
        with self.hold_sync():
            for name, value in traits.items():
                setattr(self, name, value)

    def tell_first(self, **traits: Any) -> None:
        """Have the browser know of traits that will be set before anything else that comes of it: shinywidgets sends what is set only
        when all outputs have been worked out. They still have to be set; the browser does not heed the same twice.
        """
        session = get_current_session()
        if session is None or self.comm is None:
            return
        content = {"comm_id": self.comm.comm_id, "data": {"method": "update", "state": traits, "buffer_paths": []}}
        message: Any = json.dumps({"content": content, "buffers": []})
        run_coro_hybrid(session.root_scope().send_custom_message("shinywidgets_comm_msg", message))
