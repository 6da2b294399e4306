"""Marks of scenes in the plane: coloured by how well they are segmented or by a concept, shaped by what they are. Pure."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from modules.lensing.embedded import Embedded, errors
from modules.lensing.state import COLOURS
from modules.palette import colour

CROWDED = 4_000
"""Scenes from which on WebGL draws them faster than SVG."""
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "cross", "star", "triangle-down")
"""Of kinds of scenes, the most frequent first; of more kinds, the rest share the last."""
UNNAMED = "not said"
SHADES = {"iou": ("right", "wrong")} | dict.fromkeys(("size_km2", "snow", "shadow", "turbidity"), ("few", "many"))
"""Columns shown as a shade → meanings of its ends."""
TITLES = {"iou": "a scene's error, 1 − IoU", "size_km2": "size, log10 km²", "snow": "snow", "shadow": "shadow", "turbidity": "turbidity"}


def traces(at: Embedded, column: str, selected: tuple[int, ...], *, faint: bool) -> list[dict[str, Any]]:
    """The scenes as plotly traces.

    Args:
        at: Where they are.
        column: A key of COLOURS.
        selected: Keys of scenes that a lasso took: the others are dimmed.
        faint: Whether pictures are drawn over them.
    """
    shown = np.isfinite(at.places).all(axis=1)
    dim = np.isin(at.scenes["scene_key"].to_numpy(), selected, invert=True) if selected else np.zeros(len(shown), dtype=bool)
    if column in SHADES:
        return _shaded(at, column, shown, dim, faint=faint)
    kinds = at.scenes[column].replace("", UNNAMED)
    order = kinds.value_counts().index.tolist()
    return [_marks(at, shown & (kinds == kind).to_numpy(), dim, faint=faint, name=_words(kind), showlegend=True,
                   marker=_kind_marker(min(place, len(SYMBOLS) - 1))) for place, kind in enumerate(order)]  # fmt: skip


def _words(kind: str) -> str:
    return escape(kind.replace("_", " "), quote=False)


def _kind_marker(place: int) -> dict[str, Any]:
    """The usual kind is quiet, so that the others stand out by their shapes, not by colours that mean something else."""
    return {"symbol": SYMBOLS[place], "color": colour("steady" if place == 0 else "ink"), "size": 5 if place == 0 else 8}


def _shaded(at: Embedded, column: str, shown: np.ndarray, dim: np.ndarray, *, faint: bool) -> list[dict[str, Any]]:
    values = shades(at, column)
    known = np.isfinite(values)
    low, high = (float(end) for end in (values[known].min(), values[known].max())) if known.any() else (0.0, 1.0)
    ends = (0.0, 1.0) if column == "iou" else (low, high if high > low else low + 1)
    scale = {"colorscale": [[0, colour(SHADES[column][0])], [1, colour(SHADES[column][1])]], "cmin": ends[0], "cmax": ends[1]}
    bar = {"colorbar": _bar(TITLES[column], 0.54)} if known.any() else {"showscale": False}
    marker = {"color": [float(f"{value:.4g}") for value in values[shown & known]], **scale, **bar, "size": 7}
    unknown = {"symbol": "circle-open", "color": colour("untested"), "size": 6}
    return [
        _marks(at, shown & ~known, dim, faint=faint, name="not known", marker=unknown),
        _marks(at, shown & known, dim, faint=faint, name=COLOURS[column], marker=marker),
    ]


def shades(at: Embedded, column: str) -> np.ndarray:
    """(N,) what is shown as a shade: errors instead of IoU, sizes as their logarithm."""
    if column == "iou":
        return errors(at.scenes)
    values = at.scenes[column].to_numpy(dtype=float)
    return np.log10(values, out=np.full(len(values), np.nan), where=values > 0) if column == "size_km2" else values


def _bar(title: str, left: float) -> dict[str, Any]:
    """A colour bar above the plot, a half as wide."""
    return {
        "orientation": "h", "x": left, "xanchor": "left", "len": 0.44, "y": 1.0, "yanchor": "bottom", "thickness": 7, "outlinewidth": 0,
        "title": {"text": title, "side": "top", "font": {"size": 11, "color": colour("quiet")}},
        "tickfont": {"size": 10, "color": colour("quiet")}, "nticks": 4, "ticklen": 2,
    }  # fmt: skip


def error_bar() -> dict[str, Any]:
    """The bar of the background, beside that of the marks."""
    return _bar("smoothed error, mean of 1 − IoU", 0.0)


def _marks(at: Embedded, rows: np.ndarray, dim: np.ndarray, *, faint: bool, marker: dict[str, Any], **more: Any) -> dict[str, Any]:
    places = at.places[rows]
    full = 0.35 if faint else 0.9
    look = {"line": {"width": 0.75, "color": colour("ink", 0.6)}, **marker, "opacity": [0.12 if hidden else full for hidden in dim[rows]]}
    return {
        "type": "scattergl" if len(at.places) > CROWDED else "scatter", "mode": "markers", "showlegend": False, **more,
        **{name: [float(f"{value:.5g}") for value in places[:, axis]] for axis, name in enumerate("xy")},
        "marker": look, "customdata": at.scenes["scene_key"][rows].tolist(),
        "text": [at.said[row] for row in np.flatnonzero(rows)], "hovertemplate": "%{text}<extra></extra>",
        "meta": {"rows": np.flatnonzero(rows).tolist()},
    }  # fmt: skip
