"""GeoPackages. A file with several layers needs to be told which."""

from __future__ import annotations

from pathlib import Path

from data.errors import InputError
from data.readers.layer import Layer, ReadOptions
from data.readers.ogr import layer_names, ogr_layer

SUFFIXES = (".gpkg",)
SQLITE = b"SQLite format 3\x00"
APPLICATION_IDS = {b"GPKG", b"GP10", b"GP11"}


def claims(path: Path) -> int:
    return int(path.suffix.lower() in SUFFIXES)


def read(path: Path, options: ReadOptions) -> list[Layer]:
    """Raises InputError: not a GeoPackage by its first 72 bytes, damaged, or which layer is meant is open."""
    _require_geopackage(path)
    name = options.layer or _only_layer(path)
    # A layer that the user names may hold the date that the file's own name does not.
    stem = f"{path.stem}_{name}" if options.layer and name != path.stem else path.stem
    return [ogr_layer(path, str(path), stem, name, options)]


def _require_geopackage(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(72)
    if head[:16] != SQLITE or head[68:72] not in APPLICATION_IDS:
        raise InputError(f"{path} is not a GeoPackage, whatever its name says", "give it the suffix of its real format")


def layers_of(path: Path) -> list[str]:
    """The layers that a GeoPackage holds.

    Raises:
        InputError: Not a GeoPackage by its first 72 bytes, or damaged.
    """
    _require_geopackage(path)
    return layer_names(path)


def _only_layer(path: Path) -> str:
    names = layer_names(path)
    if len(names) != 1:
        listed = ", ".join(names) or "none"
        raise InputError(f"{path} has {len(names)} layers: {listed}", "say which with --layer NAME, once for each import")
    return names[0]
