"""All flags of 100,000 lakes × 40 years, a quarter missing, beside the loop over lakes that an import looks for outliers alone with."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from data.flags import FLAGS
from data.flags.table import flag_table
from data.importing.changes import events
from data.importing.overlaps import Overlaps
from data.records import TrendSettings
from tests.harness import Figures

LAKES, YEARS, PEER_LAKES = 100_000, 40, 1_000
SOURCE = "bench"


def rows(lakes: int) -> pd.DataFrame:
    """Area rows of random lakes by two sensors, each autumn but for a quarter of them."""
    random = np.random.default_rng(7)
    held = random.random(lakes * YEARS) > 0.25
    lake, step = np.repeat(np.arange(lakes, dtype=np.int32), YEARS)[held], np.tile(np.arange(YEARS), lakes)[held]
    day = (step + 15).astype("datetime64[Y]").astype("datetime64[D]") + random.integers(250, 320, len(lake)).astype("timedelta64[D]")
    area = np.exp(random.normal(-2, 1, lakes)[lake] + 0.01 * step + random.normal(0, 0.1, len(lake)))
    return pd.DataFrame({
        "lake_key": lake, "date": day.astype("datetime64[ms]"), "source": SOURCE, "area_km2": area, "area_sd_km2": 0.08 * area,
        "valid_share": 1.0, "reason": "ok", "sensor": np.where(step < 28, "Landsat", "Sentinel-2"), "date_nominal": False,
        "date_image": pd.NaT,
    })  # fmt: skip


def all_flags() -> Figures:
    """CPU seconds of all flags; the peer's are those of its sample, scaled up."""
    random = np.random.default_rng(3)
    table, place = rows(LAKES), {"lon": random.uniform(70, 100, LAKES), "lat": random.uniform(27, 35, LAKES)}
    lakes = pd.DataFrame({"lake_key": np.arange(LAKES, dtype=np.int32), **place})
    no_events = pd.DataFrame({"lake_key": np.empty(0, np.int32), "kind": [], "date": np.empty(0, "datetime64[ms]")})
    began = time.process_time()
    flag_table(FLAGS, table, lakes, no_events, TrendSettings(source=SOURCE))
    ours = time.process_time() - began
    some = table[table["lake_key"] < PEER_LAKES].assign(epoch=lambda frame: frame["date"].dt.date, lake_id=None)
    apart = Overlaps(*(np.empty(0, dtype=kind) for kind in (int, int, float)), np.ones(len(some)))
    began = time.process_time()
    events(some.astype({"epoch": object}), apart)
    peer = (time.process_time() - began) * LAKES / PEER_LAKES
    return {"value": ours, "unit": "s", "peer": "an import's loop, gaps and outliers only", "peer_value": peer}


BENCHMARKS = {"flags.all_100k_x_40": all_flags}
