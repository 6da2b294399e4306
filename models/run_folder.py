"""A run's folder: what it was told, what each epoch gave, where it can go on. Every file appears whole; no pickles.

`run.json` (plan, shape, data); `splits.parquet`, a row a scene; `epochs.parquet`; `scenes.parquet`, a row a validation scene and epoch;
`gradients.parquet`, a row a layer and epoch; `snapshots/epoch_NN.safetensors`, weights as fp16; `checkpoint.safetensors`; `best/`; at the
end the weights and their card.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from data.errors import InputError
from models.training import State, Told
from models.unet import UNet
from models.weights import write_whole

RUN, CHECKPOINT = "run.json", "checkpoint.safetensors"
SPLITS = "splits"
TABLES = ("epochs", "scenes", "gradients")
MOMENTS = ("exp_avg", "exp_avg_sq", "step")


class RunFolder:
    """Where one training run is kept.

    Args:
        folder: Its folder, made where it is not there.
        told: What the run follows from; a folder that was begun from something else is refused.

    Raises:
        InputError: The folder holds another run, or cannot be read.
    """

    def __init__(self, folder: Path, told: dict[str, Any]) -> None:
        self.folder = folder
        text = json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        path = folder / RUN
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise InputError(f"{path} tells of a run with other settings or data", "name another folder with --into, or remove this one")
        for left in folder.glob(".*.tmp"):  # of a run that was killed as it wrote
            left.unlink()
        if folder.exists() and not path.exists() and any(folder.iterdir()):
            raise InputError(f"{folder} exists and is no run", "name another folder with --into")
        if not path.exists():
            write_whole(path, text.encode())

    def note_splits(self, splits: Mapping[int, str]) -> None:
        """Note which scene is learned from, which chooses and which judges: scene_key → split."""
        self._write(SPLITS, ({"scene_key": key, "split": split} for key, split in sorted(splits.items())))

    def resume(self, state: State) -> bool:
        """Take up where the run was left; False where it is at its start. The rows of epochs after that are forgotten."""
        path = self.folder / CHECKPOINT
        if not path.exists():
            self._forget_after(0)
            return False
        try:
            with safe_open(path, "pt") as held:
                told = held.metadata() or {}
                tensors = {name: held.get_tensor(name) for name in held.keys()}  # noqa: SIM118  no mapping
            state.epoch, state.best_epoch, state.best = int(told["epoch"]), int(told["best_epoch"]), float(told["best"])
            for part, net in (("net", state.net), ("averaged", state.averaged)):
                net.load_state_dict(_part(tensors, part))
            _give_moments(state, tensors)
        except (SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
            raise InputError(f"{path} cannot be read: {error}", "remove the run's folder and train anew") from error
        self._forget_after(state.epoch)
        return True

    def _forget_after(self, epoch: int) -> None:
        for name in TABLES:
            held = [row for row in self.rows(name) if row["epoch"] <= epoch]
            if held:
                self._write(name, held)
            else:
                (self.folder / f"{name}.parquet").unlink(missing_ok=True)

    def keep(self, told: Told, state: State) -> None:
        """Keep an epoch: its rows and snapshot first, then the point to go on from."""
        self._write("scenes", [*self.rows("scenes"), *told.rows])
        self._write("gradients", [
            *self.rows("gradients"), *({"epoch": told.epoch, "layer": name, "mean_abs": value} for name, value in told.gradients.items())
        ])  # fmt: skip
        losses = [row["loss"] for row in told.rows]
        epoch = {"epoch": told.epoch, "loss": told.loss, "validation_loss": sum(losses) / len(losses),
                 "validation_iou": told.score,
                 "improved": told.improved, "seconds": told.seconds}  # fmt: skip
        self._write("epochs", [*self.rows("epochs"), epoch])
        write_whole(self.folder / "snapshots" / f"epoch_{told.epoch:02d}.safetensors", save(_halves(state.averaged)))
        self._checkpoint(state)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """What `epochs`, `scenes` or `gradients` holds so far."""
        path = self.folder / f"{name}.parquet"
        return pq.read_table(path).to_pylist() if path.exists() else []  # pyright: ignore[reportUnknownMemberType]

    def _write(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        held = list(rows)
        if held:
            sink = io.BytesIO()
            pq.write_table(pa.Table.from_pylist(held), sink, compression="zstd")  # pyright: ignore[reportUnknownMemberType]
            write_whole(self.folder / f"{name}.parquet", sink.getvalue())

    def _checkpoint(self, state: State) -> None:
        tensors = {f"net.{name}": value.contiguous() for name, value in state.net.state_dict().items()}
        tensors |= {f"averaged.{name}": value.contiguous() for name, value in state.averaged.state_dict().items()}
        held: dict[int, dict[str, Tensor]] = state.optimiser.state_dict()["state"]
        for number, moments in held.items():
            tensors |= {f"optimiser.{number}.{name}": moments[name].contiguous() for name in MOMENTS}
        told = {"epoch": str(state.epoch), "best_epoch": str(state.best_epoch), "best": repr(state.best)}
        write_whole(self.folder / CHECKPOINT, save(tensors, told))


def splits_of(folder: Path, scenes_digest: str) -> dict[int, str]:
    """scene_key → split, as a run in that folder dealt out the scenes of that table; empty where it learned from another."""
    run, path = folder / RUN, folder / f"{SPLITS}.parquet"
    if not run.is_file() or not path.is_file() or json.loads(run.read_text(encoding="utf-8")).get("scenes_digest") != scenes_digest:
        return {}
    return {row["scene_key"]: row["split"] for row in pq.read_table(path).to_pylist()}  # pyright: ignore[reportUnknownMemberType]


def _part(tensors: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    return {name.removeprefix(f"{part}."): value for name, value in tensors.items() if name.startswith(f"{part}.")}


def _give_moments(state: State, tensors: dict[str, Tensor]) -> None:
    held: dict[int, dict[str, Tensor]] = {}
    for name, value in _part(tensors, "optimiser").items():
        number, moment = name.split(".", 1)
        held.setdefault(int(number), {})[moment] = value
    given = state.optimiser.state_dict()
    state.optimiser.load_state_dict({**given, "state": held})


def _halves(net: UNet) -> dict[str, Tensor]:
    return {name: value.to(torch.float16).contiguous() for name, value in net.state_dict().items() if value.is_floating_point()}
