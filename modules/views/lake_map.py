"""The map: where the lakes of the volcano lie, in the same colours; outlines once it is zoomed in."""

from __future__ import annotations

import math
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from shiny import Inputs, Outputs, Session, module, reactive, ui
from shinywidgets import render_widget

from data.records import TrendTable
from data.store import Store
from modules.controls import text_of
from modules.crowd.crowd import Crowd
from modules.crowd.places import MANY, Places, latitude, map_places, world_square
from modules.crowd.showing import Showing
from modules.figures import CLASSES, CROWD, layout, lit, unlit, words
from modules.flood_marks import ring_meta
from modules.measures import slope_unit
from modules.palette import colour
from modules.selection import Selection
from modules.serving.routes import TILE, lake_url, outline_url, tile_rows, trend_url
from modules.views.linking import knowing_of, link_crowd, link_widget
from modules.widgets.plot import PlotWidget, plot_output

OUTLINE_ZOOM = 9.5
"""From this zoom on, outlines are fetched and drawn."""

PANEL = (560, 300)
"""Width and height in pixels of the panel that `_view` fits; the browser allows for its own."""

BASEMAPS = {
    "none": None,
    "OpenStreetMap": ("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "© OpenStreetMap contributors"),
}
"""Tiles are asked for by the person's browser, and only once they choose them: the map works with no internet."""


def map_figure(table: TrendTable, lon: np.ndarray, lat: np.ndarray, outlines: dict[str, Any], basemap: str) -> dict[str, Any]:
    """The map as plotly JSON whose traces name columns (see widgets/figure.js).

    Args:
        table: The trends (for the unit in the hover text).
        lon, lat: (L,) degrees, for the view that shows every lake.
        outlines: Where outlines come from: `url` with TILE in place of a tile's name, and `tiles`, the names of those that hold a lake;
            where there are more than MANY lakes, of which no trace is drawn (see modules/crowd), without them: any tile may be asked for.
        basemap: A key of BASEMAPS.
    """
    centre, zoom = _view(lon, lat)
    label = "Map of the lakes, coloured as in the volcano plot. Arrow keys walk the lakes in order of significance."
    speech = words(
        label, slope_unit(table.settings.response), axes=["lon", "lat"], pick=True, panel=PANEL,
        classes=[*(colour(meaning) for meaning in CLASSES), colour("context")],
        outlines={"zoom": OUTLINE_ZOOM, "tile": TILE, **outlines},
    )  # fmt: skip
    return {
        "data": [_graticule(lon, lat), *(_traces(len(lon)) if len(lon) <= MANY else [])],
        "layout": layout(
            map={"style": _style(basemap), "center": centre, "zoom": zoom},
            margin={"l": 0, "r": 0, "t": 0, "b": 0},
            dragmode="pan",
            annotations=[_place_note(lon, lat)],
            uirevision="map",
            meta=speech,
        ),
    }


def _traces(count: int) -> list[dict[str, Any]]:
    """The lakes, by what is drawn alike.

    Args:
        count: How many there are.
    """
    base = {"type": "scattermap", "mode": "markers", "hoverinfo": "none"}
    columns = {"x": "lon", "y": "lat"}
    traces: list[dict[str, Any]] = [
        {**base, "marker": {"size": 4, "color": colour("context"), "opacity": 0.8}, "meta": {**columns, **unlit(0, 1, 2, 3)}}
    ]
    # A map draws no open circles: a ring is what is seen of a disc under the lake's own.
    ring = {"size": 12 - 3 * (count > CROWD), "color": colour("flood"), "opacity": 0.8}
    traces.append({**base, "name": "flood", "marker": ring, "meta": {**columns, **ring_meta()}})
    for code in (0, 1, 2, 3):
        mark = {
            "size": (5 if code < 2 else 8) - 3 * (count > CROWD),
            "color": colour(CLASSES[code]),
            "opacity": (0.35, 0.6, 0.9, 0.9)[code],
        }
        traces.append({**base, "name": CLASSES[code], "marker": mark, "meta": {**columns, **lit(code)}})
    return traces


def _style(basemap: str) -> dict[str, Any]:
    # Without a background layer the map is see-through, so that one style serves both themes.
    tiles = BASEMAPS[basemap]
    if tiles is None:
        return {"version": 8, "sources": {}, "layers": []}
    source = {"type": "raster", "tiles": [tiles[0]], "tileSize": 256, "attribution": tiles[1]}
    return {"version": 8, "sources": {"base": source}, "layers": [{"id": "base", "type": "raster", "source": "base"}]}


def _view(lon: np.ndarray, lat: np.ndarray) -> tuple[dict[str, float], float]:
    known = np.isfinite(lon) & np.isfinite(lat)
    if not known.any():
        return {"lon": 0.0, "lat": 0.0}, 1.0
    west, east, south, north = lon[known].min(), lon[known].max(), lat[known].min(), lat[known].max()
    x, y = world_square(np.array([west, east]), np.array([north, south]))
    # 512 px hold the world at zoom 0; a seventh of the panel is margin.
    wide, high = (math.log2(size * 6 / 7 / 512 / max(span, 5e-5)) for size, span in zip(PANEL, (x[1] - x[0], y[1] - y[0]), strict=True))
    return {"lon": float(west + east) / 2, "lat": latitude(float(y.mean()))}, float(np.clip(min(wide, high), -1, 12))


def _grid_step(across: float, up: float) -> float:
    """Degrees between the lines of the graticule: about five lines over the longer side."""
    wanted = max(across, up, 0.05) / 5
    return next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45) if step >= min(wanted, 45))


def _place_note(lon: np.ndarray, lat: np.ndarray) -> dict[str, Any]:
    """Where the lakes lie and what the graticule measures, in words: an offline map has no glyphs for labels."""
    note = {"xref": "paper", "yref": "paper", "showarrow": False, "font": {"size": 11, "color": colour("quiet")}}
    known = np.isfinite(lon) & np.isfinite(lat)
    if not known.any():
        return {**note, "x": 0.5, "y": 0.5, "text": "These lakes have no position: import them with lon and lat, or with outlines"}
    west, east, south, north = lon[known].min(), lon[known].max(), lat[known].min(), lat[known].max()
    step = _grid_step(east - west, north - south)
    up = f"{_degrees(south, 'S', 'N')} to {_degrees(north, 'S', 'N')}"
    across = f"{_degrees(west, 'W', 'E')} to {_degrees(east, 'W', 'E')}"
    return {**note, "x": 0, "y": 0, "xanchor": "left", "yanchor": "bottom", "xshift": 4, "text": f"{up}, {across} · grid {step:g}°"}


def _degrees(value: float, below: str, above: str) -> str:
    return f"{abs(value):.1f}° {above if value >= 0 else below}"


def _graticule(lon: np.ndarray, lat: np.ndarray) -> dict[str, Any]:
    """Meridians and parallels behind the lakes: a sense of place and scale where there is no basemap."""
    known = np.isfinite(lon) & np.isfinite(lat)
    line = {"type": "scattermap", "mode": "lines", "hoverinfo": "skip", "line": {"color": colour("line"), "width": 1}}
    if not known.any():
        return {**line, "lon": [], "lat": []}
    west, east, south, north = lon[known].min(), lon[known].max(), lat[known].min(), lat[known].max()
    step = _grid_step(east - west, north - south)
    xs = np.clip(np.arange(math.floor(west / step) - 1, math.ceil(east / step) + 2) * step, -180, 180)
    ys = np.clip(np.arange(math.floor(south / step) - 1, math.ceil(north / step) + 2) * step, -85, 85)
    across: list[float | None] = []
    up: list[float | None] = []
    for x in xs.tolist():
        across, up = [*across, x, x, None], [*up, float(ys[0]), float(ys[-1]), None]
    for y in ys.tolist():
        across, up = [*across, float(xs[0]), float(xs[-1]), None], [*up, y, y, None]
    return {**line, "lon": across, "lat": up}


@module.ui
def lake_map_ui() -> ui.Tag:
    return plot_output("plot")


@module.ui
def basemap_ui() -> ui.Tag:
    """The choice of a basemap, for the header of the map's card."""
    choices = {name: f"{name} (from the internet)" if tiles else "No basemap" for name, tiles in BASEMAPS.items()}
    return ui.input_select("basemap", ui.tags.span("Basemap", class_="visually-hidden"), choices, width="auto")


@module.server
def lake_map_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    widget, showing = PlotWidget(), Showing(session)
    lon, lat = (store.lakes[name].to_numpy(dtype=float) for name in ("lon", "lat"))
    many = len(lon) > MANY
    outlines = {"url": outline_url(store), **({} if many else {"tiles": sorted(tile_rows(store))})}

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.calc
    def figure() -> dict[str, Any]:
        basemap = text_of(input.basemap())
        return map_figure(selection.fitted(), lon, lat, outlines, basemap if basemap in BASEMAPS else "none")

    @reactive.effect
    def _draw() -> None:
        table, bits, drawn = selection.fitted(), selection.bits(), figure()
        if many:
            crowd = Crowd(world_places(store), bits, selection.ranks(), selection.order())
            widget.show(figure=drawn, crowd=showing.show(crowd, knowing_of(store, selection), []))
        else:
            widget.show(columns=[lake_url(store), trend_url(store, table.settings)], bits=bits.tobytes(), figure=drawn)

    if many:
        link_crowd(widget, showing, store, selection, lambda: None)
    else:
        link_widget(widget, store, selection)


_places: WeakKeyDictionary[Store, Places] = WeakKeyDictionary()
"""For as long as the dataset is open, for all visits."""


def world_places(store: Store) -> Places:
    """Where all lakes of a dataset lie on the map."""
    if store not in _places:
        _places[store] = map_places(*(store.lakes[name].to_numpy(dtype=float) for name in ("lon", "lat")))
    return _places[store]
