"""Pictures to take away: the flipbook of a lake as GIF, a pair of dates as PNG, each with all that says what it shows."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from data.afar.places import there
from data.errors import MoraineError
from data.records import Scene, TrendSettings
from data.store import Store
from modules.images.faults import MissingError, about, scene_name
from modules.images.lettering import INK, PAPER, QUIET, WARNING, scale_bar, wrapped, write
from modules.images.rendering import Painter
from modules.images.thumbs import Shown, small, square_of
from modules.observations import clear

log = logging.getLogger(__name__)

PANEL = 512
"""px: side of an image in the flipbook and in the pair."""
FRAMES = 120
"""Dates of one flipbook at most, evenly spread; each takes 0.9 MB of memory while it is made."""
FRAME_MS = 500
SMALL, LARGE, LEADING = 12, 17, 16
GAP = 10


def flipbook(painter: Painter, store: Store, lake_key: int, shown: Shown) -> bytes:
    """GIF of all clear scenes of a lake in order, two a second, the date, lake, sensor and provenance below.

    Raises:
        MissingError: The lake has no clear scene whose file is there.
        RasterError: None of them can be drawn; the fault of the last is told.
    """
    scenes = [scene for scene in clear(store.scenes.of_lake(lake_key)) if there(scene.path)]
    if len(scenes) > FRAMES:
        scenes = [scenes[at] for at in np.linspace(0, len(scenes) - 1, FRAMES).round().astype(int)]
    frames: list[Image.Image] = []
    fault: MoraineError = MissingError("this lake has no clear images", "choose another lake, or get its scenes")
    for scene in scenes:
        try:
            with about(store, scene):
                frames.append(_frame(painter, store, scene, shown))
        except MoraineError as error:
            log.warning("left out of the flipbook: %s", error)
            fault = error
    if not frames:
        raise fault
    made = io.BytesIO()
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0, comment=_comment(store))
    return made.getvalue()


def pair(painter: Painter, store: Store, scenes: tuple[Scene, Scene], shown: Shown) -> bytes:
    """PNG of two dates of a lake side by side over their caption.

    Raises:
        MissingError, RasterError: One of them cannot be drawn.
    """
    panels: list[Image.Image] = []
    for scene in scenes:
        with about(store, scene):
            panels.append(_panel(painter, store, scene, shown, PANEL))
    lines = _provenance(store, shown, 2 * PANEL + GAP)
    heads = 3 * LEADING + 4
    picture = Image.new("RGB", (2 * PANEL + 3 * GAP, PANEL + heads + 3 * GAP + len(lines) * LEADING + LEADING), PAPER)
    for place, (scene, panel) in enumerate(zip(scenes, panels, strict=True)):
        left = GAP + place * (PANEL + GAP)
        write(picture, (left, GAP - 2), scene_name(store, scene), LARGE)
        write(picture, (left, GAP + 20), _area_words(store, scene, shown), SMALL, QUIET)
        write(picture, (left, GAP + 20 + LEADING), _sensor_words(scene), SMALL, QUIET)
        picture.paste(panel, (left, GAP + heads))
    _write_lines(picture, lines, (GAP, PANEL + heads + 2 * GAP))
    made = io.BytesIO()
    picture.save(made, "PNG", compress_level=6)
    return made.getvalue()


def _frame(painter: Painter, store: Store, scene: Scene, shown: Shown) -> Image.Image:
    lines = _provenance(store, shown, PANEL)
    picture = Image.new("RGB", (PANEL, PANEL + 52 + len(lines) * LEADING + GAP), PAPER)
    picture.paste(_panel(painter, store, scene, shown, PANEL), (0, 0))
    write(picture, (GAP, PANEL + 6), scene_name(store, scene), LARGE)
    words = " · ".join(text for text in (_sensor_words(scene), _area_words(store, scene, shown)) if text)
    write(picture, (GAP, PANEL + 28), words, SMALL, QUIET)
    _write_lines(picture, lines, (GAP, PANEL + 50))
    return picture.quantize(255, Image.Quantize.FASTOCTREE)


def _panel(painter: Painter, store: Store, scene: Scene, shown: Shown, side: int) -> Image.Image:
    grid = painter.pixels.header(store, scene).grid
    square = square_of(painter, store, scene)
    picture = small(painter, store, scene, shown, side)
    pixel = grid.pixel_m if grid.crs else scene.pixel_m
    scale_bar(picture, (14, side - 14), pixel * (square[2] - square[0]) / side, side / 3)
    if store.meta.simulated:
        stamp = "SIMULATED"
        ImageDraw.Draw(picture).rectangle((0, 0, 104, 24), fill=WARNING)
        write(picture, (8, 4), stamp, 15, PAPER)
    return picture


def _area_words(store: Store, scene: Scene, shown: Shown) -> str:
    """`1.23 ± 0.04 km2 by SOURCE`, as far as it is known."""
    source = shown.source
    if source is None or scene.lake_key is None or scene.date is None:
        return ""
    rows = store.areas(scene.lake_key, TrendSettings(source=source, threshold=shown.above))
    rows = rows[(rows["source"] == source) & (rows["date"].dt.date == scene.date)]
    if not len(rows) or rows["reason"].iloc[0] != "ok":
        return f"no area by {source}" + (f" ({rows['reason'].iloc[0]})" if len(rows) else "")
    area, sd = float(rows["area_km2"].iloc[0]), float(rows["area_sd_km2"].iloc[0])
    return f"{area:.3f} km² by {source}" if math.isnan(sd) else f"{area:.3f} ± {sd:.3f} km² by {source}"


def _sensor_words(scene: Scene) -> str:
    named = scene.sensor or "sensor not stated"
    return named if scene.reason in {"", "ok"} else f"{named} · {scene.reason}"


def _provenance(store: Store, shown: Shown, width: int) -> list[tuple[str, tuple[int, int, int]]]:
    meta = store.meta
    looks = {"true": "true colour", "false": "false colour (nir, red, green)", "ndwi": "NDWI", "mndwi": "MNDWI", "relief": "relief"}
    words = looks.get(shown.look, f"bands {shown.look}") + (_water_words(store, shown) if shown.source is not None else "")
    rest = f"{meta.title}. {words}. Licence: {meta.licence}. Cite: {meta.citation}"
    lines = [(line, QUIET) for line in wrapped(rest, width - 2 * GAP, SMALL)]
    return [("SIMULATED: no real place, no real lake", WARNING), *lines] if meta.simulated else lines


def _water_words(store: Store, shown: Shown) -> str:
    """Whose water is outlined, and above which probability where there is one."""
    assert shown.source is not None
    above = f" where its probability > {store.threshold(shown.source, shown.above):g}" if shown.source in store.thresholds else ""
    return f"; outline: water by {shown.source}{above}"


def _write_lines(picture: Image.Image, lines: Sequence[tuple[str, tuple[int, int, int]]], place: tuple[int, int]) -> None:
    for row, (line, colour) in enumerate(lines):
        write(picture, (place[0], place[1] + row * LEADING), line, SMALL, colour or INK)


def _comment(store: Store) -> bytes:
    meta = store.meta
    return f"{'SIMULATED. ' if meta.simulated else ''}{meta.title}. Licence: {meta.licence}. Cite: {meta.citation}".encode()[:250]
