"""Contrast by WCAG's own formula, and the three classes told apart under simulated colour blindness."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from modules.palette import PALETTE, colour, style_sheet

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
PARTS = ("state", "update", "reset", "candidate")
"""Of a gated recurrent unit: its equations are written in these."""
REASONS = ("cloud", "snow", "shadow", "partial")
TEXTS = ("ink", "quiet", "growing", "shrinking", "flood", *PARTS)
MARKS = ("growing", "shrinking", "steady", "focus", "brushed", "water", "label", "flood", "agreed", "false", "missed", *REASONS)


def _linear(text: str) -> np.ndarray:
    value = np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((float(_linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    scaled = to_xyz @ np.clip(linear, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(scaled > 216 / 24389, np.cbrt(scaled), (24389 / 27 * scaled + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("ground", ["ground", "panel"])
def test_contrast(theme: int, ground: str) -> None:
    held = {name: pair[theme] for name, pair in PALETTE.items()}
    assert {name: _contrast(held[name], held[ground]) for name in TEXTS if _contrast(held[name], held[ground]) < 4.5} == {}
    assert {name: _contrast(held[name], held[ground]) for name in MARKS if _contrast(held[name], held[ground]) < 3} == {}


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_classes_stay_apart(theme: int, kind: str) -> None:
    held = {name: _lab(BLINDNESS[kind] @ _linear(PALETTE[name][theme])) for name in ("growing", "shrinking", "steady")}
    apart = {(a, b): float(np.linalg.norm(held[a] - held[b])) for a, b in itertools.combinations(held, 2)}
    assert min(apart.values()) > 20, apart


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_kinds_of_error_stay_apart(theme: int, kind: str) -> None:
    held = {name: _lab(BLINDNESS[kind] @ _linear(PALETTE[name][theme])) for name in ("agreed", "false", "missed")}
    apart = {(a, b): float(np.linalg.norm(held[a] - held[b])) for a, b in itertools.combinations(held, 2)}
    assert min(apart.values()) > 20, apart


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_parts_of_a_recurrent_unit_stay_apart(theme: int, kind: str) -> None:
    held = {name: _lab(BLINDNESS[kind] @ _linear(PALETTE[name][theme])) for name in PARTS}
    apart = {(a, b): float(np.linalg.norm(held[a] - held[b])) for a, b in itertools.combinations(held, 2)}
    assert min(apart.values()) > 20, apart


@pytest.mark.parametrize("theme", [0, 1])
def test_numbers_can_be_read_on_every_shade_of_alike(theme: int) -> None:
    """Shades are mixed from panel to alike channel by channel, as CSS does in sRGB."""
    ends = [np.array([int(PALETTE[name][theme][i : i + 2], 16) for i in (1, 3, 5)]) for name in ("panel", "alike")]
    for share in np.linspace(0, 1, 101):
        mixed = "#" + "".join(f"{round(part):02x}" for part in (1 - share) * ends[0] + share * ends[1])
        assert _contrast(PALETTE["ink"][theme], mixed) >= 4.5


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_more_error_is_seen_as_more(theme: int, kind: str) -> None:
    """Half way from right to wrong is told from both ends, and the far end from the ground, by everybody."""
    ends = [np.array([int(PALETTE[name][theme][i : i + 2], 16) for i in (1, 3, 5)]) for name in ("right", "wrong")]
    steps = ["#" + "".join(f"{round(value):02x}" for value in ends[0] + share * (ends[1] - ends[0])) for share in (0, 0.5, 1)]
    held = [_lab(BLINDNESS[kind] @ _linear(step)) for step in steps]
    assert min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(held, 2)) > 20
    assert _contrast(steps[2], steps[0]) > 3
    assert all(_contrast(steps[2], PALETTE[ground][theme]) > 3 for ground in ("ground", "panel"))


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_reasons_stay_apart(theme: int, kind: str) -> None:
    held = {name: _lab(BLINDNESS[kind] @ _linear(PALETTE[name][theme])) for name in (*REASONS, "steady", "brushed")}
    apart = {(a, b): float(np.linalg.norm(held[a] - held[b])) for a, b in itertools.combinations(held, 2)}
    assert min(apart.values()) > 20, apart


def test_names() -> None:
    assert colour("growing") == "var(--m-growing)"
    assert colour("growing", 0.15) == "var(--m-growing)@0.15"
    with pytest.raises(KeyError):
        colour("pink")
    assert all(style_sheet().count(f"--m-{name}:") == 2 for name in PALETTE)
