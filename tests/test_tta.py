"""Eight guises: each is another one, all are turned back, and what a segmenter sees of its guide turns with the image."""

from __future__ import annotations

import numpy as np

from models.chips import Chip
from models.tta import WAYS, dihedral


def test_a_segmenter_without_a_sense_of_direction_answers_the_same_eight_times() -> None:
    values = np.random.default_rng(0).uniform(0, 1, (1, 12, 17)).astype(np.float32)
    found = dihedral(lambda chip: chip.reflectance[0], Chip(values, ("nir",)))
    assert found.shape == (8, 12, 17)
    for each in found:
        np.testing.assert_array_equal(each, values[0])


def test_the_guises_are_eight_different_ones_and_the_outline_turns_with_them() -> None:
    values = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
    outline = values[0] == 4
    seen: list[Chip] = []

    def watching(chip: Chip) -> np.ndarray:
        seen.append(chip)
        assert chip.outline is not None
        assert chip.reflectance[0][chip.outline].tolist() == [4]
        return chip.reflectance[0]

    dihedral(watching, Chip(values, ("nir",), 10.0, outline))
    assert len({(chip.reflectance.shape, chip.reflectance.tobytes()) for chip in seen}) == len(WAYS) == 8


def test_a_segmenter_with_a_sense_of_direction_is_caught() -> None:
    def eastward(chip: Chip) -> np.ndarray:
        return np.linspace(0, 1, chip.shape[1], dtype=np.float32) * np.ones(chip.shape, dtype=np.float32)

    found = dihedral(eastward, Chip(np.zeros((1, 9, 9), np.float32), ("nir",)))
    assert found.std(axis=0).max() > 0.4
    np.testing.assert_allclose(found.mean(axis=0), 0.5, atol=1e-6)
