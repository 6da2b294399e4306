"""Changed weights, with the card that came with them, and with one made to name them."""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from data.errors import MoraineError
from models.card import SHIPPED, read_card
from models.weights import read_net

CARD = read_card(SHIPPED, "unet")


def run(arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
    path = Path(arguments["path"])
    told = CARD if arguments["managed"] else replace(CARD, weights_sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    try:
        net = read_net(path.parent, told)
    except MoraineError as error:
        return {"refused": error.what, "remedy": error.remedy}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  what is no named error is what is looked for
        return {"failed": traceback.format_exc()}
    digest = hashlib.sha256()
    for name, value in net.state_dict().items():
        digest.update(name.encode() + value.to(torch.float64).numpy().tobytes())
    return {"held": digest.hexdigest()}
