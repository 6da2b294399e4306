"""Ranges: bounds that leave no value out, and only true ranges believed. The two-way tie is tested with the views that use it."""

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.controls import input_range, outward, range_of, with_reset

SIZES = st.floats(1e-6, 1e6)


@given(st.tuples(SIZES, SIZES).map(sorted), st.booleans())
def test_bounds_are_rounded_outward_and_not_far(ends: list[float], log: bool) -> None:
    low, high = outward(*ends, log=log)
    slack = 1e-9 * ends[1]
    assert low <= ends[0] + slack
    assert high >= ends[1] - slack
    if log:
        assert low >= 0.9 * ends[0]
        assert high <= 1.1 * ends[1] + 1e-12
    elif ends[1] > ends[0]:
        assert high - low <= 1.03 * (ends[1] - ends[0])


def test_bounds_on_a_log_scale_stay_above_zero() -> None:
    assert outward(0.00054321, 5.12, log=True) == (0.00054, 5.2)


@given(
    st.one_of(
        st.none(), st.booleans(), st.text(), st.lists(st.one_of(st.floats(), st.text(), st.none())), st.dictionaries(st.text(), st.floats())
    )
)
def test_only_a_range_is_taken_for_one(sent: object) -> None:
    span = range_of(sent)
    if span is not None:
        assert isinstance(sent, list)
        assert [float(end) for end in sent] == list(span)
        assert math.isfinite(span[0])
        assert span[0] <= span[1] < math.inf


def test_the_control_opens_with_the_exact_value() -> None:
    html = str(input_range("area", "Area", "km²", (0.001, 12.0), (0.1234567891, 2.0), log=True))
    held = re.search(r'data-value="(\[.*?\])"', html)
    assert held is not None
    assert json.loads(held[1]) == [0.1234567891, 2.0]
    assert html.count('aria-label="Area, km²') == 4


@pytest.mark.parametrize(("verb", "mark"), [("Reset", "↺"), ("Remove", "×")])
def test_a_reset_is_named_for_those_who_do_not_see_it(verb: str, mark: str) -> None:
    html = str(with_reset("basin", "reset_basin", input_range("x", "X", "", (0, 1)), verb))
    assert f'aria-label="{verb} basin"' in html
    assert mark in html
