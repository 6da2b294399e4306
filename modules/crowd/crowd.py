"""What a plot of very many lakes draws from: the picture of a view, the lake under a pointer, the next one in a walk. Pure."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from modules.columns import Columns
from modules.crowd.cells import alone, counted, layers, levels
from modules.crowd.lattice import Lattice, Spot
from modules.crowd.places import Places
from modules.measures import FLOODED, LIT

FEW = 4_000
"""Up to so many lakes in view, the state of each is told, for outlines."""
RINGS = 2_000
"""Lakes with a flood that are ringed in one view, at most."""
HERE = 3.0
"""Pixels within which lakes are at one spot: the radius of a point."""
DIMMED = 60.0
"""Square pixels: among near lakes a lit one comes before one that is dimmed (as in widgets/pointing.js)."""


@dataclass(frozen=True)
class Found:
    """What lies under a pointer.

    Args:
        row: The lake that a click would focus, None where none is in reach.
        here: (4,) ints: lit lakes by class at one spot with the pointer.
    """

    row: int | None
    here: tuple[int, ...]


@dataclass(frozen=True)
class Crowd:
    """All lakes of a plot, as one visit sees them.

    Args:
        places: Of L lakes.
        bits: (L,) uint8 of `modules.measures.state_bits`.
        ranks: (L,) of `modules.measures.rank`.
        order: Rows of the lit, tested lakes, the most significant first.
        number: (L,) what colours the lakes in place of their class, None for nothing.
        other: (L,) x and y of the same lakes by another source, to which lines lead; None for none.
    """

    places: Places
    bits: np.ndarray
    ranks: np.ndarray
    order: np.ndarray
    number: np.ndarray | None = None
    other: tuple[np.ndarray, np.ndarray] | None = None

    @functools.cached_property
    def layer(self) -> np.ndarray:
        """(L,) of `layers`."""
        return layers(self.bits, by_class=self.number is None)

    def view(self, lattice: Lattice) -> tuple[dict[str, object], Columns]:
        """What is drawn of a lattice: facts, and the columns of cells, points and rings (see widgets/crowd.js)."""
        found = counted(self.places, self.layer, lattice, FEW)
        lone = alone(found.counts)
        cells = np.where(lone, 0, found.counts)
        columns: Columns = {"level": levels(cells).ravel(), **self._mean(cells, found.numbers)}
        columns |= self._points(lattice, lone, found.numbers)
        if self.order_rings is not None:
            columns |= self._rings(lattice)
        if found.near is not None:
            columns |= {"near": found.near.astype("<i4"), "state": self.bits[found.near]}
        facts = {"columns": lattice.columns, "rows": lattice.rows, "seen": found.seen, "lit": self.lit}
        return facts, columns

    @functools.cached_property
    def lit(self) -> int:
        """How many lakes are lit and have a place."""
        return int(np.count_nonzero((self.bits & LIT > 0) & self.places.known))

    def _mean(self, cells: np.ndarray, numbers: dict[int, np.ndarray]) -> Columns:
        """The mean number of the lit lakes in each cell, where numbers colour them."""
        if self.number is None:
            return {}
        size, total = cells.size, np.zeros(cells.size)
        for at in numbers.values():
            total += np.bincount(at, weights=self.number, minlength=size + 1)[:size]
        mean = total.reshape(cells.shape)[2] / np.maximum(cells[2], 1)
        return {"mean": np.clip(np.rint(mean), 0, 255).astype("u1").ravel()}

    def _points(self, lattice: Lattice, lone: np.ndarray, numbers: dict[int, np.ndarray]) -> Columns:
        """The lakes that stand alone: where (in cells from the corner), row, class and edge."""
        wanted = np.append(lone.ravel(), False)
        found = [(turn, np.flatnonzero(wanted[at])) for turn, at in numbers.items()]
        u, v = (np.concatenate(part) for part in zip(*(lattice.position(self.places, rows, turn) for turn, rows in found), strict=True))
        rows = np.concatenate([rows for _, rows in found])
        code = (self.bits[rows] & 3) | (self.places.beyond[rows] << 2)
        columns: Columns = {"u": u.astype("<f4"), "v": v.astype("<f4"), "row": rows.astype("<i4"), "code": code.astype("u1")}
        if self.number is not None:
            columns["number"] = np.clip(self.number[rows], 0, 255).astype("u1")
        if self.other is not None:
            columns |= {"other_x": self.other[0][rows].astype("<f4"), "other_y": self.other[1][rows].astype("<f4")}
        return columns

    @functools.cached_property
    def order_rings(self) -> np.ndarray | None:
        """Rows of the lit lakes with a flood, the most significant first; None where there are none."""
        rows = np.flatnonzero(self.bits & (LIT | FLOODED) == LIT | FLOODED)
        return rows[np.argsort(self.ranks[rows], kind="stable")] if len(rows) else None

    def _rings(self, lattice: Lattice) -> Columns:
        assert self.order_rings is not None
        us, vs = [], []
        for turn in lattice.turns(self.places):
            u, v = lattice.position(self.places, self.order_rings, turn)
            inside = np.flatnonzero((u >= 0) & (u < lattice.columns) & (v >= 0) & (v < lattice.rows))[:RINGS]
            us.append(u[inside])
            vs.append(v[inside])
        return {"ring_u": np.concatenate(us).astype("<f4"), "ring_v": np.concatenate(vs).astype("<f4")}

    def under(self, spot: Spot) -> Found:
        """What lies under a pointer."""
        places = self.places
        across, up = places.x - spot.x, places.y - spot.y
        if places.round:
            across -= np.rint(across)
        rows = np.flatnonzero((np.abs(across) <= spot.reach * spot.wide) & (np.abs(up) <= spot.reach * spot.high))
        square = (across[rows] / spot.wide) ** 2 + (up[rows] / spot.high) ** 2
        lit = self.bits[rows] & LIT > 0
        here = np.bincount(self.bits[rows[lit & (square <= HERE**2)]] & 3, minlength=4)
        near = square <= spot.reach**2
        cost = np.where(lit, square, square + DIMMED)[near]
        row = int(rows[near][np.argmin(cost)]) if len(cost) else None
        return Found(row, tuple(here.tolist()))

    def step(self, row: int | None, way: str) -> tuple[int, int] | None:
        """The next lake of a walk in order of significance: its row, and its place in the order from 0; None where none is lit.

        Args:
            row: Where the walk is; one that is not lit, or None, begins anew.
            way: `next`, `back`, `home` or `end`.
        """
        count = len(self.order)
        if not count:
            return None
        at = self._at(row) if row is not None else None
        begun = 0 if at is None else (at + (1 if way == "next" else -1)) % count
        to = {"home": 0, "end": count - 1}.get(way, begun)
        return int(self.order[to]), to

    def _at(self, row: int) -> int | None:
        if not 0 <= row < len(self.ranks):
            return None
        at = int(np.searchsorted(self._ranked, self.ranks[row]))
        return at if at < len(self.order) and self.order[at] == row else None

    @functools.cached_property
    def _ranked(self) -> np.ndarray:
        return self.ranks[self.order]
