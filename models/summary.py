"""Scores in a few lines: each source by itself, then by reason and by size of the lake."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.intervals import SIZES, size_of

SIZE_NAMES = tuple(SIZES)
NO_WATER, NO_SIZE = "no water", "size not known"
ORDER = (*SIZE_NAMES, NO_WATER, NO_SIZE)
SCOPES = {"lake": "the scene's lake", "scene": "all water of the scene"}
"""Scopes of scores in words, in the order of their tables."""
FIGURES = ("iou", "precision", "recall", "area_bias", "boundary_f1_1px", "boundary_f1_2px", "frechet_px", "ece")
COLUMNS = ("scenes", "IoU", "median", "precision", "recall", "F1 1px", "F1 2px", "Fréchet px", "|area| %", "bias %", "ECE")


def own_rows(rows: pd.DataFrame, thresholds: dict[str, float]) -> pd.DataFrame:
    """One row a scene, source and scope: at the source's own threshold (0.5 where none is named), or that of a mask without one.

    Args:
        rows: Of `scores`.
        thresholds: `DatasetMeta.thresholds`.
    """
    cut = np.array([thresholds.get(source, 0.5) for source in rows["source"]])
    given = rows["threshold"].to_numpy(dtype=float)
    return rows.loc[np.isnan(given) | (given == cut)]


def size_class(label_km2: float) -> str:
    """Which of SIZE_NAMES; `size not known` where it is, `no water` where the label has none."""
    if math.isnan(label_km2):
        return NO_SIZE
    return size_of(label_km2) if label_km2 > 0 else NO_WATER


def summary(own: pd.DataFrame, reasons: dict[int, str]) -> Iterator[str]:
    """Lines of a table: a block a scope and source, its scenes together, then by reason, then by size of the label's water in that scope.

    Args:
        own: Of `own_rows`.
        reasons: scene_key → reason of the scene.
    """
    why = [reasons.get(key) or "not said" for key in own["scene_key"].tolist()]
    own = own.assign(reason=why, size=[size_class(area) for area in own["label_km2"].tolist()])
    width = max(len(name) for name in (*ORDER, *why)) + 2
    blocks = [(scope, source) for scope in SCOPES for source in sorted(set(own["source"]))]
    for scope, source in blocks:
        mine = own.loc[(own["scope"] == scope) & (own["source"] == source)]
        if mine.empty:
            continue
        yield f"{source}: {SCOPES[scope]}"
        yield " " * (width + 2) + " ".join(f"{name:>10}" for name in COLUMNS)
        yield _line("all", mine, width)
        for column, names in (("reason", sorted(set(why))), ("size", ORDER)):
            for name in names:
                part = mine.loc[mine[column] == name]
                if len(part):
                    yield _line(name, part, width)


def _line(name: str, rows: pd.DataFrame, width: int) -> str:
    values = {name: rows[name].to_numpy(dtype=float) for name in FIGURES}
    bias = 100 * values["area_bias"]
    figures = [
        _of(np.mean, values["iou"]), _of(np.median, values["iou"]), _of(np.mean, values["precision"]), _of(np.mean, values["recall"]),
        _of(np.mean, values["boundary_f1_1px"]), _of(np.mean, values["boundary_f1_2px"]), _of(np.median, values["frechet_px"]),
        _of(np.median, np.abs(bias)), _of(np.median, bias), _of(np.mean, values["ece"]),
    ]  # fmt: skip
    digits = (3, 3, 3, 3, 3, 3, 1, 1, 1, 3)
    said = " ".join("-".rjust(10) if math.isnan(value) else f"{value:10.{places}f}" for value, places in zip(figures, digits, strict=True))
    return f"  {name:<{width}}{len(rows):>10,} {said}"


def _of(how: Callable[[Any], Any], values: NDArray[np.float64]) -> float:
    """Of what is known; NaN where nothing is."""
    held = values[np.isfinite(values)]
    return float(how(held)) if len(held) else math.nan
