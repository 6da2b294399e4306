"""A small, seeded part of every suite of `make soak`, so that each is exercised by every `make test`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness import Figures, found

SUITES = found("soak", "SUITES")
SEED = 20260101
SCALE = 0.02


@pytest.mark.parametrize("suite", SUITES.values(), ids=list(SUITES))
def test_sample_of_suite(suite: Callable[[int, float], Figures]) -> None:
    assert suite(SEED, SCALE), "a suite returns its figures"
