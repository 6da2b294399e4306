"""Which files of a folder are masks, and what their names say: `<GL_ID>_<date>_prob.tif`, `<GL_ID>-<yyyymmdd>_pred.tif` and their kin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shapely.geometry.base import BaseGeometry

from data.errors import InputError
from data.folders import files_in, name_in
from data.importing.dates import day_or_year

RASTERS = {".tif", ".tiff"}
VECTORS = {".gpkg", ".geojson", ".json", ".shp", ".zip", ".parquet"}
PREDICTIONS = ("prob", "pred")
REFERENCES = ("label", "mask", "")
"""The ends of names, best first: `GL…_2020-10-15_prob.tif` before `…_pred.tif`."""

_KIND = re.compile(r"(.+?)[_-](prob|pred|label|mask)", re.IGNORECASE)
_DATED = re.compile(r"(.+?)[_-](\d{4}-\d{2}-\d{2}|\d{8})")


@dataclass(frozen=True)
class Given:
    """One mask as it was handed in: rasters of one name, or the polygons of one lake and date.

    Args:
        name: What reports call it: the file's place in the folder.
        stem: The name without its end (`_prob` …) and suffix.
        lake_id: The label of the lake, as the name or the table says it.
        day: The day, None where it says none.
        path: The file.
        second: The `_pred` file beside a `_prob` file: it is checked against it, no more.
        kind: The end of the name: `prob`, `pred`, `label`, `mask`, or empty.
        shape: For polygons: in longitude and latitude.
        year: For polygons of which only the year is known.
    """

    name: str
    stem: str
    lake_id: str
    day: date | None
    path: Path
    second: Path | None = None
    kind: str = ""
    shape: BaseGeometry | None = None
    year: int | None = None


@dataclass(frozen=True)
class Found:
    """What a folder holds.

    Args:
        given: The rasters, in the order of their names.
        vectors: The files that may hold polygons, by what reports call them.
        left: Names of rasters that are left alone: scenes where masks are wanted, predictions where references are.
    """

    given: list[Given]
    vectors: dict[str, Path]
    left: list[str]


def spelled(path: Path) -> tuple[str, str, date | None, str]:
    """The stem, lake id, day and kind of end that a file's name says; the id is all of the stem where there is no day."""
    whole = _KIND.fullmatch(path.stem)
    stem, kind = (whole[1], whole[2].lower()) if whole else (path.stem, "")
    dated = _DATED.fullmatch(stem)
    day = day_or_year(dated[2]) if dated else None
    return (stem, dated[1], day, kind) if dated and isinstance(day, date) else (stem, stem, None, kind)


def found(folder: Path, kinds: tuple[str, ...]) -> Found:
    """Look through a folder and the folders in it.

    Args:
        folder: Or a single file.
        kinds: The ends of names that are wanted, best first; of several files of one name the best is taken.

    Raises:
        InputError: There is no such folder, or it holds nothing that could be a mask.
    """
    paths = files_in(folder)
    named: dict[tuple[Path, str], dict[str, Path]] = {}
    left: list[str] = []
    for path in (path for path in paths if path.suffix.lower() in RASTERS):
        stem, _, _, kind = spelled(path)
        if kind in kinds and kind not in named.get((path.parent, stem), {}):
            named.setdefault((path.parent, stem), {})[kind] = path
        else:
            left.append(name_in(folder, path))
    vectors = {name_in(folder, path): path for path in paths if path.suffix.lower() in VECTORS}
    if not named and not vectors:
        ends = ", ".join(f"<GL_ID>_<date>{'_' + kind if kind else ''}.tif" for kind in kinds)
        raise InputError(f"{folder} holds no mask ({len(left):,} other rasters)", f"name rasters {ends}, or give polygons (GeoPackage …)")
    given = [_given(group, kinds, folder) for _, group in sorted(named.items())]
    used = {path for each in given for path in (each.path, each.second)}
    left += [name_in(folder, path) for group in named.values() for path in group.values() if path not in used]
    return Found(given, vectors, sorted(left))


def _given(group: dict[str, Path], kinds: tuple[str, ...], folder: Path) -> Given:
    best, *others = [group[kind] for kind in kinds if kind in group]
    stem, lake_id, day, kind = spelled(best)
    second = others[0] if others and kind == "prob" else None
    return Given(name_in(folder, best), stem, lake_id, day, best, second, kind)
