"""Planted growth, all the way: simulated basins that no segmenter has seen, scenes → masks → areas → trends, against what was planted.

In full five basins of 120 lakes with ten scenes each. Power: of the lakes whose true growth is at least MARGIN times their own detectable
change, how many have q < .05 and the right sign. Detectable change: (t at 1 − α/2 + t at POWER) standard errors of the lake's own slope, on
its own degrees of freedom, α being the largest p of that basin that the correction lets pass (.05 / family where none does). False
alarms: of the lakes planted without a trend, how many have p < .05; with the upper 95 % bound of Clopper and Pearson (1934). Areas: how
many 95 % intervals hold the truth.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from data.lake_choice import Chosen
from data.masks.predicting import predict
from data.simulate import Plan, write_simulated
from data.simulate.making import make_scenes
from data.spreading import crew
from data.store import Store
from models.commands.predict import maker_of
from models.intervals import NORMAL, SIZES, size_of
from tests.harness import Figures

MODEL = "guided_unet"
MARGIN, POWER, CUT = 1.3, 0.8, 0.05
BASINS, WORKERS = 5, 2


def planted_growth(seed: int, scale: float) -> Figures:
    """The suite; its basins have the seeds that follow 1000 and `seed`."""
    basins = max(round(BASINS * scale), 1)
    plan = Plan(800, 2016, 2025, 0, 120) if scale == 1.0 else Plan(30, 2019, 2025, 0, 3)
    workers = WORKERS if scale == 1.0 else 1
    parts = [_one(1000 + (seed + number) % 100_000, plan, workers) for number in range(basins)]
    lakes, areas = (pd.concat([part[place] for part in parts], ignore_index=True) for place in (0, 1))
    return _figures(lakes, areas, whole=scale == 1.0)


def _one(seed: int, plan: Plan, workers: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A row a lake, and a row a clear scene."""
    with tempfile.TemporaryDirectory(prefix="moraine-growth-") as scratch:
        folder = Path(scratch) / "basin"
        write_simulated(folder, Plan(plan.lakes, plan.first_year, plan.last_year, seed, plan.scenes))
        with crew(workers) as hands:
            make_scenes(folder, hands, lambda _: None)
            predict(folder, maker_of(MODEL, tta=False), Chosen(), lambda items, *_: iter(items), lambda _: None, hands=hands)
        store = Store(folder)
        truth = pd.read_parquet(folder / "truth.parquet")
        return _lakes(store, truth), _areas(store, pd.read_parquet(folder / "truth_scenes.parquet"))


def _lakes(store: Store, truth: pd.DataFrame) -> pd.DataFrame:
    settings = type(store.settings())(source=MODEL, season=store.meta.season)
    table = store.trends(settings).frame
    tested = table[table["p"].notna()].merge(truth[["lake_key", "kind", "rate_pct_per_year"]], on="lake_key")
    passed = tested["p"][tested["q"] < CUT]
    alpha = float(passed.max()) if len(passed) else CUT / max(len(tested), 1)
    steps = stats.t.ppf(1 - alpha / 2, tested["df"]) + stats.t.ppf(POWER, tested["df"])
    grown = np.log1p(tested["rate_pct_per_year"] / 100)
    return tested.assign(ratio=grown / (steps * tested["se"]), found=(tested["q"] < CUT) & (tested["slope"] > 0), alarm=tested["p"] < CUT)


def _areas(store: Store, truth: pd.DataFrame) -> pd.DataFrame:
    rows = store.area_rows
    mine = rows[(rows["source"] == MODEL) & (rows["reason"] == "ok") & (rows["area_km2"] > 0)]
    both = mine.merge(truth[["scene_key", "true_km2"]], on="scene_key")
    off = (both["area_km2"] - both["true_km2"]).abs()
    return both.assign(
        inside=off <= NORMAL * both["area_sd_km2"], size=[size_of(area) for area in both["area_km2"]],
        error=off / both["true_km2"], wide=NORMAL * both["area_sd_km2"] / both["area_km2"],
    )  # fmt: skip


def _figures(lakes: pd.DataFrame, areas: pd.DataFrame, *, whole: bool) -> Figures:
    strong = lakes[(lakes["kind"] == "growing") & (lakes["ratio"] >= MARGIN)]
    stable = lakes[lakes["kind"] == "stable"]
    alarms = int(stable["alarm"].sum())
    bound = stats.beta.ppf(0.95, alarms + 1, len(stable) - alarms) if len(stable) > alarms else 1.0
    figures: Figures = {
        "lakes": len(lakes), "strong": len(strong), "strong_found": round(float(strong["found"].mean()), 3) if len(strong) else None,
        "stable": len(stable), "false_alarms": round(alarms / len(stable), 4) if len(stable) else None, "upper_95": round(float(bound), 4),
        "scenes": len(areas), "covered": round(float(areas["inside"].mean()), 4), "median_error": round(float(areas["error"].median()), 4),
    }  # fmt: skip
    for name in SIZES:
        part = areas[areas["size"] == name]
        if len(part):
            figures[f"covered, {name}"] = f"{part['inside'].mean():.3f} of {len(part)}, ± {part['wide'].median():.1%}"
    growing = lakes[lakes["kind"] == "growing"]
    for (n, rate), part in growing.groupby([growing["n"], pd.cut(growing["rate_pct_per_year"], [0, 1, 2, 4, 8, np.inf])], observed=True):
        figures[f"power, n {n}, {rate.left:g} to {rate.right:g} %/yr"] = f"{part['found'].mean():.2f} of {len(part)}"
    if whole:
        assert len(strong) >= 50, "too few lakes to speak of power"
        assert strong["found"].mean() >= 0.9
        assert alarms / len(stable) <= 0.08
        assert 0.90 <= areas["inside"].mean() <= 0.98
    return figures


SUITES = {"growth.planted": planted_growth}
