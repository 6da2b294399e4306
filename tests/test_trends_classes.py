"""Classes at cut-offs, compared with the plain comparison of p or q."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import TrendError
from data.records import TrendSettings, TrendTable
from data.trends import METHODS
from data.trends.classes import EVIDENCE, classes
from data.trends.table import assembled
from tests.trend_cases import gapped


def table_of(response: str = "log") -> TrendTable:
    batch = gapped(seed=2, lakes=300, width=18)
    batch.area[:20] = np.where(np.isnan(batch.area[:20]), np.nan, 1.0)
    ids = np.arange(300).astype(str)
    fit = METHODS["ols"].fit(batch, response)
    return assembled("ols", fit, batch, ids, TrendSettings(response=response), left_out={})  # type: ignore[arg-type]


LOG, AREA = table_of("log"), table_of("area")


@given(st.sampled_from(EVIDENCE), st.floats(1e-12, 1), st.floats(0, 5), st.booleans())
def test_classes_are_the_plain_comparison(use: str, alpha: float, effect: float, log: bool) -> None:
    table = LOG if log else AREA
    frame = table.frame
    slope = frame["slope_pct" if log else "slope"]
    found = classes(table, use, alpha, effect)
    passes = (np.abs(slope) >= effect) & (np.log(frame[use]) < np.log(alpha))
    np.testing.assert_array_equal(found == 0, frame[use].isna())
    np.testing.assert_array_equal(found == 2, passes & (slope > 0))
    np.testing.assert_array_equal(found == 3, passes & (slope < 0))
    assert set(np.unique(found)) <= {0, 1, 2, 3}


def test_all_four_classes_occur() -> None:
    assert (np.bincount(classes(LOG), minlength=4) > 0).all()


def test_what_is_no_cut_off_is_refused() -> None:
    for use, alpha, effect in (("r2", 0.05, 0.0), ("q", 0.0, 0.0), ("q", 1.1, 0.0), ("q", 0.05, -1.0), ("q", float("nan"), 0.0)):
        with pytest.raises(TrendError):
            classes(LOG, use, alpha, effect)
