"""Reading through OGR: only files whose first bytes have been checked come here. The one place that imports pyogrio to read."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from data.errors import InputError
from data.gdal_drivers import PYOGRIO, without
from data.readers.layer import Layer, ReadOptions, located

with without(PYOGRIO):  # its GDAL starts as it is imported
    import pyogrio
    from pyogrio import raw
    from pyogrio.errors import DataLayerError, DataSourceError

# UnboundLocalError: pyogrio 0.13 raises it where GDAL cannot write a damaged coordinate system as text.
UNREADABLE = (DataSourceError, DataLayerError, shapely.GEOSException, ValueError, OverflowError, UnboundLocalError)


def ogr_layer(path: Path, file: str, stem: str, layer: str | None, options: ReadOptions) -> Layer:
    """One layer of a local file.

    Raises:
        InputError: OGR cannot read it to its end, or it does not state its coordinate system.
    """
    extra: dict[str, Any] = {} if layer is None else {"layer": layer}
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            meta, _, blobs, columns = raw.read(path.resolve(), **extra)
            shapes = None if blobs is None else shapely.from_wkb(np.asarray(blobs, dtype=object), on_invalid="warn")
    except UNREADABLE as error:
        raise InputError(f"{file} cannot be read: {_first_line(error)}", "it may be cut short: fetch or export it again") from error
    frame = pd.DataFrame(dict(zip(meta["fields"], columns, strict=True)))
    said = tuple(dict.fromkeys(str(warning.message) for warning in caught))
    if shapes is None:
        return Layer(file, stem, frame, warnings=said)
    if len(frame.columns) == 0:
        frame = pd.DataFrame(index=pd.RangeIndex(len(shapes)))
    return located(Layer(file, stem, frame, shapes, warnings=said), meta["crs"], options)


def layer_names(path: Path) -> list[str]:
    """The layers with geometries, or where none has any, all.

    Raises:
        InputError: OGR cannot read the file.
    """
    try:
        layers = pyogrio.list_layers(path.resolve())
    except DataSourceError as error:
        raise InputError(f"{path} cannot be read: {str(error)[:200]}", "it may be cut short: fetch or export it again") from error
    spatial = [str(name) for name, kind in layers if kind]
    return spatial or [str(name) for name, _ in layers]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
