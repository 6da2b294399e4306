"""How much water a lake of some area may hold: published relations side by side, because none is right for one lake.

Area and volume of surveyed lakes are partly correlated with themselves (volume is area × depth), and single lakes lie far off any
curve: Cook & Quincey (2015), Earth Surface Dynamics 3, 559–575. So a range is shown, never one number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Relation:
    """A relation between a lake's area and its volume.

    Args:
        authors: And year.
        formula: As printed.
        cite: Where.
        volume: (L,) m² → (L,) m³.
        caution: What to know of it.
        most_km2: The area beyond which it is left out: it was fitted to smaller lakes, and its square runs away.
    """

    authors: str
    formula: str
    cite: str
    volume: Callable[[Values], Values]
    caution: str = ""
    most_km2: float = math.inf


RELATIONS: tuple[Relation, ...] = (
    Relation(
        "Evans 1986", "V = 0.035 A^1.5 (m², m³)", "Canadian Geotechnical Journal 23, 385–387", lambda a: 0.035 * a**1.5,
        "mostly lakes dammed by landslides and ice",
    ),
    Relation(
        "O'Connor et al. 2001", "V = 3.114 A + 0.0001685 A² (m², m³)", "USGS Professional Paper 1606",
        lambda a: 3.114 * a + 0.0001685 * a**2, "small lakes of the Cascades; left out above 1 km²", most_km2=1.0,
    ),
    Relation(
        "Huggel et al. 2002", "V = 0.104 A^1.42 (m², m³)", "Canadian Geotechnical Journal 39, 316–330", lambda a: 0.104 * a**1.42,
    ),
    Relation(
        "Loriaux & Casassa 2013", "V = 0.2933 A^1.3324 (m², m³)", "Global and Planetary Change 102, 33–40", lambda a: 0.2933 * a**1.3324,
    ),
    Relation(
        "Fujita et al. 2013", "V = 55 A^1.25 (km², 10⁶ m³)", "Natural Hazards and Earth System Sciences 13, 1827–1839",
        lambda a: 55e6 * (a / 1e6) ** 1.25, "an upper envelope of Himalayan depths",
    ),
    Relation(
        "Cook & Quincey 2015", "V = 0.1217 A^1.4129 (m², m³)", "Earth Surface Dynamics 3, 559–575", lambda a: 0.1217 * a**1.4129,
    ),
)  # fmt: skip
"""The coefficients agree with several works that cite these papers; the papers themselves were not at hand, so each is to be checked
against its source before a figure is published."""

DISCHARGE = "Q = 0.00077 V^1.017 (m³, m³/s)"
"""Peak discharge of an outburst through a moraine, an upper envelope: Huggel et al. (2002), Canadian Geotechnical Journal 39, 316–330.
To be checked against its source, as above."""


def volume_range(area_km2: Values) -> tuple[Values, Values, Values]:
    """(L,) lowest, median and highest of the relations, million m³; NaN where the area is."""
    area = np.where(area_km2 > 0, area_km2, np.nan) * 1e6
    each = np.stack([np.where(area <= 1e6 * relation.most_km2, relation.volume(area), np.nan) for relation in RELATIONS]) / 1e6
    fits = np.where(np.isfinite(area), each, 0.0)  # nanmin of nothing warns
    least, middle, most = (np.where(np.isfinite(area), found, np.nan) for found in _spread(fits))
    return least, middle, most


def _spread(each: Values) -> tuple[Values, Values, Values]:
    return np.nanmin(each, axis=0), np.nanmedian(each, axis=0), np.nanmax(each, axis=0)


def peak_discharge(volume: Values) -> Values:
    """(L,) m³/s, of volumes in million m³, should all of the water leave at once through the moraine."""
    return 0.00077 * (volume * 1e6) ** 1.017
