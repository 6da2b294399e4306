"""What a person may say about an import, and what an import could not use."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from data.importing.sensing import Since
from data.readers.layer import ReadOptions
from data.records import Season


@dataclass(frozen=True)
class ImportOptions:
    """The options of `python -m data import`.

    Args:
        columns: Column names by role (see `data.importing.columns.ALIASES`), where the usual names do not fit.
        area_unit: `km2`, `m2` or `ha`; None to work it out.
        dates: `nominal` or `image`: which date an observation gets when a scene id says another day than the file.
        date: One date for all files, or one for each, in the order of the files.
        season: The dataset's season; meant only where `season_given`.
        season_given: Whether the user said anything about the season (`none` is saying something).
        pixel_m: Side of the pixel the outlines were drawn from, in metres.
        factor: Mapping error = perimeter × pixel × factor; None: the dataset's, else 0.5.
        sensors: Whose outlines those of which years are, where no scene id tells.
        source: Name of the inventory; None: from the file names.
        strict: Refuse everything where a single row cannot be used.
        replace: Let rows that differ from the dataset's take their place.
        read: How files are read.
    """

    columns: dict[str, str] = field(default_factory=dict[str, str])
    area_unit: str | None = None
    dates: str = "nominal"
    date: tuple[str, ...] = ()
    season: Season | None = None
    season_given: bool = False
    pixel_m: float | None = None
    factor: float | None = None
    sensors: tuple[Since, ...] = ()
    source: str | None = None
    strict: bool = False
    replace: bool = False
    read: ReadOptions = field(default_factory=ReadOptions)


@dataclass(frozen=True)
class Refusal:
    """One row that is set aside.

    Args:
        file: The file it stands in.
        row: Its number there, the first being 1 (header lines do not count).
        column: The column at fault, empty where it is the row as a whole.
        reason: What was found.
        values: The row as JSON, without its geometry.
    """

    file: str
    row: int
    column: str
    reason: str
    values: str


def shown(path: str | Path) -> str:
    """A file's name as reports give it: without its folder, so that a report does not depend on where the files lay."""
    text = str(path)
    archive, found, member = text.partition(".zip/")
    return f"{Path(archive).name}.zip/{member}" if found else Path(text).name
