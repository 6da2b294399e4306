"""Known-error trends against statsmodels and plain loops; what is shared; power and false discoveries with three and five epochs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import WLS

from data.__main__ import main
from data.records import SeriesBatch
from data.store import Store
from data.trends import excess
from data.trends.excess import EXCESS, SIZES, excess_by_size
from data.trends.fit import STATUSES
from data.trends.known_error import known_error, known_error_given
from data.trends.multiplicity import log_q_benjamini_hochberg
from data.trends.ols import ordinary_least_squares
from data.trends.size import log_size
from data.trends.weighted_line import known
from tests.few_epochs import inventory
from tests.trend_cases import gapped, one_lake


def with_errors(batch: SeriesBatch, seed: int) -> SeriesBatch:
    """Each area with an error of 5 to 30 % of it; one in twelve lacks it."""
    random = np.random.default_rng(seed)
    sd = batch.area * random.uniform(0.05, 0.3, batch.area.shape)
    sd[random.random(sd.shape) < 1 / 12] = np.nan
    return replace(batch, area_sd=sd)


@pytest.mark.parametrize("response", ["log", "area"])
def test_slope_and_error_are_those_of_statsmodels_with_a_fixed_scale(response: str) -> None:
    batch = with_errors(gapped(seed=31, lakes=1200, width=14, noise=0.25), 5)
    fit = known_error(batch, response)
    size = np.log(np.nanmean(batch.area, axis=1))
    excess = np.interp(size, fit.shared[SIZES], fit.shared[EXCESS])
    compared = 0
    for lake in range(1200):
        held = ~np.isnan(batch.area[lake]) & ~np.isnan(batch.area_sd[lake])  # type: ignore[index]
        if STATUSES[fit.status[lake]] in {"insufficient", "constant"}:
            continue
        year, area, sd = batch.year[lake][held], batch.area[lake][held], batch.area_sd[lake][held]  # type: ignore[index]
        y, variance = (np.log(area), (sd / area) ** 2) if response == "log" else (area, sd**2)
        design = np.column_stack([np.ones(len(year)), year - year.mean()])
        peer = WLS(y, design, weights=1 / (variance + excess[lake])).fit(cov_type="fixed scale")
        assert fit.columns["slope"][lake] == pytest.approx(peer.params[1], abs=1e-9 * max(abs(peer.params[1]), peer.bse[1]))
        assert fit.columns["se"][lake] == pytest.approx(peer.bse[1], rel=1e-9)
        assert np.exp(fit.columns["log_p"][lake]) == pytest.approx(2 * stats.norm.sf(abs(peer.params[1] / peer.bse[1])), rel=1e-7)
        compared += 1
    assert compared > 1000


def test_errors_that_explain_all_leave_nothing_and_others_what_was_planted() -> None:
    """Without process noise next to nothing is added; with it, about its variance where the errors are small enough to see it."""
    random = np.random.default_rng(7)
    for process, low, high in ((0.0, 0.0, 0.0004), (0.08, 0.0045, 0.0085)):
        batch, _ = inventory(random, 5, process=process)
        at, variance = excess_by_size(batch, "log", np.log(batch.area.mean(axis=1)))
        assert (np.diff(at) > 0).all()
        assert (np.diff(variance) <= 0).all(), "never more for larger lakes"
        assert low <= variance[len(variance) // 2] <= high


def test_excess_is_that_of_a_plain_loop() -> None:
    batch = with_errors(gapped(seed=33, lakes=12, width=12, noise=0.4), 6)
    seen = known(batch, "log")
    q = df = c = 0.0
    for lake in range(12):
        held = ~np.isnan(seen.y[lake])
        if held.sum() < 3:
            continue
        x = np.column_stack([np.ones(held.sum()), seen.x[lake][held] - 2000])
        w = np.diag(1 / seen.variance[lake][held])
        inverse = np.linalg.inv(x.T @ w @ x)
        e = seen.y[lake][held] - x @ inverse @ x.T @ w @ seen.y[lake][held]
        q, df = q + e @ w @ e, df + held.sum() - 2
        c += np.trace(w) - np.trace(inverse @ x.T @ w @ w @ x)
    at, variance = excess_by_size(batch, "log", np.zeros(12))
    assert len(at) == 1, "so few lakes are one class"
    assert variance[0] == pytest.approx((q - df) / c, rel=1e-9)


@pytest.mark.parametrize("response", ["log", "area"])
def test_excess_in_blocks_is_that_of_all_at_once(response: str, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = with_errors(gapped(seed=36, lakes=500, width=12, noise=0.4), 9)
    assert batch.area_sd is not None
    for lakes, wrong in ((slice(None, None, 7), np.nan), (slice(1, None, 7), 0.0), (slice(2, None, 7), np.inf)):
        batch.area_sd[lakes, 3] = wrong
    size = log_size(batch)
    np.testing.assert_allclose(size, np.log(np.nanmean(batch.area, axis=1)), rtol=1e-12)
    at_once = excess_by_size(batch, response, size)
    assert len(at_once[0]) > 2
    monkeypatch.setattr(excess, "CELLS", 12 * 37)
    np.testing.assert_allclose(excess_by_size(batch, response, size), at_once, rtol=1e-10)


def test_a_lake_alone_is_fitted_as_among_all() -> None:
    batch = with_errors(gapped(seed=34, lakes=400, width=12, noise=0.4), 8)
    whole = known_error(batch, "log")
    some = slice(17, 23)
    few = known_error_given(
        SeriesBatch(batch.lake_key[some], batch.nominal_year, batch.year[some], batch.area[some], batch.area_sd[some]),  # type: ignore[index]
        "log", whole.shared,
    )  # fmt: skip
    for name, values in few.columns.items():
        np.testing.assert_allclose(values, whole.columns[name][some], rtol=1e-12, err_msg=name)


def test_statuses() -> None:
    nan = np.nan
    area = np.array([[1, 2, nan, nan], [1, 1, 1, 1], [1, 2, 3, nan], [1, 3, 2, 4], [1, 2, 3, 4]], dtype=float)
    sd = 0.1 * area
    sd[4, 2:] = nan
    year = np.where(np.isnan(area), nan, np.array([2000.0, 2001, 2002, 2003]))
    fit = known_error(SeriesBatch(np.arange(5, dtype=np.int32), np.array([2000.0, 2001, 2002, 2003]), year, area, sd), "area")
    assert [STATUSES[each] for each in fit.status] == ["insufficient", "constant", "few", "few", "insufficient"]
    assert fit.columns["t"][1] == 0.0
    assert fit.columns["log_p"][1] == 0.0, "it did not change, and is in the family"
    none = known_error(one_lake([1.0, 2.0, 3.0, 4.0], [2000.0, 2001, 2002, 2003]), "log")
    assert STATUSES[none.status[0]] == "insufficient"


def test_three_epochs_are_enough_where_errors_are_known() -> None:
    """A sample of `make soak ONLY=epochs`: power of known-error and of least squares, and realised false discoveries."""
    random = np.random.default_rng(3)
    power, plain, wrong = [], [], []
    for _ in range(12):
        batch, grows = inventory(random, 3)
        found = np.exp(log_q_benjamini_hochberg(known_error(batch, "log").columns["log_p"])) < 0.05
        ols = np.exp(log_q_benjamini_hochberg(ordinary_least_squares(batch, "log").columns["log_p"])) < 0.05
        power.append(found[grows].mean())
        plain.append(ols[grows].mean())
        wrong.append(found[~grows].sum() / max(found.sum(), 1))
    assert np.mean(power) >= 0.9
    assert np.mean(plain) <= 0.05
    assert np.mean(wrong) <= 0.07


@pytest.mark.real
def test_the_hindu_kush_himalaya_inventory(real_data: Path, tmp_path: Path) -> None:
    """Of the lakes with an id of their own in all three epochs 55 grow and 1 shrinks (FACTS, real reference values)."""
    folder = tmp_path / "hkh"
    assert main(["examples", "fetch", "hkh-lakedb", "--into", str(folder), "--from", str(real_data / "hkh-lakedb")]) == 0
    store = Store(folder)
    frame = store.trends(store.settings()).frame
    own = (~store.lakes.sort_values("lake_key")["lake_id"].duplicated(keep=False).to_numpy()) & (frame["n"] == 3).to_numpy()
    log_q = log_q_benjamini_hochberg(np.where(own, frame["log_p"], np.nan))
    significant = log_q < np.log(0.05)
    assert own.sum() == 1391
    assert (significant & (frame["slope"] > 0)).sum() == pytest.approx(55, abs=2)
    assert (significant & (frame["slope"] < 0)).sum() == pytest.approx(1, abs=2)
    assert set(frame["method"][own]) == {"known-error"}
    z = frame.set_index("lake_id")["t"]
    for lake_id, said in (("GL086922E27899N", 6.3), ("GL088199E27913N", 7.2), ("GL087097E27798N", 8.3)):
        assert z[lake_id] == pytest.approx(said, abs=0.06)
