"""The fixed colours of pictures: an index from −1 to 1, no data, masks. The same in both themes, since they lie on photographs."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from modules.palette import PALETTE

DARK = 1
"""Pictures use the palette's values for the dark theme, which are the lighter ones: they lie on rock and water."""
HALO = (16, 20, 24)
"""Drawn round outlines, so that they read on snow as well."""
NO_DATA, HATCH = (122, 128, 134), (142, 148, 154)
DRY, WET = 50.0, 250.0
"""Hues (degrees in Oklab) of −1 and 1: orange-brown and blue, the axis that the common colour-vision deficiencies leave intact."""
STEPS = 256


def rgb(meaning: str) -> tuple[int, int, int]:
    """A colour of the palette as pictures use it."""
    text = PALETTE[meaning][DARK]
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mask_colour(source: str) -> tuple[int, int, int]:
    """Of a source's water: that of reference masks differs from that of all others."""
    return rgb("label" if source == "label" else "water")


@functools.cache
def diverging() -> NDArray[np.uint8]:
    """(256, 3) sRGB from −1 to 1, light in the middle: lightness and chroma change evenly to either side in Oklab.

    Oklab: Ottosson 2020, "A perceptual color space for image processing".
    """
    place = np.linspace(-1, 1, STEPS)
    away = np.abs(place)
    lightness, chroma = 0.95 - 0.55 * away, 0.105 * np.minimum(away * 1.6, 1)
    hue = np.radians(np.where(place < 0, DRY, WET))
    lab = np.column_stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)])
    to_lms = np.array([[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]])
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip((lab @ to_lms.T) ** 3 @ to_rgb.T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(encoded * 255).astype(np.uint8)


def hatch(picture: NDArray[np.uint8], missing: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The picture (H, W, 3), drawn over in place where there is no data: grey with diagonal lines, like neither water nor rock."""
    rows, columns = np.nonzero(missing)
    if len(rows):
        picture[rows, columns] = np.array([NO_DATA, HATCH], dtype=np.uint8)[((rows + columns) % 8 < 2).astype(np.uint8)]
    return picture
