"""Whole imports: what comes in, and what is set aside."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from data.cache import read_table
from data.errors import InputError
from data.importing.inventory import import_inventories
from data.importing.options import ImportOptions
from data.meta import read_meta
from data.records import Season
from data.store import Store
from tests import inventories
from tests.inventories import imported
from tests.inventories import refused_rows as refused
from tests.inventories import table_of as table


@pytest.fixture
def himalaya(tmp_path: Path) -> tuple[list[Path], Path]:
    return inventories.himalaya(tmp_path / "in"), tmp_path / "out"


@pytest.fixture
def lagoon(tmp_path: Path) -> Path:
    imported(inventories.lagoon(tmp_path / "in"), tmp_path / "out")
    return tmp_path / "out"


def test_an_inventory_with_ids(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    done = imported(paths, folder)
    lakes, areas = table(folder, "lakes"), table(folder, "areas")
    assert len(lakes) == 27
    growing = lakes.loc[lakes["lake_id"] == inventories.GROWING].iloc[0]
    assert (growing["basin"], growing["sub_basin"], growing["M_Basin"], growing["dam_type"]) == ("Koshi", "Arun", "Ganga", "M(e)")
    assert growing["elevation_m"] == 5020
    series = areas[areas["lake_key"] == growing["lake_key"]]
    np.testing.assert_allclose(series["area_km2"], [0.25, 0.30, 0.35], rtol=2e-4)
    np.testing.assert_allclose(series["area_sd_km2"], np.array([2.0, 2.2, 2.4]) * 0.03 * 0.5, rtol=0.05)
    assert series["date"].tolist() == [date(year, 10, 15) for year in inventories.EPOCHS]
    assert series["date_image"].tolist() == [date(2000, 10, 12), date(2008, 10, 12), date(2020, 9, 12)]
    assert series["date_nominal"].all()
    assert set(series["sensor"]) == {"Landsat 5"}
    about = read_meta(folder)
    assert (about.season, about.pixel_m, about.area_sd_factor, about.default_source) == (Season(9, 11), 30.0, 0.5, "MINI")
    epochs = done.report.facts["epochs"]
    assert [entry["far_from_nominal"] for entry in epochs] == [0, 25, 0]


def test_what_is_odd_is_reported(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    done = imported(paths, folder)
    twins = [(entry["lake_id"], entry["year"], len(entry["lakes"]), entry["set_aside"]) for entry in done.report.facts["duplicate_ids"]]
    assert twins == [
        (inventories.TWIN, 2000, 2, 0), (inventories.TWIN, 2010, 2, 0), (inventories.COPIED, 2010, 1, 1), (inventories.TWIN, 2020, 2, 0),
    ]  # fmt: skip
    assert [(row["file"], row["row"]) for row in refused(folder)] == [("MINI_2010.shp", "6")]
    events = table(folder, "events")
    assert [(row.kind, row.date) for row in events.itertuples()] == [("missing", date(2010, 10, 15))]
    for words in (
        inventories.TWIN,
        inventories.COPIED,
        inventories.GAP,
        "Columns kept under their own names: Image_ID",
        "25 more than half a year",
    ):
        assert words in done.report.text
    assert (folder / "import-report.txt").read_text() == done.report.text
    assert json.loads((folder / "import-report.json").read_text())["lakes"] == 27


def test_twins_are_matched_by_where_they_lie(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths, folder)
    lakes, areas = table(folder, "lakes"), table(folder, "areas")
    twins = lakes.loc[lakes["lake_id"] == inventories.TWIN, "lake_key"]
    series = [areas.loc[areas["lake_key"] == key, "area_km2"].to_numpy() for key in twins]
    np.testing.assert_allclose(sorted(map(list, series)), [[0.04] * 3, [0.09, 0.1024, 0.1156]], rtol=1e-3)


def test_unrecognised_columns_are_kept_in_both_tables(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths, folder)
    lakes, outlines = table(folder, "lakes"), table(folder, "outlines")
    assert set(lakes.loc[lakes["lake_id"] == inventories.CONSTANT, "Region"]) == {"East_2020"}
    key = lakes.loc[lakes["lake_id"] == inventories.CONSTANT, "lake_key"].iloc[0]
    assert outlines.loc[outlines["lake_key"] == key].sort_values("date")["Region"].tolist() == ["East_2000", "East_2010", "East_2020"]
    assert Store(folder).extra_columns == ["Image_ID", "Latitude", "Longitude", "M_Basin", "Region"]


def test_geopandas_opens_lakes_and_outlines(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths, folder)
    for name in ("lakes", "outlines"):
        found = gpd.read_parquet(folder / f"{name}.parquet")
        assert found.crs == "OGC:CRS84"
        areas = found.to_crs(6933).area / 1e6
        assert areas.between(0.03, 0.5).all()
    raw = json.loads(read_table(folder / "outlines.parquet").schema.metadata[b"geo"])
    assert (raw["version"], raw["columns"]["geometry"]["encoding"]) == ("1.1.0", "WKB")


def test_image_dates(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    imported(paths, folder, ImportOptions(dates="image"))
    areas, lakes = table(folder, "areas"), table(folder, "lakes")
    key = lakes.loc[lakes["lake_id"] == inventories.GROWING, "lake_key"].iloc[0]
    own = areas[areas["lake_key"] == key]
    assert own["date"].tolist() == own["date_image"].tolist() == [date(2000, 10, 12), date(2008, 10, 12), date(2020, 9, 12)]
    assert not own["date_nominal"].any()
    gap = areas[areas["lake_key"] == lakes.loc[lakes["lake_id"] == inventories.GAP, "lake_key"].iloc[0]]
    assert gap["date_nominal"].all()


def test_lagoon_without_ids(lagoon: Path) -> None:
    areas, events = table(lagoon, "areas"), table(lagoon, "events")
    main = areas.groupby("lake_key")["area_km2"].max().idxmax()
    assert (areas["lake_key"] == main).sum() == 11
    own = {(row.kind, row.date.year) for row in events[events["lake_key"] == main].itertuples()}
    assert own == {("outlier", 2004), ("split", 2004), ("merge", 2005), ("merge", 2006), ("missing", 2008)}
    arm = events[(events["kind"] == "merge") & (events["date"] == date(2006, 10, 15))]
    assert len(arm) == 2
    assert arm["evidence"].str.contains("lies to 100% inside").all()
    assert (areas["reason"] == "ok").all()
    assert read_meta(lagoon).season is None
    assert areas["area_sd_km2"].isna().all()


BAD_ROWS = """lake_id,lon,lat,date,area
A,85,28,2019-10-01,1.0
A,85,28,2020-10-01,1.1
A,85,28,2020-10-01,1.2
B,86,28,2019-10-01,NaN
B,86,28,2020-10-01,-1
B,86,28,2021-10-01,2
C,87,28,soon,1
D,190,28,2020-10-01,1
E,88,95,2020-10-01,1
,,,2020-10-01,1
=cmd,89,28,never,1
"""


def test_bad_rows_are_set_aside(tmp_path: Path) -> None:
    done = imported([inventories.table(tmp_path, BAD_ROWS)], tmp_path / "out")
    rows = refused(tmp_path / "out")
    assert [int(row["row"]) for row in rows] == [3, 4, 5, 7, 8, 9, 10, 11]
    reasons = ["duplicate", "not a number", "negative", "date", "longitude", "latitude", "neither an id nor a place", "date"]
    assert all(words in row["reason"] for words, row in zip(reasons, rows, strict=True))
    assert json.loads(rows[3]["values"])["date"] == "soon"
    assert done.refused == 8
    assert len(table(tmp_path / "out", "areas")) == 3
    assert "Rows set aside: 8" in done.report.text


def test_strict_writes_nothing(tmp_path: Path) -> None:
    path = inventories.table(tmp_path, BAD_ROWS)
    with pytest.raises(InputError, match="8 rows cannot be used") as caught:
        import_inventories([path], tmp_path / "out", ImportOptions(strict=True))
    assert "row 4 of lakes.csv" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_mended_rows_leave_refused_csv(tmp_path: Path) -> None:
    path, folder = inventories.table(tmp_path, BAD_ROWS), tmp_path / "out"
    imported([path], folder)
    imported([inventories.table(tmp_path, "lake_id,date,area\nZ,2020,x\nY,2020,1\n", "other.csv")], folder)
    inventories.table(tmp_path, BAD_ROWS.replace(",-1", ",1"))
    imported([path], folder)
    assert [(row["file"], int(row["row"])) for row in refused(folder)] == [("lakes.csv", n) for n in (3, 4, 7, 8, 9, 10, 11)] + [
        ("other.csv", 1)
    ]


def test_polygons_with_bad_rows(tmp_path: Path) -> None:
    shapes = inventories.geographic([inventories.lake(500 + 3 * n, 3000, 1) for n in range(5)], inventories.UTM_45)
    bow_tie = shapely.Polygon([(85, 28), (85.01, 28.01), (85.01, 28), (85, 28.01)])
    rows = [
        {"lake_id": f"L{n}", "Area": 1.0, "geometry": shape}
        for n, shape in enumerate([*shapes, bow_tie, shapely.LineString([(85, 28), (86, 28)])])
    ]
    rows[1]["Area"], rows[2]["Area"], rows[3]["Area"] = np.nan, -2.0, 1.2
    frame = inventories.frame(rows, "EPSG:4326")
    path = tmp_path / "lakes_2020.geojson"
    path.write_text(frame.to_json())
    done = imported([path], tmp_path / "out")
    assert [(int(row["row"]), row["column"]) for row in refused(tmp_path / "out")] == [(2, "Area"), (3, "Area"), (7, "geometry")]
    assert done.report.facts["mended"] == ["row 6 of lakes_2020.geojson"]
    assert [(entry["row"], entry["file_km2"]) for entry in done.report.facts["area_differences"]] == [(4, 1.2), (6, 1.0)]


def test_points_without_ids_are_matched_by_place(tmp_path: Path) -> None:
    text = "lon,lat,year,area\n85,28,2001,1\n85.001,28,2002,1.1\n86,28,2001,2\n86,28,2002,2\n86,28.005,2002,0.5\n"
    imported([inventories.table(tmp_path, text)], tmp_path / "out")
    assert table(tmp_path / "out", "areas").groupby("lake_key").size().tolist() == [2, 2, 1]
    assert table(tmp_path / "out", "lakes")["geometry"].isna().all()


def test_observatory_files(tmp_path: Path) -> None:
    paths = [inventories.table(tmp_path, inventories.OBSERVATORY, f"lake_{n}.csv") for n in (1, 2)]
    imported(paths, tmp_path / "out")
    areas, lakes = table(tmp_path / "out", "areas"), table(tmp_path / "out", "lakes")
    assert lakes["lake_id"].tolist() == ["lake_1", "lake_2"]
    own = areas[areas["lake_key"] == 0]
    assert own["area_km2"].tolist() == [1.2, 1.25, 1.3]
    assert own["area_sd_km2"].tolist() == [0.05, 0.05, 0.06]
    assert own["date"].tolist() == [date(year, 10, 16) for year in (2017, 2018, 2019)]
    assert set(areas["source"]) == {"GLO"}
    assert read_meta(tmp_path / "out").citation == "Nobody et al. (2026)"


def test_an_area_of_nought_is_empty(tmp_path: Path) -> None:
    imported([inventories.table(tmp_path, "lake_id,date,area\nA,2001,1\nA,2002,0\n")], tmp_path / "out")
    assert table(tmp_path / "out", "areas")["reason"].tolist() == ["ok", "empty"]


def test_own_columns_that_collide_with_ours_get_a_suffix(tmp_path: Path) -> None:
    text = "lake_id,date,area,source,Record,note\nA,2001,1,me,5,x\n"
    imported([inventories.table(tmp_path, text)], tmp_path / "out")
    assert {"source_input", "Record_input", "note"} <= set(table(tmp_path / "out", "lakes").columns)
    assert set(table(tmp_path / "out", "areas")["source"]) == {"lakes"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lake_id,area\nA,1\n", "no date"), ("lake_id,date\nA,2001\n", "neither outlines nor a column of areas"),
        ("date,area\n2001,1\n", "no column tells which lake"), ("lake_id,date,area\nA,2001,x\n", "no row can be used"),
    ],
)  # fmt: skip
def test_unusable_tables(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words) as caught:
        import_inventories([inventories.table(tmp_path, text)], tmp_path / "out", ImportOptions())
    assert "lakes.csv" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_one_bad_file_among_good_ones_writes_nothing(himalaya: tuple[list[Path], Path]) -> None:
    paths, folder = himalaya
    paths[1].with_suffix(".prj").unlink()
    with pytest.raises(InputError, match=r"MINI_2010\.shp"):
        import_inventories(paths, folder, ImportOptions())
    assert not folder.exists()


def test_dates_given_for_each_file(tmp_path: Path) -> None:
    paths = [inventories.table(tmp_path, "lake_id,area\nA,1\n", name) for name in ("first.csv", "second.csv")]
    imported(paths, tmp_path / "out", ImportOptions(date=("2001-09-01", "2002"), source="own"))
    assert table(tmp_path / "out", "areas")["date"].tolist() == [date(2001, 9, 1), date(2002, 10, 15)]
    with pytest.raises(InputError, match="3 times for 2"):
        import_inventories(paths, tmp_path / "other", ImportOptions(date=("1999", "2000", "2001")))


def test_two_sensors_of_one_year_are_two_series_of_each_lake(tmp_path: Path) -> None:
    paths: list[Path] = []
    for sensor, more in (("S1", 0.0), ("S2", 0.01)):
        for year in (2017, 2018, 2019):
            widths = [0.2 + 0.02 * (year - 2017) + more] * 3
            shapes = [inventories.lake(500 + 3 * n, 3000, width) for n, width in enumerate(widths)]
            rows = [{"GLO_ID": f"GLO{n}", "AREA_YEAR": year, "AREA": s.area / 1e6, "geometry": s} for n, s in enumerate(shapes)]
            path = tmp_path / f"GLO_{sensor}_{year}.gpkg"
            inventories.frame(rows, inventories.UTM_45).to_file(path, driver="GPKG")
            paths.append(path)
    imported(paths, tmp_path / "out")
    areas = table(tmp_path / "out", "areas")
    assert areas.groupby(["lake_key", "source"]).size().to_dict() == {(n, f"GLO_{s}"): 3 for n in range(3) for s in ("S1", "S2")}


def test_a_column_may_name_the_inventories_of_one_table(tmp_path: Path) -> None:
    text = "lake_id,date,area,by\nA,2001,1,GLO\nA,2001,1.1,HKH\nA,2002,1.2,GLO\nA,2002,1.3,\n"
    imported([inventories.table(tmp_path, text)], tmp_path / "out", ImportOptions(columns={"source": "by"}))
    areas = table(tmp_path / "out", "areas")
    assert sorted(zip(areas["source"], areas["area_km2"], strict=True)) == [("GLO", 1.0), ("GLO", 1.2), ("HKH", 1.1), ("lakes", 1.3)]
    assert "by" not in table(tmp_path / "out", "lakes").columns


def test_lakes_across_the_antimeridian(tmp_path: Path) -> None:
    paths: list[Path] = []
    for year, east in ((2000, -179.99), (2001, -179.985), (2002, -179.98)):
        crossing = shapely.Polygon([(179.99, -70), (east, -70), (east, -69.99), (179.99, -69.99)])
        rows = [{"geometry": crossing}, {"geometry": shapely.box(-0.01, -70, 0.01, -69.99)}]
        path = tmp_path / f"a_{year}.geojson"
        path.write_text(inventories.frame(rows, "EPSG:4326").to_json())
        paths.append(path)
    done = imported(paths, tmp_path / "out")
    lakes, areas = table(tmp_path / "out", "lakes"), table(tmp_path / "out", "areas")
    assert lakes["lon"].abs().round(2).tolist() == [180.0, 0.0] or lakes["lon"].round(3).tolist() == [-179.995, 0.0]
    same_size = areas.loc[areas["lake_key"] == 1, "area_km2"].iloc[0]
    np.testing.assert_allclose(areas.loc[areas["lake_key"] == 0, "area_km2"] / same_size, [1.0, 1.25, 1.5], rtol=1e-6)
    assert len(done.report.facts["mended"]) == 3
