"""Columns find their types; lakes take the newest value that is not empty."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from data import schema
from data.importing.tables import frame, lake_rows, sealed, typed


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1, 2, None], pa.int64()), ([1.0, np.nan], pa.int64()), ([1.5, 2], pa.float64()), ([True, None], pa.bool_()),
        (["a", None], pa.string()),
        ([1, "a"], pa.string()), ([None, None], pa.string()), ([True, 1], pa.string()), ([2.0**60], pa.float64()),
        ([pd.Timestamp("2020-01-01")], pa.string()),
    ],
)  # fmt: skip
def test_types_of_columns_without_a_schema(cells: list[object], kind: pa.DataType) -> None:
    found = typed(pd.Series(cells, dtype=object), None)
    assert found.type == kind
    assert found.null_count == sum(cell is None or cell != cell for cell in cells)  # noqa: PLR0124


def test_empty_tables_go_round_unchanged() -> None:
    names = ("lakes", "outlines", "areas", "events")
    new = sealed({name: frame(schema.empty(name)) for name in names})
    for name in names:
        assert [field.type for field in new[name].schema] == [column.type for column in schema.TABLES[name].columns.values()]
        assert len(new[name]) == 0


def observation(key: int, year: int, **cells: object) -> dict[str, object]:
    empty = dict.fromkeys(("lake_id", "name", "basin", "sub_basin", "lon", "lat", "elevation_m", "dam_type", "geometry"))
    return {**empty, "lake_key": key, "epoch": date(year, 10, 15), **cells}


def lakes_of(
    *rows: dict[str, object], old: pd.DataFrame | None = None, epochs: dict[int, date] | None = None, new_wins: bool = False
) -> pd.DataFrame:
    new = pd.DataFrame([{name: cell for name, cell in row.items() if name != "note"} for row in rows], dtype=object)
    extra = pd.DataFrame({"note": [row.get("note") for row in rows]}, dtype=object)
    return lake_rows(frame(schema.empty("lakes")) if old is None else old, epochs or {}, new, extra, new_wins)


def test_the_newest_value_that_is_not_empty() -> None:
    point = shapely.Point(1, 2)
    found = lakes_of(
        observation(0, 2000, lake_id="A", basin="Koshi", note="old"), observation(0, 2010, lake_id="A2", geometry=point),
        observation(1, 2010, lake_id="B", note="b"),
    )  # fmt: skip
    assert found[["lake_key", "lake_id", "basin", "note"]].values.tolist() == [[0, "A2", "Koshi", "old"], [1, "B", None, "b"]]
    assert shapely.from_wkb(found["geometry"].iloc[0]).equals(point)


@pytest.mark.parametrize(
    ("year", "new_wins", "basin"), [(2000, False, "held"), (2010, False, "held"), (2010, True, "new"), (2020, False, "new")]
)
def test_which_value_wins_over_what_is_held(year: int, new_wins: bool, basin: str) -> None:
    old = lakes_of(observation(0, 2010, lake_id="A", basin="held"))
    found = lakes_of(observation(0, year, lake_id="A", basin="new"), old=old, epochs={0: date(2010, 10, 15)}, new_wins=new_wins)
    assert found["basin"].tolist() == [basin]
