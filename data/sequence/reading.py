"""Opens a run of the sequence lab: each file once verified against its digest and its fellows, each fault named, the others alive."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data.bounded import Bounded
from data.commit import current
from data.errors import LensError, MoraineError
from data.lens.arrays import Arrays, unpacked_arrays
from data.lens.reading import kept_bytes
from data.lens.tables import unpacked_table
from data.sequence.cell import Network, network_of
from data.sequence.manifest import FILE, REMEDY, Manifest, read_manifest

LARGEST = 64 * 2**20
"""Bytes of one file, at most."""
KEPT = 64 * 2**20
"""Bytes of unpacked files that one run keeps."""
FILES = ("curves.npz", "weights.npz", "training.npz", "epochs.parquet", "units.parquet", "held_out.parquet")


@dataclass(frozen=True, eq=False)
class Curves:
    """The curves that are shown.

    Args:
        x: (K, T) float32.
        count: (K, T) how often the band was crossed up to each step.
        held_out: (K,) whether the network has not learned from it.
    """

    x: NDArray[np.float32]
    count: NDArray[np.int64]
    held_out: NDArray[np.bool_]


class SequenceRun:
    """A run that is open. Every reader raises LensError where its file is missing, damaged, or does not fit the others.

    Args:
        folder: Where its files are.
        manifest: What it is of.
        digest: SHA-256 of its manifest, which names the digests of all its files.
    """

    def __init__(self, folder: Path, manifest: Manifest, digest: str) -> None:
        self.folder, self.manifest, self.digest = folder, manifest, digest
        self._kept = Bounded[Any](KEPT, kept_bytes)

    @property
    def name(self) -> str:
        return self.folder.name

    def curves(self) -> Curves:
        """The curves that are shown, with their counts."""
        held = self._read("curves.npz")
        return Curves(held["x"].astype(np.float32), held["count"].astype(np.int64), held["held_out"] == 1)

    def told(self) -> NDArray[np.float32]:
        """(E, K) what the network counted in each curve after each epoch, not rounded."""
        return self._read("training.npz")["told"].astype(np.float32)

    def network(self, epoch: int) -> Network:
        """The network as it was after an epoch (from 1).

        Raises:
            LensError: The file cannot be used.
            IndexError: There is no such epoch.
        """
        if epoch not in self.manifest.epochs:
            raise IndexError(epoch)
        held: Arrays = self._read("weights.npz")
        return network_of({name: values[epoch - 1] for name, values in held.items()}, str(self.folder / "weights.npz"))

    def epochs(self) -> pd.DataFrame:
        """epoch, loss, held_out_loss, exact, within_one, seconds, cpu_seconds: a row an epoch."""
        return self._read("epochs.parquet")

    def units(self) -> pd.DataFrame:
        """epoch, layer, unit (from 1), r_level, r_count: Pearson's r of a unit's state over all steps of the curves held out."""
        return self._read("units.parquet")

    def held_out(self) -> pd.DataFrame:
        """count, told: a row a curve held out, after the last epoch."""
        return self._read("held_out.parquet")

    def check(self) -> None:
        """Read every file.

        Raises:
            LensError: One is missing or wrong.
        """
        for file in FILES:
            self._read(file)

    def fault(self, *files: str) -> str:
        """Why one of these files cannot be used, with the remedy, as a sentence without where it lies; empty where all can."""
        for file in files:
            try:
                self._read(file)
            except LensError as error:
                return error.sentence((str(self.folder), self.name))
        return ""

    def _read(self, file: str) -> Any:
        return self._kept.made((self.digest, file), lambda: self._verified(file))

    def _verified(self, file: str) -> Any:
        path, read = current(self.folder, file), unpacked_table if file.endswith(".parquet") else unpacked_arrays
        try:
            held = read(self._bytes(path))
            fault = _fault(file, held, self.manifest)
        except (ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise LensError(f"{path} cannot be used: {error}", REMEDY) from error
        except OSError as error:
            raise LensError(f"{path} is missing, or cannot be read", REMEDY) from error
        if fault:
            raise LensError(f"{path} cannot be used: {fault}", REMEDY)
        return held

    def _bytes(self, path: Path) -> bytes:
        if path.name not in self.manifest.files:
            raise LensError(f"{self.folder / FILE} does not name {path.name}", REMEDY)
        if path.stat().st_size > LARGEST:
            raise LensError(f"{path} is larger than {LARGEST // 2**20} MB", REMEDY)
        body = path.read_bytes()
        if hashlib.sha256(body).hexdigest() != self.manifest.files[path.name]:
            raise LensError(f"{path} is not what {FILE} names: it was changed or damaged", REMEDY)
        return body


def open_sequence(folder: Path) -> SequenceRun:
    """Open the run in a folder.

    Raises:
        LensError: There is none, or its manifest cannot be used. Other files are read, and verified, when they are asked for.
    """
    manifest, text = read_manifest(folder)
    return SequenceRun(folder, manifest, hashlib.sha256(text.encode()).hexdigest())


def find_sequences(folders: Iterable[Path]) -> tuple[list[SequenceRun], list[LensError]]:
    """Open every run of the sequence lab in these folders of runs; of two of one name the first is taken."""
    runs: dict[str, SequenceRun] = {}
    troubles: list[LensError] = []
    for place in (path.parent for folder in folders for path in sorted(folder.glob(f"*/{FILE}"))):
        try:
            runs.setdefault(place.name, open_sequence(place))
        except LensError as error:
            troubles.append(error)
    return list(runs.values()), troubles


def _fault(file: str, held: Any, manifest: Manifest) -> str:
    """What does not fit, empty where all does."""
    steps, epochs = manifest.steps, len(manifest.epochs)
    if file == "curves.npz":
        shape = held["x"].shape
        good = shape == held["count"].shape == (len(held["held_out"]), steps) and bool(np.isfinite(held["x"]).all())
        return "" if good else f"its curves are not all of {steps} finite steps with a count each"
    if file == "training.npz":
        return "" if held["told"].ndim == 2 and len(held["told"]) == epochs else f"it does not hold {epochs} epochs"
    if file == "weights.npz":
        if any(values.ndim == 0 or len(values) != epochs for values in held.values()):
            return f"it does not hold {epochs} epochs"
        return _misfit(held, manifest)
    rows, columns = {
        "epochs.parquet": (epochs, {"epoch", "loss", "held_out_loss", "exact", "within_one", "seconds", "cpu_seconds"}),
        "units.parquet": (epochs * manifest.layers * manifest.units, {"epoch", "layer", "unit", "r_level", "r_count"}),
        "held_out.parquet": (None, {"count", "told"}),
    }[file]
    if set(held.columns) != columns:
        return f"its columns are not {', '.join(sorted(columns))}"
    return "" if rows in {None, len(held)} else f"it has {len(held)} rows, not {rows}"


def _misfit(held: Arrays, manifest: Manifest) -> str:
    try:
        made = network_of({name: values[-1] for name, values in held.items()}, "it")
    except MoraineError as error:
        return error.what
    same = (len(made.layers), made.units) == (manifest.layers, manifest.units)
    return "" if same else f"it is of {len(made.layers)} layers of {made.units} units, not {manifest.layers} of {manifest.units}"
