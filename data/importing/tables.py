"""From matched observations to the tables of a dataset, and back from the tables to observations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from data import schema
from data.floods.record import EXTRA as FLOOD_EXTRA
from data.geo_tables import geo_table, shapes
from data.importing.changes import Event
from data.importing.frames import absent, chosen, column, numbers, objects
from data.importing.geometry import centres, with_footprints

AREA_EXTRA = {"epoch": pa.date32(), "record": pa.string()}
"""Columns that an import adds to `areas`: the day that stands for the epoch, and a digest of what the input row said."""
OUTLINE_EXTRA = {"lake_id": pa.string(), "area_reported_km2": pa.float64()}
"""Columns that an import adds to `outlines`: the label of that epoch, and the area that the file itself gives."""
LAKE_COLUMNS = ("lake_id", "name", "basin", "sub_basin", "lon", "lat", "elevation_m", "dam_type", "geometry")
RESERVED = (
    {name for table in ("lakes", "outlines", "areas") for name in schema.TABLES[table].columns} | AREA_EXTRA.keys() | OUTLINE_EXTRA.keys()
)
"""Names that an input's own column cannot have; such a column gets the suffix `_input`."""
ORDER = {
    "lakes": ["lake_key"], "outlines": ["outline_key"], "areas": ["lake_key", "source", "date"],
    "events": ["lake_key", "date", "kind", "source", "evidence"],
}  # fmt: skip
ORIGIN = "import"
"""Events whose column `origin` says this are worked out anew by every import; others are left alone."""


def frame(table: pa.Table) -> pd.DataFrame:
    """A table as a frame of plain Python values, so that nothing changes type on its way back."""
    return pd.DataFrame({name: pd.Series(table.column(name).to_pylist(), dtype=object) for name in table.column_names})


def sealed(frames: dict[str, pd.DataFrame]) -> dict[str, pa.Table]:
    """The tables as they are written: rows in a set order, the schema's columns first, GeoParquet metadata where there are outlines."""
    tables: dict[str, pa.Table] = {}
    for name, keys in ORDER.items():
        table = _arrow(frames[name].sort_values(keys, kind="stable", ignore_index=True), name)
        tables[name] = geo_table(table) if "geometry" in table.column_names else table
    return tables


def _arrow(rows: pd.DataFrame, table: str) -> pa.Table:
    own = {"areas": AREA_EXTRA, "outlines": OUTLINE_EXTRA, "events": FLOOD_EXTRA}.get(table, {})
    kinds = {name: of.type for name, of in schema.TABLES[table].columns.items()} | own
    names = [*schema.TABLES[table].columns, *sorted(str(name) for name in rows.columns if name not in schema.TABLES[table].columns)]
    return pa.table({name: typed(column(rows, name), kinds.get(name)) for name in names})


def typed(values: pd.Series, kind: pa.DataType | None) -> pa.Array:
    """A column as Arrow: of the schema's type, or where it has none, the narrowest of truth values, whole numbers, numbers and text."""
    cells = [None if absent(value) else value for value in values]
    if kind is not None:
        return pa.array(cells, type=kind)
    present = [cell for cell in cells if cell is not None]
    if present and all(isinstance(cell, bool | np.bool_) for cell in present):
        return pa.array([None if cell is None else bool(cell) for cell in cells], type=pa.bool_())
    if present and all(isinstance(cell, int | float | np.number) and not isinstance(cell, bool) for cell in present):
        whole = all(float(cell).is_integer() and abs(cell) < 2**53 for cell in present)
        return pa.array(
            [None if cell is None else int(cell) if whole else float(cell) for cell in cells], type=pa.int64() if whole else pa.float64()
        )
    return pa.array([None if cell is None else str(cell) for cell in cells], type=pa.string())


def known_observations(held: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The dataset's own observations in the form of `observations.Observed.rows`, with lake_key.

    Areas of segmenters (they have a threshold) are left out: they are not inventories. Areas that no import made have no epoch
    of their own: their date is it.
    """
    areas = held["areas"]
    rows = chosen(areas, column(areas, "threshold").isna().to_numpy()).reset_index(drop=True)
    for name in AREA_EXTRA:
        rows[name] = objects(rows, name) if name in rows.columns else None
    rows["epoch"] = _first(objects(rows, "epoch"), objects(rows, "date"))
    rows = rows.merge(_outlines_of(held["outlines"]), on=["lake_key", "date", "source"], how="left")
    lakes = {
        key: cells for key, *cells in zip(*(objects(held["lakes"], name) for name in ("lake_key", "lake_id", "lon", "lat")), strict=True)
    }
    label, lon, lat = (np.array([lakes[key][n] for key in objects(rows, "lake_key")], dtype=object) for n in range(3))
    rows["lake_id"] = _first(objects(rows, "lake_id"), label)
    drawn = shapes(np.array([None if absent(blob) else blob for blob in objects(rows, "geometry")], dtype=object))
    middle = centres(drawn)
    rows["lon"] = _first(shapely.get_x(middle), lon).astype(float)
    rows["lat"] = _first(shapely.get_y(middle), lat).astype(float)
    rows["geometry"] = drawn
    for name in ("area_km2", "area_sd_km2", "perimeter_km", "area_reported_km2"):
        rows[name] = np.array([np.nan if absent(cell) else cell for cell in objects(rows, name)], dtype=float)
    return with_footprints(rows)


def _outlines_of(outlines: pd.DataFrame) -> pd.DataFrame:
    """What observations need of `outlines`; a dataset that no import made lacks some of its columns."""
    names = ["lake_key", "date", "source", "geometry", "perimeter_km", *OUTLINE_EXTRA]
    return outlines.reindex(columns=names).astype(object).drop_duplicates(["lake_key", "date", "source"])


def _first(values: Any, others: Any) -> Any:
    """(N,) the values, where they are empty the others."""
    return np.array([other if absent(value) else value for value, other in zip(values, others, strict=True)], dtype=object)


def area_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `areas` for observations. An area of 0 has the reason `empty`: it has no logarithm."""
    same = ["lake_key", "date", "source", "area_km2", "area_sd_km2", "sensor", "date_nominal", "date_image", *AREA_EXTRA]
    reason = ["ok" if area > 0 else "empty" for area in numbers(rows, "area_km2")]
    return rows[same].astype(object).assign(threshold=None, valid_share=None, scene_key=None, reason=reason)


def outline_rows(rows: pd.DataFrame, extra: pd.DataFrame, first_key: int) -> pd.DataFrame:
    """Rows of `outlines` for the observations that have one, with the columns of the input that were not recognised."""
    drawn = chosen(rows, ~shapely.is_missing(objects(rows, "geometry")))
    new = drawn[["lake_key", "date", "source", "area_km2", "perimeter_km", *OUTLINE_EXTRA]].astype(object)
    keys = np.arange(first_key, first_key + len(new))
    return new.assign(geometry=_wkb(drawn), outline_key=keys).join(extra.loc[drawn.index].astype(object))


def _wkb(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(list(shapely.to_wkb(objects(rows, "geometry"), byte_order=1)), index=rows.index, dtype=object)


def lake_rows(old: pd.DataFrame, old_epochs: dict[int, Any], rows: pd.DataFrame, extra: pd.DataFrame, new_wins: bool) -> pd.DataFrame:
    """`lakes`: for every column the newest value that is not empty.

    Args:
        old: The lakes of the dataset so far.
        old_epochs: The newest epoch behind each of them, by lake_key.
        rows: Observations that are added, with lake_key.
        extra: Their unrecognised columns.
        new_wins: Whether of two values of one epoch the added one is taken.
    """
    new = rows[["lake_key", "epoch", *LAKE_COLUMNS]].astype(object).assign(geometry=_wkb(rows)).join(extra.astype(object))
    held = old.assign(epoch=[old_epochs.get(key) for key in objects(old, "lake_key")]).astype(object)
    everything = pd.concat([held.assign(rank=int(new_wins)), new.assign(rank=int(not new_wins))], ignore_index=True)
    when = [0 if absent(day) else day.toordinal() for day in objects(everything, "epoch")]
    order = np.lexsort(
        (np.arange(len(everything)), objects(everything, "rank").astype(int), -np.array(when), objects(everything, "lake_key").astype(int))
    )
    return everything.iloc[order].drop(columns=["epoch", "rank"]).groupby("lake_key", sort=True).first().reset_index()


def event_rows(events: list[Event]) -> pd.DataFrame:
    """Rows of `events`, marked as ours."""
    names = ["lake_key", "date", "kind", "evidence", "source"]
    made = pd.DataFrame([[getattr(event, name) for name in names] for event in events], columns=names, dtype=object)
    return made.assign(origin=ORIGIN)
