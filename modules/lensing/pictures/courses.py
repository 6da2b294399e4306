"""Pictures of scenes through training: for one scene all epochs side by side, for many small ones a row each.

The browser moves such a picture behind a window of one epoch's width: no epoch is asked of the server. Colours are those of all pictures,
the same in both themes, since they lie on photographs.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.lens.reading import Lens, Probe
from modules.images.colours import HALO, NO_DATA, rgb

LAND, AGREED, FALSE, MISSED, UNKNOWN = range(5)
"""Outcomes, as in outcomes.png."""
OPACITY = (0, 150, 235, 235, 170)
"""Of each over the image, as on the page Predictions: agreement is quiet, errors are loud, what is unknown is veiled."""
WATER, NOT_KNOWN = 1, 255
"""Values of a label."""
HALF = 128
"""The lowest byte of a probability above 0.5."""
ROWS = 25
"""Scenes in one picture of many."""
SMALL = 64
"""px of a scene in it, about."""
JPEG, PNG = "image/jpeg", "image/png"


def outcomes(probability: NDArray[np.uint8], label: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How predictions compare with the label: LAND (both), AGREED water, FALSE, MISSED or UNKNOWN.

    Args:
        probability: (..., H, W), 255 × that of water.
        label: (..., H, W), of a shape that broadcasts.
    """
    wet, truth, known = probability >= HALF, label == WATER, label != NOT_KNOWN
    return np.select([~known, wet & truth, wet, truth], [UNKNOWN, AGREED, FALSE, MISSED], LAND).astype(np.uint8)


def side_by_side(values: NDArray[Any]) -> NDArray[Any]:
    """(E, S, H, W) as (S × H, E × W): a row a scene, a column an epoch."""
    epochs, scenes, height, width = values.shape
    return values.transpose(1, 2, 0, 3).reshape(scenes * height, epochs * width)


def thinned(values: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """Every n-th pixel of the axes given, such that about SMALL remain: classes are not to be mixed."""
    step = max(1, round(max(values.shape[height], values.shape[width]) / SMALL))
    every: list[slice] = [slice(None)] * values.ndim
    every[height] = every[width] = slice(None, None, step)
    return values[tuple(every)]


def outcomes_png(classes: NDArray[np.uint8]) -> bytes:
    """(H, W) outcomes as a PNG to lay over the image."""
    colours = np.array([(0, 0, 0), *(rgb(name) for name in ("agreed", "false", "missed")), HALO], dtype=np.uint8)
    return _png(classes, colours, transparency=bytes(OPACITY))


def belief_png(probability: NDArray[np.uint8]) -> bytes:
    """(H, W) probabilities as a PNG: dark at 0, the colour of water at 1."""
    return _png(probability, _ramp("water"))


def label_png(label: NDArray[np.uint8]) -> bytes:
    """(H, W) of a label as a PNG: its water in the colour of labels, grey where it does not know."""
    palette = _ramp("label")
    palette[WATER], palette[NOT_KNOWN] = rgb("label"), NO_DATA
    return _png(label, palette)


def _ramp(meaning: str) -> NDArray[np.uint8]:
    share = np.linspace(0, 1, 256)[:, None]
    return np.rint(np.array(HALO) * (1 - share) + np.array(rgb(meaning)) * share).astype(np.uint8)


def _png(places: NDArray[np.uint8], palette: NDArray[np.uint8], **more: Any) -> bytes:
    from PIL import Image  # noqa: PLC0415  heavy, see modules.lensing.pictures

    picture = Image.fromarray(np.ascontiguousarray(places), "P")
    picture.putpalette(palette.tobytes())
    made = io.BytesIO()
    picture.save(made, "PNG", compress_level=6, **more)
    return made.getvalue()


def _jpeg(image: NDArray[np.uint8]) -> bytes:
    from PIL import Image  # noqa: PLC0415  heavy, see modules.lensing.pictures

    made = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(made, "JPEG", quality=88, subsampling=0)
    return made.getvalue()


def scene_image(lens: Lens, parts: Sequence[str]) -> tuple[bytes, str]:
    """`course-image/KEY`: a followed scene in true colours."""
    probe, place = _scene(lens, parts)
    return _jpeg(probe.image[place]), JPEG


def scene_label(lens: Lens, parts: Sequence[str]) -> tuple[bytes, str]:
    """`course-label/KEY`: its label."""
    probe, place = _scene(lens, parts)
    return label_png(probe.label[place]), PNG


def scene_beliefs(lens: Lens, parts: Sequence[str]) -> tuple[bytes, str]:
    """`course-belief/KEY`: its predictions, all epochs side by side."""
    _, place = _scene(lens, parts)
    return belief_png(side_by_side(lens.predictions()[:, place : place + 1])), PNG


def scene_outcomes(lens: Lens, parts: Sequence[str]) -> tuple[bytes, str]:
    """`course-outcomes/KEY`: how they compare with the label, all epochs side by side, to lay over the image."""
    probe, place = _scene(lens, parts)
    classes = outcomes(lens.predictions()[:, place], probe.label[place])
    return outcomes_png(side_by_side(classes[:, None])), PNG


def many_images(lens: Lens, parts: Sequence[str]) -> tuple[bytes, str]:
    """`courses-image/PART`: ROWS followed scenes, one below the other."""
    rows = _rows(lens, parts)
    small = thinned(lens.probe().image[rows], 1, 2)
    return _jpeg(small.reshape(-1, *small.shape[2:])), JPEG


def many_outcomes(lens: Lens, parts: Sequence[str]) -> tuple[bytes, str]:
    """`courses-outcomes/PART`: their outcomes, all epochs side by side, to lay over those images."""
    rows = _rows(lens, parts)
    probability, label = thinned(lens.predictions()[:, rows], 2, 3), thinned(lens.probe().label[rows], 1, 2)
    return outcomes_png(side_by_side(outcomes(probability, label))), PNG


KINDS = {
    "course-image": scene_image,
    "course-label": scene_label,
    "course-belief": scene_beliefs,
    "course-outcomes": scene_outcomes,
    "courses-image": many_images,
    "courses-outcomes": many_outcomes,
}


def _scene(lens: Lens, parts: Sequence[str]) -> tuple[Probe, int]:
    (key,) = parts
    probe = lens.probe()
    place = probe.place(int(key))
    if place is None:
        raise LookupError(key)
    return probe, place


def _rows(lens: Lens, parts: Sequence[str]) -> slice:
    (part,) = parts
    first = ROWS * int(part)
    if not 0 <= first < len(lens.probe().scene_key):
        raise LookupError(part)
    return slice(first, first + ROWS)
