"""Files of a dataset by their paths, whether they lie on this machine or afar: is it there, which version, how are its bytes had."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.afar.mirror import INDEX, NAMED, Mirror, mirrored
from data.rasters.ranges import Part

DEEP = 4
"""Folders below its dataset's in which a file is looked for."""


@dataclass(frozen=True)
class Far:
    """A file on object storage.

    Args:
        mirror: Of its dataset.
        name: Below the dataset's folder.
    """

    mirror: Mirror
    name: str

    def __str__(self) -> str:
        return f"{self.mirror.place}/{self.name}"

    @property
    def part(self) -> Part:
        """Who gets its bytes in parts, and the size of the whole."""
        return self.mirror.storage.parts(self.mirror.place.key(self.name))


def far(path: Path) -> Far | None:
    """Where a file of a mirrored dataset lies; None for one of this machine."""
    if not NAMED.search(str(path)):
        return None  # by each click asked of dozens of files: what follows takes ten times as long
    for folder in path.parents[:DEEP]:
        held = mirrored(folder)
        if held is not None:
            return None if path.exists() else Far(held, path.relative_to(folder).as_posix())
    return None


def there(path: Path) -> bool:
    """Whether a file can be had. Never asks storage: a dataset afar is believed to have what its tables name, while storage answers."""
    found = far(path)
    return path.exists() if found is None else found.mirror.storage.lost is None


def version(path: Path) -> tuple[int, int]:
    """By what it is seen that a file is another one: time of change and size; of one afar by its dataset's tables.

    Raises:
        OSError: It is not there.
    """
    found = far(path)
    if found is None:
        told = path.stat()
        return told.st_mtime_ns, told.st_size
    tables = (found.mirror.folder / f"{name}.parquet" for name in ("scenes", "masks"))
    files = (table / INDEX if table.is_dir() else table for table in tables)
    return sum(file.stat().st_mtime_ns for file in files if file.is_file()), 0


def lost_since(folder: Path) -> float | None:
    """Since when a dataset's storage does not answer, by `time.time()`; None while it does, and for a dataset of this machine."""
    held = mirrored(folder)
    return None if held is None else held.storage.lost
