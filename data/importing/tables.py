"""From matched observations to the tables of a dataset, and back from the tables to observations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from data import schema
from data.geo_tables import geo_table
from data.importing.changes import Event
from data.importing.geometry import footprints

AREA_EXTRA = ("epoch", "record")
OUTLINE_EXTRA = ("lake_id", "area_reported_km2")
LAKE_COLUMNS = ("lake_id", "name", "basin", "sub_basin", "lon", "lat", "elevation_m", "dam_type", "geometry")
RESERVED = {name for table in ("lakes", "outlines", "areas") for name in schema.TABLES[table].columns} | {*AREA_EXTRA, *OUTLINE_EXTRA}
"""Names that an input's own column cannot have; such a column gets the suffix `_input`."""

ORIGIN = "import"
"""Events whose column `origin` says this are worked out anew by every import; others are left alone."""


def typed(values: pd.Series, kind: pa.DataType | None) -> pa.Array:
    """A column as Arrow: of the schema's type, or, where there is none, numbers, truth values, dates or text, whichever holds every value."""
    cells = [None if _absent(v) else v for v in values]
    if kind is not None:
        return pa.array(cells, type=kind)
    present = [v for v in cells if v is not None]
    if present and all(isinstance(v, bool | np.bool_) for v in present):
        return pa.array(cells, type=pa.bool_())
    if present and all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in present):
        return pa.array(cells, type=pa.int64())
    if present and all(isinstance(v, int | float | np.number) and not isinstance(v, bool | np.bool_) for v in present):
        numbers = [None if v is None else float(v) for v in cells]
        whole = all(v is None or (v.is_integer() and abs(v) < 2**53) for v in numbers)
        return pa.array([None if v is None else int(v) for v in numbers] if whole else numbers, type=pa.int64() if whole else pa.float64())
    return pa.array([None if v is None else str(v) for v in cells], type=pa.string())


def _absent(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float | np.floating) and bool(np.isnan(value)))


def arrow(frame: pd.DataFrame, table: str) -> pa.Table:
    """A frame as a table of that name: the schema's columns first, all others after them by name."""
    kinds = {name: column.type for name, column in schema.TABLES[table].columns.items()} | {"epoch": pa.date32(), "record": pa.string()}
    known = list(schema.TABLES[table].columns)
    others = sorted(str(name) for name in frame.columns if name not in known)
    return pa.table({name: typed(frame[name], kinds.get(name)) for name in [*known, *others]})


def frame(table: pa.Table) -> pd.DataFrame:
    """A table as a frame of plain Python values, so that nothing changes type on its way back."""
    return pd.DataFrame({name: pd.Series(table.column(name).to_pylist(), dtype=object) for name in table.column_names})


def known_observations(held: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The dataset's own observations in the form of `observations.Observed.rows`, with lake_key.

    Areas of segmenters (they have a threshold) are left out: they are not inventories. Areas that no import made have no epoch
    of their own: their date is it.
    """
    areas = held["areas"]
    rows = areas[areas["threshold"].isna()].copy()
    for name in AREA_EXTRA:
        rows[name] = rows[name] if name in rows.columns else None
    rows["epoch"] = rows["epoch"].where(rows["epoch"].notna(), rows["date"])
    drawn = held["outlines"].drop_duplicates(["lake_key", "date", "source"])
    wanted = [name for name in ("lake_key", "date", "source", "geometry", "perimeter_km", *OUTLINE_EXTRA) if name in drawn.columns]
    rows = rows.merge(drawn[wanted], on=["lake_key", "date", "source"], how="left")
    place = held["lakes"].set_index("lake_key")
    labels = rows["lake_key"].map(place["lake_id"])
    rows["lake_id"] = rows["lake_id"].where(rows["lake_id"].notna(), labels) if "lake_id" in rows.columns else labels
    rows["lake_id"] = np.array([None if _absent(v) else v for v in rows["lake_id"]], dtype=object)
    rows["geometry"] = shapely.from_wkb(np.array([None if _absent(v) else v for v in rows["geometry"]], dtype=object))
    middle = shapely.centroid(rows["geometry"].to_numpy(dtype=object))
    for name, of in (("lon", shapely.get_x), ("lat", shapely.get_y)):
        own = of(middle)
        rows[name] = np.where(np.isnan(own), rows["lake_key"].map(place[name]).astype(float), own)
    rows["area_km2"] = rows["area_km2"].astype(float)
    rows["area_sd_km2"] = rows["area_sd_km2"].astype(float)
    rows["footprint"] = footprints(
        *(rows[c].to_numpy(dtype=t) for c, t in (("geometry", object), ("lon", float), ("lat", float), ("area_km2", float)))
    )
    return rows


def area_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `areas` for observations. An area of 0 has the reason `empty`: it has no logarithm."""
    new = rows[["lake_key", "date", "source", "area_km2", "area_sd_km2", "sensor", "date_nominal", "date_image", *AREA_EXTRA]].copy()
    new["threshold"], new["valid_share"], new["scene_key"] = None, None, None
    new["reason"] = np.where(new["area_km2"] > 0, "ok", "empty")
    return new.astype(object)


def outline_rows(rows: pd.DataFrame, extra: pd.DataFrame, first_key: int) -> pd.DataFrame:
    """Rows of `outlines` for the observations that have one, with the columns of the input that were not recognised."""
    drawn = rows[~shapely.is_missing(rows["geometry"].to_numpy(dtype=object))]
    new = drawn[["lake_key", "date", "source", "area_km2", "perimeter_km", *OUTLINE_EXTRA]].copy().astype(object)
    new["geometry"] = pd.Series(
        list(shapely.to_wkb(drawn["geometry"].to_numpy(dtype=object), byte_order=1)), index=drawn.index, dtype=object
    )
    new["outline_key"] = np.arange(first_key, first_key + len(new))
    return new.join(extra.loc[drawn.index].astype(object))


def lake_rows(old: pd.DataFrame, old_epochs: pd.Series, rows: pd.DataFrame, extra: pd.DataFrame, new_wins: bool) -> pd.DataFrame:
    """`lakes`: for every column the newest value that is not empty.

    Args:
        old: The lakes of the dataset so far.
        old_epochs: The newest epoch behind each of them, by lake_key.
        rows: Observations that are added, with lake_key.
        extra: Their unrecognised columns.
        new_wins: Whether of two values of one epoch the added one is taken.
    """
    new = rows[["lake_key", "epoch", *LAKE_COLUMNS]].astype(object).copy()
    drawn = rows["geometry"].to_numpy(dtype=object)
    new["geometry"] = pd.Series(list(shapely.to_wkb(drawn, byte_order=1)), index=rows.index, dtype=object)
    new = new.join(extra.astype(object)).assign(rank=0 if new_wins else 1)
    held = old.assign(epoch=old["lake_key"].map(old_epochs), rank=1 if new_wins else 0).astype(object)
    everything = pd.concat([held, new], ignore_index=True)
    everything["when"] = [d.toordinal() if not _absent(d) else 0 for d in everything["epoch"]]
    everything = everything.sort_values(["lake_key", "when", "rank"], ascending=[True, False, True], kind="stable")
    return everything.drop(columns=["epoch", "rank", "when"]).groupby("lake_key", sort=True).first().reset_index()


def event_rows(events: list[Event]) -> pd.DataFrame:
    """Rows of `events`, marked as ours."""
    columns = ["lake_key", "date", "kind", "evidence", "source"]
    made = pd.DataFrame([[getattr(event, name) for name in columns] for event in events], columns=columns, dtype=object)
    return made.assign(origin=ORIGIN)


def sealed(frames: dict[str, pd.DataFrame]) -> dict[str, pa.Table]:
    """The tables as they are written: rows in their own order, GeoParquet metadata where there are outlines."""
    order = {
        "lakes": ["lake_key"], "outlines": ["outline_key"], "areas": ["lake_key", "source", "date"], "events": ["lake_key", "date", "kind", "evidence"],
    }  # fmt: skip
    tables: dict[str, pa.Table] = {}
    for name, keys in order.items():
        table = arrow(frames[name].sort_values(keys, kind="stable", ignore_index=True), name)
        tables[name] = geo_table(table) if "geometry" in table.column_names else table
    return tables
