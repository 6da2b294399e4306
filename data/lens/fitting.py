"""Whether the files of a lens fit each other: shapes, kinds of numbers, scenes that exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.lens.manifest import Layer, Manifest

NUMBERS = ("iou", "loss", "area_bias", "size_km2", "snow", "shadow", "turbidity", "pca_x", "pca_y", "umap_x", "umap_y")
TEXTS = ("name", "reason", "split", "region")
COLUMNS = {
    "epochs.parquet": ("epoch", "loss", "train_iou", "validation_loss", "validation_iou"),
    "training.parquet": ("scene_key", "epoch", "loss", "iou", "split"),
    "gradients.parquet": ("epoch", "layer", "block", "mean_abs", "moved"),
}
FOLLOWED_AXES = ("epochs", "scenes", "height", "width")
MOST_SCENES = 200_000
LARGEST_KEY = 2**31 - 1
"""Of a scene: what links and browsers carry."""
MEASURED = {"epochs.parquet": COLUMNS["epochs.parquet"], "training.parquet": ("epoch", "loss", "iou"), "gradients.parquet": ("epoch",)}
"""Columns that hold numbers."""
ONCE = {"epochs.parquet": ["epoch"], "training.parquet": ["scene_key", "epoch"], "gradients.parquet": ["layer", "epoch"]}
"""Columns that name a row."""


def scenes_of(table: pd.DataFrame) -> pd.DataFrame:
    """scenes.parquet as views read it: indexed by scene_key, with every column there may be.

    Raises:
        ValueError: It has no column scene_key of whole numbers, each once, or too many rows, or texts where numbers should be.
    """
    if "scene_key" not in table or table["scene_key"].dtype.kind not in "iu" or table["scene_key"].duplicated().any():
        raise ValueError("scene_key must be whole numbers, each once")
    keys = table["scene_key"].to_numpy()
    if len(keys) and not (keys.min() >= 0 and keys.max() <= LARGEST_KEY):
        raise ValueError(f"scene_key must lie between 0 and {LARGEST_KEY:,}")
    if not 0 < len(table) <= MOST_SCENES:
        raise ValueError(f"it has {len(table):,} rows, where 1 to {MOST_SCENES:,} can be")
    made = table.copy()
    for name in NUMBERS:
        made[name] = made[name].astype(np.float32) if name in made else np.float32("nan")
        if np.isinf(made[name].to_numpy()).any():
            raise ValueError(f"{name} holds numbers that are not finite")
    for name in TEXTS:
        made[name] = made[name].fillna("").astype(str) if name in made else ""
    made["name"] = made["name"].where(made["name"] != "", "scene " + made["scene_key"].astype(str))
    made["lake_key"] = made["lake_key"].astype("Int64") if "lake_key" in made else pd.array([pd.NA] * len(made), dtype="Int64")
    return made.set_index("scene_key", drop=False).rename_axis(None)


def fault_of(file: str, held: Any, manifest: Manifest, scenes: pd.DataFrame | None, probe: Mapping[str, NDArray[Any]] | None = None) -> str:
    """What does not fit, in words; empty where all does.

    Args:
        file: Its name.
        held: What it holds: arrays by name, or a table.
        manifest: Of the lens.
        scenes: Its scenes; None: `held` is that table.
        probe: Arrays of probe.npz, if they are known: what was followed has as many scenes, and predictions their size.
    """
    epochs = len(manifest.epochs)
    size = (None, None, None) if probe is None else probe["label"].shape
    rules: dict[str, Callable[[], str]] = {
        "features.npz": lambda: _layers(held, manifest, (None if scenes is None else len(scenes),)),
        "probe_features.npz": lambda: _layers(held, manifest, (epochs, size[0])),
        "activations.npz": lambda: _activations(held, manifest, scenes),
        "fields.npz": lambda: _fields(held, manifest),
        "probe.npz": lambda: _probe(held, scenes),
        "predictions.npz": lambda: _probabilities(held, (epochs, *size)),
        "functions.npz": lambda: _probabilities(held, (epochs, size[0], None, None)),
    }
    return rules[file]() if file in rules else _table_fault(file, held, manifest, scenes)


def _probabilities(held: Mapping[str, NDArray[Any]], wanted: tuple[int | None, ...]) -> str:
    values = held.get("probability")
    good = values is not None and values.dtype == np.uint8 and values.ndim == 4 and min(values.shape) > 0
    if values is not None and good and all(a in {None, b} for a, b in zip(wanted, values.shape, strict=True)):
        return ""
    said = ", ".join(name if size is None else f"{size} {name}" for size, name in zip(wanted, FOLLOWED_AXES, strict=True))
    return f"probability must be ({said}), uint8" + ("" if values is None else f", not {values.shape} {values.dtype}")


def _table_fault(file: str, held: pd.DataFrame, manifest: Manifest, scenes: pd.DataFrame | None) -> str:
    missing = [name for name in COLUMNS.get(file, ()) if name not in held]
    if missing:
        return f"it has no column {', '.join(missing)}"
    for name in MEASURED.get(file, ()):
        if held[name].dtype.kind not in ("iu" if name == "epoch" else "iuf"):
            return f"column {name} holds no {'whole ' if name == 'epoch' else ''}numbers"
    if file in ONCE and held.duplicated(ONCE[file]).any():
        return f"a row must come once for each {' and '.join(ONCE[file])}"
    if file == "training.parquet" and scenes is not None and not np.isin(held["scene_key"].to_numpy(), scenes.index.to_numpy()).all():
        return "it tells of scenes that scenes.parquet does not have"
    if file in {"epochs.parquet", "training.parquet"} and not len(held):
        return "it has no rows"
    strange = file in COLUMNS and bool((~held["epoch"].isin(manifest.epochs)).any())
    return "it tells of epochs that lens.json does not name" if strange else ""


def _layers(held: Mapping[str, NDArray[Any]], manifest: Manifest, before: tuple[int | None, ...]) -> str:
    """Every layer of the manifest has an array of these dimensions and its channels behind."""
    for layer in manifest.layers:
        values = held.get(layer.name)
        if values is None:
            return f"layer {layer.name} is missing"
        wanted = (*before, layer.channels)
        if (
            values.dtype.kind != "f"
            or values.ndim != len(wanted)
            or any(a not in {None, b} for a, b in zip(wanted, values.shape, strict=True))
        ):
            said = ", ".join("scenes" if size is None else str(size) for size in wanted)
            return f"layer {layer.name} is {values.shape} {values.dtype}, not ({said}) of floats"
        if not np.isfinite(values).all():
            return f"layer {layer.name} holds numbers that are not finite"
    return ""


def _fields(held: Mapping[str, NDArray[Any]], manifest: Manifest) -> str:
    """Every layer of the manifest tells of each of its rows and columns."""
    for layer in manifest.layers:
        for name, units in (("rows", layer.height), ("columns", layer.width)):
            values = held.get(f"{layer.name}|{name}")
            if values is None or values.dtype.kind not in "iu" or values.shape != (units, 2) or (values < 0).any():
                return f"{layer.name}|{name} must be ({units}, 2) whole numbers, none below 0"
            if (values[:, 0] > values[:, 1]).any():
                return f"{layer.name}|{name} holds fields that end before they begin"
    return ""


def _probe(held: Mapping[str, NDArray[Any]], scenes: pd.DataFrame | None) -> str:
    keys, image, label = (held.get(name) for name in ("scene_key", "image", "label"))
    if keys is None or image is None or label is None:
        return "it needs scene_key, image and label"
    if not label.size:
        return "it holds no scene, or scenes without pixels"
    if keys.ndim != 1 or image.dtype != np.uint8 or label.dtype != np.uint8 or image.shape != (*label.shape, 3) or len(label) != len(keys):
        return "image must be (scenes, height, width, 3), label (scenes, height, width), both uint8"
    return _known(keys, scenes)


def _known(keys: NDArray[Any], scenes: pd.DataFrame | None) -> str:
    if keys.dtype.kind not in "iu" or len(np.unique(keys)) != len(keys):
        return "scene_key must be whole numbers, each once"
    return "" if scenes is None or np.isin(keys, scenes["scene_key"]).all() else "it tells of scenes that scenes.parquet does not have"


def _activations(held: Mapping[str, NDArray[Any]], manifest: Manifest, scenes: pd.DataFrame | None) -> str:
    keys, epochs = held.get("scene_key"), held.get("epoch")
    if keys is None or epochs is None or keys.ndim != 1 or epochs.ndim != 1 or epochs.dtype.kind not in "iu":
        return "it needs scene_key and epoch, whole numbers"
    for layer in manifest.layers:
        if layer.name in held and (fault := _maps(held, layer, len(epochs), len(keys))):
            return fault
    return _known(keys, scenes)


def _maps(held: Mapping[str, NDArray[Any]], layer: Layer, epochs: int, scenes: int) -> str:
    values, low, high = (held.get(f"{layer.name}{end}") for end in ("", "|low", "|high"))
    whole = (epochs, scenes, layer.channels)
    if values is None or values.dtype != np.uint8 or values.ndim != 5 or values.shape[:3] != whole or not min(values.shape[3:]):
        return f"layer {layer.name} must be (epochs, scenes, channels, height, width), uint8"
    ends = [end for end in (low, high) if end is not None and end.shape == whole and np.isfinite(end).all()]
    return "" if len(ends) == 2 else f"layer {layer.name} needs its |low and |high, a number a map"
