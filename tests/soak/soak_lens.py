"""Concepts from reflectance and label against what the simulator knows: turbidity, area of the lake, snow where it hid the lake."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from data.cache import read_table
from data.labelled import Labelled
from data.simulate import Plan
from data.store import Store
from models.lens.concepts import concepts_of
from models.lens.crops import crop_about_lake
from tests.basin import small_basin
from tests.harness import Figures

BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")
LAKES = 100
ENOUGH = 20
"""Lakes below which ranks of a property of the lake say nothing: only what each scene tells is judged then."""


def concepts(seed: int, scale: float) -> Figures:
    """Rank correlations with the truth, over the clear scenes of a region."""
    lakes = max(int(LAKES * scale), 3)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "d"
        small_basin(folder, plan=Plan(lakes=4 * lakes, first_year=2021, last_year=2025, seed=seed % 1000, scenes=lakes))
        truth = read_table(folder / "truth_scenes.parquet").to_pandas().set_index("scene_key")
        labelled = Labelled(Store(folder), "label", BANDS)
        samples = (labelled.read(scene) for scene in labelled.scenes())
        told = {sample.scene_key: concepts_of(crop_about_lake(sample, 128, False), BANDS, sample.pixel_m) for sample in samples}
    table = pd.DataFrame.from_dict(told, orient="index").join(truth.rename(columns={"turbidity": "turbidity_true"}))
    seen = table[(table["reason"] == "ok") & (table["frozen_share"] == 0) & (table["hidden_share"] == 0) & table["size_km2"].notna()]
    size = float(stats.spearmanr(seen["size_km2"], seen["true_km2"]).statistic)
    assert size > 0.97, f"size: {size}"
    figures: Figures = {"scenes": len(seen), "size": round(size, 3)}
    if lakes >= ENOUGH:
        turbidity = float(stats.spearmanr(seen["turbidity"], seen["turbidity_true"]).statistic)
        assert turbidity > 0.75, f"turbidity: {turbidity}"
        figures["turbidity"] = round(turbidity, 3)
    white = table.loc[table["reason"] == "snow_or_ice", "snow"].to_numpy()
    assert np.all(white > 0.5), f"snow: {white}"
    return figures | {"snow or ice": len(white)}


SUITES = {"lens.concepts": concepts}
