"""The Glacial Lake Observatory's CSV of one lake.

Its layout: lines `"doi"`, `"method"`, `"source"`, `"notes"`, `"citation"`, an empty line, then a table
`year, start date, end date, area (km²), area uncertainty, perimiter` (its spelling; ESSD 2025-751). The lake is named by the file.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from data.errors import InputError
from data.readers.layer import Layer, ReadOptions

SUFFIXES = (".csv",)


def claims(path: Path) -> int:
    if path.suffix.lower() not in SUFFIXES:
        return 0
    with path.open("rb") as stream:
        return 2 * stream.read(64).decode("utf-8-sig", errors="replace").lstrip().lower().startswith(('"doi"', "doi,", "doi:"))


def read(path: Path, options: ReadOptions) -> list[Layer]:
    """Raises InputError: there is no table below the header lines."""
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    start = next((n for n, line in enumerate(lines) if line.lstrip(' "').lower().startswith("year")), None)
    if start is None:
        raise InputError(f"{path}: below the lines doi … citation there is no table that begins with `year`", "download it again")
    said = [row for row in csv.reader(lines[:start], skipinitialspace=True) if row]
    facts = {row[0].strip(' ":').lower(): ", ".join(cell.strip() for cell in row[1:]).strip() for row in said}
    try:
        frame = pd.read_csv(io.StringIO("\n".join(lines[start:])), dtype=str, skipinitialspace=True, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, ValueError) as error:
        raise InputError(f"{path} is not a table: {str(error)[:200]}", "mend the line it names, or download it again") from error
    frame.columns = [str(name).strip() for name in frame.columns]
    named = {"lake_id": path.stem, "source": "GLO", "citation": facts.get("citation", "")}
    return [Layer(str(path), path.stem, frame.reset_index(drop=True), None, {name: value for name, value in named.items() if value})]
