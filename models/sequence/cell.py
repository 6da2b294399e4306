"""The talk's gated recurrent unit, and the network that counts with it; biases included.

    z = σ(W_z x + U_z h₋₁ + b_z)            how much of the state is written anew
    r = σ(W_r x + U_r h₋₁ + b_r)            how much of the old state the candidate may see
    h̃ = tanh(W x + U (r ∘ h₋₁) + b)         the candidate
    h = (1 − z) ∘ h₋₁ + z ∘ h̃

`torch.nn.GRU` calls z what is 1 − z here, and has r outside the product: r ∘ (U h₋₁ + b_hn). See docs/sequence.md.
"""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor, nn

PARTS = ("W_z", "U_z", "b_z", "W_r", "U_r", "b_r", "W", "U", "b")
"""Names of a layer's parameters, as in the equations."""


class Recurrence(torch.autograd.Function):
    """The steps of one layer, with the gradient written out: by torch's own bookkeeping of every step it takes four times as long."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, gates: Tensor, recurrent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """All steps.

        Args:
            ctx: torch's.
            given: (T, N, 3H) W x + b of z, r and the candidate.
            gates: (2H, H) U_z above U_r.
            recurrent: (H, H) U.

        Returns:
            (T, N, H) the state; (T, N, 2H) z beside r; (T, N, H) the candidate. Only the state passes a gradient on.
        """
        steps, count, wide = given.shape
        units = wide // 3
        state = given.new_zeros(count, units)
        states, opened, candidates = [state], list[Tensor](), list[Tensor]()
        for step in range(steps):
            gate = torch.addmm(given[step, :, : 2 * units], state, gates.t()).sigmoid_()
            candidate = torch.addmm(given[step, :, 2 * units :], gate[:, units:] * state, recurrent.t()).tanh_()
            state = torch.lerp(state, candidate, gate[:, :units])
            states.append(state)
            opened.append(gate)
            candidates.append(candidate)
        held = torch.stack(states), torch.stack(opened), torch.stack(candidates)
        ctx.save_for_backward(*held, gates, recurrent)
        ctx.mark_non_differentiable(held[1], held[2])
        return held[0][1:], held[1], held[2]

    @staticmethod
    def backward(ctx: Any, *sent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Back through all steps.

        Args:
            ctx: torch's.
            sent: (T, N, H) gradient that reaches the state of each step; the other two are of what passes none on.
        """
        states, opened, candidate, gates, recurrent = cast(tuple[Tensor, ...], ctx.saved_tensors)
        before, units = states[:-1], candidate.shape[-1]
        z, r = opened[..., :units], opened[..., units:]
        by_z, by_r, by_candidate = (candidate - before) * z * (1 - z), before * r * (1 - r), z * (1 - candidate**2)
        given = candidate.new_empty(*candidate.shape[:2], 3 * units)
        reached = torch.zeros_like(candidate[0])
        for step in range(len(candidate) - 1, -1, -1):
            reached = reached + sent[0][step]
            given[step, :, 2 * units :] = reached * by_candidate[step]
            shown = given[step, :, 2 * units :] @ recurrent
            given[step, :, :units] = reached * by_z[step]
            given[step, :, units : 2 * units] = shown * by_r[step]
            reached = torch.addmm(reached * (1 - z[step]) + shown * r[step], given[step, :, : 2 * units], gates)
        through = given.reshape(-1, 3 * units).t()
        return given, through[: 2 * units] @ before.reshape(-1, units), through[2 * units :] @ (r * before).reshape(-1, units)


class TalkGRU(nn.Module):
    """One layer.

    Args:
        given: Channels of its input.
        units: H.
        longest: Steps that the slowest unit remembers at the start: biases of z are −ln of U(1, longest) (Tallec and Ollivier 2018).
    """

    def __init__(self, given: int, units: int, longest: float = 40.0) -> None:
        super().__init__()
        self.units = units
        for gate in ("_z", "_r", ""):
            self.register_parameter(f"W{gate}", nn.Parameter(torch.empty(units, given).uniform_(-1, 1) / math.sqrt(given)))
            held = torch.empty(units, units)
            first = held.uniform_(-1, 1) / math.sqrt(units) if gate else nn.init.orthogonal_(held)
            self.register_parameter(f"U{gate}", nn.Parameter(first))
            bias = -torch.empty(units).uniform_(1, longest).log() if gate == "_z" else torch.zeros(units)
            self.register_parameter(f"b{gate}", nn.Parameter(bias))

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(T, N, I) → (T, N, H) each: h, z, r and the candidate."""
        of = self.get_parameter
        weights, biases = (torch.cat([of(f"{name}{gate}") for gate in ("_z", "_r", "")]) for name in ("W", "b"))
        h, opened, candidate = cast(
            tuple[Tensor, Tensor, Tensor],
            Recurrence.apply(x @ weights.t() + biases, torch.cat([of("U_z"), of("U_r")]), of("U")),  # pyright: ignore[reportUnknownMemberType]
        )
        return h, opened[..., : self.units], opened[..., self.units :], candidate

    def forward(self, x: Tensor) -> Tensor:
        """(T, N, I) → (T, N, H)."""
        return self.parts(x)[0]


class Counter(nn.Module):
    """Layers of the cell on one another, and a line from the last one's state to a count.

    Args:
        layers: How many.
        units: Of each.
    """

    def __init__(self, layers: int, units: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([TalkGRU(1 if place == 0 else units, units) for place in range(layers)])
        self.head = nn.Linear(units, 1)

    def forward(self, curve: Tensor) -> Tensor:
        """(N, T) curves → (T, N) counts that the network would give if the curve ended at each step."""
        h = curve.t()[..., None]
        for layer in self.layers:
            h = layer(h)
        return self.head(h)[..., 0]
