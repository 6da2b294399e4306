"""What may be asked of the simulator."""

import numpy as np
import pytest

from data.errors import InputError
from data.simulate import Plan


@pytest.mark.parametrize(
    "wrong", [{"lakes": 0}, {"lakes": 20_001}, {"first_year": 2024}, {"first_year": 1899}, {"last_year": 2080}, {"seed": -1}]
)
def test_out_of_range_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match=r"out of range|negative"):
        Plan(**wrong)


def test_each_part_has_numbers_of_its_own() -> None:
    plan = Plan(seed=3)
    assert plan.random("a").integers(1 << 60) == plan.random("a").integers(1 << 60)
    assert plan.random("a").integers(1 << 60) != plan.random("b").integers(1 << 60)
    assert plan.random("a").integers(1 << 60) != Plan(seed=4).random("a").integers(1 << 60)
    assert isinstance(plan.random("a"), np.random.Generator)
