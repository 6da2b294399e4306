"""Which images and masks belong together, told by the names of folders and files alone: on a disk, or in an archive that lies elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

IMAGES = ("img_dir", "images", "image", "imgs", "img", "chips")
MASKS = ("ann_dir", "masks", "mask", "labels", "label", "annotations", "gt")
ALIKE = (("img_dir", "ann_dir"), ("images", "masks"), ("image", "mask"), ("images", "labels"), ("image", "label"))
SPLITS = {"train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation", "test": "test"}
CHALLENGE = "challenge"
SUFFIXES = (".tif", ".tiff", ".png", ".jpg", ".jpeg")
TOP = PurePosixPath()


@dataclass(frozen=True)
class Pair:
    """An image and its mask.

    Args:
        image, mask: From the top of the folder or archive.
        split: `train`, `validation`, `test`, `challenge`, or empty.
        region: Empty where names do not tell it.
    """

    image: PurePosixPath
    mask: PurePosixPath
    split: str
    region: str


@dataclass(frozen=True)
class Pairs:
    """What names tell.

    Args:
        pairs: By split and name of the image.
        unlabelled, imageless: Names of images without a mask, and of masks without an image.
    """

    pairs: list[Pair]
    unlabelled: list[str]
    imageless: list[str]


class Listing(Protocol):
    """Something that has folders and files."""

    name: str

    def folders(self, place: PurePosixPath) -> list[PurePosixPath]:
        """The folders in a folder, by name."""
        ...

    def files(self, place: PurePosixPath) -> list[PurePosixPath]:
        """What else is in it, by name."""
        ...


class OnDisk:
    """A folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.name, self._root = root.as_posix(), root

    def folders(self, place: PurePosixPath) -> list[PurePosixPath]:
        """The folders in a folder, by name."""
        return sorted(place / entry.name for entry in os.scandir(self._root / place) if entry.is_dir())

    def files(self, place: PurePosixPath) -> list[PurePosixPath]:
        """What else is in it, by name."""
        return sorted(place / entry.name for entry in os.scandir(self._root / place) if not entry.is_dir())


class Named:
    """Files known by name only, such as the members of an archive."""

    def __init__(self, name: str, files: Iterable[PurePosixPath]) -> None:
        self.name = name
        self._folders: dict[PurePosixPath, set[PurePosixPath]] = {}
        self._files: dict[PurePosixPath, set[PurePosixPath]] = {}
        for file in files:
            self._files.setdefault(file.parent, set()).add(file)
            below = file.parent
            while below != TOP and below not in self._folders.setdefault(below.parent, set()):
                self._folders[below.parent].add(below)
                below = below.parent

    def folders(self, place: PurePosixPath) -> list[PurePosixPath]:
        """The folders in a folder, by name."""
        return sorted(self._folders.get(place, ()))

    def files(self, place: PurePosixPath) -> list[PurePosixPath]:
        """What else is in it, by name."""
        return sorted(self._files.get(place, ()))


def paired(listing: Listing, *, regions: bool, challenge: bool) -> Pairs:
    """Images with their masks.

    Args:
        listing: It holds the folders of images and masks, or folders that do (`train/images`, `train/masks`).
        regions: Whether names of files begin with the region they show, before the first `_`.
        challenge: Whether a pair of folders without splits, beside folders with, is a set of hard cases.
    """
    places = list(_places(listing, TOP))
    made = Pairs([], [], [])
    split_elsewhere = any(split for _, _, split in places)
    for images, masks, split in places:
        held, labels = _rasters(listing, images), _rasters(listing, masks)
        hard = challenge and (split_elsewhere or CHALLENGE in f"{listing.name}/{images}".lower())
        part = split or (CHALLENGE if hard else "")
        made.pairs.extend(Pair(held[stem], labels[stem], part, _region(held[stem], regions)) for stem in held if stem in labels)
        made.unlabelled.extend(str(held[stem]) for stem in held if stem not in labels)
        made.imageless.extend(str(labels[stem]) for stem in labels if stem not in held)
    made.pairs.sort(key=lambda pair: (pair.split, str(pair.image)))
    return made


def _places(listing: Listing, place: PurePosixPath, depth: int = 2) -> Iterator[tuple[PurePosixPath, PurePosixPath, str]]:
    """Folders of images and of masks that belong together, and the split that they say: at a folder, or up to two below it."""
    folders = {path.name.lower(): path for path in listing.folders(place) if not path.name.startswith(".")}
    together = list(_together(folders))
    own = place.name or PurePosixPath(listing.name).name
    for images, masks in together:
        inside = {path.name.lower(): path for path in listing.folders(masks)}
        yield images, masks, SPLITS.get(own.lower(), "")
        for path in listing.folders(images):
            if path.name.lower() in inside:
                yield path, inside[path.name.lower()], SPLITS.get(path.name.lower(), path.name.lower())
    if depth:
        for path in folders.values():
            if not any(path in pair for pair in together):
                yield from _places(listing, path, depth - 1)


def _together(folders: dict[str, PurePosixPath]) -> Iterator[tuple[PurePosixPath, PurePosixPath]]:
    """Folders of images with theirs of masks: those named alike first (`image` and `mask`), then any that are left."""
    left = dict(folders)
    for images, masks in (*ALIKE, *((images, masks) for images in IMAGES for masks in MASKS)):
        if images in left and masks in left:
            yield left.pop(images), left.pop(masks)


def _rasters(listing: Listing, place: PurePosixPath) -> dict[str, PurePosixPath]:
    """The rasters of a folder by their stems; `SA_1_mask.tif` beside `SA_1.tif` counts as `SA_1`."""
    found: dict[str, PurePosixPath] = {}
    for path in listing.files(place):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
            stem = path.stem
            for end in ("_mask", "_label", "_gt"):
                stem = stem.removesuffix(end)
            found.setdefault(stem, path)
    return found


def _region(image: PurePosixPath, regions: bool) -> str:
    return image.stem.partition("_")[0] if regions and "_" in image.stem else ""
