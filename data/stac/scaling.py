"""From stored numbers to surface reflectance."""

from __future__ import annotations

from typing import Any

from data.reflectance import LANDSAT, QUANTIFICATION, Scaling, named_baseline, sentinel_2, stated_baseline
from data.stac.assets import Asset, Files
from data.stac.errors import CatalogueError
from data.stac.search import Candidate


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
        return sentinel_2(known, scale)
    if stated is None:
        raise CatalogueError(f"item {candidate.id} tells neither its processing baseline nor an offset", "use another catalogue")
    return Scaling(*stated)


def baseline(candidate: Candidate) -> float | None:
    """The processing baseline of a Sentinel-2 item (4.0 for 04.00): stated, or from the product's name; None where it is not told."""
    for key in ("s2:processing_baseline", "sentinel:processing_baseline", "processing:version"):
        told = stated_baseline(str(candidate.properties.get(key) or ""))
        if told is not None:
            return told
    names = [candidate.properties.get(key) for key in ("s2:product_uri", "sentinel:product_id")] + [candidate.id]
    return named_baseline(" ".join(str(name) for name in names))


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
