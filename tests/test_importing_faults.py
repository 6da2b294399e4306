"""Cells as text and as numbers, whatever format they were read from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.importing.faults import numeric, text


@pytest.mark.parametrize(
    ("cell", "told"),
    [(2000, "2000"), (2000.0, "2000"), (" 2000 ", "2000"), (0.1 + 0.2, "0.3"), (None, ""), (np.nan, ""), (True, "True"), (1e20, "1e+20")],
)
def test_text(cell: object, told: str) -> None:
    assert text(cell) == told


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_an_id_of_many_digits_stays_itself(number: int) -> None:
    assert text(number) == text(float(number)) == text(np.float64(number)) == text(str(number))


def test_numbers() -> None:
    np.testing.assert_array_equal(numeric(pd.Series(["1,5", "2", "x", None], dtype=object)), [1.5, 2, np.nan, np.nan])
    np.testing.assert_array_equal(numeric(pd.Series(["1.5", "2,5", "inf"], dtype=object)), [1.5, np.nan, np.nan])
    np.testing.assert_array_equal(numeric(pd.Series([1, 2])), [1, 2])
