"""Lakes with their statistics as a file that other programs read, labelled with where it came from.

Settings, digest and citation travel as columns, the same on every row and in every format: comment lines break readers, and
metadata is lost at the first conversion.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from data.at_once import at_once
from data.cache import write_atomic, write_table
from data.errors import InputError
from data.flags.listed import NAMES as FLAG_NAMES
from data.flags.listed import listed
from data.records import TrendSettings, TrendTable
from data.schema import TABLES

if TYPE_CHECKING:
    import geopandas
    from numpy.typing import NDArray

    from data.store import Store

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
RESERVED = ("fid", "ogc_fid", "geom", "geometry")
"""Names that GeoPackage, or we, use for something else."""


def provenance(store: Store, table: TrendTable) -> dict[str, Any]:
    """Where a trend table comes from, as the columns that an export carries on every row."""
    return {
        "dataset": store.meta.title, "simulated": store.meta.simulated, "dataset_digest": store.digest,
        "settings": table.settings.token, "family": table.family, "licence": store.meta.licence, "citation": store.meta.citation,
    }  # fmt: skip


def export_frame(store: Store, table: TrendTable, lake_keys: Sequence[int] | None = None) -> pd.DataFrame:
    """One row a lake: what the dataset says of it, its newest area from the source in use, its triage, its flags, and every statistic.

    An input column whose name is taken gets `_input` appended; names are compared without regard to case, as GeoPackage does.
    Of more lakes than `data.at_once.MOST` triage and flags are there only where they are kept already.

    Args:
        store: The dataset.
        table: Its trend table.
        lake_keys: The lakes in the order wanted; None for all, by key.

    Raises:
        InputError: A key is not in the dataset.
    """
    rows = _rows(store, lake_keys)
    ours = (*table.frame.columns, *provenance(store, table), *NEWEST, *FLOODS, *TRIAGE, *FLAG_NAMES, *RESERVED)
    taken = {name.lower() for name in (*TABLES["lakes"].columns, *ours)}
    names: dict[str, str] = {}
    for name in store.extra_columns:
        fresh = name
        while fresh.lower() in taken:
            fresh += "_input"
        taken.add(fresh.lower())
        names[name] = fresh
    joined = store.lakes.iloc[rows].rename(columns=names).set_index("lake_key")
    for part in (_newest(store, table.settings, rows), _floods(store, rows), _triage(store, table.settings), _flags(store, table.settings)):
        joined = joined if part is None else joined.join(part)
    statistics = table.frame.drop(columns=["lake_id", "lake_key"]).iloc[rows]
    return pd.concat([joined.reset_index(), statistics.reset_index(drop=True)], axis=1)


NEWEST = ("newest_area_km2", "newest_date")
TRIAGE = ("triage", "triage_why")
FLOODS = ("floods", "last_flood")
"""Recorded outburst floods, and when the last one was in words; only where records of floods were brought."""


def _newest(store: Store, settings: TrendSettings, rows: NDArray[np.intp]) -> pd.DataFrame:
    """The newest area that was seen well, by lake_key; of lakes between the first and the last of these."""
    areas = store.area_rows_of(store.lake_keys[np.sort(rows)[[0, -1]]] if len(rows) else store.lake_keys[:0], settings)
    good = areas.loc[(areas["reason"] == "ok") & (areas["area_km2"] > 0)]
    last = good.loc[~good["lake_key"].duplicated(keep="last")].set_index("lake_key")
    return pd.DataFrame({NEWEST[0]: last["area_km2"], NEWEST[1]: last["date"].dt.strftime("%Y-%m-%d")})


def _triage(store: Store, settings: TrendSettings) -> pd.DataFrame | None:
    """TRIAGE, by lake_key; None where there are too many lakes to work it out."""
    held = store.triage(settings) if at_once(len(store.lakes)) else store.triage.held(settings)
    return None if held is None else held.set_index("lake_key").set_axis(list(TRIAGE), axis=1).astype("str")


def _flags(store: Store, settings: TrendSettings) -> pd.DataFrame | None:
    """Flags, by lake_key; None where there are too many lakes to look for them."""
    held = store.flags(settings) if at_once(len(store.lakes)) else store.flags_held(settings)
    return None if held is None else listed(held)


def _floods(store: Store, rows: NDArray[np.intp]) -> pd.DataFrame | None:
    """FLOODS, by lake_key; None where no flood is known."""
    if not store.floods.burst.any():
        return None
    held = store.floods.last.iloc[np.unique(rows)].set_index("lake_key")
    words = held["flood_words"].where(held["floods"] > 0, None)
    return pd.DataFrame({FLOODS[0]: held["floods"], FLOODS[1]: words})


def _rows(store: Store, lake_keys: Sequence[int] | None) -> NDArray[np.intp]:
    if lake_keys is None:
        return np.arange(len(store.lake_keys))
    found = [(key, store.row_of(int(key))) for key in lake_keys]
    unknown = [str(key) for key, row in found if row is None]
    if unknown:
        raise InputError(f"the dataset has no lake_key {', '.join(unknown[:10])}", "name keys of its lakes table")
    return np.array([row for _, row in found], dtype=np.intp)


def export_geometry(store: Store, lake_keys: Sequence[int] | None = None) -> list[bytes | None]:
    """WKB (lon/lat) for the rows of `export_frame`: the newest outline, else the lake's point, else nothing."""
    import shapely  # noqa: PLC0415

    rows = _rows(store, lake_keys)
    points = store.lakes[["lon", "lat"]].to_numpy(dtype=float)[rows]
    placed = [None if np.isnan(point).any() else shapely.to_wkb(shapely.Point(point)) for point in points]
    return [store.newest_outlines[row] or point for row, point in zip(rows.tolist(), placed, strict=True)]


def write_export(
    frame: pd.DataFrame, geometry: Sequence[bytes | None] | None, format: str, path: Path, provenance: Mapping[str, Any]
) -> None:
    """Write the rows atomically, with the provenance as further columns.

    Args:
        frame: N rows; text in it may be anything: in CSV, what a spreadsheet would take for a formula is made harmless.
        geometry: (N,) WKB in longitude/latitude; None leaves it out. CSV never carries it.
        format: A key of FORMATS.
        path: The file to write; one that is there is replaced.
        provenance: What `provenance` gives.

    Raises:
        InputError: The format is unknown, or is `gpkg` or `geojson` and there is no geometry.
    """
    if format not in FORMATS:
        raise InputError(f"export format {format!r} is unknown", f"use one of {', '.join(FORMATS)}")
    if format in {"gpkg", "geojson"} and geometry is None:
        raise InputError(f"{format} needs geometries", "use csv or parquet")
    labelled = frame.assign(**provenance)
    write_atomic(path, lambda temporary: FORMATS[format](labelled, geometry, temporary))


def neutralised(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with text cells and column names that a spreadsheet would run as formulas prefixed by an apostrophe; numbers untouched."""
    text = [name for name in frame.columns if not _harmless(frame[name].dtype)]
    safe = frame.assign(**{name: frame[name].map(_quoted) for name in text})
    return safe.rename(columns=_quoted)


def _harmless(kind: Any) -> bool:
    return pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)


def _quoted(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _write_csv(frame: pd.DataFrame, geometry: Sequence[bytes | None] | None, path: Path) -> None:
    neutralised(_plain(frame)).to_csv(path, index=False)


def _write_parquet(frame: pd.DataFrame, geometry: Sequence[bytes | None] | None, path: Path) -> None:
    from data.geo_tables import geo_table  # noqa: PLC0415

    rows = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    write_table(path, rows if geometry is None else geo_table(rows.append_column("geometry", pa.array(geometry, pa.binary()))))


def _write_ogr(frame: pd.DataFrame, geometry: Sequence[bytes | None], path: Path, suffix: str, **options: Any) -> None:
    """Through GDAL, which wants a file of its own with the right suffix and that does not exist yet."""
    own = path.with_name(path.name + suffix)
    try:
        _located(frame, geometry).to_file(own, engine="pyogrio", **options)
        os.replace(own, path)
    finally:
        own.unlink(missing_ok=True)


def append_geopackage(frame: pd.DataFrame, geometry: Sequence[bytes | None], path: Path, provenance: Mapping[str, Any]) -> None:
    """Add rows to a GeoPackage of `write_export`, which has the same columns."""
    _located(frame.assign(**provenance), geometry).to_file(path, engine="pyogrio", driver="GPKG", layer="lakes", mode="a")


def _located(frame: pd.DataFrame, geometry: Sequence[bytes | None]) -> geopandas.GeoDataFrame:
    import geopandas  # noqa: PLC0415

    shapes = geopandas.GeoSeries.from_wkb(pd.Series(list(geometry), dtype=object), crs="EPSG:4326")
    return geopandas.GeoDataFrame(_plain(frame), geometry=shapes)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of numbers, times and text only: anything else as its text, what is missing still missing."""
    texts = {
        name: frame[name].astype(object).where(frame[name].notna(), None).map(lambda cell: cell if cell is None else str(cell))
        for name in frame.columns
        if not _harmless(frame[name].dtype)
    }
    return frame.assign(**texts)


FORMATS: dict[str, Callable[[pd.DataFrame, Any, Path], None]] = {
    "csv": _write_csv,
    "geojson": lambda frame, geometry, path: _write_ogr(frame, geometry, path, ".geojson", driver="GeoJSON", layer="lakes", RFC7946="YES"),
    "gpkg": lambda frame, geometry, path: _write_ogr(frame, geometry, path, ".gpkg", driver="GPKG", layer="lakes"),
    "parquet": _write_parquet,
}
