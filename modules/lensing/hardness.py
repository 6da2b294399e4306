"""How hard the followed scenes of a lens are late in training, as views show it. Pure."""

from __future__ import annotations

import pandas as pd

from data.lens.hard import late_losses
from data.lens.reading import Lens


def hardness(lens: Lens) -> pd.DataFrame:
    """`data.lens.hard.late_losses` of the scenes that the lens followed, the hardest first.

    Raises:
        LensError: training.parquet or probe.npz is missing or cannot be used.
    """
    rows = lens.training().drop_duplicates(["scene_key", "epoch"])
    return late_losses(rows[rows["scene_key"].isin(lens.probe().scene_key)])
