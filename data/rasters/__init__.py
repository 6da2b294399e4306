"""Rasters: scenes, masks and elevation models, read and written under limits. The one place of data/ that opens a GeoTIFF.

GDAL's drivers that open other files or the network from inside one are switched off before rasterio is first imported
(rasterio keeps the setting for the process), whatever imports this package.
"""

import os

os.environ.setdefault("GDAL_SKIP", "VRT,HTTP,WMS,WCS,WMTS,PLSCENES,DAAS,EEDAI,STACIT,STACTA")
os.environ.setdefault("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR")

import warnings

from rasterio.errors import NotGeoreferencedWarning

# Chips have no place on the ground, and masks are drawn in pixels: rasterio would warn of each.
warnings.simplefilter("ignore", NotGeoreferencedWarning)
