"""Canonical correlations of two representations: how far the one's channels can be mixed to give the other's.

Unlike CKA they forgive any invertible mixing of channels, and so take a direction of hardly any variance for as good as the first:
SVCCA therefore keeps only the directions that hold most of the variance.

Sources: Hotelling 1936, Relations between two sets of variates (Biometrika 28); Björck & Golub 1973, Numerical methods for computing
angles between linear subspaces (Math. Comp. 27), for the way through orthonormal bases; Raghu, Gilmer, Yosinski & Sohl-Dickstein 2017,
SVCCA (NeurIPS), section 2.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from data.lens.alike import Alike, Features, centred, untold, unusable

LEAST = 3
SHARE = 0.99
"""Of the variance that SVCCA keeps, as its authors do."""


def basis(features: NDArray[np.floating], share: float = 1.0) -> Features:
    """(N, k) orthonormal columns that span the centred features, the direction of most variance first.

    Args:
        features: (N, C).
        share: Of the variance that is kept, with as few directions as hold it; 1 keeps all that are more than rounding.
    """
    held = centred(features)
    left, sizes, _ = cast(tuple[Features, Features, Features], np.linalg.svd(held, full_matrices=False))
    kept = int((sizes > sizes.max(initial=0.0) * max(held.shape) * np.finfo(np.float64).eps).sum())
    if share < 1:
        reached = np.cumsum(sizes**2) / max(float((sizes**2).sum()), np.finfo(np.float64).tiny)
        kept = min(kept, int(np.searchsorted(reached, share) + 1))
    return left[:, :kept]


def correlations(first: Features, second: Features) -> Features:
    """(min(k, l),) canonical correlations of two bases as `basis` gives them, the largest first."""
    sizes = cast(Features, np.linalg.svd(first.T @ second, compute_uv=False))
    return np.clip(sizes, 0.0, 1.0)


def mean_cca(first: NDArray[np.floating], second: NDArray[np.floating]) -> Alike:
    """The mean of all canonical correlations, as many as the smaller of the two ranks.

    1 for the same representation, also when its channels are mixed in any way that can be undone.

    Args:
        first, second: (N, p) and (N, q), the same scenes in the same order.

    Raises:
        ValueError: They are not of the same scenes.
    """
    return _mean(first, second, 1.0)


def svcca(first: NDArray[np.floating], second: NDArray[np.floating], share: float = SHARE) -> Alike:
    """The mean canonical correlation of the leading directions of each, which hold `share` of its variance (Raghu et al. 2017).

    Arguments and errors are those of `mean_cca`.
    """
    return _mean(first, second, share)


def mean_of(first: Features, second: Features) -> Alike:
    """The mean canonical correlation of two bases, with a warning where it is 1 by the count alone.

    Centred features of N scenes lie in N - 1 dimensions: where the two span more than that together, they share a direction for each that
    is too many, whatever the scenes are.
    """
    forced = min(first.shape[1] + second.shape[1] - (len(first) - 1), first.shape[1], second.shape[1])
    value = float(correlations(first, second).mean())
    if forced <= 0:
        return Alike(value)
    few, spans = min(first.shape[1], second.shape[1]), f"{first.shape[1]} and {second.shape[1]} directions"
    return Alike(value, warning=f"{len(first)} scenes are too few for {spans}: {forced} of {few} correlations are 1 by the count alone")


def _mean(first: NDArray[np.floating], second: NDArray[np.floating], share: float) -> Alike:
    why = unusable(first, second, LEAST)
    return untold(why) if why else mean_of(basis(first, share), basis(second, share))
