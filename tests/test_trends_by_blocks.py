"""Trends fitted block by block are, bit for bit, those fitted at once: every method, correction and response, whatever a block lacks."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.cache import read_table, write_table
from data.errors import TrendError
from data.parts.partition import partition
from data.records import CORRECTIONS, RESPONSES, Season, TrendSettings, TrendTable
from data.store import Store
from data.trends import METHODS, pooling
from data.trends.by_blocks import Told, unheard
from data.trends.cache import as_arrow
from tests.datasets import SOURCE, small_dataset

FEWER = 7
"""Lakes of a block here, of 40."""


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    """One file, and parts; a year that few lakes saw twice, errors that half of the lakes lack, and one lake that nobody ever saw."""
    folder = small_dataset(tmp_path_factory.mktemp("blocks") / "whole")
    rows = read_table(folder / "areas.parquet").to_pandas(date_as_object=False)
    random = np.random.default_rng(3)
    rows["area_km2"] *= np.exp(random.normal(0, 0.05, len(rows)))
    rows["area_sd_km2"] = np.where(rows["lake_key"] < 20, 0.05 * rows["area_km2"], np.nan)
    rows = rows[(rows["lake_key"] != 30) & ((rows["lake_key"] % 9 != 2) | (rows["date"].dt.year != 2020))]
    twice = rows[(rows["lake_key"].between(8, 10)) & (rows["date"].dt.year == 2018)]
    rows = pd.concat([rows, twice.assign(date=twice["date"] + pd.Timedelta(days=20))])
    schema = read_table(folder / "areas.parquet").schema
    write_table(folder / "areas.parquet", pa.Table.from_pandas(rows, schema=schema, preserve_index=False))
    parted = Path(shutil.copytree(folder, folder.with_name("parted")))
    partition(parted, "areas", part_rows=60)
    return Store(folder), Store(parted)


def fitted(store: Store, settings: TrendSettings, told: Told = unheard) -> TrendTable:
    store._trends._memory = type(store._trends._memory)(16, lambda _: 1)
    return store.trends(settings, told=told)


def alike(stores: tuple[Store, Store], settings: TrendSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    for block in (FEWER, 25_000):
        monkeypatch.setattr(pooling, "BLOCK", block)
        one, other = (as_arrow(fitted(store, settings)) for store in stores)
        assert one.equals(other, check_metadata=True), block


@pytest.mark.parametrize("response", RESPONSES)
@pytest.mark.parametrize("method", ["auto", *METHODS])
def test_every_method(stores: tuple[Store, Store], method: str, response: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alike(stores, TrendSettings(method, response, None, SOURCE), monkeypatch)


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_every_correction(stores: tuple[Store, Store], correction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alike(stores, TrendSettings("auto", "log", Season(8, 11), SOURCE, correction=correction), monkeypatch)


def test_without_bad_observations(stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    row = stores[0].areas(3).iloc[2]
    names = {store.left_out.name([(3, row["date"].date(), SOURCE)]) for store in stores}
    assert len(names) == 1
    settings = TrendSettings("ols", "log", None, SOURCE, without=names.pop())
    alike(stores, settings, monkeypatch)
    assert fitted(stores[1], settings).left_out["reviewed_bad"] == 1


def test_a_source_that_nobody_has_is_named_with_those_there_are(stores: tuple[Store, Store]) -> None:
    for store in stores:
        with pytest.raises(TrendError, match="no area comes from source 'nobody'"):
            store.trends(TrendSettings("ols", "log", None, "nobody"))


@pytest.mark.parametrize(
    ("method", "correction", "ends"),
    [("ols", "bh", (6 / 11, 1)), ("moderated", "bh", (6 / 22, 1 / 2, 1)), ("ols", "permutation", (6 / 22, 1 / 2, 1))],
)
def test_how_far_it_is_never_falls_and_is_all_at_the_end(
    stores: tuple[Store, Store], method: str, correction: str, ends: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five of the six blocks lack a column that others have, and are done again; to look at all lakes, or to shuffle, counts as much."""
    monkeypatch.setattr(pooling, "BLOCK", FEWER)
    heard: list[float] = []
    fitted(stores[1], TrendSettings(method, "log", None, SOURCE, correction=correction), heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1)
    assert all(any(abs(end - share) < 1e-9 for share in heard) for end in ends), heard


def test_blocks_share_what_all_lakes_say(stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """Moderated t of 40 lakes in six blocks has one prior: that of the whole, not of a block."""
    monkeypatch.setattr(pooling, "BLOCK", FEWER)
    settings = replace(stores[0].settings(), method="moderated", season=None)
    shared = fitted(stores[1], settings).shared
    assert shared["prior_df"][0] > 0
    assert shared == fitted(stores[0], settings).shared
