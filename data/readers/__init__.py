"""Readers of lake inventories, one file a format: a new file here is a new format.

A reader exports `claims(path) -> int` (0: not mine; 1: by its name; 2: by its content, too) and
`read(path, options) -> list[Layer]`. The strongest claim wins. What cannot be used is an InputError that names the
file and the remedy. No reader opens URLs, and none lets GDAL guess the format from a file's content.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from pathlib import Path
from typing import Protocol, cast

from data.errors import InputError
from data.readers.layer import Layer, ReadOptions

__all__ = ["Layer", "ReadOptions", "read"]

NOT_READERS = {"layer", "ogr"}
MAX_BYTES = 4 << 30


class Reader(Protocol):
    """What each file here exports."""

    SUFFIXES: tuple[str, ...]

    def claims(self, path: Path) -> int:
        """How surely this file is mine: 0 no, 1 by its name, 2 by its content."""
        ...

    def read(self, path: Path, options: ReadOptions) -> list[Layer]:
        """Every layer of the file, geometries in longitude/latitude. Raises InputError."""
        ...


def readers() -> list[Reader]:
    """Every reader found here.

    Raises:
        TypeError: A file here lacks a part of a reader.
    """
    found: list[Reader] = []
    for info in pkgutil.iter_modules(__path__):
        if info.name in NOT_READERS:
            continue
        module = importlib.import_module(f"{__name__}.{info.name}")
        lacking = [part for part in ("SUFFIXES", "claims", "read") if not hasattr(module, part)]
        if lacking:
            raise TypeError(f"{module.__name__} is no reader: it lacks {', '.join(lacking)}")
        found.append(cast(Reader, module))
    return found


def read(path: Path, options: ReadOptions) -> list[Layer]:
    """Every layer of one input file.

    Raises:
        InputError: The file is missing, empty, too large, of no known format, or not what its name says.
    """
    known = readers()
    suffixes = ", ".join(sorted({suffix for reader in known for suffix in reader.SUFFIXES}))
    if "://" in str(path) or str(path).startswith("/vsi"):
        raise InputError(f"{path} is an address, not a file", "download it first and name the file")
    if str(path) != os.fsencode(path).decode(errors="replace"):
        raise InputError(f"{os.fsencode(path)!r}: the file's name is not UTF-8", "rename the file")
    if not path.is_file():
        raise InputError(f"{path} is not a file", "check the spelling; folders are not searched: name the files, e.g. folder/*.shp")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path} is empty", "fetch or export it again")
    if size > MAX_BYTES:
        raise InputError(f"{path} has {size / 2**30:.1f} GiB, more than {MAX_BYTES / 2**30:.0f}", "split it, e.g. by epoch or by region")
    strength, best = max(((reader.claims(path), n) for n, reader in enumerate(known)), key=lambda pair: (pair[0], -pair[1]))
    if strength == 0:
        raise InputError(f"{path}: the format {path.suffix or '(no suffix)'} is unknown", f"convert it to one of {suffixes}")
    layers = known[best].read(path, options)
    if not any(len(layer.frame) for layer in layers):
        raise InputError(f"{path} holds no rows", "fetch or export it again")
    for layer in layers:
        twice = layer.frame.columns[layer.frame.columns.duplicated()]
        if len(twice):
            raise InputError(f"{layer.file} has several columns called {twice[0]!r}", "rename all but one of them")
    return layers
