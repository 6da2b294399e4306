"""Whether a worker can do the work and would do it just so: the same Moraine, the same libraries, the same dataset in sight."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import data

PACKAGES = (
    "distributed", "dask", "cloudpickle", "numpy", "scipy", "pandas", "pyarrow", "shapely", "pyproj", "rasterio", "scikit-image", "torch",
)  # fmt: skip
"""On which answers depend, or how they travel."""
CODE = "Moraine"
END = 65536
"""Bytes at the beginning and at the end of a table that tell it from others; a Parquet file ends with what is known of all its pages."""


@functools.cache
def told() -> dict[str, str]:
    """Name → version of what this process runs."""
    return {CODE: _code(), "Python": ".".join(platform.python_version_tuple()[:2]), **{name: _version(name) for name in PACKAGES}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _code() -> str:
    """A digest of all code that works on datasets."""
    root = Path(data.__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(path for part in ("data", "models") for path in (root / part).rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def identity(folder: str) -> str:
    """What tells the dataset in a folder from another, as long as its lakes stay what they are; empty where there is none."""
    path = Path(folder) / "lakes.parquet"
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - END))
            last = file.read()
            file.seek(0)
            return hashlib.sha256(f"{size}\n".encode() + file.read(END) + last).hexdigest()[:16]
    except OSError:
        return "" if not Path(folder).is_dir() else "no lakes"


def unfit(wanted: Mapping[str, str], folder: str, held: str) -> tuple[str, str] | None:
    """Why this process cannot work for another, and the remedy; None where it can.

    Args:
        wanted: `told` of that one.
        folder: The dataset as that one sees it.
        held: Its `identity` there; empty where no folder is needed.
    """
    mine = told()
    if mine["Python"] != wanted["Python"]:
        return f"runs Python {mine['Python']}, not {wanted['Python']}", "start it with the Python of the machine that gives the work"
    if mine[CODE] != wanted[CODE]:
        return f"runs another Moraine ({mine[CODE]}, not {wanted[CODE]})", "bring it the same version, and start it in its folder"
    other = [f"{name} {mine[name]}, not {wanted[name]}" for name in PACKAGES if mine[name] != wanted[name]]
    if other:
        return f"has {'; '.join(other)}", "install there what requirements.txt and requirements-cluster.txt pin"
    if held and identity(folder) != held:
        found = "holds another dataset there" if identity(folder) else "has no such folder"
        return f"cannot see {folder}: it {found}", "give all workers the dataset at the same path, on a disk that they share"
    return None
