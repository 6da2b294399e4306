"""Floods for datasets that tests make."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from data.cache import read_table, write_table
from data.commit import transaction
from data.floods.dating import worded_date
from data.floods.events import flood_events
from data.floods.intake import ORDER
from data.floods.record import FloodRecord, Match


def with_floods(folder: Path, floods: list[tuple[int, str]], how: str = "distance", source: str = "records") -> Path:
    """Let lakes of a dataset have burst at these times, in words."""
    matches = [
        Match(FloodRecord(n + 1, str(n + 1), "", 86.0, 27.5, worded_date(when)), key, how, 0.25) for n, (key, when) in enumerate(floods)
    ]
    with transaction(folder) as staged:
        held = read_table(folder / "events.parquet")
        fresh = flood_events(matches, source, {})
        write_table(staged / "events.parquet", pa.concat_tables([held, fresh], promote_options="default").sort_by(ORDER))
    return folder
