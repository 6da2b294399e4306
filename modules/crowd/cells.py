"""Counting lakes by cells, and finding those that stand alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from modules.crowd.lattice import Lattice
from modules.crowd.places import Places
from modules.measures import LIT

CONTEXT = 0
"""The layer of lakes that are not lit; layer 1 + c is that of the lit lakes of class c."""
LAYERS = 5
ALONE = ((6, 3), (6, 2), (6, 1), (12, 1), (24, 1))
"""What standing alone means, in turn until no more than POINTS lakes do: so many lit lakes at most in a square of so many cells."""
POINTS = 8_000
"""Lakes that are drawn as points since they stand alone, at most."""
RARE = 300
"""Up to so many lakes of a class that grew or shrank are points even in a crowd, which would hide them."""
RARE_LAYERS = (3, 4)
STEPS = 12
"""Steps of a level in which a count doubles."""


@dataclass(frozen=True)
class Counted:
    """What a lattice holds.

    Args:
        counts: (LAYERS, rows, columns) int: lakes in each cell, by layer.
        numbers: For each turn of the world (L,) int: the number of a lake's layer and cell in `counts`, flat; its size for none.
        seen: Lit lakes in the part that is on screen, each once.
        near: Rows of all lakes in the lattice, lit or not, where there are few; else None.
    """

    counts: np.ndarray
    numbers: dict[int, np.ndarray]
    seen: int
    near: np.ndarray | None


def layers(bits: np.ndarray, *, by_class: bool = True) -> np.ndarray:
    """(L,) uint8: the layer of each lake.

    Args:
        bits: (L,) uint8 of `modules.measures.state_bits`.
        by_class: Whether lit lakes are told apart by class; else all are in layer 2.
    """
    table = np.array([(1 + (bit & 3) if by_class else 2) if bit & LIT else CONTEXT for bit in range(256)], dtype=np.uint8)
    return table[bits]


def counted(places: Places, layer: np.ndarray, lattice: Lattice, few: int) -> Counted:
    """Count lakes by layer and cell.

    Args:
        places: Of L lakes.
        layer: (L,) of `layers`.
        lattice: The cells.
        few: Up to so many lakes in the lattice are named in `near`.
    """
    size = LAYERS * lattice.cells
    counts, numbers, seen = np.zeros(size, dtype=np.int64), {}, np.zeros(len(layer), dtype=bool)
    near: list[np.ndarray | None] = []
    for turn in lattice.turns(places):
        u, v = lattice.position(places, slice(None), turn)
        with np.errstate(invalid="ignore"):  # lakes without a place
            i, j = u.astype(np.int32), v.astype(np.int32)
        inside = (u >= 0) & (u < lattice.columns) & (v >= 0) & (v < lattice.rows)
        number = np.where(inside, j * lattice.columns + i + layer.astype(np.int32) * lattice.cells, size)
        counts += np.bincount(number, minlength=size + 1)[:size]
        west, east, low, top = lattice.seen
        x = places.x + turn
        seen |= (x >= west) & (x <= east) & (places.y >= low) & (places.y <= top)
        near.append(np.flatnonzero(inside) if np.count_nonzero(inside) <= few else None)
        numbers[turn] = number
    held = [rows for rows in near if rows is not None]
    found = np.unique(np.concatenate(held)) if len(held) == len(near) else None
    return Counted(counts.reshape(LAYERS, lattice.rows, lattice.columns), numbers, int(np.count_nonzero(seen & (layer != CONTEXT))), found)


def alone(counts: np.ndarray) -> np.ndarray:
    """(LAYERS, rows, columns) booleans: the cells whose lakes of that layer are drawn as points: few others lie near, or they are rare.

    Args:
        counts: Likewise, of `counted`.
    """
    lit = counts[CONTEXT + 1 :]
    lone = _alone(lit.sum(axis=0)) & (lit > 0)
    for layer in RARE_LAYERS:
        if int(counts[layer].sum()) <= RARE:
            lone[layer - 1] = counts[layer] > 0
    return np.concatenate([np.zeros((1, *lone.shape[1:]), dtype=bool), lone])


def _alone(counts: np.ndarray) -> np.ndarray:
    rows, columns = counts.shape
    for side, few in ALONE:
        padded = np.pad(counts, ((0, -rows % side), (0, -columns % side)))
        squares = padded.reshape(padded.shape[0] // side, side, padded.shape[1] // side, side).sum(axis=(1, 3))
        fine = (squares > 0) & (squares <= few)
        if int(squares[fine].sum()) <= POINTS:
            return np.repeat(np.repeat(fine, side, axis=0), side, axis=1)[:rows, :columns]
    return np.zeros(counts.shape, dtype=bool)


def levels(counts: np.ndarray) -> np.ndarray:
    """uint8: counts as steps of a logarithm, 0 for none; right to 3 %, and exact for 1, 2, 4, ….

    Args:
        counts: Integers, of any shape.
    """
    steps = np.zeros(counts.shape, dtype=np.uint8)
    some = counts > 0
    steps[some] = np.minimum(np.rint(1 + STEPS * np.log2(counts[some])), 255)
    return steps
