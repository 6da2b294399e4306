"""Polygons per lake and date as masks."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from data.cache import read_table
from data.masks.polygons import painted, polygons
from data.rasters.grid import Grid
from data.rasters.reading import read_bytes
from data.store import Store
from tests.mask_folders import chip_dataset, chip_day, chip_grid, taken

GRID = Grid("EPSG:32645", (10, 0, 400_000, 0, -10, 3_000_000), 20, 15)


def lake_box(lake: int, east: float = 0.0) -> shapely.Geometry:
    lon, lat = 86.0 + 0.05 * (lake % 8), 27.5 + 0.05 * (lake // 8)
    return shapely.box(lon - 0.001, lat - 0.001, lon + 0.001 + east, lat + 0.001)


def drawn(
    path: Path, rows: list[tuple[object, object, shapely.Geometry | None]], crs: str | None = "EPSG:4326", column: str = "date"
) -> Path:
    """A file of lake id, date and polygon."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ids, days, shapes = zip(*rows, strict=True)
    gpd.GeoDataFrame({"GL_ID": list(ids), column: list(days)}, geometry=list(shapes), crs=crs).to_file(path)
    return path


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return chip_dataset(tmp_path / "dataset")


def test_polygons_are_drawn_on_the_scene_of_their_day(dataset: Path, tmp_path: Path) -> None:
    ids = Store(dataset).ids
    rows = [(ids[lake], str(chip_day(year)), lake_box(lake, (year - 2018) * 2e-4)) for lake in (0, 5) for year in (2018, 2019, 2020)]
    done = taken(dataset, drawn(tmp_path / "given/shores.gpkg", rows).parent, "by hand")
    assert (len(done.fresh), done.problems, done.threshold) == (6, [], None)
    areas = read_table(dataset / "areas.parquet").to_pandas()
    areas = areas[areas["source"] == "by hand"]
    assert areas["threshold"].isna().all()
    for scene in Store(dataset).scenes.of_lake(0)[:3]:
        stored, grid = read_bytes(scene.masks["by hand"])
        corners = shapely.get_coordinates(grid.to_pixels(lake_box(0, (scene.date.year - 2018) * 2e-4)))
        shape = shapely.Polygon(corners)
        plain = np.array([[shape.contains(shapely.Point(x + 0.5, y + 0.5)) for x in range(grid.width)] for y in range(grid.height)])
        np.testing.assert_array_equal(stored == 200, plain)
        mine = areas[(areas["lake_key"] == 0) & (areas["date"] == scene.date)]["area_km2"].item()
        assert mine == pytest.approx(plain.sum() * chip_grid(0).pixel_km2, rel=1e-12)
    assert len(taken(dataset, tmp_path / "given", "by hand").held) == 6


def test_without_a_scene_polygons_are_measured_as_they_are(dataset: Path, tmp_path: Path) -> None:
    name = Store(dataset).ids[3]
    pond = shapely.box(86.2, 27.5, 86.201, 27.501)
    drawn(tmp_path / "shores.geojson", [(name, "2019-10-01", lake_box(3)), (name, "2019-10-01", pond), (name, "2020-10-01", lake_box(3))])
    done = taken(dataset, tmp_path / "shores.geojson", "by hand")
    assert done.areas_only == [f"shores.geojson: {name}_2019-10-01", f"shores.geojson: {name}_2020-10-01"]
    areas = read_table(dataset / "areas.parquet").to_pandas()
    areas = areas[areas["source"] == "by hand"]
    area, length = Geod(ellps="WGS84").geometry_area_perimeter(lake_box(3))
    assert areas["area_km2"].tolist() == pytest.approx([abs(area) / 1e6] * 2, rel=1e-9)
    assert areas["area_sd_km2"].tolist() == pytest.approx([length / 1e3 * 0.010 * 0.5] * 2, rel=1e-9)


def test_a_year_takes_the_only_scene_of_that_year(dataset: Path, tmp_path: Path) -> None:
    name = Store(dataset).ids[0]
    drawn(tmp_path / "shores.gpkg", [(name, 2019, lake_box(0)), (name, 2010, lake_box(0))], column="year")
    done = taken(dataset, tmp_path / "shores.gpkg", "by hand")
    assert list(done.fresh) == [f"shores.gpkg: {name}_2019"]
    (problem,) = done.problems
    assert problem.kind == "unmatched"
    assert "no scene of 2010, and only its year is known" in problem.what


def test_rows_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    line = shapely.LineString([(86, 27), (87, 28)])
    path = drawn(
        tmp_path / "shores.gpkg",
        [("A", "2019-10-01", lake_box(0)), (None, "2019-10-01", lake_box(0)), ("A", "5/9/2019", lake_box(0)), ("A", "2019-10-02", line)],
    )
    masks, problems = polygons({"shores.gpkg": path})
    assert [each.name for each in masks] == ["shores.gpkg: A_2019-10-01"]
    assert [(each.name, each.what) for each in problems] == [
        ("shores.gpkg row 2", "it has no lake id"),
        ("shores.gpkg row 3", "its date cannot be read"),
        ("shores.gpkg row 4", "the geometry is a LineString, not a polygon"),
    ]


@pytest.mark.parametrize(
    ("name", "columns", "says"),
    [
        ("a.gpkg", {"date": ["2019-10-01"]}, "has no column of lake ids"),
        ("a.gpkg", {"GL_ID": ["A"]}, "has no date column, and none in its name"),
    ],
)
def test_a_file_without_ids_or_dates_is_refused_by_name(tmp_path: Path, name: str, columns: dict, says: str) -> None:
    gpd.GeoDataFrame(columns, geometry=[lake_box(0)], crs="EPSG:4326").to_file(tmp_path / name)
    masks, (problem,) = polygons({name: tmp_path / name})
    assert masks == []
    assert (problem.name, problem.kind) == (name, "refused")
    assert says in problem.what


def test_the_name_of_a_file_may_hold_the_day(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"GL_ID": ["A"]}, geometry=[lake_box(0)], crs="EPSG:4326").to_file(tmp_path / "shores_2019-10-01.gpkg")
    (mask,), problems = polygons({"a": tmp_path / "shores_2019-10-01.gpkg"})
    assert (str(mask.day), mask.lake_id, problems) == ("2019-10-01", "A", [])


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_crs_of_their_own_is_heeded(tmp_path: Path) -> None:
    metres = gpd.GeoSeries([lake_box(0)], crs="EPSG:4326").to_crs("EPSG:32645").iloc[0]
    (told,), _ = polygons({"a": drawn(tmp_path / "told.gpkg", [("A", "2019-10-01", metres)], "EPSG:32645")})
    (said,), _ = polygons({"a": drawn(tmp_path / "said.gpkg", [("A", "2019-10-01", metres)], None)}, crs="EPSG:32645")
    for mask in (told, said):
        assert mask.shape is not None
        assert mask.shape.symmetric_difference(lake_box(0)).area < 1e-9 * lake_box(0).area + 1e-12


def test_painting_takes_pixels_by_their_middle() -> None:
    shape = shapely.Polygon([(3.2, 2.1), (15.7, 4.4), (9.3, 12.9)], [[(8.1, 5.2), (10.3, 5.9), (9.1, 8.2)]])
    stored = painted(GRID.to_lonlat(shape), GRID)
    plain = [[200 * shape.contains(shapely.Point(x + 0.5, y + 0.5)) for x in range(20)] for y in range(15)]
    np.testing.assert_array_equal(stored, plain)
    assert not painted(shapely.Polygon(), GRID).any()
