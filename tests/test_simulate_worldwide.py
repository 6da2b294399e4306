"""The simulated world: the same bytes by any number of workers, a dataset without fault, and trends that show what was planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.__main__ import main
from data.cache import file_digest, read_table
from data.checks import dataset_faults
from data.errors import InputError
from data.simulate.worldwide import WorldwidePlan, plan
from data.store import Store

LAKES = 900


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("world") / "one"
    assert main(["simulate", "--world", str(LAKES), "--years", "1996-2025", "--into", str(into), "--workers", "1"]) == 0
    return into


def test_it_is_a_dataset_without_fault_that_says_it_is_simulated(folder: Path) -> None:
    assert dataset_faults(folder) == []
    store = Store(folder)
    assert store.meta.simulated
    assert "simulated" in store.meta.title
    assert len(store.lakes) == LAKES
    assert store.area_counts.observations == LAKES * 30
    assert store.lakes["basin"].nunique() > 20


def test_any_number_of_workers_makes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "two"
    assert main(["simulate", "--world", str(LAKES), "--years", "1996-2025", "--into", str(again), "--workers", "2"]) == 0
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert [file_digest(folder / name) for name in names] == [file_digest(again / name) for name in names]


def test_trends_show_what_was_planted(folder: Path) -> None:
    truth = read_table(folder / "truth.parquet").to_pandas()
    frame = Store(folder).trends(Store(folder).settings()).frame
    steady = truth["kind"].isin(["growing", "shrinking", "stable"]).to_numpy() & (frame["status"] == "ok").to_numpy()
    rate, found = truth["rate_pct_per_year"].to_numpy()[steady], frame["slope_pct"].to_numpy()[steady]
    within = np.abs(found - rate) <= 4 * 100 * frame["se"].to_numpy()[steady] * np.exp(frame["slope"].to_numpy()[steady])
    assert within.mean() > 0.98
    stable = (truth["kind"] == "stable").to_numpy()
    assert (frame["q"].to_numpy()[stable] < 0.05).mean() < 0.03


def test_blocks_do_not_hang_on_each_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In blocks of 200 lakes, the third made alone is the third of all."""
    from data.simulate.worldwide.writing import make_block

    monkeypatch.setattr(plan, "BLOCK", 200)
    wanted = WorldwidePlan(500, 2010, 2025, seed=4)
    assert wanted.blocks == 3
    alone = make_block(tmp_path / "alone", wanted, 2)
    for block in (0, 1, 2):
        last = make_block(tmp_path / "all", wanted, block)
    assert alone.lakes.equals(last.lakes)
    assert alone.lakes.column("lake_key").to_pylist() == list(range(400, 500))
    assert file_digest(tmp_path / "alone" / "part-00002.parquet") == file_digest(tmp_path / "all" / "part-00002.parquet")


@pytest.mark.parametrize(("lakes", "first"), [(0, 2000), (10, 2024), (10, 1800), (30_000_000, 2000)])
def test_numbers_out_of_range_are_named(lakes: int, first: int) -> None:
    with pytest.raises(InputError, match="out of range"):
        WorldwidePlan(lakes, first)
