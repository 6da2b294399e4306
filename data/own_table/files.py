"""What a visitor hands in: of a format that is taken, not too large, under names of our own making."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from data.errors import InputError
from data.shapefile_parts import PARTS

TABLES = (".csv", ".tsv", ".zip", ".gpkg", ".geojson", ".json")
SAME = {"txt": "csv"}
TAKEN = "CSV, a zipped shapefile, GeoPackage or GeoJSON"
MOST_FILES = 40
LONGEST = 60
"""Characters of a file's name that are kept."""
ELSEWHERE = {
    ".xlsx": ("an Excel workbook", "save its sheet as CSV (File, Save as, CSV UTF-8) and hand that in"),
    ".xls": ("an Excel workbook", "save its sheet as CSV (File, Save as, CSV UTF-8) and hand that in"),
    ".ods": ("a spreadsheet", "save its sheet as CSV and hand that in"),
    ".kml": ("KML", "save it as GeoJSON or GeoPackage, e.g. with QGIS (Export, Save features as)"),
    ".kmz": ("KMZ", "save it as GeoJSON or GeoPackage, e.g. with QGIS (Export, Save features as)"),
    ".gdb": ("a file geodatabase", "save the layer as GeoPackage, e.g. with QGIS (Export, Save features as)"),
    ".tif": ("an image", "hand images in on the page Segment"),
    ".tiff": ("an image", "hand images in on the page Segment"),
    ".rar": ("a RAR archive", "pack the shapefile as .zip"),
    ".7z": ("a 7z archive", "pack the shapefile as .zip"),
    ".parquet": ("Parquet", "save it as GeoPackage, or import it where you run Moraine: python -m data import"),
}
"""Suffix → what it is, and what to do."""


def take(handed: Sequence[tuple[Path, str]], folder: Path, most_mb: int) -> list[str]:
    """Move files that were handed in into a folder.

    Args:
        handed: Where each lies, and what its owner calls it.
        folder: Of this visit alone.
        most_mb: MB (2^20 bytes) of all of them together.

    Returns:
        The names, in it, of those that hold a table.

    Raises:
        InputError: A file is of another format, empty, or they are too many or too large.
    """
    named = [(path, safe_name(name)) for path, name in handed]
    _require_taken([name for _, name in named])
    size = sum(path.stat().st_size for path, _ in named)
    if size > most_mb * 2**20:
        what = f"{_listed(named)}: {size / 1e6:,.1f} MB, more than is taken here ({most_mb} MB)"
        raise InputError(what, "leave out columns or corners that you do not need, or hand in one region")
    folder.mkdir(parents=True, exist_ok=True)
    for path, name in named:
        if path.stat().st_size == 0:
            raise InputError(f"{name} is empty", "export it again")
        shutil.move(path, folder / name)
    return sorted(name for _, name in named if PurePosixPath(name).suffix not in {*PARTS} - {".shp"})


def safe_name(name: str) -> str:
    """A name that is only a name: letters, digits and `-_. ` of its last part, the suffix in lower case."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/")).split("/")[-1]
    plain = re.sub(r"[^\w\-. ]", "_", last, flags=re.UNICODE).strip(". ")
    stem, dot, suffix = plain.rpartition(".")
    if not dot:
        return (plain or "table")[:LONGEST]
    return f"{(stem.strip('. ') or 'table')[:LONGEST]}.{SAME.get(suffix.lower(), suffix.lower())[:10]}"


def _require_taken(names: Sequence[str]) -> None:
    if not names:
        raise InputError("no file was handed in", f"choose {TAKEN}")
    if len(names) > MOST_FILES:
        raise InputError(f"{len(names)} files were handed in, more than {MOST_FILES}", "put them into one GeoPackage or CSV")
    for name in names:
        suffix = PurePosixPath(name).suffix
        if suffix in ELSEWHERE:
            what, remedy = ELSEWHERE[suffix]
            raise InputError(f"{name} is {what}", remedy)
        if suffix not in TABLES + PARTS:
            raise InputError(f"{name}: the format {suffix or '(no suffix)'} is not known here", f"hand in {TAKEN}")
        if names.count(name) > 1:
            raise InputError(f"two of the files are called {name}", "rename one of them")
    if not any(name.endswith((*TABLES, ".shp")) for name in names):
        raise InputError(f"{names[0]} is a part of a shapefile", "hand in the .shp, .shx, .dbf and .prj files together, or zipped")


def _listed(named: Sequence[tuple[Path, str]]) -> str:
    return named[0][1] if len(named) == 1 else f"{len(named)} files"
