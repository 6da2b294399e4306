"""From stored numbers to reflectance: by the baseline, never by the date."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data.stac.assets import Asset, files
from data.stac.errors import CatalogueError
from data.stac.scaling import Scaling, baseline, scaling
from tests.stac_cases import candidate, landsat

STATED = {"raster:bands": [{"scale": 0.0001, "offset": -0.1}]}


def found(about: dict[str, Any], **told: Any) -> Scaling:
    item = candidate(**told)
    return scaling(item, files(item), Asset("https://x.test/B02.tif", about))


@pytest.mark.parametrize("day", [date(2018, 10, 1), date(2025, 10, 1)], ids=str)
@pytest.mark.parametrize("about", [{}, STATED], ids=["not stated", "stated"])
def test_sentinel_goes_by_the_baseline_whatever_the_date_and_the_asset_say(day: date, about: dict[str, Any]) -> None:
    assert found(about, day=day, **{"s2:processing_baseline": "05.09"}) == Scaling(0.0001, -0.1)
    assert found(about, day=day, **{"s2:processing_baseline": "04.00"}) == Scaling(0.0001, -0.1)
    assert found(about, day=day, **{"s2:processing_baseline": "03.01"}) == Scaling(0.0001, 0.0)
    assert found(about, day=day, **{"s2:processing_baseline": "02.14"}) == Scaling(0.0001, 0.0)


@pytest.mark.parametrize("key", ["earthsearch:boa_offset_applied", "sentinel:boa_offset_applied"])
def test_an_offset_that_was_taken_off_is_not_taken_off_again(key: str) -> None:
    assert found(STATED, **{key: True}) == Scaling(0.0001, 0.0)
    assert found(STATED, **{key: False}) == Scaling(0.0001, -0.1)


def test_the_baseline_may_stand_in_the_name_of_the_product() -> None:
    uri = "S2B_MSIL2A_20201016T045829_N0214_R119_T45RVL_20201016T083004.SAFE"
    item = candidate(**{"s2:processing_baseline": None, "s2:product_uri": uri})
    assert baseline(item) == 2.14
    assert baseline(candidate(uri.replace("N0214", "N0510"), **{"s2:processing_baseline": None})) == 5.1
    assert baseline(candidate(**{"s2:processing_baseline": "new"})) is None


def test_without_a_baseline_what_the_asset_states_counts_and_without_both_nothing_is_guessed() -> None:
    bare = {"s2:processing_baseline": None}
    assert found(STATED, **bare) == Scaling(0.0001, -0.1)
    assert found({"bands": [{"raster:scale": 0.0002, "raster:offset": 0}]}, **bare) == Scaling(0.0002, 0.0)
    with pytest.raises(CatalogueError, match="neither its processing baseline nor an offset"):
        found({}, **bare)


@pytest.mark.parametrize("about", [{}, {"raster:bands": [{"scale": 2.75e-05, "offset": -0.2}]}, {"raster:bands": [{"scale": 500}]}])
def test_landsat(about: dict[str, Any]) -> None:
    item = candidate("L", assets=landsat("L"), collection="landsat-c2-l2", platform="landsat-8")
    made = scaling(item, files(item), Asset("https://x.test/a.tif", about))
    assert (made.scale, made.offset, made.nodata) == (0.0000275, -0.2, 0.0)
