"""A scene as a small picture that can be pressed: its thumbnail out of the sheet, the outcome laid over it, and words below."""

from __future__ import annotations

from htmltools import Tag, tags

from data.lens.reading import Lens
from modules.lensing.urls import lens_url

SIDE = 72
"""px of a tile on screen."""


def scene_words(lens: Lens, scene_key: int) -> str:
    """What a scene is called, its IoU, and why it is not usable where it is not: `Lake 12, 2019-10-03, IoU 0.42, cloud`."""
    row = lens.scenes.loc[scene_key]
    reason = "" if row["reason"] in {"", "ok"} else f", {row['reason'].replace('_', ' ')}"
    return f"{row['name']}, {iou_words(row['iou'])}{reason}"


def iou_words(iou: float) -> str:
    """`IoU 0.42`; `no IoU` where neither label nor prediction has water."""
    return "no IoU" if iou != iou else f"IoU {iou:.2f}"  # noqa: PLR0124  NaN


def tile(lens: Lens, scene_key: int, below: str = "", *, side: int = SIDE, current: bool = False) -> Tag:
    """A button that focuses a scene of a lens.

    Args:
        lens: Whose sheet has the thumbnail; without one the tile is its words.
        scene_key: A scene of it.
        below: Words below the picture; empty: its IoU.
        side: px of the picture.
        current: Whether it is the scene in focus.
    """
    said = scene_words(lens, scene_key)
    style = _picture(lens, scene_key, side)
    picture = tags.span(style=style, class_="m-lens-tile-picture", aria_hidden="true") if _has_sheet(lens) else None
    return tags.button(
        picture,
        tags.span(below or iou_words(lens.scenes.at[scene_key, "iou"]), class_="m-lens-tile-words"),
        type="button",
        class_="m-lens-tile",
        data_lens_scene=str(scene_key),
        aria_label=f"{said}{'. ' + below if below else ''}",
        aria_pressed="true" if current else "false",
        title=said,
    )


def _has_sheet(lens: Lens) -> bool:
    return lens.manifest.tile > 0 and lens.has("scenes.jpg")


def _picture(lens: Lens, scene_key: int, side: int) -> str:
    """CSS that shows one tile of the sheets: positions in per cent, since browsers scale a background to whole sheets."""
    columns = max(lens.manifest.sheet_columns, 1)
    place = int(lens.scenes.index.get_loc(scene_key))
    rows = -(-len(lens.scenes) // columns)
    x, y = (100 * at / max(of - 1, 1) for at, of in ((place % columns, columns), (place // columns, rows)))
    layers = [lens_url(lens, kind) for file, kind in (("outcomes.png", "outcomes"), ("scenes.jpg", "scenes")) if lens.has(file)]
    images = ",".join(f"url('{url}')" for url in layers)
    return (
        f"width:{side}px;height:{side}px;background-image:{images};background-size:{100 * columns}% {100 * rows}%;"
        f"background-position:{x:.4f}% {y:.4f}%"
    )
