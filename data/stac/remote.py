"""GeoTIFFs of a catalogue, read in parts."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rasterio.io import DatasetReader

from data.errors import RasterError
from data.rasters.ranges import read_in_parts
from data.stac.errors import CatalogueError, plain
from data.stac.fetching import Fetcher


@contextmanager
def remote(fetcher: Fetcher, href: str, address: Callable[[], str]) -> Generator[DatasetReader, None, None]:
    """An open GeoTIFF on a server; no other format is recognised. What was read counts only once the block has ended without an error.

    Args:
        fetcher: Who fetches.
        href: The file, without a token.
        address: Gives the address to ask, with a token that still holds.

    Raises:
        CatalogueError: It cannot be had, or is no GeoTIFF that can be read in parts.
        Stopped: The run is being ended.
    """
    try:
        with read_in_parts(lambda first, last: fetcher.part(address(), first, last), plain(href)) as dataset:
            yield dataset
    except RasterError as error:
        raise CatalogueError(error.what, "try again later, or use another catalogue of cloud-optimised GeoTIFFs") from error
