"""Exports read back by other programs: every statistic, labelled, and harmless in a spreadsheet."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data import export
from data.cache import read_table, write_table
from data.errors import InputError
from data.export import FORMULA_STARTS, export_frame, export_geometry, neutralised, provenance, write_export
from data.records import TrendTable
from data.store import Store
from data.trends import COLUMNS
from tests.datasets import FORMULA, LAKES, MARKUP, NAMELESS, small_dataset


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("small")))


@pytest.fixture(scope="module")
def table(store: Store) -> TrendTable:
    return store.trends(store.settings())


def written(store: Store, table: TrendTable, path: Path, keys: list[int] | None = None) -> Path:
    write_export(export_frame(store, table, keys), export_geometry(store, keys), path.suffix[1:], path, provenance(store, table))
    return path


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".csv":
        return pd.read_csv(path)
    return geopandas.read_parquet(path) if path.suffix == ".parquet" else pyogrio.read_dataframe(path)


@pytest.mark.parametrize("format", ["csv", "geojson", "gpkg", "parquet"])
def test_every_format_holds_everything(format: str, store: Store, table: TrendTable, tmp_path: Path) -> None:
    found = read(written(store, table, tmp_path / f"a.{format}"))
    assert set(COLUMNS) <= set(found.columns)
    assert set(store.lakes.columns) <= set(found.columns)
    assert list(found["lake_key"]) == list(store.lake_keys)
    for column in ("slope", "slope_pct", "se", "p", "q", "log_p", "n_eff"):
        np.testing.assert_allclose(found[column].to_numpy(float), table.frame[column], rtol=1e-14)
    assert set(found["dataset_digest"]) == {store.digest}
    assert set(found["settings"]) == {table.settings.token}
    assert set(found["citation"]) == {"Nobody (2026)"}
    assert set(found["licence"]) == {"CC0-1.0"}
    assert set(found["family"]) == {table.family}
    assert found["simulated"].astype(bool).all()
    assert found["name"].iloc[1] == MARKUP
    assert pd.isna(found["lake_id"].iloc[NAMELESS])
    assert found["note"].iloc[2] == (f"'{FORMULA}" if format == "csv" else FORMULA)
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{format}"]
    if format != "csv":
        assert found.crs.to_string() in {"EPSG:4326", "OGC:CRS84"}
        assert shapely.equals_exact(found.geometry.to_numpy(), shapely.from_wkb(list(store.newest_outlines)), 1e-6, normalize=True).all()


def test_geojson_keeps_to_its_standard(store: Store, table: TrendTable, tmp_path: Path) -> None:
    text = json.loads(written(store, table, tmp_path / "a.geojson").read_text(encoding="utf-8"))
    assert text["name"] == "lakes"
    assert "crs" not in text  # RFC 7946: always longitude and latitude
    assert len(text["features"]) == LAKES
    ring = text["features"][0]["geometry"]["coordinates"][0]
    assert shapely.LinearRing(ring).is_ccw


def test_the_newest_area_is_the_newest_seen_well(store: Store, table: TrendTable) -> None:
    frame = export_frame(store, table)
    for lake_key in (0, 13, 20):
        rows = store.areas(lake_key)
        last = rows[rows["reason"] == "ok"].iloc[-1]
        assert frame.loc[lake_key, "newest_area_km2"] == last["area_km2"]
        assert frame.loc[lake_key, "newest_date"] == f"{last['date']:%Y-%m-%d}"


def test_rows_come_in_the_order_asked(store: Store, table: TrendTable) -> None:
    keys = [31, 2, 17]
    assert list(export_frame(store, table, keys)["lake_key"]) == keys
    assert export_geometry(store, keys) == [store.newest_outlines[key] for key in keys]
    assert len(export_frame(store, table, [])) == 0


def test_an_unknown_lake_is_refused(store: Store, table: TrendTable) -> None:
    with pytest.raises(InputError, match="no lake_key 99"):
        export_frame(store, table, [1, 99])
    with pytest.raises(InputError, match="no lake_key -1"):
        export_geometry(store, [-1])


def test_taken_names_give_way(store: Store, tmp_path: Path) -> None:
    folder = small_dataset(tmp_path / "d")
    lakes = read_table(folder / "lakes.parquet")
    mine = ("n", "N", "n_input", "Slope", "fid", "simulated", "geom", "Country")
    for name in mine:
        lakes = lakes.append_column(name, [[f"mine {name}"] * LAKES])
    write_table(folder / "lakes.parquet", lakes)
    own = Store(folder)
    found = own.trends(own.settings())
    frame = export_frame(own, found)
    renamed = [
        "n_input",
        "N_input_input",
        "n_input_input_input",
        "Slope_input",
        "fid_input",
        "simulated_input",
        "geom_input",
        "Country_input",
    ]
    assert set(renamed) <= set(frame.columns)
    assert [frame[name].iloc[0] for name in renamed] == [f"mine {name}" for name in mine]
    lowered = [name.lower() for name in frame.columns]
    assert len(lowered) == len(set(lowered))
    for format in ("gpkg", "geojson", "csv", "parquet"):
        assert set(read(written(own, found, tmp_path / f"a.{format}"))["n"]) == set(found.frame["n"])


def test_lakes_without_outline_are_points(tmp_path: Path) -> None:
    folder = small_dataset(tmp_path / "d")
    lakes = read_table(folder / "lakes.parquet")
    bare = lakes.drop_columns(["geometry"]).append_column("geometry", lakes.column("geometry").take([0, *[None] * (LAKES - 1)]))
    lon = bare.column("lon").to_pylist()
    place = bare.schema.get_field_index("lon")
    bare = bare.set_column(place, "lon", [[*lon[:5], None, *lon[6:]]])
    write_table(folder / "lakes.parquet", bare)
    own = Store(folder)
    shapes = shapely.from_wkb(export_geometry(own))
    assert [g.geom_type if g else None for g in shapes[:7]] == ["Polygon", *["Point"] * 4, None, "Point"]
    for format in ("gpkg", "geojson", "parquet"):
        found = read(written(own, own.trends(own.settings()), tmp_path / f"a.{format}"))
        assert [g.geom_type if g else None for g in found.geometry[:7]] == ["Polygon", *["Point"] * 4, None, "Point"]


@given(
    st.lists(st.text(max_size=6) | st.sampled_from([*FORMULA_STARTS, "=HYPERLINK(1)", "-5", "'=x"]), min_size=1, max_size=5),
    st.floats(allow_nan=False),
)
def test_no_cell_of_text_starts_a_formula(cells: list[str], number: float) -> None:
    frame = pd.DataFrame({"=head": pd.Series(cells, dtype=object), "number": number, "whole": -3, "none": None})
    safe = neutralised(frame)
    assert list(safe.columns) == ["'=head", "number", "whole", "none"]
    for was, now in zip(cells, safe["'=head"], strict=True):
        assert not now.startswith(FORMULA_STARTS)
        assert now == (f"'{was}" if was.startswith(FORMULA_STARTS) else was)
    assert list(safe["number"]) == [number] * len(cells)
    assert list(safe["whole"]) == [-3] * len(cells)
    assert safe["none"].isna().all()
    assert "'=head" not in frame.columns


def test_a_csv_cell_that_is_a_formula_is_quoted_in_the_file(store: Store, table: TrendTable, tmp_path: Path) -> None:
    renamed = TrendTable(**{**table.__dict__, "settings": replace(table.settings, source="@inventory")})
    frame = export_frame(store, table).assign(**{"+evil": "-1+cmd"})
    write_export(frame, None, "csv", tmp_path / "a.csv", {**provenance(store, renamed), "citation": "=1+1"})
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8"))))
    text = [cell for row in rows for cell in row if not _number(cell)]
    assert not [cell for cell in text if cell.startswith(FORMULA_STARTS)]
    assert {"'+evil", "'-1+cmd", "'=1+1"} <= set(text)


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(("format", "geometry"), [("xlsx", []), ("gpkg", None), ("geojson", None)])
def test_formats_that_cannot_be(format: str, geometry: list[bytes] | None, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown|needs geometries"):
        write_export(pd.DataFrame({"a": []}), geometry, format, tmp_path / "a", {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ["csv", "geojson", "gpkg", "parquet"])
def test_a_failure_keeps_the_old_file(
    format: str, store: Store, table: TrendTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(store, table, tmp_path / f"a.{format}")
    before = path.read_bytes()
    real = export.FORMATS[format]

    def half(frame: pd.DataFrame, geometry: list[bytes | None], target: Path) -> None:
        real(frame, geometry, target)
        raise OSError("disk full")

    monkeypatch.setitem(export.FORMATS, format, half)
    with pytest.raises(OSError, match="disk full"):
        written(store, table, path, [1])
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
