"""The sun's place, and shadows against a plain ray."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from data.simulate.fractal import fractal
from data.simulate.sky import cast_shadow, facing, slopes, sun


def test_the_sun_stands_where_almanacs_have_it():
    # Local solar 10:30 at 40° N. Equinox: sin h = cos 40° cos 22.5°, tan A = tan 22.5° / sin 40° from the south.
    elevation, azimuth = sun(date(2021, 3, 21), 40.0)
    assert elevation == pytest.approx(45.05, abs=0.7)
    assert azimuth == pytest.approx(180 - 32.8, abs=1.0)
    assert sun(date(2021, 6, 21), 40.0)[0] > elevation > sun(date(2021, 12, 21), 40.0)[0]


def _ray(height: np.ndarray, elevation: float, azimuth: float) -> np.ndarray:
    dark = np.zeros(height.shape, dtype=bool)
    for row in range(height.shape[0]):
        for column in range(height.shape[1]):
            for step in range(1, 40):
                x = round(column + step * np.sin(np.radians(azimuth)))
                y = round(row - step * np.cos(np.radians(azimuth)))
                if not (0 <= x < height.shape[1] and 0 <= y < height.shape[0]):
                    break
                if height[y, x] - step * 10 * np.tan(np.radians(elevation)) > height[row, column] + 7:
                    dark[row, column] = True
                    break
    return dark


@pytest.mark.parametrize("azimuth", [150.0, 200.0, 90.0])
def test_shadows_fall_where_a_plain_ray_finds_ground_in_its_way(azimuth: float):
    height = (120 * fractal(np.random.default_rng(3), (48, 48), 2.2, 30)).astype(np.float32)
    found = cast_shadow(height, 32, azimuth) > 0.5
    assert 0.05 < found.mean() < 0.95
    assert (found == _ray(height, 32, azimuth)).mean() > 0.93


def test_a_tower_throws_its_shadow_to_the_north_west_of_a_morning_sun():
    height = np.zeros((64, 64), dtype=np.float32)
    height[30:34, 30:34] = 120
    row, column = np.nonzero(cast_shadow(height, 35, 145) > 0.5)
    assert row.mean() < 28
    assert column.mean() < 30


def test_a_slope_to_the_sun_is_brighter():
    rising = np.tile(np.arange(32, dtype=np.float32) * 5, (32, 1))  # rises to the east: faces west
    assert facing(slopes(rising), 40, 270).mean() > facing(slopes(rising), 40, 90).mean()
    assert facing(slopes(np.zeros((8, 8), dtype=np.float32)), 40, 120) == pytest.approx(np.sin(np.radians(40)), abs=1e-6)
