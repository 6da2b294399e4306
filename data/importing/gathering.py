"""From the layers of all files to one table of observations: sources, duplicates, season, mapping error."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.errors import InputError
from data.importing import dates
from data.importing.faults import row_json, text
from data.importing.frames import chosen, column, numbers, objects
from data.importing.observations import observed
from data.importing.options import ImportOptions, Refusal
from data.importing.rescaling import mapping_error
from data.importing.sources import sources
from data.importing.tables import RESERVED
from data.readers import Layer
from data.records import DatasetMeta, Season

IN_SEASON = 0.9
"""Least share of the dates known to the day that lie in Sep-Nov for that to become a new dataset's season."""
SAID = ("lake_id", "epoch", "area_km2", "name", "basin", "sub_basin", "dam_type", "elevation_m")


@dataclass(frozen=True)
class Gathered:
    """The observations of all files.

    Args:
        rows: See `observations.Observed.rows`; index 0 … N-1.
        extra: Columns that were not recognised, same index.
        refused: Rows that cannot be used.
        repeated: (source, epoch, lake_id) of those refused rows that repeat another.
        notes: What a reader of the report should know, in sentences.
        mended: Outlines that were mended, as (file, row).
        season: What the dataset's season is, or becomes.
        pixel_m: The one pixel size behind all outlines, None where it is unknown or differs.
        factor: Mapping error = perimeter × pixel × factor.
        citation: How the files themselves want to be cited, None where they do not say.
    """

    rows: pd.DataFrame
    extra: pd.DataFrame
    refused: list[Refusal]
    repeated: list[tuple[str, date, str]]
    notes: list[str]
    mended: list[tuple[str, int]]
    season: Season | None
    pixel_m: float | None
    factor: float
    citation: str | None


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
    names = zip(layers, sources(layers, options.source, fallback), _days(layers, options), strict=True)
    parts = [observed(layer, options, season, day, source) for layer, source, day in names]
    rows = pd.concat([part.rows for part in parts], ignore_index=True)
    extra = pd.concat([_own_names(part.extra).astype(object) for part in parts], ignore_index=True)
    again, twice = _repeated(rows)
    refused = [refusal for part in parts for refusal in part.refused] + [
        _duplicate(rows, extra, row, first) for row, first in twice.items()
    ]
    repeated = [(objects(rows, "source")[n], objects(rows, "epoch")[n], objects(rows, "lake_id")[n] or "") for n in twice]
    keep = ~again
    keep[list(twice)] = False
    rows, extra = chosen(rows, keep).reset_index(drop=True), chosen(extra, keep).reset_index(drop=True)
    notes = _noted([note for part in parts for note in part.notes])
    if again.any():
        notes.append(f"{int(again.sum()):,} rows stand alike in several of the files and were taken once")
    if about is None and not options.season_given:
        season = _season(rows)
    factor = options.factor if options.factor is not None else (about.area_sd_factor if about else 0.5)
    pixel = _pixel(rows, options, about, notes)
    _add_mapping_error(rows, pixel, factor)
    citation = next((layer.facts["citation"] for layer in layers if "citation" in layer.facts), None)
    return Gathered(rows, extra, refused, repeated, notes, [m for part in parts for m in part.mended], season, pixel, factor, citation)


def described(found: Gathered, about: DatasetMeta | None, name: str) -> DatasetMeta:
    """`dataset.toml` after the import: a new one, or the dataset's with the season, pixel and factor that were given."""
    if about is None:
        source = str(objects(found.rows, "source")[0]) if len(found.rows) else name
        about = DatasetMeta(name, source.replace("_", " "), default_source=source, citation=found.citation or "not stated")
    return replace(about, season=found.season, pixel_m=found.pixel_m, area_sd_factor=found.factor)


def _days(layers: Sequence[Layer], options: ImportOptions) -> list[date | int | None]:
    if len(options.date) > 1 and len(options.date) != len(layers):
        raise InputError(
            f"--date is given {len(options.date)} times for {len(layers)} layers", "give it once, or once for each file in their order"
        )
    days = [dates.given_date(given) for given in options.date]
    return [days[0]] * len(layers) if len(days) == 1 else [*days] or [None] * len(layers)


def _own_names(extra: pd.DataFrame) -> pd.DataFrame:
    """Unrecognised columns, renamed only where a table of ours has a column of that name, or two differ in case alone."""
    names: list[str] = []
    for own in map(str, extra.columns):
        name = f"{own}_input" if own.casefold() in RESERVED or not own else own
        while name.casefold() in {n.casefold() for n in names}:
            name = f"{name}_2"
        names.append(name)
    return extra.set_axis(names, axis=1)


def _repeated(rows: pd.DataFrame) -> tuple[NDArray[np.bool_], dict[int, int]]:
    """Rows that another file holds alike, and rows that say again what an earlier one says of a lake and date, with that one.

    Outlines are the same observation only if their rows are equal in everything: several outlines of one id are told
    apart by where they lie. Rows without an outline are the same observation if lake, source and date are.
    """
    again, twice = np.zeros(len(rows), dtype=bool), dict[int, int]()
    first: dict[tuple[Any, ...], int] = {}
    records, files = objects(rows, "record"), objects(rows, "file")
    fields = zip(*(objects(rows, name) for name in ("source", "epoch", "geometry", "lake_id", "lon", "lat")), strict=True)
    for n, (source, epoch, shape, lake_id, lon, lat) in enumerate(fields):
        lake = (records[n],) if shape is not None else (lake_id,) if lake_id is not None else (lon, lat)
        held = first.setdefault((source, epoch, shape is None, *lake), n)
        if held != n and records[held] == records[n] and files[held] != files[n]:
            again[n] = True
        elif held != n:
            twice[n] = held
    return again, twice


def _duplicate(rows: pd.DataFrame, extra: pd.DataFrame, row: int, first: int) -> Refusal:
    number, file = objects(rows, "row")[first], objects(rows, "file")[first]
    lake = objects(rows, "lake_id")[row] or "the same lake"
    return refusal(rows, extra, row, f"a duplicate (lake, date, source): row {number} of {file} says it of {lake} already")


def refusal(rows: pd.DataFrame, extra: pd.DataFrame, row: int, reason: str) -> Refusal:
    """The refusal of an observation, with what its row said."""
    said = json.loads(row_json(rows[list(SAID)].iloc[row])) | json.loads(row_json(extra.iloc[row]))
    file, number = objects(rows, "file")[row], objects(rows, "row")[row]
    return Refusal(str(file), int(number), "", reason, json.dumps(said, ensure_ascii=False))


def _noted(notes: list[tuple[str, str]]) -> list[str]:
    """Notes with their files; one that holds for several files is said once."""
    files: dict[str, list[str]] = {}
    for note, file in notes:
        files.setdefault(note, []).append(file)
    return [f"{held[0]}: {note}" if len(held) == 1 else f"{held[0]} and {len(held) - 1} more: {note}" for note, held in files.items()]


def known_days(rows: pd.DataFrame) -> list[date]:
    """The days that are known: of scene ids, or dates that are not nominal."""
    fields = zip(*(objects(rows, name) for name in ("date", "date_nominal", "date_image")), strict=True)
    return [image if isinstance(image, date) else day for day, nominal, image in fields if isinstance(image, date) or not nominal]


def _season(rows: pd.DataFrame) -> Season | None:
    """Sep-Nov for a new dataset of which at least nine in ten known days lie in it; none where more lie outside, or none is known.

    A bare year says nothing of the season, so a dataset of bare years has none: its dates stand on 15 October by convention.
    """
    days = known_days(rows)
    inside = sum(dates.in_season(day, None) for day in days)
    return dates.POST_MONSOON if days and inside >= IN_SEASON * len(days) else None


def _pixel(rows: pd.DataFrame, options: ImportOptions, about: DatasetMeta | None, notes: list[str]) -> float | None:
    """The pixel size: given, the dataset's, or the only one that the scene ids tell."""
    if options.pixel_m is not None:
        return options.pixel_m
    if about is not None and about.pixel_m is not None:
        return about.pixel_m
    told = np.unique(column(rows, "pixel_m").dropna().to_numpy(dtype=float))
    if len(told) != 1:
        return None
    notes.append(f"the pixel size, {text(told[0])} m, is taken from the scene ids (say otherwise with --pixel)")
    return float(told[0])


def _add_mapping_error(rows: pd.DataFrame, pixel_m: float | None, factor: float) -> None:
    """area_sd = perimeter × pixel × factor, where the input states none; unknown where the pixel is."""
    pixel = numbers(rows, "pixel_m") if pixel_m is None else np.full(len(rows), pixel_m)
    stated = numbers(rows, "area_sd_km2")
    rows["area_sd_km2"] = np.where(np.isnan(stated), mapping_error(numbers(rows, "perimeter_km"), pixel, factor), stated)
