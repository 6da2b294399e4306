"""Packed lists and polygons, against plain sets and an even-odd ray caster written here."""

from __future__ import annotations

import base64
import math
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from modules.links.packing import GRID, MAX_POINTS, inside, packed_keys, packed_polygon, rounded_polygon, unpacked_keys, unpacked_polygon

COORDINATES = st.floats(-1e4, 1e4, allow_nan=False).map(lambda v: round(v, 6))


@given(st.sets(st.integers(0, 2**31 - 1), max_size=400))
def test_keys_survive(keys: set[int]) -> None:
    assert unpacked_keys(packed_keys(keys)) == tuple(sorted(keys))


def test_a_thousand_of_ten_thousand_fit_a_link() -> None:
    keys = np.random.default_rng(1).choice(10_000, 1_000, replace=False)
    text = packed_keys(keys.tolist())
    assert len(text) < 1_400
    assert text.isascii()
    assert not set(text) & set("+/=&?#%")


@pytest.mark.parametrize("text", ["%%%", "AAAA", "zzzz!", "é"])
def test_damaged_lists_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"link|packed"):
        unpacked_keys(text)


def test_a_bomb_is_refused() -> None:
    with pytest.raises(InputError, match="too long"):
        unpacked_keys(packed_keys(range(1_100_000)))


@given(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=300))
def test_a_rounded_polygon_is_its_own_link(points: list[tuple[float, float]]) -> None:
    rounded = rounded_polygon(points)
    assert 3 <= len(rounded) <= MAX_POINTS
    assert unpacked_polygon(packed_polygon(rounded)) == rounded
    assert len(packed_polygon(rounded)) <= 540


def test_rounding_moves_no_corner_by_more_than_a_step() -> None:
    points = [(0.123456, 5.0), (100.0, 7.7), (50.5, 9.123)]
    span = np.ptp(np.array(points), axis=0)
    assert np.all(np.abs(np.array(rounded_polygon(points)) - points) <= span / GRID)


def test_simplifying_keeps_the_area_of_a_lasso() -> None:
    angle = np.linspace(0, 2 * np.pi, 2_000, endpoint=False)
    polygon = np.array(rounded_polygon(list(zip(3 * np.cos(angle), 100 * np.sin(angle), strict=True))))
    x, y = polygon.T
    area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
    assert area == pytest.approx(math.pi * 300, rel=0.01)


@pytest.mark.parametrize("points", [[], [(0, 0), (1, 1)], [(0, 0), (1, math.nan), (2, 2)], [(0, 0), (1, math.inf), (2, 2)]])
def test_no_polygon(points: list[tuple[float, float]]) -> None:
    with pytest.raises(InputError, match="corners"):
        rounded_polygon(points)


def _ray_cast(polygon: list[tuple[float, float]], x: float, y: float) -> bool:
    crossings = 0
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            crossings += 1
    return crossings % 2 == 1


def test_inside_agrees_with_a_ray_caster() -> None:
    rng = np.random.default_rng(7)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 40))
    radius = rng.uniform(1, 3, 40)
    polygon = [(float(r * np.cos(a)), float(r * np.sin(a))) for r, a in zip(radius, angle, strict=True)]
    x, y = rng.uniform(-3, 3, (2, 5_000))
    assert inside(polygon, x, y).tolist() == [_ray_cast(polygon, a, b) for a, b in zip(x, y, strict=True)]


def test_nan_is_outside_and_the_edge_inside() -> None:
    box = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    assert inside(box, np.array([np.nan, 1.0, 0.5]), np.array([0.5, 0.5, np.nan])).tolist() == [False, True, False]


@pytest.mark.parametrize(
    "raw", [b"\x05" + bytes(100), b"\xff" * 100_000 + b"\x01", b"\xff" * 4 + b"\x7f"], ids=["repeated", "endless", "too large"]
)
def test_a_list_that_no_link_of_ours_holds_is_refused(raw: bytes) -> None:
    """A key again and again, or one number of endless digits: short links that would take the server minutes."""
    text = base64.urlsafe_b64encode(zlib.compress(raw, 9, wbits=-15)).decode().rstrip("=")
    with pytest.raises(InputError, match="damaged"):
        unpacked_keys(text)


def test_the_largest_key_comes_back() -> None:
    keys = (0, 1, 2**31 - 1)
    assert unpacked_keys(packed_keys(keys)) == keys
