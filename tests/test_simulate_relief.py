"""The ground of a simulated place: shaped as its lake needs it."""

from __future__ import annotations

import numpy as np
import pytest

from data.rasters.coverage import covered
from data.simulate.relief import MARGIN, make_relief
from tests.painted import KINDS_OF_PLACE, outlines, place


@pytest.fixture(scope="module", params=range(len(KINDS_OF_PLACE)))
def made(request):
    where = place(request.param)
    lake = np.pad(covered([outlines(request.param)[3]], where.grid.shape) > 0, MARGIN)
    return where, lake, make_relief(np.random.default_rng([1, request.param]), where, lake)


def test_water_is_flat_and_walls_rise_beside_it(made):
    where, lake, relief = made
    assert (relief.height[lake] == where.elevation_m).all()
    wall = np.abs(relief.across) > relief.floor_m + 500
    assert np.median(relief.height[wall]) > where.elevation_m + 100


def test_the_valley_climbs_toward_the_glacier(made):
    _, _, relief = made
    floor = np.abs(relief.across) < relief.floor_m * 0.6
    above = relief.height[floor & (relief.along > relief.upper + 500)]
    below = relief.height[floor & (relief.along < relief.lower - 500)]
    assert np.median(above) > np.median(below) + 40


def test_up_valley_is_where_the_place_says():
    lake = np.zeros((120, 120), dtype=bool)
    lake[55:65, 55:65] = True
    for number in range(len(KINDS_OF_PLACE)):
        where = place(number)
        along = make_relief(np.random.default_rng(0), where, lake).along
        down, right = np.gradient(along)
        assert np.arctan2(-down.mean(), right.mean()) == pytest.approx(where.up_valley, abs=1e-3)


def test_a_moraine_stands_down_valley_of_a_lake_it_dams(made):
    where, lake, relief = made
    if where.dam_type == "M(e)":
        assert relief.along[relief.moraine > 0.5].mean() < relief.along[lake].mean()
    else:
        assert relief.moraine.any() == where.dam_type.startswith("M")
