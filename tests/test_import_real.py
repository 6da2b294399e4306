"""The two public inventories with which Moraine is held to its word: the Hindu Kush Himalaya and Jökulsárlón."""

from __future__ import annotations

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from data.cache import read_table
from data.checks import dataset_faults
from data.importing.inventory import Imported, import_inventories
from data.importing.options import ImportOptions
from data.meta import read_meta

pytestmark = pytest.mark.real
YEARS = (2000, 2010, 2020)
NAME_POINT = 3
"""Jökulsárlón's main lagoon in representative_points.gpkg."""


@pytest.fixture(scope="module")
def hkh(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Imported]:
    folder = tmp_path_factory.mktemp("hkh") / "hkh"
    return folder, import_inventories([real_data / "hkh-lakedb" / f"HKH_{year}.shp" for year in YEARS], folder, ImportOptions())


@pytest.fixture(scope="module")
def lagoon(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Imported]:
    folder = tmp_path_factory.mktemp("jok") / "jok"
    paths = sorted((real_data / "jokulsarlon-vdc" / "outlines").glob("*.gpkg"))
    assert len(paths) == 39
    return folder, import_inventories(paths, folder, ImportOptions())


def table(folder: Path, name: str) -> pd.DataFrame:
    return read_table(folder / f"{name}.parquet").to_pandas()


def test_totals_are_those_of_the_equal_area_projection(hkh: tuple[Path, Imported], real_data: Path) -> None:
    """The file's own Albers projection as the oracle for areas on the ellipsoid."""
    areas = table(hkh[0], "areas")
    totals = areas.groupby(pd.to_datetime(areas["date"]).dt.year)["area_km2"].sum()
    assert totals.index.tolist() == list(YEARS)
    np.testing.assert_allclose(totals, [192.06, 218.31, 234.81], atol=0.05)
    outlines = [gpd.read_file(real_data / "hkh-lakedb" / f"HKH_{year}.shp").area.sum() / 1e6 for year in YEARS]
    np.testing.assert_allclose(totals, outlines, atol=0.005)
    assert [entry["total_km2"] for entry in hkh[1].report.facts["epochs"]] == pytest.approx(totals.tolist(), abs=1e-3)


@pytest.mark.parametrize(
    ("lake_id", "areas"),
    [("GL086922E27899N", [0.841, 1.093, 1.582]), ("GL087097E27798N", [0.976, 1.459, 2.050]), ("GL088199E27913N", [0.724, 1.149, 1.522])],
)
def test_known_lakes(lake_id: str, areas: list[float], hkh: tuple[Path, Imported]) -> None:
    lakes, held = table(hkh[0], "lakes"), table(hkh[0], "areas")
    (key,) = lakes.loc[lakes["lake_id"] == lake_id, "lake_key"]
    np.testing.assert_allclose(held.loc[held["lake_key"] == key, "area_km2"], areas, atol=0.0006)


def test_lakes_with_unique_ids_in_three_epochs(hkh: tuple[Path, Imported], real_data: Path) -> None:
    files = [gpd.read_file(real_data / "hkh-lakedb" / f"HKH_{year}.shp") for year in YEARS]
    unique = [set(frame.loc[~frame["GLIMS_ID"].duplicated(keep=False), "GLIMS_ID"]) for frame in files]
    common = set.intersection(*unique)
    assert len(common) == 1391
    lakes, areas = table(hkh[0], "lakes"), table(hkh[0], "areas")
    series = areas.groupby("lake_key")["area_km2"].agg(list)
    held = {
        name: series[key] for name, key in zip(lakes["lake_id"], lakes["lake_key"], strict=True) if name in common and len(series[key]) == 3
    }
    assert set(held) == common
    own = [frame.set_index("GLIMS_ID").geometry.area / 1e6 for frame in files]
    constant = 0
    for name in common:
        expected = [float(frame[name]) for frame in own]
        np.testing.assert_allclose(held[name], expected, rtol=1e-5)
        constant += np.ptp(held[name]) <= 1e-9 * np.mean(held[name])
    assert constant == 402


def test_every_duplicate_id_is_reported(hkh: tuple[Path, Imported], real_data: Path) -> None:
    for year in YEARS:
        ids = gpd.read_file(real_data / "hkh-lakedb" / f"HKH_{year}.shp")["GLIMS_ID"]
        reported = {entry["lake_id"] for entry in hkh[1].report.facts["duplicate_ids"] if entry["year"] == year}
        assert reported == set(ids[ids.duplicated()])
        assert all(f"{name} in {year}" in hkh[1].report.text for name in reported)


def test_days_of_the_images(hkh: tuple[Path, Imported]) -> None:
    facts = hkh[1].report.facts
    assert [entry["far_from_nominal"] for entry in facts["epochs"]] == [439, 552, 45]
    assert [entry["in_season"] for entry in facts["epochs"]] == [547, 389, 848]
    assert sum(entry["days_known"] for entry in facts["epochs"]) + sum(1 for row in facts["refused"] if "Image_ID" in row["values"]) == 4621
    assert all(f"{n} more than half a year from" in hkh[1].report.text for n in (439, 552, 45))
    assert read_meta(hkh[0]).season is None
    assert read_meta(hkh[0]).pixel_m == 30.0


def test_columns_of_the_inventory(hkh: tuple[Path, Imported]) -> None:
    lakes = table(hkh[0], "lakes")
    imja = lakes.loc[lakes["lake_id"] == "GL086922E27899N"].iloc[0]
    assert (imja["basin"], imja["sub_basin"], imja["dam_type"], imja["M_Basin"]) == ("Koshi", "Dudh Koshi", "M(e)", "Ganga")
    assert imja["elevation_m"] > 4900
    assert lakes[["lake_id", "basin", "dam_type"]].notna().mean().min() > 0.99


def test_both_keep_the_schema(hkh: tuple[Path, Imported], lagoon: tuple[Path, Imported]) -> None:
    assert dataset_faults(hkh[0]) == []
    assert dataset_faults(lagoon[0]) == []


def test_adding_2020_afterwards_gives_the_same(hkh: tuple[Path, Imported], real_data: Path, tmp_path: Path) -> None:
    paths = [real_data / "hkh-lakedb" / f"HKH_{year}.shp" for year in YEARS]
    import_inventories(paths[:2], tmp_path / "out", ImportOptions())
    keys = table(tmp_path / "out", "lakes").set_index("lake_key")["lake_id"]
    import_inventories(paths[2:], tmp_path / "out", ImportOptions())
    assert table(tmp_path / "out", "lakes").set_index("lake_key")["lake_id"].loc[keys.index].tolist() == keys.tolist()
    for name in ("lakes", "outlines", "areas", "events"):
        assert read_table(tmp_path / "out" / f"{name}.parquet").equals(read_table(hkh[0] / f"{name}.parquet")), name
    before = digests(tmp_path / "out")
    assert not import_inventories(paths[2:], tmp_path / "out", ImportOptions()).written
    assert digests(tmp_path / "out") == before


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def main_lagoon(folder: Path, real_data: Path) -> int:
    """The lake whose outlines hold the lagoon's name point most often."""
    points = gpd.read_file(real_data / "jokulsarlon-vdc" / "representative_points.gpkg").to_crs("OGC:CRS84")
    point = points.loc[points["lake_id"] == NAME_POINT].geometry.iloc[0]
    outlines = gpd.read_parquet(folder / "outlines.parquet")
    return int(outlines.loc[outlines.contains(point), "lake_key"].value_counts().index[0])


def test_the_lagoon_is_one_series(lagoon: tuple[Path, Imported], real_data: Path) -> None:
    key = main_lagoon(lagoon[0], real_data)
    areas, events = table(lagoon[0], "areas"), table(lagoon[0], "events")
    own = areas[areas["lake_key"] == key]
    years = pd.to_datetime(own["date"]).dt.year
    assert 30 <= len(own) <= 39
    assert (own["reason"] == "ok").all()
    happened = {(row.kind, row.date.year) for row in events[events["lake_key"] == key].itertuples()}
    outliers = {year for kind, year in happened if kind == "outlier"}
    assert {2000, 2007} <= outliers
    assert ("missing", 2022) in happened
    assert {year for kind, year in happened if kind == "missing"} == {1991, 2022}
    for left_out in (set[int](), outliers):
        kept = ~years.isin(left_out)
        assert 0.5 <= np.polyfit(years[kept], own.loc[kept, "area_km2"], 1)[0] <= 0.7


def test_merges_of_the_arm_are_recorded(lagoon: tuple[Path, Imported], real_data: Path) -> None:
    key = main_lagoon(lagoon[0], real_data)
    points = gpd.read_file(real_data / "jokulsarlon-vdc" / "representative_points.gpkg").to_crs("OGC:CRS84")
    arm_point = points.loc[points["lake_id"] == 1].geometry.iloc[0]
    outlines = gpd.read_parquet(lagoon[0] / "outlines.parquet")
    arm = int(outlines.loc[outlines.contains(arm_point) & (outlines["lake_key"] != key), "lake_key"].value_counts().index[0])
    events = table(lagoon[0], "events")
    merged = {row.date.year for row in events[(events["kind"] == "merge") & (events["lake_key"] == arm)].itertuples()}
    assert {1994, 1996, 2006} <= merged


def test_nothing_is_dropped_silently(lagoon: tuple[Path, Imported], real_data: Path) -> None:
    paths = sorted((real_data / "jokulsarlon-vdc" / "outlines").glob("*.gpkg"))
    total = sum(gpd.read_file(path)["area_m2"].sum() for path in paths) / 1e6
    areas = table(lagoon[0], "areas")
    assert len(areas) == 198
    assert lagoon[1].refused == 0
    assert areas["area_km2"].sum() == pytest.approx(total, rel=1e-3)
