"""What a trend method hands back: one value a lake and statistic, and one status a lake."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STATUSES = ("ok", "few", "constant", "autocorrelated", "r1 unknown", "insufficient", "unsettled")
OK, FEW, CONSTANT, AUTOCORRELATED, R1_UNKNOWN, INSUFFICIENT, UNSETTLED = range(len(STATUSES))
MIN_N, FEW_N = 3, 4
"""Observations below which a lake is `insufficient`, and up to which it is `few`."""

Shared = dict[str, list[float]]
Evidence = dict[str, "NDArray[np.float64]"]
"""What each lake says of what all of them share: (…, L) arrays by name."""


@dataclass(frozen=True)
class Fit:
    """The statistics of one method for the L lakes of a batch.

    Args:
        columns: (L,) floats by name, NaN where a lake has no such statistic. `log_p` and `log_p_ols` are the natural
            logarithms of two-sided p values; the lakes with a `log_p` are the family that was tested.
        status: (L,) places in `STATUSES`.
        shared: What was estimated over all lakes together; whoever fits one of them alone hands it in (`Method.given`).
        method: (L,) places in `methods`, where lakes are fitted by several; None where all are by the one that made this.
        methods: Their names.
    """

    columns: dict[str, NDArray[np.float64]]
    status: NDArray[np.int8]
    shared: Shared = field(default_factory=dict[str, list[float]])
    method: NDArray[np.int8] | None = None
    methods: tuple[str, ...] = ()
