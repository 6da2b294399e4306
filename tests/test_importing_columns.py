"""Columns are recognised by the names of the public inventories, and by what their values look like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.errors import InputError
from data.importing.columns import area_unit, recognised

HKH = ["Latitude", "Longitude", "GLIMS_ID", "Type", "M_Basin", "Basin", "Sub_basin", "Area", "Altitude", "Image_ID", "Region"]
NEPAL = ["GLAKE_ID", "GL_Elev (m)", "GL_Area (km²)", "GL_Peri (m)", "GL_Long", "GL_Lati"]


def frame(names: list[str], **values: object) -> pd.DataFrame:
    return pd.DataFrame({name: [values.get(name, 1.0)] * 3 for name in names})


def test_hindu_kush_himalaya() -> None:
    roles = recognised(frame(HKH), {}, "a.shp")
    assert roles == {
        "lake_id": "GLIMS_ID", "area": "Area", "basin": "Basin", "sub_basin": "Sub_basin", "elevation_m": "Altitude", "dam_type": "Type",
        "lon": "Longitude", "lat": "Latitude", "scene_id": "Image_ID",
    }  # fmt: skip


def test_nepal_with_units_in_brackets() -> None:
    roles = recognised(frame(NEPAL), {}, "a.csv")
    assert roles == {"lake_id": "GLAKE_ID", "elevation_m": "GL_Elev (m)", "area": "GL_Area (km²)", "lon": "GL_Long", "lat": "GL_Lati"}


@pytest.mark.parametrize("name", ["GL_ID", "gl_id", "GLIMS_ID", "GLO_ID", "GLAKE_ID", "lake_id", "Lake ID"])
def test_ids(name: str) -> None:
    assert recognised(frame([name]), {}, "a.csv") == {"lake_id": name}


@pytest.mark.parametrize(
    "name", ["area_km²", "Area km²", "Area_SqKm", "lake_area_km2", "area_sqm", "area_hectares", "Surface area (km2)", "AreaHa"]
)
def test_areas(name: str) -> None:
    assert recognised(frame([name]), {}, "a.csv") == {"area": name}


@pytest.mark.parametrize(("values", "role"), [([2017.0, 2018.0, 2019.0], "year"), ([0.12, 0.13, 0.2], "area")])
def test_area_year_is_what_its_values_are(values: list[float], role: str) -> None:
    assert recognised(pd.DataFrame({"AREA_YEAR": values}), {}, "a.csv") == {role: "AREA_YEAR"}


def test_observatory_outlines_have_both() -> None:
    found = pd.DataFrame({"GLO_ID": ["a"], "AREA_YEAR": [2017], "AREA": [0.5]})
    assert recognised(found, {}, "a.shp") == {"lake_id": "GLO_ID", "area": "AREA", "year": "AREA_YEAR"}


def test_major_basin_stands_in_where_there_is_no_other() -> None:
    assert recognised(frame(["M_Basin"]), {}, "a.shp") == {"basin": "M_Basin"}


def test_options_win_and_a_column_has_one_role() -> None:
    roles = recognised(frame(["Area", "Basin", "M_Basin"]), {"basin": "m_basin"}, "a.shp")
    assert roles["basin"] == "M_Basin"
    with pytest.raises(InputError, match=r"no column 'Nowhere'"):
        recognised(frame(["Area"]), {"area": "Nowhere"}, "a.shp")


def test_columns_that_cannot_be_degrees_are_no_longitudes() -> None:
    found = pd.DataFrame({"x": [735_000.0, 735_100.0], "y": [7_115_000.0, 7_115_100.0]})
    assert recognised(found, {}, "a.csv") == {}


@pytest.mark.parametrize(("factor", "unit"), [(1.0, "km2"), (1e6, "m2"), (100.0, "ha"), (1.07e6, "m2")])
def test_unit_from_outlines(factor: float, unit: str) -> None:
    geometric = np.array([0.02, 0.5, np.nan, 3.0])
    assert area_unit("Area", geometric * factor, geometric)[0] == unit


@pytest.mark.parametrize(
    ("name", "values", "unit"),
    [
        ("area_m2", [0.5], "m2"),
        ("GL_Area (km²)", [5e5], "km2"),
        ("Area_ha", [3.0], "ha"),
        ("AreaHa", [3.0], "ha"),
        ("area (sq. m)", [3.0], "m2"),
        ("Area_Sq_Km", [3e4], "km2"),
        ("area", [52_000.0, 61_000.0], "m2"),
        ("area", [0.4], "km2"),
    ],
)
def test_unit_from_name_or_size(name: str, values: list[float], unit: str) -> None:
    assert area_unit(name, np.array(values), None)[0] == unit
