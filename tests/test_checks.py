"""What only shows when the tables of a dataset are looked at together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely

from data.cache import read_table, write_table, write_text
from data.checks import dataset_faults
from data.geo_tables import geo_table
from data.importing.inventory import import_inventories
from data.importing.options import ImportOptions
from tests import inventories


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    import_inventories(inventories.himalaya(tmp_path / "in", [2000, 2020]), tmp_path / "out", ImportOptions())
    return tmp_path / "out"


def change(dataset: Path, name: str, change: dict[int, dict[str, Any]], drop: tuple[int, ...] = ()) -> None:
    """Rewrite cells, and drop rows, of a table."""
    table = read_table(dataset / f"{name}.parquet")
    rows = table.to_pylist()
    for row, cells in change.items():
        rows[row].update(cells)
    kept = [row for n, row in enumerate(rows) if n not in drop]
    write_table(dataset / f"{name}.parquet", table.from_pylist(kept, schema=table.schema))


def found(dataset: Path) -> list[str]:
    return [str(fault) for fault in dataset_faults(dataset)]


def test_a_good_dataset(dataset: Path) -> None:
    assert found(dataset) == []


def test_geometries(dataset: Path) -> None:
    bow_tie = shapely.Polygon([(85, 28), (86, 29), (86, 28), (85, 29)])
    change(dataset, "outlines", {0: {"geometry": b"junk"}, 1: {"geometry": bow_tie.wkb}, 2: {"geometry": shapely.box(200, 0, 201, 1).wkb}})
    assert [text.split(";")[0] for text in found(dataset)] == [
        "outlines row 0, geometry: it is not a valid geometry", "outlines row 1, geometry: it is not a valid geometry",
        "outlines row 2, geometry: it lies off the globe",
    ]  # fmt: skip


def test_missing_geoparquet_metadata(dataset: Path) -> None:
    table = read_table(dataset / "lakes.parquet")
    write_table(dataset / "lakes.parquet", table.replace_schema_metadata(None))
    assert any("GeoParquet metadata is missing" in text for text in found(dataset))
    write_table(dataset / "lakes.parquet", geo_table(table))
    assert found(dataset) == []


def test_an_outline_without_its_area(dataset: Path) -> None:
    areas = read_table(dataset / "areas.parquet").to_pylist()
    twice = [n for n, row in enumerate(areas) if row["lake_key"] == areas[-1]["lake_key"]] if len(areas) else []
    change(dataset, "areas", {0: {"area_km2": 9.0}}, drop=(twice[-1],))
    texts = found(dataset)
    assert any("its area is not that of areas.parquet" in text for text in texts)
    assert any("no area has its lake, date and source" in text for text in texts)


def test_a_lake_without_areas(dataset: Path) -> None:
    keys = [row["lake_key"] for row in read_table(dataset / "areas.parquet").to_pylist()]
    change(dataset, "areas", {}, drop=tuple(n for n, key in enumerate(keys) if key == keys[0]))
    assert any(f"1 lakes have no area ({keys[0]}" in text for text in found(dataset))


def test_a_default_source_that_nobody_has(dataset: Path) -> None:
    text = (dataset / "dataset.toml").read_text().replace('default_source = "MINI"', 'default_source = "MAXI"')
    write_text(dataset / "dataset.toml", text)
    assert any("'MAXI', which no area has" in text for text in found(dataset))


def test_a_damaged_table_is_one_fault_among_others(dataset: Path) -> None:
    raw = (dataset / "outlines.parquet").read_bytes()
    (dataset / "outlines.parquet").write_bytes(raw[: len(raw) // 2])
    change(dataset, "areas", {0: {"area_km2": -1.0}})
    texts = found(dataset)
    assert any("outlines" in text and "damaged" in text for text in texts)
    assert any("-1.0" in text for text in texts)


def test_a_fault_of_one_table_hides_none_of_the_shapes(dataset: Path) -> None:
    change(dataset, "areas", {0: {"area_km2": -1.0}})
    change(dataset, "lakes", {2: {"geometry": b"junk"}})
    assert [text.split(":")[0] for text in found(dataset)] == ["areas row 0, area_km2", "lakes row 2, geometry"]
