"""Short, URL-safe texts for lists of lakes and for polygons. Pure; no shiny."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable

import numpy as np
import shapely

from data.errors import InputError

GRID = 65_535
MAX_POINTS = 90
MAX_KEYS = 1_000_000
LARGEST_KEY = 2**31 - 1
Point = tuple[float, float]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise InputError(f"{text[:20]!r}… is not a packed text", "copy the whole link again") from error


def packed_keys(keys: Iterable[int]) -> str:
    """Lake keys as a text: sorted, differences as varints, deflated."""
    ordered = np.unique(np.fromiter(keys, dtype=np.int64))
    raw = bytearray()
    for gap in np.diff(ordered, prepend=0).tolist():
        rest = gap
        while rest > 0x7F:
            raw.append(rest & 0x7F | 0x80)
            rest >>= 7
        raw.append(rest)
    return _text(zlib.compress(bytes(raw), 9, wbits=-15))


def unpacked_keys(text: str) -> tuple[int, ...]:
    """Invert `packed_keys`.

    Raises:
        InputError: The text is not one, or unpacks to more than MAX_KEYS keys.
    """
    inflate = zlib.decompressobj(wbits=-15)
    try:
        raw = inflate.decompress(_raw(text), MAX_KEYS)
    except zlib.error as error:
        raise InputError("the list of lakes in the link is damaged", "copy the whole link again") from error
    if inflate.unconsumed_tail:
        raise InputError("the list of lakes in the link is too long", "share an export of these lakes instead")
    if not inflate.eof or (raw and raw[-1] > 0x7F):
        raise InputError("the list of lakes in the link is cut short", "copy the whole link again")
    keys, key, gap, shift = [], 0, 0, 0
    for byte in raw:
        gap |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            key += gap
            if (keys and not gap) or key > LARGEST_KEY:
                raise InputError("the list of lakes in the link is damaged", "copy the whole link again")
            keys.append(key)
            gap = shift = 0
        elif shift > 28:  # else one number of endless digits would take minutes
            raise InputError("the list of lakes in the link is damaged", "copy the whole link again")
    return tuple(keys)


def rounded_polygon(points: Iterable[Point]) -> tuple[Point, ...]:
    """The polygon that a link can carry: at most MAX_POINTS corners, on a grid of 65,536 steps across its own bounding box.

    What is brushed is *defined* by this polygon, not by the one drawn, so that a reload restores exactly the same lakes.

    Raises:
        InputError: Fewer than three corners, or one that is not finite.
    """
    corners = np.array([tuple(p) for p in points], dtype=np.float64).reshape(-1, 2)
    if len(corners) < 3 or not np.isfinite(corners).all():
        raise InputError("a brush needs at least three finite corners", "draw the box or lasso again")
    span = np.maximum(np.ptp(corners, axis=0), 1e-12)
    step = 1e-4
    while len(corners) > MAX_POINTS:
        # Simplified in units of its own size, since the two axes of a plot have nothing in common.
        ring = shapely.LinearRing((corners - corners[0]) / span).simplify(step)
        corners = shapely.get_coordinates(ring)[:-1] * span + corners[0] if len(corners) > MAX_POINTS else corners
        step *= 1.5
    return unpacked_polygon(packed_polygon([(float(x), float(y)) for x, y in corners]))


def packed_polygon(points: Iterable[Point]) -> str:
    """A polygon as a text: its bounding box as four doubles, its corners as 16-bit steps within."""
    corners = np.array(list(points), dtype=np.float64)
    low, high = corners.min(axis=0), corners.max(axis=0)
    steps = np.rint((corners - low) / np.where(high > low, high - low, 1) * GRID).astype(">u2")
    return _text(struct.pack(">4d", *low, *high) + steps.tobytes())


def unpacked_polygon(text: str) -> tuple[Point, ...]:
    """Invert `packed_polygon` up to its grid; packing the result again gives the same text.

    Raises:
        InputError: The text is damaged.
    """
    raw = _raw(text)
    if len(raw) < 32 + 12 or (len(raw) - 32) % 4 or len(raw) > 32 + 4 * MAX_POINTS:
        raise InputError("the brush in the link is damaged", "copy the whole link again")
    bounds = np.array(struct.unpack(">4d", raw[:32])).reshape(2, 2)
    if not np.isfinite(bounds).all() or (bounds[1] < bounds[0]).any():
        raise InputError("the brush in the link is damaged", "copy the whole link again")
    steps = np.frombuffer(raw[32:], dtype=">u2").reshape(-1, 2).astype(np.float64)
    # At the far end the bound itself, so that packing again finds the same box.
    corners = np.where(steps == GRID, bounds[1], bounds[0] + steps / GRID * (bounds[1] - bounds[0]))
    return tuple((float(x), float(y)) for x, y in corners)


def inside(polygon: Iterable[Point], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(L,) booleans: which points lie in the polygon or on its edge. NaN is outside; a self-crossing lasso counts what it encloses."""
    area = shapely.make_valid(shapely.Polygon(list(polygon)))
    west, south, east, north = area.bounds
    # A point costs a box 2 ns and a polygon 50; of NaN both comparisons are false.
    near = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
    shapely.prepare(area)
    found = np.zeros(len(x), dtype=bool)
    found[near[shapely.intersects_xy(area, x[near], y[near])]] = True
    return found
