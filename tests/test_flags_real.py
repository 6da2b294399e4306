"""Jökulsárlón: what is known of its series is found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from data.examples import Example, example
from data.importing.inventory import import_inventories
from data.importing.options import ImportOptions
from data.importing.sensing import sensors_of
from data.store import Store
from data.trends import METHODS

pytestmark = pytest.mark.real
NEED_ERRORS = {"known-error", "weighted"}
"""Methods that an area_sd is needed for: nothing here has one."""
TAKES_THE_TREND_TOO = {"mann-kendall-prewhitened"}
"""Pre-whitening takes most of a strong trend for memory: p = 0.07 here, and 0.03 by pymannkendall, which closes the gaps."""
NAME_POINTS = {"Jökulsárlón": 3, "Breiðárlón": 4, "Stemmulón": 2}


@pytest.fixture(scope="module")
def lagoon(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("lagoon") / "lagoon"
    registered = example("jokulsarlon")
    assert isinstance(registered, Example)
    options = ImportOptions(sensors=sensors_of(registered.arguments[1::2]))
    import_inventories(sorted((real_data / "jokulsarlon-vdc" / "outlines").glob("*.gpkg")), folder, options)
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


def test_the_lagoon_is_missing_in_2022(lagoon: Store, named: dict[str, int]) -> None:
    assert years(lagoon, named["Jökulsárlón"], "missing") == [1991, 2022]


def test_the_switch_of_2016_is_tested(lagoon: Store, named: dict[str, int]) -> None:
    """Neither lake steps there beyond chance, and the lagoon grows with the step as covariate too."""
    for name in NAME_POINTS:
        tested = lagoon.sensor_test(named[name], lagoon.settings())
        assert tested is not None
        assert str(tested.date)[:4] == "2016"
        assert tested.low_pct < 0 < tested.high_pct
        assert tested.p > 0.05
        assert name != "Jökulsárlón" or tested.slope_pct > 3
    assert not (lagoon.flags(lagoon.settings())["kind"] == "sensor").any()


@pytest.mark.parametrize("method", METHODS)
def test_the_lagoon_grows_and_its_neighbours_do_not(method: str, lagoon: Store, named: dict[str, int]) -> None:
    """By every method that its series can carry: no area has an error here."""
    frame = lagoon.trends(replace(lagoon.settings(), method=method)).frame.set_index("lake_key")
    if method in NEED_ERRORS:
        assert frame["log_p"].isna().all()
        return
    main = frame.loc[named["Jökulsárlón"]]
    assert main["slope"] > 0
    assert main["log_p"] < np.log(0.1 if method in TAKES_THE_TREND_TOO else 1e-6)
    for name in ("Breiðárlón", "Stemmulón"):
        lake = frame.loc[named[name]]
        assert not (lake["slope"] > 0 and lake["q"] < 0.05), name
