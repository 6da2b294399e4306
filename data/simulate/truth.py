"""What each lake really does, and what a mapper sees of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.simulate.plan import Plan

SHARES = {
    "growing": 0.38, "stable": 0.29, "shrinking": 0.08, "draining": 0.035, "noisy": 0.07,
    "gappy": 0.07, "few": 0.03, "outlier": 0.035, "constant": 0.01,
}  # fmt: skip
"""Kinds of lake. Of them `growing`, `shrinking`, `draining` and some of `gappy`, `few` and `outlier` change; the others do not."""
PIXEL_M, FACTOR = 10.0, 0.5
INDEPENDENT = 0.45
"""Share of the mapping error that is drawn anew each year; the rest is common to all years and leaves no mark on a trend."""
SMALLEST_KM2 = 0.0006


@dataclass(frozen=True)
class Truth:
    """The planted truth, in time as true areas, in `frame` as its parameters.

    Args:
        frame: One row a lake: kind, rate_pct_per_year, one_sided, drainage_date, left_share, noise_sd, ar1, outlier_year.
        date: (L, T) datetime64[D], the day of each autumn's image.
        area: (L, T) km², 0 where a lake has gone.
    """

    frame: pd.DataFrame
    date: NDArray[np.datetime64]
    area: NDArray[np.float64]


@dataclass(frozen=True)
class Sightings:
    """What was mapped.

    Args:
        seen: (L, T) whether there is a row at all.
        area: (L, T) km²; 0 where the reason is `empty`.
        reason: (L, T) codes of `data.schema.REASONS`.
        valid_share: (L, T).
    """

    seen: NDArray[np.bool_]
    area: NDArray[np.float64]
    reason: NDArray[np.str_]
    valid_share: NDArray[np.float64]


def planted(plan: Plan, glacier_distance_m: NDArray[np.float64]) -> pd.DataFrame:
    """Kinds in fixed shares and their parameters; lakes near a glacier are likelier to grow or drain."""
    rng = plan.random("kinds")
    count = plan.lakes
    ends = np.rint(np.cumsum(list(SHARES.values())) / sum(SHARES.values()) * count).astype(int)
    quota = np.diff(ends, prepend=0)
    kinds = np.repeat(list(SHARES), quota).astype(object)
    moving = np.isin(kinds, ["growing", "draining"])
    ranked = np.concatenate([rng.permutation(kinds[moving]), rng.permutation(kinds[~moving])])
    kind = np.empty(count, dtype=object)
    kind[np.argsort(np.log1p(glacier_distance_m) + rng.normal(0, 1.6, count), kind="stable")] = ranked
    sign = np.select(
        [np.isin(kind, ["growing", "draining"]), kind == "shrinking", np.isin(kind, ["gappy", "few", "outlier"])],
        [np.ones(count), -np.ones(count), rng.choice([1.0, 0.0, -1.0], count, p=[0.55, 0.3, 0.15])],
    )
    rate = sign * np.clip(np.exp(rng.normal(np.log(3.2), 0.65, count)), 0.6, 14)
    noise = np.exp(rng.normal(0, 0.25, count)) * np.where(kind == "noisy", 2.6, 1.0) * INDEPENDENT
    ar1 = np.where(rng.uniform(size=count) < 0.2, rng.uniform(0.25, 0.6, count), 0.0)
    still = kind == "constant"
    return pd.DataFrame({
        "kind": kind, "rate_pct_per_year": rate, "one_sided": (rate > 0) & (rng.uniform(size=count) < 0.65),
        "noise_sd": np.where(still, 0.0, noise), "ar1": np.where(still, 0.0, ar1),
    })  # fmt: skip


def make_truth(
    plan: Plan, frame: pd.DataFrame, size_km2: NDArray[np.float64], perimeter_km: NDArray[np.float64], group: NDArray[np.intp]
) -> Truth:
    """True areas on the days of the images.

    Args:
        plan: What to simulate.
        frame: What `planted` made.
        size_km2: (L,) area in the middle year.
        perimeter_km: (L,) perimeter at that area; with it the relative mapping error, hence `noise_sd`, is known.
        group: (L,) number of each lake's sub-basin: its lakes share most images.
    """
    rng = plan.random("truth")
    date = _dates(rng, plan, group)
    year = 1970 + date.astype(np.int64) / 365.2425
    middle = (plan.first_year + plan.last_year) / 2 + 0.8
    log_area = np.log(size_km2)[:, None] + np.log1p(frame["rate_pct_per_year"].to_numpy() / 100)[:, None] * (year - middle)
    drained = (frame["kind"] == "draining").to_numpy()
    after = rng.integers(2, max(3, plan.years - 2), plan.lakes)  # ≥ 2 autumns before, ≥ 2 after: a drop that persists
    left = np.where(rng.uniform(size=plan.lakes) < 0.15, 0.0, rng.uniform(0.08, 0.6, plan.lakes))
    gone = drained[:, None] & (np.arange(plan.years) >= after[:, None])
    area = np.where(gone, left[:, None], 1.0) * np.maximum(np.exp(log_area), SMALLEST_KM2)
    burst = date[np.arange(plan.lakes), after] - rng.integers(20, 110, plan.lakes).astype("timedelta64[D]")
    odd = rng.integers(0, plan.years, plan.lakes) + plan.first_year
    made = frame.assign(
        noise_sd=frame["noise_sd"] * perimeter_km * (PIXEL_M / 1000) * FACTOR / size_km2,
        drainage_date=pd.Series(burst.astype("datetime64[s]")).where(drained),
        left_share=np.where(drained, left, np.nan),
        outlier_year=np.where(frame["kind"] == "outlier", odd, np.nan),
    )
    area[(frame["kind"] == "constant").to_numpy()] = size_km2[(frame["kind"] == "constant").to_numpy(), None]
    return Truth(made, date, area)


def _dates(rng: np.random.Generator, plan: Plan, group: NDArray[np.intp]) -> NDArray[np.datetime64]:
    """(L, T) days in September to November: the sub-basin's best image of that autumn or, on a five-day revisit, one near it."""
    best = rng.integers(20, 70, (int(group.max()) + 1, plan.years))[group]
    day = best + 5 * rng.choice([-2, -1, 0, 0, 0, 0, 1, 2], best.shape)
    first = np.array([f"{year}-09-01" for year in range(plan.first_year, plan.last_year + 1)], dtype="datetime64[D]")
    return first + day.astype("timedelta64[D]")


def make_sightings(plan: Plan, truth: Truth) -> Sightings:
    """Mapping error (some of it remembered from year to year), clouds, gaps, outliers and empty masks.

    Every lake is seen at least once with `ok` and water: its outline comes from there.
    """
    rng = plan.random("sightings")
    kind = truth.frame["kind"].to_numpy()
    area = truth.area * np.exp(_noise(rng, truth.frame, plan.years))
    year = np.arange(plan.first_year, plan.last_year + 1)
    odd = truth.frame["outlier_year"].to_numpy()[:, None] == year
    area = np.where(odd, area * rng.choice([0.35, 0.5, 1.8, 2.4], area.shape), area)
    still = (kind == "constant")[:, None]
    cloudy = (rng.uniform(size=area.shape) < 0.035) & ~still
    share = np.where(cloudy, rng.uniform(0.25, 0.79, area.shape), 1 - 0.12 * rng.uniform(size=area.shape) ** 3)
    area = np.where(cloudy, area * share, area)  # what lies under cloud is not mapped
    empty = truth.area == 0
    lost = rng.uniform(size=area.shape) < np.where(kind == "gappy", 0.42, 0.03)[:, None]
    lost |= (kind == "few")[:, None] & (
        rng.permuted(np.tile(np.arange(plan.years), (plan.lakes, 1)), axis=1) >= rng.integers(2, 5, (plan.lakes, 1))
    )
    lost &= ~still
    good = ~lost & ~cloudy & ~empty
    # A lake that nobody ever saw well would have no outline: give back its first two autumns.
    back = (~good.any(axis=1))[:, None] & (np.arange(plan.years) < 2)
    lost, cloudy = lost & ~back, cloudy & ~back
    area = np.where(back, truth.area, area)
    reason = np.select([empty, cloudy], ["empty", "cloud"], "ok")
    return Sightings(~lost, np.where(empty, 0.0, area), reason, np.where(back, 1.0, np.round(share, 3)))


def _noise(rng: np.random.Generator, frame: pd.DataFrame, years: int) -> NDArray[np.float64]:
    """(L, T) AR(1) errors of log area with the planted sd and memory, stationary from the first year."""
    memory = frame["ar1"].to_numpy()
    error = rng.normal(size=(len(frame), years))
    for step in range(1, years):
        error[:, step] = memory * error[:, step - 1] + np.sqrt(1 - memory**2) * error[:, step]
    return error * frame["noise_sd"].to_numpy()[:, None]
