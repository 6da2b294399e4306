"""How much of a lake can be seen, from the classification that comes with a scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SCL = {"clear": (2, 4, 5, 6), "shadow": (3,), "cloud": (7, 8, 9, 10), "snow": (11,)}
"""Classes of Sentinel-2's scene classification (Sentinel-2 Products Specification, S2-PDGS-TAS-DI-PSD): terrain in shadow, vegetation,
bare ground, water; cloud shadow; unclassified, cloud of medium and of high probability, thin cirrus; snow or ice. What is none of these (no
data 0, defective 1, and numbers that are no class) is missing."""
QA_PIXEL = {"missing": 1 << 0, "shadow": 1 << 4, "cloud": 1 << 1 | 1 << 2 | 1 << 3, "snow": 1 << 5}
"""Bits of Landsat's QA_PIXEL (Landsat 8-9 Collection 2 Level 2 Science Product Guide, USGS LSDS-1619): fill; cloud shadow; dilated cloud,
cirrus, cloud; snow."""


@dataclass(frozen=True)
class Clearness:
    """Shares 0 to 1 of the lake's pixels; they add up to 1.

    Args:
        clear: Seen.
        cloud, shadow: Under cloud, in the shadow of one.
        snow: Snow or ice.
        missing: No data.
    """

    clear: float
    cloud: float
    shadow: float
    snow: float
    missing: float

    @property
    def reason(self) -> str:
        """The dataset's reason code: `ok` from 0.8 clear on, else what hides most."""
        if self.clear >= 0.8:
            return "ok"
        hidden = {"cloud": self.cloud, "shadow": self.shadow, "snow_or_ice": self.snow, "partial": self.missing}
        return max(hidden, key=lambda name: hidden[name])


@dataclass(frozen=True)
class Limits:
    """What a scene may have over the lake, as shares.

    Args:
        cloud: Cloud and cloud shadow together.
        snow: Snow or ice.
        missing: No data.
    """

    cloud: float = 0.05
    snow: float = 0.70
    missing: float = 0.20

    def refuses(self, seen: Clearness) -> str:
        """Why a scene is not taken, empty where it is."""
        checks = (("cloud", seen.cloud + seen.shadow, self.cloud), ("snow", seen.snow, self.snow), ("no data", seen.missing, self.missing))
        return ", ".join(f"{name} {share:.0%}" for name, share, limit in checks if share > limit)


def clearness(classes: NDArray[np.integer], lake: NDArray[np.bool_], family: str) -> Clearness:
    """The shares over a lake.

    Args:
        classes: (H, W) classification; what lies outside the file is 0 (Sentinel-2) or 1 (Landsat), no data in both.
        lake: (H, W) the lake's pixels, at least one.
        family: As in `data.stac.assets.Files`.
    """
    inside = classes[lake].astype(np.int64)
    if family == "sentinel-2":
        found = {name: np.isin(inside, values) for name, values in SCL.items()}
        found["missing"] = ~np.logical_or.reduce(list(found.values()))
    else:
        found = {name: (inside & bits) != 0 for name, bits in QA_PIXEL.items()}
    taken = np.zeros(inside.shape, dtype=bool)
    shares: dict[str, float] = {}
    for name in ("missing", "cloud", "shadow", "snow"):
        shares[name] = float((found[name] & ~taken).mean())
        taken |= found[name]
    return Clearness(clear=float((~taken).mean()), **shares)
