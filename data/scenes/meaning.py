"""What the numbers of a file mean: told by the user, by the file, or by the product that it is; never by the date, never guessed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.errors import RasterError
from data.reflectance import LANDSAT, Scaling, named_baseline, sentinel_2, stated_baseline
from data.scenes.headers import Header
from data.scenes.sensors import REFLECTANCE, Sensor
from data.scenes.wish import HARMONISED, Options

DARK, DARK_SHARE = -0.02, 0.2
"""Where so many pixels have so little reflectance, an offset was assumed wrongly."""
BRIGHT = 2.0
"""A median above it is no reflectance."""
BASELINE_TAGS = {
    "baseline", "processing_baseline", "processing baseline", "processingbaseline", "s2_processing_baseline",
    "s2:processing_baseline", "processing:version",
}  # fmt: skip
"""Tags, in lower case, that hold a Sentinel-2 baseline; the baseline of a radar pair is another thing."""
SAY = "say --sensor (and --baseline for Sentinel-2), or --scale and --offset; --scale 1 takes them as they are"


@dataclass(frozen=True)
class Meaning:
    """How stored numbers are read.

    Args:
        kind: `scaled` (by `scaling`), `own` (as the file itself states: scale 1 for floats), or `picture` (bytes as they are).
        says: That, and why, in words.
        scaling: Of `scaled`; its nodata is NaN where only the file's own counts.
        product: Whether the numbers are those of a satellite product that is known; then only bands of reflectance are scaled.
    """

    kind: str
    says: str
    scaling: Scaling | None = None
    product: bool = False


def meaning(header: Header, sensor: Sensor | None, options: Options) -> Meaning:
    """What the numbers of a file mean.

    Raises:
        RasterError: Nobody knows; the remedy says which option tells.
    """
    if options.scale is not None or options.offset is not None:
        scaling = Scaling(options.scale if options.scale is not None else 1.0, options.offset or 0.0, float("nan"))
        return Meaning("scaled", f"numbers × {scaling.scale:g} {_signed(scaling.offset)} (--scale, --offset)", scaling)
    if header.scaled:
        return Meaning("own", "reflectance by the scale and offset that the files state")
    kind = np.dtype(header.dtype)
    if kind.kind == "f":
        return Meaning("own", "floating-point numbers as they are")
    if kind == np.uint8:
        return Meaning("picture", "8-bit pictures, shown as they are")
    if kind.kind not in "iu":
        raise RasterError(f"{header.path} holds {header.dtype}", "store whole numbers or floats")
    if sensor is None:
        raise RasterError(f"nobody knows what the whole numbers ({header.dtype}) of {header.path} mean", SAY)
    if sensor.family == "landsat":
        return Meaning("scaled", f"{sensor.name}: DN × {LANDSAT[0]:.7f} {_signed(LANDSAT[1])}, DN 0 is no data", Scaling(*LANDSAT), True)
    return _sentinel(header, options)


def _sentinel(header: Header, options: Options) -> Meaning:
    if options.baseline is not None:
        scaling = sentinel_2(options.baseline)
        how = "whose offset was taken off already" if options.baseline == 0 else f"of baseline {options.baseline:05.2f}"
        return Meaning("scaled", f"Sentinel-2 L2A {how} (--baseline): {_formula(scaling)}", scaling, True)
    offset = _tagged_offset(header.tags)
    if offset is not None:
        scaling = Scaling(0.0001, offset / 10000)
        return Meaning("scaled", f"Sentinel-2 L2A, by the tag BOA_ADD_OFFSET: {_formula(scaling)}", scaling, True)
    told = _tagged_baseline(header.tags)
    if told is None:
        what = f"{header.path} does not tell its processing baseline, and from 04.00 on 1,000 is to be taken off"
        remedy = f"say --baseline (e.g. 05.09; the _N0509_ in the product's name), or --baseline {HARMONISED} where it was taken off"
        raise RasterError(what, remedy)
    scaling = sentinel_2(told)
    return Meaning("scaled", f"Sentinel-2 L2A of baseline {told:05.2f} (told by the files): {_formula(scaling)}", scaling, True)


def _tagged_offset(tags: dict[str, str]) -> float | None:
    """BOA_ADD_OFFSET in DN (-1000 or 0), None where no tag tells it."""
    for key, value in tags.items():
        if "boa_add_offset" in key:
            try:
                found = float(value)
            except ValueError:
                continue
            if abs(found) <= 10000:
                return found
    return None


def _tagged_baseline(tags: dict[str, str]) -> float | None:
    for key, value in tags.items():
        told = stated_baseline(value) if key in BASELINE_TAGS else named_baseline(value)
        if told is not None:
            return told
    return None


def _formula(scaling: Scaling) -> str:
    taken = f" {_signed(scaling.offset / scaling.scale)}" if scaling.offset else ""
    return f"(DN{taken})/10,000, DN 0 is no data" if taken else "DN/10,000, DN 0 is no data"


def _signed(offset: float) -> str:
    return f"{'−' if offset < 0 else '+'} {abs(offset):,g}"


def doubts(values: NDArray[np.float32] | NDArray[np.uint8], bands: tuple[str, ...]) -> str:
    """Why numbers may not be the reflectance that they were taken for, empty where nothing speaks against it.

    Args:
        values: (B, H, W), NaN where there is no data; a picture's bytes are none of reflectance.
        bands: (B,) names; only those of reflectance are looked at.
    """
    chosen = [place for place, band in enumerate(bands) if band in REFLECTANCE and values.dtype != np.uint8]
    held = values[chosen]
    held = held[np.isfinite(held)]
    if not len(held):
        return ""
    if (dark := float((held < DARK).mean())) > DARK_SHARE:
        return f"{dark:.0%} of the numbers lie below 0: the offset may be wrong (--baseline, --offset)"
    if (middle := float(np.median(held))) > BRIGHT:
        return f"half of the numbers lie above {middle:,.4g}: they may not be reflectance (--scale)"
    return ""
