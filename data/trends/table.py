"""The trend table: the statistics of a method, corrected over its family, one row for every lake of a dataset."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.records import SeriesBatch, TrendSettings, TrendTable
from data.trends.corrections import corrected
from data.trends.detectable import detectable
from data.trends.fit import STATUSES, Fit
from data.trends.series import series
from data.trends.student import probability

Correct = Callable[[list[NDArray[np.float64]]], list[NDArray[np.float64]]]
COLUMNS = (
    "lake_key", "lake_id", "slope", "slope_pct", "se", "t", "df", "p", "q", "p_ols", "q_ols", "ci_low", "ci_high", "r2", "n",
    "first_year", "last_year", "method", "status",
    "log_p", "log_q", "log_p_ols", "log_q_ols", "n_eff", "r1", "mean_year", "mean_response", "resid_sd", "sxx",
    "detectable", "detectable_pct",
)  # fmt: skip
"""The columns of a trend table, in order. Later methods may add columns at the end; none is ever renamed.

`slope`, `se`, `ci_low`, `ci_high` are per year in the response's unit (log area, or km²); `slope_pct` = 100(e^slope - 1) %/yr, NaN for
the area response. `log_*` are natural logarithms. `mean_year`, `mean_response`, `resid_sd`, `sxx` draw the line and its band.
`detectable` is the smallest abs(slope) that the lake's dates and noise reveal with 80 % power, `detectable_pct` the same in %/yr of its
area (`data.trends.detectable`)."""


def trend_table(
    name: str, fit: Callable[[SeriesBatch, str], Fit], area_rows: pd.DataFrame, lakes: pd.DataFrame, settings: TrendSettings
) -> TrendTable:
    """Fit all lakes and correct over the family.

    Args:
        name: The method's name.
        fit: Its fit.
        area_rows: The rows of `areas`, in any order.
        lakes: The rows of `lakes`, at least `lake_key` and `lake_id`, in any order.
        settings: Source, season and response.

    Raises:
        TrendError: See `data.trends.series.series`.
    """
    keys = lakes["lake_key"].to_numpy(dtype=np.int32)
    order = np.argsort(keys, kind="stable")
    batch, left_out = series(area_rows, keys[order], settings)
    lake_id = lakes["lake_id"].iloc[order].reset_index(drop=True)
    group = sub_basins(lakes.iloc[order])
    return assembled(name, fit(batch, settings.response), batch, lake_id, settings, left_out=left_out, group=group)


def sub_basins(lakes: pd.DataFrame) -> NDArray[np.int64] | None:
    """(L,) the number of each lake's sub-basin, or of its basin where that is not known; lakes without either are one."""
    if not {"sub_basin", "basin"} <= set(lakes.columns):
        return None
    names = lakes["sub_basin"].where(lakes["sub_basin"].notna(), lakes["basin"])
    return pd.factorize(names, use_na_sentinel=False)[0].astype(np.int64)


def assembled(
    name: str,
    fit: Fit,
    batch: SeriesBatch,
    lake_id: pd.Series,
    settings: TrendSettings,
    *,
    left_out: dict[str, int],
    group: NDArray[np.int64] | None = None,
    correct: Correct | None = None,
) -> TrendTable:
    """A fit as a trend table: p and q from their logarithms, %/yr, counts.

    Args:
        name, fit, lake_id, settings, left_out: Of the L lakes.
        batch: Their series; their keys alone where `correct` is given.
        group: (L,) each lake's sub-basin, by number.
        correct: Maps families of log p to their log q; None: `corrected` with the series.
    """
    values: dict[str, object] = {"lake_key": batch.lake_key, "lake_id": lake_id, **fit.columns}
    tests = [fit.columns[name] for name in ("log_p", "log_p_ols")]
    log_qs = correct(tests) if correct is not None else corrected(settings, batch, group, tests)
    for suffix, log_p, log_q in zip(("", "_ols"), tests, log_qs, strict=True):
        values |= {f"log_q{suffix}": log_q, f"p{suffix}": probability(log_p), f"q{suffix}": probability(log_q)}
    slope = fit.columns["slope"]
    values["slope_pct"] = 100.0 * np.expm1(slope) if settings.response == "log" else np.full_like(slope, np.nan)
    values |= detectable(fit.columns, settings.response)
    values["n"] = fit.columns["n"].astype(np.int64)
    code = np.zeros(len(slope), dtype=np.int8) if fit.method is None else fit.method
    values["method"] = pd.Categorical.from_codes(code, list(fit.methods or [name]))
    values["status"] = pd.Categorical.from_codes(fit.status, list(STATUSES))
    counts = np.bincount(fit.status, minlength=len(STATUSES))
    return TrendTable(
        frame=pd.DataFrame(
            {column: values[column] for column in (*COLUMNS, *(name for name in values if name not in COLUMNS))}, copy=False
        ),
        settings=settings,
        method=name,
        family=int(np.count_nonzero(~np.isnan(fit.columns["log_p"]))),
        counts={status: int(count) for status, count in zip(STATUSES, counts, strict=True) if count},
        observations=int(fit.columns["n"].sum()),
        left_out=left_out,
        shared=fit.shared,
    )
