"""Which drivers the two GDALs do without: rasterio and pyogrio bring one each, and both read the same variables as they start.

Whoever starts first must not decide for the other, and naming a driver that a GDAL does not have makes it complain: so each gets its own
list, while it starts and no longer.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

RASTERIO = "VRT,GTI,HTTP,WMS,WCS,WMTS,DAAS,EEDA,EEDAI,PLMOSAIC,STACIT,STACTA"
PYOGRIO = "OGR_VRT,GDALG,ADBC,HTTP,WFS,OAPIF,OGCAPI,CSW,AmigoCloud,Carto,EEDA,Elasticsearch,NGW,PLSCENES"
"""Drivers that open other files, or addresses, from inside a file. A "shapefile" whose content is an OGR VRT would read system files."""

# Read at every opening, by both. What reads from the network here (`data.stac`) hands GDAL bytes.
os.environ["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = ".nothing"


@contextmanager
def without(drivers: str) -> Generator[None]:
    """For the GDAL that starts within: the drivers that it does without, beside those that whoever started this process named."""
    before = os.environ.get("GDAL_SKIP")
    os.environ["GDAL_SKIP"] = ",".join(part for part in (before, drivers) if part)
    try:
        yield
    finally:
        del os.environ["GDAL_SKIP"]
        if before is not None:
            os.environ["GDAL_SKIP"] = before
