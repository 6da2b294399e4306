"""The guide against plain loops: few enough pixels, the deepest ones, never none."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from models.guide import SHARE, eroded


def lake(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    field = ndimage.gaussian_filter(rng.normal(size=(26, 31)), rng.uniform(0.5, 4))
    return field > np.quantile(field, rng.choice([0.5, 0.8, 0.95, 0.99]))


@given(st.integers(0, 2**32 - 1))
def test_it_keeps_the_deepest_pixels_and_few_enough(seed: int) -> None:
    outline = lake(seed)
    inner = eroded(outline)
    assert inner.any()
    assert not (inner & ~outline).any()
    assert inner.sum() <= max(1, SHARE * outline.sum())
    padded = np.pad(outline, 1, mode="edge")
    land = np.argwhere(~padded) - 1

    def depth(y: int, x: int) -> float:
        return min((math.dist((y, x), other) for other in land.tolist()), default=math.inf)

    kept = [depth(y, x) for y, x in np.argwhere(inner).tolist()]
    left = [depth(y, x) for y, x in np.argwhere(outline & ~inner).tolist()]
    assert not left or min(kept) >= max(left) - 1e-9
    if inner.sum() > 1:
        shallow = max(left, default=0.0)
        assert inner.sum() + sum(abs(each - shallow) < 1e-9 for each in left) > SHARE * outline.sum(), "one depth more would be too much"


def test_of_nothing_there_is_nothing_and_of_a_thin_lake_one_pixel() -> None:
    assert not eroded(np.zeros((5, 5), dtype=bool)).any()
    thin = np.zeros((9, 9), dtype=bool)
    thin[4, 2:7] = True
    assert eroded(thin).sum() == 1


def test_a_lake_that_the_image_cuts_off_goes_on_beyond_its_edge() -> None:
    half = np.zeros((20, 20), dtype=bool)
    half[5:15, :10] = True
    inner = eroded(half)
    assert inner[:, 0].any(), "its cut side is no shore"
    assert not inner[:, 9].any()
