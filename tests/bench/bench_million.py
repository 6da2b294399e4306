"""The default statistics (`auto`) of a million lakes × 40 years, a quarter missing: seconds, memory, and whether time grows as lakes do.

Every area has its error, and one lake in a hundred has but four dates, so that both of the default's methods have to work. In processes of
their own, with one BLAS thread; from the rectangle of areas to the finished table with its q.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from data.records import SeriesBatch, TrendSettings
from data.trends.automatic import AUTOMATIC
from data.trends.table import assembled
from tests.bench.bench_trends import Figures, in_child, seconds
from tests.memory import memory_mb

MILLION, FEWER = 1_000_000, 100_000
YEARS, MISSING, FEW, ROUNDS = 40, 0.25, 100, 3


def inventory(lakes: int) -> SeriesBatch:
    """Random lakes with errors, filled block by block so that making them leaves no high-water mark above what they hold."""
    year, area, sd = (np.empty((lakes, YEARS)) for _ in range(3))
    random, years = np.random.default_rng(7), 1986.0 + np.arange(YEARS)
    for start in range(0, lakes, 1000):
        rows = slice(start, start + 1000)
        missing = random.random((1000, YEARS)) < MISSING
        missing[::FEW] = np.arange(YEARS) % 10 > 0
        trend = random.normal(-2, 1, (1000, 1)) + random.normal(0, 0.01, (1000, 1)) * np.arange(YEARS)
        year[rows] = np.where(missing, np.nan, years)
        area[rows] = np.exp(trend + random.normal(0, 0.1, (1000, YEARS))) + 0 * year[rows]
        sd[rows] = 0.08 * area[rows]
    return SeriesBatch(np.arange(lakes, dtype=np.int32), years, year, area, sd)


def measured(lakes: int) -> Figures:
    """Seconds of one run by the clock and of the processor, the least of ROUNDS, and the most memory that the process ever held, MB."""
    batch, lake_id = inventory(lakes), pd.Series(np.arange(lakes)).astype("string")

    def table() -> pd.DataFrame:
        fit = AUTOMATIC.fit(batch, "log")
        return assembled("auto", fit, batch, lake_id, TrendSettings(source="bench"), left_out={}).frame

    assert np.count_nonzero((table()["method"] == "known-error").to_numpy()) == lakes // FEW, "one in a hundred is held against its errors"
    clock, processor = [], []
    for _ in range(ROUNDS):
        before = time.process_time()
        clock.append(seconds(table))
        processor.append(time.process_time() - before)
    return {"seconds": min(clock), "processor": min(processor), "peak_mb": memory_mb("VmHWM")}


def child(lakes: int) -> Figures:
    return in_child("tests.bench.bench_million", str(lakes))


def growth() -> Figures:
    """How many times as long (of the processor, since others may use it too) ten times the lakes take: 10 if time grows as lakes do."""
    return {"value": child(MILLION)["processor"] / child(FEWER)["processor"], "unit": "×"}


BENCHMARKS: dict[str, Callable[[], Figures]] = {
    "trends.auto.1m": lambda: {"value": child(MILLION)["seconds"], "unit": "s"},
    "trends.auto.1m.processor": lambda: {"value": child(MILLION)["processor"], "unit": "s"},
    "trends.auto.1m.peak_mb": lambda: {"value": child(MILLION)["peak_mb"], "unit": "MB"},
    "trends.auto.1m.over_100k": growth,
}

if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]))))
