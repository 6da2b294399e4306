"""From stored numbers to surface reflectance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from data.stac.assets import Asset, Files
from data.stac.errors import CatalogueError
from data.stac.search import Candidate

LANDSAT = (0.0000275, -0.2)
"""Landsat 8-9 Collection 2 Level 2 Science Product Guide (USGS LSDS-1619), table of scale factors: surface reflectance. Fill is 0."""
QUANTIFICATION = 0.0001
BOA_ADD_OFFSET = -0.1
"""Sentinel-2 Products Specification (S2-PDGS-TAS-DI-PSD): from processing baseline 04.00 on, (DN + BOA_ADD_OFFSET) / 10,000 with an offset
of -1,000; before, DN / 10,000. DN 0 is no data."""


@dataclass(frozen=True)
class Scaling:
    """reflectance = DN × scale + offset; a DN of `nodata` is none."""

    scale: float
    offset: float
    nodata: float = 0.0


def scaling(candidate: Candidate, files: Files, asset: Asset) -> Scaling:
    """How a band of an item is stored.

    Sentinel-2 goes by the processing baseline, never by the date, and never by `raster:bands` alone: Earth Search states an offset
    there that it has taken off the pixels already (`earthsearch:boa_offset_applied`).

    Raises:
        CatalogueError: The catalogue tells neither a baseline nor an offset.
    """
    stated = _stated(asset.about)
    if files.family != "sentinel-2":
        scale, offset = stated or LANDSAT
        return Scaling(scale, offset)
    scale = stated[0] if stated else QUANTIFICATION
    properties = candidate.properties
    if properties.get("earthsearch:boa_offset_applied") is True or properties.get("sentinel:boa_offset_applied") is True:
        return Scaling(scale, 0.0)
    known = baseline(candidate)
    if known is not None:
        return Scaling(scale, BOA_ADD_OFFSET if known >= 4.0 else 0.0)
    if stated is None:
        raise CatalogueError(f"item {candidate.id} tells neither its processing baseline nor an offset", "use another catalogue")
    return Scaling(*stated)


def baseline(candidate: Candidate) -> float | None:
    """The processing baseline of a Sentinel-2 item (4.0 for 04.00): stated, or from the product's name; None where it is not told."""
    for key in ("s2:processing_baseline", "sentinel:processing_baseline", "processing:version"):
        told = re.fullmatch(r"\s*(\d{1,2}\.\d{1,2})\s*", str(candidate.properties.get(key) or ""))
        if told:
            return float(told[1])
    names = [candidate.properties.get(key) for key in ("s2:product_uri", "sentinel:product_id")] + [candidate.id]
    named = re.search(r"_N(\d{2})(\d{2})_", " ".join(str(name) for name in names))
    return float(f"{named[1]}.{named[2]}") if named else None


def _stated(about: dict[str, Any]) -> tuple[float, float] | None:
    """Scale and offset as STAC 1.0 (`raster:bands`) or 1.1 (`raster:scale` of the asset or its one band) tells them."""
    listed = [each for name in ("raster:bands", "bands") if isinstance(each := about.get(name), list)]
    for told in [*(band for bands in listed for band in bands), about]:
        if isinstance(told, dict):
            scale = told.get("scale", told.get("raster:scale"))
            offset = told.get("offset", told.get("raster:offset", 0.0))
            if isinstance(scale, int | float) and isinstance(offset, int | float) and 0 < scale <= 1 and abs(offset) <= 1:
                return float(scale), float(offset)
    return None
