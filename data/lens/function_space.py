"""Networks as points: what several runs predict on the same scenes, epoch by epoch, laid out in two dimensions together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from data.errors import LensError

NEIGHBOURS = 5
"""Of a point of Isomap, at least: more where the graph would fall apart."""


@dataclass(frozen=True)
class Functions:
    """What one run predicts through its epochs.

    Args:
        scene_key: (P,).
        epochs: (E,).
        probability: (E, P, h, w) uint8, block means: 255 × the probability of water.
    """

    scene_key: NDArray[np.int64]
    epochs: tuple[int, ...]
    probability: NDArray[np.uint8]


@dataclass(frozen=True)
class FunctionSpace:
    """Where the runs are.

    Args:
        points: run, epoch, x, y: a row a run and epoch, in the order of the runs and their epochs.
        explained: Share of all variance (of all squared distances) along x and y.
        scenes: How many scenes all runs share, which is what they are compared on.
    """

    points: pd.DataFrame
    explained: tuple[float, float]
    scenes: int


def function_space(runs: Mapping[str, Functions], how: str = "probabilities") -> FunctionSpace:
    """Lay out all runs and epochs together.

    Args:
        runs: Name → what it predicts; only scenes that all of them have count.
        how: A key of LAYOUTS.

    Raises:
        LensError: The runs share no scene, or keep their predictions at different sizes.
    """
    rows = _rows(runs)
    vectors = np.concatenate([_vectors(held, rows[name]) for name, held in runs.items()])
    place, explained = LAYOUTS[how](vectors)
    first = next(iter(runs.values()))
    # Which end of an axis is positive is left to chance: the first run goes to the right, and up.
    place = place * np.where(place[len(first.epochs) - 1] < place[0], -1, 1)
    labels = [(name, epoch) for name, held in runs.items() for epoch in held.epochs]
    points = pd.DataFrame(labels, columns=["run", "epoch"]).assign(x=place[:, 0], y=place[:, 1])
    return FunctionSpace(points, explained, len(next(iter(rows.values()))))


def _rows(runs: Mapping[str, Functions]) -> dict[str, NDArray[np.intp]]:
    """Run → rows of the scenes that all runs have, in one order."""
    if not runs:
        raise LensError("no run has predictions to compare", "make lenses: `python -m models lens RUN`")
    sizes = {name: held.probability.shape[2:] for name, held in runs.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {' × '.join(map(str, size))}" for name, size in sizes.items())
        raise LensError(f"functions.npz differ in size: {told}", "make these lenses again with one version: `python -m models lens RUN`")
    common = sorted(set.intersection(*(set(held.scene_key.tolist()) for held in runs.values())))
    if not common:
        raise LensError(
            f"the runs {', '.join(runs)} share no scene of their probe sets",
            "make their lenses on one dataset: `python -m models lens RUN --dataset DIR`",
        )
    return {name: _rows_of(held.scene_key, np.array(common)) for name, held in runs.items()}


def _rows_of(scene_key: NDArray[np.int64], common: NDArray[np.int64]) -> NDArray[np.intp]:
    order = np.argsort(scene_key)
    return order[np.searchsorted(scene_key, common, sorter=order)]


def _vectors(held: Functions, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """(E, P h w) probabilities from 0 to 1."""
    chosen = held.probability[:, rows]
    return chosen.reshape(len(chosen), -1) / 255.0


def principal(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """(n, 2) the first two principal components of (n, D) and their shares of the variance; n is small, so by way of (n, n)."""
    centred = vectors - vectors.mean(axis=0)
    return _scaled(centred @ centred.T)


def disagreement(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Classical scaling of the share of places on which two disagree whether there is water: squared distances between 0/1 vectors."""
    return principal((vectors > 0.5).astype(np.float64))


def isomap(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Classical scaling of distances along a graph of near neighbours (Tenenbaum, de Silva and Langford 2000)."""
    squares = (vectors**2).sum(axis=1)
    direct = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * vectors @ vectors.T, 0))
    np.fill_diagonal(direct, -1)  # each is its own first neighbour, also where others are just like it
    along = _geodesic(direct)
    centring = np.eye(len(along)) - 1 / len(along)
    return _scaled(-0.5 * centring @ along**2 @ centring)


def _geodesic(direct: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(direct, axis=1, kind="stable")
    for count in range(min(NEIGHBOURS, len(direct) - 1), len(direct)):
        rows, near = np.repeat(np.arange(len(direct)), count), order[:, 1 : count + 1].ravel()
        # A sparse graph: in a dense one a distance of 0 would be no edge at all.
        found = shortest_path(csr_array((direct[rows, near], (rows, near)), shape=direct.shape), directed=False)
        if np.isfinite(found).all():
            return found
    return np.maximum(direct, 0)


def _scaled(gram: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """(n, 2) coordinates whose inner products come nearest to these, and the share that each axis explains."""
    values, axes = np.linalg.eigh((gram + gram.T) / 2)
    values, axes = np.maximum(values[::-1], 0), axes[:, ::-1]
    place = np.zeros((len(gram), 2))
    first = min(2, len(gram))
    place[:, :first] = axes[:, :first] * np.sqrt(values[:first])
    shares = np.zeros(2)
    shares[:first] = values[:first] / values.sum() if values.sum() > 0 else 0
    return place, (float(shares[0]), float(shares[1]))


LAYOUTS: dict[str, Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], tuple[float, float]]]] = {
    "probabilities": principal,
    "disagreement": disagreement,
    "isomap": isomap,
}
