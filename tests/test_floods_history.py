"""The floods of a dataset in words, and the last one of each lake."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.__main__ import main
from data.cache import file_digest
from data.floods.dating import approximate_year, exact_date, worded_date
from data.floods.history import flood_rows, last_floods
from data.store import Store
from tests.datasets import small_dataset

TEXTS = ["2015-07-28", "2015-07", "2015", "1955-66", "1960s", "before 1966", "about 1980", "May to August 2003", "NA"]


def events(texts: list[str], keys: list[int] | None = None) -> pd.DataFrame:
    found = [worded_date(text) for text in texts]
    return pd.DataFrame(
        {
            "lake_key": keys or list(range(len(texts))), "date": pd.to_datetime([each.date for each in found]), "kind": "flood",
            "evidence": texts, "source": "s", "precision": [each.precision for each in found],
            "date_from": pd.to_datetime([each.first for each in found]), "date_to": pd.to_datetime([each.last for each in found]),
        }
    )  # fmt: skip


def test_words_say_no_more_than_the_record() -> None:
    said = flood_rows(events(TEXTS))["words"].tolist()
    assert said == [
        "2015-07-28", "July 2015", "2015", "1955–1966", "1960–1969", "before 1966", "about 1980", "May–August 2003", "date unknown",
    ]  # fmt: skip


def test_floods_that_came_without_a_precision_are_dated_to_the_day_or_not_at_all() -> None:
    days = pd.to_datetime(["2001-02-03", None, "2001-01-01"])
    plain = pd.DataFrame({"lake_key": [1, 2, 3], "date": days, "kind": ["flood", "flood", "merge"], "evidence": "e", "source": "s"})
    found = flood_rows(plain)
    assert found["words"].tolist() == ["2001-02-03", "date unknown"]
    assert found["date_from"].tolist()[0] == found["date_to"].tolist()[0] == pd.Timestamp("2001-02-03")
    assert found["precision"].tolist() == ["day", "unknown"]
    mixed = pd.concat([plain, events(["2015"], [9])], ignore_index=True)
    assert flood_rows(mixed)["words"].tolist() == ["2001-02-03", "date unknown", "2015"]


def test_the_last_flood_of_each_lake() -> None:
    floods = flood_rows(events(["NA", "2015-07-28", "before 1966", "1955-66", "NA"], [4, 4, 4, 7, 9]))
    found = last_floods(floods, np.array([4, 5, 7, 9])).set_index("lake_key")
    assert found["flood_words"].to_dict() == {4: "2015-07-28 (3 floods)", 5: "", 7: "1955–1966", 9: "date unknown"}
    assert found["floods"].to_dict() == {4: 3, 5: 0, 7: 1, 9: 1}
    assert found["flood_date"].isna().to_dict() == {4: False, 5: True, 7: False, 9: True}


@pytest.mark.parametrize("text", ["1980", "before 1966"])
def test_an_approximate_date_bounds_nothing_from_below(text: str) -> None:
    assert approximate_year(text).first is None
    assert exact_date("1980", "", "").first == date(1980, 1, 1)


def test_a_dataset_without_floods_has_none(tmp_path: Path) -> None:
    store = Store(small_dataset(tmp_path / "d"))
    assert store.floods.rows.empty
    assert set(store.floods.last["floods"]) == {0}
    assert len(store.floods.last) == len(store.lakes)


def test_an_import_that_adds_leaves_floods_as_they_are(tmp_path: Path) -> None:
    rows = [f"L{n},{86 + 0.1 * n:.2f},27.5,{year},{0.1 + 0.01 * n}" for n in range(3) for year in (2000, 2010, 2020)]
    (tmp_path / "a.csv").write_text("lake_id,lon,lat,year,area_km2\n" + "\n".join(rows) + "\n")
    (tmp_path / "b.csv").write_text("lake_id,lon,lat,year,area_km2\nL1,86.10,27.5,2024,0.2\nL9,87.9,27.5,2024,0.2\n")
    (tmp_path / "f.csv").write_text("record,glid,date\n1,L1,2003\n2,L2,2004-05-06\n")
    folder = tmp_path / "d"
    assert main(["import", str(tmp_path / "a.csv"), "--into", str(folder), "--source", "a"]) == 0
    assert main(["floods", str(folder), str(tmp_path / "f.csv"), "--record", "record"]) == 0
    before = Store(folder).floods.rows
    assert len(before) == 2
    assert main(["import", str(tmp_path / "b.csv"), "--into", str(folder), "--source", "a"]) == 0
    pd.testing.assert_frame_equal(Store(folder).floods.rows, before)
    digest = file_digest(folder / "events.parquet")
    assert main(["floods", str(folder), str(tmp_path / "f.csv"), "--record", "record"]) == 0
    assert file_digest(folder / "events.parquet") == digest
