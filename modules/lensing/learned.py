"""Which layers of a run learn, in the order in which a scene passes them. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.lens.learning import Fate, Learning, fates, learning
from data.lens.manifest import Layer, Manifest
from data.lens.reading import Lens

KINDS = {"never": "never learns", "stopped": "stops learning", "late": "begins late", "vanishing": "hardly any gradient"}
"""Kind of a fate → in as few words as a table has room for."""


def learned(lens: Lens) -> tuple[Learning, tuple[Fate, ...]]:
    """The gradients and movements of a run by layer, in forward order, and what does not learn as the others do.

    Raises:
        LensError: gradients.parquet is missing or cannot be used.
    """
    run = learning(lens.gradients())
    order = sorted(range(len(run.layers)), key=lambda at: _forward(lens.manifest, run.layers[at], run.blocks[at]))
    ordered = replace(
        run, layers=tuple(run.layers[at] for at in order), blocks=tuple(run.blocks[at] for at in order),
        gradient=run.gradient[np.array(order, dtype=int)], moved=run.moved[np.array(order, dtype=int)],
    )  # fmt: skip
    return ordered, fates(ordered)


def layer_of(manifest: Manifest, weights: str, block: str) -> Layer | None:
    """The layer whose activations some weights make: of the same module, or else the last of the same block."""
    module = weights.rpartition(".")[0]
    named = manifest.layer(module)
    return named or next((layer for layer in reversed(manifest.layers) if block and layer.block == block), None)


def _forward(manifest: Manifest, weights: str, block: str) -> int:
    """Where it stands among the layers; behind all of them where it makes none."""
    layer = layer_of(manifest, weights, block)
    return manifest.layers.index(layer) if layer else len(manifest.layers)


def fate_of(layer: Layer, found: tuple[Fate, ...]) -> Fate | None:
    """What is to be said of the weights that make a layer, None where they learn."""
    for fate in found:
        modules = {weights.rpartition(".")[0] for weights in fate.layers}
        if layer.name in modules or (layer.block and fate.name == layer.block):
            return fate
    return None
