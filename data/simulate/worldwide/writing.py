"""From a plan to a dataset: blocks made by any number of workers, the same bytes by each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data import schema
from data.cache import write_atomic, write_folder, write_table
from data.meta import write_meta
from data.parts.making import Written, write_block, write_whole
from data.records import DatasetMeta, Season
from data.simulate.worldwide.basins import make_basins
from data.simulate.worldwide.lakes import lakes_table, make_lakes
from data.simulate.worldwide.plan import WorldwidePlan
from data.simulate.worldwide.series import FACTOR, LAST, PIXEL_KM, SENSORS, SOURCE, make_series
from data.spreading import Hands

BLOCK_S = 1.5
"""Seconds of a block, about."""
LAKE_GROUP = 25_000
"""Lakes of a row group of `lakes`: who draws the outlines of a few of them need not read all."""
GEO = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Polygon"]}}}
TRUTH = ["lake_key", "kind", "rate_pct_per_year", "size_km2"]


@dataclass(frozen=True)
class Made:
    """A block: its part of the areas is written, its rows of the smaller tables travel."""

    written: Written
    lakes: pa.Table
    truth: pa.Table
    events: pa.Table


def write_worldwide(folder: Path, plan: WorldwidePlan, hands: Hands, tell: Callable[[int], object] = lambda _: None) -> None:
    """Make the dataset; the folder appears only once it is whole.

    Args:
        folder: It must not exist yet, or be empty.
        plan: What to simulate.
        hands: Who makes the blocks; they have to reach the folder.
        tell: Called with the number of blocks that are done.

    Raises:
        InputError: The folder exists and is not empty.
        DatasetError: A worker died.
    """

    def fill(temporary: Path) -> None:
        areas = temporary / "areas.parquet"
        areas.mkdir()
        rest = _Rest()
        work, seconds = partial(make_block, areas, plan), BLOCK_S * plan.blocks
        ended = hands.map(work, range(plan.blocks), seconds=seconds, named=lambda block: f"block {block}")
        write_atomic(temporary / "lakes.parquet", lambda path: _write_lakes(path, _told(_ordered(ended), rest, tell)))
        write_whole(areas, rest.written)
        write_table(temporary / "truth.parquet", pa.concat_tables(rest.truth))
        write_table(temporary / "events.parquet", pa.concat_tables([schema.empty("events"), *rest.events]))
        write_meta(temporary, _meta(plan))

    write_folder(folder, fill)


def make_block(areas: Path, plan: WorldwidePlan, block: int) -> Made:
    """Make one block and write its areas."""
    basins = make_basins(plan)
    frame = make_lakes(plan, block, basins)
    rows, drained = make_series(plan, block, frame, basins)
    written = write_block(areas, block, rows)
    newest = pd.Series(written.newest.column("area_km2").to_numpy(), index=written.newest.column("lake_key").to_numpy())  # pyright: ignore[reportOptionalMemberAccess]
    size = np.maximum(newest.reindex(frame["lake_key"]).fillna(frame["size_km2"]).to_numpy(), 1e-6)
    truth = pa.Table.from_pandas(frame[TRUTH], preserve_index=False).replace_schema_metadata()
    return Made(written, lakes_table(plan, block, frame, size), truth, _events(frame, drained))


def _events(frame: pd.DataFrame, drained: np.ndarray) -> pa.Table:
    gone = ~np.isnat(drained)
    held = {
        "lake_key": frame["lake_key"].to_numpy()[gone], "date": drained[gone], "kind": ["drainage"] * int(gone.sum()),
        "evidence": ["simulated: part of its area went within days"] * int(gone.sum()), "source": [SOURCE] * int(gone.sum()),
    }  # fmt: skip
    return pa.table({name: pa.array(held[name], column.type) for name, column in schema.TABLES["events"].columns.items()})


class _Rest:
    """What is kept of blocks once their lakes are written."""

    def __init__(self) -> None:
        self.written: list[Written] = []
        self.truth: list[pa.Table] = []
        self.events: list[pa.Table] = []


def _told(blocks: Iterable[Made], rest: _Rest, tell: Callable[[int], object]) -> Iterator[pa.Table]:
    for done, block in enumerate(blocks, start=1):
        rest.written.append(block.written)
        rest.truth.append(block.truth)
        rest.events.append(block.events)
        tell(done)
        yield block.lakes


def _ordered(blocks: Iterable[Made]) -> Iterator[Made]:
    """In order of their numbers: one that ends early waits for those before it."""
    waiting: dict[int, Made] = {}
    following = 0
    for block in blocks:
        waiting[block.written.number] = block
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def _write_lakes(path: Path, blocks: Iterable[pa.Table]) -> None:
    names = pa.schema([(name, column.type) for name, column in schema.TABLES["lakes"].columns.items()])
    with pq.ParquetWriter(
        path, names.with_metadata({b"geo": json.dumps(GEO).encode()}), compression="zstd", write_page_checksum=True
    ) as writer:
        for block in blocks:
            writer.write_table(block.select(names.names), row_group_size=LAKE_GROUP)


def _meta(plan: WorldwidePlan) -> DatasetMeta:
    return DatasetMeta(
        name=f"simulated-world-{plan.lakes}-{plan.first_year}-{plan.last_year}-{plan.seed}",
        title=f"The world's lakes (simulated), {plan.lakes:,} lakes, {plan.first_year}–{plan.last_year}",
        simulated=True,
        licence="CC0-1.0",
        citation="Simulated by Moraine; not observations",
        description=(
            "Invented lakes along the world's mountains, to try out size. They grow, shrink, drain, jump with the sensor or stay as "
            "planted; "
            f"truth.parquet tells which. Simulated with seed {plan.seed}: nothing here was observed."
        ),
        season=Season(9, 11),
        pixel_m=PIXEL_KM * 1000,
        area_sd_factor=FACTOR,
        default_source=SOURCE,
        sensors={name: [] for name in (*(name for _, name in SENSORS), LAST)},
    )
