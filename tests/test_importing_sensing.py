"""Sensors that a person names for epochs whose scene ids tell none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from data.__main__ import main
from data.cache import read_table
from data.errors import InputError
from data.importing.sensing import Since, sensor_in, sensors_of
from tests import inventories


def test_years_and_names() -> None:
    sensors = sensors_of(["2016=Sentinel-1/2", " Landsat ", "1999 = Landsat 7"])
    assert sensors == (Since(None, "Landsat"), Since(1999, "Landsat 7"), Since(2016, "Sentinel-1/2"))
    seen = [sensor_in(date(year, 6, 1), sensors) for year in (1985, 1999, 2015, 2016, 2030)]
    assert seen == ["Landsat", "Landsat 7", "Landsat 7", "Sentinel-1/2", "Sentinel-1/2"]
    assert sensor_in(None, sensors) is None
    assert sensor_in(date(1985, 6, 1), sensors[1:]) is None


@pytest.mark.parametrize("texts", [[""], ["2016="], ["a=b"], ["Landsat", "Sentinel"], ["2016=A", "2016=B"]])
def test_what_names_no_sensor(texts: list[str]) -> None:
    with pytest.raises(InputError):
        sensors_of(texts)


def test_an_import_keeps_them_where_no_scene_tells(tmp_path: Path) -> None:
    text = "lake_id,lon,lat,date,area_km2\n" + "".join(f"L1,80,28,{year},1.5\n" for year in (2010, 2020))
    table = inventories.table(tmp_path, text)
    assert main(["import", str(table), "--into", str(tmp_path / "out"), "--sensor", "Landsat", "--sensor", "2016=Sentinel-2"]) == 0
    areas = read_table(tmp_path / "out" / "areas.parquet").to_pandas(date_as_object=False)
    assert areas.groupby(areas["date"].dt.year)["sensor"].unique().map(list).to_dict() == {2010: ["Landsat"], 2020: ["Sentinel-2"]}
