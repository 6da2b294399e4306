"""Opens a lens and reads its files: each once verified against its digest and its fellows, each fault named, the others alive."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data.bounded import Bounded
from data.commit import current
from data.errors import LensError
from data.lens.arrays import Arrays, unpacked_arrays
from data.lens.fitting import fault_of, scenes_of
from data.lens.manifest import REMEDY, Manifest, read_manifest
from data.lens.sheets import KINDS as SHEETS
from data.lens.sheets import sheet_fault
from data.lens.tables import unpacked_table

LARGEST = 256 * 2**20
"""Bytes of one file, at most."""
KEPT = 192 * 2**20
"""Bytes of unpacked arrays and tables that all lenses together keep."""
FOLLOWING = ("predictions.npz", "functions.npz", "probe_features.npz")
"""Files on the scenes of probe.npz."""
NEEDED = ("scenes.parquet", "features.npz")


@dataclass(frozen=True, eq=False)
class Probe:
    """The scenes whose predictions were followed through training.

    Args:
        scene_key: (P,).
        image: (P, H, W, 3) uint8, true colours.
        label: (P, H, W) uint8: 1 water, 0 land, 255 unknown.
    """

    scene_key: NDArray[np.int64]
    image: NDArray[np.uint8]
    label: NDArray[np.uint8]

    def place(self, scene_key: int) -> int | None:
        """Its row, None where it is not followed."""
        found = np.flatnonzero(self.scene_key == scene_key)
        return int(found[0]) if len(found) else None


def kept_bytes(value: object) -> int:
    """Bytes that an unpacked file takes in memory."""
    if isinstance(value, dict):
        return sum(each.nbytes for each in value.values())
    if isinstance(value, pd.DataFrame):
        return int(value.memory_usage(deep=True).sum())
    return len(value) if isinstance(value, bytes) else 0


def fresh_cache() -> Bounded[Any]:
    """What lenses keep their unpacked files in; those that are shown together share one."""
    return Bounded(KEPT, kept_bytes)


class Lens:
    """A lens that is open. Every reader raises LensError where its file is missing, damaged, or does not fit the others.

    Args:
        folder: Where its files are.
        manifest: What it is of.
        digest: SHA-256 of its manifest, which names the digests of all its files.
        kept: Where unpacked files are kept.
    """

    def __init__(self, folder: Path, manifest: Manifest, digest: str, kept: Bounded[Any] | None = None) -> None:
        self.folder, self.manifest, self.digest = folder, manifest, digest
        self._kept = fresh_cache() if kept is None else kept

    @property
    def name(self) -> str:
        return self.manifest.name

    def has(self, file: str) -> bool:
        """Whether it came with that file; it may still be damaged."""
        return file in self.manifest.files

    def bytes(self, file: str) -> bytes:
        """A file as it is, e.g. `scenes.jpg`."""
        path = current(self.folder, file)
        if file not in self.manifest.files:
            raise LensError(f"{self.folder} has no {file}", REMEDY)
        try:
            if path.stat().st_size > LARGEST:
                raise LensError(f"{path} is larger than {LARGEST // 2**20} MB", REMEDY)
            body = path.read_bytes()
        except OSError as error:
            raise LensError(f"{path} is missing, or cannot be read", REMEDY) from error
        if hashlib.sha256(body).hexdigest() != self.manifest.files[file]:
            raise LensError(f"{path} is not what lens.json names: it was changed or damaged", REMEDY)
        if file in SHEETS and (fault := sheet_fault(file, body, self.manifest.tile, self.manifest.sheet_columns, len(self.scenes))):
            raise LensError(f"{path} cannot be used: {fault}", REMEDY)
        return body

    @property
    def scenes(self) -> pd.DataFrame:
        """A row a scene, indexed by scene_key (a column as well); every column of docs/lens.md, NaN or empty where the file has none."""
        return self._read("scenes.parquet", lambda body: scenes_of(unpacked_table(body)))

    def features(self) -> Arrays:
        """Layer → (N, C) float32: the spatial mean of its activations on each scene, in the order of `scenes`."""
        return self._floats("features.npz")

    def probe(self) -> Probe:
        """The scenes that were followed."""
        held = self._arrays("probe.npz")
        return Probe(held["scene_key"].astype(np.int64), held["image"], held["label"])

    def predictions(self) -> NDArray[np.uint8]:
        """(E, P, H, W): 255 × the probability of water."""
        return self._arrays("predictions.npz")["probability"]

    def functions(self) -> NDArray[np.uint8]:
        """(E, P, h, w): the same in block means."""
        return self._arrays("functions.npz")["probability"]

    def probe_features(self) -> Arrays:
        """Layer → (E, P, C) float32."""
        return self._floats("probe_features.npz")

    def activations(self) -> Arrays:
        """`scene_key` (K,), `epoch` (A,); layer → (A, K, C, h, w) uint8 with `<layer>|low` and `<layer>|high` (A, K, C) float32."""
        return self._arrays("activations.npz")

    def fields(self) -> Arrays:
        """`<layer>|rows` (h, 2) and `<layer>|columns` (w, 2): first pixel of the image that each unit sees, and the one past the last."""
        return self._arrays("fields.npz")

    def training(self) -> pd.DataFrame:
        """scene_key, epoch, loss, iou, split: a row a followed scene and epoch."""
        return self._read("training.parquet", measured)

    def epochs(self) -> pd.DataFrame:
        """epoch, loss, train_iou, validation_loss, validation_iou."""
        return self._read("epochs.parquet", measured)

    def gradients(self) -> pd.DataFrame:
        """epoch, layer (of parameters), block, mean_abs, moved."""
        return self._read("gradients.parquet", unpacked_table)

    def check(self) -> None:
        """Read every file.

        Raises:
            LensError: One is missing or wrong.
        """
        for file in NEEDED:
            if not self.has(file):
                raise LensError(f"{self.folder} has no {file}, which every lens needs", REMEDY)
        for file in self.manifest.files:
            if file.endswith(".npz"):
                self._arrays(file)
            elif file.endswith(".parquet"):
                self._read(file, reader_of(file))
            else:
                self.bytes(file)

    def fault(self, *files: str) -> str:
        """Why one of these files cannot be used, with the remedy, as a sentence; empty where all can."""
        for file in files:
            try:
                if file.endswith(".npz"):
                    self._arrays(file)
                elif file.endswith(".parquet"):
                    self._read(file, reader_of(file))
                else:
                    self.bytes(file)
            except LensError as error:
                return told(error, self)
        return ""

    def _floats(self, file: str) -> Arrays:
        return {name: values.astype(np.float32) for name, values in self._arrays(file).items()}

    def _arrays(self, file: str) -> Arrays:
        return self._read(file, unpacked_arrays)

    def _read(self, file: str, read: Callable[[bytes], Any]) -> Any:
        return self._kept.made((self.digest, file), lambda: self._verified(file, read))

    def _followed(self, file: str) -> Arrays | None:
        """What probe.npz holds, where a file hangs on it; a fault in it is told by who reads it."""
        if file in FOLLOWING and self.has("probe.npz"):
            with contextlib.suppress(LensError):
                return self._arrays("probe.npz")
        return None

    def _verified(self, file: str, read: Callable[[bytes], Any]) -> Any:
        body = self.bytes(file)
        try:
            held = read(body)
            fault = fault_of(file, held, self.manifest, None if file == "scenes.parquet" else self.scenes, self._followed(file))
        except (ValueError, KeyError, TypeError, OSError, pa.ArrowException) as error:
            raise LensError(f"{self.folder / file} cannot be used: {error}", REMEDY) from error
        if fault:
            raise LensError(f"{self.folder / file} cannot be used: {fault}", REMEDY)
        return held


def measured(body: bytes) -> pd.DataFrame:
    """A table of what was measured, NaN where a loss has grown beyond all numbers: a browser is sent none that is not finite."""
    return unpacked_table(body).replace([np.inf, -np.inf], np.nan)


def reader_of(file: str) -> Callable[[bytes], pd.DataFrame]:
    """What makes a table of the bytes of that file."""
    return {"scenes.parquet": scenes_of_table, "training.parquet": measured, "epochs.parquet": measured}.get(file, unpacked_table)


def scenes_of_table(body: bytes) -> pd.DataFrame:
    """The bytes of scenes.parquet as the table that views read."""
    return scenes_of(unpacked_table(body))


def told(error: LensError, lens: Lens) -> str:
    """What a visitor may read of an error: the file by its name, not where it lies."""
    return error.sentence((str(lens.folder), lens.name))


def open_lens(folder: Path, kept: Bounded[Any] | None = None) -> Lens:
    """Open the lens in a folder (`RUN/lens`).

    Args:
        folder: Where it is.
        kept: Where unpacked files are kept, shared by lenses that are shown together.

    Raises:
        LensError: There is none, or its manifest cannot be used. Other files are read, and verified, when they are asked for.
    """
    manifest, text = read_manifest(folder)
    return Lens(folder, manifest, hashlib.sha256(text.encode()).hexdigest(), kept)
