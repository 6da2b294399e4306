"""Embedding: every scene in the plane of a layer's activations, over the error that is usual there; a lasso chooses scenes."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shinywidgets import render_widget

from data.errors import InputError
from data.lens.error_field import Field
from data.lens.reading import Lens
from data.store import Store
from modules.controls import key_of, script
from modules.figures import axis, layout, words
from modules.lensing.embedded import Embedded
from modules.lensing.embedded_marks import error_bar, traces
from modules.lensing.looking import LensSelection
from modules.lensing.plane import Plane
from modules.lensing.urls import lens_url
from modules.links.packing import inside, rounded_polygon
from modules.palette import colour
from modules.selection import Selection
from modules.widgets.plot import PlotWidget, plot_output

AXES = ("lens_x", "lens_y")
SHOWN = 34
"""px of a picture in the plane."""


def embedding_figure(
    at: Embedded, field: Field, column: str = "iou", selected: tuple[int, ...] = (), *, pictures: bool = False
) -> dict[str, Any]:  # fmt: skip
    """Scenes over the smoothed error, as plotly JSON; the background fades into the ground where no scenes are.

    Args:
        at: Where the scenes are.
        field: The error over a grid.
        column: A key of COLOURS, by which marks are coloured or shaped.
        selected: Keys of scenes that a lasso took.
        pictures: Whether scenes are drawn as thumbnails where these have room.
    """
    first, second = at.axes()
    told = (
        f"{len(at.places):,} scenes in the plane of {at.layer}, over their smoothed error. Arrow keys walk the scenes, Enter focuses one."
    )
    sheet = {"pictures": _sheet(at.lens)} if pictures and at.lens.has("scenes.jpg") else {}
    spans = [[float(lines[0]), float(lines[-1])] for lines in (field.x, field.y)]
    return {
        "data": [*_ground(field), *traces(at, column, selected, faint=bool(sheet))],
        "layout": layout(
            xaxis=axis(first, range=spans[0], showline=False), yaxis=axis(second, range=spans[1], showline=False),
            margin={"l": 50, "r": 10, "t": 56, "b": 44}, dragmode="lasso", showlegend=column not in {"iou"},
            legend={"orientation": "h", "x": 0.54, "xanchor": "left", "y": 1.0, "yanchor": "bottom", "font": {"size": 11}},
            uirevision=f"{at.lens.digest} {at.layer} {at.projection}",
            meta=words(told, "", points=[first, second], axes=list(AXES), **sheet),
        ),
    }  # fmt: skip


def _ground(field: Field) -> list[dict[str, Any]]:
    """The error as a shade, and over it a veil of the panel's colour, thick where there is no data."""
    grid = {"type": "heatmap", "x": _packed(field.x), "y": _packed(field.y), "hoverinfo": "skip", "zsmooth": "fast"}
    sure = field.error[field.certainty > 0.5]
    most = max(float(sure.max()), 0.05) if len(sure) else 1.0
    error = [[0, colour("right")], [1, colour("wrong")]]
    veil = [[0, colour("panel", 1)], [1, colour("panel", 0)]]
    return [
        {
            **grid,
            "z": _packed(field.error),
            "zmin": 0,
            "zmax": most,
            "colorscale": error,
            "colorbar": error_bar(),
            "name": "smoothed error",
        },
        {**grid, "z": _packed(field.certainty), "zmin": 0, "zmax": 1, "colorscale": veil, "showscale": False, "name": "veil"},
    ]


def _packed(values: np.ndarray) -> dict[str, str]:
    """Numbers as plotly takes them packed: a tenth of their size as text."""
    held = {"dtype": "f4", "bdata": base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()}
    return held | ({"shape": ", ".join(map(str, values.shape))} if values.ndim > 1 else {})


def _sheet(lens: Lens) -> dict[str, Any]:
    return {"url": lens_url(lens, "scenes"), "tile": lens.manifest.tile, "columns": lens.manifest.sheet_columns, "side": SHOWN}


def scenes_in(at: Embedded, sent: object) -> list[int] | None:
    """Keys of the scenes in what the browser says was drawn; None where that is not something our own script sends."""
    if not isinstance(sent, dict) or sent.get("axes") != list(AXES):
        return None
    try:
        polygon = rounded_polygon(sent.get("polygon", ()))
    except (InputError, TypeError, ValueError, OverflowError):
        return None
    taken = np.isfinite(at.places).all(axis=1) & inside(polygon, at.places[:, 0], at.places[:, 1])
    return at.scenes["scene_key"][taken].tolist()


def bandwidth_words(at: Embedded, share: float, *, chosen: bool) -> str:
    """How the background was smoothed."""
    how = "chosen by hand" if chosen else "as wide as foretelling the scenes of lakes left out allows"
    return f"Bandwidth {share:.2f} of the scenes' spread, {how}{'' if not chosen else f' (that would be {at.share:.2f})'}."


@module.ui
def lens_embedding_ui() -> Tag:
    return tags.div(
        script("lens_embedding.js"),
        ui.output_ui("fault"),
        tags.div(plot_output("plot"), class_="m-lens-embedding-plot html-fill-container"),
        tags.p(ui.output_text("told", inline=True), class_="m-quiet", role="status"),
        class_="m-lens-embedding",
    )


@module.server
def lens_embedding_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection, plane: Plane
) -> None:
    widget = PlotWidget()

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @render.ui
    def fault() -> Tag | None:
        return tags.p(said, class_="m-notice", role="alert") if (said := plane.fault()) else None

    @reactive.effect
    def _draw() -> None:
        at = plane.placed()
        if at is None or not looking.on("embedding"):
            return
        column, chosen = looking.field("colour"), looking.selected()
        figure = embedding_figure(at, at.field(plane.share()), column, chosen, pictures=plane.pictures())
        widget.show(columns=[], bits=b"", figure=figure)

    @reactive.effect
    def _focus() -> None:
        if looking.on("embedding"):
            widget.focus = looking.scene()

    @render.text
    def told() -> str:
        at = plane.placed()
        if at is None or plane.stale():
            return "" if plane.fault() else "Laying out the scenes …"
        why = "" if at.projection == looking.field("projection") else " UMAP is there for the bottleneck alone; this is PCA."
        return bandwidth_words(at, plane.share(), chosen=looking.field("bandwidth") is not None) + why

    _listen(widget, looking, plane)


def _listen(widget: PlotWidget, looking: LensSelection, plane: Plane) -> None:
    def picked(change: dict[str, Any]) -> None:
        if change["new"]:
            looking.set_scene(key_of(change["new"][0]))

    def brushed(change: dict[str, Any]) -> None:
        with reactive.isolate():
            at = plane.placed()
        if at is not None and (found := scenes_in(at, change["new"])) is not None:
            looking.set_selected(found)

    widget.observe(picked, names="picked")
    widget.observe(brushed, names="drawn")
