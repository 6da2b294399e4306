"""GeoParquet metadata, read back by geopandas."""

import json
from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from data.geo_tables import geo_table


def test_geopandas_reads_what_we_wrote(tmp_path: Path) -> None:
    shapes = [shapely.box(10, 50, 11, 52), None, shapely.MultiPolygon([shapely.box(-5, 0, 0, 1)])]
    frame = pa.table({"id": [1, 2, 3], "geometry": pa.array(shapely.to_wkb(shapes), pa.binary())})
    pq.write_table(geo_table(frame), tmp_path / "a.parquet")
    read = geopandas.read_parquet(tmp_path / "a.parquet")
    assert read.crs == "OGC:CRS84"
    assert list(read["id"]) == [1, 2, 3]
    assert [None if g is None else g.wkt for g in read.geometry] == [None if g is None else g.wkt for g in shapes]
    about = json.loads(pq.read_schema(tmp_path / "a.parquet").metadata[b"geo"])["columns"]["geometry"]
    assert about["bbox"] == [-5, 0, 11, 52]
    assert about["geometry_types"] == ["MultiPolygon", "Polygon"]


def test_no_geometry_and_other_metadata_survive() -> None:
    frame = pa.table({"geometry": pa.array([None, None], pa.binary())}).replace_schema_metadata({"other": "kept"})
    made = geo_table(frame)
    assert made.schema.metadata[b"other"] == b"kept"
    assert b'"bbox"' not in made.schema.metadata[b"geo"]
    assert made.column("geometry").null_count == 2
