"""The sheets of thumbnails: all scenes of a lens in one picture, and the outcome of each in another to lay over it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

from data.errors import LensError
from data.lens.manifest import REMEDY
from data.lens.reading import Lens
from modules.lensing.pictures.courses import UNKNOWN, outcomes_png


def _scenes(lens: Lens, parts: Sequence[str]) -> tuple[bytes, str]:
    _whole(parts)
    return lens.bytes("scenes.jpg"), "image/jpeg"


def _outcomes(lens: Lens, parts: Sequence[str]) -> tuple[bytes, str]:
    """In the colours of all pictures, land transparent: whatever palette a file has, its numbers are what the format is about."""
    from PIL import Image  # noqa: PLC0415  heavy, see modules.lensing.pictures

    _whole(parts)
    try:
        with Image.open(io.BytesIO(lens.bytes("outcomes.png")), formats=("PNG",)) as picture:
            classes = np.asarray(picture) if picture.mode in {"P", "L"} else None
    except (OSError, ValueError, SyntaxError) as error:
        raise LensError(f"{lens.folder / 'outcomes.png'} cannot be drawn: {error}", REMEDY) from error
    if classes is None:
        raise LensError(f"{lens.folder / 'outcomes.png'} has no palette", REMEDY)
    return outcomes_png(np.minimum(classes, UNKNOWN)), "image/png"


def _whole(parts: Sequence[str]) -> None:
    if parts:
        raise LookupError(parts)


KINDS = {"scenes": _scenes, "outcomes": _outcomes}
