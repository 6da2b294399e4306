"""The trend engine on 100,000 lakes × 40 years with a quarter missing, one thread, beside a loop of statsmodels.

Each figure is taken in a process of its own, started with one BLAS thread; ours and the peer's times come from the same process.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from data.records import SeriesBatch, TrendSettings
from data.trends import METHODS
from data.trends.line import lines
from data.trends.table import assembled
from tests.memory import memory_mb

LAKES, YEARS, MISSING = 100_000, 40, 0.25
STRETCHES = 10
PEER_SECONDS = 120
"""The peer runs on all lakes unless that would take longer than this; the record says on how many it ran."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
Figures = dict[str, Any]


def inventory() -> SeriesBatch:
    """Random lakes, filled block by block so that making them leaves no high-water mark above what they hold."""
    year, area = np.empty((LAKES, YEARS)), np.empty((LAKES, YEARS))
    random = np.random.default_rng(7)
    for start in range(0, LAKES, 1000):
        rows = slice(start, start + 1000)
        slope = random.normal(0, 0.01, (1000, 1))
        noise = random.normal(0, 0.1, (1000, YEARS))
        missing = random.random((1000, YEARS)) < MISSING
        year[rows] = np.where(missing, np.nan, 1986.0 + np.arange(YEARS))
        area[rows] = np.exp(random.normal(-2, 1, (1000, 1)) + slope * np.arange(YEARS) + noise) + 0 * year[rows]
    return SeriesBatch(np.arange(LAKES, dtype=np.int32), 1986.0 + np.arange(YEARS), year + 287 / 365, area)


def everything(batch: SeriesBatch, lake_id: pd.Series, method: str = "ols") -> pd.DataFrame:
    """All statistics of a method, BH and the finished table."""
    fit = METHODS[method].fit(batch, "log")
    return assembled(method, fit, batch, lake_id, TrendSettings(source="bench"), left_out={}).frame


def seconds(work: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cpu_seconds(work: Callable[[], object]) -> float:
    """The same of the processor: all is one thread here, and what else a machine does must not fall on one side of a ratio."""
    start = time.process_time()
    work()
    return time.process_time() - start


def peer_loop(batch: SeriesBatch, lakes: range) -> None:
    """What statsmodels takes lake by lake: params, bse, pvalues, conf_int and rsquared."""
    from statsmodels.regression.linear_model import OLS
    from statsmodels.tools import add_constant

    for lake in lakes:
        held = ~np.isnan(batch.area[lake])
        result = OLS(np.log(batch.area[lake][held]), add_constant(batch.year[lake][held])).fit()
        _ = result.params, result.bse, result.pvalues, result.conf_int(), result.rsquared


def measured_times() -> Figures:
    """Medians of ours, taken between stretches of the peer's loop: a machine that is busy for a while is busy for both."""
    batch = inventory()
    lake_id = pd.Series([f"GL{lake:06d}" for lake in range(LAKES)])
    ours = {"everything": lambda: everything(batch, lake_id), "fit": lambda: lines(batch, "log")}
    times: dict[str, list[float]] = {name: [] for name in ours}
    peer_loop(batch, range(200))  # imports and warms up
    sample = min(LAKES, int(500 * PEER_SECONDS / seconds(lambda: peer_loop(batch, range(500)))))
    peer = 0.0
    for stretch in np.array_split(np.arange(sample), STRETCHES):
        peer += seconds(lambda: peer_loop(batch, range(stretch[0], stretch[-1] + 1)))  # noqa: B023 - called at once
        for name, work in ours.items():
            work()  # the caches are the peer's
            times[name].append(seconds(work))
    return {**{name: statistics.median(taken) for name, taken in times.items()}, "peer": peer * LAKES / sample, "sample": sample}


def measured_ranks() -> Figures:
    """Theil–Sen with Mann–Kendall at once, between stretches of scipy's and pymannkendall's loops, which do half each."""
    import pymannkendall
    from scipy.stats import theilslopes

    batch, sample, stretches = inventory(), 2000, 5
    held = [
        (batch.year[lake][~np.isnan(batch.area[lake])], np.log(batch.area[lake][~np.isnan(batch.area[lake])])) for lake in range(sample)
    ]
    METHODS["theil-sen"].fit(batch, "log")
    times: dict[str, list[float]] = {"ours": [], "slopes": [], "kendall": []}
    for part in np.array_split(np.arange(sample), stretches):
        times["slopes"].append(cpu_seconds(lambda: [theilslopes(held[lake][1], held[lake][0]) for lake in part]))  # noqa: B023 - at once
        times["kendall"].append(cpu_seconds(lambda: [pymannkendall.original_test(held[lake][1]) for lake in part]))  # noqa: B023
        times["ours"].append(cpu_seconds(lambda: METHODS["theil-sen"].fit(batch, "log")))
    scale = LAKES / sample
    return {
        "ours": statistics.median(times["ours"]),
        **{name: sum(times[name]) * scale for name in ("slopes", "kendall")},
        "sample": sample,
    }


def measured_moderated() -> Figures:
    """Moderated t beside least squares, turn by turn: all statistics, BH and the finished table of both."""
    batch = inventory()
    lake_id = pd.Series([f"GL{lake:06d}" for lake in range(LAKES)])
    times: dict[str, list[float]] = {"ols": [], "moderated": [], "moderated-trend": []}
    for turn in range(3 * STRETCHES + 1):
        for name in times:
            spent = seconds(lambda: everything(batch, lake_id, name))  # noqa: B023 - called at once
            times[name] += [spent] if turn else []
    return {name: statistics.median(taken) for name, taken in times.items()}


def measured_huber() -> Figures:
    """Huber's line, between stretches of a loop of statsmodels' RLM as it comes (tolerance 1e-8; ours is right to 1e-6 of 1e-12's)."""
    from statsmodels.robust.norms import HuberT
    from statsmodels.robust.robust_linear_model import RLM
    from statsmodels.tools import add_constant

    batch, sample = inventory(), 1000

    def loop(lakes: Iterable[int]) -> None:
        for lake in lakes:
            held = ~np.isnan(batch.area[lake])
            result = RLM(np.log(batch.area[lake][held]), add_constant(batch.year[lake][held]), M=HuberT()).fit()
            _ = result.params, result.bse, result.pvalues, result.conf_int()

    loop(range(50))
    METHODS["huber"].fit(batch, "log")
    times: list[float] = []
    peer = 0.0
    for part in np.array_split(np.arange(sample), 5):
        peer += cpu_seconds(lambda: loop(part))  # noqa: B023 - at once
        times.append(cpu_seconds(lambda: METHODS["huber"].fit(batch, "log")))
    return {"ours": statistics.median(times), "peer": peer * LAKES / sample, "sample": sample}


def measured_memory() -> Figures:
    """What fitting adds, at its peak, to what the process holds with the series in it; the finished table counts."""
    batch = inventory()
    lake_id = pd.Series([f"GL{lake:06d}" for lake in range(LAKES)])
    before = memory_mb("VmRSS")
    frame = everything(batch, lake_id)
    return {"mb": memory_mb("VmHWM") - before, "rows": len(frame)}


def measured_rows() -> Figures:
    """The whole way from long area rows, as the store holds them, to the table."""
    batch = inventory()
    lake, place = np.nonzero(~np.isnan(batch.area))
    rows = pd.DataFrame(
        {
            "lake_key": lake.astype(np.int32), "date": (1986 + place - 1970).astype("datetime64[Y]").astype("datetime64[ms]"),
            "source": "bench", "threshold": np.nan, "date_nominal": True,
            "area_km2": batch.area[lake, place], "area_sd_km2": np.nan, "valid_share": np.nan,
            "reason": "ok", "date_image": np.datetime64("NaT", "ms"),
        }
    )  # fmt: skip
    lakes = pd.DataFrame({"lake_key": batch.lake_key, "lake_id": batch.lake_key.astype(str)})
    times = [seconds(lambda: METHODS["ols"].table(rows, lakes, TrendSettings(source="bench"))) for _ in range(STRETCHES)]
    return {"table": statistics.median(times)}


def in_one_thread(measure: str) -> Figures:
    """Run one of the measurements in a child process."""
    return in_child("tests.bench.bench_trends", measure)


@cache
def in_child(module: str, measure: str) -> Figures:
    """What a module of measurements prints as JSON, run in a child process with one BLAS thread."""
    command = [sys.executable, "-m", module, measure]
    run = subprocess.run(command, env={**os.environ, **ONE_THREAD}, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{run.stderr}")
    return json.loads(run.stdout)


def against_peer(name: str) -> Figures:
    times = in_one_thread("measured_times")
    peer = f"statsmodels OLS().fit() in a loop, {times['sample']:,} lakes" + ("" if times["sample"] == LAKES else f", scaled to {LAKES:,}")
    return {"value": times[name], "unit": "s", "peer": peer, "peer_value": times["peer"], "ratio": times["peer"] / times[name]}


def against_ranks(peer: str, what: str) -> Figures:
    times = in_one_thread("measured_ranks")
    told = f"{what} in a loop, {times['sample']:,} lakes, scaled to {LAKES:,}; ours is slope, interval and test"
    return {"value": times["ours"], "unit": "s", "peer": told, "peer_value": times[peer], "ratio": times[peer] / times["ours"]}


def against_ols(name: str) -> Figures:
    """How many times as long as least squares it takes: less than 1.3 is promised of moderated t."""
    times = in_one_thread("measured_moderated")
    return {"value": times[name], "unit": "s", "peer": "our ols", "peer_value": times["ols"], "ratio": times[name] / times["ols"]}


def against_huber() -> Figures:
    times = in_one_thread("measured_huber")
    told = f"statsmodels RLM(M=HuberT()).fit() in a loop, {times['sample']:,} lakes, scaled to {LAKES:,}"
    return {"value": times["ours"], "unit": "s", "peer": told, "peer_value": times["peer"], "ratio": times["peer"] / times["ours"]}


BENCHMARKS: dict[str, Callable[[], Figures]] = {
    "trends.ols.100k": lambda: against_peer("everything"),
    "trends.fit.100k": lambda: against_peer("fit"),
    "trends.theil_sen.100k": lambda: against_ranks("slopes", "scipy theilslopes"),
    "trends.mann_kendall.100k": lambda: against_ranks("kendall", "pymannkendall original_test"),
    "trends.moderated.100k": lambda: against_ols("moderated"),
    "trends.moderated_trend.100k": lambda: against_ols("moderated-trend"),
    "trends.huber.100k": against_huber,
    "trends.ols.100k.peak_mb": lambda: {"value": in_one_thread("measured_memory")["mb"], "unit": "MB"},
    "trends.ols.100k.from_rows": lambda: {"value": in_one_thread("measured_rows")["table"], "unit": "s"},
}

if __name__ == "__main__":
    measures = (measured_times, measured_ranks, measured_moderated, measured_huber, measured_memory, measured_rows)
    print(json.dumps({measure.__name__: measure for measure in measures}[sys.argv[1]]()))
