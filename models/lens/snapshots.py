"""A run's folder as the lens reads it: which network, which epochs, and what of it is missing or not its own, by name."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from data.errors import InputError
from models.run_folder import RUN
from models.unet import Shape, UNet
from models.weights import fill

REMEDY = "name the folder of a training run (`python -m models train … --into DIR`), or train it anew"
COLUMNS = {
    "epochs": ("epoch", "loss", "validation_loss", "validation_iou"),
    "gradients": ("epoch", "layer", "mean_abs"),
    "scenes": ("scene_key", "epoch", "loss"),
}


@dataclass
class Run:
    """A training run.

    Args:
        folder: Where it is kept.
        told: What its `run.json` says.
        shape: Of its network.
        snapshots: Epoch → file, ascending: those that are there.
        troubles: What of it cannot be used, in words; more may be found as it is read.
    """

    folder: Path
    told: dict[str, Any]
    shape: Shape
    snapshots: dict[int, Path]
    troubles: list[str] = field(default_factory=list[str])

    @property
    def seed(self) -> int:
        return int(self.told.get("plan", {}).get("seed", 0))

    @property
    def called(self) -> str:
        return str(self.told.get("name", "unet"))

    def net(self, epoch: int) -> UNet:
        """The averaged network as it was after an epoch.

        Raises:
            InputError: Its file is damaged, or of another network.
        """
        net = UNet(self.shape)
        fill(net, self.tensors(epoch), self.snapshots[epoch])
        return net.eval()

    def tensors(self, epoch: int) -> dict[str, Tensor]:
        """Name → float32, as the snapshot has it. Raises InputError where it cannot be read."""
        path = self.snapshots[epoch]
        try:
            with safe_open(path, "pt") as held:
                return {name: held.get_tensor(name).to(torch.float32) for name in held.keys()}  # noqa: SIM118  no mapping
        except (SafetensorError, OSError, ValueError) as error:
            raise InputError(f"{path} is no file of weights: {error}", "train the run anew, or leave this epoch out: remove it") from error

    def table(self, name: str) -> pd.DataFrame | None:
        """`epochs`, `gradients` or `scenes`; None, and a trouble noted, where it is missing or lacks a column."""
        path = self.folder / f"{name}.parquet"
        try:
            held = pq.read_table(path).to_pandas()  # pyright: ignore[reportUnknownMemberType]
        except (OSError, pa.ArrowException) as error:
            self.troubles.append(f"{path.name} {'is missing' if not path.exists() else f'cannot be read: {error}'}")
            return None
        lacking = [column for column in COLUMNS[name] if column not in held]
        if lacking:
            self.troubles.append(f"{path.name} has no column {', '.join(lacking)}")
        return None if lacking else held


def open_run(folder: Path) -> Run:
    """Read what a run's folder says of itself, and look which snapshots it has.

    Raises:
        InputError: It is no run, or has no snapshot at all; the message names the file.
    """
    path = folder / RUN
    try:
        told = cast(dict[str, Any], json.loads(path.read_text(encoding="utf-8")))
        shape = Shape.from_json(told["shape"])
        last = int(told["plan"]["epochs"])
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", REMEDY) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path} does not tell of a run: {type(error).__name__} {error}", REMEDY) from error
    found = {int(match[1]): each for each in sorted((folder / "snapshots").glob("epoch_*.safetensors"))
             if (match := re.fullmatch(r"epoch_(\d+)\.safetensors", each.name))}  # fmt: skip
    if not found:
        raise InputError(f"{folder / 'snapshots'} has no snapshot epoch_NN.safetensors", REMEDY)
    run = Run(folder, told, shape, dict(sorted(found.items())))
    missing = [epoch for epoch in range(1, max(found)) if epoch not in found]
    run.troubles += [f"snapshots/epoch_{epoch:02d}.safetensors is missing" for epoch in missing]
    if last < max(found):
        run.troubles.append(f"run.json plans {last} epochs, but there is a snapshot of epoch {max(found)}")
    return run


def keep_readable(run: Run) -> None:
    """Leave out, and name, each snapshot that is damaged or of another network.

    Raises:
        InputError: None is left.
    """
    for epoch in list(run.snapshots):
        try:
            run.net(epoch)
        except InputError as error:
            run.troubles.append(f"epoch {epoch} is left out: {error.what.replace(f'{run.folder}/', '')}")
            del run.snapshots[epoch]
    if not run.snapshots:
        raise InputError(f"no snapshot of {run.folder} can be used: {run.troubles[-1]}", REMEDY)


def weights_digest(run: Run) -> str | None:
    """SHA-256 of the run's finished weights, None where it has none; a trouble is noted where their card names others."""
    path = run.folder / f"{run.called}.safetensors"
    card = path.with_suffix(".json")
    if not path.is_file() or not card.is_file():
        return None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    try:
        named = json.loads(card.read_text(encoding="utf-8")).get("weights_sha256")
    except (OSError, ValueError, AttributeError):
        named = None
    if named != digest:
        run.troubles.append(f"{path.name} is not what {card.name} names")
        return None
    return digest


def moved(run: Run, epochs: Sequence[int]) -> list[dict[str, Any]]:
    """A dict a parameter and epoch: epoch, layer, moved. How far it is from the snapshot before, as a share of its norm then; NaN at first.

    Only parameters of two dimensions or more, as in the run's own gradients: offsets and scales are left out.
    """
    rows: list[dict[str, Any]] = []
    before: Mapping[str, Tensor] = {}
    for epoch in epochs:
        now = {name: value for name, value in run.tensors(epoch).items() if value.ndim > 1 and name not in {"mean", "sd"}}
        for name, value in now.items():
            share = float((value - before[name]).norm() / before[name].norm().clamp_min(1e-12)) if name in before else np.nan
            rows.append({"epoch": epoch, "layer": name, "moved": share})
        before = now
    return rows
