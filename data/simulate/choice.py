"""Which lakes have scenes: those that a person clicks first, the largest, and some of every kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr

from data.simulate.plan import Plan
from data.simulate.truth import Sightings, Truth

FEWEST = 4
"""Observations from which a trend is judged here."""


def evidence(truth: Truth, seen: Sightings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(L,) p value and (L,) slope (per year) of least squares of log area on time as mapped; p is 1 where nothing can be said."""
    used = seen.seen & (seen.reason == "ok")
    count = used.sum(axis=1)
    year = np.where(used, truth.date.astype(np.int64) / 365.2425, 0.0)
    log_area = np.log(np.where(used, seen.area, 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(used, year - (year.sum(axis=1) / count)[:, None], 0.0)
        y = np.where(used, log_area - (log_area.sum(axis=1) / count)[:, None], 0.0)
        slope = (x * y).sum(axis=1) / (x * x).sum(axis=1)
        rest = ((y - slope[:, None] * x) ** 2).sum(axis=1)
        t = slope / np.sqrt(rest / (count - 2) / (x * x).sum(axis=1))
        p = 2 * stdtr(np.maximum(count - 2, 1), -np.abs(t))
    told = (count >= FEWEST) & (np.ptp(np.where(used, y, 0.0), axis=1) > 1e-9)
    return np.where(told, p, 1.0), np.where(told, slope, 0.0)


def chosen(plan: Plan, truth: Truth, seen: Sightings, size_km2: NDArray[np.float64]) -> NDArray[np.intp]:
    """(M,) rows of the lakes that have scenes, the most significant first. More scenes keep the lakes that fewer have.

    Queues take turns: the most significant; a lake of each kind in turn; the fastest of the significant; a lake of the next kind.
    One lake in twenty is there because it is large: its images are, too.
    """
    p, slope = evidence(truth, seen)
    rng = plan.random("choice")
    fastest = np.argsort(np.where(p < 0.01, -np.abs(slope), 0.0), kind="stable")
    kinds = _each_kind(rng, truth.frame)
    queues = [iter(np.argsort(p, kind="stable")), kinds, iter(fastest), kinds] * 5 + [iter(np.argsort(-size_km2, kind="stable"))]
    taken: dict[int, None] = {}
    while len(taken) < plan.scenes:
        for queue in queues:
            row = next((int(row) for row in queue if int(row) not in taken), None)
            if row is not None and len(taken) < plan.scenes:
                taken[row] = None
    rows = np.array(list(taken), dtype=np.intp)
    return rows[np.argsort(p[rows], kind="stable")]


def _each_kind(rng: np.random.Generator, frame: pd.DataFrame) -> Iterator[int]:
    """Rows, one kind after the other and round again; one-sided growth is a kind of its own, falsified lakes come twice."""
    kind = frame["kind"].where(~frame["one_sided"] | (frame["kind"] != "growing"), "one-sided").to_numpy()
    order = rng.permutation(len(frame))
    groups: list[Sequence[int]] = [order[kind[order] == name].tolist() for name in sorted(set(kind))]
    odd = order[kind[order] == "outlier"].tolist()
    groups = [*(group for group in groups if group != odd), odd[::2], odd[1::2]]
    for turn in zip_longest(*groups):
        yield from (row for row in turn if row is not None)
