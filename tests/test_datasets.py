"""The dataset that other tests stand on must itself be one."""

from __future__ import annotations

from pathlib import Path

from data.checks import dataset_faults
from data.store import Store
from tests.datasets import LAKES, TWINS, small_dataset


def test_the_small_dataset_has_no_fault(tmp_path: Path) -> None:
    assert dataset_faults(small_dataset(tmp_path / "small")) == []


def test_it_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = (Store(small_dataset(tmp_path / name)) for name in ("first", "second"))
    assert first.digests == second.digests


def test_it_holds_the_cases_it_promises(tmp_path: Path) -> None:
    store = Store(small_dataset(tmp_path / "small"))
    counts = store.trends(store.settings()).counts
    assert len(store.lakes) == LAKES
    assert counts["constant"] == counts["few"] == counts["insufficient"] == 1
    assert store.lakes["lake_id"].isna().sum() == 1
    assert store.lakes["lake_id"][TWINS[0]] == store.lakes["lake_id"][TWINS[1]]
    assert store.extra_columns == ["country", "glacier_distance_m", "note", "empty_column"]
