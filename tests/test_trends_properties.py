"""What must hold of every trend method, whichever file of `data/trends/` it comes from: found as methods are, so that none escapes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.records import SeriesBatch, TrendSettings
from data.trends import AUTO, METHODS, STATUSES, resolve
from data.trends.fit import CONSTANT, INSUFFICIENT, Fit
from data.trends.series import series
from tests.trend_cases import area_rows

NAMES = (AUTO, *METHODS)
PLAIN, DATES = 6, 10
CLOSE = 1e-7


def made(random: np.random.Generator) -> tuple[pd.DataFrame, list[str]]:
    """Rows of PLAIN random lakes with gaps and two images in some years, and of four strange ones; the kinds of those."""
    years = 2000 + np.sort(random.integers(0, 12, DATES))
    rows: list[dict[str, object]] = []
    for key in range(PLAIN):
        level, slope, noise = random.normal(-2, 1), random.normal(0, 0.05), 10 ** random.uniform(-3, 0)
        for year in random.permuted(years)[: random.choice([4, 6, DATES])]:
            area = float(np.exp(level + slope * (year - 2000) + noise * random.normal()))
            rows.append({"lake_key": key, "date": f"{year}-{random.integers(1, 13):02}-{random.integers(1, 29):02}", "area_km2": area})
    held = strange(random)
    kinds = [str(kind) for kind in random.permuted(list(held))[:4]]
    for key, kind in enumerate(kinds, start=PLAIN):
        rows += [{"lake_key": key, "date": f"{year}-10-15", "area_km2": float(area)} for year, area in zip(*held[kind], strict=True)]
    frame = area_rows(rows, date_nominal=False)
    return frame.assign(area_sd_km2=0.1 * frame["area_km2"]), kinds


def strange(random: np.random.Generator) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Years and areas by what is strange about them."""
    year, noisy = 2000 + np.arange(6), np.exp(random.normal(-2, 0.2, 6))
    return {
        "one date": (year[:1], noisy[:1]), "two dates": (year[[0, 5]], noisy[:2]), "all on one day": (np.full(6, 2005), noisy),
        "constant": (year, np.full(6, noisy[0])), "zeros": (year, np.where(year % 3 == 0, 0.0, noisy)),
        "infinite": (year, np.where(year % 4 == 0, np.inf, noisy)), "days twice": (np.repeat(year[:3], 2), noisy),
        "straight": (year, 0.1 * np.exp(0.05 * (year - 2000))), "a leap": (year, np.where(year > 2003, 1e6, 1e-6) * noisy),
    }  # fmt: skip


def rectangles(rows: pd.DataFrame) -> SeriesBatch:
    return series(rows, np.arange(PLAIN + 4, dtype=np.int32), TrendSettings(source="inventory"))[0]


@cache
def drawn(seed: int) -> tuple[list[str], SeriesBatch, SeriesBatch]:
    """The strange kinds, the series, and the same from rows in another order. Methods are handed the same seeds: each is made once."""
    random = np.random.default_rng(seed)
    rows, kinds = made(random)
    return kinds, rectangles(rows), rectangles(rows.iloc[random.permutation(len(rows))])


def backwards(batch: SeriesBatch, unit: float) -> SeriesBatch:
    """Time runs the other way, and areas are in another unit."""
    assert batch.area_sd is not None
    year, area, sd = (values[:, ::-1].copy() for values in (batch.year, batch.area, batch.area_sd))
    return SeriesBatch(batch.lake_key, 4000 - batch.nominal_year[::-1], 4000 - year, area * unit, sd * unit)


def steepest(batch: SeriesBatch, response: str) -> np.ndarray:
    """(L,) a lake's largest change, as if it took a year, and a little of its largest value: by this rounding is measured."""
    value = np.log(batch.area) if response == "log" else batch.area
    most, least = (
        np.nan_to_num(find(value, axis=1, initial=away, where=~np.isnan(value))) for find, away in ((np.max, -1e9), (np.min, 1e9))
    )
    return np.maximum(most - least, 0.0) + 1e-6 * np.maximum(np.abs(most), np.abs(least))


def assert_same(found: np.ndarray, wanted: np.ndarray, size: np.ndarray) -> None:
    """Equal but for rounding."""
    assert (np.isnan(found) == np.isnan(wanted)).all()
    away = np.abs(found - wanted) > CLOSE * np.maximum(np.abs(wanted), size) + 1e-300
    assert not away.any(), (found[away], wanted[away])


def assert_sound(fit: Fit, kinds: list[str]) -> None:
    """Every lake has a status and what goes with it; p is in (0, 1]; the interval holds the slope."""
    columns = fit.columns
    assert len(fit.status) == PLAIN + 4
    assert ((fit.status >= 0) & (fit.status < len(STATUSES))).all()
    for kind, status in zip(kinds, fit.status[PLAIN:], strict=True):
        if kind in {"one date", "two dates", "all on one day"}:
            assert status == INSUFFICIENT
        if kind == "constant":
            assert status == CONSTANT
    assert (np.isfinite(columns["slope"]) == (fit.status != INSUFFICIENT)).all()
    for name in ("log_p", "log_p_ols"):
        told = columns[name][~np.isnan(columns[name])]
        assert (np.isfinite(told) & (told <= 0)).all(), "never 0 by underflow"
    assert np.isnan(columns["log_p"][fit.status == INSUFFICIENT]).all()
    tested = ~np.isnan(columns["ci_low"])
    low, slope, high = (columns[name][tested] for name in ("ci_low", "slope", "ci_high"))
    assert ((low <= slope + 1e-9 * np.abs(slope)) & (slope <= high + 1e-9 * np.abs(slope))).all()


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 2**32 - 1), response=st.sampled_from(["log", "area"]), unit=st.floats(-4, 4).map(lambda power: 10.0**power))
@settings(max_examples=200)
def test_what_holds_of_every_method(name: str, seed: int, response: str, unit: float) -> None:
    """Statuses; the order of rows does not matter (where series differ for it at all: two images of one day); another unit scales raw
    slopes and leaves those of logarithms, and time that runs backwards turns both.
    """
    kinds, batch, shuffled = drawn(seed)
    fit = resolve(TrendSettings(method=name)).fit
    held = fit(batch, response)
    assert_sound(held, kinds)
    slope, size = held.columns["slope"], steepest(batch, response)

    if not np.array_equal(batch.area, shuffled.area, equal_nan=True):
        again = fit(shuffled, response)
        assert (again.status == held.status).all()
        assert_same(again.columns["slope"], slope, size)
        np.testing.assert_allclose(again.columns["log_p"], held.columns["log_p"], rtol=1e-5, atol=1e-6)

    turned = fit(backwards(batch, unit), response).columns["slope"]
    assert_same(-turned / (1.0 if response == "log" else unit), slope, size)
