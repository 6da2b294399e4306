"""The feature maps of a scene as the Lens page shows them: which are stored, in which order, and what the browser is told of each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.lens.manifest import Layer
from data.lens.reactions import TARGETS, reactions, spread, targets_of
from data.lens.reading import Lens
from data.lens.receptive import cell_fields, unit_fields
from modules.lensing.pictures.maps import sheet_columns
from modules.lensing.urls import lens_url

SORTS = {"spread": "how much they vary", **{name: f"reaction to {words}" for name, words in TARGETS.items()}}
"""By what maps are sorted → in words; the largest, or the strongest in either direction, first."""
SHORT = {"water": "water", "error": "error", "bright": "brightness", "index": "water index", "edges": "edges"}
STRONG = 0.5
"""abs r from which on a map is said to react to something."""


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """The maps of one layer, for one scene at one epoch.

    Args:
        layer: Which.
        place: Its number in the manifest.
        size: h and w of the stored maps.
        low, high: (C,) the least and the largest value of each map.
        deviation: (C,) standard deviation of each map.
        reaction: Target → (C,) r.
        rows, columns: (h, 2), (w, 2) px of the image that each row and column of cells sees.
    """

    layer: Layer
    place: int
    size: tuple[int, int]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    deviation: NDArray[np.float64]
    reaction: dict[str, NDArray[np.float64]]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    def order(self, by: str) -> NDArray[np.int64]:
        """(C,) the channels, the first the one that varies (a key of SORTS) or reacts most; those that cannot be told last."""
        values = self.deviation if by == "spread" else np.abs(self.reaction.get(by, np.full(len(self.low), np.nan)))
        return np.argsort(-np.where(np.isnan(values), -1.0, values), kind="stable")

    def strongest(self) -> list[str]:
        """(C) the target to which each map reacts most, if by STRONG or more; else empty."""
        if not self.reaction:
            return [""] * len(self.low)
        names, values = list(self.reaction), np.nan_to_num(np.abs(np.stack(list(self.reaction.values()))))
        best = values.argmax(axis=0)
        return [names[at] if values[at, channel] >= STRONG else "" for channel, at in enumerate(best.tolist())]


def mapped_scenes(lens: Lens) -> list[int]:
    """The scenes whose maps are stored. Raises LensError where activations.npz cannot be used."""
    return [int(key) for key in lens.activations()["scene_key"]]


def nearest_epoch(lens: Lens, epoch: int) -> int | None:
    """Of the epochs at which maps are stored the one nearest to another, the later of two; None where there is none."""
    stored = [int(each) for each in lens.activations()["epoch"]]
    return min(stored, key=lambda each: (abs(each - epoch), -each), default=None)


def scene_maps(lens: Lens, scene_key: int, epoch: int) -> tuple[LayerMaps, ...]:
    """The maps of all layers that have any, in forward order.

    Args:
        lens: Whose.
        scene_key, epoch: As stored, see `mapped_scenes` and `nearest_epoch`.

    Raises:
        LensError: A file cannot be used.
        LookupError: There are no maps of that scene or epoch.
    """
    held, side = lens.activations(), _side(lens, scene_key)
    at, scene = ([int(each) for each in held[name]].index(value) for name, value in (("epoch", epoch), ("scene_key", scene_key)))
    targets = _targets(lens, scene_key, epoch)
    seen = lens.fields() if not lens.fault("fields.npz") else {}
    made: list[LayerMaps] = []
    for place, layer in enumerate(lens.manifest.layers):
        if layer.name not in held:
            continue
        maps, low, high = (held[f"{layer.name}{end}"][at, scene] for end in ("", "|low", "|high"))
        fields = [
            cell_fields(seen.get(f"{layer.name}|{name}", unit_fields(units, layer.stride, layer.field, px)), cells)
            for name, units, px, cells in zip(("rows", "columns"), (layer.height, layer.width), side, maps.shape[1:], strict=True)
        ]
        size = int(maps.shape[1]), int(maps.shape[2])
        made.append(LayerMaps(layer, place, size, low, high, spread(maps, low, high), reactions(maps, targets), fields[0], fields[1]))
    return tuple(made)


def _side(lens: Lens, scene_key: int) -> tuple[int, int]:
    """px: height and width of the scene's crop; of one that was not followed, what its widest layer spans."""
    if not lens.fault("probe.npz"):
        return int(lens.probe().image.shape[1]), int(lens.probe().image.shape[2])
    return tuple(max(round(units * layer.stride) for layer in lens.manifest.layers for units in (getattr(layer, name),))
                 for name in ("height", "width"))  # fmt: skip


def _targets(lens: Lens, scene_key: int, epoch: int) -> dict[str, NDArray[np.float64]]:
    """What is known of the scene's pixels: nothing of one that was not followed."""
    if lens.fault("probe.npz") or (place := lens.probe().place(scene_key)) is None:
        return {}
    probe, epochs = lens.probe(), lens.manifest.epochs
    said = None if epoch not in epochs or lens.fault("predictions.npz") else lens.predictions()[epochs.index(epoch), place]
    return targets_of(probe.image[place], probe.label[place], said)


def told_maps(lens: Lens, scene_key: int, epoch: int, layers: Sequence[LayerMaps], by: str) -> dict[str, Any]:
    """What the browser draws the maps from (lens_maps.js): numbers and texts, all of them drawn as text.

    Args:
        lens: Whose.
        scene_key, epoch: Of the maps.
        layers: From `scene_maps`.
        by: A key of SORTS.
    """
    height, width = _side(lens, scene_key)
    image = None if lens.fault("probe.npz") or lens.probe().place(scene_key) is None else lens_url(lens, "course-image", scene_key)
    return {
        "key": f"{lens.digest[:16]} {scene_key} {epoch}", "image": image, "side": [height, width], "pixel": lens.manifest.pixel_m,
        "by": by, "layers": [_told_layer(lens, scene_key, epoch, each, by) for each in layers],
    }  # fmt: skip


def _told_layer(lens: Lens, scene_key: int, epoch: int, maps: LayerMaps, by: str) -> dict[str, Any]:
    layer, order = maps.layer, maps.order(by).tolist()
    return {
        "name": layer.name, "place": maps.place, "url": lens_url(lens, "maps", maps.place, epoch, scene_key),
        "columns": sheet_columns(layer.channels), "channels": layer.channels, "size": list(maps.size), "order": order,
        "low": [_short(value) for value in maps.low.tolist()], "high": [_short(value) for value in maps.high.tolist()],
        "said": _captions(maps, by), "words": layer_words(layer, maps.size, field_px(lens, layer), lens.manifest.pixel_m),
        "reacts": reaction_words(maps),
        "rows": maps.rows.tolist(), "cells": maps.columns.tolist(), "mean": mean_words(layer, maps.size),
    }  # fmt: skip


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def _captions(maps: LayerMaps, by: str) -> list[str]:
    """By channel: the figure that maps are sorted by; beside a spread, what the map reacts to most."""
    if by != "spread":
        return [_signed(value) for value in maps.reaction.get(by, np.full(len(maps.low), np.nan)).tolist()]
    named = zip(maps.deviation.tolist(), maps.strongest(), strict=True)
    return [f"sd {value:.2g}" + (f" · {SHORT[name]}" if name else "") for value, name in named]


def _signed(value: float) -> str:
    return "–" if value != value else f"r {value:+.2f}".replace("-", "−")  # noqa: PLR0124  NaN


def layer_words(layer: Layer, size: tuple[int, int], field: int, pixel_m: float | None) -> str:
    """`16 maps of 128 × 128, shown at 64 × 64; a unit sees 5 px (50 m)`."""
    own = f"{layer.height} × {layer.width}"
    shown = f", shown at {size[0]} × {size[1]}" if size != (layer.height, layer.width) else ""
    metres = "" if pixel_m is None else f" ({length_words(field * pixel_m)})"
    return f"{layer.channels} map{'' if layer.channels == 1 else 's'} of {own}{shown}; a unit sees {field} px{metres}"


def mean_words(layer: Layer, size: tuple[int, int]) -> str:
    """`mean of 2 × 2 units`: what a pixel of the stored maps is; empty where it is one unit."""
    across, down = (-(-units // cells) for units, cells in zip((layer.width, layer.height), (size[1], size[0]), strict=True))
    return f"mean of {across} × {down} units" if across * down > 1 else ""


def field_px(lens: Lens, layer: Layer) -> int:
    """px of the image on a side that a unit sees at most: as fields.npz tells, or else the manifest."""
    if lens.fault("fields.npz"):
        return layer.field
    held = [lens.fields()[f"{layer.name}|{name}"] for name in ("rows", "columns")]
    return max(int((each[:, 1] - each[:, 0]).max()) for each in held)


def length_words(metres: float) -> str:
    """`50 m`, `1.3 km`."""
    return f"{metres:,.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"


def reaction_words(maps: LayerMaps) -> str:
    """`water 3, edges 9, nothing 4`: how many maps react most to what; empty where nothing is known of the scene."""
    if not maps.reaction:
        return ""
    held = maps.strongest()
    counts = [(SHORT[name], held.count(name)) for name in maps.reaction] + [("none of these", held.count(""))]
    return ", ".join(f"{name} {count}" for name, count in counts if count)
