"""The full regression report of one lake, by statsmodels: summary, influence, residual diagnostics, predictions.

This is plain OLS of the observations that the trend table uses, so its slope is the table's and its p is `p_ols`. statsmodels
is imported on first use: it costs about a second and 100 MB that start-up must not pay.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from data.errors import TrendError
from data.trends.line import lines
from data.trends.series import series

if TYPE_CHECKING:
    import pandas as pd

    from data.records import SeriesBatch, TrendSettings

YEARS_AHEAD = 5
ALPHA = 0.05
ASYMPTOTIC_N = 20
"""Below this many observations the p values of asymptotic tests (Breusch-Pagan, Jarque-Bera) are only rough."""

SHAPED_N = 5
"""Below this many observations the fit dictates the shape of the residuals (three always give Shapiro's W = 0.75): no test."""

FEW_N = 8
"""Below this many observations statsmodels' Omnibus is undefined, and Shapiro-Wilk has next to no power."""


@dataclass(frozen=True)
class Coefficient:
    """One coefficient, in log area (or km²), the slope per year; `level` is the value at the mean date; 95 % interval."""

    name: str
    value: float
    se: float
    t: float
    p: float
    low: float
    high: float


@dataclass(frozen=True)
class Influence:
    """One observation: decimal year, areas in km², and how much it pulls.

    `residual` is in the response's unit; `leverage` in (0, 1); `studentised` is the externally studentised residual, NaN
    where leaving the observation out leaves no degree of freedom.
    """

    year: float
    area_km2: float
    fitted_km2: float
    residual: float
    leverage: float
    cooks_distance: float
    studentised: float


@dataclass(frozen=True)
class Diagnostic:
    """One check of the residuals; `p` is None where there is no test. `reliable` says whether n suffices."""

    name: str
    statistic: float
    p: float | None
    reliable: bool
    says: str


@dataclass(frozen=True)
class Prediction:
    """A new observation's median area and 95 % prediction interval, km², at a decimal year after the last one."""

    year: float
    area_km2: float
    low_km2: float
    high_km2: float


@dataclass(frozen=True)
class RegressionReport:
    """Everything statsmodels says of one lake; `notes` are cautions to show with it."""

    lake_key: int
    response: str
    n: int
    df: int
    summary: str
    coefficients: tuple[Coefficient, ...]
    influence: tuple[Influence, ...]
    diagnostics: tuple[Diagnostic, ...]
    predictions: tuple[Prediction, ...]
    notes: tuple[str, ...]


def regression_report(area_rows: pd.DataFrame, lake_key: int, settings: TrendSettings) -> RegressionReport:
    """Regress one lake's areas on time.

    Args:
        area_rows: The rows of `areas` of that lake.
        lake_key: The lake.
        settings: Source, season and response.

    Raises:
        TrendError: Fewer than three observations on at least two dates are left, or the area does not change.
    """
    batch, _ = series(area_rows, np.array([lake_key], dtype=np.int32), settings)
    mean_year = _checked(batch, settings.response, lake_key)
    used = ~np.isnan(batch.area[0])
    year, area = batch.year[0][used], batch.area[0][used]

    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 - slow and large: on first use

    design = _design(year, mean_year)
    with np.errstate(divide="ignore", invalid="ignore"):
        result = OLS(np.log(area) if settings.response == "log" else area, design).fit()
        return RegressionReport(
            lake_key=lake_key,
            response=settings.response,
            n=len(year),
            df=int(result.df_resid),
            summary=_summary(result, settings.response),
            coefficients=_coefficients(result),
            influence=_influence(result, year, area, settings.response),
            diagnostics=_diagnostics(result, design),
            predictions=_predictions(result, year[-1], mean_year, settings.response),
            notes=_notes(len(year), mean_year),
        )


def _notes(n: int, mean_year: float) -> tuple[str, ...]:
    # Not by catching statsmodels' warnings: that is not safe beside other threads, and reports run in threads.
    always = (
        "Plain OLS: its p is the table's p_ols. The table's own p also allows for residuals that resemble their neighbours'.",
        f"Predictions hold only if the trend goes on unchanged; years are counted from {mean_year:.2f}, the mean date.",
    )
    return always if n >= FEW_N else (*always, f"The summary's Omnibus needs {FEW_N} observations; with {n} it is not a number.")


def _checked(batch: SeriesBatch, response: str, lake_key: int) -> float:
    """The mean year of a lake that can be regressed."""
    fit = lines(batch, response)
    if fit.n[0] < 3 or not fit.sxx[0] > 0:
        raise TrendError(
            f"lake_key {lake_key} has {int(fit.n[0])} usable observations; a regression needs three, on at least two dates",
            "choose another season or source, or another lake",
        )
    if fit.is_constant[0]:
        raise TrendError(f"the area of lake_key {lake_key} never changes, so there is nothing to regress", "choose another lake or source")
    return float(fit.mean_year[0])


def _design(year: NDArray[np.float64], mean_year: float) -> NDArray[np.float64]:
    return np.column_stack([np.ones(len(year)), year - mean_year])


def _area(response_value: NDArray[np.float64], response: str) -> NDArray[np.float64]:
    return np.exp(response_value) if response == "log" else response_value


def _summary(result: Any, response: str) -> str:
    """statsmodels' text, without the date and time of the run: the same input gives the same text."""
    # Said once for the process, not caught around the call: catching is not safe beside other threads. `_notes` tells it better.
    warnings.filterwarnings("ignore", message="omni_normtest is not valid")
    text = result.summary(xname=["level", "year"], yname="log area" if response == "log" else "area km²").as_text()
    return re.sub(r"(?m)^(?:Date|Time):.{32}", " " * 37, text)


def _coefficients(result: Any) -> tuple[Coefficient, ...]:
    columns = np.column_stack([result.params, result.bse, result.tvalues, result.pvalues, result.conf_int(ALPHA)])
    return tuple(Coefficient(name, *map(float, row)) for name, row in zip(("level", "year"), columns, strict=True))


def _influence(result: Any, year: NDArray[np.float64], area: NDArray[np.float64], response: str) -> tuple[Influence, ...]:
    pull = result.get_influence()
    studentised = pull.resid_studentized_external if result.df_resid > 1 else np.full(len(year), np.nan)
    fitted = _area(result.fittedvalues, response)
    columns = (year, area, fitted, result.resid, pull.hat_matrix_diag, pull.cooks_distance[0], studentised)
    return tuple(Influence(*map(float, row)) for row in zip(*columns, strict=True))


def _diagnostics(result: Any, design: NDArray[np.float64]) -> tuple[Diagnostic, ...]:
    from scipy.stats import shapiro  # noqa: PLC0415 - scipy.stats is slow to import
    from statsmodels.stats.diagnostic import het_breuschpagan  # noqa: PLC0415
    from statsmodels.stats.stattools import durbin_watson, jarque_bera  # noqa: PLC0415

    n = len(result.resid)
    rough = f"; with {n} observations its p is only rough" if SHAPED_N <= n < ASYMPTOTIC_N else ""
    none = f"; no test, since with {n} observations the fit itself shapes the residuals" if n < SHAPED_N else ""

    def checked(name: str, found: Any, least: int, says: str) -> Diagnostic:
        return Diagnostic(name, float(found[0]), None if none else float(found[1]), n >= least, says + none)

    neighbours = "2 without autocorrelation, less where neighbours are alike; gaps in the years weaken it"
    return (
        Diagnostic("Durbin–Watson", float(durbin_watson(result.resid)), None, n >= ASYMPTOTIC_N, neighbours),
        checked("Breusch–Pagan", het_breuschpagan(result.resid, design), ASYMPTOTIC_N, f"small p: the scatter changes with time{rough}"),
        checked("Jarque–Bera", jarque_bera(result.resid), ASYMPTOTIC_N, f"small p: residuals are skewed or heavy-tailed{rough}"),
        checked(
            "Shapiro–Wilk", shapiro(result.resid), FEW_N, f"small p: residuals are not normal; under {FEW_N} observations it rarely notices"
        ),
    )


def _predictions(result: Any, last_year: float, mean_year: float, response: str) -> tuple[Prediction, ...]:
    ahead = last_year + np.arange(1.0, YEARS_AHEAD + 1.0)
    predicted = result.get_prediction(_design(ahead, mean_year)).summary_frame(alpha=ALPHA)
    columns = (predicted[name].to_numpy() for name in ("mean", "obs_ci_lower", "obs_ci_upper"))
    return tuple(Prediction(*map(float, row)) for row in zip(ahead, *(_area(column, response) for column in columns), strict=True))
