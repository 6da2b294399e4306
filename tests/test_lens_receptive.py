"""Receptive fields of the pixels of stored maps, by plain loops over the units and pixels."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from data.lens.receptive import cell_fields, unit_fields


def convolved(seen: list[set[int]], size: int) -> list[set[int]]:
    """What units see after a convolution of odd `size` with an even margin, by sets of pixels."""
    reach = size // 2
    return [set().union(*(seen[max(at - reach, 0) : at + reach + 1])) for at in range(len(seen))]


def test_units_of_convolutions_and_poolings_see_what_the_arithmetic_says() -> None:
    """Down a network: twice 3 px, a halving, and so on; every unit's field as a set of pixels."""
    side = 48
    seen, stride, field = [{at} for at in range(side)], 1, 1
    for _ in range(3):
        for _ in range(2):
            seen, field = convolved(seen, 3), field + 2 * stride
            wanted = [[min(each), max(each) + 1] for each in seen]
            assert unit_fields(len(seen), stride, field, side).tolist() == wanted
        seen = [seen[2 * at] | seen[2 * at + 1] for at in range(len(seen) // 2)]
        field, stride = field + stride, 2 * stride


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.integers(1, 60))
def test_a_cell_sees_what_any_of_its_units_sees(seed: int, units: int, cells: int, side: int) -> None:
    rng = np.random.default_rng(seed)
    ends = np.sort(rng.integers(0, side + 1, (units, 2)), axis=1)
    found = cell_fields(ends, cells)
    for place, (first, past) in enumerate(found.tolist()):
        members = range(math.floor(place * units / cells), math.ceil((place + 1) * units / cells))
        pixels = set().union(*(range(*ends[unit]) for unit in members))
        assert (first >= past) if not pixels else (first, past) == (min(pixels), max(pixels) + 1)
