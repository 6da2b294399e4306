"""From a scene of the dataset, or a file that was handed in, to a subject; and from a subject to the pixels that a model takes."""

from __future__ import annotations

import io
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from data.afar.places import there
from data.errors import InputError, RasterError
from data.known_lakes import KnownLakes
from data.rasters.grid import Grid
from data.rasters.own import rasterised
from data.rasters.probability import encoded
from data.rasters.reading import header, read, read_bytes
from data.records import Scene
from data.scene_bands import judged_bands
from data.scene_table import LABEL
from data.store import Store
from data.uploads import MOST_PIXELS, Upload
from models.chips import Chip
from modules.choices import STORED
from modules.images.faults import about, require, scene_name
from modules.images.ground import drawable, rings
from modules.images.rendering import QUALITY, Stretch, composed
from modules.segmenting.subject import Outcome, Subject, packed

AUGMENTED_PIXELS = 1024 * 1024
"""Of a scene that is segmented in all eight ways: each answer is kept, so that any threshold has its spread."""
PICTURE = 1024
PERCENTILES = (2.0, 98.0)


def scene_subject(store: Store, scene: Scene) -> Subject:
    """A scene of the dataset.

    Raises:
        MissingError, RasterError: Its file is not there, or cannot be used.
    """
    with about(store, scene):
        require(store, scene, scene.path)
        told = header(scene.path)
        bands = judged_bands(scene, told.bands, told.grid)
        _require_size(scene_name(store, scene), told.grid)
        label = _label(scene, told.grid)
    lake, old = outlines(store, scene.lake_key)
    lakes = () if scene.lake_key is None else (scene.lake_key,)
    title = f"{scene_name(store, scene)} · {scene.sensor or 'sensor not stated'}"
    return Subject(
        f"scene-{scene.scene_key}", title, told.grid, bands, scene, None, scene.lake_key, scene.date, lake, old, label, lakes,
        _rings(lake, told.grid), b"" if label is None else packed(label),
    )  # fmt: skip


def upload_subject(store: Store, upload: Upload, number: int, lake_key: int | None = None, day: date | None = None) -> Subject:
    """A file that was handed in.

    Args:
        store: The dataset, whose lakes may lie in it.
        upload: As it was read.
        number: Of the upload within the visit.
        lake_key: The lake that its owner names; None: the one nearest to the middle.
        day: As its owner says; None: as the file's name does.
    """
    lakes = lakes_in(store, upload.grid)
    key = lake_key if lake_key in lakes else lakes[0] if lakes else None
    day = day or upload.day
    lake, old = outlines(store, key)
    return Subject(
        f"upload-{number}", upload.name, upload.grid, upload.bands, None, upload, key, day, lake, old, None, lakes,
        _rings(lake, upload.grid),
    )  # fmt: skip


def _rings(lake: BaseGeometry | None, grid: Grid) -> tuple[list[list[float]], ...]:
    return () if lake is None or not grid.crs else tuple(rings(drawable(grid, lake)))


def _require_size(name: str, grid: Grid) -> None:
    if grid.width * grid.height > MOST_PIXELS:
        what = f"{name} has {grid.width:,} × {grid.height:,} pixels, more than this page takes (2,048 × 2,048)"
        raise RasterError(what, "cut it to the lake's surroundings, or run `python -m models predict`, which has no such limit")


def _label(scene: Scene, grid: Grid) -> NDArray[np.uint8] | None:
    path = scene.masks.get(LABEL)
    if path is None or not there(path):
        return None
    stored, own = read_bytes(path)
    return stored if own.shape == grid.shape else None


def outlines(store: Store, lake_key: int | None) -> tuple[BaseGeometry | None, BaseGeometry | None]:
    """The outline by which a lake is measured, and the one that guides, as `predict` takes them, in longitude and latitude."""
    known = KnownLakes(store)
    return known.outline(lake_key), known.oldest(lake_key)


def lakes_in(store: Store, grid: Grid) -> tuple[int, ...]:
    """Keys of the lakes whose newest outline lies in an image, the one nearest to its middle first; none where it has no place."""
    if not grid.crs:
        return ()
    frame = shapely.box(0, 0, grid.width, grid.height)
    try:
        area = grid.to_lonlat(shapely.segmentize(frame, max(grid.shape) / 8))
        middle = grid.to_lonlat(shapely.Point(grid.width / 2, grid.height / 2))
    except ProjError:
        return ()
    shapes = shapely.from_wkb(np.array([raw or None for raw in store.newest_outlines], dtype=object), on_invalid="ignore")
    rows = np.flatnonzero(shapely.intersects(shapes, area))
    return tuple(int(store.lake_keys[row]) for row in sorted(rows, key=lambda row: shapely.distance(shapes[row], middle)))


def chip_of(store: Store, subject: Subject, *, augmented: bool = False) -> Chip:
    """All bands of a subject, and where its lake was long ago.

    Raises:
        RasterError, InputError: The file cannot be read any more, or is too large for what is asked.
    """
    if augmented and subject.grid.width * subject.grid.height > AUGMENTED_PIXELS:
        raise InputError(f"{subject.title} is too large for eight passes (1,024 × 1,024 px)", "segment it once, or cut it")
    if subject.scene is not None:
        with about(store, subject.scene):
            values = read(subject.scene.path).values
    else:
        assert subject.upload is not None
        values = np.asarray(subject.upload.pixels())
    pixel = subject.grid.pixel_m if subject.grid.crs else subject.scene.pixel_m if subject.scene is not None else float("nan")
    return Chip(values, subject.bands, pixel, _painted(subject.old, subject.grid))


def _painted(shape: BaseGeometry | None, grid: Grid) -> NDArray[np.bool_] | None:
    """(H, W) the pixels of an outline; None where there is none, or none of it in the image."""
    if shape is None or not grid.crs:
        return None
    painted = rasterised(grid.to_pixels(shape), grid.shape)
    return painted if painted.any() else None


def stored_outcome(store: Store, subject: Subject, model: str) -> Outcome:
    """What a stored mask says of a scene.

    Raises:
        MissingError, RasterError: It is not there, or cannot be used.
    """
    source, scene = model.removeprefix(STORED), subject.scene
    if scene is None or source not in scene.masks:
        raise InputError(f"the dataset has no mask of {source} for {subject.title}", "choose a model, or another stored mask")
    with about(store, scene):
        require(store, scene, scene.masks[source])
        stored, grid = read_bytes(scene.masks[source])
        if grid.shape != subject.grid.shape:
            raise RasterError(f"{scene.masks[source]} lies on another grid than its scene", "take it in again: python -m data masks")
    binary = bool(np.isin(stored, (0, 200, 255)).all())
    return Outcome(subject.key, model, f"stored mask of {source}", stored, packed(stored), binary=binary)


def outcome_of(subject: Subject, model: str, title: str, passes: NDArray[np.float32], seconds: float) -> Outcome:
    """What a model says of a subject: (N, H, W) probabilities.

    Raises:
        RasterError: It knows nothing at all.
    """
    if np.isnan(passes[0]).all():
        raise RasterError(f"{subject.title} has no pixel with data in every band that the model needs", "choose another date, or model")
    several = len(passes) > 1
    mean = passes.mean(axis=0, dtype=np.float64).astype(np.float32) if several else passes[0]
    kept = np.stack([encoded(each) for each in passes]) if several else None
    stored = encoded(mean)
    return Outcome(subject.key, model, title, stored, packed(stored), kept, seconds)


def picture(upload: Upload) -> bytes:
    """JPEG of what was handed in, at most PICTURE px a side: red, green and blue where it has them, else its first bands."""
    values, step = upload.pixels(), -(-max(upload.grid.shape) // PICTURE)
    names = (
        ("red", "green", "blue") if {"red", "green", "blue"} <= set(upload.bands) else upload.bands[: 3 if len(upload.bands) >= 3 else 1]
    )
    bands = [np.array(values[upload.bands.index(name), ::step, ::step]) for name in names]
    made = io.BytesIO()
    Image.fromarray(composed([_grey(band) for band in bands])).save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def _grey(band: NDArray[np.float32]) -> NDArray[np.uint8]:
    known = band[np.isfinite(band)]
    low, high = np.percentile(known, PERCENTILES) if known.size else (0.0, 1.0)
    if not high > low:
        low, high = low - 0.5, low + 0.5
    return np.where(np.isfinite(band), Stretch(float(low), float(high))(np.nan_to_num(band)), np.uint8(0)).astype(np.uint8)
