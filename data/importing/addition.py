"""Adding observations to those that a dataset holds: which are new, which it has already, which contradict it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from data.importing.gathering import Gathered, refusal
from data.importing.matching import matches
from data.importing.options import Refusal
from data.importing.overlaps import Overlaps, overlaps
from data.importing.tables import known_observations

FIELDS = ("record", "date", "area_km2", "area_sd_km2")
"""What an observation is compared by: equal in these, it is in the dataset already."""


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
        everything: All observations of inventories after the import, index 0 … N-1, with lake_key, `fresh` (whether this import added it) and `how` it was matched.
        pairs: The overlaps of their footprints.
        input_row: (N,) the row of `Gathered.rows` behind a fresh observation, -1 behind the others.
        dropped: (lake_key, date, source) of observations that were replaced.
        identical: Rows that the dataset held already.
        differing: Rows that contradict it and were not taken (with --replace: those that took their place).
        refused: Every row that was set aside.
        far: Rows whose id names a lake that lies elsewhere, in words.
    """

    everything: pd.DataFrame
    pairs: Overlaps
    input_row: np.ndarray
    dropped: set[tuple[int, date, str]]
    identical: int
    differing: list[Difference]
    refused: list[Refusal]
    far: list[str]


def addition(found: Gathered, held: dict[str, pd.DataFrame], replace: bool) -> Addition:
    """Match the input with the dataset's observations and with itself.

    Args:
        found: The observations of the input.
        held: The dataset's tables, empty for a new one.
        replace: Whether a row that contradicts the dataset takes the place of what it holds.
    """
    known = known_observations(held)
    count = len(known)
    rows = pd.concat([known.assign(fresh=False), found.rows.assign(lake_key=-1, fresh=True)], ignore_index=True)
    pairs = overlaps(rows["footprint"].to_numpy(dtype=object))
    matched = matches(rows, pairs)
    rows["lake_key"], rows["how"] = matched.lake_key, matched.how
    held_row = {(k, s, e): n for n, (k, s, e) in enumerate(zip(known["lake_key"], known["source"], known["epoch"], strict=True))}
    keep, dropped, differing, identical = np.ones(len(rows), dtype=bool), set[tuple[int, date, str]](), list[Difference](), 0
    for row in range(count, len(rows)):
        other = held_row.get((int(rows["lake_key"].iat[row]), rows["source"].iat[row], rows["epoch"].iat[row]))
        if other is None:
            continue
        if _equal(rows, row, other):
            keep[row], identical = False, identical + 1
            continue
        differing.append(_difference(rows, row, other))
        keep[other if replace else row] = False
        if replace:
            dropped.add((int(rows["lake_key"].iat[other]), rows["date"].iat[other], rows["source"].iat[other]))
    refused = [*found.refused, *_same_day(rows, keep, found, count)]
    input_row = np.where(rows["fresh"].to_numpy(dtype=bool), np.arange(len(rows)) - count, -1)
    far = [f"{rows['lake_id'].iat[n]} (row {rows['row'].iat[n]} of {rows['file'].iat[n]})" for n in matched.far]
    return Addition(
        rows[keep].reset_index(drop=True), pairs.among(keep), input_row[keep], dropped, identical, differing,
        sorted(refused, key=lambda r: (r.file, r.row)), far,
    )  # fmt: skip


def _equal(rows: pd.DataFrame, a: int, b: int) -> bool:
    return all(_same(rows[name].iat[a], rows[name].iat[b]) for name in FIELDS)


def _same(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return bool(np.isclose(a, b, rtol=1e-12, atol=0, equal_nan=True))
    return a == b


def _difference(rows: pd.DataFrame, row: int, other: int) -> Difference:
    said = [f"{rows['area_km2'].iat[n]:.4f} km² on {rows['date'].iat[n].isoformat()}" for n in (other, row)]
    if said[0] == said[1]:
        said[1] += " (another column differs)"
    return Difference(
        str(rows["file"].iat[row]), int(rows["row"].iat[row]), int(rows["lake_key"].iat[row]), rows["epoch"].iat[row], said[0], said[1]
    )


def _same_day(rows: pd.DataFrame, keep: np.ndarray, found: Gathered, count: int) -> list[Refusal]:
    """Observations of different epochs that were drawn from one image: the later epoch's is set aside."""
    refused: list[Refusal] = []
    first: dict[tuple[int, date, str], int] = {}
    for row in sorted(np.flatnonzero(keep), key=lambda n: (bool(rows["fresh"].iat[n]), rows["epoch"].iat[n], n)):
        key = (int(rows["lake_key"].iat[row]), rows["date"].iat[row], str(rows["source"].iat[row]))
        held = first.setdefault(key, int(row))
        if held != row and row >= count:
            keep[row] = False
            reason = f"a duplicate (lake, date, source): the epoch {rows['epoch'].iat[held].isoformat()} has an outline of lake {key[0]} of the same day"
            refused.append(refusal(found.rows, found.extra, row - count, reason))
    return refused
