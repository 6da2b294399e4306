"""What the Lens page looks at, as a frozen record. Pure; it round-trips through the URL in `modules.links.lens`."""

from __future__ import annotations

from dataclasses import dataclass

TABS = {
    "training": "Training",
    "functions": "Function space",
    "layers": "Layers",
    "embedding": "Embedding",
    "compare": "Compare",
    "sequence": "Sequence lab",
}
"""Tabs by name; the first opens."""
PROJECTIONS = {"umap": "UMAP", "pca": "PCA"}
COLOURS = {
    "iou": "IoU", "reason": "reason", "split": "split", "size_km2": "size", "snow": "snow", "shadow": "shadow", "turbidity": "turbidity",
}  # fmt: skip
"""Columns of the scenes by which marks are coloured."""


@dataclass(frozen=True)
class Lensing:
    """What is looked at; empty texts and None mean: the page chooses.

    Args:
        tab: A key of TABS.
        run: Whose lens.
        epoch: Of training; None: the last.
        scene: The scene in focus, by its key.
        layer: Of the run.
        other, other_epoch, other_layer: What the run, its epoch and its layer are compared with.
        projection: A key of PROJECTIONS.
        bandwidth: Of the smoothed error field, in standard deviations of the projection; None: found from the data.
        colour: A key of COLOURS.
        measure: A key of `data.lens.similarity.MEASURES`.
        selected: Scenes that a brush chose, by key.
    """

    tab: str = "training"
    run: str = ""
    epoch: int | None = None
    scene: int | None = None
    layer: str = ""
    other: str = ""
    other_epoch: int | None = None
    other_layer: str = ""
    projection: str = "umap"
    bandwidth: float | None = None
    colour: str = "iou"
    measure: str = "cka"
    selected: tuple[int, ...] = ()
