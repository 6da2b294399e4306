"""Benchmarks on disk: which image belongs to which mask, which split and region they have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError, RasterError
from data.rasters.grid import Grid
from data.rasters.stored import Stored
from data.scenes.labels import label_bytes
from data.scenes.layouts import LAYOUTS, chips

GRID = Grid("", (1, 0, 0, 0, 1, 0), 4, 2)


def touch(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_glacial_lake_bench(tmp_path: Path) -> None:
    labelled = ("train/SA_1", "val/SAW_2", "test/ACS_3")
    names = [f"Bench/{folder}/{name}.tif" for name in labelled for folder in ("img_dir", "ann_dir")]
    lone = ("Bench/img_dir/test/ACS_4.tif", "Bench/ann_dir/test/ACS_5.tif", "Bench/readme.txt")
    root = touch(tmp_path, *names, *lone, "Bench/image/HMA_6.tif", "Bench/mask/HMA_6.tif")
    found = chips(root, LAYOUTS["glacial-lake-bench"])
    assert [(chip.stem, chip.split, chip.region) for chip in found.chips] == [
        ("HMA_6", "challenge", "HMA"), ("ACS_3", "test", "ACS"), ("SA_1", "train", "SA"), ("SAW_2", "validation", "SAW"),
    ]  # fmt: skip
    assert (found.unlabelled, found.imageless) == (["Bench/img_dir/test/ACS_4.tif"], ["Bench/ann_dir/test/ACS_5.tif"])
    assert all(chip.image.stem == chip.mask.stem for chip in found.chips)
    layout = LAYOUTS["glacial-lake-bench"]
    assert layout.bands is not None
    assert len(layout.bands) == 11


@pytest.mark.parametrize(
    ("names", "split"),
    [
        (("images/a.png", "masks/a.png"), ""),
        (("train/images/a.tif", "train/masks/a_mask.tif"), "train"),
        (("images/valid/a.tif", "labels/valid/a.tif"), "validation"),
        (("images/fold1/a.tif", "masks/fold1/a.tif"), "fold1"),
        (("some/where/imgs/a.jpg", "some/where/gt/a.png"), ""),
    ],
)
def test_pairs(tmp_path: Path, names: tuple[str, ...], split: str) -> None:
    (chip,) = chips(touch(tmp_path, *names), LAYOUTS["pairs"]).chips
    assert (chip.name, chip.stem, chip.split, chip.region) == (names[0], "a", split, "")


def test_a_folder_without_pairs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no image with a mask"):
        chips(touch(tmp_path, "images/a.tif", "masks/b.tif"), LAYOUTS["pairs"])
    with pytest.raises(InputError, match="is no folder"):
        chips(tmp_path / "nowhere", LAYOUTS["pairs"])


def stored(*bands: list[list[float]], nodata: float | None = None, dtype: str = "uint8") -> Stored:
    values, count = np.array(bands, dtype=dtype), len(bands)
    return Stored(values, ("x",) * count, (1.0,) * count, (0.0,) * count, (nodata,) * count, None, GRID)


@given(st.lists(st.sampled_from([0, 1]), min_size=8, max_size=8), st.sampled_from([1, 2, 200, 255]))
def test_two_values_are_a_mask_whatever_the_higher_is(bits: list[int], high: int) -> None:
    cells = np.array(bits).reshape(2, 4)
    made = label_bytes(Path("x.tif"), stored((cells * high).tolist()), None)
    np.testing.assert_array_equal(made, cells * 200)
    three = label_bytes(Path("x.tif"), stored(*[(cells * high).tolist()] * 3), None)
    np.testing.assert_array_equal(three, made)


def test_classes_need_a_word_and_nodata_stays_unknown() -> None:
    classes = [[0, 1, 2, 3], [1, 1, 255, 255]]
    with pytest.raises(RasterError, match="nobody knows which is water"):
        label_bytes(Path("x.tif"), stored(classes, nodata=255), None)
    made = label_bytes(Path("x.tif"), stored(classes, nodata=255), 1)
    assert made.tolist() == [[0, 200, 0, 0], [200, 200, 255, 255]]
    two = label_bytes(Path("x.tif"), stored([[0, 1, 255, 255], [0, 0, 0, 0]], nodata=255), None)
    assert two.tolist() == [[0, 200, 255, 255], [0, 0, 0, 0]]
    with pytest.raises(RasterError, match="bands that differ"):
        label_bytes(Path("x.tif"), stored(classes, [[0] * 4] * 2), None)
    with pytest.raises(RasterError, match="nobody knows"):
        label_bytes(Path("x.tif"), stored([[-1, 1, 1, 1], [0, 0, 0, 0]], dtype="float32"), None)
