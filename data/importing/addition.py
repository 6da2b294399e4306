"""Adding observations to those that a dataset holds: which are new, which it has already, which contradict it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.importing.frames import chosen, objects, truths
from data.importing.gathering import Gathered, refusal
from data.importing.matching import decided_by_id, matches
from data.importing.options import Refusal
from data.importing.overlaps import Overlaps, overlaps
from data.importing.tables import known_observations

COMPARED = ("record", "date", "area_km2", "area_sd_km2")
"""An observation that is equal in these is in the dataset already."""


@dataclass(frozen=True)
class Difference:
    """A row of the input that contradicts the dataset's observation of the same lake, source and epoch."""

    file: str
    row: int
    lake_key: int
    epoch: date
    held: str
    given: str


@dataclass(frozen=True)
class Addition:
    """What the dataset's observations become.

    Args:
        everything: All observations of inventories after the import, index 0 … N-1, with lake_key, `fresh` (whether this import
            added it) and `how` it was matched (see `matching.Matches`).
        pairs: The overlaps of their footprints.
        input_row: (N,) the row of `Gathered.rows` behind a fresh observation, -1 behind the others.
        dropped: (lake_key, date, source) of observations that were replaced.
        identical: Rows that the dataset held already.
        differing: Rows that contradict it and were not taken; with --replace, those that took their place.
        refused: Every row that was set aside.
        far: Rows whose id names a lake that lies elsewhere, in words.
    """

    everything: pd.DataFrame
    pairs: Overlaps
    input_row: NDArray[np.intp]
    dropped: set[tuple[int, date, str]]
    identical: int
    differing: list[Difference]
    refused: list[Refusal]
    far: list[str]

    @property
    def fresh(self) -> NDArray[np.bool_]:
        """(N,) the observations that this import added."""
        return truths(self.everything, "fresh")


@dataclass
class _Comparison:
    """How the input compares with what the dataset holds."""

    keep: NDArray[np.bool_]
    identical: int = 0
    dropped: set[tuple[int, date, str]] = field(default_factory=set[tuple[int, date, str]])
    differing: list[Difference] = field(default_factory=list[Difference])


def addition(found: Gathered, held: dict[str, pd.DataFrame], replace: bool) -> Addition:
    """Match the input with the dataset's observations and with itself.

    Args:
        found: The observations of the input.
        held: The dataset's tables, empty for a new one.
        replace: Whether a row that contradicts the dataset takes the place of what it holds.
    """
    known = known_observations(held)
    parts = [known.assign(fresh=False), found.rows.assign(lake_key=-1, fresh=True)]
    rows = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    pairs = overlaps(objects(rows, "footprint"), decided_by_id(rows))
    matched = matches(rows, pairs)
    rows["lake_key"], rows["how"] = matched.lake_key, matched.how
    compared = _compared(rows, len(known), replace)
    refused = [*found.refused, *_same_day(rows, compared.keep, found, len(known))]
    input_row = np.arange(len(rows)) - len(known)
    input_row[: len(known)] = -1
    far = [
        f"{i} (row {r} of {f})" for i, r, f in zip(*(objects(rows, name)[matched.far] for name in ("lake_id", "row", "file")), strict=True)
    ]
    kept = chosen(rows, compared.keep).reset_index(drop=True)
    ordered = sorted(refused, key=lambda r: (r.file, r.row))
    return Addition(
        kept, pairs.among(compared.keep), input_row[compared.keep], compared.dropped, compared.identical, compared.differing, ordered, far
    )


def _compared(rows: pd.DataFrame, count: int, replace: bool) -> _Comparison:
    """Find what the dataset, whose observations are the first `count` rows, says of the lake, source and epoch of each row of the input."""
    result = _Comparison(np.ones(len(rows), dtype=bool))
    names = list(zip(*(objects(rows, name) for name in ("lake_key", "source", "epoch")), strict=True))
    held = {name: row for row, name in enumerate(names[:count])}
    cells = list(zip(*(objects(rows, name) for name in COMPARED), strict=True))
    days = objects(rows, "date")
    for row in range(count, len(rows)):
        other = held.get(names[row])
        if other is None:
            continue
        if all(_same(a, b) for a, b in zip(cells[row], cells[other], strict=True)):
            result.keep[row] = False
            result.identical += 1
            continue
        result.differing.append(_difference(rows, row, other))
        result.keep[other if replace else row] = False
        if replace:
            result.dropped.add((int(names[other][0]), days[other], str(names[other][1])))
    return result


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return bool(np.isclose(a, b, rtol=1e-12, atol=0, equal_nan=True))
    return bool(a == b)


def _difference(rows: pd.DataFrame, row: int, other: int) -> Difference:
    days, areas = objects(rows, "date"), objects(rows, "area_km2")
    held, given = (f"{areas[n]:.4f} km² on {days[n].isoformat()}" for n in (other, row))
    file, number, key, epoch = (objects(rows, name)[row] for name in ("file", "row", "lake_key", "epoch"))
    return Difference(file, int(number), int(key), epoch, held, given if given != held else f"{given} (another column differs)")


def _same_day(rows: pd.DataFrame, keep: NDArray[np.bool_], found: Gathered, count: int) -> list[Refusal]:
    """Observations of different epochs that were drawn from one image: the later epoch's is set aside."""
    refused: list[Refusal] = []
    names = list(zip(*(objects(rows, name) for name in ("lake_key", "date", "source")), strict=True))
    epochs = objects(rows, "epoch")
    first: dict[tuple[Any, ...], int] = {}
    for row in sorted(np.flatnonzero(keep).tolist(), key=lambda n: (n >= count, epochs[n], n)):
        held = first.setdefault(names[row], row)
        if held != row and row >= count:
            keep[row] = False
            reason = (
                f"a duplicate (lake, date, source): lake {names[row][0]} has an outline of that day already (epoch {epochs[held].year})"
            )
            refused.append(refusal(found.rows, found.extra, row - count, reason))
    return refused
