"""Sensor step: the level of a series changes where another sensor takes over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.flags.covariate import Partial, p_words, partial
from data.flags.flag import ALPHA, Flag, Found, nothing
from data.flags.seen import Seen

LEAST_EACH = 3
"""Observations by the newest sensor, and by those before it, from which a step is tested."""


@dataclass(frozen=True)
class SensorStep:
    """The step of L lakes at the switch to their newest sensor.

    Args:
        first: (L,) the place of the first observation by the newest sensor.
        newest: (L,) place of that sensor in `Seen.sensors`.
        fit: Log area on the year with a step there; NaN where a lake has no switch that can be tested.
    """

    first: NDArray[np.intp]
    newest: NDArray[np.int16]
    fit: Partial


def sensor_step(seen: Seen) -> SensorStep:
    """Fit log area on the year, with and without a step between the newest sensor and all before it.

    Outliers are left out, and lakes that drained are not tested: either would pass for a step.
    """
    used = seen.used
    lakes = np.arange(len(used.n))
    newest = used.sensor[lakes, np.maximum(used.n - 1, 0)] if used.sensor.shape[1] else np.full(len(lakes), -1, np.int16)
    known = used.held & (used.sensor >= 0)
    by_newest = known & (used.sensor == newest[:, None])
    held = known & ~seen.apart.outliers
    enough = ((held & by_newest).sum(axis=1) >= LEAST_EACH) & ((held & ~by_newest).sum(axis=1) >= LEAST_EACH) & ~seen.drained
    fit = partial(used, by_newest.astype(float), held & enough[:, None])
    return SensorStep(by_newest.argmax(axis=1) if used.sensor.shape[1] else np.zeros(len(lakes), np.intp), newest, fit)


def sensor(seen: Seen) -> Found:
    """Lakes whose level steps at the switch; see `sensor_step`."""
    if len(seen.sensors) < 2 or not seen.used.year.shape[1]:
        return nothing()
    step = sensor_step(seen)
    lake = np.flatnonzero(np.isfinite(step.fit.log_p))
    log_p = step.fit.log_p[lake]
    raised = log_p < np.log(ALPHA)
    words = [step_words(seen, step, row) if may else "" for row, may in zip(lake.tolist(), raised.tolist(), strict=True)]
    return Found(lake, seen.used.day[lake, step.first[lake]], 100 * np.expm1(step.fit.effect[lake]), words, log_p)


@dataclass(frozen=True)
class SensorTest:
    """The step of one lake, significant or not.

    Args:
        date: The first day of the newest sensor.
        words: Size with 95 % interval in %, p, and the trend with and without the step.
        step_pct: Its size, %.
        low_pct, high_pct: Of the interval.
        p: Two-sided, not corrected.
        slope_pct, slope_alone_pct: The trend with and without the step, %/yr.
        middle: The decimal year in which log area has `level` before the step.
        level: Natural log of km².
    """

    date: np.datetime64
    words: str
    step_pct: float
    low_pct: float
    high_pct: float
    p: float
    slope_pct: float
    slope_alone_pct: float
    middle: float
    level: float

    def area(self, year: NDArray[np.float64], late: float) -> NDArray[np.float64]:
        """Km² that the line with its step has in decimal years, by the older sensors (`late` 0) or by the newest (1)."""
        rise = np.log1p(self.slope_pct / 100) * (year - self.middle)
        return np.exp(self.level + rise + late * np.log1p(self.step_pct / 100))


def sensor_test(seen: Seen) -> SensorTest | None:
    """The step of the only lake of this block; None where there is no switch that can be tested."""
    if len(seen.sensors) < 2 or not seen.used.year.shape[1]:
        return None
    step = sensor_step(seen)
    fit = step.fit
    if not np.isfinite(fit.log_p[0]):
        return None
    values = (fit.effect, fit.low, fit.high)
    size, low, high = (100 * float(np.expm1(value[0])) for value in values)
    slope, alone = (100 * float(np.expm1(value[0])) for value in (fit.slope, fit.alone))
    date = seen.used.day[0, step.first[0]]
    return SensorTest(
        date, step_words(seen, step, 0), size, low, high, float(np.exp(fit.log_p[0])), slope, alone,
        float(fit.middle[0]), float(fit.level[0]),
    )  # fmt: skip


def step_words(seen: Seen, step: SensorStep, row: int) -> str:
    """`+6.1 % [+2.0, +10.4] with Sentinel-2 (from 2016), p = 0.004; the trend is +1.2 %/yr with that step, +1.9 %/yr without`."""
    fit = step.fit
    size, low, high, slope, alone = (100 * float(np.expm1(values[row])) for values in (fit.effect, fit.low, fit.high, fit.slope, fit.alone))
    (since,) = seen.used.when(np.array([row]), step.first[[row]])
    return (
        f"{size:+.1f} % [{low:+.1f}, {high:+.1f}] with {seen.sensors[step.newest[row]]} (from {since}), {p_words(float(fit.log_p[row]))}; "
        f"the trend is {slope:+.2g} %/yr with that step, {alone:+.2g} %/yr without"
    )


FLAG = Flag(
    name="sensor",
    title="Sensor step",
    help=(
        "The level of the series changes where its newest sensor takes over: what looks like growth may be another pixel size. Log area is "
        "fitted with a step there as a covariate, outliers left out; the step's test is corrected over all lakes with a switch (q < 0.05). "
        "The value is the step in %. A real jump in the year of the switch cannot be told from it: look at the images."
    ),
    version=1,
    find=sensor,
)
