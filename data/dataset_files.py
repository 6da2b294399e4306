"""The files of a dataset that its digest is made of: whether one has changed, and a look at all of them at one moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from data import schema
from data.cache import read_table
from data.commit import current
from data.errors import DatasetError
from data.meta import FILE
from data.parts.index import table_stat
from data.records import Fault

Signature = tuple[tuple[str, int, int], ...]
TRIES, PAUSE_S = 8, 0.05
"""Looks at a dataset that is changed meanwhile, and seconds between them."""
ERRORS = 3
"""Tries after which an error counts, if nothing has changed: a commit may have moved a file that was just looked up."""

SIMULATION = "simulation.json"
"""By what a simulated dataset was made: another painter makes other images of the same tables."""


def table_files(folder: Path) -> list[Path]:
    """The files that a dataset's digest is made of, those that there are: derived tables do not count."""
    names = (FILE, SIMULATION, *(f"{table}.parquet" for table in schema.TABLES if table not in schema.DERIVED))
    return [path for path in (current(folder, name) for name in names) if path.exists()]


def signature(folder: Path) -> Signature:
    """By what it is seen at a glance that tables have changed, derived ones as well: name, size, time of change."""
    for left in reversed(range(ERRORS)):
        try:
            return _signature(folder)
        except FileNotFoundError:
            if not left:
                raise
    raise AssertionError


def _signature(folder: Path) -> Signature:
    derived = [path for path in (current(folder, f"{table}.parquet") for table in sorted(schema.DERIVED)) if path.exists()]
    return tuple((path.name, *table_stat(path)) for path in [*table_files(folder), *derived])


def read_current(folder: Path, name: str) -> pa.Table:
    """The newest version of a dataset's table; a commit may move its file between the look where it lies and the reading.

    Raises:
        DatasetError: As `data.cache.read_table`.
    """
    for left in reversed(range(ERRORS)):
        path = current(folder, name)
        before = _still(path)
        try:
            return read_table(path)
        except DatasetError:
            # Arrow opens a file more than once: of one that is replaced in between it reads a footer here and pages there.
            if not left or (before is not None and _still(path) == before):
                raise
    raise AssertionError


def _still(path: Path) -> tuple[int, int] | None:
    """What is the same for as long as nobody replaces a table or writes into it; None where there is none."""
    try:
        return table_stat(path)
    except OSError:
        return None


def changed(folder: Path, name: str, before: Signature) -> bool:
    """Whether a file has changed since a signature."""
    now = signature(folder)
    return [each for each in now if each[0] == name] != [each for each in before if each[0] == name]


def unchanged(folder: Path, name: str, before: Signature, table: pa.Table) -> pa.Table:
    """A table that was just read, if its file is still the one of a signature.

    Raises:
        DatasetError: It is another one.
    """
    require_unchanged(folder, name, before)
    return table


def require_unchanged(folder: Path, name: str, before: Signature) -> None:
    """See that a table is still the one of a signature.

    Raises:
        DatasetError: It is another one.
    """
    if changed(folder, f"{name}.parquet", before):
        raise DatasetError(f"{folder / name}.parquet has changed since it was opened", "reload the page")


def settled(folder: Path, look: Callable[[], object]) -> Signature:
    """Look at a dataset while nobody changes it, again if somebody does; returns the signature of what was seen.

    Raises:
        DatasetError: As `look`; or it never stood still.
    """
    for tried in range(1, TRIES + 1):
        before = signature(folder)
        try:
            look()
        except FileNotFoundError:
            if tried == TRIES:
                raise
        except DatasetError:
            if tried == TRIES or (tried >= ERRORS and signature(folder) == before):
                raise
        else:
            if signature(folder) == before:
                return before
        time.sleep(PAUSE_S)
    raise DatasetError(f"{folder} is being written all the time", "wait until that has ended")


def require_usable(folder: Path, read: Callable[[str], pa.Table]) -> pa.Table:
    """See that areas and lakes can be worked with; returns the lakes without their outlines, of which those of a million are 200 MB.

    Raises:
        DatasetError: They cannot.
    """
    _refuse(folder, "areas", schema.unusable(read("areas"), "areas"))
    lakes = read("lakes")
    _refuse(folder, "lakes", schema.unusable(lakes, "lakes") or schema.check(lakes, "lakes"))
    return lakes.drop_columns(["geometry"])


def _refuse(folder: Path, name: str, faults: list[Fault]) -> None:
    if faults:
        what = f"{folder / name}.parquet, {faults[0].column or 'rows'}: {faults[0].found}"
        raise DatasetError(what, schema.see_all(folder))
