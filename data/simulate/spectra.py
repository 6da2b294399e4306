"""Reflectance of what a scene is made of, in the six bands, as a satellite's surface product gives it.

Each row: blue, green, red, near infrared, 1.6 µm, 2.2 µm. Snow: bright and flat where one sees, and dark in the short-wave infrared the
more so the coarser its grains (Wiscombe & Warren 1980, J. Atmos. Sci. 37; Hall, Riggs & Salomonson 1995, Remote Sens. Environ. 54).
Glacier ice: lower, falling from the green on (Winther 1993). Water: absorbs from the red on (Pope & Fry 1997, Appl. Opt. 36), and
rock flour scatters blue to near infrared, most where the water absorbs least, which makes it turquoise.
"""

from __future__ import annotations

import numpy as np

from data.simulate.fractal import Field

SPECTRA: dict[str, tuple[float, float, float, float, float, float]] = {
    "clear_water": (0.058, 0.046, 0.022, 0.014, 0.009, 0.007),
    "turbid_water": (0.138, 0.178, 0.112, 0.050, 0.013, 0.009),
    "fresh_snow": (0.90, 0.90, 0.89, 0.83, 0.14, 0.10),
    "old_snow": (0.74, 0.73, 0.70, 0.54, 0.045, 0.035),
    "glacier_ice": (0.50, 0.52, 0.47, 0.33, 0.035, 0.025),
    "dirty_ice": (0.27, 0.28, 0.265, 0.20, 0.06, 0.05),
    "grey_lake_ice": (0.27, 0.29, 0.27, 0.19, 0.04, 0.03),
    "white_lake_ice": (0.62, 0.63, 0.60, 0.47, 0.06, 0.05),
    "debris": (0.115, 0.135, 0.150, 0.175, 0.200, 0.175),
    "granite": (0.165, 0.185, 0.205, 0.235, 0.265, 0.240),
    "schist": (0.085, 0.097, 0.108, 0.130, 0.155, 0.135),
    "ochre": (0.105, 0.140, 0.190, 0.235, 0.285, 0.250),
    "scree": (0.190, 0.215, 0.235, 0.265, 0.300, 0.270),
    "meadow": (0.040, 0.070, 0.055, 0.320, 0.200, 0.100),
    "dry_grass": (0.070, 0.100, 0.130, 0.240, 0.290, 0.195),
    "silt": (0.130, 0.150, 0.165, 0.165, 0.110, 0.075),
    "cloud": (0.60, 0.60, 0.62, 0.70, 0.58, 0.46),
}
"""Surface reflectance."""

SKY_SHARE = (0.25, 0.185, 0.155, 0.13, 0.085, 0.06)
"""Part of the light on flat open ground that comes from the sky and not from the sun: what is left in shadow, blue by far."""

HAZE = (0.075, 0.052, 0.036, 0.020, 0.006, 0.003)
"""Reflectance that the thickest haze adds, most to blue."""


def of(name: str) -> Field:
    """(6, 1, 1) the spectrum of a material."""
    return np.array(SPECTRA[name], dtype=np.float32)[:, None, None]


def blend(under: Field, over: Field, share: Field | float) -> Field:
    """(6, H, W) a mixture of two spectra in proportion of the area they cover."""
    return under + (over - under) * share


def water(turbidity: Field) -> Field:
    """(6, H, W) water of a turbidity (H, W) 0 to 1."""
    return blend(of("clear_water"), of("turbid_water"), turbidity[None])
