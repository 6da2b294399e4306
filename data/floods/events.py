"""Floods as rows of `events`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyarrow as pa

from data import schema
from data.floods.matching import rivals
from data.floods.record import EXTRA, KIND, Match

ORIGIN = "floods"
COLUMNS: dict[str, pa.DataType] = {name: column.type for name, column in schema.TABLES["events"].columns.items()} | EXTRA
"""The columns of `events`, and those that floods add."""


def flood_events(matches: Sequence[Match], source: str, lake_ids: dict[int, str]) -> pa.Table:
    """One row for each record that has a lake, by lake and date.

    Args:
        matches: The matches.
        source: Who recorded the floods.
        lake_ids: The id of each lake, for the words.
    """
    held = [match for match in matches if match.lake_key is not None]
    held.sort(key=lambda match: (match.lake_key, str(match.record.when.date or match.record.when.first or "9999"), match.record.name))
    return pa.Table.from_pylist([_row(match, source, lake_ids) for match in held], schema=pa.schema(list(COLUMNS.items())))


def _row(match: Match, source: str, lake_ids: dict[int, str]) -> dict[str, object]:
    record, when = match.record, match.record.when
    return {
        "lake_key": match.lake_key, "date": when.date, "kind": KIND, "evidence": evidence(match, source, lake_ids), "source": source,
        "origin": ORIGIN, "record": record.name, "precision": when.precision, "date_from": when.first, "date_to": when.last,
        "matched": match.how, "distance_km": None if math.isnan(match.km) else match.km,
    }  # fmt: skip


def evidence(match: Match, source: str, lake_ids: dict[int, str]) -> str:
    """`HMAGLOFDB 483: 2016-08-11; Ice dammed; matched by id GL077181E35675N, 0.31 km from its position`."""
    record = match.record
    own = f"; its own id of the lake: {record.lake_id.strip()}" if match.how == "distance" and record.lake_id.strip() else ""
    how = f"matched by id {record.lake_id.strip()}" if match.how == "id" else f"matched by distance{own}"
    away = "" if math.isnan(match.km) else ", its position lies in the lake" if match.km == 0 else f", {match.km:.2f} km from its position"
    others = rivals(match)
    also = ", ".join(f"lake {key} ({lake_ids.get(key) or 'no id'}) {km:.2f} km" for key, km in others)
    return "; ".join([f"{source} {record.name}: {record.when.words}", *record.words, how + away, *([f"as near: {also}"] if also else [])])
