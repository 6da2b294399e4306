"""What a doubt is: one reason to take a trend for an artefact, how it is looked for, and the words it comes with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.triage.case import Case


@dataclass(frozen=True)
class Found:
    """What was found of K lakes.

    Args:
        made: (K,) whether the lake could be looked at in this way at all.
        words: Place among the K → what speaks against its trend; lakes without a doubt are not in it.
    """

    made: NDArray[np.bool_]
    words: dict[int, str]


@dataclass(frozen=True)
class Doubt:
    """One doubt; a file of `data.triage.doubts` exports it as `DOUBT`.

    Args:
        name: For tables and tests.
        passed: Where a trend that it could not shake is still there: `whichever date is left out`.
        find: Looks at lakes that show a trend.
    """

    name: str
    passed: str
    find: Callable[[Case], Found]
