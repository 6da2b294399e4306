"""How much of a change each of several causes made, when they act together.

The share of a cause is what it changes when it comes, averaged over all orders in which the causes can come (Shapley 1953): shares
sum to the whole change exactly, no cause gains by being looked at first, and a cause that never matters has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def shares(causes: Sequence[str], value: Mapping[frozenset[str], Values]) -> dict[str, Values]:
    """(L,) share of each cause.

    Args:
        causes: Up to a handful.
        value: (L,) for every set of causes, the empty one included.
    """
    n, found = len(causes), dict[str, Values]()
    for cause in causes:
        others = [other for other in causes if other != cause]
        total = np.zeros_like(value[frozenset()])
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for before in combinations(others, size):
                held = frozenset(before)
                total = total + weight * (value[held | {cause}] - value[held])
        found[cause] = total
    return found
