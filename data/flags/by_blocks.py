"""The flags of a dataset whose rows are never all in memory: first who was mapped when, then what is to be found, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.flags import table
from data.flags.around import Mapped, around_by, around_some, gone_into_others, mapped_in
from data.flags.flag import Found
from data.flags.seen import Around
from data.records import TrendSettings
from data.spreading import Hands


class Reads(Protocol):
    """Where rows come from; sent to workers."""

    @property
    def settings(self) -> TrendSettings: ...
    def rows(self, lake_keys: NDArray[np.int32], columns: tuple[str, ...] | None) -> pd.DataFrame:
        """The rows of the source of neighbouring lakes; some of their columns, or all."""
        ...


DATES = ("lake_key", "date", "source", "threshold", "date_nominal")
LOOKED_AT = (*DATES, "area_km2", "area_sd_km2", "valid_share", "reason", "sensor", "date_image")
DATES_S, BLOCK_S = 0.1, 0.6
"""Seconds of a block, about: who was mapped when, and what is to be found."""


@dataclass(frozen=True)
class Block:
    """Neighbouring lakes, and what lies around them once that is known: theirs are its first rows."""

    number: int
    lake_keys: NDArray[np.int32]
    around: Around | None = None
    gone: NDArray[np.bool_] | None = None


def flags_by_blocks(flags: Sequence[str], lakes: pd.DataFrame, events: pd.DataFrame, reads: Reads, hands: Hands) -> pd.DataFrame:
    """As `data.flags.table.flag_table` of all rows.

    Args:
        flags: Names of the flags to look for.
        lakes: The rows of `lakes` in lake_key order: lake_key, lon, lat.
        events: The rows of `events`.
        reads: Gives area rows.
        hands: Who does the work.
    """
    keys = lakes["lake_key"].to_numpy(dtype=np.int32)
    starts = range(0, max(1, len(keys)), table.BLOCK)
    blocks = [Block(number, keys[start : start + table.BLOCK]) for number, start in enumerate(starts)]
    when = dict(hands.map(partial(_mapped, reads), blocks, seconds=DATES_S * len(blocks), named=_named))
    around = around_by([when[block.number] for block in blocks], lakes)
    gone = gone_into_others(around, events, keys)
    rows = [np.arange(start, start + len(block.lake_keys)) for start, block in zip(starts, blocks, strict=True)]
    told = (replace(block, around=around_some(around, mine), gone=gone[mine]) for block, mine in zip(blocks, rows, strict=True))
    answers = dict(hands.map(partial(_found, reads, tuple(flags)), told, seconds=BLOCK_S * len(blocks), named=_named))
    found = {name: [_moved(answers[block.number][name], starts[block.number]) for block in blocks] for name in flags}
    return table.gathered_flags(found, keys)


def _named(block: Block) -> str:
    return f"the lakes from {block.lake_keys[0]}" if len(block.lake_keys) else "no lake"


def _moved(found: Found, first: int) -> Found:
    return replace(found, lake=found.lake + first)


def _mapped(reads: Reads, block: Block) -> tuple[int, Mapped]:
    rows = reads.rows(block.lake_keys, DATES)
    lake = np.searchsorted(block.lake_keys, rows["lake_key"].to_numpy(dtype=np.int32))
    return block.number, mapped_in(lake, rows, len(block.lake_keys), reads.settings.season)


def _found(reads: Reads, flags: tuple[str, ...], block: Block) -> tuple[int, dict[str, Found]]:
    from data.flags import FLAGS  # noqa: PLC0415 - this package's own list, which is not there yet when this file is imported

    assert block.around is not None
    assert block.gone is not None
    rows = reads.rows(block.lake_keys, LOOKED_AT)
    seen = table.seen_of(rows, block.lake_keys, reads.settings, block.around, block.gone)
    return block.number, {name: FLAGS[name].find(seen) for name in flags}
