"""What a person would say of a crop, from its reflectance and label alone: how large, how snowy, how shaded, how turbid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.lens.crops import LensCrop

SNOW_INDEX, SNOW_NIR, SNOW_GREEN = 0.4, 0.11, 0.10
"""Snow: NDSI above .4, brighter than water in the near infrared and the green (Hall, Riggs and Salomonson 1995, RSE 54; MOD10)."""
DARK = 0.08
"""Reflectance that no band of a shaded pixel exceeds."""


def concepts_of(crop: LensCrop, bands: Sequence[str], pixel_m: float) -> dict[str, float]:
    """size_km2, snow, shadow, turbidity; NaN where a band, the label or the pixel's size is lacking.

    - `size_km2`: the lake's label in the whole scene.
    - `snow`: share of the pixels that are seen whose NDSI (green, swir1) is above .4, nir above .11 and green above .10.
    - `shadow`: share of them that are dark in every band and not water by the label.
    - `turbidity`: median reflectance in the red (else the nir) over the lake's label in the crop: sediment brightens both.

    Args:
        crop: What.
        bands: (B,) names of its bands.
        pixel_m: Side of a pixel, m.
    """
    seen = np.asarray(np.isfinite(crop.image).all(axis=0))
    band = {name: crop.image[place] for place, name in enumerate(bands)}
    known = bool(((crop.own == 0) | (crop.own == 1)).any())
    return {
        "size_km2": crop.own_px * pixel_m**2 / 1e6 if known and crop.own_px else float("nan"),
        "snow": _share(_snow(band), seen),
        "shadow": _share((crop.image < DARK).all(axis=0) & (crop.label == 0), seen) if known else float("nan"),
        "turbidity": _turbidity(band, seen & (crop.own == 1)),
    }


def _snow(band: dict[str, NDArray[np.float32]]) -> NDArray[np.bool_] | None:
    if not {"green", "nir", "swir1"} <= band.keys():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        index = (band["green"] - band["swir1"]) / (band["green"] + band["swir1"])
    return (index > SNOW_INDEX) & (band["nir"] > SNOW_NIR) & (band["green"] > SNOW_GREEN)


def _share(found: NDArray[np.bool_] | None, seen: NDArray[np.bool_]) -> float:
    return float(found[seen].mean()) if found is not None and seen.any() else float("nan")


def _turbidity(band: dict[str, NDArray[np.float32]], wet: NDArray[np.bool_]) -> float:
    values = band.get("red", band.get("nir"))
    return float(np.median(values[wet])) if values is not None and wet.any() else float("nan")
