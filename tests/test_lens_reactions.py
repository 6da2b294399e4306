"""What feature maps react to, against plain loops over pixels, and on maps that are known to be made of what they should react to."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.lens.reactions import TARGETS, cell_means, reactions, spread, targets_of


def looped_mean(values: np.ndarray, rows: range, columns: range) -> float:
    held = [float(values[y, x]) for y in rows for x in columns]
    known = [value for value in held if not math.isnan(value)]
    return sum(known) / len(known) if known and len(known) >= len(held) / 2 else math.nan


def looped_cells(values: np.ndarray, cells: tuple[int, int]) -> list[list[float]]:
    def part(place: int, side: int, number: int) -> range:
        return range(math.floor(place * side / number), math.ceil((place + 1) * side / number))

    (height, width), (h, w) = values.shape, cells
    return [[looped_mean(values, part(i, height, h), part(j, width, w)) for j in range(w)] for i in range(h)]


def looped_r(one: np.ndarray, other: list[list[float]]) -> float:
    pairs = [(float(a), b) for row, line in zip(one, other, strict=True) for a, b in zip(row, line, strict=True) if not math.isnan(b)]
    if len(pairs) < 2:
        return math.nan
    mean_a, mean_b = (sum(pair[at] for pair in pairs) / len(pairs) for at in (0, 1))
    ab = sum((a - mean_a) * (b - mean_b) for a, b in pairs)
    aa, bb = sum((a - mean_a) ** 2 for a, _ in pairs), sum((b - mean_b) ** 2 for _, b in pairs)
    return ab / math.sqrt(aa * bb) if aa > 1e-20 and bb > 1e-20 else math.nan


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.tuples(*[st.integers(1, 13)] * 4), st.floats(0, 0.9))
def test_reactions_equal_plain_loops(seed: int, sizes: tuple[int, int, int, int], unknown: float) -> None:
    rng, (height, width, h, w) = np.random.default_rng(seed), sizes
    target = np.where(rng.random((height, width)) < unknown, np.nan, rng.normal(size=(height, width)))
    maps = rng.integers(0, 256, (3, h, w)).astype(np.uint8)
    maps[1] = 7
    wanted = looped_cells(target, (h, w))
    np.testing.assert_allclose(cell_means(target, (h, w)), wanted, rtol=0, atol=1e-12, equal_nan=True)
    found = reactions(maps, {"any": target})["any"]
    np.testing.assert_allclose(found, [looped_r(each, wanted) for each in maps], rtol=0, atol=1e-9, equal_nan=True)
    assert math.isnan(found[1])


def test_targets_are_those_of_their_formulas() -> None:
    rng = np.random.default_rng(0)
    image, label = rng.integers(0, 256, (5, 6, 3)).astype(np.uint8), rng.choice([0, 1, 255], (5, 6)).astype(np.uint8)
    image[0, 0], probability = (0, 0, 9), rng.integers(0, 256, (5, 6)).astype(np.uint8)
    held = targets_of(image, label, probability)
    assert list(held) == list(TARGETS)
    bright = [[sum(int(each) for each in pixel) / 765 for pixel in row] for row in image]
    for y in range(5):
        for x in range(6):
            red, green = int(image[y, x, 0]), int(image[y, x, 1])
            up, down = max(y - 1, 0), min(y + 1, 4)
            left, right = max(x - 1, 0), min(x + 1, 5)
            slope = ((bright[down][x] - bright[up][x]) / (down - up), (bright[y][right] - bright[y][left]) / (right - left))
            wet = math.nan if label[y, x] == 255 else float(label[y, x])
            wanted = {
                "water": wet, "error": abs(int(probability[y, x]) / 255 - wet), "bright": bright[y][x],
                "index": (green - red) / (green + red) if green + red else math.nan, "edges": math.hypot(*slope),
            }  # fmt: skip
            assert {name: float(held[name][y, x]) for name in wanted} == pytest.approx(wanted, abs=1e-12, nan_ok=True), (y, x)
    assert "error" not in targets_of(image, label, None)


def test_each_target_is_what_a_map_made_of_it_reacts_to_most() -> None:
    rng = np.random.default_rng(1)
    image = np.kron(rng.integers(0, 256, (8, 8, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    label = (rng.random((32, 32)) < 0.3).astype(np.uint8)
    targets = targets_of(image, label, rng.integers(0, 256, (32, 32)).astype(np.uint8))
    for name, values in targets.items():
        made = -cell_means(np.nan_to_num(values), (16, 16))
        scaled = np.rint(255 * (made - made.min()) / np.ptp(made)).astype(np.uint8)[None]
        found = {other: float(each[0]) for other, each in reactions(scaled, targets).items()}
        assert max(found, key=lambda other: abs(found[other])) == name
        assert found[name] < -0.99


def test_the_spread_is_in_the_units_of_the_layer() -> None:
    rng = np.random.default_rng(2)
    maps, low = rng.integers(0, 256, (4, 5, 6)).astype(np.uint8), np.array([-1, 0, 2, 3], dtype=np.float32)
    high = low + np.array([0, 1, 2, 1e-3], dtype=np.float32)
    values = [
        [float(a) + (float(b) - float(a)) * int(byte) / 255 for byte in each.ravel()] for each, a, b in zip(maps, low, high, strict=True)
    ]
    wanted = [math.sqrt(sum((v - sum(each) / len(each)) ** 2 for v in each) / len(each)) for each in values]
    np.testing.assert_allclose(spread(maps, low, high), wanted, rtol=1e-9, atol=1e-12)


def test_water_reads_snow_apart() -> None:
    """A lake beside a snow field: a map of the one is not taken for a map of the other."""
    image = np.full((32, 32, 3), 90, dtype=np.uint8)
    image[:16], image[20:28, 4:20] = 240, (20, 60, 70)
    label = np.zeros((32, 32), dtype=np.uint8)
    label[20:28, 4:20] = 1
    maps = np.stack([label * 200, np.where(image[..., 0] == 240, 255, 0)]).astype(np.uint8)
    found = reactions(maps, targets_of(image, label, None))
    assert found["water"][0] == pytest.approx(1)
    assert found["bright"][1] > 0.95
    assert abs(found["water"][1]) < 0.6
