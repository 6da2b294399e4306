"""Random crops: image, guide, target and weight stay laid on each other; what is not known never counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.augmentation import MOST_SILT, SILT, UNKNOWN, crop_of, guide_of, randomised, silted, with_twin
from models.guide import SHARE
from tests.networks import BANDS, labelled_scene


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([16, 32, 48, 64]))
def test_what_belongs_together_stays_together(seed: int, guided: bool, side: int) -> None:
    rng = np.random.default_rng(seed)
    scene = labelled_scene(seed % 50)
    crop = crop_of(scene, side, BANDS, guided, rng)
    for part in (crop.guide, crop.target, crop.weight):
        assert part.shape == (side, side)
        assert set(np.unique(part)) <= {0.0, 1.0}
    assert crop.image.shape == (2, side, side)
    assert np.isfinite(crop.image).all()
    inside = crop.weight == 1
    wet = inside & (crop.target == 1)
    if guided and not crop.guide.any():
        assert not wet.any(), "nothing is pointed at: nothing is asked for"
    elif wet.sum() > 20 and (inside & ~wet).sum() > 20 and not guided:
        assert crop.image[1][wet].mean() < crop.image[1][inside & ~wet].mean(), "water stays darker in the infrared"
    if not guided:
        assert not crop.guide.any()
    if side > 48:
        assert crop.weight.sum() == 48 * 48, "beyond the edge nothing counts"


def test_gaps_and_what_the_label_does_not_know_have_no_weight() -> None:
    scene = labelled_scene(3)
    values, water = scene.reflectance.copy(), scene.water.copy()
    values[0, :10], water[:, :5] = np.nan, UNKNOWN
    gappy = replace(scene, reflectance=values, water=water, own=water)
    for seed in range(80):
        crop = crop_of(gappy, 48, BANDS, seed % 2 == 0, np.random.default_rng(seed))
        assert crop.weight.sum() <= 38 * 43
        assert np.isfinite(crop.image).all(), "not even where a gap was copied with a shore"


def test_a_guide_is_within_reach_of_an_outline_and_small_enough() -> None:
    scene = labelled_scene(5)
    for seed in range(50):
        guide = guide_of(scene, np.random.default_rng(seed))
        assert guide.any()
        assert guide.sum() <= max(SHARE * scene.outlines[0].sum(), 1)
    assert not guide_of(replace(scene, outlines=()), np.random.default_rng(0)).any()


def test_a_twin_is_water_that_was_not_asked_for() -> None:
    scene = labelled_scene(4)
    image = scene.reflectance.astype(np.float32)
    made = 0
    for seed in range(60):
        for guided in (True, False):
            twice, label = with_twin(image, scene.own, guided, np.random.default_rng(seed))
            changed = (twice != image).any(axis=0)
            if not changed.any():
                assert label is scene.own
                continue
            made += 1
            assert not (changed & (scene.own == 1)).any(), "the lake itself stays as it is"
            fresh = (twice[1] < 0.1) & ~(image[1] < 0.1)
            assert abs(int(fresh.sum()) - int((scene.own == 1).sum())) <= 30, "as large as the lake"
            assert ((label == 1) & fresh).any() == (not guided)
    assert made >= 8


def test_light_and_air_differ_from_crop_to_crop_and_leave_differences_in_place() -> None:
    image = labelled_scene(1).reflectance.astype(np.float32)
    rng = np.random.default_rng(0)
    made = [randomised(image, BANDS, rng) for _ in range(40)]
    means = np.array([each.mean(axis=(1, 2)) for each in made])
    assert means.std(axis=0).min() > 0.01
    for each in made:
        assert np.corrcoef(each[1].ravel(), image[1].ravel())[0, 1] > 0.8


def test_the_same_chance_gives_the_same_crop() -> None:
    one, other = (crop_of(labelled_scene(2), 32, BANDS, True, np.random.default_rng(7)) for _ in range(2))
    for part in ("image", "guide", "target", "weight"):
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


def test_silt_brightens_water_alone_and_its_shore_by_half() -> None:
    wet = np.zeros((40, 40), dtype=bool)
    wet[:, 20:] = True
    image = np.full((2, 40, 40), 0.05, dtype=np.float32)
    brightest = 0.0
    for seed in range(60):
        added = silted(image, wet, BANDS, np.random.default_rng(seed)) - image
        assert np.abs(added[:, :, :17]).max() < 1e-6, "land stays as it is"
        assert added[1, 0, 30] == pytest.approx(added[0, 0, 30] * SILT[BANDS[1]] / SILT[BANDS[0]], abs=1e-6)
        assert added[0, 0, 19] + added[0, 0, 20] == pytest.approx(added[0, 0, 30], abs=1e-6), "the shore is shared between its two sides"
        brightest = max(brightest, float(added[1, 0, 30]))
    assert 0.9 * MOST_SILT * SILT[BANDS[1]] < brightest <= MOST_SILT * SILT[BANDS[1]]
