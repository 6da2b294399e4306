"""From a layer's rows to observations: one lake, one date, one area, with an outline or without; and what is set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.cache import fingerprint
from data.errors import InputError
from data.importing import columns as names
from data.importing.dating import Dating, add_dates
from data.importing.faults import Faults, numeric, text
from data.importing.frames import chosen, column, numbers, objects
from data.importing.geometry import areas_and_perimeters, centres, has_outlines, is_outline, mended, with_footprints
from data.importing.options import ImportOptions, Refusal, shown
from data.readers.layer import Layer
from data.records import Season

LABELS = ("name", "basin", "sub_basin", "dam_type")
ELEVATIONS = (-500.0, 9000.0)
LARGEST_KM2 = 1e6
WARNINGS_SHOWN = 3


@dataclass(frozen=True)
class Observed:
    """The observations of one layer.

    Args:
        rows: One row an observation: file, row, source, epoch, date, date_nominal, date_image, sensor, pixel_m, lake_id, name, basin,
            sub_basin, dam_type, elevation_m, lon, lat, geometry (shapely, None without outline), footprint (equal-area plane), area_km2,
            perimeter_km, area_reported_km2, area_sd_km2, record (digest of what the row says).
        extra: The columns that were not recognised, same index.
        refused: Rows that cannot be used.
        notes: What a reader of the report should know: the words, and the file that they are about.
        mended: Outlines that had to be mended, as (file, row).
    """

    rows: pd.DataFrame
    extra: pd.DataFrame
    refused: list[Refusal]
    notes: list[tuple[str, str]]
    mended: list[tuple[str, int]]


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
    faults, file = Faults(layer), shown(layer.file)
    rows = pd.DataFrame({"file": file, "row": layer.row_numbers, "source": _source_names(layer, roles, source)})
    fixed = _add_outlines(rows, faults)
    _add_places(rows, roles, faults)
    _add_labels(rows, roles, faults)
    notes = [*_warnings(layer), *_add_areas(rows, roles, faults, options)]
    add_dates(rows, faults, roles, Dating(season, day, options.dates == "image", options.sensors))
    extra = _unrecognised(layer, roles)
    rows["record"] = _records(rows, extra)
    good = faults.good
    kept = [(file, int(row)) for row in layer.row_numbers[fixed & good]]
    return Observed(with_footprints(chosen(rows, good)), chosen(extra, good), faults.refusals(), [(note, file) for note in notes], kept)


def _source_names(layer: Layer, roles: dict[str, str], source: str) -> list[str]:
    """The inventory of each row: of the column that the user names, where it says one."""
    told = [text(cell) for cell in column(layer.frame, roles["source"])] if "source" in roles else [""] * len(layer.frame)
    return [name or source for name in told]


def _warnings(layer: Layer) -> list[str]:
    """What the reading library complained of; of many the first three."""
    more = len(layer.warnings) - WARNINGS_SHOWN
    return [*layer.warnings[:WARNINGS_SHOWN], *([f"and {more:,} more warnings of this kind"] if more > 0 else [])]


def _add_outlines(rows: pd.DataFrame, faults: Faults) -> NDArray[np.bool_]:
    """Add outlines, their centroids, areas and perimeters. Returns which outlines had to be mended."""
    shapes = faults.layer.shapes
    fixed = np.zeros(len(rows), dtype=bool)
    if shapes is None:
        shapes = np.full(len(rows), None, dtype=object)
    else:
        shapes, fixed, why = mended(shapes)
        faults.add(np.array([w is not None for w in why], dtype=bool), "geometry", [w for w in why if w is not None])
    middle = centres(shapes)
    rows["lon"], rows["lat"] = shapely.get_x(middle), shapely.get_y(middle)
    outlines = shapes.copy()
    outlines[~is_outline(shapes)] = None
    rows["geometry"] = outlines
    areas, rows["perimeter_km"] = areas_and_perimeters(outlines)
    own = faults.layer.areas_km2
    rows["area_km2"] = areas if own is None else np.where(np.isnan(areas) | fixed, areas, own)
    return fixed


def _add_places(rows: pd.DataFrame, roles: dict[str, str], faults: Faults) -> None:
    """Add the file's own longitude and latitude where it has no geometries."""
    layer = faults.layer
    if layer.shapes is not None or not {"lon", "lat"} <= roles.keys():
        return
    for role, what, limit in (("lon", "longitude", 180), ("lat", "latitude", 90)):
        cells = column(layer.frame, roles[role])
        degrees = numeric(cells)
        written = np.array([text(cell) != "" for cell in cells], dtype=bool)
        faults.add(written & ~(np.abs(degrees) <= limit), roles[role], f"it is not a {what} within ±{limit}")
        rows[role] = degrees


def _add_labels(rows: pd.DataFrame, roles: dict[str, str], faults: Faults) -> None:
    """Add lake_id, name, basins, type and elevation. Raises InputError where nothing tells the lakes apart."""
    layer = faults.layer
    for role in ("lake_id", *LABELS):
        texts = [text(cell) for cell in column(layer.frame, roles[role])] if role in roles else [layer.facts.get(role, "")] * len(rows)
        rows[role] = np.array([t or None for t in texts], dtype=object)
    height = numeric(column(layer.frame, roles["elevation_m"])) if "elevation_m" in roles else np.full(len(rows), np.nan)
    rows["elevation_m"] = np.where((height >= ELEVATIONS[0]) & (height <= ELEVATIONS[1]), height, np.nan)
    nameless, placeless = np.array([label is None for label in objects(rows, "lake_id")], dtype=bool), np.isnan(numbers(rows, "lon"))
    if layer.shapes is None and (nameless & placeless).all():
        raise InputError(
            f"{layer.file}: no column tells which lake a row is about (columns: {names.listed(layer.frame)})",
            "name the id's column with --id, or longitude and latitude with --lon and --lat",
        )
    faults.add(nameless & placeless, roles.get("lake_id", ""), "neither an id nor a place tells the lake")


def _add_areas(rows: pd.DataFrame, roles: dict[str, str], faults: Faults, options: ImportOptions) -> list[str]:
    """Add areas: of the outlines, else the file's; the file's own are kept beside, and its standard deviations. Returns notes."""
    layer, geometric = faults.layer, numbers(rows, "area_km2")
    outlined = has_outlines(layer.shapes)
    rows["area_reported_km2"], rows["area_sd_km2"] = np.nan, np.nan
    if "area" not in roles:
        if outlined:
            return []
        raise InputError(
            f"{layer.file}: neither outlines nor a column of areas (columns: {names.listed(layer.frame)})", "name it with --area-column"
        )
    name = roles["area"]
    reported = numeric(column(layer.frame, name))
    if outlined and np.isnan(reported).mean() > 0.5:
        return [f"column {name} is empty in most rows, so it is not compared with the outlines"]
    faults.add(np.isnan(reported), name, "the area is missing or not a number")
    faults.add(reported < 0, name, "the area is negative")
    unit, how = (options.area_unit, "as given") if options.area_unit else names.area_unit(name, reported, geometric if outlined else None)
    scale = names.UNITS[unit]
    rows["area_reported_km2"] = reported * scale
    areas = np.where(np.isnan(geometric), reported * scale, geometric)
    rows["area_km2"] = areas
    faults.add(areas > LARGEST_KM2, name, "the area is larger than that of any lake (check --area-unit)")
    if "area_sd" in roles:
        sd = numeric(column(layer.frame, roles["area_sd"])) * scale
        rows["area_sd_km2"] = np.where(sd >= 0, sd, np.nan)
    return [] if unit == "km2" and how != "assumed" else [f"column {name} is read as {unit} ({how})"]


def _unrecognised(layer: Layer, roles: dict[str, str]) -> pd.DataFrame:
    """The columns that no table of ours has a place for; a place that an outline already tells is among them."""
    kept = {"scene_id", "window_first", "window_last"} | ({"lon", "lat"} if layer.shapes is not None else set[str]())
    used = {name for role, name in roles.items() if role not in kept}
    return layer.frame.loc[:, [str(name) not in used for name in layer.frame.columns]].rename(columns=str)


def _records(rows: pd.DataFrame, extra: pd.DataFrame) -> list[str]:
    """A digest of what each row says: equal rows of two files, whatever their formats, have equal digests."""
    said = [*(column(rows, name) for name in ("lake_id", *LABELS, "elevation_m", "lon", "lat", "area_reported_km2", "area_sd_km2"))]
    said += [column(extra, name) for name in sorted(extra.columns)]
    cells = zip(*([text(cell) for cell in values] for values in said), strict=True)
    drawn = [b"" if shape is None else shapely.to_wkb(shape, byte_order=1) for shape in objects(rows, "geometry")]
    names_said = "\x1f".join(sorted(extra.columns))
    return [fingerprint(names_said, "\x1f".join(values), outline)[:16] for values, outline in zip(cells, drawn, strict=True)]
