"""The plotly widget: an anywidget whose traits carry only what is small, drawing with the page's one plotly.js.

`_esm` is a plain string: given as a file path, anywidget watches the file and keeps one widget a session for good.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets
from anywidget import AnyWidget

_HERE = Path(__file__).parent
_PARTS = (
    "columns.js",
    "text.js",
    "figure.js",
    "labels.js",
    "outlines.js",
    "rings.js",
    "links.js",
    "pointing.js",
    "observed.js",
    "points.js",
    "epochs.js",
    "lines.js",
    "plot.js",
)
_SCRIPT = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in _PARTS)


class PlotWidget(AnyWidget):
    """One plot. Rows are rows of `Store.lakes`.

    Traits to the browser: `figure` (plotly JSON, see figure.js), `columns` (URLs of column resources), `bits` (a byte a row,
    see selection.py), `focus` (a row, -1 for none), `marked` (float32 pairs of year and km² to ring, see observed.js). From the
    browser: `picked` ([lake_key or -1, or a point's key (points.js), sequence]) and `drawn` ({axes, polygon, log: whether y was, seq}).
    """

    _esm = _SCRIPT

    figure = traitlets.Dict().tag(sync=True)
    columns = traitlets.List(traitlets.Unicode()).tag(sync=True)
    bits = traitlets.Bytes(b"").tag(sync=True)
    focus = traitlets.Int(-1).tag(sync=True)
    marked = traitlets.Bytes(b"").tag(sync=True)
    picked = traitlets.List().tag(sync=True)
    drawn = traitlets.Dict().tag(sync=True)

    def show(self, **traits: Any) -> None:
        """Set several traits in one message."""
        with self.hold_sync():
            for name, value in traits.items():
                setattr(self, name, value)
