"""From the numbers of satellite products to surface reflectance: what scenes from catalogues and scenes from folders share."""

from __future__ import annotations

import re
from dataclasses import dataclass

LANDSAT = (0.0000275, -0.2)
"""Landsat 8-9 Collection 2 Level 2 Science Product Guide (USGS LSDS-1619), table of scale factors: surface reflectance. Fill is 0."""
QUANTIFICATION = 0.0001
BOA_ADD_OFFSET = -0.1
"""Sentinel-2 Products Specification (S2-PDGS-TAS-DI-PSD): from processing baseline 04.00 on, (DN + BOA_ADD_OFFSET) / 10,000 with an offset
of -1,000; before, DN / 10,000. DN 0 is no data."""
OFFSET_SINCE = 4.0


@dataclass(frozen=True)
class Scaling:
    """reflectance = DN × scale + offset; a DN of `nodata` is none."""

    scale: float
    offset: float
    nodata: float = 0.0


def sentinel_2(baseline: float, scale: float = QUANTIFICATION) -> Scaling:
    """How Sentinel-2 L2A of a processing baseline (4.0 for 04.00) is stored."""
    return Scaling(scale, BOA_ADD_OFFSET if baseline >= OFFSET_SINCE else 0.0)


def stated_baseline(text: str) -> float | None:
    """A processing baseline as metadata states it (`04.00`, `5.09`), None where it is none."""
    told = re.fullmatch(r"\s*(\d{1,2}\.\d{1,2})\s*", text)
    return float(told[1]) if told else None


def named_baseline(text: str) -> float | None:
    """The processing baseline in the name of a Sentinel-2 product (`…_N0400_…`), None where it holds none."""
    named = re.search(r"_N(\d{2})(\d{2})_", text)
    return float(f"{named[1]}.{named[2]}") if named else None
