"""Frames between app and worker: what is written is read, and half a frame is the end."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.chips import Chip
from models.wire import Order, order_from, probabilities_from, read_frame, write_frame, write_order


@given(bands=st.integers(1, 4), height=st.integers(1, 9), width=st.integers(1, 9), guided=st.booleans(), seed=st.integers(0, 99))
def test_an_order_arrives_as_it_was_sent(bands: int, height: int, width: int, guided: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.normal(size=(bands, height, width)).astype(np.float32)
    pixels[0, 0, 0] = np.nan
    outline = rng.random((height, width)) > 0.5 if guided else None
    chip = Chip(pixels, tuple(f"b{n}" for n in range(bands)), math.nan if seed % 2 else 10.0, outline)
    line = io.BytesIO()
    write_order(line, 7, Order("water_index", chip, augmented=guided))
    write_frame(line, {"cancel": 7})
    line.seek(0)
    frame = read_frame(line)
    assert frame is not None
    header, body = frame
    got = order_from(header, body)
    assert (header["order"], got.model, got.augmented, got.chip.bands) == (7, "water_index", guided, chip.bands)
    np.testing.assert_array_equal(got.chip.reflectance, pixels)
    assert got.chip.pixel_m == chip.pixel_m or math.isnan(got.chip.pixel_m) == math.isnan(chip.pixel_m)
    assert (got.chip.outline is None) == (outline is None)
    if outline is not None:
        np.testing.assert_array_equal(got.chip.outline, outline)
    assert read_frame(line) == ({"cancel": 7}, bytearray())
    assert read_frame(line) is None


def test_a_transposed_array_is_sent_in_its_own_order() -> None:
    line, found = io.BytesIO(), np.arange(24, dtype=np.float32).reshape(2, 3, 4).transpose(0, 2, 1)
    write_frame(line, {"shape": found.shape}, found)
    line.seek(0)
    frame = read_frame(line)
    assert frame is not None
    np.testing.assert_array_equal(probabilities_from(*frame), found)


@pytest.mark.parametrize("left", [0, 3, 11, 12, 20, 40])
def test_half_a_frame_is_the_end(left: int) -> None:
    line = io.BytesIO()
    write_frame(line, {"order": 1}, np.zeros(8, dtype=np.float32))
    assert left < len(line.getvalue())
    assert read_frame(io.BytesIO(line.getvalue()[:left])) is None
