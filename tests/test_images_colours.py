"""The fixed colours of pictures."""

from __future__ import annotations

import numpy as np

from modules.images.colours import HATCH, NO_DATA, diverging, hatch, mask_colour, rgb


def lightness(colours: np.ndarray) -> np.ndarray:
    """CIE L* of sRGB colours: another space than the one the map was made in."""
    c = colours / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)


def test_the_index_colours_darken_evenly_to_either_side_and_differ_for_the_colour_blind() -> None:
    found = diverging().astype(float)
    dark = lightness(found)
    assert found.shape == (256, 3)
    assert np.all(np.diff(dark[:128]) > 0)
    assert np.all(np.diff(dark[128:]) < 0)
    steps = np.abs(np.diff(dark))[[*range(5, 122), *range(134, 250)]]
    assert steps.max() < 2 * steps.mean()
    assert abs(dark[0] - dark[-1]) < 6
    # Deuteranopes tell blue from yellow: the difference of the ends must lie there.
    blueness = found[:, 2] - found[:, :2].mean(axis=1)
    assert blueness[-1] > 60 > -20 > blueness[0]


def test_gaps_are_hatched_and_nothing_else_is() -> None:
    picture, missing = np.full((20, 24, 3), 7, np.uint8), np.zeros((20, 24), bool)
    missing[3:15, 4:20] = True
    found = hatch(picture.copy(), missing)
    assert np.all(found[~missing] == 7)
    assert {tuple(colour) for colour in found[missing].tolist()} == {NO_DATA, HATCH}
    assert min(NO_DATA) > 100, "dark water must not be taken for no data"


def test_reference_masks_have_a_colour_of_their_own() -> None:
    assert mask_colour("label") == rgb("label") == (242, 207, 74)
    assert mask_colour("anything") == rgb("water") == (79, 208, 230)
