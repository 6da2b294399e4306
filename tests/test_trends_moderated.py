"""Moderated t against pylimma and a plain loop; what is shared; how much is borrowed; its size where series are correlated."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pylimma
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from data.__main__ import main
from data.records import SeriesBatch
from data.store import Store
from data.trends import METHODS
from data.trends.fit import STATUSES
from data.trends.gamma import log_gamma, trigamma
from data.trends.lowess import curve
from data.trends.moderated import moderated, moderated_given
from data.trends.moderated_trend import moderated_by_size
from data.trends.multiplicity import log_q_benjamini_hochberg
from data.trends.ols import ordinary_least_squares
from data.trends.size import log_size
from data.trends.variance_prior import DF, Prior, variance_prior
from tests.few_epochs import inventory
from tests.trend_cases import gapped

BOTH = [moderated, moderated_by_size]


def uneven(seed: int, lakes: int, freedom: float = 6.0) -> SeriesBatch:
    """Gapped series whose scatter differs from lake to lake, and is larger for smaller lakes; some of three or four observations."""
    random = np.random.default_rng(seed)
    batch = gapped(seed, lakes, 14, noise=0.0)
    sd = 0.1 * np.exp(-0.2 * np.nan_to_num(log_size(batch))) * np.sqrt(freedom / random.chisquare(freedom, lakes))
    area = batch.area * np.exp(sd[:, None] * random.normal(size=batch.area.shape))
    few = random.random(lakes) < 0.3
    area[few, random.integers(3, 6) :] = np.nan
    return replace(batch, area=area, year=np.where(np.isnan(area), np.nan, batch.year))


@pytest.mark.parametrize("response", ["log", "area"])
@pytest.mark.parametrize("fit", BOTH)
def test_statistics_are_those_of_limma(fit: object, response: str) -> None:
    """1,500 lakes of unequal degrees of freedom, whole and broken: prior, posterior variance, t, p."""
    batch = uneven(seed=41, lakes=1500)
    if fit is moderated and response == "area":  # one variance for lakes of all sizes is no model of km²
        batch = replace(batch, area=batch.area / np.exp(log_size(batch))[:, None])
    found, plain = fit(batch, response), ordinary_least_squares(batch, response)  # type: ignore[operator]
    tested = ~np.isnan(plain.columns["t"])
    variance, df, sxx, slope = (plain.columns[name][tested] for name in ("resid_sd", "df", "sxx", "slope"))
    size = log_size(batch)[tested] if fit is moderated_by_size else None
    peer = pylimma.squeeze_var(variance**2, df, covariate=size, legacy=False)
    df_total = np.minimum(df + peer["df_prior"], df.sum())
    t = slope / np.sqrt(peer["var_post"] / sxx)
    assert tested.sum() > 1200
    assert len(np.unique(df)) > 50
    assert found.shared[DF][0] == pytest.approx(peer["df_prior"], rel=1e-8)
    np.testing.assert_allclose(found.columns["resid_sd"][tested] ** 2, peer["var_post"], rtol=1e-8)
    np.testing.assert_allclose(found.columns["t"][tested], t, rtol=1e-8)
    np.testing.assert_allclose(found.columns["log_p"][tested], math.log(2) + stats.t.logsf(abs(t), df_total), rtol=1e-7, atol=1e-8)
    half = found.columns["ci_high"][tested] - slope
    np.testing.assert_allclose(half, stats.t.ppf(0.975, df_total) * np.sqrt(peer["var_post"] / sxx), rtol=1e-8)


def test_with_whole_degrees_of_freedom_it_is_ebayes_of_plain_least_squares() -> None:
    """Up to five observations there is no autocorrelation to allow for, and limma's whole chain gives the same p."""
    random = np.random.default_rng(42)
    area = np.exp(random.normal(0, 0.1, (1200, 5)) * np.sqrt(5 / random.chisquare(5, (1200, 1))))
    area[random.random(area.shape) < 0.15] = np.nan
    batch = SeriesBatch(
        np.arange(1200, dtype=np.int32), np.arange(2000.0, 2005), np.where(np.isnan(area), np.nan, np.arange(2000.0, 2005)), area
    )
    found = moderated(batch, "log")
    enough = (~np.isnan(area)).sum(axis=1) >= 3
    design = np.column_stack([np.ones(5), np.arange(5.0) - 2])
    peer = pylimma.e_bayes(pylimma.lm_fit(np.log(area[enough]), design), legacy=False)
    np.testing.assert_allclose(found.columns["t"][enough], peer["t"][:, 1], rtol=1e-8)
    np.testing.assert_allclose(np.exp(found.columns["log_p"][enough]), peer["p_value"][:, 1], rtol=1e-7)


def likeliest(variance: np.ndarray, df: np.ndarray) -> tuple[float, float]:
    """d0 and s0² by a loop over the published model, s² ~ s0² F(d, d0), scipy's own densities and a fine search."""
    weight = [1 / special.polygamma(1, d / 2) for d in df]
    e = [math.log(v) + math.log(d / 2) - special.digamma(d / 2) for v, d in zip(variance, df, strict=True)]
    mean = sum(w * each for w, each in zip(weight, e, strict=True)) / sum(weight)

    def scale(d0: float) -> float:
        return math.exp(mean - math.log(d0 / 2) + special.digamma(d0 / 2))

    def unlikely(share: float) -> float:
        d0 = 2 * share / (1 - share)
        return -sum(stats.f.logpdf(v / scale(d0), d, d0) - math.log(scale(d0)) for v, d in zip(variance, df, strict=True))

    share = optimize.minimize_scalar(unlikely, bounds=(0.05, 0.9998), method="bounded", options={"xatol": 1e-9}).x
    return 2 * share / (1 - share), scale(2 * share / (1 - share))


@pytest.mark.parametrize("freedom", [0.8, 3.0, 12.0])
def test_prior_is_the_likeliest_of_a_plain_loop_also_where_limma_stops(freedom: float) -> None:
    random = np.random.default_rng(43)
    df = random.choice([1.0, 2.0, 3.0, 7.4], 60)
    variance = freedom / random.chisquare(freedom, 60) * random.chisquare(df) / df
    d0, s2 = likeliest(variance, df)
    prior = variance_prior(variance, df)
    # limma's search stops within 1.2e-4 of the best d0/(2 + d0)
    assert prior.df / (prior.df + 2) == pytest.approx(d0 / (d0 + 2), abs=3e-4)
    assert prior.variance(np.zeros(1))[0] == pytest.approx(s2, rel=5e-3)
    limma = pylimma.squeeze_var(variance, df, legacy=False)["df_prior"]
    assert (prior.df == pytest.approx(limma, rel=1e-8)) if d0 > 2.1 else (prior.df < 2 < limma)


def test_what_was_planted_is_found() -> None:
    random = np.random.default_rng(44)
    df = random.choice([1.0, 2.0, 8.0], 20_000)
    variance = 0.04 * 5 / random.chisquare(5, 20_000) * random.chisquare(df) / df
    prior = variance_prior(variance, df)
    assert prior.df == pytest.approx(5, rel=0.1)
    assert prior.variance(np.zeros(1))[0] == pytest.approx(0.04, rel=0.05)


def test_curve_is_that_of_limma_and_of_a_plain_loop() -> None:
    random = np.random.default_rng(45)
    for points in (700, 3000):
        x, y, weight = random.normal(size=points), random.normal(size=points), random.choice([0.2, 0.5, 1, 3], points)
        span = 0.3 + 0.7 * (500 / points) ** (1 / 3)
        peer = pylimma.loess_fit(y, x, weights=weight / np.quantile(weight, 0.75), span=span, iterations=1, min_weight=1e-8, max_weight=100)
        np.testing.assert_allclose(np.interp(x, *curve(x, y, weight)), peer["fitted"], atol=1e-12)
    x, y, weight = random.normal(size=40), random.normal(size=40), random.uniform(1, 3, 40)
    at, value = curve(x, y, weight, span=0.5)
    for place, held in zip(at, value, strict=True):
        near = np.argsort(abs(x - place))
        inside = near[: int(np.searchsorted(np.cumsum(weight[near]), 0.5 * weight.sum())) + 1]
        tricube = (1 - (abs(x[inside] - place) / abs(x[inside] - place).max()) ** 3) ** 3
        assert held == pytest.approx(np.polyval(np.polyfit(x[inside], y[inside], 1, w=np.sqrt(weight[inside] * tricube)), place), abs=1e-9)


@pytest.mark.parametrize("fit", BOTH)
def test_a_lake_alone_is_fitted_as_among_all(fit: object) -> None:
    batch = uneven(seed=46, lakes=600)
    whole = fit(batch, "log")  # type: ignore[operator]
    some = slice(40, 60)
    few = moderated_given(SeriesBatch(batch.lake_key[some], batch.nominal_year, batch.year[some], batch.area[some]), "log", whole.shared)
    for name, values in few.columns.items():
        np.testing.assert_allclose(values, whole.columns[name][some], rtol=1e-12, err_msg=name)
    assert Prior.of(whole.shared).shared == whole.shared


@pytest.mark.parametrize("name", ["moderated", "moderated-trend"])
def test_too_few_lakes_borrow_nothing(name: str) -> None:
    batch = gapped(seed=47, lakes=2, width=8)
    plain, found = (METHODS[each].fit(batch, "log") for each in ("ols", name))
    for column in ("t", "df", "log_p", "ci_low"):
        np.testing.assert_allclose(found.columns[column], plain.columns[column], rtol=1e-12)
    np.testing.assert_array_equal(found.status, plain.status)


@pytest.mark.parametrize("fit", BOTH)
@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), lakes=st.integers(0, 12), width=st.integers(1, 9), noise=st.sampled_from([0.0, 1e-14, 0.1, 5.0]))
def test_any_family_has_statuses_and_p_values(fit: object, seed: int, lakes: int, width: int, noise: float) -> None:
    batch = gapped(seed, lakes, width, noise)
    found = fit(batch, "log")  # type: ignore[operator]
    tested = ~np.isnan(found.columns["log_p"])
    assert (found.columns["log_p"][tested] <= 0).all()
    assert np.isfinite(found.columns["log_p"][tested]).all()
    np.testing.assert_array_equal(tested, ~np.isin(found.status, [STATUSES.index("insufficient"), STATUSES.index("constant")]))
    low, slope, high = (found.columns[name] for name in ("ci_low", "slope", "ci_high"))
    inside = ~np.isnan(low)
    assert ((low <= slope) & (slope <= high))[inside].all()


def test_five_epochs_need_no_mapping_error() -> None:
    """A sample of `make soak ONLY=epochs`: where half a pixel is a small part of the noise, borrowing finds more and keeps its promise."""
    random = np.random.default_rng(5)
    power: dict[str, list[float]] = {name: [] for name in ("moderated-trend", "ols")}
    wrong: list[float] = []
    for _ in range(8):
        batch, grows = inventory(random, 5, pixel_m=30.0)
        for name, each in power.items():
            found = log_q_benjamini_hochberg(METHODS[name].fit(batch, "log").columns["log_p"]) < math.log(0.05)
            each.append(float(found[grows].mean()))
            if name != "ols":
                wrong.append(float(found[~grows].sum() / max(found.sum(), 1)))
    assert np.mean(power["moderated-trend"]) > 5 * np.mean(power["ols"])
    assert np.mean(wrong) <= 0.06


def test_gamma_functions_are_scipys() -> None:
    x = np.geomspace(0.004, 1e5, 4001)
    np.testing.assert_allclose(log_gamma(x), special.gammaln(x), rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(trigamma(x), special.polygamma(1, x), rtol=1e-14)


@pytest.mark.real
def test_moderated_does_not_rescue_three_real_epochs(real_data: Path, tmp_path: Path) -> None:
    """The lakes of the Hindu Kush Himalaya differ too much in their scatter: little is borrowed, and no lake passes (FACTS)."""
    folder = tmp_path / "hkh"
    assert main(["examples", "fetch", "hkh-lakedb", "--into", str(folder), "--from", str(real_data / "hkh-lakedb")]) == 0
    store = Store(folder)
    for name in ("moderated", "moderated-trend"):
        table = store.trends(replace(store.settings(), method=name))
        assert table.shared[DF][0] < 2
        assert np.nanmin(table.frame["log_q"]) > math.log(0.05)
