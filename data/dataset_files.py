"""The files of a dataset that its digest is made of, and by what it is seen at a glance that one has changed."""

from __future__ import annotations

from pathlib import Path

from data import schema
from data.commit import current
from data.meta import FILE

SIMULATION = "simulation.json"
"""By what a simulated dataset was made: another painter makes other images of the same tables."""


def table_files(folder: Path) -> list[Path]:
    """The files that a dataset's digest is made of, those that there are: derived tables do not count."""
    names = (FILE, SIMULATION, *(f"{table}.parquet" for table in schema.TABLES if table not in schema.DERIVED))
    return [path for path in (current(folder, name) for name in names) if path.exists()]


def signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """By what it is seen at a glance that tables have changed, derived ones as well: name, size, time of change."""
    derived = [path for path in (current(folder, f"{table}.parquet") for table in sorted(schema.DERIVED)) if path.exists()]
    return tuple((path.name, stat.st_size, stat.st_mtime_ns) for path in [*table_files(folder), *derived] for stat in [path.stat()])
