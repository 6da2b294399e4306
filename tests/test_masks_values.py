"""What the numbers of a folder of masks mean, told by all of its files together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from data.commands.masks import VALUES
from data.errors import InputError, RasterError
from data.masks.values import FORCED, Meaning, meaning, probabilities
from data.rasters.grid import Grid
from data.rasters.probability import THRESHOLDS, encoded, water
from data.rasters.writing import write_mask
from tests.mask_folders import write_tif

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
GRID = Grid("EPSG:32645", (10, 0, 400_000, 0, -10, 3_000_000), 2, 2)


def files(folder: Path, *held: np.ndarray) -> list[Path]:
    return [write_tif(folder / f"{n}.tif", np.atleast_2d(values)) for n, values in enumerate(held)]


def bytes_of(*values: int) -> np.ndarray:
    return np.array(values, np.uint8)


def floats_of(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.parametrize(
    ("held", "mode", "top", "unknown"),
    [
        ([bytes_of(0, 1), bytes_of(0, 0)], "binary", 1, None),
        ([bytes_of(0, 0)], "binary", 1, None),
        ([bytes_of(0, 255), bytes_of(0, 0)], "binary", 255, None),
        ([bytes_of(0, 1), bytes_of(255, 1)], "binary", 1, 255),
        ([floats_of(0, 1)], "binary", 1, None),
        ([floats_of(0, 1), floats_of(0, 0.3)], "unit", 1, None),
        ([floats_of(0, 1.000001), floats_of(-0.000001, 0.3)], "unit", 1, None),
        ([bytes_of(0, 1), bytes_of(3, 101)], "byte", 1, None),
        ([bytes_of(0, 1, 2, 3, 255)], "byte", 1, None),
        ([np.array([0, 1], np.int16)], "binary", 1, None),
        ([np.array([0, 255], np.uint16)], "binary", 255, None),
    ],
)
def test_values_are_told_by_the_whole_folder(tmp_path: Path, held: list[np.ndarray], mode: str, top: float, unknown: float | None) -> None:
    found = meaning(files(tmp_path, *held))
    assert (found.mode, found.top, found.unknown) == (mode, top, unknown)
    assert found.says


@pytest.mark.parametrize(
    "held",
    [
        [bytes_of(0, 1, 2)],
        [bytes_of(0, 50, 100)],
        [floats_of(0, 100)],
        [floats_of(0, 0.5), floats_of(0, 255)],
        [np.array([0, 4000], np.uint16)],
    ],
)
def test_what_may_mean_several_things_is_asked(tmp_path: Path, held: list[np.ndarray]) -> None:
    with pytest.raises(InputError, match="which may mean several things") as error:
        meaning(files(tmp_path, *held))
    assert "--values" in error.value.remedy


def test_logits_are_no_probabilities(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the masks hold -5, which is no probability"):
        meaning(files(tmp_path, floats_of(-5, 0.5)))


def test_floats_beside_whole_numbers_are_asked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="some of the masks are floats, others whole numbers"):
        meaning(files(tmp_path, floats_of(0, 0.4), bytes_of(0, 1)))


def test_files_that_cannot_be_read_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "bad.tif").write_bytes(b"II*\0 no more")
    assert meaning([tmp_path / "bad.tif", *files(tmp_path, bytes_of(0, 255))]).top == 255
    assert meaning([tmp_path / "bad.tif"]).binary


def test_what_moraine_wrote_is_known_by_its_checksum(tmp_path: Path) -> None:
    write_mask(tmp_path / "soft.tif", np.array([[0, 30], [200, 255]], np.uint8), GRID)
    write_mask(tmp_path / "hard.tif", np.array([[0, 200], [200, 255]], np.uint8), GRID)
    soft, hard = meaning([tmp_path / "soft.tif", tmp_path / "hard.tif"]), meaning([tmp_path / "hard.tif"])
    assert (soft.mode, hard.mode, hard.top, hard.unknown) == ("steps", "binary", 200, 255)
    np.testing.assert_array_equal(encoded(probabilities(tmp_path / "soft.tif", soft)), [[0, 30], [200, 255]])
    np.testing.assert_array_equal(encoded(probabilities(tmp_path / "hard.tif", hard)), [[0, 200], [200, 255]])


def test_the_command_offers_what_can_be_forced() -> None:
    assert set(VALUES) == {"auto", *FORCED}


@pytest.mark.parametrize(
    ("forced", "held", "expected"),
    [
        ("binary", bytes_of(0, 3, 77), [0, 1, 1]),
        ("unit", floats_of(0, 0.25, 1), [0, 0.25, 1]),
        ("percent", bytes_of(0, 15, 100), [0, 0.15, 1]),
        ("byte", bytes_of(0, 51, 255), [0, 0.2, 1]),
    ],
)
def test_what_is_said_counts(tmp_path: Path, forced: str, held: np.ndarray, expected: list[float]) -> None:
    (path,) = files(tmp_path, held)
    assert probabilities(path, meaning([path], forced)).tolist() == [expected]


@pytest.mark.parametrize(
    ("means", "values", "found"),
    [
        (Meaning("unit", says="floats"), floats_of(0, 1.5), "1.5"),
        (Meaning("unit", says="floats"), floats_of(0, -0.5), "-0.5"),
        (Meaning("binary", 1, None, "zeros and ones"), bytes_of(0, 2), "2"),
        (FORCED["percent"], bytes_of(0, 101), "101"),
        (FORCED["binary"], np.array([0, -1], np.int16), "-1"),
    ],
)
def test_a_file_that_is_not_like_the_others_is_refused(tmp_path: Path, means: Meaning, values: np.ndarray, found: str) -> None:
    (path,) = files(tmp_path, values)
    with pytest.raises(RasterError, match=f"holds the value {found}; "):
        probabilities(path, means)


@given(arrays(np.uint8, (3, 4)))
def test_whole_numbers_are_compared_as_their_fractions(tmp_path_factory: pytest.TempPathFactory, values: np.ndarray) -> None:
    path = write_tif(tmp_path_factory.mktemp("one") / "a.tif", values)
    for mode, full in (("byte", 255), ("percent", 100)):
        held = np.minimum(values, full).astype(np.uint8)
        stored = encoded(probabilities(write_tif(path, held), FORCED[mode]))
        for k, threshold in enumerate(THRESHOLDS):
            np.testing.assert_array_equal(water(stored, threshold), held.astype(int) * 20 > k * full)


@given(st.sampled_from([np.float32, np.float64]), st.lists(st.floats(0, 1, width=32), min_size=1, max_size=9))
def test_floats_stay_as_they_are(tmp_path_factory: pytest.TempPathFactory, kind: type[np.floating], values: list[float]) -> None:
    held = np.array([values], kind)
    found = probabilities(write_tif(tmp_path_factory.mktemp("one") / "a.tif", held), FORCED["unit"])
    assert found.dtype == kind
    np.testing.assert_array_equal(found, held)
