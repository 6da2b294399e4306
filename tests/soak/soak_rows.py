"""Trends of a large dataset in parts: in memory, block by block, and by a Dask cluster of real processes, a worker killed or not.

In full 100,000 lakes × 40 years, or the dataset that `MORAINE_MILLION` names; memory is the most that a worker ever held.
"""

from __future__ import annotations

import hashlib
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from data.cache import write_table
from data.records import TrendSettings, TrendTable
from data.settings import text
from data.simulate.worldwide import WorldwidePlan, write_worldwide
from data.spreading import Alone, Hands, crew
from data.store import Store
from data.trends import resolve
from data.trends.cache import as_arrow
from tests.dask_cluster import DaskCluster, dask_cluster
from tests.harness import Figures
from tests.memory import memory_mb

LAKES, FEW = 100_000, 500
METHODS = ("auto", "moderated-trend", "theil-sen")
"""One that mixes two methods and learns from all lakes, one that learns a curve, one that learns nothing."""
MOST_MB = 3072


@contextmanager
def _world(seed: int, scale: float) -> Iterator[Path]:
    if scale == 1.0 and text("MILLION"):
        with tempfile.TemporaryDirectory(prefix="moraine-rows-") as scratch:
            # Without its trend tables, which would be read in place of fitted.
            for path in Path(text("MILLION")).resolve().iterdir():
                if path.name != "trends":
                    (Path(scratch) / path.name).symlink_to(path)
            yield Path(scratch)
        return
    with tempfile.TemporaryDirectory(prefix="moraine-rows-") as scratch:
        with crew(2 if scale == 1.0 else 1) as hands:
            write_worldwide(Path(scratch) / "world", WorldwidePlan(LAKES if scale == 1.0 else FEW, seed=seed % 1000), hands)
        yield Path(scratch) / "world"


def _digest(table: TrendTable, scratch: Path) -> str:
    """Of the file that a trend table is kept as."""
    path = scratch / "table.parquet"
    write_table(path, as_arrow(table))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _fitted(folder: Path, settings: TrendSettings, hands: Hands) -> TrendTable:
    return Store(folder).trends(settings, hands)


def _in_memory(folder: Path, settings: TrendSettings) -> TrendTable:
    store = Store(folder)
    return resolve(settings).table(store.rows_of(settings), store.lakes, settings)


def _hands(cluster: DaskCluster, folder: Path) -> AbstractContextManager[Hands]:
    return crew(cluster=cluster.address, folder=folder.resolve())


def _killing(cluster: DaskCluster, after_s: float) -> threading.Thread:
    """A thread that kills one worker once some time has gone."""

    def kill() -> None:
        time.sleep(after_s)
        os.kill(cluster.pids()[0], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def trends(seed: int, scale: float) -> Figures:
    """The suite. A dataset that stands for memory is read whole where it is small enough (see `memory` for the large one)."""
    figures: Figures = {}
    with _world(seed, scale) as folder, tempfile.TemporaryDirectory() as scratch:
        place, store = Path(scratch), Store(folder)
        figures |= {"lakes": len(store.lakes), "observations": store.area_counts.observations}
        # The million take half an hour by all methods and ways; the default is what the app opens with.
        methods = METHODS if len(store.lakes) <= LAKES else METHODS[:1]
        for method in methods:
            settings = replace(store.settings(), method=method)
            wanted = _digest(_in_memory(folder, settings), place)
            assert _digest(_fitted(folder, settings, Alone()), place) == wanted, f"seed {seed}, {method}: block by block"
            if scale < 1.0:
                continue
            with dask_cluster(place / f"dask-{method}", 2) as cluster, _hands(cluster, folder) as hands:
                began = time.monotonic()
                assert _digest(_fitted(folder.resolve(), settings, hands), place) == wanted, f"seed {seed}, {method}: a cluster"
                took = time.monotonic() - began
                peak = max(memory_mb("VmHWM", pid) for pid in cluster.pids())
                assert peak < MOST_MB, f"a worker held {peak:.0f} MB"
                figures |= {f"{method}_cluster_s": round(took, 1), f"{method}_worker_mb": round(peak)}
                thread = _killing(cluster, took / 2)
                assert _digest(_fitted(folder.resolve(), settings, hands), place) == wanted, f"seed {seed}, {method}: a worker killed"
                thread.join()
        figures["digest"] = wanted[:16]
    figures["own_mb"] = round(memory_mb("VmHWM"))
    return figures


SUITES = {"rows.trends": trends}
