"""The lake's water in a mask: its area with its errors, how it agrees with the label, and the mask to take away."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from data.masks.editing import LEFT, edited, runs_of
from data.masks.exporting import mask_geojson, mask_geotiff
from data.masks.measuring import area_rows
from data.masks.predicting import raw_error
from data.rasters.own import joined_to, own_water, reached
from data.rasters.probability import UNKNOWN, water
from data.store import Store
from data.stored_areas import CLOSE
from models.intervals import error_kind, widen
from models.metrics import counts
from models.zoo import zoo
from modules.choices import STORED
from modules.segmenting.subject import Measured, Outcome, Subject

NAN = float("nan")


def measured(store: Store, subject: Subject, outcome: Outcome, threshold: float, edits: NDArray[np.uint8] | None) -> Measured:
    """Measure a mask.

    Args:
        store: The dataset, which says how mapping errors are worked out.
        subject: The image.
        outcome: What was made of it.
        threshold: A twentieth.
        edits: (H, W), what a hand said; None: nothing.
    """
    mask = edited(outcome.stored, threshold, edits)
    wet = water(mask)
    lake = _in_pixels(subject)
    own = np.zeros_like(wet) if lake is None else own_water(wet, lake)
    row = _row(store, subject, mask)
    pixel, by_hand = subject.grid.pixel_km2, 0 if edits is None else int((edits != LEFT).sum())
    agreed = (NAN, NAN, NAN) if subject.label is None else _agreement(mask, subject.label)
    area, spread = row.get("area_km2", NAN), _spread(outcome, lake, threshold, edits, pixel)
    mapping = row.get("area_sd_km2", NAN)
    error = mapping if by_hand else _error(store, subject, outcome, (area, mapping, spread), threshold)
    return Measured(
        area, error, spread,
        float((wet & ~own).sum()) * pixel, int(wet.sum()), row.get("valid_share", NAN), row.get("reason", ""),
        *agreed, own, runs_of(own.astype(np.uint8)), mask, by_hand,
    )  # fmt: skip


def _error(store: Store, subject: Subject, outcome: Outcome, raw: tuple[float, float, float], threshold: float) -> float:
    """The standard error as `predict` gives it, km²: of a stored mask what the dataset says; else widened by what the model's card says.

    Args:
        store: The dataset.
        subject: The image.
        outcome: Of it.
        raw: The area, its mapping error, its spread over passes (NaN for one pass).
        threshold: At which it was measured.
    """
    area_km2, mapping, spread = raw
    if outcome.model.startswith(STORED):
        return _stored_error(store, subject, outcome, threshold, mapping)
    known = zoo().get(outcome.model)
    if known is None:
        return mapping
    kind = error_kind(known.CARD.area_sd, not math.isnan(spread))
    return raw_error(mapping, spread if kind == "tta" else None) * widen(known.CARD.area_sd.get(kind, {}), area_km2)


def _stored_error(store: Store, subject: Subject, outcome: Outcome, threshold: float, mapping: float) -> float:
    """Of the dataset's own row for that image, source and threshold; the mapping error where it has none."""
    source, scene = outcome.model.removeprefix(STORED), subject.scene
    if scene is None or subject.lake_key is None:
        return mapping
    rows = store.areas(subject.lake_key) if outcome.binary else store.areas_by_threshold(subject.lake_key, source)
    mine = rows[(rows["source"] == source) & (rows["scene_key"] == scene.scene_key)]
    if not outcome.binary:
        mine = mine[(mine["threshold"] - threshold).abs() < CLOSE]
    said = mine["area_sd_km2"].dropna()
    return float(said.iloc[0]) if len(said) else mapping


def _in_pixels(subject: Subject) -> BaseGeometry | None:
    if subject.lake is None or not subject.grid.crs:
        return None
    try:
        return subject.grid.to_pixels(subject.lake)
    except ProjError:
        return None


def _row(store: Store, subject: Subject, mask: NDArray[np.uint8]) -> dict[str, Any]:
    """The cells of `areas` for the lake; none where no lake can be measured."""
    if subject.lake is None or _in_pixels(subject) is None:
        return {}
    side, factor = subject.grid.pixel_m, store.meta.area_sd_factor
    return area_rows(mask, subject.grid, subject.lake, binary=True, pixel_m=side, factor=factor, scene=subject.scene)[0]


def _spread(outcome: Outcome, lake: BaseGeometry | None, threshold: float, edits: NDArray[np.uint8] | None, pixel_km2: float) -> float:
    """sd of the lake's area over the passes, each with the same edits."""
    if outcome.passes is None or lake is None:
        return NAN
    touched = reached(lake, outcome.stored.shape)
    areas = [joined_to(water(edited(each, threshold, edits)), touched).sum() * pixel_km2 for each in outcome.passes]
    return float(np.std(areas, ddof=1))


def _agreement(mask: NDArray[np.uint8], label: NDArray[np.uint8]) -> tuple[float, float, float]:
    known = (mask != UNKNOWN) & (label != UNKNOWN)
    found = counts(water(mask), water(label), known)
    return float(found.iou), float(found.precision), float(found.recall)


def provenance(store: Store, subject: Subject, outcome: Outcome, threshold: float, found: Measured) -> dict[str, Any]:
    """Where a mask comes from, for whoever gets the file."""
    row = store.row_of(subject.lake_key) if subject.lake_key is not None else None
    lake_id = "" if row is None else store.ids[row]
    told: dict[str, Any] = {
        "lake_id": lake_id, "lake_key": subject.lake_key, "date": subject.day and subject.day.isoformat(), "image": subject.title,
        "model": outcome.model, "threshold": None if outcome.binary else threshold, "edited_by_hand": found.by_hand > 0,
        "edited_pixels": found.by_hand, "passes": 1 if outcome.passes is None else len(outcome.passes),
        "area_km2": _finite(found.area_km2), "area_sd_km2": _finite(found.area_sd_km2), "area_spread_km2": _finite(found.spread_km2),
        "simulated": store.meta.simulated and subject.scene is not None, "dataset": store.meta.title, "dataset_digest": store.digest,
        "licence": store.meta.licence, "citation": store.meta.citation,
    }  # fmt: skip
    return {key: value for key, value in told.items() if value is not None}


def geotiff(subject: Subject, found: Measured, told: dict[str, Any]) -> bytes:
    """The mask as GeoTIFF, `told` as tags."""
    return mask_geotiff(found.mask, subject.grid, {key: _text(value) for key, value in told.items()})


def geojson(subject: Subject, found: Measured, told: dict[str, Any]) -> bytes:
    """The mask as GeoJSON, `told` as properties. Raises RasterError where the image has no place on the ground."""
    parts = {"lake": found.own, "other water" if found.own.any() else "water": water(found.mask) & ~found.own}
    return mask_geojson(parts, subject.grid, told)


def file_name(subject: Subject, told: dict[str, Any], suffix: str) -> str:
    """`GL086922E27899N_2020-10-15_pred.tif` where lake and day are known, as `python -m data masks` reads it; else the image's name."""
    name = f"{told['lake_id']}_{told['date']}" if told.get("lake_id") and told.get("date") else subject.title.removesuffix(".tif")
    plain = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).strip("-.")
    return f"{plain[:80] or 'mask'}_pred.{suffix}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _text(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
