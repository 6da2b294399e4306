"""`lens.json`: what a lens is of, its layers and epochs, and the digest of each of its files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from data.commit import current
from data.errors import LensError
from data.lens.manifest_file import read_fields

FILE = "lens.json"
FORMAT = 1
REMEDY = "make the lens again: `python -m models lens RUN`"
LARGEST = 4 * 2**20
"""Bytes of a manifest, at most."""
LONGEST = 10_000
"""Characters of a text."""
MOST_LAYERS, MOST_EPOCHS = 512, 10_000


@dataclass(frozen=True)
class Layer:
    """One layer whose activations were looked at.

    Args:
        name: Unique in its lens.
        channels, height, width: Of its activations on an image of the probe's size.
        stride: px of the input from one of its pixels to the next.
        field: px of the input on a side that one of its pixels sees at most (its receptive field).
        block: The block of parameters that makes it, e.g. `down.3`, as in gradients.parquet; empty where there is none.
    """

    name: str
    channels: int
    height: int
    width: int
    stride: float
    field: int
    block: str = ""


@dataclass(frozen=True)
class Manifest:
    """What a lens is of.

    Args:
        name: Of the run, unique among those shown together.
        model: The kind of network, e.g. `unet`.
        title: What people read.
        layers: In forward order.
        bottleneck: The layer whose features are embedded.
        epochs: Epochs that were looked at, ascending; empty where only the finished network was.
        guided: Whether it is told where the lake was.
        seed: What its training followed from, None where unknown.
        dataset_title, scenes_digest: Of the dataset whose scenes these are; empty where they are of none.
        simulated: Whether those scenes are simulated.
        pixel_m: Side of a pixel, m; None where unknown.
        weights_sha256: Digest of the run's finished weights, those of its best epoch, None where unknown.
        tile, sheet_columns: px of a thumbnail in the sheets, and how many stand in a row; 0 where there are none.
        command: How it was made.
        notes: What could not be made, in words.
        files: File name → SHA-256.
    """

    name: str
    model: str
    title: str
    layers: tuple[Layer, ...]
    bottleneck: str
    epochs: tuple[int, ...] = ()
    guided: bool = False
    seed: int | None = None
    dataset_title: str = ""
    scenes_digest: str = ""
    simulated: bool = False
    pixel_m: float | None = None
    weights_sha256: str | None = None
    tile: int = 0
    sheet_columns: int = 0
    command: str = ""
    notes: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict[str, str])

    def layer(self, name: str) -> Layer | None:
        """The layer of that name, None where there is none."""
        return next((layer for layer in self.layers if layer.name == name), None)

    def to_json(self) -> str:
        """Equal manifests give equal text."""
        held = {**vars(self), "format": FORMAT, "layers": [vars(layer) for layer in self.layers], "files": dict(self.files)}
        return json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """The manifest of a lens, and its text.

    Raises:
        LensError: There is none, or a field is missing, unknown, or cannot be.
    """
    path = current(folder, FILE)
    held, text = read_fields(path, FORMAT, LARGEST, REMEDY)
    return _manifest(held, path), text


def _manifest(raw: dict[str, Any], path: Path) -> Manifest:
    kinds: dict[str, tuple[type, ...]] = {
        "name": (str,), "model": (str,), "title": (str,), "layers": (list,), "bottleneck": (str,), "epochs": (list,), "guided": (bool,),
        "seed": (int, type(None)), "dataset_title": (str,), "scenes_digest": (str,), "simulated": (bool,),
        "pixel_m": (int, float, type(None)), "weights_sha256": (str, type(None)), "tile": (int,), "sheet_columns": (int,),
        "command": (str,), "notes": (list,), "files": (dict,),
    }  # fmt: skip
    for name in sorted(kinds.keys() ^ raw.keys()):
        raise LensError(f"{path}: {name} is {'missing' if name in kinds else 'unknown'}", REMEDY)
    for name, kind in kinds.items():
        if not isinstance(raw[name], kind) or (isinstance(raw[name], bool) and bool not in kind):
            _refuse(path, name, raw[name])
    layers = tuple(_layer(each, path) for each in raw["layers"][: MOST_LAYERS + 1])
    given: dict[str, Any] = {**raw, "layers": layers, "epochs": tuple(raw["epochs"]), "notes": tuple(str(note) for note in raw["notes"])}
    made = Manifest(**given)
    _check(made, path)
    return made


def _layer(raw: object, path: Path) -> Layer:
    """Numbers above 0 within reason, names that are texts."""
    numbers, texts = ("channels", "height", "width", "stride", "field"), ("name", "block")
    if not isinstance(raw, dict) or cast(dict[str, Any], raw).keys() != {*numbers, *texts}:
        _refuse(path, "layers", raw)
    held = cast(dict[str, Any], raw)
    for name in numbers:
        value = held[name]
        whole = isinstance(value, int) or (name == "stride" and isinstance(value, float))
        if isinstance(value, bool) or not whole or not 0 < value < 2**20:
            _refuse(path, f"layers: {name}", value)
    for name in texts:
        if not isinstance(held[name], str) or (name == "name" and not held[name]):
            _refuse(path, f"layers: {name}", held[name])
    return Layer(**held)


def _check(made: Manifest, path: Path) -> None:
    names = [layer.name for layer in made.layers]
    bare = all(type(epoch) is int and 0 <= epoch < 2**31 for epoch in made.epochs)
    rules = {
        "name": nameable(made.name),
        "layers": 0 < len(names) <= MOST_LAYERS and len(set(names)) == len(names) and not any("|" in name for name in names),
        "bottleneck": made.bottleneck in names,
        "epochs": bare and len(made.epochs) <= MOST_EPOCHS and list(made.epochs) == sorted(set(made.epochs)),
        "tile": 0 <= made.tile <= 512 and (made.tile == 0) == (made.sheet_columns == 0),
        "sheet_columns": 0 <= made.sheet_columns <= 4096,
        "pixel_m": made.pixel_m is None or 0 < made.pixel_m < 1e6,
        "files": all(
            re.fullmatch(r"[a-z_]+\.(npz|parquet|jpg|png)", name) and re.fullmatch(r"[0-9a-f]{64}", str(digest))
            for name, digest in made.files.items()
        ),
    }
    texts = [(name, value) for name, value in vars(made).items() if isinstance(value, str)]
    for name, text in (*texts, *(("layers: name", name) for name in names), *(("notes", note) for note in made.notes)):
        rules[name] = rules.get(name, True) and len(text) <= LONGEST and _is_plain(text)
    for name, good in rules.items():
        if not good:
            _refuse(path, name, getattr(made, name.partition(":")[0]))


def _is_plain(text: str) -> bool:
    """Whether a text can be sent and written: halves of characters, which JSON can name, cannot."""
    return text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)


def nameable(name: str) -> bool:
    """Whether a run may be called so: letters, digits, dots, hyphens and underscores, at most 80."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", name) is not None


def _refuse(path: Path, name: str, value: object) -> None:
    raise LensError(f"{path}: {name} = {str(value)[:80]!r} cannot be", REMEDY)
