"""GeoJSON, read as JSON and never through OGR, which would open whatever format hides behind the name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from data.errors import InputError
from data.readers.layer import Layer, ReadOptions, located

SUFFIXES = (".geojson", ".json")
MAX_BYTES = 1 << 30


def claims(path: Path) -> int:
    return int(path.suffix.lower() in SUFFIXES)


def read(path: Path, options: ReadOptions) -> list[Layer]:
    """Raises InputError: not JSON, not a FeatureCollection, or a feature is none."""
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"{path} is larger than {MAX_BYTES >> 30} GiB", "convert it to GeoPackage or GeoParquet")
    try:
        found: Any = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is not JSON: {str(error)[:200]}", "it may be cut short, or another format: fetch or export it again"
        ) from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise InputError(f"{path} is JSON but holds no list of features", "export it as a GeoJSON FeatureCollection")
    records = [feature.get("properties") or {} for feature in features]
    if not all(isinstance(record, dict) for record in records):
        raise InputError(f"{path}: the properties of a feature are not an object", "export it as a GeoJSON FeatureCollection")
    shapes = _shapes(features, path)
    frame = pd.DataFrame(
        [{_sound(str(name)): _cell(value) for name, value in record.items()} for record in records], index=range(len(records))
    )
    return [located(Layer(str(path), path.stem, frame, shapes), _crs(found), options)]


def _shapes(features: list[dict[str, Any]], path: Path) -> Any:
    """(N,) geometries; None where a feature has none or its coordinates make none."""
    texts = [json.dumps(feature.get("geometry")) if isinstance(feature.get("geometry"), dict) else None for feature in features]
    shapes = np.empty(len(texts), dtype=object)
    shapes[:] = [_shape(text) for text in texts]
    if len(shapes) and shapely.is_missing(shapes).all():
        raise InputError(f"{path}: no feature has a readable geometry", "export it as a GeoJSON FeatureCollection with polygons")
    return shapes


def _shape(text: str | None) -> Any:
    """One geometry; None where the coordinates make none: the row is then set aside, the file's others are kept."""
    if text is None:
        return None
    try:
        return shapely.from_geojson(text)
    except (shapely.GEOSException, ValueError):
        return None


def _crs(found: dict[str, Any]) -> Any:
    """RFC 7946 knows longitude/latitude only; files of before 2016 may name another system in `crs`."""
    named = found.get("crs")
    name = (named.get("properties") or {}).get("name") if isinstance(named, dict) else None
    return name if isinstance(name, str) else "OGC:CRS84"


def _cell(value: Any) -> Any:
    """A value of a property: lists and objects as JSON; half a surrogate pair, which JSON can spell and no file can hold, as `?`."""
    told = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
    return _sound(told) if isinstance(told, str) else told


def _sound(text: str) -> str:
    return text.encode(errors="replace").decode()
