"""Flags found block by block are those found at once, whoever a lake's neighbours are."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from data.flags import table
from data.parts.partition import partition
from data.records import TrendSettings
from data.store import Store
from tests import triage_cases
from tests.datasets import small_dataset


@pytest.mark.parametrize("make", [small_dataset, triage_cases.cases_dataset])
def test_blocks_find_what_all_rows_at_once_show(make: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = make(tmp_path / "whole")
    parted = Path(shutil.copytree(whole, tmp_path / "parted"))
    partition(parted, "areas", part_rows=100)
    one = Store(whole)
    wanted = {source: one.flags(TrendSettings(season=None, source=source)) for source in one.sources}
    assert sum(map(len, wanted.values())) > 3
    for block in (6, 10_000):
        monkeypatch.setattr(table, "BLOCK", block)
        other = Store(parted)
        for source, flags in wanted.items():
            found = other.flags(TrendSettings(season=None, source=source))
            pd.testing.assert_frame_equal(found, flags, check_exact=True)
