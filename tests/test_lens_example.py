"""The example of docs/lens.md, on a network and images that are not Moraine's: Embedding, neighbours and comparison have what they need."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import nn

from data.lens.finding import find_lenses
from data.lens.neighbours import nearest, opposite_pairs
from data.lens.projection import principal
from data.lens.similarity import compared
from tests.conftest import ROOT

EXAMPLE = ROOT / "docs" / "lens_example.py"


@pytest.fixture
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lens_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_forty_lines_at_most() -> None:
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 40


def test_a_residual_network_opens_in_embedding_neighbours_and_comparison(example: ModuleType, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 5, 2, 2), example.Block(4, 6, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))
    images, classes = torch.rand(40, 3, 32, 32), torch.arange(40) % 2
    images[classes == 1] += 1.0
    example.write_example(tmp_path / "mine", net, images, classes)
    (lens,), troubles = find_lenses([tmp_path])
    assert troubles == []
    assert (lens.name, len(lens.scenes)) == ("mine", 40)
    assert [layer.name for layer in lens.manifest.layers] == ["0", "1.conv1", "1.conv2", "1.short", "1.relu#2", "4"]
    features = lens.features()
    bottleneck = features[lens.manifest.bottleneck]
    assert bottleneck.shape == (40, 6)
    with torch.inference_mode():
        assert np.allclose(bottleneck, net[:2](images).mean((2, 3)).numpy(), atol=1e-5)
    assert np.ptp(principal(bottleneck).coordinates[:, 0]) > 0
    around, _ = nearest(bottleneck, 1, 5)
    assert all(int(row) % 2 == 1 for row in around), "bright images lie among bright ones"
    assert all(pair.worse != pair.better for pair in opposite_pairs(bottleneck, lens.scenes["iou"].to_numpy(), 3))
    grid = compared(features, features, "cka")
    assert np.allclose([grid.cells[place][place].value for place in range(6)], 1)


def test_it_runs_as_it_says(example: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(sys, "argv", ["lens_example", str(tmp_path)])
    exec(compile(EXAMPLE.read_text(encoding="utf-8"), str(EXAMPLE), "exec"), {"__name__": "__main__"})
    (lens,), troubles = find_lenses([tmp_path])
    assert troubles == []
    assert lens.name == "resnet"
    lens.check()
