"""The forward pass of the talk's gated recurrent unit in numpy: every step of every gate. Pure.

z = σ(W_z x + U_z h₋₁ + b_z),   r = σ(W_r x + U_r h₋₁ + b_r)
h̃ = tanh(W x + U (r ∘ h₋₁) + b),   h = (1 − z) ∘ h₋₁ + z ∘ h̃,   h = 0 before the first step
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError

Floats = NDArray[np.float32]
PARTS = ("W_z", "U_z", "b_z", "W_r", "U_r", "b_r", "W", "U", "b")
HEAD = ("head.w", "head.b")
BATCH = 256
"""Curves that are carried at a time, where only what they end in is asked for."""


@dataclass(frozen=True)
class Layer:
    """One layer's parameters, named as in the equations: W (H, I), U (H, H), b (H,), each of z, of r and of the candidate."""

    W_z: Floats
    U_z: Floats
    b_z: Floats
    W_r: Floats
    U_r: Floats
    b_r: Floats
    W: Floats
    U: Floats
    b: Floats


@dataclass(frozen=True)
class Network:
    """Layers on one another, and the line from the last state to a count.

    Args:
        layers: L of them, H units each; the first takes the curve itself.
        head_w: (H,)
        head_b: ()
    """

    layers: tuple[Layer, ...]
    head_w: Floats
    head_b: float

    @property
    def units(self) -> int:
        return len(self.head_w)

    def readout(self, h: Floats) -> Floats:
        """(…, H) states of the last layer → (…) what the network counts there, not rounded."""
        return h @ self.head_w + np.float32(self.head_b)


@dataclass(frozen=True)
class Trace:
    """All that happens in one layer.

    Args:
        h, z, r, candidate: (N, T, H)
    """

    h: Floats
    z: Floats
    r: Floats
    candidate: Floats


def network_of(weights: Mapping[str, NDArray[np.floating]], where: str) -> Network:
    """The network of named weights: `1.W_z` … `L.b`, `head.w`, `head.b`.

    Args:
        weights: Name → value.
        where: The file, for what is said of it.

    Raises:
        InputError: A name is missing or not of a network, a shape does not fit, or a number is not finite.
    """
    layers = len({name.split(".")[0] for name in weights} - {"head"})
    wanted = [*(f"{place}.{part}" for place in range(1, layers + 1) for part in PARTS), *HEAD]
    if layers == 0 or sorted(wanted) != sorted(weights):
        odd = sorted(set(wanted) ^ set(weights)) or ["a layer"]
        raise InputError(f"{where}: {', '.join(odd[:3])} missing or not a part of the network", REMEDY)
    units = weights["head.w"].shape[0] if weights["head.w"].ndim == 1 else 0
    for name in wanted:
        shape = _shape(name, units)
        if weights[name].shape != shape:
            raise InputError(f"{where}: {name} has the shape {weights[name].shape}, not {shape}", REMEDY)
        if not np.isfinite(weights[name]).all():
            raise InputError(f"{where}: {name} holds numbers that are not finite", REMEDY)
    held = {name: np.array(weights[name], dtype=np.float32, order="C") for name in wanted}
    made = tuple(Layer(**{part: held[f"{place}.{part}"] for part in PARTS}) for place in range(1, layers + 1))
    return Network(made, held["head.w"], float(held["head.b"]))


REMEDY = "restore the files that came with the repository, or run `python -m models sequence` anew"


def _shape(name: str, units: int) -> tuple[int, ...]:
    place, part = name.split(".")
    if place == "head":
        return (units,) if part == "w" else ()
    if part.startswith("b"):
        return (units,)
    return (units, 1 if part.startswith("W") and place == "1" else units)


def traces(network: Network, curve: Floats) -> list[Trace]:
    """Every step of every gate of every layer, the first layer first.

    Args:
        network: The weights.
        curve: (N, T)
    """
    given, found = curve.astype(np.float32)[..., None], list[Trace]()
    for layer in network.layers:
        found.append(trace(layer, given))
        given = found[-1].h
    return found


def trace(layer: Layer, given: Floats) -> Trace:
    """One layer.

    Args:
        layer: The weights.
        given: (N, T, I)
    """
    units, (count, steps, _) = len(layer.b), given.shape
    weights = np.concatenate([layer.W_z, layer.W_r, layer.W]).T
    fed = given @ weights + np.concatenate([layer.b_z, layer.b_r, layer.b])
    gates = np.concatenate([layer.U_z, layer.U_r]).T
    out = np.empty((4, count, steps, units), dtype=np.float32)
    h = np.zeros((count, units), dtype=np.float32)
    for step in range(steps):
        opened = sigmoid(fed[:, step, : 2 * units] + h @ gates)
        z, r = opened[:, :units], opened[:, units:]
        candidate = np.tanh(fed[:, step, 2 * units :] + (r * h) @ layer.U.T)
        h = (1 - z) * h + z * candidate
        out[0, :, step], out[1, :, step], out[2, :, step], out[3, :, step] = h, z, r, candidate
    return Trace(*out)


def sigmoid(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """1 / (1 + e⁻ˣ), without overflow; in the precision of x."""
    return 0.5 * (np.tanh(0.5 * x) + 1)


def readouts(network: Network, curve: Floats) -> Floats:
    """(N, T) curves → (N, T) what the network would count if they ended at each step."""
    parts = (traces(network, curve[start : start + BATCH])[-1].h for start in range(0, len(curve), BATCH))
    return np.concatenate([network.readout(h) for h in parts])
