"""First or last date apart: an area that nothing before, or nothing after, can confirm."""

from __future__ import annotations

import numpy as np

from data.flags.apart import LEAST_N
from data.flags.flag import Flag, Found, joined, nothing
from data.flags.seen import Seen


def end(seen: Seen) -> Found:
    """A first or last area that is as far from its two neighbours and from the line as an outlier is (see `data.flags.apart`)."""
    used = seen.used
    if used.log_area.shape[1] < LEAST_N:
        return nothing()
    measured, every = seen.apart, np.arange(len(used.n))
    places = ((measured.first, np.zeros_like(used.n), "first"), (measured.last, np.maximum(used.n - 1, 0), "last"))
    parts = list[Found]()
    for distance, at, which in places:
        lake = np.flatnonzero(np.abs(distance[every, at]) > measured.limit[every, at])
        place = at[lake]
        value = distance[lake, place]
        area, usual = (np.exp(values).tolist() for values in (used.log_area[lake, place], used.log_area[lake, place] - value))
        words = [_said(which, *each) for each in zip(used.when(lake, place), area, usual, strict=True)]
        parts.append(Found(lake, used.day[lake, place], value, words))
    return joined(parts)


def _said(which: str, day: str, area: float, usual: float) -> str:
    about = f"{day}, the {which} date: {area:.3g} km², where the others point to {usual:.3g} km²"
    if which == "first":
        return f"{about}: an error, or a change before the next date"
    return f"{about}: an error, or {'the lake has just drained' if area < usual else 'sudden growth'}; look at its image"


FLAG = Flag(
    name="end",
    title="First or last date apart",
    help=(
        "The first or the last area is as far from the others as an outlier, but nothing tells whether the lake comes back: an error, a "
        "change before the second date, or one that has just happened. Ends pull hardest at a trend. The value is the distance in log area."
    ),
    version=2,
    find=end,
)
