"""Missing: a year in which lakes nearby were mapped and this one was not, or only a stray part of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.flags.flag import Flag, Found, joined
from data.flags.packed import Packed
from data.flags.seen import NEAREST, Seen

STRAY = 1 / 3
"""A part smaller than this of what was there before and after is a stray one."""
LEAST_SHARE = 0.5
"""Share of the neighbours in existence that were mapped, from which a year counts as mapped."""
LEAST_MAPPED = 3


def missing(seen: Seen) -> Found:
    """Years of the source without the lake, though lakes nearby were mapped.

    A neighbour (see `data.flags.around`) exists in a year between its own first and last. Half of those that exist were mapped, three at
    least or all. The lake itself was mapped before, twice or more, and is not part of another by a recorded merge. Years in the midst
    are said one by one; those since the last date once. A stray part is an area below a third of both neighbours in time.
    """
    around = seen.around
    own = around.mapped[seen.rows]
    near, exists = around.near[seen.rows], _between(around.mapped)
    known = near >= 0
    mapped = np.zeros(own.shape, dtype=np.int16)
    alive = np.zeros(own.shape, dtype=np.int16)
    for column in range(near.shape[1]):  # neighbours, not lakes
        rows = np.where(known[:, column], near[:, column], 0)
        mapped += around.mapped[rows] & known[:, [column]]
        alive += exists[rows] & known[:, [column]]
    year_mapped = (mapped >= np.minimum(alive, LEAST_MAPPED)) & (mapped >= LEAST_SHARE * alive) & (mapped > 0)
    absent = ~own & ~seen.gone & year_mapped & (own.sum(axis=1) >= 2)[:, None]
    inside = _between(own)
    return joined([_gaps(seen, absent & inside, mapped), _since(seen, absent, own, mapped), _stray(seen, year_mapped, mapped)])


def _between(mapped: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(A, Y) years from a lake's first to its last."""
    return np.logical_or.accumulate(mapped, axis=1) & np.logical_or.accumulate(mapped[:, ::-1], axis=1)[:, ::-1]


def _gaps(seen: Seen, absent: NDArray[np.bool_], mapped: NDArray[np.int16]) -> Found:
    lake, year = np.nonzero(absent)
    count = mapped[lake, year]
    # Few years and few numbers of neighbours: each sentence is made once.
    each, which = np.unique(year * (NEAREST + 1) + count, return_inverse=True)
    years = seen.around.years[each // (NEAREST + 1)].tolist()
    said = [f"not mapped in {when:.0f}, though {_lakes(near)}" for when, near in zip(years, (each % (NEAREST + 1)).tolist(), strict=True)]
    return Found(lake, seen.around.day[year], count.astype(float), [said[place] for place in which.tolist()])


def _since(seen: Seen, absent: NDArray[np.bool_], own: NDArray[np.bool_], mapped: NDArray[np.int16]) -> Found:
    """Lakes absent in the newest year, from the first year after their last."""
    last = own.shape[1] - 1 - own[:, ::-1].argmax(axis=1) if own.shape[1] else np.zeros(len(own), np.intp)
    lake = np.flatnonzero(absent[:, -1]) if own.shape[1] else np.empty(0, np.intp)
    year = last[lake] + 1
    count = mapped[lake, -1] if len(lake) else np.empty(0, np.int16)
    parts = zip(seen.around.years[year].tolist(), count.tolist(), strict=True)
    words = [f"not mapped from {when:.0f} on, though {_lakes(near)}: missed, or gone" for when, near in parts]
    return Found(lake, seen.around.day[year], count.astype(float), words)


def _stray(seen: Seen, year_mapped: NDArray[np.bool_], mapped: NDArray[np.int16]) -> Found:
    """Areas far below those before and after, in years that were mapped."""
    used = seen.used
    if used.year.shape[1] < 3:
        return joined([])
    part, usual = stray_parts(used)
    lake, at = np.nonzero(part < STRAY)
    year = np.minimum(np.searchsorted(seen.around.years, used.nominal[lake, at]), len(seen.around.years) - 1)
    kept = year_mapped[lake, year] & (seen.around.years[year] == used.nominal[lake, at])
    lake, at, year = lake[kept], at[kept], year[kept]
    area, about = np.exp(used.log_area[lake, at]).tolist(), usual[lake, at].tolist()
    parts = zip(used.when(lake, at), area, about, mapped[lake, year].tolist(), strict=True)
    words = [f"{when}: only {held:.3g} km² of some {whole:.3g} km² was mapped, though {_lakes(near)}" for when, held, whole, near in parts]
    return Found(lake, used.day[lake, at], mapped[lake, year].astype(float), words)


def stray_parts(used: Packed) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(L, W) areas as a share of the smaller of the two beside them, NaN where there are not two; and that area, km²."""
    area = np.exp(used.log_area)
    usual = np.full(area.shape, np.nan)
    usual[:, 1:-1] = np.minimum(area[:, :-2], area[:, 2:])
    with np.errstate(divide="ignore", invalid="ignore"):
        return area / usual, usual


def _lakes(count: int) -> str:
    return f"{count} lake{'s nearby were' if count != 1 else ' nearby was'}"


FLAG = Flag(
    name="missing",
    title="Missing",
    help=(
        "A year in which lakes nearby (the ten nearest within 50 km that were mapped twice or more) were mapped by the source and this one "
        "was not, or only a stray part of it, less than a third of what it had before and after. Recorded merges are no gaps. The value is "
        "the number of lakes nearby that were mapped. A lake missing since its last date may have been missed, or be gone."
    ),
    version=1,
    find=missing,
)
