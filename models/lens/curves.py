"""What a run itself noted of its training, completed by what its snapshots and the probe tell; what is missing is NaN and named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.lens.layers import block_of
from models.lens.snapshots import Run, moved


def curves_of(run: Run, epochs: Sequence[int], training: pd.DataFrame) -> pd.DataFrame:
    """`epochs.parquet`: epoch, loss, train_iou (mean over the probe's clear training scenes), validation_loss, validation_iou."""
    noted = _by(run.table("epochs"), ("epoch",))
    learned: defaultdict[int, list[float]] = defaultdict(list)
    for epoch, iou, split in zip(training["epoch"], training["iou"], training["split"], strict=True):
        if split == "train" and iou == iou:  # noqa: PLR0124  NaN
            learned[int(epoch)].append(float(iou))
    rows = [
        {
            "epoch": epoch, "train_iou": float(np.mean(learned[epoch])) if learned[epoch] else np.nan,
            **{name: noted.get((epoch,), {}).get(name, np.nan) for name in ("loss", "validation_loss", "validation_iou")},
        }
        for epoch in epochs
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["epoch", "loss", "train_iou", "validation_loss", "validation_iou"])


def gradients_of(run: Run, epochs: Sequence[int]) -> pd.DataFrame:
    """`gradients.parquet`: epoch, layer, block, mean_abs (as the run noted it), moved."""
    noted = _by(run.table("gradients"), ("epoch", "layer"))
    rows = [
        {
            **row,
            "block": block_of(row["layer"].rpartition(".")[0]),
            "mean_abs": noted.get((row["epoch"], row["layer"]), {}).get("mean_abs", np.nan),
        }
        for row in moved(run, epochs)
    ]
    return pd.DataFrame(rows, columns=["epoch", "layer", "block", "mean_abs", "moved"])


def _by(table: pd.DataFrame | None, keys: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows: list[dict[str, Any]] = [] if table is None else table.to_dict("records")  # pyright: ignore[reportAssignmentType]
    return {tuple(row[key] for key in keys): row for row in rows}
