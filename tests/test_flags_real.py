"""Jökulsárlón: what is known of its series is found again."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from data.importing.inventory import import_inventories
from data.importing.options import ImportOptions
from data.store import Store

pytestmark = pytest.mark.real
NAME_POINTS = {"Jökulsárlón": 3, "Breiðárlón": 4, "Stemmulón": 2}


@pytest.fixture(scope="module")
def lagoon(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("lagoon") / "lagoon"
    import_inventories(sorted((real_data / "jokulsarlon-vdc" / "outlines").glob("*.gpkg")), folder, ImportOptions())
    return Store(folder)


@pytest.fixture(scope="module")
def named(lagoon: Store, real_data: Path) -> dict[str, int]:
    """Each lake by the name point that its outlines hold most often."""
    points = gpd.read_file(real_data / "jokulsarlon-vdc" / "representative_points.gpkg").to_crs("OGC:CRS84").set_index("lake_id").geometry
    outlines = gpd.read_parquet(lagoon.path / "outlines.parquet")
    return {name: int(outlines.loc[outlines.contains(points[at]), "lake_key"].mode()[0]) for name, at in NAME_POINTS.items()}


def years(store: Store, lake_key: int, kind: str) -> list[int]:
    found = store.flags(store.settings())
    return found.loc[(found["lake_key"] == lake_key) & (found["kind"] == kind), "date"].dt.year.tolist()


def test_the_lagoons_outliers_are_those_known(lagoon: Store, named: dict[str, int]) -> None:
    assert lagoon.settings().season is None
    assert years(lagoon, named["Jökulsárlón"], "outlier") == [2000, 2007]
    assert years(lagoon, named["Jökulsárlón"], "drainage") == []
