"""UMAP of features, where umap-learn is installed (`requirements-lens.txt`): nothing else of Moraine asks for it."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

SEED, NEIGHBOURS = 0, 15


def umap_of(features: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """(N, 2) UMAP (McInnes, Healy and Melville 2018, arXiv:1802.03426) of standardised features, always the same; None: not installed.

    Args:
        features: (N, C), N > 3.
    """
    try:
        from umap import UMAP  # noqa: PLC0415  heavy, and optional  # pyright: ignore
    except ImportError:
        return None
    scaled = (features - features.mean(axis=0)) / np.maximum(features.std(axis=0), 1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed costs parallelism
        made = UMAP(n_neighbors=min(NEIGHBOURS, len(scaled) - 1), random_state=SEED, n_jobs=1).fit_transform(scaled)
    return np.asarray(made, dtype=np.float32)
