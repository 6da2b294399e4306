"""What of a run travels to the browser, as columns (see modules/columns.py for the layout). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from data.sequence.cell import PARTS, Network, traces
from data.sequence.features import plane_of
from data.sequence.reading import SequenceRun

Columns = dict[str, np.ndarray | list[str]]
WHOLE = 32767
"""States, gates and candidates lie within −1 and 1: they travel as 16-bit whole numbers of 1 / WHOLE."""


def curve_columns(run: SequenceRun) -> Columns:
    """The curves that are shown: `x` (K, T), `count` (K, T) up to each step, `held_out` (K,)."""
    held = run.curves()
    return {"x": held.x.astype("<f4"), "count": held.count.astype("u1"), "held_out": held.held_out.astype("u1")}


def training_columns(run: SequenceRun) -> Columns:
    """What was counted in each curve that is shown after each epoch, `told` (E, K); and the columns of `epochs.parquet` (E,)."""
    epochs = run.epochs()
    names = ("loss", "held_out_loss", "exact", "within_one")
    return {"told": run.told().astype("<f4"), **{name: epochs[name].to_numpy().astype("<f4") for name in names}}


def unit_columns(run: SequenceRun) -> Columns:
    """What the units follow: `r_level` and `r_count`, (E, L, H) each, NaN where a unit never moves."""
    rows = run.units().sort_values(["epoch", "layer", "unit"])
    return {name: rows[name].to_numpy().astype("<f4") for name in ("r_level", "r_count")}


def weight_columns(run: SequenceRun, epoch: int) -> Columns:
    """The weights after an epoch: `1.W_z` … `L.b`, `head.w`, `head.b`."""
    net = run.network(epoch)
    layers = {f"{place}.{part}": getattr(layer, part).astype("<f4") for place, layer in enumerate(net.layers, 1) for part in PARTS}
    return {**layers, "head.w": net.head_w.astype("<f4"), "head.b": np.array([net.head_b], dtype="<f4")}


def trace_columns(run: SequenceRun, epoch: int, curve: int) -> Columns:
    """What happens in every unit at every step of one curve: `h`, `z`, `r`, `candidate` (L, T, H), and `told` (T,), the running readout."""
    net = run.network(epoch)
    found = traces(net, run.curves().x[_row(curve, run)][None])
    parts = {part: np.stack([getattr(each, part)[0] for each in found]) for part in ("h", "z", "r", "candidate")}
    return {**{part: _sixteen(values) for part, values in parts.items()}, "told": net.readout(found[-1].h[0]).astype("<f4")}


def plane_columns(run: SequenceRun, epoch: int, layer: int) -> Columns:
    """States of a layer (from 1) in two dimensions: `places` (K, T, 2), the largest number being 1; `explained` (2,) shares of variance."""
    net = run.network(epoch)
    below = Network(net.layers[:layer], net.head_w, net.head_b)
    if not 1 <= layer <= len(net.layers):
        raise IndexError(layer)
    plane = plane_of(traces(below, run.curves().x)[-1].h)
    return {"places": _sixteen(plane.places / max(float(np.abs(plane.places).max()), 1e-12)), "explained": plane.explained.astype("<f4")}


def _sixteen(values: np.ndarray) -> np.ndarray:
    return np.rint(values * WHOLE).astype("<i2")


def _row(curve: int, run: SequenceRun) -> int:
    if not 0 <= curve < len(run.curves().x):
        raise IndexError(curve)
    return curve


KINDS: Mapping[str, tuple[int, Callable[..., Columns]]] = {
    "curves": (0, curve_columns),
    "training": (0, training_columns),
    "units": (0, unit_columns),
    "weights": (1, weight_columns),
    "trace": (2, trace_columns),
    "plane": (2, plane_columns),
}
"""Kind → how many whole numbers follow it in an address, and what makes its columns."""


def columns_of(run: SequenceRun, kind: str, parts: Sequence[str]) -> Columns:
    """The columns of an address.

    Raises:
        LensError: A file that it is made of cannot be used; the message names it.
        LookupError, ValueError: There is no such thing.
    """
    wanted, make = KINDS[kind]
    if len(parts) != wanted or not all(part.isdecimal() and len(part) < 8 for part in parts):
        raise ValueError(parts)
    return make(run, *(int(part) for part in parts))
