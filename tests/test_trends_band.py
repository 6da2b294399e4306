"""The line and its band against statsmodels' prediction of the mean."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from data.records import TrendSettings
from data.trends import METHODS
from data.trends.band import fit_line
from data.trends.table import assembled
from tests.trend_cases import gapped, observed

YEARS = np.linspace(1984, 2012, 15)


@pytest.mark.parametrize("response", ["log", "area"])
def test_band_equals_statsmodels_where_the_effective_size_is_n(response: str) -> None:
    batch = gapped(seed=6, lakes=80, width=16)
    fit = METHODS["ols"].fit(batch, response)
    frame = assembled("ols", fit, batch, pd.Series(range(80)), TrendSettings(response=response), left_out={}).frame
    compared = 0
    for lake, row in frame[(frame["n_eff"] == frame["n"]) & frame["se"].notna()].iterrows():
        year, _, area = observed(batch, int(lake))  # type: ignore[arg-type]
        peer = OLS(np.log(area) if response == "log" else area, np.column_stack([np.ones(len(year)), year - year.mean()])).fit()
        band = peer.get_prediction(np.column_stack([np.ones(15), YEARS - year.mean()])).summary_frame(alpha=0.05)
        line = fit_line(row.to_dict(), YEARS, response)
        for ours, name in ((line.fitted, "mean"), (line.low, "mean_ci_lower"), (line.high, "mean_ci_upper")):
            np.testing.assert_allclose(ours, np.exp(band[name]) if response == "log" else band[name], rtol=1e-8, atol=1e-10)
        compared += 1
    assert compared > 20


def test_no_test_no_band() -> None:
    row = {
        "mean_year": 2000.0,
        "mean_response": 0.0,
        "slope": 0.0,
        "ci_high": np.nan,
        "se": np.nan,
        "resid_sd": np.nan,
        "n_eff": np.nan,
        "sxx": 9.0,
    }
    line = fit_line(row, YEARS, "log")
    np.testing.assert_array_equal(line.fitted, 1.0)
    assert np.isnan(line.low).all()
    assert np.isnan(line.high).all()
