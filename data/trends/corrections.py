"""The corrections for testing many lakes: their names, words for the person who picks one, and which function each is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.records import CORRECTIONS as NAMES
from data.records import SeriesBatch, TrendSettings
from data.trends.multiplicity import log_q_benjamini_hochberg, log_q_benjamini_yekutieli, log_q_two_stage
from data.trends.permutation import FEWEST, LEAST_N, MOST, shuffled


@dataclass(frozen=True)
class Correction:
    """How q follows from the p values of the family.

    Args:
        name: Its token in settings, caches, URLs and exports.
        title: A few words for a menu.
        help: What it promises, for the person who picks it.
        log_q: Maps (L,) log p, NaN outside the family, to (L,) log q; None where p alone does not tell q (see `corrected`).
    """

    name: str
    title: str
    help: str
    log_q: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None


_ALL = (
    Correction(
        "bh",
        "Benjamini–Hochberg",
        "Of the lakes with q below the cut-off, no larger share than that is expected to be false. Holds where lakes are independent, or "
        "tend to err in the same direction.",
        log_q_benjamini_hochberg,
    ),
    Correction(
        "by",
        "Benjamini–Yekutieli",
        "The same promise however lakes depend on each other, at a price: q is larger by the sum of 1/k over the family, 7.8 times for "
        "1,400 lakes.",
        log_q_benjamini_yekutieli,
    ),
    Correction(
        "bky",
        "Two-stage Benjamini–Hochberg",
        "Benjamini, Krieger and Yekutieli: a first pass estimates how many lakes change, the second corrects for the others only. Finds "
        "more where many lakes change, a little less where few do. Made for a cut-off of 0.05: at another one the first pass is still "
        "that of 0.05.",
        log_q_two_stage,
    ),
    Correction(
        "permutation",
        "Shuffled years, by sub-basin",
        "The promise of Benjamini–Hochberg where lakes share their weather. The years of each sub-basin are shuffled, for all its lakes at "
        f"once, and the lakes that then seem to change are counted: {MOST} times (never fewer than {FEWEST}, with very many lakes), always "
        "the same shuffles. Many of the surest lakes have one q, since shuffles can tell no more. Lakes with fewer than "
        f"{LEAST_N} observations count as independent.",
        None,
    ),
)
CORRECTIONS: dict[str, Correction] = {each.name: each for each in _ALL}
"""By name, the default first; `data.records.CORRECTIONS` are their names."""

if tuple(CORRECTIONS) != NAMES:
    raise AssertionError(f"corrections {tuple(CORRECTIONS)} are not those of the settings, {NAMES}")


def corrected(
    settings: TrendSettings, batch: SeriesBatch, group: NDArray[np.int64] | None, families: list[NDArray[np.float64]]
) -> list[NDArray[np.float64]]:
    """(L,) log q of each of some families of (L,) log p, by the correction that the settings name.

    Args:
        settings: The correction, and the response.
        batch: The L lakes' series.
        group: (L,) number of each lake's sub-basin; None: all are of one.
        families: NaN where a lake is outside.
    """
    log_q = CORRECTIONS[settings.correction].log_q
    if log_q is not None:
        return [log_q(each) for each in families]
    together = np.zeros(len(batch.area), dtype=np.int64) if group is None else group
    counts = shuffled(batch, settings.response, together, families)
    return [counts.log_q(each) for each in families]


def log_q_with(correction: str, log_p: NDArray[np.float64], log_q: NDArray[np.float64], row: int, fresh: float) -> float:
    """log q of one lake whose p has changed, in the family of all others.

    Where the series would have to be shuffled anew, it is the q that a lake of the next larger p has.

    Args:
        correction: A name in CORRECTIONS.
        log_p, log_q: (L,) as they were, NaN outside the family.
        row: The lake.
        fresh: Its log p now.
    """
    again = CORRECTIONS[correction].log_q
    if again is not None:
        return float(again(np.where(np.arange(len(log_p)) == row, fresh, log_p))[row])
    above = log_q[log_p >= fresh]
    return fresh if np.isnan(fresh) else float(np.min(above, initial=0.0))
