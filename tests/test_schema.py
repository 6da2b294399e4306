"""`schema.check` says every fault of a table at once: which row and column, what was found, what to do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from data.schema import ROWS_SHOWN, TABLES, check, empty, unusable

GOOD: dict[str, Any] = {
    "lake_key": 1, "date": date(2020, 10, 15), "source": "a", "threshold": None, "area_km2": 1.0, "area_sd_km2": None, "valid_share": None,
    "reason": "ok", "sensor": None, "scene_key": None, "date_nominal": False, "date_image": None,
}  # fmt: skip


def areas(*changes: dict[str, Any]) -> pa.Table:
    """Rows of `areas`, a year apart, with these cells changed."""
    rows = [GOOD | {"date": date(2000 + n, 10, 15)} | change for n, change in enumerate(changes)]
    return empty("areas").from_pylist(rows, schema=empty("areas").schema)


@pytest.mark.parametrize("name", list(TABLES))
def test_an_empty_table_has_no_fault(name: str) -> None:
    assert check(empty(name), name) == []
    assert unusable(empty(name), name) == []


def test_every_fault_is_told_at_once() -> None:
    table = areas({"area_km2": -1.0}, {"reason": "fog"}, {"source": None}, {"valid_share": 1.5}, {"date": date(2000, 10, 15)})
    told = {(fault.row, fault.column) for fault in check(table, "areas")}
    assert told == {(0, "area_km2"), (1, "reason"), (2, "source"), (3, "valid_share"), (4, None)}
    assert all(fault.found and fault.remedy for fault in check(table, "areas"))


def test_columns_that_are_missing_or_of_another_type() -> None:
    table = areas({}).drop_columns(["sensor"]).append_column("more", pa.array([1]))
    table = table.set_column(0, "lake_key", table.column("lake_key").cast(pa.int64()))
    assert [(fault.column, fault.found) for fault in check(table, "areas")] == [
        ("lake_key", "it has type int64"), ("sensor", "the column is missing"),
    ]  # fmt: skip
    assert unusable(table, "areas") == check(table, "areas")


def test_references_that_lead_nowhere() -> None:
    lakes = pa.table({"lake_key": pa.array([1, 2], pa.int32())})
    faults = check(areas({}, {"lake_key": 3}), "areas", {"lakes": lakes})
    assert [(fault.row, fault.column, fault.found) for fault in faults] == [(1, "lake_key", "3 is not in lakes.lake_key")]


def test_long_lists_are_cut_and_counted() -> None:
    faults = check(areas(*[{"area_km2": -1.0}] * (ROWS_SHOWN + 1500)), "areas")
    assert len(faults) == ROWS_SHOWN + 1
    assert faults[-1].found == "the same in 1,500 more rows"
