"""The scene behind an observation that names none: the lake's first of the same day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from data.scene_table import SceneTable
from data.schema import TABLES
from data.store import Store
from modules.observations import with_scenes

DAY = date(2020, 1, 1)
lakes, days = st.sampled_from([0, 1, 7, 2**31 - 1]), st.sampled_from([DAY, DAY + timedelta(1), date(1900, 1, 1)])


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    schema = TABLES[name].columns
    frame = pd.DataFrame(rows, columns=list(schema))
    return frame.astype({"lake_key": "Int32", "scene_key": "Int32", "date": "datetime64[ms]"})


@given(
    scenes=st.lists(st.tuples(lakes, st.one_of(st.none(), days)), max_size=12),
    observed=st.lists(st.tuples(lakes, days, st.one_of(st.none(), st.integers(100, 110))), max_size=12),
)
def test_it_is_the_first_of_the_same_day(scenes: list[tuple[int, date | None]], observed: list[tuple[int, date, int | None]]) -> None:
    table = _frame("scenes", [{"scene_key": key, "lake_key": lake, "date": day, "path": "a.tif"} for key, (lake, day) in enumerate(scenes)])
    masks = pd.DataFrame(columns=list(TABLES["masks"].columns))
    store = cast(Store, SimpleNamespace(scenes=SceneTable(Path(), table, masks, {})))
    rows = pd.DataFrame(observed, columns=["lake_key", "date", "scene_key"])
    rows = rows.astype({"lake_key": "int32", "date": "datetime64[ms]", "scene_key": "Int32"})
    wanted = [
        key if key is not None else next((number for number, each in enumerate(scenes) if each == (lake, day)), None)
        for lake, day, key in observed
    ]
    found = with_scenes(store, rows)
    assert [None if pd.isna(key) else int(key) for key in found["scene_key"]] == wanted
    assert found["scene_key"].dtype == "Int32"
    assert found.drop(columns="scene_key").equals(rows.drop(columns="scene_key"))
