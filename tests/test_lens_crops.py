"""Crops, concepts, the probe and what is rounded away, on scenes made by hand; concepts against the simulator's truth by `make soak`."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from models.guide import eroded
from models.lens.concepts import concepts_of
from models.lens.crops import LensCrop, crop_about_lake
from models.lens.packing import block_means, coarse, image_bytes, map_bytes, probability_bytes
from models.lens.pictures import outcome_of, rgb_of, sheet_jpeg, sheet_png, smaller
from models.lens.probe import Candidate, probe_of
from tests.networks import labelled_scene

BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")


def test_a_crop_lies_about_its_lake_and_what_is_outside_of_the_scene_is_unknown() -> None:
    sample = labelled_scene(3, side=48)
    rows, columns = np.nonzero(sample.own == 1)
    top, left = round(rows.mean()) - 32, round(columns.mean()) - 32
    crop = crop_about_lake(sample, 64, guided=False)
    inside = [(row, column) for row in range(64) for column in range(64) if 0 <= row + top < 48 and 0 <= column + left < 48]
    assert len(inside) < 64 * 64
    known = np.zeros((64, 64), dtype=bool)
    guide = eroded(sample.outlines[0])
    for row, column in inside:
        known[row, column] = True
        assert crop.label[row, column] == sample.water[row + top, column + left]
        assert crop.guide[row, column] == guide[row + top, column + left]
        assert (crop.image[:, row, column] == sample.reflectance[:, row + top, column + left].astype(np.float32)).all()
    assert (crop.counted == known).all()
    assert (crop.label[~known] == 255).all()
    assert crop.own_px == len(rows)
    assert (crop_about_lake(sample, 64, guided=True).label == crop.own).all()


def test_a_scene_without_water_is_cropped_about_its_old_outline_or_else_its_middle() -> None:
    sample = replace(labelled_scene(3), own=np.zeros((48, 48), dtype=np.uint8))
    crop = crop_about_lake(sample, 16, guided=True)
    assert crop.guide[8, 8]
    bare = crop_about_lake(replace(sample, outlines=()), 16, guided=True)
    assert (bare.image[0] == sample.reflectance[0, 16:32, 16:32].astype(np.float32)).all()
    assert not bare.guide.any()


def crop_of(image: np.ndarray, own: np.ndarray) -> LensCrop:
    return LensCrop(1, image.astype(np.float32), own == 1, own, own, int((own == 1).sum()))


def test_concepts_are_what_they_say() -> None:
    own = np.zeros((10, 10), dtype=np.uint8)
    own[:2] = 1
    image = np.full((6, 10, 10), 0.2)
    image[:, :2] = np.array([0.06, 0.05, 0.03, 0.02, 0.01, 0.01])[:, None, None]  # clear water: its NDSI is high, and it is no snow
    image[2, 0] = 0.09  # half of it turbid
    image[:, 2:5] = np.array([0.8, 0.8, 0.8, 0.7, 0.1, 0.1])[:, None, None]
    image[:, 5] = 0.04
    image[:, 9] = np.nan
    told = concepts_of(crop_of(image, own), BANDS, 20.0)
    assert told == pytest.approx({"size_km2": 20 * 400 / 1e6, "snow": 30 / 90, "shadow": 10 / 90, "turbidity": 0.06}, rel=1e-6)
    few = concepts_of(crop_of(image[[1, 3]], own), ("green", "nir"), float("nan"))
    assert np.isnan([few["snow"], few["size_km2"]]).all()
    assert few["turbidity"] == pytest.approx(0.02)
    unlabelled = concepts_of(crop_of(image, np.full_like(own, 255)), BANDS, 20.0)
    assert {name for name, value in unlabelled.items() if np.isnan(value)} == {"size_km2", "shadow", "turbidity"}
    nothing = concepts_of(crop_of(np.full((6, 10, 10), np.nan), own), BANDS, 20.0)
    assert np.isnan([nothing["snow"], nothing["shadow"], nothing["turbidity"]]).all()


CANDIDATES = st.lists(
    st.tuples(
        st.integers(0, 9), st.sampled_from(["ok", "ok", "ok", "", "cloud", "shadow"]), st.sampled_from(["train", "test"]), st.floats(0, 9)
    ),
    max_size=60,
)  # fmt: skip


@given(CANDIDATES, st.integers(1, 40), st.randoms())
def test_a_probe_is_as_large_as_can_be_mixed_and_hangs_on_nothing_but_the_scenes(
    rows: list[tuple[int, str, str, float]], number: int, random: object
) -> None:
    candidates = [Candidate(key, lake, reason, split, size) for key, (lake, reason, split, size) in enumerate(rows)]
    chosen = probe_of(candidates, number)
    assert len(chosen) == len(set(chosen)) == min(number, len(candidates))
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert probe_of(shuffled, number) == chosen
    unclear = [each for each in candidates if each.reason not in {"", "ok"}]
    taken = [each for each in unclear if each.scene_key in chosen]
    clear = len(candidates) - len(unclear)
    assert len(taken) == min(len(unclear), max(number // 4, number - clear))
    for split in ("train", "test"):
        held = [each for each in candidates if each not in unclear and each.split == split]
        got = sum(each.scene_key in chosen for each in held)
        assert got == len(held) or got >= (number - len(taken)) // 2


def test_a_probe_covers_the_sizes_and_takes_no_lake_twice_while_others_wait() -> None:
    many = [Candidate(key, key // 10, "ok", "train", float(key // 10)) for key in range(300)]
    lakes = [key // 10 for key in probe_of(many, 30)]
    assert lakes == list(range(30))
    assert [key // 75 for key in probe_of(many, 4)] == [0, 1, 2, 3]


FLOATS = st.floats(-100, 100, width=32)


@given(arrays.arrays(np.float32, (12, 3), elements=FLOATS))
def test_rounded_features_are_off_by_an_eighth_of_the_sd_at_most(values: np.ndarray) -> None:
    told = coarse(values).astype(np.float64)
    assert coarse(values).dtype == np.float16
    sd = values.std(axis=0, dtype=np.float64)
    assert (np.abs(told - values) <= sd / 8 * 1.001 + np.abs(values) * 2.0**-11 + 1e-7).all()


def test_what_deflates_is_small_and_what_a_half_cannot_hold_is_its_largest() -> None:
    values = np.random.default_rng(0).normal(3, 1, (4000, 1)).astype(np.float32)
    assert len(np.unique(coarse(values))) < 64
    assert np.isfinite(coarse(np.array([[1e6], [0.0]], dtype=np.float32))).all()


@given(arrays.arrays(np.float32, (2, 16, 16), elements=st.floats(0, 1, width=32)))
def test_probabilities_keep_their_side_of_a_half_and_maps_their_range(values: np.ndarray) -> None:
    told = probability_bytes(values)
    assert ((told > 127) == (values > 0.5)).all()
    assert np.abs(told / 255 - values).max() <= 0.5 / 11 + 0.5 / 255 + 1e-6
    coded, low, high = map_bytes(values)
    back = low[:, None, None] + (high - low)[:, None, None] * coded / 255
    assert (np.abs(back - values).max((1, 2)) <= (high - low) * (0.5 / 9 + 0.5 / 255) + 1e-6).all()
    assert np.allclose(block_means(values, 4), values.reshape(2, 4, 4, 4, 4).mean((2, 4)), atol=1e-6)


def test_pictures_are_true_colour_and_outcomes_come_back_as_they_were() -> None:
    image = np.random.default_rng(1).uniform(0.05, 0.4, (6, 8, 8)).astype(np.float32)
    image[:, 0, 0] = np.nan
    picture = rgb_of(image, BANDS)
    order = [np.argsort(image[place, 1:], axis=None) for place in (2, 1, 0)]
    for channel, by_value in enumerate(order):
        assert (np.diff(picture[1:, :, channel].ravel()[by_value].astype(int)) >= 0).all()
    assert picture[0, 0].tolist() == [0, 0, 0]
    assert np.ptp(rgb_of(image[:1], ("nir",)).astype(int), axis=2).max() == 0
    assert np.abs(image_bytes(picture).astype(int) - picture).max() <= 6
    water, label = np.array([[1, 1, 0, 0, 1]], dtype=bool), np.array([[1, 0, 1, 0, 255]], dtype=np.uint8)
    counted = np.array([[True, True, True, True, True]])
    outcome = outcome_of(water, label, counted)
    assert outcome.tolist() == [[1, 2, 3, 0, 4]]
    tiles = [np.full((4, 4), code, dtype=np.uint8) for code in range(5)]
    sheet = np.asarray(Image.open(io.BytesIO(sheet_png(tiles, 3))))
    assert sheet.shape == (8, 12)
    assert sheet[::4, ::4].tolist() == [[0, 1, 2], [3, 4, 0]]
    assert set(np.unique(smaller(np.arange(64, dtype=np.uint8).reshape(8, 8) % 5, 3, exact=True))) <= set(range(5))
    jpeg = Image.open(io.BytesIO(sheet_jpeg([np.full((16, 16, 3), 200, dtype=np.uint8)] * 2, 2)))
    assert jpeg.size == (32, 16)
    assert np.abs(np.asarray(jpeg).astype(int) - 200).max() <= 3
