"""A folder in the layout of Glacial-Lake-Bench with masks of three sources, two of them imported, and scores."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import numpy as np
from scipy import ndimage

from data.scenes.chip_files import ChipWish
from data.scenes.chips import take_in_chips
from models.__main__ import main
from tests.mask_folders import taken, write_tif
from tests.scene_dataset import ROCK, WATER
from tests.scene_files import small_grid, write_tiff

SIDE, COUNT = 48, 24
REGIONS = ("SA", "SAW", "ACS", "SA")
SOURCES = ("imported binary", "imported soft", "water_index")


def chip_name(n: int) -> str:
    return f"{REGIONS[n % len(REGIONS)]}_{n:02}"


def chip_water(n: int) -> np.ndarray:
    """(SIDE, SIDE) a lake that is larger the higher the number, and a pond in the corner."""
    y, x = np.mgrid[:SIDE, :SIDE]
    return ((y - 26) ** 2 + (x - 24) ** 2 < (5 + n % 12) ** 2) | ((y < 4) & (x < 4))


def binary_mask(n: int) -> np.ndarray:
    """The lake a pixel too small all round, without the pond; of every eighth chip nothing, of every fifth a false lake besides."""
    found = np.asarray(ndimage.binary_erosion(chip_water(n), iterations=1)) & (n % 8 != 7)
    found[:5, :5] = False
    if n % 5 == 4:
        found[44:47, 2:6] = True
    return found


def soft_mask(n: int) -> np.ndarray:
    """Probabilities: .9 in the lake, .6 in a rim about it, .1 elsewhere."""
    water = chip_water(n)
    rim = np.asarray(ndimage.binary_dilation(water, iterations=1 + n % 2))
    return np.where(water, 0.9, np.where(rim, 0.6, 0.1)).astype(np.float32)


def judged_chips(folder: Path) -> Path:
    """Write the dataset into `folder`; made once a process, then copied."""
    return Path(shutil.copytree(_made() / "bench", folder))


@functools.cache
def _made() -> Path:
    root, rng, grid = Path(tempfile.mkdtemp(prefix="moraine-judged-")), np.random.default_rng(6), small_grid(2, SIDE)
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    for n in range(COUNT):
        water, name, split = chip_water(n), chip_name(n), ("train", "val", "test")[n % 3]
        six = np.where(water, np.array(WATER)[:, None, None], np.array(ROCK)[:, None, None] * rng.normal(1, 0.1, water.shape))
        values = np.concatenate([six, rng.random((5, SIDE, SIDE))]).astype(np.float32)
        write_tiff(root / f"in/img_dir/{split}/{name}.tif", values, grid)
        write_tiff(root / f"in/ann_dir/{split}/{name}.tif", water[None].astype(np.uint8), grid)
        write_tif(root / f"binary/{name}_pred.tif", binary_mask(n).astype(np.uint8), grid)
        write_tif(root / f"soft/{name}_prob.tif", soft_mask(n), grid)
    take_in_chips(root / "bench", ChipWish(root / "in", "glacial-lake-bench", copy=True), lambda items, *_: iter(items), lambda _: None)
    taken(root / "bench", root / "binary", SOURCES[0])
    taken(root / "bench", root / "soft", SOURCES[1])
    assert main(["predict", str(root / "bench"), "--model", "water_index"]) == 0
    assert main(["evaluate", str(root / "bench")]) == 0
    return root
