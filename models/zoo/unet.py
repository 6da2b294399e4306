"""All water of a scene, from reflectance alone: a compact U-Net.

The network is `models.unet`; `python -m models train unet` made its weights (docs/models.md).
"""

from __future__ import annotations

from models.card import SHIPPED, read_card
from models.chips import Segment

CARD = read_card(SHIPPED, "unet")
VERSION = "1"


def load() -> Segment:
    """Read its weights. Raises InputError where they are not those that the card names."""
    from models.trained import load_trained  # noqa: PLC0415  torch takes seconds to import

    return load_trained(SHIPPED, CARD)
