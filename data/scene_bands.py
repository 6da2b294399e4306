"""What the bands of a scene's file are called, and whether the file can be the scene that the dataset tells of."""

from __future__ import annotations

from data.errors import RasterError
from data.rasters.grid import Grid
from data.records import Scene


def judged_bands(scene: Scene, bands: tuple[str, ...], grid: Grid) -> tuple[str, ...]:
    """(B,) names of a file's bands; raises RasterError where it cannot be the scene that the dataset tells of.

    Names in the file go before those of the dataset if they are the same in another order.
    """
    if scene.bands and len(scene.bands) != len(bands):
        raise RasterError(
            f"{scene.path} has {len(bands)} bands; those of {scene.sensor} have {len(scene.bands)} ({', '.join(scene.bands)})",
            "write it anew with these bands, or correct the sensor in scenes.parquet or dataset.toml",
        )
    if scene.lake_key is not None and not grid.crs:
        raise RasterError(
            f"{scene.path} has no coordinate reference system, so nobody can tell where it lies", "add it: gdal_edit.py -a_srs EPSG:…"
        )
    return bands if not scene.bands or set(bands) == set(scene.bands) else scene.bands
