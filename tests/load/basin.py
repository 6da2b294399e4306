"""The dataset that a replay is played on: a simulated basin with images and masks, made for it, or the one that is named."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.settings import text
from data.simulate import Plan, write_simulated
from data.simulate.making import make_scenes
from data.spreading import crew
from tests.scene_dataset import YEARS, scene_dataset

LAKES, IMAGED, WORKERS = 800, 60, 2
MODEL = "water_index"
SOUND = (0, 1)
"""Lakes of the small dataset whose images are all there and whole."""


@contextmanager
def played_basin(seed: int, *, full: bool) -> Iterator[Path]:
    """LAKES lakes, IMAGED of them with scenes and masks, or the folder that MORAINE_LOAD_DATASET names; else the small one of the tests.

    Args:
        seed: Of the simulation.
        full: Not a sample.
    """
    if full and text("LOAD_DATASET"):
        yield Path(text("LOAD_DATASET"))
        return
    with tempfile.TemporaryDirectory(prefix="moraine-load-") as scratch:
        folder = Path(scratch) / "basin"
        if full:
            _simulate(folder, seed)
        else:
            scene_dataset(folder, SOUND, YEARS[:3])
        yield folder


def _simulate(folder: Path, seed: int) -> None:
    # Brings torch, which a sample does not need.
    from data.lake_choice import Chosen
    from data.masks.predicting import predict
    from models.commands.predict import maker_of

    write_simulated(folder, Plan(lakes=LAKES, seed=seed, scenes=IMAGED))
    with crew(WORKERS) as hands:
        make_scenes(folder, hands, lambda _: None)
        predict(folder, maker_of(MODEL, tta=False), Chosen(), lambda items, *_: iter(items), lambda _: None, hands=hands)
