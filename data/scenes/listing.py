"""Scenes listed in a CSV: a row a file, or several rows of one scene, a band each."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from data.column_names import plain_name
from data.errors import InputError
from data.importing.columns import ALIASES
from data.importing.dates import day_or_year
from data.masks.finding import spelled
from data.problems import Problem
from data.readers.layer import ReadOptions
from data.readers.table import read
from data.scenes.wish import Given, Outcome
from data.schema import REASONS

COLUMNS: dict[str, tuple[str, ...]] = {
    "path": ("path", "file", "filename", "filepath"), "band": ("band", "bandname"), "lake_key": ("lakekey",),
    "lake_id": ALIASES["lake_id"], "date": ("date", "day", "acqdate", "acquisitiondate", "imagedate"), "sensor": ("sensor", "platform"),
    "split": ("split",), "dem": ("dem", "elevationmodel"), "valid_share": ("validshare",), "reason": ("reason",),
}  # fmt: skip
"""What is read → names that its column goes by, in lower case without blanks and underscores."""
Row = Mapping[str, str]


def in_table(table: Path, outcome: Outcome) -> list[Given]:
    """The scenes that a CSV lists. Paths are from the table's own folder; rows of one lake, day, sensor and split that name a band each are
    one scene. A row without lake is a scene that shows none in particular; without a date, the file's name is asked.

    Args:
        table: The CSV.
        outcome: Is told what cannot be used.

    Raises:
        InputError: It is no table, or has no column of paths.
    """
    if not table.is_file():
        raise InputError(f"{table} does not exist", "check the spelling of --table")
    frame = read(table, ReadOptions())[0].frame
    roles = _roles(frame, table)
    groups: dict[tuple[str, ...], list[Row]] = {}
    for number, cells in enumerate(frame[list(roles.values())].fillna("").to_numpy().tolist()):
        row = dict(zip(roles, (str(cell).strip() for cell in cells), strict=True))
        if not row["path"]:
            outcome.problems.append(Problem(f"{table.name} row {number + 2}", "refused", "it names no path: fill in the column path"))
            continue
        alone = () if row.get("band") else (str(number),)
        groups.setdefault((*(row.get(name, "") for name in ("lake_key", "lake_id", "date", "sensor", "split")), *alone), []).append(row)
    found = [_scene(table, rows) for rows in groups.values()]
    outcome.problems += [each for each in found if isinstance(each, Problem)]
    return [each for each in found if isinstance(each, Given)]


def _roles(frame: pd.DataFrame, table: Path) -> dict[str, str]:
    by_name = {plain_name(str(column)): str(column) for column in frame.columns}
    roles = {role: by_name[name] for role, names in COLUMNS.items() for name in reversed(names) if name in by_name}
    if "path" not in roles:
        raise InputError(f"{table} has no column path (it has {', '.join(map(str, frame.columns))})", "name the column of files path")
    return roles


def _scene(table: Path, rows: list[Row]) -> Given | Problem:
    first = rows[0]
    name = first["path"]
    paths = tuple(table.parent / row["path"] for row in rows)
    stem, named_id, named_day, kind = spelled(paths[0])
    faults = [problem for row in rows if (problem := _fault(row))]
    bands = tuple(row["band"].lower() for row in rows) if first.get("band") else None
    if kind:
        faults.append("a prediction or a label by its name: take it in with python -m data masks or labels")
    if bands and len(set(bands)) < len(bands):
        faults.append(f"its bands are {', '.join(bands)}: name each once, and tell scenes apart by date or sensor")
    if faults:
        return Problem(name, "refused", faults[0])
    day = day_or_year(first["date"]) if first.get("date") else named_day
    share = first.get("valid_share")
    return Given(
        name, stem if bands is None else _common(paths), paths, bands, first.get("lake_id", "") or _named_lake(first, named_id, named_day),
        int(first["lake_key"].lstrip("#")) if first.get("lake_key") else None, day if isinstance(day, date) else None,
        first.get("sensor", ""), first.get("split", ""), table.parent / first["dem"] if first.get("dem") else None,
        float(share) if share else None, first.get("reason", ""),
    )  # fmt: skip


def _named_lake(row: Row, named_id: str, named_day: date | None) -> str:
    """Where the table has no column of lakes at all, names of files are read as in a folder; an empty cell means none."""
    return named_id if "lake_id" not in row and "lake_key" not in row and named_day is not None else ""


def _fault(row: Row) -> str:
    """What is wrong with a row's cells, empty where nothing is."""
    if row.get("lake_key") and not re.fullmatch(r"#?\d{1,9}", row["lake_key"]):
        return f"lake_key {row['lake_key']!r} is no whole number"
    if row.get("date") and not isinstance(day_or_year(row["date"]), date):
        return f"{row['date']!r} is no day: write it as 2020-10-15"
    share = row.get("valid_share")
    if share and not (_is_number(share) and 0 <= float(share) <= 1):
        return f"valid_share {share!r} is no share from 0 to 1"
    if row.get("reason") and row["reason"] not in REASONS:
        return f"reason {row['reason']!r} is none of {', '.join(REASONS)}"
    return ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _common(paths: tuple[Path, ...]) -> str:
    """What the names of a scene's files end or begin with, else the first: `ndwi_1991`, `ndsi_1991` → `1991`."""
    parts = [re.split(r"[_-]", path.stem) for path in paths]
    shared = [part for part in parts[0] if all(part in others for others in parts)]
    return "_".join(shared) or paths[0].stem
