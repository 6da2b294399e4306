"""Which file of an item holds which band, and which one tells clouds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from data.stac.errors import CatalogueError
from data.stac.search import Candidate

BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")
"""What a scene gets, in this order."""
COMMON = {"blue": ("blue",), "green": ("green",), "red": ("red",), "nir": ("nir", "nir08"), "swir1": ("swir16",), "swir2": ("swir22",)}
"""Band → common names of the STAC `eo` extension, the first that an item has. Landsat's near infrared is `nir08`."""
NUMBERS = {
    "sentinel-2": ("B02", "B03", "B04", "B08", "B11", "B12"),
    "landsat-new": ("SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7"),
    "landsat-old": ("SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B7"),
}
"""The same bands by the sensors' own numbers: Sentinel-2, Landsat 8 and 9, Landsat 4 to 7."""
CLASSES = {"sentinel-2": ("scl",), "landsat-new": ("qa_pixel",), "landsat-old": ("qa_pixel",)}


@dataclass(frozen=True)
class Asset:
    """One file.

    Args:
        href: Its address.
        about: What the item says of it.
    """

    href: str
    about: dict[str, Any]


@dataclass(frozen=True)
class Files:
    """The files of an item that are read.

    Args:
        family: `sentinel-2`, `landsat-new` (8, 9) or `landsat-old` (4 to 7).
        sensor: What the dataset calls the sensor.
        bands: (6,) in the order of BANDS.
        classes: Scene classification (Sentinel-2) or QA_PIXEL (Landsat).
    """

    family: str
    sensor: str
    bands: tuple[Asset, ...]
    classes: Asset


def files(candidate: Candidate) -> Files:
    """The files of an item.

    Raises:
        CatalogueError: The sensor is none that is known, a file is missing or lies where only a login reaches, or the item makes no sense.
    """
    try:
        return _files(candidate)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"item {candidate.id} makes no sense: {type(error).__name__}", "use another catalogue") from error


def _files(candidate: Candidate) -> Files:
    family, sensor = _family(candidate)
    assets: dict[str, dict[str, Any]] = {name: about for name, about in candidate.item["assets"].items() if _is_tiff(about)}
    numbers = dict(zip(BANDS, NUMBERS[family], strict=True))
    found = {band: _band(assets, COMMON[band], numbers[band]) for band in BANDS}
    lacking = [band for band, about in found.items() if about is None]
    classes = _keyed(assets, CLASSES[family])
    if lacking or classes is None:
        what = ", ".join([*lacking, *(["a classification of clouds"] if classes is None else [])])
        raise CatalogueError(f"item {candidate.id} has no GeoTIFF of {what}", "use a collection of surface reflectance (level 2)")
    held = tuple(_asset(candidate, about) for about in found.values() if about is not None)
    return Files(family, sensor, held, _asset(candidate, classes))


def _family(candidate: Candidate) -> tuple[str, str]:
    told = [candidate.properties.get(key) for key in ("platform", "constellation")] + [candidate.item.get("collection"), candidate.id]
    text = " ".join(str(each).lower() for each in told)
    if "sentinel-2" in text or re.search(r"\bs2[abcd]_", text):
        return "sentinel-2", "Sentinel-2 L2A"
    landsat = re.search(r"landsat[-_ ]?0?([4-9])\b|\bl[cote]0([4-9])_", text)
    if landsat is not None and re.search(
        r"\bl1(tp|gt|gs)\b|_l1(tp|gt|gs)_", f"{text} {candidate.properties.get('landsat:correction')}".lower()
    ):
        raise CatalogueError(f"item {candidate.id} is not surface reflectance (level 1)", "use Landsat Collection 2 L2")
    if landsat is None:
        raise CatalogueError(f"item {candidate.id} is of a sensor that is not known here", "use Sentinel-2 L2A or Landsat Collection 2 L2")
    number = int(landsat[1] or landsat[2])
    return ("landsat-new" if number >= 8 else "landsat-old"), f"Landsat {number} C2 L2"


def _is_tiff(about: Any) -> bool:
    if not isinstance(about, dict) or not isinstance(about.get("href"), str):
        return False
    kind = str(about.get("type") or "").lower()
    return "tiff" in kind or (not kind and about["href"].partition("?")[0].lower().endswith((".tif", ".tiff")))


def _band(assets: dict[str, dict[str, Any]], common: tuple[str, ...], number: str) -> dict[str, Any] | None:
    """The finest file of one band with that common name, or whose key is that name or the sensor's number for it."""
    for name in common:
        mine = [about for about in assets.values() if _common_names(about) == [name]]
        if mine:
            return min(mine, key=_resolution)
    return _keyed(assets, (*common, number.lower(), number.lower().replace("b0", "b"), f"{number.lower()}_10m", f"{number.lower()}_20m"))


def _keyed(assets: dict[str, dict[str, Any]], keys: tuple[str, ...]) -> dict[str, Any] | None:
    by_key = {name.lower(): about for name, about in assets.items()}
    return next((by_key[name] for key in keys for name in (key, f"{key}_20m") if name in by_key), None)


def _common_names(about: dict[str, Any]) -> list[str]:
    """Of the bands of a file, as STAC 1.0 (`eo:bands`) or 1.1 (`bands`) tells them."""
    told = about.get("eo:bands") or about.get("bands") or []
    return [str(band.get("common_name") or band.get("eo:common_name")) for band in told if isinstance(band, dict)]


def _resolution(about: dict[str, Any]) -> float:
    raster = (about.get("raster:bands") or [{}])[0]
    told = about.get("gsd") or about.get("raster:spatial_resolution") or raster.get("spatial_resolution")
    return float(told) if isinstance(told, int | float) else 1e9


def _asset(candidate: Candidate, about: dict[str, Any]) -> Asset:
    """The asset at its first address of the web, its own or an alternate one (`alternate` extension)."""
    alternates = about.get("alternate")
    others = [each.get("href") for each in alternates.values() if isinstance(each, dict)] if isinstance(alternates, dict) else []
    own = next((str(link.get("href")) for link in candidate.item.get("links") or [] if link.get("rel") == "self"), "")
    for href in (urljoin(own, about["href"]) if own.startswith("http") else about["href"], *others):
        if str(href).startswith(("https://", "http://")):
            return Asset(str(href), about)
    scheme = about["href"].partition(":")[0]
    raise CatalogueError(
        f"the files of item {candidate.id} lie at {scheme}:, not at https:", "use a catalogue whose files can be read freely"
    )
