"""What each lake's trend most likely is: one hand-made lake of every kind, and what the rules never do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from data.area_table import AreaTable
from data.cache import read_table, write_table
from data.records import TrendSettings
from data.store import Store
from data.triage import KINDS
from data.triage.doubts import DOUBTS
from data.triage.triage import COLUMNS, facts_of
from tests import triage_cases as cases
from tests.datasets import small_dataset


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(cases.cases_dataset(tmp_path_factory.mktemp("triage") / "data"))


@pytest.fixture(scope="module")
def triage(store: Store) -> pd.DataFrame:
    return store.triage(store.settings())


def test_every_lake_has_a_row_in_the_order_of_the_lakes(store: Store, triage: pd.DataFrame) -> None:
    assert tuple(triage.columns) == COLUMNS
    assert triage["lake_key"].tolist() == store.lake_keys.tolist()
    assert list(triage["kind"].cat.categories) == list(KINDS)
    assert triage["kind"].notna().all()
    assert (triage["why"].str.len() > 10).all()


@pytest.mark.parametrize(
    ("key", "kind", "words"),
    [
        *((key, "grew", "more than its mapping error") for key in cases.GROWING),
        (cases.SHRINKING, "shrank", "shrinks by 4.9 %/yr"),
        (cases.STEP, "model artefact", "where the sensor changed in 2018"),
        (cases.SOFT, "model artefact", "of 17 thresholds from 0.1 to 0.9"),
        (cases.ALONE, "model artefact", "not seen by mapper"),
        (cases.ONE_DATE, "model artefact", "hangs on one date, that of 2023"),
        (cases.SLIGHT, "mapping error", "no more than the errors of its outlines"),
        (cases.DRAINED, "drained", "2017"),
        (cases.TWO_DATES, "unobservable", "fewer than three usable dates"),
        (cases.CONSTANT, "stable", "or one outline was used again"),
        (cases.NOISY, "unobservable", "is the least that its dates and noise would have shown"),
    ],
)
def test_each_case_is_told_apart_by_the_evidence_that_was_planted(triage: pd.DataFrame, key: int, kind: str, words: str) -> None:
    row = triage.iloc[key]
    assert (row["kind"], words in row["why"]) == (kind, True), row["why"]


def test_what_was_tried_in_vain_is_said_of_a_lake_that_grew(triage: pd.DataFrame) -> None:
    why = triage["why"].iloc[0]
    assert all(doubt.passed in why for doubt in DOUBTS.values()), why
    assert "by another source" not in triage["why"].iloc[cases.SHRINKING], "no other source has this lake"


def test_quiet_lakes_keep_the_promise_of_their_kind(store: Store, triage: pd.DataFrame) -> None:
    table = store.trends(store.settings()).frame
    stable = (triage["kind"] == "stable").to_numpy() & (table["status"] != "constant").to_numpy()
    assert stable.sum() >= 15
    assert (table["detectable_pct"][stable] <= 2.0).all()
    assert (table["p"][stable] >= 0.05).all()
    lucky = (table["p"] < 0.05) & (table["q"] >= 0.05)
    assert (triage["kind"][lucky] == "chance").all()


@pytest.mark.parametrize("response", ["log", "area"])
@pytest.mark.parametrize("method", ["auto", "theil-sen", "known-error"])
def test_every_method_and_response_gives_a_verdict_of_each_lake(store: Store, method: str, response: str) -> None:
    found = store.triage(replace(store.settings(), method=method, response=response))
    assert found["kind"].notna().all()
    kinds = found["kind"].astype(str)
    assert set(kinds.iloc[list(cases.GROWING)]) == {"grew"}
    assert kinds.iloc[cases.SOFT] == "model artefact"
    assert kinds.iloc[cases.DRAINED] == "drained"


def test_a_dataset_without_thresholds_sources_or_errors_is_triaged_all_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = Store(small_dataset(tmp_path_factory.mktemp("plain") / "data"))
    opening = plain.settings()
    facts = facts_of(plain, AreaTable(lambda: plain.table("areas"), {}), opening)
    assert not facts.doubts["threshold"].made.any()
    assert not facts.doubts["source"].made.any()
    assert not facts.doubts["sensor"].made.any()
    found = plain.triage(opening)
    assert set(found["kind"].astype(str).iloc[:8]) == {"grew"}
    assert not found["why"].str.contains("threshold|source|sensor").any()


def test_a_triage_is_worked_out_once_and_only_for_its_own_settings(store: Store) -> None:
    wanted = TrendSettings(source=cases.MAPPER)
    assert store.triage.held(wanted) is None
    made = store.triage(wanted)
    assert store.triage.held(wanted) is made
    assert store.triage(wanted) is made
    assert store.triage.held(replace(wanted, response="area")) is None


def test_order_of_the_area_rows_does_not_matter(store: Store, triage: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = cases.cases_dataset(tmp_path_factory.mktemp("shuffled") / "data")
    rows = read_table(folder / "areas.parquet")
    write_table(folder / "areas.parquet", rows.take(np.random.default_rng(5).permutation(len(rows))))
    other = Store(folder)
    pd.testing.assert_frame_equal(other.triage(other.settings()), triage)
