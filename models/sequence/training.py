"""Training the counter: epochs over a fixed set of curves, judged on the curves that are shown and on curves held out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from models.sequence.cell import Counter
from models.sequence.curves import curves, running_count

TRAIN, HELD_OUT = 0, 1
"""Second number of the seeds of the two sets of curves."""


@dataclass(frozen=True)
class Plan:
    """How to train.

    Args:
        layers, units: Of the network.
        epochs: How many.
        curves: To learn from.
        held_out: To judge by.
        shown: Curves of each of the two sets whose errors are kept epoch by epoch: the first ones.
        batch: Curves of a batch.
        rate: Learning rate at its highest.
        seed: Everything random follows from it.
    """

    layers: int = 3
    units: int = 16
    epochs: int = 16
    curves: int = 16_384
    held_out: int = 2_000
    shown: int = 200
    batch: int = 128
    rate: float = 6e-3
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Told:
    """What one epoch gave.

    Args:
        epoch: From 1.
        loss: Mean of its batches.
        shown: (2 · shown,) the count that the network then gives for each curve that is shown: those learned from, then those held out.
        held_out: (held_out,) the same for all that are held out.
        seconds, cpu_seconds: Of training, without the judging.
        weights: Name → value, as `named_weights`.
    """

    epoch: int
    loss: float
    shown: NDArray[np.float32]
    held_out: NDArray[np.float32]
    seconds: float
    cpu_seconds: float
    weights: dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Sets:
    """(N, T) curves to learn from and curves held out."""

    train: NDArray[np.float32]
    held_out: NDArray[np.float32]

    @classmethod
    def of(cls, plan: Plan) -> Sets:
        return cls(curves(plan.curves, [plan.seed, TRAIN]), curves(plan.held_out, [plan.seed, HELD_OUT]))


def loss_of(told: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
    """Huber's loss of counts: squares up to an error of a half, which rounding forgives, straight beyond."""
    return functional.huber_loss(told, count, delta=0.5)


def train(plan: Plan, sets: Sets, tell: Callable[[Told], object]) -> Counter:
    """Train on one core, on the count at the end of each curve and on nothing else.

    Args:
        plan: How.
        sets: The curves.
        tell: Told after each epoch.
    """
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    net = Counter(plan.layers, plan.units)
    optimiser = torch.optim.Adam(net.parameters(), lr=plan.rate)
    target = running_count(sets.train)[:, -1].astype(np.float32)
    for epoch in range(1, plan.epochs + 1):
        began, worked = time.monotonic(), time.process_time()
        loss = _epoch(net, optimiser, plan, (sets.train, target), epoch)
        spent = time.monotonic() - began, time.process_time() - worked
        shown = np.concatenate([sets.train[: plan.shown], sets.held_out[: plan.shown]])
        tell(Told(epoch, loss, counted(net, shown), counted(net, sets.held_out), *spent, named_weights(net)))
    return net


def _epoch(
    net: Counter, optimiser: torch.optim.Adam, plan: Plan, learned: tuple[NDArray[np.float32], NDArray[np.float32]], epoch: int
) -> float:
    x, count = (torch.from_numpy(each) for each in learned)
    order = torch.from_numpy(np.random.default_rng([plan.seed, 2, epoch]).permutation(len(x)))
    batches = order.split(plan.batch)
    losses: list[float] = []
    for number, chosen in enumerate(batches):
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * rate_share((epoch - 1 + number / len(batches)) / plan.epochs)
        loss = loss_of(net(x[chosen])[-1], count[chosen])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # pyright: ignore[reportUnknownMemberType]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
    return float(np.mean(losses))


def rate_share(done: float) -> float:
    """Learning rate over its highest, at a share of the training: up over the first fiftieth, level to 30 %, then down along a cosine."""
    if done < 0.3:
        return max(0.005, min(1.0, done / 0.02))
    return 0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * (done - 0.3) / 0.7))


def counted(net: Counter, curve: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,) what the network counts in (N, T) curves, not rounded."""
    with torch.no_grad():
        return np.concatenate([net(part)[-1].numpy() for part in torch.from_numpy(curve).split(500)])


def named_weights(net: Counter) -> dict[str, NDArray[np.float32]]:
    """`1.W_z` … `3.b`, `head.w` (H,) and `head.b` (): a copy of the weights, layers from 1."""
    held = {name: value.detach().numpy().copy() for name, value in net.state_dict().items()}
    named = {
        f"{int(at) + 1}.{part}": value for name, value in held.items() if name.startswith("layers.") for _, at, part in [name.split(".")]
    }
    return {**named, "head.w": held["head.weight"][0], "head.b": held["head.bias"][0]}


def loss_of_counts(told: NDArray[np.float32], count: NDArray[np.integer]) -> float:
    """The mean loss of counts in numpy."""
    return float(loss_of(torch.from_numpy(told), torch.from_numpy(count.astype(np.float32))))
