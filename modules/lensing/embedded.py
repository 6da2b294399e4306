"""The scenes of a lens in the plane of one layer's activations, and the error smoothed over it. Pure; slow parts run in threads."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.lens.clusters import groups_of
from data.lens.error_field import Field, chosen_bandwidth, error_field, grid_over, spread
from data.lens.manifest import Manifest
from data.lens.projection import principal
from data.lens.reading import Lens
from modules.lensing.tiles import scene_words

FILES = ("scenes.parquet", "features.npz")
LINES = 100
"""Lines of the grid on a side."""
NARROWEST, WIDEST = 0.02, 1.0
"""Bandwidths that can be chosen, in spreads of the projection."""


@dataclass(frozen=True, eq=False)
class Embedded:
    """Scenes in the plane.

    Args:
        lens: Whose.
        layer: By whose activations.
        projection: `pca` or `umap`.
        places: (N, 2) float64, NaN where a scene has no place; row order of `lens.scenes`.
        explained: Shares of the variance along the two axes; None where the projection has none.
        share: The bandwidth that the data allow, in spreads.
        said: (N,) what is said of each scene, without tags.
    """

    lens: Lens
    layer: str
    projection: str
    places: NDArray[np.float64]
    explained: tuple[float, float] | None
    share: float
    said: tuple[str, ...]

    @property
    def scenes(self) -> pd.DataFrame:
        return self.lens.scenes

    def field(self, share: float) -> Field:
        """The error smoothed with a bandwidth of so many spreads."""
        grid = grid_over(self.places, LINES)
        return error_field(self.places, errors(self.scenes), share * spread(self.places), grid)

    def axes(self) -> tuple[str, str]:
        """What the two axes are called."""
        if self.explained is None:
            return "UMAP 1", "UMAP 2"
        first, second = (f"component {number} ({100 * part:.0f} %)" for number, part in enumerate(self.explained, 1))
        return first, second


def embedded(lens: Lens, layer: str, projection: str) -> Embedded:
    """Lay the scenes out, and find a bandwidth; a third of a second for 1,200 scenes.

    Args:
        lens: Whose FILES can be used.
        layer: Of it.
        projection: As `usable` gives it.
    """
    scenes = lens.scenes
    if projection == "umap":
        places, explained = scenes[["umap_x", "umap_y"]].to_numpy(dtype=float), None
    else:
        made = principal(lens.features()[layer])
        places, explained = made.coordinates, (float(made.explained[0]), float(made.explained[1]))
    share = chosen_bandwidth(places, errors(scenes), lakes(scenes))
    return Embedded(lens, layer, projection, places, explained, share, tuple(said(lens)))


def said(lens: Lens) -> list[str]:
    """(N,) what is said of each scene; plotly reads tags, so none is left."""
    splits = lens.scenes["split"]
    return [escape(f"{scene_words(lens, key)}{f', {split}' if split else ''}", quote=False) for key, split in splits.items()]


def errors(scenes: pd.DataFrame) -> NDArray[np.float64]:
    """(N,) 1 − IoU, NaN where there is none."""
    return 1.0 - scenes["iou"].to_numpy(dtype=float)


def lakes(scenes: pd.DataFrame) -> NDArray[np.int64]:
    """(N,) which scenes are of one lake; one of no lake stands alone."""
    keys = scenes["lake_key"]
    return groups_of(keys.fillna(-1).to_numpy(dtype=np.int64), keys.notna().to_numpy())


def layer_of(manifest: Manifest, wanted: str) -> str:
    """The layer that is asked for, the bottleneck where there is none of that name."""
    return wanted if manifest.layer(wanted) is not None else manifest.bottleneck


def usable(lens: Lens, layer: str, wanted: str) -> str:
    """`umap` where it is asked for and the lens has it, of the bottleneck alone; else `pca`."""
    known = bool(lens.scenes[["umap_x", "umap_y"]].notna().all(axis=1).any())
    return "umap" if wanted == "umap" and known and layer == lens.manifest.bottleneck else "pca"
