"""Tables as visitors hand them in."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely

from data.confined.tasks.own_table import run
from data.own_table.answers import Answers
from data.own_table.files import take
from tests.inventories import frame, himalaya

LONG = """Lake,Date,Area (ha),Remark
Imja,1990-10-02,62.1,ok
Imja,2000-10-09,78.0,
Imja,2010-10-11,98.5,
Imja,2020-10-15,130.0,
Thulagi,1990-10-02,70.1,
Thulagi,2000-10-09,76.0,
Thulagi,2010-10-11,n/a,cloud
Thulagi,2020-10-15,94.0,
Lumding,199O,77,
"""
"""Two lakes with four dates each, one area that is none; and a row whose year has a letter O in it."""


def zipped(folder: Path, name: str = "mini.zip") -> Path:
    """The hand-made Himalayan shapefiles of three epochs, zipped."""
    shapes = folder / "shapes"
    himalaya(shapes)
    with zipfile.ZipFile(folder / name, "w") as archive:
        for path in sorted(shapes.iterdir()):
            archive.write(path, path.name)
    return folder / name


def text_file(folder: Path, text: str, name: str = "lakes.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def stairs(pixel_m: float, crs: str = "EPSG:32645", count: int = 12) -> Any:
    """Outlines whose edges follow the pixels of an image of that size, as a frame with dates and ids."""
    rows: list[dict[str, Any]] = []
    for lake in range(count):
        cells = [shapely.box(x, y, x + 1, y + 1) for x in range(9) for y in range(9) if (x - 4) ** 2 + (y - 4) ** 2 <= 9 + lake]
        placed = shapely.affinity.translate(shapely.unary_union(cells), 100 * lake, 0)
        outline = shapely.affinity.scale(placed, pixel_m, pixel_m, origin=(0, 0))
        rows.append({"lake_id": f"L{lake}", "year": 2020, "geometry": shapely.affinity.translate(outline, 500_000, 3_100_000)})
    return frame(rows, crs)


def handed_in(folder: Path, *files: Path) -> tuple[Path, list[str]]:
    """The folder that they were taken into, and the names in it."""
    into = folder / "visit"
    return into, take([(path, path.name) for path in files], into, 20)


def looked(folder: Path, *files: Path) -> tuple[dict[str, Any], Path, list[str]]:
    """What is said of files; with the folder and their names."""
    into, names = handed_in(folder, *files)
    return run({"files": names}, into), into, names


def made(into: Path, names: Sequence[str], answers: Answers, name: str = "own-made") -> tuple[dict[str, Any], Path]:
    """A dataset of them, and where it lies."""
    told = {"files": list(names), "into": name, "answers": vars(answers)}
    return run(told, into), into / name


def guessed(told: dict[str, Any]) -> Answers:
    """The answers as they are guessed."""
    pixel = told["pixel"]
    return Answers(told["date"]["guess"], told["id"]["guess"], pixel_m=None if pixel is None else pixel["guess"])
