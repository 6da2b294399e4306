"""The talk's cell: torch and numpy against plain loops over single numbers, against each other, and against torch.nn.GRU."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.sequence.cell import Layer, network_of, readouts, sigmoid, trace, traces
from models.sequence.cell import PARTS, Counter, Recurrence, TalkGRU
from models.sequence.curves import curves
from models.sequence.training import named_weights

GATES = ("h", "z", "r", "candidate")


def step_by_step(weights: dict[str, np.ndarray], x: np.ndarray) -> dict[str, np.ndarray]:
    """(T, I) → (T, H) of each gate: one unit, one weight at a time, as the equations stand."""
    units, steps = len(weights["b"]), len(x)
    found = {name: np.zeros((steps, units)) for name in GATES}
    before = [0.0] * units
    for t in range(steps):
        z, r, candidate = [0.0] * units, [0.0] * units, [0.0] * units
        for gate, out in (("_z", z), ("_r", r)):
            for unit in range(units):
                total = float(weights[f"b{gate}"][unit])
                for i, value in enumerate(x[t]):
                    total += float(weights[f"W{gate}"][unit, i]) * float(value)
                for other in range(units):
                    total += float(weights[f"U{gate}"][unit, other]) * before[other]
                out[unit] = 1 / (1 + math.exp(-total))
        for unit in range(units):
            total = float(weights["b"][unit])
            for i, value in enumerate(x[t]):
                total += float(weights["W"][unit, i]) * float(value)
            for other in range(units):
                total += float(weights["U"][unit, other]) * (r[other] * before[other])
            candidate[unit] = math.tanh(total)
        before = [(1 - z[unit]) * before[unit] + z[unit] * candidate[unit] for unit in range(units)]
        for name, values in zip(GATES, (before, z, r, candidate), strict=True):
            found[name][t] = values
    return found


def random_layer(seed: int, given: int, units: int, scale: float = 1.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {part: (units,) if part.startswith("b") else (units, given if part.startswith("W") else units) for part in PARTS}
    return {part: (scale * rng.standard_normal(shape)).astype(np.float32) for part, shape in shapes.items()}


def talk_gru(weights: dict[str, np.ndarray]) -> TalkGRU:
    layer = TalkGRU(weights["W"].shape[1], len(weights["b"])).double()
    layer.load_state_dict({part: torch.from_numpy(values).double() for part, values in weights.items()})
    return layer


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 5), st.integers(1, 12), st.sampled_from([0.2, 1.0, 5.0]))
def test_each_gate_equals_a_plain_loop(seed: int, given: int, units: int, steps: int, scale: float) -> None:
    """In torch (double) to rounding, in numpy (single) as closely as single precision goes."""
    weights = random_layer(seed, given, units, scale)
    x = np.random.default_rng(seed + 1).standard_normal((2, steps, given)).astype(np.float32)
    parts = talk_gru(weights).parts(torch.from_numpy(x.swapaxes(0, 1).copy()).double())
    run = trace(Layer(**weights), x)
    for row in range(2):
        wanted = step_by_step(weights, x[row])
        for name, values in zip(GATES, parts, strict=True):
            assert np.allclose(values[:, row].detach().numpy(), wanted[name], rtol=0, atol=1e-10), name
            assert np.allclose(getattr(run, name)[row], wanted[name], rtol=0, atol=5e-4 if scale > 1 else 1e-5), name


def test_the_gradient_that_is_written_out_is_the_gradient() -> None:
    torch.manual_seed(3)
    shapes = ((6, 2, 9), (6, 3), (3, 3))
    given = [torch.randn(shape, dtype=torch.double, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(lambda *each: Recurrence.apply(*each)[0], given)


def torch_gru(weights: dict[str, np.ndarray]) -> torch.nn.GRU:
    """torch's own with the same weights: rows in the order r, z, n; its z is 1 − z here, so those are turned round; no second biases."""
    units, given = weights["W"].shape
    gru = torch.nn.GRU(given, units).double()
    tensor = lambda *each: torch.from_numpy(np.concatenate(each)).double()  # noqa: E731
    with torch.no_grad():
        gru.weight_ih_l0.copy_(tensor(weights["W_r"], -weights["W_z"], weights["W"]))
        gru.weight_hh_l0.copy_(tensor(weights["U_r"], -weights["U_z"], weights["U"]))
        gru.bias_ih_l0.copy_(tensor(weights["b_r"], -weights["b_z"], weights["b"]))
        gru.bias_hh_l0.zero_()
    return gru


def test_against_torch_where_the_two_can_agree() -> None:
    """They agree where U is diagonal, for then U (r ∘ h) = r ∘ (U h); and for any U where r is open throughout."""
    weights = random_layer(5, 2, 4)
    x = torch.randn(30, 3, 2, dtype=torch.double, generator=torch.Generator().manual_seed(1))
    diagonal = {**weights, "U": np.diag(np.diag(weights["U"]))}
    opened = {**weights, "W_r": 0 * weights["W_r"], "U_r": 0 * weights["U_r"], "b_r": np.full(4, 60, dtype=np.float32)}
    for same in (diagonal, opened):
        assert torch.allclose(talk_gru(same)(x), torch_gru(same)(x)[0], rtol=0, atol=1e-12)
    apart = (talk_gru(weights)(x) - torch_gru(weights)(x)[0]).abs().max()
    assert apart > 1e-2, "with another U the reset inside the product is another cell"
    turned = {**diagonal, **{name: -diagonal[name] for name in ("W_z", "U_z", "b_z")}}
    assert (talk_gru(turned)(x) - torch_gru(diagonal)(x)[0]).abs().max() > 1e-2, "unless z is turned round it is another cell"


def test_the_whole_network_in_numpy_is_that_in_torch() -> None:
    torch.manual_seed(0)
    net = Counter(3, 5)
    x = curves(300, 4)
    with torch.no_grad():
        wanted = net(torch.from_numpy(x)).numpy().T
    same = network_of(named_weights(net), "here")
    assert np.allclose(readouts(same, x), wanted, atol=2e-5)
    assert [each.h.shape for each in traces(same, x[:2])] == [(2, 200, 5)] * 3


def test_the_slowest_units_start_with_a_long_memory() -> None:
    torch.manual_seed(1)
    z = torch.sigmoid(TalkGRU(1, 200, longest=40).get_parameter("b_z").detach())
    assert 1 / 41 < float(z.min()) < 1 / 30
    assert float(z.max()) <= 0.5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"1.W": None}, "1.W missing"),
        ({"4.W": np.zeros((5, 5))}, "4.U"),
        ({"head.c": np.zeros(5)}, "head.c"),
        ({"2.U_r": np.zeros((5, 4))}, "2.U_r has the shape"),
        ({"head.w": np.zeros((5, 1))}, "shape"),
        ({"3.b": np.full(5, np.nan)}, "3.b holds numbers that are not finite"),
    ],
)
def test_weights_that_are_of_no_network_are_named(change: dict[str, np.ndarray | None], said: str) -> None:
    torch.manual_seed(0)
    weights = {**named_weights(Counter(3, 5)), **change}
    with pytest.raises(InputError, match=said):
        network_of({name: values for name, values in weights.items() if values is not None}, "weights.npz")


def test_sigmoid_of_what_would_overflow() -> None:
    with np.errstate(all="raise"):
        assert sigmoid(np.array([-1e30, -2, 0, 2, 1e30], dtype=np.float32)) == pytest.approx([0, 0.119203, 0.5, 0.880797, 1], abs=1e-6)
