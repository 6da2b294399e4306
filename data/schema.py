"""The tables of a dataset, and `check`, which reports every fault at once.

A table may hold more columns than its schema names: whatever an input brought that was not recognised is kept
under its own name. Dates are date32, geometries WKB in longitude/latitude (OGC:CRS84), areas km², lengths km, heights m.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from data.records import Fault

REASONS = ("ok", "cloud", "shadow", "snow_or_ice", "partial", "empty", "outlier")
EVENT_KINDS = ("merge", "split", "drainage", "flood", "sensor", "missing", "outlier")
MASK_KINDS = ("probability", "binary", "label")
SCOPES = ("lake", "scene")
ROWS_SHOWN = 20


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it may be empty, and the rule that its values keep.

    `rule` maps the non-null values to a boolean array; `says` is the rule in words.
    """

    type: pa.DataType
    null: bool = False
    rule: Callable[[pd.Series], np.ndarray] | None = None
    says: str = ""


@dataclass(frozen=True)
class Table:
    """A table: its columns, and the columns whose values together name a row.

    `made_by`: the command that makes a table of older shape anew; nobody would mend such a table by hand.
    """

    columns: dict[str, Column]
    unique: tuple[str, ...]
    refers: dict[str, str] | None = None
    made_by: str = ""


def _between(low: float, high: float) -> Callable[[pd.Series], np.ndarray]:
    return lambda values: ((values >= low) & (values <= high)).to_numpy(dtype=bool)


def _one_of(*names: str) -> Callable[[pd.Series], np.ndarray]:
    return lambda values: values.isin(names).to_numpy(dtype=bool)


def inside(path: str) -> bool:
    """Whether a path stays inside the folder that it starts from: parts with / between them, none of them empty or dots."""
    return not {"", ".", ".."} & set(path.split("/")) and "\\" not in path and "\0" not in path


def _inside(values: pd.Series) -> np.ndarray:
    return np.array([inside(path) for path in values], dtype=bool)


KEY = Column(pa.int32(), rule=_between(0, 2**31 - 1), says="a whole number from 0")
NAME = Column(pa.string(), null=True)
SOURCE = Column(pa.string(), rule=lambda v: (v.str.len() > 0).to_numpy(dtype=bool), says="not empty")
PATH = Column(pa.string(), rule=_inside, says="a path inside the dataset's folder, with / between its parts")
AREA = Column(pa.float64(), rule=_between(0, 1e6), says="an area in km², 0 or more")
WATER = Column(pa.float64(), null=True, rule=_between(0, 1e6), says="an area in km², 0 or more")
LENGTH = Column(pa.float64(), null=True, rule=_between(0, 1e6), says="a length in km, 0 or more")
SHARE = Column(pa.float64(), null=True, rule=_between(0, 1), says="a share from 0 to 1")
COUNT = Column(pa.int64(), null=True, rule=_between(0, 2**53), says="a whole number from 0")
SCOPE = Column(pa.string(), rule=_one_of(*SCOPES), says="one of " + ", ".join(SCOPES))
EVALUATE = "python -m models evaluate"
DATE = Column(pa.date32())

TABLES: dict[str, Table] = {
    "lakes": Table(
        {
            "lake_key": KEY, "lake_id": NAME, "name": NAME, "basin": NAME, "sub_basin": NAME,
            "lon": Column(pa.float64(), null=True, rule=_between(-180, 180), says="degrees from -180 to 180"),
            "lat": Column(pa.float64(), null=True, rule=_between(-90, 90), says="degrees from -90 to 90"),
            "elevation_m": Column(pa.float64(), null=True, rule=_between(-500, 9000), says="metres from -500 to 9000"),
            "dam_type": NAME, "geometry": Column(pa.binary(), null=True),
        },
        unique=("lake_key",),
    ),
    "outlines": Table(
        {
            "outline_key": KEY, "lake_key": KEY, "date": DATE, "source": SOURCE, "geometry": Column(pa.binary()),
            "area_km2": AREA, "perimeter_km": LENGTH,
        },
        unique=("outline_key",), refers={"lake_key": "lakes"},
    ),
    "areas": Table(
        {
            "lake_key": KEY, "date": DATE, "source": SOURCE, "threshold": SHARE, "area_km2": AREA,
            "area_sd_km2": Column(pa.float64(), null=True, rule=_between(0, 1e6), says="a standard deviation in km², 0 or more"),
            "valid_share": SHARE, "reason": Column(pa.string(), rule=_one_of(*REASONS), says="one of " + ", ".join(REASONS)),
            "sensor": NAME, "scene_key": Column(pa.int32(), null=True),
            "date_nominal": Column(pa.bool_()), "date_image": Column(pa.date32(), null=True),
        },
        unique=("lake_key", "date", "source", "threshold"), refers={"lake_key": "lakes", "scene_key": "scenes"},
    ),
    "events": Table(
        {
            "lake_key": KEY, "date": Column(pa.date32(), null=True),
            "kind": Column(pa.string(), rule=_one_of(*EVENT_KINDS), says="one of " + ", ".join(EVENT_KINDS)),
            "evidence": NAME, "source": SOURCE,
        },
        unique=(), refers={"lake_key": "lakes"},
    ),
    "scenes": Table(
        {
            "scene_key": KEY, "lake_key": Column(pa.int32(), null=True), "date": Column(pa.date32(), null=True), "sensor": NAME,
            "path": PATH, "pixel_m": Column(pa.float64(), null=True, rule=_between(0, 1e4), says="metres, 0 or more"),
            "valid_share": SHARE, "reason": NAME, "split": NAME, "dem": NAME,
        },
        unique=("scene_key",), refers={"lake_key": "lakes"},
    ),
    "masks": Table(
        {
            "scene_key": KEY, "source": SOURCE, "path": PATH,
            "kind": Column(pa.string(), rule=_one_of(*MASK_KINDS), says="one of " + ", ".join(MASK_KINDS)), "note": NAME,
        },
        unique=("scene_key", "source"), refers={"scene_key": "scenes"},
    ),
    "scores": Table(
        {
            "scene_key": KEY, "source": SOURCE, "label": SOURCE, "scope": SCOPE, "threshold": SHARE,
            "iou": SHARE, "precision": SHARE, "recall": SHARE,
            "area_bias": Column(pa.float64(), null=True, rule=_between(-1, np.inf), says="-1 or more"),
            "boundary_f1_1px": SHARE, "boundary_f1_2px": SHARE,
            "frechet_px": Column(pa.float64(), null=True, rule=_between(0, np.inf), says="pixels, 0 or more"),
            "ece": SHARE, "label_km2": WATER, "predicted_km2": WATER, "pixels": Column(pa.int64()),
            "missed_lakes": COUNT, "label_lakes": COUNT, "false_lakes": COUNT, "predicted_lakes": COUNT,
            "missed_px": COUNT, "false_px": COUNT, "boundary_px": COUNT,
        },
        unique=("scene_key", "source", "scope", "threshold"), refers={"scene_key": "scenes"}, made_by=EVALUATE,
    ),
    "reliability": Table(
        {
            "scene_key": KEY, "source": SOURCE, "label": SOURCE, "scope": SCOPE,
            "bin": Column(pa.int32(), rule=_between(0, 14), says="0 to 14"), "pixels": Column(pa.int64()),
            "said": SHARE, "found": SHARE,
        },
        unique=("scene_key", "source", "scope", "bin"), refers={"scene_key": "scenes"}, made_by=EVALUATE,
    ),
}  # fmt: skip
DERIVED = {"scores", "reliability"}
"""Tables that follow from the others: they do not name the data, so that links and images outlive them."""
"""`scenes.dem` is the path of an elevation model that covers the scene, in any grid. `masks` tells, for a scene and a source, the raster of
its water (bytes as in `data.rasters.probability`, on the scene's own grid); `note` says what was done to it on the way in.
`areas.threshold` is the probability threshold of a segmenter, null for an inventory. `date_nominal` marks a date of which
only the year is known; `date_image` is the acquisition day read from a scene id, kept beside whichever date is used."""


def empty(table: str) -> pa.Table:
    """A table of that name with no rows."""
    return pa.schema([(name, column.type) for name, column in TABLES[table].columns.items()]).empty_table()


def check(frame: pa.Table, table: str, others: dict[str, pa.Table] | None = None) -> list[Fault]:
    """Every fault of one table: missing columns, wrong types, nulls, broken rules, repeated keys, dangling references.

    Args:
        frame: The table as read.
        table: Its name, a key of TABLES.
        others: Tables that it may refer to, by name; references to a table not given are not checked.
    """
    spec = TABLES[table]
    faults = [fault for name, column in spec.columns.items() for fault in _column_faults(frame, table, name, column)]
    faults += _repeats(frame, table, spec.unique)
    for name, target in (spec.refers or {}).items():
        if others and target in others and name in frame.column_names:
            faults += _dangling(frame, table, name, target, others[target])
    return faults


def unusable(frame: pa.Table, table: str) -> list[Fault]:
    """The faults of a table that nothing can work with: columns missing, of another type, or empty where they must not be.

    Part of what `check` finds, without looking at a value: quick at any size.
    """
    return [fault for name, column in TABLES[table].columns.items() if (fault := _unusable_column(frame, table, name, column))]


def see_all(folder: Path) -> str:
    """The remedy for a dataset with faults."""
    return f"mend it first; `python -m data check {folder}` lists every fault"


def _unusable_column(frame: pa.Table, table: str, name: str, column: Column) -> Fault | None:
    fault = _wrong_type(frame, table, name, column)
    if fault is None and not column.null and frame.column(name).null_count:
        return Fault(table, None, name, f"it is empty in {frame.column(name).null_count:,} rows", "every row needs a value")
    return fault


def _wrong_type(frame: pa.Table, table: str, name: str, column: Column) -> Fault | None:
    if name not in frame.column_names:
        maker = TABLES[table].made_by
        return Fault(table, None, name, "the column is missing", f"run `{maker}` again" if maker else f"add it, of type {column.type}")
    held = frame.schema.field(name).type
    if held != column.type and not (pa.types.is_large_string(held) and pa.types.is_string(column.type)):
        return Fault(table, None, name, f"it has type {held}", f"store it as {column.type}")
    return None


def _column_faults(frame: pa.Table, table: str, name: str, column: Column) -> Iterator[Fault]:
    wrong = _wrong_type(frame, table, name, column)
    if wrong is not None:
        yield wrong
        return
    absent = frame.column(name).is_null(nan_is_null=True).to_numpy()
    if not column.null:
        yield from _rows(table, name, np.flatnonzero(absent), lambda _: "it is empty", "every row needs a value")
    if column.rule is not None and not absent.all():
        values = frame.column(name).to_pandas()
        present = values[~absent]
        broken = np.flatnonzero(~absent)[~column.rule(present)]
        yield from _rows(table, name, broken, lambda row: _shown(values.iloc[row]), f"it must be {column.says}")


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def _rows(table: str, name: str | None, rows: np.ndarray, found: Callable[[int], str], remedy: str) -> Iterator[Fault]:
    for row in rows[:ROWS_SHOWN]:
        yield Fault(table, int(row), name, found(int(row)), remedy)
    if len(rows) > ROWS_SHOWN:
        yield Fault(table, None, name, f"the same in {len(rows) - ROWS_SHOWN:,} more rows", remedy)


def _repeats(frame: pa.Table, table: str, unique: tuple[str, ...]) -> Iterator[Fault]:
    if not unique or not set(unique) <= set(frame.column_names):
        return
    names = frame.select(unique).to_pandas()
    rows = np.flatnonzero(names.duplicated().to_numpy())
    found = lambda row: "the same " + ", ".join(f"{n} {names[n].iloc[row]}" for n in unique) + " as an earlier row"  # noqa: E731
    yield from _rows(table, None, rows, found, "keep one of them")


def _dangling(frame: pa.Table, table: str, name: str, target: str, other: pa.Table) -> Iterator[Fault]:
    key = TABLES[target].unique[0]
    if key not in other.column_names:
        return
    values = frame.column(name).to_pandas()
    known = values.isna() | values.isin(other.column(key).to_pandas())
    rows = np.flatnonzero(~known.to_numpy())
    yield from _rows(table, name, rows, lambda row: f"{values.iloc[row]} is not in {target}.{key}", "add that row or drop this one")
