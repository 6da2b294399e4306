"""Painted chips: the same every time, water where it truly is, cloud as much as asked, errors where they were planted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.rasters.coverage import covered
from data.rasters.writing import write_scene
from data.simulate.chips import BANDS, KINDS, Chip
from data.simulate.painting import paint
from data.simulate.shapes import make_shapes, outlines_m
from tests.painted import KINDS_OF_PLACE, LANDSAT7, SENTINEL, outlines, painted, place, sight, sights

WATER = [KINDS.index("clear_water"), KINDS.index("turbid_water")]


def _index(chip: Chip, band: int) -> np.ndarray:
    return (chip.reflectance[1] - chip.reflectance[band]) / (chip.reflectance[1] + chip.reflectance[band])


def test_the_same_pixels_each_time_and_in_any_order():
    some = sights(1)[:3]
    first, turned = paint(place(1), some), paint(place(1), some[::-1])
    assert first.dem.tobytes() == turned.dem.tobytes() == painted_dem(1, some)
    for one, other in zip(first.chips, turned.chips[::-1], strict=True):
        assert one.reflectance.tobytes() == other.reflectance.tobytes()
        assert (one.kind == other.kind).all()
        assert (one.hidden == other.hidden).all()


def painted_dem(number: int, some: tuple) -> bytes:
    return paint(place(number), some).dem.tobytes()


def test_another_seed_is_another_place():
    some = sights(1)[:1]
    assert (paint(replace(place(1), seed=2), some).dem != paint(place(1), some).dem).mean() > 0.5


@pytest.mark.parametrize("number", range(len(KINDS_OF_PLACE)))
def test_every_chip_is_whole_and_plausible(number: int):
    made = painted(number)
    assert made.dem.dtype == np.float32
    assert np.isfinite(made.dem).all()
    for chip, asked in zip(made.chips, sights(number), strict=True):
        gaps = np.isnan(chip.reflectance)
        assert chip.reflectance.dtype == np.float32
        assert gaps.any() == ("7" in asked.sensor)
        assert (gaps == gaps[0]).all()
        assert np.nanmin(chip.reflectance) > 0
        assert np.nanmax(chip.reflectance) < 2
        assert chip.kind.max() < len(KINDS)


@pytest.mark.parametrize("number", range(len(KINDS_OF_PLACE)))
def test_an_open_lake_is_water_by_its_indices_and_lies_flat(number: int):
    made, asked = painted(number), sights(number)
    inside = covered(asked[3].water, made.dem.shape) == 1
    chip = made.chips[3]
    open_water = inside & np.isin(chip.kind, WATER)
    assert open_water.sum() > 0.8 * inside.sum()
    assert np.quantile(_index(chip, 3)[open_water], 0.1) > 0.1
    assert np.ptp(made.dem[inside]) == 0
    assert made.dem[inside][0] == place(number).elevation_m


@settings(max_examples=8)
@given(st.floats(0.05, 0.95), st.integers(0, 10_000))
def test_clouds_hide_the_share_that_was_asked_for(hidden: float, key: int):
    asked = replace(sight(key, outlines(2)[3], 2020), hidden=hidden, reason="cloud")
    chip = paint(place(2), [asked]).chips[0]
    lake = covered(asked.water, chip.kind.shape) > 0.5
    assert (chip.kind[lake] == KINDS.index("cloud")).mean() == pytest.approx(hidden, abs=0.03)


@pytest.mark.parametrize("sensor", [SENTINEL, LANDSAT7])
@pytest.mark.parametrize("reason", ["ok", "cloud", "shadow", "snow_or_ice", "partial"])
@pytest.mark.parametrize("hidden", [0.03, 0.37, 0.8, 1.0])
def test_whatever_hides_the_lake_hides_the_share_that_was_asked_for(sensor: str, reason: str, hidden: float):
    """To a pixel; and what is not hidden looks like water, as a mapper needs."""
    asked = replace(sight(7, outlines(2)[3], 2020, sensor), hidden=hidden, reason=reason)
    chip = paint(place(2), [asked]).chips[0]
    lake = covered(asked.water, chip.kind.shape) > 0.5
    assert abs(chip.hidden[lake].sum() - hidden * lake.sum()) <= 1
    gone = np.isnan(chip.reflectance).all(axis=0)
    if "7" in sensor and reason in {"ok", "cloud", "partial"}:
        assert (gone[lake] == chip.hidden[lake]).all()
        assert gone.mean() > 0.05
    elif reason in {"shadow", "snow_or_ice"}:
        assert not (chip.hidden & ~lake & ~gone).any()


@settings(max_examples=8)
@given(st.integers(0, 10_000))
def test_where_nothing_hides_the_lake_neither_cloud_nor_its_shadow_reaches_it(key: int):
    asked = sight(key, outlines(2)[3], 2020)
    chip = paint(place(2), [asked]).chips[0]
    lake = covered(asked.water, chip.kind.shape) > 0.5
    assert not np.isin(chip.kind[lake], [KINDS.index("cloud"), KINDS.index("cloud_shadow")]).any()


def test_reasons_show():
    _, _, _, clear, _, shaded, snowed, gone, half = painted(1).chips
    lake = covered([outlines(1)[3]], clear.kind.shape) > 0.5
    assert (shaded.kind[lake] == KINDS.index("shadow")).mean() > 0.5
    assert (snowed.kind[lake] == KINDS.index("lake_ice")).mean() > 0.9
    assert np.median(snowed.reflectance[2][lake]) > 0.4
    assert not np.isin(gone.kind, WATER).any()
    assert (half.kind[lake] == KINDS.index("lake_ice")).mean() == pytest.approx(0.3, abs=0.05)
    assert np.nanmedian(shaded.reflectance[3][lake]) < 0.75 * np.nanmedian(clear.reflectance[3][lake])


def test_planted_errors_show_where_they_were_planted():
    smaller, larger = outlines(1)[0], outlines(1)[3]
    base = sight(77, smaller, 2019)
    plain, dark = (paint(place(1), [one]).chips[0] for one in (base, replace(base, planted="shadow_as_water", mapped=larger)))
    ring = (covered([larger], plain.kind.shape) == 1) & (covered([smaller], plain.kind.shape) == 0)
    assert (dark.kind[ring] == KINDS.index("shadow")).mean() > 0.6
    assert np.median(dark.reflectance[3][ring]) < 0.5 * np.median(plain.reflectance[3][ring])
    base = replace(base, water=(larger,), mapped=smaller)
    missed = paint(place(1), [replace(base, planted="ice_missed")]).chips[0]
    assert (missed.kind[ring] == KINDS.index("lake_ice")).mean() > 0.9


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.floats(0.004, 0.8))
def test_a_rasterised_outline_has_its_area(seed: int, area_km2: float):
    shapes = make_shapes(np.random.default_rng(seed), np.array([1.0]), np.array([False]))
    ring = outlines_m(shapes, np.array([[area_km2]]))[0, 0] / 10 + 128
    lake = shapely.Polygon(ring)
    share = covered([lake], (256, 256))
    inside = shapely.intersection(lake, shapely.box(0, 0, 256, 256))
    assert abs(share.sum() - inside.area) <= 0.1 * inside.length
    assert abs((share > 0.5).sum() - inside.area) <= 0.5 * inside.length


def test_neighbours_are_painted_and_no_lake_at_all_is_no_fault():
    pond = shapely.Point(30.5, 40.5).buffer(6)
    asked = replace(sight(5, outlines(1)[0], 2020), water=(outlines(1)[0], pond))
    made = paint(place(1), [asked])
    here = covered([pond], made.dem.shape) == 1
    assert np.ptp(made.dem[here]) == 0
    assert np.isin(made.chips[0].kind[here], [*WATER, KINDS.index("shadow")]).mean() > 0.9
    nothing = replace(asked, water=(shapely.Polygon(),), mapped=None, reason="empty")
    assert not np.isin(paint(place(1), [nothing]).chips[0].kind, WATER).any()


def test_a_stored_chip_is_small_enough(tmp_path):
    sizes = []
    for chip in painted(1).chips:
        write_scene(tmp_path / "chip.tif", chip.reflectance, BANDS, place(1).grid, scale=0.001)
        sizes.append((tmp_path / "chip.tif").stat().st_size)
    assert np.mean(sizes) < 330e3


def test_a_lake_that_leaves_the_chip_is_cut_at_its_edge():
    asked = replace(sight(3, shapely.box(200, 100, 400, 180), 2020), sensor=SENTINEL, date=date(2021, 10, 1))
    assert np.isin(paint(place(2), [asked]).chips[0].kind[110:170, 210:], [*WATER, KINDS.index("shadow")]).all()
