"""What numbers mean, against the formulas of the products written out here again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import RasterError
from data.rasters.grid import Grid
from data.scenes.headers import Header
from data.scenes.meaning import doubts, meaning
from data.scenes.sensors import known_sensor
from data.scenes.wish import Options

GRID = Grid("EPSG:32645", (10, 0, 0, 0, -10, 0), 4, 4)


def header(dtype: str = "uint16", scaled: bool = False, **tags: str) -> Header:
    return Header(Path("x.tif"), GRID, ("", ""), dtype, scaled, tags)


def reflectance(dn: int, found_scale: float, found_offset: float) -> float:
    return dn * found_scale + found_offset


@given(st.integers(1, 65535), st.sampled_from([4, 5, 7, 8, 9]))
def test_landsat(dn: int, number: int) -> None:
    found = meaning(header(), known_sensor(f"landsat-{number}"), Options())
    assert found.scaling is not None
    assert found.scaling.nodata == 0
    assert reflectance(dn, found.scaling.scale, found.scaling.offset) == pytest.approx(dn * 2.75e-5 - 0.2, abs=1e-12)


@given(st.integers(1, 65535), st.integers(0, 9), st.integers(0, 99), st.sampled_from(["tag", "name", "said"]))
def test_sentinel(dn: int, major: int, minor: int, where: str) -> None:
    tags = {
        "tag": {"processing_baseline": f"{major:02}.{minor:02}"},
        "name": {"product_uri": f"S2A_MSIL2A_20200101T0_N{major:02}{minor:02}_R1_T45RVL_20200101T0.SAFE"},
        "said": {"processing_baseline": "04.00" if major < 4 else "03.01"},
    }[where]
    said = Options(baseline=float(f"{major}.{minor:02}")) if where == "said" else Options()
    found = meaning(header(**tags), known_sensor("s2"), said)
    assert found.scaling is not None
    expected = (dn - 1000) / 10000 if major >= 4 else dn / 10000
    assert reflectance(dn, found.scaling.scale, found.scaling.offset) == pytest.approx(expected, abs=1e-12)


@given(st.integers(0, 255), st.floats(1e-6, 10), st.floats(-5, 5))
def test_the_users_word_goes_before_all(dn: int, scale: float, offset: float) -> None:
    for held in (header(scaled=True), header("float32"), header("uint8"), header(processing_baseline="05.00")):
        found = meaning(held, known_sensor("s2"), Options(scale=scale, offset=offset))
        assert found.scaling is not None
        assert reflectance(dn, found.scaling.scale, found.scaling.offset) == dn * scale + offset
        assert np.isnan(found.scaling.nodata)


@pytest.mark.parametrize(
    ("held", "sensor", "kind"),
    [
        (header(scaled=True), "s2", "own"),
        (header("float32"), "landsat-8", "own"),
        (header("float64"), "", "own"),
        (header("uint8"), "", "picture"),
        (header("uint8"), "landsat-5", "picture"),
        (header("int16"), "landsat-8", "scaled"),
    ],
)
def test_what_the_file_says_goes_before_the_sensor(held: Header, sensor: str, kind: str) -> None:
    assert meaning(held, known_sensor(sensor), Options()).kind == kind


@pytest.mark.parametrize(
    ("held", "sensor", "says"),
    [
        (header(), "", "nobody knows"),
        (header(), "s2", "processing baseline"),
        (header("complex64"), "s2", "holds complex64"),
        (header(boa_add_offset="unknown"), "s2", "processing baseline"),
        (header(perpendicular_baseline="5.1"), "s2", "processing baseline"),
    ],
)
def test_nothing_is_guessed(held: Header, sensor: str, says: str) -> None:
    with pytest.raises(RasterError, match=says):
        meaning(held, known_sensor(sensor), Options())


def test_doubts() -> None:
    bands = ("nir", "ndwi")
    fine = np.stack([np.full((8, 8), 0.3), np.full((8, 8), -0.9)]).astype(np.float32)
    assert doubts(fine, bands) == ""
    dark = fine.copy()
    dark[0, :3] = -0.05
    assert doubts(dark, bands).startswith("38% of the numbers lie below 0")
    assert doubts(fine * np.float32(10000), bands).startswith("half of the numbers lie above 3,000")
    assert doubts(np.full((2, 8, 8), np.nan, np.float32), bands) == ""
    assert doubts(np.zeros((2, 8, 8), np.uint8), bands) == ""
