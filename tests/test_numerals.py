"""Numbers as text: honest digits, and never a p of 0."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.numerals import NONE, figure_text, fixed_text, probability_text, round_length, slope_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0123456, "0.0123"), (1.0, "1.00"), (234.81, "235"), (12345.6, "12,346"), (-0.5, "−0.500"), (0.0, "0"),
        (math.nan, NONE), (None, NONE), (1.5e-9, "1.50e-9"), (2.5e12, "2.50e12"),
    ],
)  # fmt: skip
def test_figures_carry_three_digits(value: float | None, text: str) -> None:
    assert figure_text(value) == text


def test_a_signed_figure_shows_plus_but_zero_has_no_sign() -> None:
    assert figure_text(0.5, signed=True) == "+0.500"
    assert fixed_text(-0.0004, 2, signed=True) == "0.00"


@pytest.mark.parametrize(
    ("longest", "length", "words"), [(1.0, 1.0, "1 m"), (99.0, 50.0, "50 m"), (999.9, 500.0, "500 m"), (2100.0, 2000.0, "2 km")]
)
def test_the_bar_of_a_scale_has_a_round_length(longest: float, length: float, words: str) -> None:
    assert round_length(longest) == (length, words)


@pytest.mark.parametrize(
    ("log_p", "text"), [(0.0, "1"), (math.log(0.05), "0.05"), (math.log(0.0123), "0.012"), (math.log(1e-3), "0.001"), (math.nan, NONE)]
)
def test_probabilities_of_everyday_size(log_p: float, text: str) -> None:
    assert probability_text(log_p) == text


def test_a_probability_below_the_smallest_float_is_not_zero() -> None:
    assert probability_text(math.log(3) - 412 * math.log(10)) == "3e-412"
    assert probability_text(math.log(9.9) - 412 * math.log(10)) == "1e-411"


@given(st.floats(-5000, 0))
def test_a_probability_text_is_near_the_value(log_p: float) -> None:
    exact = Decimal(log_p).exp()
    assert abs(Decimal(probability_text(log_p)) / exact - 1) < Decimal("0.34")


def test_a_slope_shows_the_digits_its_interval_allows() -> None:
    assert slope_text(4.97312, 4.11, 5.86) == "+4.97 [+4.11, +5.86]"
    assert slope_text(4.97312, -20.0, 30.0) == "+5 [−20, +30]"
    assert slope_text(-29.4, -99.99, 2.7e9) == "−29 [−100, +3e9]"
    assert slope_text(0.61234, math.nan, math.nan) == "+0.612"
    assert slope_text(math.nan, math.nan, math.nan) == NONE
