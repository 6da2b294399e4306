"""Rasters: scenes, masks and elevation models, read and written under limits. The one place of data/ that opens a GeoTIFF.

GDAL's drivers that open other files or the network from inside one are switched off (rasterio keeps that for the process).
"""

import os
import warnings

from rasterio.env import Env
from rasterio.errors import NotGeoreferencedWarning

from data.gdal_drivers import RASTERIO, without

os.environ.setdefault("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR")
with without(RASTERIO), Env():
    pass  # it starts with the first of these, not as it is imported

# Chips have no place on the ground, and masks are drawn in pixels: rasterio would warn of each.
warnings.simplefilter("ignore", NotGeoreferencedWarning)
