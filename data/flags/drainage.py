"""Drainage: a lake that lost a good part of its area between two dates and stayed small."""

from __future__ import annotations

import numpy as np

from data.flags.drops import AFTER, BEFORE
from data.flags.flag import Flag, Found, nothing
from data.flags.seen import Seen


def drainage(seen: Seen) -> Found:
    """Largest drop of log area between two neighbouring dates that lasts.

    The drop is counted from the lower of the two areas before to the higher of the two after, so that one bad area on either side makes
    none, and beyond what the lake loses in that time anyway (its median rate of change, where that is negative). It exceeds 3 robust
    standard deviations of the lake's changes from date to date (scaled median absolute deviation), and the mapping errors of the areas on
    both sides do not bridge it: it exceeds their sum, or ln 1.25 where one is unknown. A date on which nothing was left, though the lake
    could be seen, is an area of 0.
    """
    water = seen.water
    if water.log_area.shape[1] < BEFORE + AFTER:
        return nothing()
    drop, limit = seen.drops
    size = np.where(drop > limit, drop, -np.inf)
    at = size.argmax(axis=1)
    lake = np.flatnonzero(size.max(axis=1) > 0)
    before, after = at[lake] + BEFORE - 1, at[lake] + BEFORE
    y = water.log_area
    large = np.exp(np.minimum(y[lake, before - 1], y[lake, before]))
    small = np.exp(np.maximum(y[lake, after], y[lake, after + 1]))
    share = 1.0 - small / large
    days = (water.when(lake, place) for place in (before, after, after + 1))
    words = [
        f"{100 * went:.0f} % of its area ({was:.3g} to {now:.3g} km²) went between {first} and {then} and had not come back by {last}"
        for went, was, now, first, then, last in zip(share.tolist(), large.tolist(), small.tolist(), *days, strict=True)
    ]
    return Found(lake, water.day[lake, after], share, words)


FLAG = Flag(
    name="drainage",
    title="Drained",
    help=(
        "Part of the lake's area went between two neighbouring dates and stayed away on the next two: more than three robust standard "
        "deviations of its changes from date to date, and more than the mapping errors of both sides. The value is the share that went, "
        "the date the first one afterwards. A drop on the newest date alone is not called drainage yet: see 'First or last date apart'."
    ),
    version=1,
    find=drainage,
)
