"""From a file's rows to observations: one lake, one date, one area, with an outline or without; and what is set aside."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import shapely

from data.cache import fingerprint
from data.errors import InputError
from data.importing import columns as names
from data.importing import dates
from data.importing.geometry import areas_and_perimeters, footprints, mended
from data.importing.options import ImportOptions, Refusal, shown
from data.readers.layer import Layer
from data.records import Season

LABELS = ("name", "basin", "sub_basin", "dam_type")


@dataclass(frozen=True)
class Observed:
    """The observations of one layer.

    Args:
        rows: One row an observation: file, row, source, epoch, date, date_nominal, date_image, sensor, pixel_m, lake_id, name, basin,
            sub_basin, dam_type, elevation_m, lon, lat, geometry (shapely, None without outline), footprint (equal-area plane), area_km2,
            perimeter_km, area_reported_km2, area_sd_km2, record (digest of what the row says).
        extra: The columns that were not recognised, same index.
        refused: Rows that cannot be used.
        notes: What a reader of the report should know, in sentences.
        mended: Outlines that had to be mended, as (file, row).
        read_km2: Total area of all readable outlines.
    """

    rows: pd.DataFrame
    extra: pd.DataFrame
    refused: list[Refusal]
    notes: list[str]
    mended: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])


class _Faults:
    """The first fault of each row."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.found: dict[int, tuple[str, str]] = {}

    def add(self, bad: np.ndarray, column: str, reason: str | list[str]) -> None:
        for n, row in enumerate(np.flatnonzero(bad)):
            self.found.setdefault(int(row), (column, reason if isinstance(reason, str) else reason[n]))

    def refusals(self) -> list[Refusal]:
        cells = self.layer.frame
        return [
            Refusal(shown(self.layer.file), row + 1, column, reason, _row_json(cells, row))
            for row, (column, reason) in sorted(self.found.items())
        ]


def _row_json(frame: pd.DataFrame, row: int) -> str:
    return json.dumps({str(name): _text(value) for name, value in frame.iloc[row].items()}, ensure_ascii=False)


def _text(value: Any) -> str:
    """A cell as text that does not depend on the format it was read from: 2000, 2000.0 and "2000" are one."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | float | np.number):
        return f"{float(value):.12g}"
    return str(value).strip()


def observed(layer: Layer, options: ImportOptions, season: Season | None, day: date | int | None, source: str) -> Observed:
    """The observations of one layer.

    Args:
        layer: As read.
        options: What the user says.
        season: The dataset's, whose middle stands for a bare year.
        day: From `--date`; None to look at the columns and the file's name.
        source: Name of the inventory.

    Raises:
        InputError: No column tells the lakes, the areas or the dates.
    """
    roles = names.recognised(layer.frame, options.columns, layer.file)
    faults, notes = _Faults(layer), list[str]()
    rows = pd.DataFrame(index=layer.frame.index)
    rows["file"], rows["row"], rows["source"] = shown(layer.file), np.arange(1, len(rows) + 1), source
    fixed = _add_geometry(rows, layer, roles, faults)
    _add_lakes(rows, layer, roles, faults)
    _add_areas(rows, layer, roles, faults, options, notes)
    _add_dates(rows, layer, roles, faults, options, season, day)
    used = {
        roles[r]
        for r in roles
        if r not in {"scene_id", "window_first", "window_last"} and (r not in {"lon", "lat"} or not _has_outlines(layer))
    }
    extra = layer.frame[[name for name in layer.frame.columns if str(name) not in used]].copy()
    rows["record"] = _records(rows, extra)
    good = np.ones(len(rows), dtype=bool)
    good[list(faults.found)] = False
    kept, kept_extra = rows[good].copy(), extra[good].copy()
    kept["footprint"] = footprints(
        *(kept[c].to_numpy(dtype=t) for c, t in (("geometry", object), ("lon", float), ("lat", float), ("area_km2", float)))
    )
    mended_rows = [(shown(layer.file), int(row) + 1) for row in np.flatnonzero(fixed & good)]
    return Observed(kept, kept_extra, faults.refusals(), notes, mended_rows)


def _has_outlines(layer: Layer) -> bool:
    return layer.shapes is not None and bool(np.isin(shapely.get_type_id(layer.shapes), (3, 6)).any())


def _number(values: pd.Series) -> np.ndarray:
    """Numbers as floats; a decimal comma is understood where every number has one at most and none a point."""
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        text = values.astype("str").str.strip()
        if text.str.contains(",", na=False).any() and not text.str.contains(".", regex=False, na=False).any():
            values = text.str.replace(",", ".")
    return pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _add_geometry(rows: pd.DataFrame, layer: Layer, roles: dict[str, str], faults: _Faults) -> np.ndarray:
    """Outline, longitude and latitude (of the outline's centroid, or the file's), area and perimeter. Returns which were mended."""
    shapes = layer.shapes if layer.shapes is not None else np.full(len(rows), None, dtype=object)
    fixed = np.zeros(len(rows), dtype=bool)
    if layer.shapes is not None:
        shapes, fixed, why = mended(shapes)
        faults.add(np.array([w is not None for w in why], dtype=bool), "geometry", [w for w in why if w is not None])
    types = shapely.get_type_id(shapes)
    middle = shapely.centroid(shapes)
    rows["lon"], rows["lat"] = shapely.get_x(middle), shapely.get_y(middle)
    if layer.shapes is None and "lon" in roles and "lat" in roles:
        for role, limit in (("lon", 180), ("lat", 90)):
            rows[role] = _number(layer.frame[roles[role]])
            written = layer.frame[roles[role]].notna().to_numpy()
            bad = written & ~(np.abs(rows[role].to_numpy()) <= limit)
            faults.add(bad, roles[role], f"it is not a {'longitude' if role == 'lon' else 'latitude'} within ±{limit}")
    outline = np.isin(types, (3, 6))
    rows["geometry"] = np.where(outline, shapes, None)
    rows["area_km2"], rows["perimeter_km"] = areas_and_perimeters(rows["geometry"].to_numpy(dtype=object))
    return fixed


def _add_lakes(rows: pd.DataFrame, layer: Layer, roles: dict[str, str], faults: _Faults) -> None:
    frame = layer.frame
    ids = frame[roles["lake_id"]].map(_text) if "lake_id" in roles else pd.Series(layer.facts.get("lake_id", ""), index=frame.index)
    rows["lake_id"] = _labels(ids)
    for role in LABELS:
        rows[role] = _labels(frame[roles[role]].map(_text)) if role in roles else None
    height = _number(frame[roles["elevation_m"]]) if "elevation_m" in roles else np.full(len(rows), np.nan)
    rows["elevation_m"] = np.where(np.abs(height - 4250) <= 4750, height, np.nan)
    if rows["lake_id"].isna().all() and layer.shapes is None and rows["lon"].isna().all():
        raise InputError(
            f"{layer.file}: no column tells which lake a row is about (columns: {_listed(frame)})",
            "name the id's column with --id, or give longitude and latitude with --lon and --lat",
        )
    faults.add(
        (rows["lake_id"].isna() & rows["lon"].isna()).to_numpy(), roles.get("lake_id", ""), "neither an id nor a place tells the lake"
    )


def _labels(texts: pd.Series) -> np.ndarray:
    return np.array([text or None for text in texts], dtype=object)


def _listed(frame: pd.DataFrame) -> str:
    listed = ", ".join(map(str, frame.columns[:20]))
    return listed + (" …" if len(frame.columns) > 20 else "") if listed else "none"


def _add_areas(rows: pd.DataFrame, layer: Layer, roles: dict[str, str], faults: _Faults, options: ImportOptions, notes: list[str]) -> None:
    """Areas from outlines, else from the file's column; the column's own value is kept beside."""
    geometric, outlined = rows["area_km2"].to_numpy(dtype=float), _has_outlines(layer)
    rows["area_reported_km2"], rows["area_sd_km2"] = np.nan, np.nan
    if "area" not in roles:
        if not outlined:
            raise InputError(
                f"{layer.file}: neither outlines nor a column of areas (columns: {_listed(layer.frame)})", "name it with --area-column"
            )
        return
    column = roles["area"]
    reported = _number(layer.frame[column])
    if outlined and np.isnan(reported).mean() > 0.5:
        notes.append(f"{shown(layer.file)}: column {column} is empty in most rows, so it is not compared with the outlines")
        return
    faults.add(np.isnan(reported), column, "the area is missing or not a number")
    faults.add(reported < 0, column, "the area is negative")
    unit, how = (options.area_unit, "as given") if options.area_unit else names.area_unit(column, reported, geometric if outlined else None)
    scale = names.UNITS[unit]
    if how == "assumed":
        notes.append(f"{shown(layer.file)}: {column} is taken as km² (say otherwise with --area-unit)")
    elif unit != "km2":
        notes.append(f"{shown(layer.file)}: {column} is in {unit} ({how})")
    rows["area_reported_km2"] = reported * scale
    rows["area_km2"] = np.where(np.isnan(geometric), reported * scale, geometric)
    faults.add(rows["area_km2"].to_numpy() > 1e6, column, "the area is larger than any lake (check --area-unit)")
    if "area_sd" in roles:
        sd = _number(layer.frame[roles["area_sd"]]) * scale
        rows["area_sd_km2"] = np.where(sd >= 0, sd, np.nan)


def _add_dates(
    rows: pd.DataFrame,
    layer: Layer,
    roles: dict[str, str],
    faults: _Faults,
    options: ImportOptions,
    season: Season | None,
    given: date | int | None,
) -> None:
    """The epoch of each row, its date, whether that is nominal, and the acquisition day where a scene id tells it."""
    days, column = _stated(layer, roles, given)
    missing = np.array([d is None for d in days], dtype=bool)
    faults.add(missing, column, "the date is missing or cannot be read (write YYYY-MM-DD or a year)")
    nominal = np.array([isinstance(d, int) for d in days], dtype=bool)
    epoch = [dates.season_middle(d, season) if isinstance(d, int) else d for d in days]
    middles = _window_middles(layer, roles)
    epoch = [m if isinstance(d, int) and m else e for d, e, m in zip(days, epoch, middles, strict=True)]
    scenes = [dates.scene(v) for v in layer.frame[roles["scene_id"]]] if "scene_id" in roles else [None] * len(rows)
    image = [s.day if s else None for s in scenes]
    use_image = np.array([options.dates == "image" and i is not None for i in image], dtype=bool)
    rows["epoch"] = np.array(epoch, dtype=object)
    rows["date"] = np.array([i if use else e for e, i, use in zip(epoch, image, use_image, strict=True)], dtype=object)
    rows["date_nominal"] = nominal & ~use_image
    rows["date_image"] = np.array(image, dtype=object)
    rows["sensor"] = np.array([s.sensor if s else None for s in scenes], dtype=object)
    rows["pixel_m"] = np.array([s.pixel_m if s and s.pixel_m else np.nan for s in scenes], dtype=float)


def _stated(layer: Layer, roles: dict[str, str], given: date | int | None) -> tuple[list[date | int | None], str]:
    """What tells the date: --date, a column of dates, a column of years, the file's name; in this order."""
    if given is not None:
        return [given] * len(layer.frame), ""
    for role in ("date", "year"):
        if role in roles:
            return [dates.day_or_year(v) for v in layer.frame[roles[role]]], roles[role]
    try:
        named = dates.named_date(layer.stem)
    except ValueError as error:
        raise InputError(
            f"{layer.file}: its name holds several dates ({error})", "say which with --date YEAR or --date YYYY-MM-DD"
        ) from error
    if named is None:
        raise InputError(
            f"{layer.file}: no date, neither in a column (columns: {_listed(layer.frame)}) nor in the file's name",
            "give --date YEAR or --date YYYY-MM-DD, or name the column with --date-column",
        )
    return [named] * len(layer.frame), ""


def _window_middles(layer: Layer, roles: dict[str, str]) -> list[date | None]:
    """The middle of the days that a composite was made from, for rows that tell its first and last day."""
    if "window_first" not in roles or "window_last" not in roles:
        return [None] * len(layer.frame)
    pairs = zip(*(map(dates.day_or_year, layer.frame[roles[r]]) for r in ("window_first", "window_last")), strict=True)
    return [a + timedelta(days=(b - a).days // 2) if isinstance(a, date) and isinstance(b, date) and a <= b else None for a, b in pairs]


def _records(rows: pd.DataFrame, extra: pd.DataFrame) -> list[str]:
    """A digest of what each row says: equal rows of two files, whatever the formats, have equal digests."""
    said = rows[["lake_id", *LABELS, "elevation_m", "area_reported_km2", "area_sd_km2"]].join(
        extra.rename(columns=str), rsuffix=" of the file"
    )
    cells = [said[name].map(_text).tolist() for name in said.columns]
    shapes = rows["geometry"].to_numpy(dtype=object)
    drawn = [b"" if s is None else shapely.to_wkb(shapely.set_precision(s, 0), byte_order=1) for s in shapes]
    head = "\x1f".join(map(str, said.columns))
    return [fingerprint(head, "\x1f".join(values), drawn[n])[:16] for n, values in enumerate(zip(*cells, strict=True))]
