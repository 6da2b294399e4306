"""One lake's series out of 40 million rows in parts: milliseconds with nothing in memory, and bytes read.

`MORAINE_MILLION` names a dataset that `python -m data simulate --world 1000000 --years 40` made; else a world of 100,000 lakes is made, in
parts of the same size. Before each look the pages of all files of the table are dropped from the system's cache, and what a store keeps
is made anew; the index is read when a dataset is opened, and counts there.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

from data.parts.areas import PartedAreas
from data.parts.querying import queried
from data.settings import text
from data.simulate.worldwide import WorldwidePlan, write_worldwide
from data.spreading import Alone
from tests.bench.bench_trends import Figures

LAKES, LOOKS = 100_000, 21


@contextmanager
def table() -> Iterator[Path]:
    """The areas of a large dataset."""
    if text("MILLION"):
        yield Path(text("MILLION")) / "areas.parquet"
        return
    with tempfile.TemporaryDirectory() as folder:
        write_worldwide(Path(folder) / "world", WorldwidePlan(LAKES), Alone())
        yield Path(folder) / "world" / "areas.parquet"


def forget(folder: Path) -> None:
    """Drop the pages of all files of a folder from the system's cache."""
    for path in folder.iterdir():
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def counted() -> tuple[int, int]:
    """Bytes that this process has asked files for, and that came from the disk."""
    told = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(told["rchar"]), int(told["read_bytes"])


def cold(areas: PartedAreas, lakes: list[int]) -> Figures:
    """Medians over lakes that are far apart, each in another part: nothing of its part is known."""
    took, asked, came = [], [], []
    for lake in lakes:
        forget(areas.parts.folder)
        before, began = counted(), time.perf_counter()
        rows = areas.of_lake(lake, "", None)
        took.append(1000 * (time.perf_counter() - began))
        after = counted()
        asked.append(after[0] - before[0])
        came.append(after[1] - before[1])
        assert len(rows) == 40, "forty years of one lake"
    return {"ms": statistics.median(took), "most_ms": max(took), "bytes": max(asked), "disk_bytes": max(came)}


def direct(folder: Path, lake: int) -> float:
    """Milliseconds that DuckDB takes by itself, over all parts, unverified."""
    import duckdb

    forget(folder)
    connection = duckdb.connect(":memory:", config={"threads": 1})
    began = time.perf_counter()
    found = connection.sql(f"SELECT * FROM read_parquet('{folder}/part-*.parquet') WHERE lake_key = {lake}").to_arrow_table()
    assert found.num_rows == 40
    return 1000 * (time.perf_counter() - began)


@cache
def measured() -> Figures:
    """All figures, of one dataset."""
    with table() as folder:
        opening = time.perf_counter()
        areas = PartedAreas(folder, {}, lambda: None)
        opened = 1000 * (time.perf_counter() - opening)
        rows, parts = len(areas.parts), len(areas.parts.index.parts)
        first = np.unique(areas.parts.index.groups.column("first_lake").to_numpy())
        lakes = [int(first[place]) + 3 for place in np.linspace(0, len(first) - 1, LOOKS).astype(int)]
        areas.of_lake(lakes[-1] + 1, "", None)  # libraries are loaded, and their threads are there
        fresh = [PartedAreas(folder, {}, lambda: None) for _ in lakes]
        found = [cold(each, [lake]) for each, lake in zip(fresh, lakes, strict=True)]
        began = time.perf_counter()
        warm = [areas.parts.of_lakes(lake, lake) for lake in lakes]
        again = 1000 * (time.perf_counter() - began) / len(warm)
        began = time.perf_counter()
        queried({"areas": areas.parts.scanned()}, "SELECT count(*) FROM areas WHERE lake_key BETWEEN ? AND ?", [lakes[3], lakes[3] + 100])
        count = 1000 * (time.perf_counter() - began)
        alone = statistics.median(direct(folder, lake) for lake in lakes[:5])
    return {
        "rows": rows, "parts": parts, "opened_ms": opened, "ms": statistics.median(each["ms"] for each in found),
        "most_ms": max(each["ms"] for each in found), "bytes": max(each["bytes"] for each in found),
        "disk_bytes": max(each["disk_bytes"] for each in found), "warm_ms": again, "count_ms": count, "duckdb_ms": alone,
    }  # fmt: skip


def of(name: str, unit: str, scale: float = 1.0, **rest: object) -> Callable[[], Figures]:
    """One figure of `measured`."""
    return lambda: {"value": measured()[name] * scale, "unit": unit, **rest}


BENCHMARKS: dict[str, Callable[[], Figures]] = {
    "rows.of_table": of("rows", "rows"),
    "rows.open_index": of("opened_ms", "ms"),
    "rows.lake.cold": lambda: {**of("ms", "ms")(), "peer": "DuckDB alone", "peer_value": measured()["duckdb_ms"]},
    "rows.lake.cold.most": of("most_ms", "ms"),
    "rows.lake.read": of("bytes", "MB", 1e-6),
    "rows.lake.disk": of("disk_bytes", "MB", 1e-6),
    "rows.lake.warm": of("warm_ms", "ms"),
    "rows.count.pushed_down": of("count_ms", "ms"),
}
