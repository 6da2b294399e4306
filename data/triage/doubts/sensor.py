"""A trend that is a step at a change of sensor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.flags.covariate import plane
from data.trends.series import barred, series
from data.trends.student import log_p_two_sided
from data.triage.case import LOG_ALPHA, Case
from data.triage.doubt import Doubt, Found

LOG_STEP = float(np.log(0.01))
LEAST_N = 5


def sensor(case: Case) -> Found:
    """With a step where the sensor changed beside the line, the step is needed (p < .01) and the slope is not (p ≥ .05)."""
    codes, names = _sensors(case)
    if len(names) < 2:
        return Found(np.zeros(len(case.rows), dtype=bool), {})
    after = _after_switch(codes)
    made = np.isfinite(after).sum(axis=1) >= LEAST_N
    made &= (np.nansum(after, axis=1) >= 1) & (np.nansum(1 - after, axis=1) >= 1)
    log_slope, log_step, size = _both(case, after)
    gone = made & (log_step < LOG_STEP) & ~(log_slope < LOG_ALPHA)
    years = np.where(after > 0, case.batch.year, np.inf).min(axis=1)
    return Found(made, {int(row): _words(float(size[row]), float(years[row])) for row in np.flatnonzero(gone)})


def _words(size: float, year: float) -> str:
    return f"a step of {100 * np.expm1(size):+.0f} % where the sensor changed in {year // 1:.0f} explains it: beside it no slope is left"


def _sensors(case: Case) -> tuple[NDArray[np.float64], list[str]]:
    """(K, T) the number of each observation's sensor, NaN where there is none or it is not known, and their names."""
    rows = case.store.rows_of(case.settings)
    mine = rows.loc[(rows["source"] == case.settings.source).to_numpy(dtype=bool)]
    used = mine.loc[barred(mine, case.settings.season) == ""]
    names = used["sensor"].astype("category")
    if len(names.cat.categories) < 2:
        return np.full(case.batch.area.shape, np.nan), []
    known = used.assign(area_km2=names.cat.codes + 2.0)  # the sensor's number travels as an area: 1 for none
    # Of all lakes, not of these: the columns must be those of the batch, which was cut from theirs.
    codes = series(known, case.store.lake_keys, case.settings)[0].area[case.rows]
    return np.where(codes > 1.5, codes, np.nan), [str(name) for name in names.cat.categories]


def _after_switch(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """(K, T) 1 from the first observation of the sensor that a lake ends with, once it has come to stay; 0 before; NaN where unknown."""
    held = np.isfinite(codes)
    last = codes.shape[1] - 1 - held[:, ::-1].argmax(axis=1)
    other = held & (codes != codes[np.arange(len(codes)), last][:, None])
    change = np.where(other.any(axis=1), codes.shape[1] - other[:, ::-1].argmax(axis=1), 0)
    return np.where(held, (np.arange(codes.shape[1]) >= change[:, None]).astype(float), np.nan)


def _both(case: Case, after: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(K,) log p of slope and of step where a line has both, and the step in log area; plain least squares on n - 3 degrees of freedom."""
    held = np.isfinite(after) & np.isfinite(case.batch.area)
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = plane(case.batch.year, after, np.log(case.batch.area), held)
        df = np.where(fit.n > 3, fit.n - 3.0, np.nan)
        variance = fit.ssr / (fit.n - 3.0)
        log_slope = log_p_two_sided(fit.slope / np.sqrt(variance * fit.szz / fit.apart), df)
        log_step = log_p_two_sided(fit.effect / np.sqrt(variance * fit.sxx / fit.apart), df)
    return log_slope, log_step, fit.effect


DOUBT = Doubt("sensor", "beside its change of sensor", sensor)
