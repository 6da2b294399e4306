"""Few observations: too few dates for a scatter of its own."""

from __future__ import annotations

import numpy as np

from data.flags.flag import NO_DAY, Flag, Found
from data.flags.seen import Seen
from data.trends.fit import FEW_N


def few(seen: Seen) -> Found:
    """Lakes with four usable observations or fewer."""
    n = seen.used.n
    lake = np.flatnonzero(n <= FEW_N)
    said = ["no usable date", "1 usable date", *(f"{count} usable dates" for count in range(2, FEW_N + 1))]
    words = [said[count] for count in n[lake].tolist()]
    return Found(lake, np.full(len(lake), NO_DAY), n[lake].astype(float), words)


FLAG = Flag(
    name="few",
    title="Few dates",
    help=(
        f"{FEW_N} usable dates or fewer: the lake's own scatter cannot be told from its trend. The value is their number. "
        "Flags that compare dates (drained, outlier, sensor step, acceleration) need more."
    ),
    version=1,
    find=few,
)
