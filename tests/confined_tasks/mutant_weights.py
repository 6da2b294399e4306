"""Changed weights, with the card that came with them, and with one made to name them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from models.card import SHIPPED, read_card
from models.weights import read_net
from tests.mutants import outcome

CARD = read_card(SHIPPED, "unet")


def run(arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
    path, managed = Path(arguments["path"]), arguments["managed"]
    return outcome(lambda: _read(path, managed=managed))


def _read(path: Path, *, managed: bool) -> dict[str, Any]:
    told = CARD if managed else replace(CARD, weights_sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    net = read_net(path.parent, told)
    digest = hashlib.sha256()
    for name, value in net.state_dict().items():
        digest.update(name.encode() + value.to(torch.float64).numpy().tobytes())
    return {"held": digest.hexdigest()}
