"""What is planted is what comes out."""

import numpy as np
import pandas as pd
import pytest

from data.simulate import Plan
from data.simulate.truth import SHARES, Sightings, Truth, make_sightings, make_truth, planted

PLAN = Plan(lakes=6000)


@pytest.fixture(scope="module")
def simulated() -> tuple[Truth, Sightings]:
    rng = np.random.default_rng(0)
    size = np.full(PLAN.lakes, 0.5)
    frame = planted(PLAN, rng.uniform(0, 5000, PLAN.lakes))
    truth = make_truth(PLAN, frame, size, 4 * np.sqrt(size), rng.integers(0, 18, PLAN.lakes))
    return truth, make_sightings(PLAN, truth)


def years(truth: Truth) -> np.ndarray:
    return pd.DatetimeIndex(truth.date.ravel()).to_julian_date().to_numpy().reshape(truth.date.shape) / 365.2425


@pytest.mark.parametrize("lakes", [1, 7, 800, 6000])
def test_kinds_come_in_their_shares(lakes: int) -> None:
    kind = planted(Plan(lakes=lakes), np.ones(lakes))["kind"].value_counts()
    for name, share in SHARES.items():
        assert abs(kind.get(name, 0) - share / sum(SHARES.values()) * lakes) <= 1


def test_true_rates_are_the_planted_ones(simulated: tuple[Truth, Sightings]) -> None:
    truth, _ = simulated
    t = years(truth)
    steady = ~truth.frame["kind"].isin(["draining", "constant"]).to_numpy()
    for row in np.flatnonzero(steady)[:300]:
        slope = np.polyfit(t[row] - t[row].mean(), np.log(truth.area[row]), 1)[0]
        assert 100 * np.expm1(slope) == pytest.approx(truth.frame["rate_pct_per_year"].iloc[row], abs=1e-6)


def test_signs_belong_to_kinds(simulated: tuple[Truth, Sightings]) -> None:
    rate = simulated[0].frame.groupby("kind")["rate_pct_per_year"].agg(["min", "max"])
    assert rate.loc["growing", "min"] > 0
    assert rate.loc["shrinking", "max"] < 0
    assert (rate.loc[["stable", "noisy", "constant"]] == 0).all(axis=None)


def test_days_lie_in_autumn(simulated: tuple[Truth, Sightings]) -> None:
    dates = simulated[0].date
    month = dates.astype("datetime64[M]").astype(int) % 12 + 1
    assert month.min() >= 9
    assert month.max() <= 11
    assert (dates.astype("datetime64[Y]").astype(int) + 1970 == np.arange(2016, 2026)).all()


def test_drainage_is_sudden_and_lasts(simulated: tuple[Truth, Sightings]) -> None:
    truth, _ = simulated
    for row in np.flatnonzero(truth.frame["kind"] == "draining"):
        after = truth.date[row] >= np.datetime64(truth.frame["drainage_date"].iloc[row], "D")
        assert 2 <= after.sum() <= PLAN.years - 2
        first = int(np.argmax(after))
        ratio = truth.area[row, first] / truth.area[row, first - 1]
        assert ratio < 0.75
        assert (truth.area[row, after] <= truth.area[row, first] * 4).all()
    assert truth.frame["drainage_date"].notna().equals(truth.frame["kind"] == "draining")


def test_errors_have_the_planted_sd_and_memory(simulated: tuple[Truth, Sightings]) -> None:
    truth, seen = simulated
    plain = truth.frame["kind"].isin(["growing", "stable", "shrinking", "noisy"]).to_numpy()
    used = plain[:, None] & (seen.reason == "ok")
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.log(seen.area / truth.area) / truth.frame["noise_sd"].to_numpy()[:, None]
    z = np.where(used, z, np.nan)
    assert np.nanstd(z) == pytest.approx(1, abs=0.02)
    assert np.nanmean(z) == pytest.approx(0, abs=0.02)
    memory = truth.frame["ar1"].to_numpy()
    for some in (memory == 0, memory > 0):
        product = np.nanmean(z[some, :-1] * z[some, 1:])
        assert product == pytest.approx(memory[some & plain].mean(), abs=0.03)


def test_constant_lakes_never_change(simulated: tuple[Truth, Sightings]) -> None:
    truth, seen = simulated
    still = (truth.frame["kind"] == "constant").to_numpy()
    assert seen.seen[still].all()
    assert (np.ptp(seen.area[still], axis=1) == 0).all()


def test_gaps_clouds_and_outliers_are_where_they_should_be(simulated: tuple[Truth, Sightings]) -> None:
    truth, seen = simulated
    kind = truth.frame["kind"].to_numpy()
    count = pd.Series(seen.seen.sum(axis=1)).groupby(kind)
    assert count.mean()["gappy"] < 7
    assert count.mean()["stable"] > 9
    assert count.max()["few"] <= 4
    assert (seen.valid_share[seen.reason == "cloud"] < 0.8).all()
    assert (seen.valid_share[seen.reason == "ok"] >= 0.8).all()
    assert (seen.area[seen.reason == "empty"] == 0).all()
    assert ((seen.reason == "ok") & (seen.area > 0) & seen.seen).any(axis=1).all()
    odd = truth.frame["outlier_year"].to_numpy()
    for row in np.flatnonzero(kind == "outlier"):
        step = int(odd[row]) - PLAN.first_year
        assert abs(np.log(seen.area[row, step] / truth.area[row, step])) > 0.3
