"""The facts that About counts, against counts by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.__main__ import main
from data.store import Store
from modules.facts import dataset_facts
from tests.datasets import LAKES, small_dataset
from tests.flood_cases import with_floods


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


def test_facts_are_counted(store: Store) -> None:
    facts = dataset_facts(store)
    assert (facts.lakes, facts.observations, facts.usable) == (LAKES, 310, 309)
    assert facts.years == tuple(range(2016, 2024))
    # The images of ten nominal dates (15 October 2016) are from 1 February 2015.
    assert (facts.nominal, facts.imaged, facts.far) == (40, 10, 10)
    assert facts.farthest == pytest.approx(622 / 365.25)
    assert facts.shared_ids == 1


def test_cautions_name_what_this_dataset_has(store: Store) -> None:
    facts = dataset_facts(store)
    words = " ".join(facts.cautions())
    assert "10 lie more than half a year" in words
    assert "1 id is carried by more than one lake" in words
    assert "Few epochs" not in words
    assert "Few epochs" in " ".join(replace(facts, median_n=3.0).cautions())
    assert "Nominal" not in " ".join(replace(facts, nominal=0).cautions())


def test_floods_are_counted_where_there_are_some(tmp_path: Path, store: Store) -> None:
    assert "Floods" not in " ".join(dataset_facts(store).cautions())
    burst = Store(with_floods(small_dataset(tmp_path / "d"), [(0, "2018-07-28"), (0, "NA"), (9, "1955-66")]))
    assert "3 recorded outburst floods of 2 lakes, 1 of them dated to the day" in " ".join(dataset_facts(burst).cautions())


def test_the_hindu_kush_himalaya_inventory_tells_how_far_its_dates_are_off(real_data: Path, tmp_path: Path) -> None:
    sources = sorted(str(path) for path in (real_data / "hkh-lakedb").glob("HKH_*.shp"))
    assert main(["import", *sources, "--into", str(tmp_path / "hkh")]) == 0
    facts = dataset_facts(Store(tmp_path / "hkh"))
    assert facts.years == (2000, 2010, 2020)
    # The outlines' own Image_ID: 439, 552 and 45 of the three epochs lie more than half a year from 15 October of their year.
    assert facts.far == 439 + 552 + 45
    assert "Few epochs" in " ".join(facts.cautions())
