"""A small, seeded part of every suite of `make soak`, so that each is exercised by every `make test`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.soak.__main__ import SUITES

SEED = 20260101
SCALE = 0.02


@pytest.mark.parametrize("suite", SUITES.values(), ids=list(SUITES))
def test_sample_of_suite(suite: Callable[[int, float], dict[str, Any]]) -> None:
    assert suite(SEED, SCALE), "a suite returns its figures"
