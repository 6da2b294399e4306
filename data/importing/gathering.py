"""From the layers of all files to one table of observations: sources, dates, season, mapping error, duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from os.path import commonprefix

import numpy as np
import pandas as pd

from data.errors import InputError
from data.importing import dates
from data.importing.observations import Observed, observed
from data.importing.options import ImportOptions, Refusal
from data.importing.tables import RESERVED
from data.readers import Layer
from data.records import DatasetMeta, Season

IN_SEASON = 0.9
"""Least share of the dates known to the day that lie in Sep-Nov for that to become a new dataset's season."""


@dataclass(frozen=True)
class Gathered:
    """The observations of all files.

    Args:
        rows: See `observations.Observed.rows`; index 0 … N-1.
        extra: Columns that were not recognised, same index.
        refused: Rows that cannot be used.
        notes: What a reader of the report should know, in sentences.
        mended: Outlines that were mended, as (file, row).
        season: What the dataset's season is, or becomes.
        pixel_m: The one pixel size behind all outlines, None where it is unknown or differs.
        factor: Mapping error = perimeter × pixel × factor.
    """

    rows: pd.DataFrame
    extra: pd.DataFrame
    refused: list[Refusal]
    notes: list[str]
    mended: list[tuple[str, int]]
    season: Season | None
    pixel_m: float | None
    factor: float


@dataclass
class _Pile:
    parts: list[Observed] = field(default_factory=list[Observed])
    notes: list[str] = field(default_factory=list[str])


def gathered(layers: Sequence[Layer], options: ImportOptions, about: DatasetMeta | None, fallback: str) -> Gathered:
    """The observations of all layers.

    Args:
        layers: As read.
        options: What the user says.
        about: The dataset that they are added to; None for a new one.
        fallback: The name of the inventory where the file names have nothing in common.

    Raises:
        InputError: A layer has no usable columns, or the number of --date does not fit.
    """
    season = options.season if options.season_given else (about.season if about else None)
    pile = _Pile()
    sources = _sources(layers, options, fallback, pile.notes)
    for layer, source, day in zip(layers, sources, _days(layers, options), strict=True):
        pile.parts.append(observed(layer, options, season, day, source))
    rows = pd.concat([part.rows for part in pile.parts], ignore_index=True)
    extra = pd.concat([_own_names(part.extra) for part in pile.parts], ignore_index=True)
    for column in extra.columns:
        extra[column] = extra[column].astype(object).where(extra[column].notna(), None)
    refused = [refusal for part in pile.parts for refusal in part.refused]
    again, twice = _repeated(rows)
    keep = ~(again | np.isin(np.arange(len(rows)), [row for row, _ in twice]))
    refused += [_refusal(rows, extra, row, first) for row, first in twice]
    notes = [*pile.notes, *(note for part in pile.parts for note in part.notes)]
    if again.any():
        notes.append(f"{int(again.sum())} rows stand in two of the files alike and were taken once")
    rows, extra = rows[keep].reset_index(drop=True), extra[keep].reset_index(drop=True)
    if about is None and not options.season_given:
        season = _season(rows)
    factor = options.factor if options.factor is not None else (about.area_sd_factor if about else 0.5)
    pixel = _pixel(rows, options, about, notes)
    _add_mapping_error(rows, pixel, factor)
    mended = [m for part in pile.parts for m in part.mended]
    return Gathered(rows, extra, sorted(refused, key=lambda r: (r.file, r.row)), notes, mended, season, pixel, factor)


def _sources(layers: Sequence[Layer], options: ImportOptions, fallback: str, notes: list[str]) -> list[str]:
    """The inventory that each layer belongs to: `HKH_2000` and `HKH_2010` are both of `HKH`."""
    if options.source:
        return [options.source] * len(layers)
    said = [layer.facts.get("observatory", "") and "GLO" for layer in layers]
    stems = {dates.without_date(layer.stem) for layer, name in zip(layers, said, strict=True) if not name}
    common = commonprefix(sorted(stems)).strip("-_. ") if len(stems) > 1 else next(iter(stems), "")
    if len(stems) > 1 and len(common) < 3:
        common = fallback
        notes.append(f"the file names have no beginning in common, so all observations get the source {common!r} (name it with --source)")
    return [name or common or fallback for name in said]


def _days(layers: Sequence[Layer], options: ImportOptions) -> list[object]:
    if len(options.date) > 1 and len(options.date) != len(layers):
        raise InputError(
            f"--date is given {len(options.date)} times for {len(layers)} layers", "give it once, or once for each file in their order"
        )
    days = [dates.given_date(text) for text in options.date]
    return [days[0]] * len(layers) if len(days) == 1 else list(days or [None] * len(layers))


def _own_names(extra: pd.DataFrame) -> pd.DataFrame:
    """Unrecognised columns, renamed only where a table of ours has a column of that name, or two differ in case alone."""
    names = list[str]()
    for column in map(str, extra.columns):
        name = f"{column}_input" if column.casefold() in RESERVED else column
        while name.casefold() in {n.casefold() for n in names} or not name:
            name = f"{name}_2"
        names.append(name)
    renamed = extra.copy()
    renamed.columns = names
    return renamed


def _repeated(rows: pd.DataFrame) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Rows that another file holds, too, and rows that say again what an earlier one says of a lake and date, with that one.

    Two outlines are the same observation only if the rows are equal in everything: several outlines of one id are told
    apart by where they lie. Rows without an outline are the same observation if lake, source and date are.
    """
    again, twice = np.zeros(len(rows), dtype=bool), list[tuple[int, int]]()
    first: dict[tuple[object, ...], int] = {}
    fields = zip(*(rows[c] for c in ("source", "epoch", "record", "geometry", "lake_id", "lon", "lat", "file")), strict=True)
    for n, (source, epoch, record, shape, lake_id, lon, lat, file) in enumerate(fields):
        lake = (record,) if shape is not None else (lake_id,) if lake_id is not None else (lon, lat)
        held = first.setdefault((source, epoch, shape is None, *lake), n)
        if held != n:
            if rows["record"].iat[held] == record and rows["file"].iat[held] != file:
                again[n] = True
            else:
                twice.append((n, held))
    return again, twice


def _refusal(rows: pd.DataFrame, extra: pd.DataFrame, row: int, first: int) -> Refusal:
    reason = f"a duplicate (lake, date, source): row {rows['row'].iat[first]} of {rows['file'].iat[first]} has the same"
    return refusal(rows, extra, row, reason)


def refusal(rows: pd.DataFrame, extra: pd.DataFrame, row: int, reason: str) -> Refusal:
    """The refusal of an observation, with what its row said."""
    import json

    said = (
        rows[["lake_id", "epoch", "area_km2", "basin", "sub_basin", "dam_type", "elevation_m"]].iloc[row].to_dict()
        | extra.iloc[row].to_dict()
    )
    values = json.dumps({k: str(v) for k, v in said.items() if v is not None and v == v}, ensure_ascii=False)
    return Refusal(str(rows["file"].iat[row]), int(rows["row"].iat[row]), "", reason, values)


def known_days(rows: pd.DataFrame) -> list[object]:
    """The acquisition days that are known: from scene ids, or as dates that are not nominal."""
    fields = zip(rows["date"], rows["date_nominal"], rows["date_image"], strict=True)
    return [image if image is not None else day for day, nominal, image in fields if image is not None or not nominal]


def _season(rows: pd.DataFrame) -> Season | None:
    """Sep-Nov for a new dataset of which at least nine in ten known days lie in it; none where days lie outside, or none is known.

    A bare year says nothing of the season, so a dataset of bare years has none: its dates stand in the middle of Sep-Nov by convention.
    """
    days = known_days(rows)
    inside = sum(dates.in_season(day, None) for day in days)  # type: ignore[arg-type]
    return dates.POST_MONSOON if days and inside >= IN_SEASON * len(days) else None


def _pixel(rows: pd.DataFrame, options: ImportOptions, about: DatasetMeta | None, notes: list[str]) -> float | None:
    """The pixel size: given, the dataset's, or the only one that the scene ids tell."""
    if options.pixel_m is not None:
        return options.pixel_m
    if about is not None and about.pixel_m is not None:
        return about.pixel_m
    told = np.unique(rows["pixel_m"].dropna())
    if len(told) == 1:
        notes.append(f"the pixel size, {told[0]:g} m, is taken from the scene ids (say otherwise with --pixel)")
        return float(told[0])
    return None


def _add_mapping_error(rows: pd.DataFrame, pixel_m: float | None, factor: float) -> None:
    """area_sd = perimeter × pixel × factor, where the input states none; unknown where the pixel is."""
    pixel = rows["pixel_m"].to_numpy(dtype=float) if pixel_m is None else np.full(len(rows), pixel_m)
    drawn = rows["perimeter_km"].to_numpy(dtype=float) * pixel / 1000 * factor
    rows["area_sd_km2"] = np.where(rows["area_sd_km2"].isna(), drawn, rows["area_sd_km2"])


def described(found: Gathered, about: DatasetMeta | None, folder_name: str) -> DatasetMeta:
    """`dataset.toml` after the import: a new one, or the dataset's with the season and pixel that were given."""
    if about is None:
        source = str(found.rows["source"].iat[0]) if len(found.rows) else folder_name
        title = source.replace("_", " ")
        return DatasetMeta(
            folder_name, title, season=found.season, pixel_m=found.pixel_m, area_sd_factor=found.factor, default_source=source,
        )  # fmt: skip
    return replace(about, season=found.season, pixel_m=found.pixel_m, area_sd_factor=found.factor)
