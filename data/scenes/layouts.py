"""Labelled chips as benchmarks lay them out: a folder of images and one of masks with the same names, in splits or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from data.errors import InputError
from data.scenes.pairing import IMAGES, MASKS, OnDisk, Pair, paired

PAIRLESS = f"it needs two folders, one of {', '.join(IMAGES)}, the other of {', '.join(MASKS)}"
"""What to do about a folder or an archive without a pair."""


@dataclass(frozen=True)
class Layout:
    """A benchmark.

    Args:
        name: What `--layout` calls it.
        title, licence, citation: Of the dataset made from it.
        sensor: What its images are called.
        bands: Their names; None where the files or `--bands` tell.
        regions: Whether names of files begin with the region they show, before the first `_`.
        challenge: Whether a pair of folders without splits, beside folders with, is a set of hard cases.
        about: What a user should know of the numbers.
    """

    name: str
    title: str
    sensor: str
    licence: str = "not stated"
    citation: str = "not stated"
    bands: tuple[str, ...] | None = None
    regions: bool = False
    challenge: bool = False
    about: str = ""


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout(
            "glacial-lake-bench", "Glacial-Lake-Bench", "Glacial-Lake-Bench chip", "CC-BY-4.0",
            "Kaushik et al. (2026), Glacial-Lake-Bench, Zenodo record 17917359",
            ("blue", "green", "red", "nir", "swir1", "swir2", "ndwi", "slope", "elevation", "vv", "vh"), True, True,
            "Each band is rescaled to 0–1 within its chip: the stored NDWI says nothing at 0, and one worked out from green and NIR "
            "carries the rescaling.",
        ),
        Layout("glid", "GLID", "GLID picture (RGB, 8 bit)", citation="GLID, Zenodo record 14838695", bands=("red", "green", "blue")),
        Layout("pairs", "Labelled chips", "chip"),
    )
}  # fmt: skip
"""By name. Glacial-Lake-Bench: 11 bands in this order, `img_dir/<train|val|test>` and `ann_dir/…`, challenge set `image/` and `mask/`."""


@dataclass(frozen=True)
class Chip:
    """One labelled image.

    Args:
        name: Its place in the folder.
        stem: The file's name without its suffix.
        image, mask: The files.
        split: `train`, `validation`, `test`, `challenge`, or empty.
        region: Empty where names do not tell it.
    """

    name: str
    stem: str
    image: Path
    mask: Path
    split: str
    region: str


@dataclass(frozen=True)
class Chips:
    """What a folder holds.

    Args:
        chips: Images with their masks, by split and name.
        unlabelled, imageless: Names of images without a mask, and of masks without an image.
    """

    chips: list[Chip]
    unlabelled: list[str]
    imageless: list[str]


def chips(root: Path, layout: Layout) -> Chips:
    """The chips of a folder.

    Args:
        root: It holds the folders of images and masks, or folders that do (`train/images`, `train/masks`).
        layout: Which benchmark it is.

    Raises:
        InputError: There is no such folder, or no pair in it.
    """
    if not root.is_dir():
        raise InputError(f"{root} is no folder", "check the spelling of --root")
    found = paired(OnDisk(root), regions=layout.regions, challenge=layout.challenge)
    if not found.pairs:
        raise InputError(f"{root} holds no image with a mask of the same name", PAIRLESS)
    return Chips(chips_of(root, found.pairs), found.unlabelled, found.imageless)


def chips_of(root: Path, pairs: Iterable[Pair]) -> list[Chip]:
    """The chips of a folder whose pairs are known."""
    return [Chip(str(pair.image), pair.image.stem, root / pair.image, root / pair.mask, pair.split, pair.region) for pair in pairs]
