"""What a flag is: something to know of a lake's series beside its trend, how it is found, and words for the person who reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.flags.seen import Seen

NO_DAY = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Found:
    """What one flag found in a block of lakes; M findings.

    Args:
        lake: (M,) rows of the block.
        date: (M,) datetime64[D], NaT where a finding has none.
        value: (M,) the number behind it, in the unit that the flag's help states.
        words: One short sentence each, with units; empty where `log_p` cannot pass anyway.
        log_p: (M,) natural logarithms of p of the lakes that were tested; None for flags that are no test. Those are kept whose q
            (Benjamini and Hochberg over every lake tested) is below `ALPHA`.
    """

    lake: NDArray[np.intp]
    date: NDArray[np.datetime64]
    value: NDArray[np.float64]
    words: list[str]
    log_p: NDArray[np.float64] | None = field(default=None)


ALPHA = 0.05
"""q below which a flag that is a test is raised."""


@dataclass(frozen=True)
class Flag:
    """One flag; a file in this folder exports it as `FLAG`.

    Args:
        name: Its token in tables, URLs and exports: lower-case letters.
        title: A few words for a menu.
        help: What it means, what `value` is, and what to beware of.
        version: Raise it whenever findings change: cached tables of older versions then miss.
        find: Maps a block of lakes to what was found.
    """

    name: str
    title: str
    help: str
    version: int
    find: Callable[[Seen], Found]


def nothing() -> Found:
    """No finding."""
    return Found(np.empty(0, dtype=np.intp), np.empty(0, dtype="datetime64[D]"), np.empty(0), [])


def joined(parts: Sequence[Found]) -> Found:
    """All findings of some parts that are no tests."""
    if not parts:
        return nothing()
    lake, date, value = (np.concatenate([getattr(part, name) for part in parts]) for name in ("lake", "date", "value"))
    return Found(lake, date, value, [words for part in parts for words in part.words])
