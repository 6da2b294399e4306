"""Every format reads the same lakes the same, and says what is wrong with a file that it cannot use."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from data.errors import InputError
from data.readers import Layer, ReadOptions, read, readers
from tests import inventories

VRT = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


@pytest.fixture
def lakes() -> gpd.GeoDataFrame:
    shapes = inventories.geographic([inventories.lake(500 + 3 * n, 3000, 1 + n / 10) for n in range(4)], inventories.UTM_45)
    rows = [{"GL_ID": f"L{n}", "Area": 1.0 + n, "geometry": shape} for n, shape in enumerate(shapes)]
    return inventories.frame(rows, "EPSG:4326")


def write_shp(frame: gpd.GeoDataFrame, path: Path) -> Path:
    frame.to_file(path.with_suffix(".shp"))
    return path.with_suffix(".shp")


def write_zip(frame: gpd.GeoDataFrame, path: Path) -> Path:
    write_shp(frame, path)
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as archive:
        for part in path.parent.glob(f"{path.name}.*"):
            if part.suffix != ".zip":
                archive.write(part, f"inside/{part.name}")
    return path.with_suffix(".zip")


def write_gpkg(frame: gpd.GeoDataFrame, path: Path) -> Path:
    frame.to_file(path.with_suffix(".gpkg"), driver="GPKG")
    return path.with_suffix(".gpkg")


def write_geojson(frame: gpd.GeoDataFrame, path: Path) -> Path:
    frame.to_file(path.with_suffix(".geojson"), driver="GeoJSON")
    return path.with_suffix(".geojson")


def write_parquet(frame: gpd.GeoDataFrame, path: Path) -> Path:
    frame.to_parquet(path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


WRITERS: list[Callable[[gpd.GeoDataFrame, Path], Path]] = [write_shp, write_zip, write_gpkg, write_geojson, write_parquet]


@pytest.mark.parametrize("write", WRITERS)
def test_formats_agree(write: Callable[[gpd.GeoDataFrame, Path], Path], lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    (layer,) = read(write(lakes, tmp_path / "lakes_2020"), ReadOptions())
    assert layer.stem == "lakes_2020"
    assert layer.frame["GL_ID"].tolist() == lakes["GL_ID"].tolist()
    np.testing.assert_allclose(layer.frame["Area"].astype(float), lakes["Area"])
    assert layer.shapes is not None
    assert shapely.equals_exact(shapely.normalize(layer.shapes), shapely.normalize(lakes.geometry.to_numpy()), 1e-6).all()


@pytest.mark.parametrize("write", [write_shp, write_gpkg, write_parquet])
def test_projected_outlines_come_out_in_degrees(write: Callable[..., Path], lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    (layer,) = read(write(lakes.to_crs(inventories.ALBERS), tmp_path / "lakes"), ReadOptions())
    assert layer.shapes is not None
    assert shapely.equals_exact(shapely.normalize(layer.shapes), shapely.normalize(lakes.geometry.to_numpy()), 1e-6).all()


def test_old_geojson_may_name_its_crs(lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    moved = lakes.to_crs(inventories.UTM_45)
    found = json.loads(moved.to_json())
    found["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32645"}}
    (layer,) = read(inventories.table(tmp_path, json.dumps(found), "lakes.geojson"), ReadOptions())
    assert layer.shapes is not None
    assert shapely.equals_exact(shapely.normalize(layer.shapes), shapely.normalize(lakes.geometry.to_numpy()), 1e-6).all()


def test_zip_with_several_shapefiles_gives_one_layer_each(lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    for year in (2000, 2010):
        write_shp(lakes, tmp_path / f"a_{year}")
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        for part in tmp_path.glob("a_*"):
            archive.write(part, part.name)
        archive.writestr("__MACOSX/._a_2000.shp", b"junk")
    assert [layer.stem for layer in read(tmp_path / "both.zip", ReadOptions())] == ["a_2000", "a_2010"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_damaged_in_any_packing_is_named(lakes: gpd.GeoDataFrame, tmp_path: Path, method: int) -> None:
    path = write_shp(lakes, tmp_path / "lakes")
    with zipfile.ZipFile(tmp_path / "hurt.zip", "w", method) as archive:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            archive.write(part, part.name)
        start = max(info.header_offset for info in archive.infolist() if info.filename.endswith(".shp")) + 60
    raw = bytearray((tmp_path / "hurt.zip").read_bytes())
    raw[start : start + 40] = b"\xff" * 40
    (tmp_path / "hurt.zip").write_bytes(raw)
    with pytest.raises(InputError, match=r"hurt\.zip is not a readable zip file"):
        read(tmp_path / "hurt.zip", ReadOptions())


def test_zip_cannot_write_outside_its_folder(lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    write_shp(lakes, inside / "a")
    with zipfile.ZipFile(inside / "evil.zip", "w") as archive:
        for part in inside.glob("a.*"):
            archive.write(part, f"../../{part.name}")
            archive.write(part, f"/tmp/absolute/{part.name}")
    before = set(tmp_path.rglob("*"))
    assert len(read(inside / "evil.zip", ReadOptions())) == 1
    assert set(tmp_path.rglob("*")) == before
    assert not Path("/tmp/absolute").exists()


def test_geopackage_with_several_layers_wants_a_name(lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = tmp_path / "both.gpkg"
    lakes.to_file(path, layer="spring", driver="GPKG")
    lakes.iloc[:2].to_file(path, layer="autumn", driver="GPKG")
    with pytest.raises(InputError, match=r"(?s)2 layers: .*autumn.*--layer"):
        read(path, ReadOptions())
    assert len(read(path, ReadOptions(layer="autumn"))[0].frame) == 2
    with pytest.raises(InputError, match="winter"):
        read(path, ReadOptions(layer="winter"))


def test_missing_crs_is_an_error_that_an_option_mends(lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write_shp(lakes, tmp_path / "lakes")
    path.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match=r"(?s)lakes\.shp does not say its coordinate reference system.*--crs"):
        read(path, ReadOptions())
    assert len(read(path, ReadOptions(crs="EPSG:4326"))[0].frame) == len(lakes)
    with pytest.raises(InputError, match="nonsense"):
        read(path, ReadOptions(crs="nonsense"))


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg", "a.geojson", "a.json", "a.parquet", "a.zip"])
@pytest.mark.parametrize(
    "content", [b"", VRT.encode(), b"\x89PNG\r\n\x1a\n" + bytes(200), b"{}", b"PAR1", b"SQLite format 3\x00" + bytes(100)]
)
def test_something_else_behind_the_name(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=name) as caught:
        read(tmp_path / name, ReadOptions())
    assert caught.value.remedy
    assert len(str(caught.value).splitlines()) < 10


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.9])
def test_truncated_files(write: Callable[[gpd.GeoDataFrame, Path], Path], share: float, lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write(lakes, tmp_path / "lakes")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match="lakes"):
        read(path, ReadOptions())


def test_missing_parts_of_a_shapefile(lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write_shp(lakes, tmp_path / "lakes")
    path.with_suffix(".dbf").unlink()
    with pytest.raises(InputError, match=r"\.dbf file is missing"):
        read(path, ReadOptions())


@pytest.mark.parametrize("given", ["http://example.org/a.shp", "/vsicurl/http://example.org/a.shp", "nowhere.shp", "."])
def test_what_is_no_local_file(given: str) -> None:
    with pytest.raises(InputError, match=r"download it first|folders are not searched"):
        read(Path(given), ReadOptions())


def test_unknown_suffix_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"(?s)\.docx is unknown.*\.csv.*\.shp"):
        read(inventories.table(tmp_path, "x", "lakes.docx"), ReadOptions())


def test_file_without_rows(lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no rows"):
        read(write_gpkg(lakes.iloc[:0], tmp_path / "lakes"), ReadOptions())
    with pytest.raises(InputError, match="no rows"):
        read(inventories.table(tmp_path, "lake_id,date,area\n"), ReadOptions())


@pytest.mark.parametrize(("text", "rows"), [("a;b\n1;2\n", 1), ("a\tb\n1\t2\n3\t4\n", 2), ("\ufeffa,b\n1,2\n", 1), ('a,b\n"1,5",2\n', 1)])
def test_csv_separators(text: str, rows: int, tmp_path: Path) -> None:
    (layer,) = read(inventories.table(tmp_path, text), ReadOptions())
    assert (list(layer.frame.columns), len(layer.frame)) == (["a", "b"], rows)


def test_csv_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(InputError, match="not text"):
        read(tmp_path / "a.csv", ReadOptions())
    with pytest.raises(InputError, match="not a table"):
        read(inventories.table(tmp_path, 'a,b\n1,2,3,4\n"'), ReadOptions())


def test_latin_1_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("name,area\nJökulsárlón,1\n".encode("latin-1"))
    assert read(tmp_path / "a.csv", ReadOptions())[0].frame["name"].tolist() == ["Jökulsárlón"]


def test_observatory_csv(tmp_path: Path) -> None:
    (layer,) = read(inventories.table(tmp_path, inventories.OBSERVATORY, "GLO_17.csv"), ReadOptions())
    assert layer.facts == {"lake_id": "GLO_17", "source": "GLO", "citation": "Nobody et al. (2026)"}
    assert layer.frame["year"].tolist() == ["2017", "2018", "2019"]
    assert "area (km²)" in layer.frame.columns
    with pytest.raises(InputError, match="no table"):
        read(inventories.table(tmp_path, inventories.OBSERVATORY.split("\n\n")[0], "cut.csv"), ReadOptions())


def test_geojson_rows_without_geometry_are_kept_for_the_report(lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    found = json.loads(lakes.to_json())
    found["features"][1]["geometry"] = None
    found["features"][2]["geometry"] = {"type": "Polygon", "coordinates": [[[0, 0], [1, "x"]]]}
    (layer,) = read(inventories.table(tmp_path, json.dumps(found), "lakes.geojson"), ReadOptions())
    assert layer.shapes is not None
    assert shapely.is_missing(layer.shapes).tolist() == [False, True, True, False]


def test_parquet_with_text_that_is_no_utf_8_is_damaged(tmp_path: Path) -> None:
    text = pa.array([b"LT05\xff\xfe_20001012"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"lake_id": ["A"], "date": ["2020-10-01"], "area": [1.0], "Image_ID": text}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet is damaged"):
        read(tmp_path / "a.parquet", ReadOptions())


def test_plain_parquet_is_a_table(tmp_path: Path) -> None:
    pd.DataFrame({"lake_id": ["A"], "date": ["2020-10-01"], "area": [1.0]}).to_parquet(tmp_path / "a.parquet")
    (layer,) = read(tmp_path / "a.parquet", ReadOptions())
    assert layer.shapes is None
    assert isinstance(layer, Layer)


def test_each_suffix_has_a_reader() -> None:
    suffixes = {suffix for reader in readers() for suffix in reader.SUFFIXES}
    assert suffixes >= {".shp", ".zip", ".gpkg", ".geojson", ".parquet", ".csv"}


def test_reading_a_copy_elsewhere_gives_the_same(lakes: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write_gpkg(lakes, tmp_path / "lakes")
    other = shutil.copy(path, tmp_path / "copy.gpkg")
    pd.testing.assert_frame_equal(read(path, ReadOptions())[0].frame, read(Path(other), ReadOptions())[0].frame)


def test_a_spreadsheets_unicode_text(tmp_path: Path) -> None:
    path = tmp_path / "lakes.csv"
    path.write_bytes("lake_id\tarea (km²)\nÞórisvatn\t1\n".encode("utf-16"))
    assert read(path, ReadOptions())[0].frame.to_dict("list") == {"lake_id": ["Þórisvatn"], "area (km²)": ["1"]}


def test_columns_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "lakes.csv"
    path.write_text("lake_id,area,area \nA,1,2\n")
    with pytest.raises(InputError, match="several columns called 'area'"):
        read(path, ReadOptions())


def test_half_a_surrogate_pair_in_json(tmp_path: Path) -> None:
    path = tmp_path / "lakes.geojson"
    feature = '{"type": "Feature", "properties": {"name": "\\ud83d"}, "geometry": {"type": "Point", "coordinates": [86, 28]}}'
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}')
    assert read(path, ReadOptions())[0].frame["name"].tolist() == ["?"]


def test_a_file_name_that_is_not_text() -> None:
    with pytest.raises(InputError, match="name is not UTF-8"):
        read(Path("lakes_\udcff.csv"), ReadOptions())


def test_a_named_layer_may_hold_the_date(tmp_path: Path, lakes: gpd.GeoDataFrame) -> None:
    path = tmp_path / "all.gpkg"
    for year in (2000, 2010):
        lakes.to_file(path, driver="GPKG", layer=f"lakes_{year}")
    assert read(path, ReadOptions(layer="lakes_2010"))[0].stem == "all_lakes_2010"
