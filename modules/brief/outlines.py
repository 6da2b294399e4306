"""The outlines of one lake by date, as SVG in its own metres: what there is to see where there are no images. Pure."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import shapely
from htmltools import Tag, svg
from shapely.geometry.base import BaseGeometry

from modules.brief.drawing import HEIGHT, WIDTH, Frame, line, picture, text
from modules.numerals import round_length

METRES = 111_320.0
"""A degree of latitude; within a lake the Earth is flat enough."""
KEPT = 3


def outline_picture(rows: pd.DataFrame, name: str) -> Tag | None:
    """The first, the middle and the last outline, north up, with a scale; None where there is none.

    Args:
        rows: `Store.outlines` of one source.
        name: Of the lake, for those who do not see the picture.
    """
    drawable = [not shape.is_empty for shape in shapely.from_wkb(rows["geometry"].to_numpy(dtype=object))]
    rows = rows.loc[drawable].drop_duplicates("date", keep="last")
    if not len(rows):
        return None
    chosen = rows.iloc[sorted({0, (len(rows) - 1) // 2, len(rows) - 1})] if len(rows) > KEPT else rows
    shapes = [_local(shapely.from_wkb(raw), chosen["geometry"].iloc[-1]) for raw in chosen["geometry"]]
    left, low, right, high = shapely.total_bounds(np.array(shapes, dtype=object)).tolist()
    frame = _fitting(left, low, right, high)
    years = [f"{day:%Y}" for day in chosen["date"]]
    drawn = [svg.path(d=_d(shape, frame), class_=f"shape shape{place}") for place, shape in zip(_places(len(shapes)), shapes, strict=True)]
    key = [
        text(WIDTH - 4, 12 + 13 * n, year, class_=f"key key{place}", anchor="end")
        for n, (place, year) in enumerate(zip(_places(len(years)), years, strict=True))
    ]
    return picture(WIDTH, HEIGHT, f"Outlines of {name}: {', '.join(years)}", *drawn, *key, *_scale(frame))


def _places(count: int) -> list[int]:
    """Which of three looks each outline has: the oldest the first, the newest the last."""
    return [2] if count == 1 else [0, 2] if count == 2 else [0, 1, 2]


def _local(shape: BaseGeometry, about: bytes) -> BaseGeometry:
    middle = shapely.centroid(shapely.from_wkb(about))
    stretch = METRES * math.cos(math.radians(middle.y))
    return shapely.transform(shape, lambda at: (at - [middle.x, middle.y]) * [stretch, METRES])


def _fitting(left: float, low: float, right: float, high: float) -> Frame:
    """A frame that shows all of it with equal scales."""
    margin = 14.0
    scale = max((right - left) / (WIDTH - 2 * margin), (high - low) / (HEIGHT - 2 * margin), 1e-9)
    x, y, across, down = (left + right) / 2, (low + high) / 2, scale * (WIDTH - 2 * margin) / 2, scale * (HEIGHT - 2 * margin) / 2
    return Frame(WIDTH, HEIGHT, (x - across, x + across), (y - down, y + down), margin, margin, margin, margin)


def _d(shape: BaseGeometry, frame: Frame) -> str:
    scale = (frame.x[1] - frame.x[0]) / (WIDTH - 2 * frame.left)
    made = ""
    for part in shapely.get_parts(shapely.simplify(shape, 0.3 * scale)):
        for ring in (part.exterior, *part.interiors) if part.geom_type == "Polygon" and not part.is_empty else ():
            made += "M" + "L".join(f"{frame.across(x)} {frame.down(y)}" for x, y in shapely.get_coordinates(ring).tolist()) + "Z"
    return made


def _scale(frame: Frame) -> list[Tag]:
    """A bar of a round length, about a quarter of the picture."""
    per_px = (frame.x[1] - frame.x[0]) / (WIDTH - 2 * frame.left)
    metres, words = round_length(per_px * WIDTH / 4)
    return [line(8, HEIGHT - 8, 8 + metres / per_px, HEIGHT - 8, class_="scale"), text(8, HEIGHT - 12, words, anchor="start")]
