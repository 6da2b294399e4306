"""Labelled chips as benchmarks lay them out: a folder of images and one of masks with the same names, in splits or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data.errors import InputError

IMAGES = ("img_dir", "images", "image", "imgs", "img", "chips")
MASKS = ("ann_dir", "masks", "mask", "labels", "label", "annotations", "gt")
ALIKE = (("img_dir", "ann_dir"), ("images", "masks"), ("image", "mask"), ("images", "labels"), ("image", "label"))
SPLITS = {"train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation", "test": "test"}
CHALLENGE = "challenge"
SUFFIXES = (".tif", ".tiff", ".png", ".jpg", ".jpeg")


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
    pairs = list(_pairs(root))
    found: list[Chip] = []
    unlabelled: list[str] = []
    imageless: list[str] = []
    split_elsewhere = any(split for _, _, split in pairs)
    for images, masks, split in pairs:
        held, labels = _files(images), _files(masks)
        part = split or (CHALLENGE if layout.challenge and (split_elsewhere or "challenge" in images.as_posix().lower()) else "")
        found += [_chip(root, layout, held[stem], labels[stem], part) for stem in held if stem in labels]
        unlabelled += [held[stem].relative_to(root).as_posix() for stem in held if stem not in labels]
        imageless += [labels[stem].relative_to(root).as_posix() for stem in labels if stem not in held]
    if not found:
        what = f"{root} holds no image with a mask of the same name"
        raise InputError(what, f"it needs two folders, one of {', '.join(IMAGES)}, the other of {', '.join(MASKS)}")
    return Chips(sorted(found, key=lambda chip: (chip.split, chip.name)), unlabelled, imageless)


def _pairs(root: Path, depth: int = 2) -> Iterator[tuple[Path, Path, str]]:
    """Folders of images and of masks that belong together, and the split that they say: at a folder, or up to two below it."""
    folders = {path.name.lower(): path for path in sorted(root.iterdir()) if path.is_dir() and not path.name.startswith(".")}
    together = list(_together(folders))
    for images, masks in together:
        inside = {path.name.lower(): path for path in sorted(masks.iterdir()) if path.is_dir()}
        yield images, masks, SPLITS.get(root.name.lower(), "")
        for path in sorted(images.iterdir()):
            if path.is_dir() and path.name.lower() in inside:
                yield path, inside[path.name.lower()], SPLITS.get(path.name.lower(), path.name.lower())
    if depth:
        for path in folders.values():
            if not any(path in pair for pair in together):
                yield from _pairs(path, depth - 1)


def _together(folders: dict[str, Path]) -> Iterator[tuple[Path, Path]]:
    """Folders of images with theirs of masks: those named alike first (`image` and `mask`), then any that are left."""
    left = dict(folders)
    for images, masks in (*ALIKE, *((images, masks) for images in IMAGES for masks in MASKS)):
        if images in left and masks in left:
            yield left.pop(images), left.pop(masks)


def _files(folder: Path) -> dict[str, Path]:
    """The rasters of a folder by their stems; `SA_1_mask.tif` beside `SA_1.tif` counts as `SA_1`."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
            stem = path.stem
            for end in ("_mask", "_label", "_gt"):
                stem = stem.removesuffix(end)
            found.setdefault(stem, path)
    return found


def _chip(root: Path, layout: Layout, image: Path, mask: Path, split: str) -> Chip:
    region = image.stem.partition("_")[0] if layout.regions and "_" in image.stem else ""
    return Chip(image.relative_to(root).as_posix(), image.stem, image, mask, split, region)
